"""A Ray cluster loses a node in the middle of a run, and the run loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
KEY = "Wq7-nobody-may-write-this-Zt41"
CONCURRENCY = 6
N_WORKERS = 2
RECORDED_WHEN = ("attempts", "completed_at", "latency_s")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Give a folder whose path leaves room for the sockets that Ray puts below it."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _alone() -> list[str]:
    """Spell what gives a process a network of its own, where this machine allows it."""
    command = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-n", "sh", "-c"]
    tried = [*command, "ip link set lo up"]
    if shutil.which("unshare") and not subprocess.run(tried, check=False, capture_output=True).returncode:
        return [*command, 'ip link set lo up; exec "$0" "$@"']
    return []


def _write_content(content: Path) -> None:
    judges = content / "prompts/judges"
    judges.mkdir(parents=True)
    (content / "cases").mkdir()
    (judges / "remote.yaml").write_text(
        "judge_id: remote\nmodel_id: openai/drawn\ntransport: direct\nservice: drawn\nmechanism: text\n"
        "api_base: http://127.0.0.1:PORT/v1\napi_key_env: SCALE_TEST_API_KEY\n"
        f"limits: {{concurrency: {CONCURRENCY}}}\n"
    )
    (judges / "longest.yaml").write_text("judge_id: longest\nmodel_id: scripted/longest\n")
    experiments = content / "prompts/experiments"
    experiments.mkdir()
    (experiments / "spread.yaml").write_text(
        "experiment_id: spread\ntitle: {en: Spread}\ncase_set: annotator\nseed: 7\nparts:\n"
        "  - {part_id: one, judges: [remote, longest], rulebooks: [hhh, none, placebo],"
        " languages: [en, fr]}\n"
    )


def _answers(run: Path) -> list[dict[str, Any]]:
    """Read the recordings without the circumstances, which no two calls share."""
    lines = [
        json.loads(line)
        for path in sorted(run.glob("cassette/[0-9]*"))
        for line in path.read_bytes().splitlines()
    ]
    payloads = [line["payload"] for line in lines]
    for payload in payloads:
        for name in RECORDED_WHEN:
            del payload["completion"][name]
    return payloads


def test_a_killed_node_loses_nothing(
    place: str, tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a node died mid-run all calls have one answer, as on one machine, and no secret is written."""
    pytest.importorskip("ray", reason="ray is not installed: pip install 'llm-judge-harness[ray]'")
    content, output = tmp_path / "content", tmp_path / "spread"
    _write_content(content)
    monkeypatch.setenv("HARNESS_CONTENT", str(content))
    monkeypatch.setenv("SCALE_TEST_API_KEY", KEY)
    command = [
        *_alone(),
        sys.executable,
        str(ROOT / "tests/scale/ray_run.py"),
        place,
        str(output),
        str(short_folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["alone"] == 0, told["alone_err"]
    assert told["code"] == 0, told["printed"]
    _check_nothing_lost(told, output)
    _check_calls(told)
    _check_no_secret(told, [output, short_folder, *([Path(place)] if "://" not in place else [])])


def _check_nothing_lost(told: dict[str, Any], output: Path) -> None:
    alone = output.with_name("spread-alone")
    assert not told["ended_before"], "the node has to die while the run goes on"
    assert (output / "verdicts.jsonl").read_bytes() == (alone / "verdicts.jsonl").read_bytes()
    assert _answers(output) == _answers(alone)
    assert len(_answers(output)) == 2 * told["before"]["n_asked"]


def _check_calls(told: dict[str, Any]) -> None:
    n_calls = told["before"]["n_asked"]
    summary = json.loads(told["summary"])
    assert told["before"]["n_questions"] == n_calls
    assert told["after"]["n_questions"] == n_calls, "the same questions, none other"
    assert told["after"]["most_at_once"] <= CONCURRENCY, "all workers together stay within the preset's limit"
    n_twice = told["after"]["n_asked"] - 2 * n_calls
    scripted_places = 8
    assert n_twice <= summary["n_begun_twice"] <= CONCURRENCY // N_WORKERS + scripted_places
    assert summary["n_attempts_failed"] == 0


def _check_no_secret(told: dict[str, Any], folders: list[Path]) -> None:
    from tests.conftest import PASSWORD

    secrets = [KEY, PASSWORD, PASSWORD.replace("@", "%40").replace("/", "%2F").replace(":", "%3A")]
    written = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path for path in written if any(word.encode() in path.read_bytes() for word in secrets)] == []
    assert not any(word in told["printed"] for word in secrets)


class _Ray:
    """Stands where ray would stand: workers that answer, or do not."""

    def __init__(self) -> None:
        self.answers = True

    def wait(self, asked: list[int], num_returns: int, timeout: float) -> tuple[list[int], list[int]]:
        """Everything or nothing was answered."""
        assert num_returns == len(asked)
        assert timeout == 0
        return (asked, []) if self.answers else ([], asked)

    def cluster_resources(self) -> dict[str, float]:
        """No processor at all."""
        return {}


def test_a_cluster_that_is_gone_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """When no worker answers any more the run ends with a word, and one that answers late is waited for."""
    pytest.importorskip("ray", reason="ray is not installed: pip install 'llm-judge-harness[ray]'")
    from harness.errors import HarnessError
    from harness.scale import cluster

    class Actor:
        """A worker that can be asked."""

        n_asked = 0

        def remote(self) -> int:
            """Ask it."""
            Actor.n_asked += 1
            return Actor.n_asked

        is_here = property(lambda self: self)

    now, fake = [0.0], _Ray()
    monkeypatch.setattr(cluster, "ray", fake)
    hearing = cluster.Hearing([Actor(), Actor()], lambda: now[0])
    for now[0] in (1.0, 500.0, 1_000.0):
        hearing.listen()
    assert Actor.n_asked == 6, "who answered is asked again"
    fake.answers = False
    now[0] = 1_500.0
    hearing.listen()
    assert Actor.n_asked == 6, "who did not answer is not asked twice"
    now[0] = 1_700.0
    with pytest.raises(HarnessError, match="no worker on the Ray cluster was heard for 700 s: it has 0 proc"):
        hearing.listen()
