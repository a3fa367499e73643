from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.load.check import check_paths

if TYPE_CHECKING:
    from tests.load.conftest import World


def spoil_everywhere(world: World) -> None:
    """Spoil one record of each kind."""
    world.change("cases/small/poem.yaml", lambda content: content.update(stakes="x"))
    world.change("prompts/rulebooks/hhh.yaml", lambda content: content["rules"][0].update(number=4))
    world.change("prompts/judges/first.yaml", lambda content: content.update(protocol="x"))
    world.change("prompts/experiments/trial.yaml", lambda content: content.update(case_set="nowhere"))


def test_sound_content_has_no_problem(world: World) -> None:
    """A sound root, folder or file gives an empty list."""
    paths = ["", "cases", "cases/small/poem.yaml", "prompts/experiments/trial.yaml", "prompts"]
    roots = [world.root / path for path in paths]
    assert check_paths([roots[0]]) == []
    assert check_paths(roots) == []


def test_nothing_stops_at_the_first(world: World) -> None:
    """One call tells what is wrong in cases, rulebooks, judges and experiments, each once."""
    spoil_everywhere(world)
    problems = check_paths([world.root, world.root / "prompts/judges"])
    told = {(problem.path.name, problem.field) for problem in problems}
    assert {
        ("poem.yaml", "stakes"),
        ("hhh.yaml", "rules.0.number"),
        ("first.yaml", "protocol"),
        ("trial.yaml", "case_set"),
    } <= told
    assert len(problems) == len(told)


def test_without_paths_the_content_in_use_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing named means everything on the search path, a folder of one's own included."""
    spoil_everywhere(world)
    monkeypatch.setenv("HARNESS_CONTENT", str(world.root))
    assert {"poem.yaml", "hhh.yaml", "first.yaml", "trial.yaml"} <= {
        problem.path.name for problem in check_paths()
    }


def test_a_folder_anywhere_is_recognised_by_its_content(world: World, tmp_path: Path) -> None:
    """Records that lie outside cases/ and prompts/ are known by their id field; other YAML is left alone."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(world.root / "prompts/judges/first.yaml", folder / "other.yaml")
    (folder / "unrelated.yaml").write_text("services: []\n", encoding="utf-8")
    (problem,) = check_paths([folder])
    assert (problem.path.name, problem.field) == ("other.yaml", "judge_id")


def test_a_named_file_must_be_something(world: World, tmp_path: Path) -> None:
    """A named file that is no record, a missing path and an empty folder are told."""
    odd = tmp_path / "odd.yaml"
    odd.write_text("services: []\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    told = [problem.message for problem in check_paths([odd, tmp_path / "none", empty])]
    assert ["cannot tell" in told[0], "no such file" in told[1], "holds no cases" in told[2]] == [True] * 3


def test_a_case_without_its_set_is_told(world: World, tmp_path: Path) -> None:
    """A case in a folder without set.yaml is checked as far as it goes."""
    path = tmp_path / "poem.yaml"
    world.change("cases/small/poem.yaml", lambda content: content.update(stakes="x"))
    shutil.copy(world.root / "cases/small/poem.yaml", path)
    told = [str(problem) for problem in check_paths([path])]
    assert len(told) == 2
    assert "stakes" in told[0]
    assert "set.yaml" in told[1]


def test_peoples_grades_find_their_own_case_set(world: World) -> None:
    """A table is checked against the set that its cases belong to, and against the known rulebooks."""
    table = world.root / "people.csv"
    header = "session,annotator_id,case_id,answer_id,grade,rulebook_id"
    table.write_text(f"{header}\ns,a,tea,tea-a,3,hhh\ns,a,tea,tea-b,9,nonne\n", encoding="utf-8")
    told = [(problem.line, problem.field) for problem in check_paths([world.root, table])]
    assert told == [(3, "grade"), (3, "rulebook_id")]


def test_an_experiment_may_name_shipped_content(world: World) -> None:
    """What an experiment names is sought in its own folder first and then in the shipped content."""
    part = {"part_id": "one", "judges": ["first"], "rulebooks": ["hhh", "caution-first"]}
    world.change("prompts/experiments/trial.yaml", lambda content: content.update(parts=[part]))
    assert check_paths([world.root]) == []
