from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import ExperimentError, Problem
from harness.load.content import load_experiment

if TYPE_CHECKING:
    from tests.load.conftest import Content, World

TRIAL = "prompts/experiments/trial.yaml"


def problems_of(world: World) -> tuple[Problem, ...]:
    """Give every problem of the experiment."""
    with pytest.raises(ExperimentError) as caught:
        load_experiment("trial", roots=[world.root])
    return caught.value.problems


def test_an_experiment_is_found_by_id_and_path(world: World) -> None:
    """An id and a path give the same experiment."""
    by_id = load_experiment("trial", roots=[world.root])
    assert load_experiment(world.root / TRIAL, roots=[world.root]) == by_id


def test_every_unknown_name_is_told_with_the_near_one(world: World) -> None:
    """Unknown judges, rulebooks and cases are all named, each with its line and the near name."""
    part = {"part_id": "one", "judges": ["frist"], "rulebooks": ["hhh", "nonne"], "cases": ["poems", "tea"]}
    world.change(TRIAL, lambda content: content.update(parts=[part]))
    problems = problems_of(world)
    assert [problem.message for problem in problems] == [
        "unknown judge 'frist'; did you mean 'first'?",
        "unknown rulebook 'nonne'; did you mean 'none'?",
        "unknown case 'poems'; did you mean 'poem'?",
    ]
    assert problems[1].field == "parts.0.rulebooks.1"
    assert problems[1].line == world.line_of(TRIAL, '"nonne"')


def test_an_unknown_case_set_is_named(world: World) -> None:
    """An experiment over a set that does not exist says so once."""
    world.change(TRIAL, lambda content: content.update(case_set="smal"))
    (problem,) = problems_of(world)
    assert problem.message == "unknown case set 'smal'; did you mean 'small'?"


def test_a_missing_translation_of_a_rulebook_is_told_before_the_run(world: World) -> None:
    """A rulebook without the language or wording of a part is named."""

    def only_french(content: Content) -> None:
        for texts in (content["title"], content["summary"], content["preamble"]["base"]):
            del texts["en"]
        del content["preamble"]["paraphrase"]

    world.change("prompts/rulebooks/none.yaml", only_french)
    extra = {"languages": ["fr", "en"], "wordings": ["base", "paraphrase"]}
    world.change(TRIAL, lambda content: content["parts"][0].update(extra))
    told = [problem.message for problem in problems_of(world)]
    assert told == [
        "the rulebook 'none' has no wording 'base' in 'en'",
        "the rulebook 'none' has no wording 'paraphrase' in 'fr'",
        "the rulebook 'none' has no wording 'paraphrase' in 'en'",
    ]


def test_a_language_that_the_cases_lack_is_told(world: World) -> None:
    """A part in a language of which the set has no texts is an error."""
    world.change("cases/small/set.yaml", lambda content: content.update(languages=["en"]))
    (problem,) = problems_of(world)
    assert problem.message == "the case set 'small' is written in en, not in fr"


def test_nothing_is_asked_twice(world: World) -> None:
    """A judge listed twice, or two parts of one name, would ask the same again."""

    def spoil(content: Content) -> None:
        content["parts"].append({**content["parts"][0], "judges": ["first", "first"]})

    world.change(TRIAL, spoil)
    told = [str(problem) for problem in problems_of(world)]
    assert any("parts.1.part_id: 'one' is the id of another part" in line for line in told)
    assert any("parts.1.judges.1: 'first' is listed twice" in line for line in told)


def test_wrong_fields_are_told_before_references(world: World) -> None:
    """An experiment that is no experiment lists its fields' problems."""
    world.change(TRIAL, lambda content: content.update(seed=-1, parts=[], experiment_id="Trial 1"))
    assert {problem.field for problem in problems_of(world)} == {"seed", "parts", "experiment_id"}
