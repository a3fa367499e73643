"""Cells are read while others are still asked, and nothing comes out otherwise for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.load.content import load_experiment
from harness.run import reading

if TYPE_CHECKING:
    from harness.schema import Verdict
    from tests.conftest import Bench
    from tests.run.conftest import Counting, Runs

Contents = Callable[[Path], dict[str, bytes]]
NEVER_S = 1e6


@pytest.fixture
def busy(bench: Bench) -> Bench:
    """Give a bench with two judges, one of which asks pairs."""
    bench.write_scripts("longest", "random")
    bench.write_judge("pairs", "scripted/random", "protocol: pairwise\nlimits: {concurrency: 1}\n")
    bench.write_experiment("script-longest", "script-random", "pairs")
    return bench


@pytest.mark.parametrize("stop_after", [None, 1, 9, 40])
@pytest.mark.usefixtures("busy")
def test_read_early_or_late_the_files_are_the_same(
    runs: Runs,
    counting: Counting,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
    stop_after: int | None,
) -> None:
    """However far cells were read ahead, also in a run that was interrupted, the bytes are the same."""
    read_at: list[int] = []
    read_cell = reading.read_cell

    def noting(*told: object) -> Verdict:
        read_at.append(len(counting.asked))
        return read_cell(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_cell", noting)
    monkeypatch.setattr(reading, "CELLS_AT_A_TIME", 3)
    n_asked = {}
    for name, seconds in (("early", 0.0), ("late", NEVER_S)):
        monkeypatch.setattr(reading, "SECONDS_BETWEEN_READINGS", seconds)
        counting.asked.clear()
        read_at.clear()
        finished = runs.record(load_experiment("mini"), Path(name), counting, stop_after=stop_after)
        assert len(read_at) == len(finished.verdicts) > 0
        if stop_after is None:
            assert (min(read_at) < len(counting.asked)) is (name == "early")
        else:  # which calls are in flight at the stop is the machine's affair; at the end all are there
            counting.after = None
            runs.record(load_experiment("mini"), Path(name), counting)
        n_asked[name] = len(counting.asked)
    assert n_asked["early"] == n_asked["late"]
    assert contents(Path("early")) == contents(Path("late"))


@pytest.mark.usefixtures("busy")
def test_a_mistake_in_reading_loses_no_answer(
    runs: Runs, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in reading ends the run only when everything was asked and kept."""

    def fail(*_: object) -> Verdict:
        raise ValueError("a fault of the reader")

    monkeypatch.setattr(reading, "SECONDS_BETWEEN_READINGS", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_cell", fail)
        with pytest.raises(ValueError, match="a fault of the reader"):
            runs.record(load_experiment("mini"), Path("run"), counting)
    asked = len(counting.asked)
    assert runs.record(load_experiment("mini"), Path("run"), counting).n_open == 0
    assert len(counting.asked) == asked
