"""`kill -9` at every step of a batch: nothing is submitted twice, and the run ends as if undisturbed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.batch_provider import BatchProvider, Faults, serving
from tests.run.batch_bench import KEY, BatchBench

if TYPE_CHECKING:
    from tests.conftest import Bench

DRIVER = Path(__file__).with_name("batch_driver.py")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = ("batch", "run", "mini", "-o", "run", "--longest-pause", "0.05", "--requests-per-batch", "7")
MOMENTS = {
    "prepared": 1,
    "acreate_file": 1,
    "uploaded": 2,
    "acreate_batch": 2,
    "created": 1,
    "aretrieve_batch": 3,
    "afile_content": 2,
    "recorded": 9,
    "collected": 1,
}
"""Moment -> which of its kind; the calls of the run make two batches."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def batches(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BatchBench, BatchProvider]]:
    """Give an experiment of one judge, and the provider that it asks."""
    monkeypatch.setenv("TEST_API_KEY", KEY)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with serving(BatchProvider(Faults(n_looks=1))) as provider:
        made = BatchBench(bench)
        made.judges(provider, "judge")
        yield made, provider


def harness(moment: str, number: int) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, killed at this moment; `never` lets it live."""
    return subprocess.run(
        [sys.executable, str(DRIVER), moment, str(number), *COMMAND],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def check_kill(moment: str, batches: tuple[BatchBench, BatchProvider]) -> None:
    """Kill once, run again: the bytes of a live run, and every request in one batch."""
    bench, provider = batches
    killed = harness(moment, MOMENTS[moment])
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = harness("never", 1)
    assert finished.returncode == 0, finished.stderr
    keys = [line["custom_id"] for line in provider.submitted()]
    assert len(keys) == len(set(keys)) == 12
    bench.live(Path("live"))
    assert Path("live/verdicts.jsonl").read_bytes() == Path("run/verdicts.jsonl").read_bytes()
    assert len(provider.files) - 4 <= 1, "more than one file too many"
    if moment == "acreate_batch":
        assert "found again, not created twice: 1 batch" in finished.stdout
    if moment in {"prepared", "acreate_file"}:
        assert "uploaded again after an interruption: 1" in finished.stdout


def test_killed_before_the_creation_was_written_down(batches: tuple[BatchBench, BatchProvider]) -> None:
    """The batch exists and nobody wrote its id down: it is found by its name, and paid once."""
    check_kill("acreate_batch", batches)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != "acreate_batch"])
def test_killed_at_any_other_step(moment: str, batches: tuple[BatchBench, BatchProvider]) -> None:
    """Before and after the upload, while waiting, midway in collecting: the same end."""
    check_kill(moment, batches)
