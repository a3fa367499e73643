"""Keys stay in the environment: everything that faulty, killed and crashing runs left is searched for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.judge.redact import judge_secrets, redact_completion
from harness.schema import Completion, JudgeSpec
from harness.schema.secrets import MASK, looks_secret, mask_secrets
from harness.store import RunFolder, WorkStore

if TYPE_CHECKING:
    from tests.conftest import Bench, Done
    from tests.faults.conftest import Served

Serve = Callable[..., "Served"]

KEY = "Zq7RECOGNISABLEw4T9x"
"""No shape that anything knows keys by, and a variable whose name says nothing: only the preset knows."""
WORD = "RECOGNISABLE"
VARIABLE = "LOOPBACK_CREDENTIAL"
TELLING = ("limited", "asked-to-wait", "broken", "overloaded", "page", "too-long", "blocked", "echo")
CRASHES = """
import sys
from harness.cli import main
from harness.store.work import WorkStore

async def broken(self, request, completion):
    raise RuntimeError("a fault of ours")

WorkStore.record_completion = broken
sys.argv = ["harness", "run", "mini", "-o", "run"]
main()
"""


@pytest.fixture
def telling(bench: Bench, serve: Serve) -> Served:
    """Give a provider that tells the key in half of what it says, and a judge that asks it."""
    served = serve("provider", "--rate", "0.5", "--latency-s", "0.01", "--kinds", *TELLING)
    bench.write_judge(
        "hosted",
        "openai/test",
        f"api_base: {served.url}\nservice: loopback\ntransport: direct\napi_key_env: {VARIABLE}\n"
        "limits: {max_attempts: 2, concurrency: 4, timeout_s: 20}\n",
    )
    bench.write_experiment("hosted", rulebooks="hhh, none, placebo, caution-first")
    return served


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start Python with the key in its environment."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | {VARIABLE: KEY, "PYTHONDEVMODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def tellers(*folders: Path) -> list[str]:
    """Every file that holds the key, whatever its name."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in paths if WORD.encode() in path.read_bytes()]


def test_a_killed_run_told_nobody(telling: Served, tmp_path: Path) -> None:
    """After `kill -9` neither database, write-ahead log, output nor arguments hold the key."""
    with start("-m", "harness", "run", "mini", "-o", "run") as process:
        while len(telling.requests()) < 20:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        arguments = Path(f"/proc/{process.pid}/cmdline")
        assert not arguments.exists() or WORD.encode() not in arguments.read_bytes()
        os.killpg(process.pid, signal.SIGKILL)
        told = b"".join(process.communicate())
    assert Path("run/.work.sqlite-wal").stat().st_size > 0
    assert WORD.encode() not in told
    assert tellers(Path.cwd(), tmp_path) == []


def test_a_crash_told_nobody(telling: Served, tmp_path: Path) -> None:
    """The traceback of a fault of ours, in the middle of a call, holds no key."""
    with start("-c", CRASHES) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert b"a fault of ours" in err
    assert WORD.encode() not in out + err
    assert tellers(tmp_path) == []


def test_an_echoed_key_is_masked_and_the_run_can_be_exported(telling: Served) -> None:
    """A server that puts the Authorization header into its answers cannot hold up a run, nor have it kept."""
    with start("-m", "harness", "run", "mini", "-o", "run") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    assert "echo" in {line["kind"] for line in telling.requests()}
    verdicts = RunFolder(Path("run")).read_verdicts()
    assert any(one.outcome == "failed" and f"Bearer {MASK}" in one.text for one in verdicts)
    with WorkStore(Path("run/.work.sqlite"), read_only=True) as store:
        assert {one.completion.fingerprint for one in store.recordings()} == {"fp", MASK, None}
        assert any(MASK in one.message for one in store.attempts())
    assert WORD.encode() not in out + err
    assert tellers(Path.cwd()) == []


def test_a_case_that_holds_a_key_is_refused_before_anything_is_asked(
    telling: Served, bench: Bench, command: Callable[..., Done]
) -> None:
    """A prompt with what looks like a key could never be exported: it costs a word, and not a whole run."""
    bench.write_case("doctor", ("Short.", f"Use {SHAPES[0]}, please.", "The longest reply of all."))
    done = command("run", "mini", "-o", "run")
    assert done.code == 1
    assert "case doctor.answers[1].text.en" in done.err
    assert SHAPES[0] not in done.err
    assert telling.requests() == []


SHAPES = (
    "sk-ant-0123456789abcdefXYZ",
    "Authorization: Bearer abcdefghijklmnop0123",
    "ghp_0123456789abcdefABCDEF",
    'password": "Zk3vQ9xW7pL2mN8rT5yB',
    "api_key=AbCdEfGhIjKlMnOpQrStUv",
)


@given(
    pieces=st.lists(
        st.one_of(st.sampled_from((*SHAPES, KEY, "secret", ":", "=", " ")), st.text(max_size=8)), max_size=8
    )
)
@example(pieces=["secret:", *SHAPES])
def test_whatever_is_masked_can_be_exported(pieces: list[str]) -> None:
    """Masking leaves nothing that the scan before an export would refuse, so no paid run is ever stuck."""
    masked = mask_secrets("".join(pieces), [KEY])
    assert not looks_secret(masked, [KEY])
    assert mask_secrets(masked, [KEY]) == masked


def test_masking_leaves_ordinary_answers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without a key is the same record, also where it speaks of keys."""
    monkeypatch.setenv(VARIABLE, KEY)
    spec = JudgeSpec(judge_id="j", model_id="openai/m", api_key_env=VARIABLE)
    text = '{"A": 3, "reason": "The secret: never share an API key or a password; the bearer is liable."}'
    plain = Completion(text=text, finish_reason="stop", latency_s=0, completed_at="now")
    assert redact_completion(plain, judge_secrets(spec)) is plain
    leaking = plain.model_copy(update={"text": f"{text} {KEY}", "model_echo": KEY})
    told = redact_completion(leaking, judge_secrets(spec))
    assert (told.text, told.model_echo) == (f"{text} {MASK}", MASK)
