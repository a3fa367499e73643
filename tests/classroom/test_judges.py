"""Judges of a lesson: recorded runs and the desk's own, each under a name that is its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.classroom.judges import find_run, gather_judges, run_roots
from harness.errors import StoreError
from harness.schema import FailedVerdict, RankedVerdict
from harness.schema.classroom import ClassSession
from harness.store.folder import RunFolder

Sessions = Callable[..., ClassSession]


@pytest.fixture
def recorded(bench: Any, command: Any) -> Callable[..., RunFolder]:  # noqa: ANN401 - fixtures of all folders
    """Give what records a run of scripted judges under a name."""

    def record(name: str, *judges: str, more: str = "") -> RunFolder:
        bench.write_scripts(*judges)
        if more:
            bench.write_judge(f"script-{judges[0]}", f"scripted/{judges[0]}", more)
        experiment = bench.write_experiment(*(f"script-{one}" for one in judges), rulebooks="hhh")
        done = command("run", experiment, "-o", f"results/{name}", "--quiet")
        assert done.code in (0, 3), done.err
        return RunFolder(Path("results") / name)

    return record


def test_a_run_is_found_by_name_and_by_path(recorded: Callable[..., RunFolder]) -> None:
    """A run in ./results is found by its name, others by path; a misspelt one names the near one."""
    run = recorded("monday", "longest")
    assert find_run("monday").path.resolve() == run.path.resolve()
    assert find_run(str(run.path.resolve())).path == run.path.resolve()
    assert Path("results").resolve() in run_roots()
    with pytest.raises(StoreError, match="monday"):
        find_run("mondey")


def test_only_what_was_asked_about_the_class_comes_along(
    recorded: Callable[..., RunFolder], session_of: Sessions, tmp_path: Path
) -> None:
    """Verdicts on other cases stay at home, failed ones come along, and silent judges are not listed."""
    run = recorded("monday", "longest", "refuses")
    session = session_of(case_ids=("garden",), runs=("monday",))
    judged = gather_judges(session, RunFolder(tmp_path / "no-desk"))
    assert {verdict.cell.case_id for verdict in judged.verdicts} == {"garden"}
    assert {type(verdict) for verdict in judged.verdicts} == {RankedVerdict, FailedVerdict}
    assert [one.spec.judge_id for one in judged.judges] == ["script-longest", "script-refuses"]
    assert len(judged.verdicts) == len(run.read_verdicts()) / 2


def test_the_same_judge_in_two_runs_is_one(
    recorded: Callable[..., RunFolder], session_of: Sessions, tmp_path: Path
) -> None:
    """A judge that two runs asked alike is one judge, and what both hold counts once."""
    recorded("monday", "longest")
    recorded("tuesday", "longest", "tied")
    none = RunFolder(tmp_path / "no-desk")
    monday = gather_judges(session_of(runs=("monday",)), none)
    both = gather_judges(session_of(runs=("monday", "tuesday")), none)
    assert [one.spec.judge_id for one in both.judges] == ["script-longest", "script-tied"]
    assert len(both.verdicts) == 2 * len(monday.verdicts)


def test_two_judges_of_one_name_stay_two(
    recorded: Callable[..., RunFolder], session_of: Sessions, tmp_path: Path
) -> None:
    """The same id with other settings means another judge: it gets a name of its own, in all its verdicts."""
    recorded("monday", "longest")
    recorded("tuesday", "longest", more="sampling: {temperature: 1.0}\n")
    judged = gather_judges(session_of(runs=("monday", "tuesday")), RunFolder(tmp_path / "no-desk"))
    assert [one.spec.judge_id for one in judged.judges] == ["script-longest", "script-longest-2"]
    said = [verdict.cell.annotator_id for verdict in judged.verdicts]
    assert said.count("script-longest") == said.count("script-longest-2") > 0


def test_the_desk_is_one_more_run(recorded: Callable[..., RunFolder], session_of: Sessions) -> None:
    """What the lesson's own desk asked stands after the recorded runs."""
    recorded("monday", "longest")
    desk = recorded("desk-of-the-lesson", "tied")
    judged = gather_judges(session_of(runs=("monday",)), desk)
    assert [one.spec.judge_id for one in judged.judges] == ["script-longest", "script-tied"]
