"""A Ray cluster of several raylets, one of which is killed in the middle of a run; a process of its own.

Arguments: PLACE OUTPUT TEMP. The content folder is in HARNESS_CONTENT; the port of the judges is put into the
preset `remote`. What happened is printed as JSON. Everything is on loopback; nothing else can be reached when
this runs in a network namespace of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray.cluster_utils import Cluster

ROOT = Path(__file__).resolve().parents[2]
PLACE, OUTPUT, TEMP = sys.argv[1:4]
NODE = {"object_store_memory": 80_000_000, "node_ip_address": "127.0.0.1"}
N_NODES = 2
LONGEST_WAIT_S = 240
"""Ray takes half a minute to start on a free machine, and minutes on a busy one."""


def provider() -> tuple[subprocess.Popen[bytes], int]:
    """Start the judges."""
    command = [sys.executable, str(ROOT / "tests/scale/provider.py"), "100"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def seen(port: int) -> dict[str, int]:
    """What the judges were asked."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as reply:
        found: dict[str, int] = json.loads(reply.read())
    return found


def harness(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        env=os.environ | {"PYTHONFAULTHANDLER": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def cluster() -> tuple[Any, list[Any]]:
    """Start a head that does no work, and nodes with room for one worker each."""
    head = {"num_cpus": 0, "include_dashboard": False, "temp_dir": TEMP, **NODE}
    started = Cluster(initialize_head=True, head_node_args=head)
    return started, [started.add_node(num_cpus=1, **NODE) for _ in range(N_NODES)]


def killed_mid_run(port: int, until: float) -> tuple[dict[str, Any], str]:
    """Run on the cluster; kill a node, and what runs on it, once so many calls were made."""
    started, nodes = cluster()
    running = harness(
        *("scale", "run", "spread", "--ray", started.address, "--workers", str(N_NODES), "--lease", "10"),
        *("--calls-per-lease", "10", "-o", OUTPUT, "--json"),
        HARNESS_STORE=PLACE,
    )
    try:
        give_up_at = time.monotonic() + LONGEST_WAIT_S
        while seen(port)["n_asked"] < until and running.poll() is None and time.monotonic() < give_up_at:
            time.sleep(0.05)
        at_kill = seen(port)
        say("a node dies")
        ended_before = running.poll() is not None
        started.remove_node(nodes[0], allow_graceful=False)
        try:
            out, err = running.communicate(timeout=LONGEST_WAIT_S)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGABRT)  # it says where it hangs
            out, err = running.communicate(timeout=60)
    finally:
        say("the end")
        ray.shutdown()
        started.shutdown()
    told = {"code": running.returncode, "at_kill": at_kill, "ended_before": ended_before, "summary": out}
    return told, out + err


def say(what: str) -> None:
    """Tell how far this is: whoever waits in vain reads it."""
    sys.stderr.write(f"{time.monotonic():.1f} {what}\n")
    sys.stderr.flush()


def main() -> None:
    """Ask on one machine and on the cluster, and say what the judges saw."""
    judges, port = provider()
    preset = Path(os.environ["HARNESS_CONTENT"], "prompts/judges/remote.yaml")
    preset.write_text(preset.read_text().replace("PORT", str(port)))
    say("one machine")
    alone = harness("run", "spread", "-o", f"{OUTPUT}-alone", "--json")
    _, err = alone.communicate(timeout=LONGEST_WAIT_S)
    before = seen(port)
    say("a cluster")
    told, printed = killed_mid_run(port, before["n_asked"] * 4 / 3)
    after = seen(port)
    judges.kill()
    judges.wait()
    told |= {"alone": alone.returncode, "alone_err": err, "before": before, "after": after}
    print(json.dumps(told | {"printed": printed}))  # noqa: T201 - whoever started this reads it


if __name__ == "__main__":
    main()
