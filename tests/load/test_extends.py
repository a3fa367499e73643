from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from harness.errors import ExperimentError, JudgeSpecError, Problem
from harness.load.content import load_experiment, load_judge
from harness.load.overrides import NOTHING, Overrides
from harness.load.schemas import json_schemas
from harness.schema import Experiment, JudgeSpec, Part, canonical_json
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.load.conftest import World

TRIAL = "prompts/experiments/trial.yaml"


def write(world: World, name: str, text: str) -> Path:
    """Write an experiment as a person would."""
    path = world.root / "prompts/experiments" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(world: World, name: str | Path, overrides: Overrides = NOTHING) -> Experiment:
    """Load an experiment of the world."""
    return load_experiment(name, roots=[world.root], overrides=overrides)


def problems_of(world: World, name: str | Path, overrides: Overrides = NOTHING) -> list[Problem]:
    """Give every problem of an experiment."""
    with pytest.raises(ExperimentError) as caught:
        load(world, name, overrides)
    return list(caught.value.problems)


# --- extends ---------------------------------------------------------------------------------------


def test_what_is_not_said_is_as_in_the_other_experiment(world: World) -> None:
    """Fields are taken over, a field that is said replaces, and the id is the file's own."""
    write(world, "next", "experiment_id: next\nextends: trial\nseed: 8\n")
    base, found = load(world, "trial"), load(world, "next")
    assert found == base.model_copy(update={"experiment_id": "next", "seed": 8})


def test_parts_meet_by_their_id(world: World) -> None:
    """A part of the same id changes only the fields it names; a new part stands behind the others."""
    write(
        world,
        "next",
        "experiment_id: next\nextends: trial\nparts:\n- {part_id: two, judges: [second], rulebooks: [none]}\n"
        "- {part_id: one, repeats: 2, cases: [tea]}\n",
    )
    assert load(world, "next").parts == (
        Part(part_id="one", judges=("first",), rulebooks=("hhh", "none"), repeats=2, cases=("tea",)),
        Part(part_id="two", judges=("second",), rulebooks=("none",)),
    )


def test_a_field_can_be_given_back(world: World) -> None:
    """An empty field in the upper file is as if the lower one had not set it: every case again."""
    world.change(TRIAL, lambda content: content["parts"][0].update(cases=["tea"]))
    write(world, "next", "experiment_id: next\nextends: trial\nparts:\n- {part_id: one, cases: ~}\n")
    assert load(world, "trial").parts[0].cases == ("tea",)
    assert load(world, "next").parts[0].cases is None


def test_files_can_extend_files_that_extend(world: World) -> None:
    """The nearest file wins over all that lie below it; a path is seen from the file that names it."""
    write(world, "middle", "experiment_id: middle\nextends: trial\nseed: 8\ndimensions: true\n")
    folder = world.root / "mine"
    folder.mkdir()
    top = folder / "top.yaml"
    top.write_text("experiment_id: top\nextends: ../prompts/experiments/middle.yaml\nseed: 9\n", "utf-8")
    found = load(world, top)
    assert (found.seed, found.dimensions, found.title) == (9, True, load(world, "trial").title)


def test_a_circle_is_refused_with_its_chain(world: World) -> None:
    """Files that extend each other are named one after the other."""
    write(world, "a", "experiment_id: a\nextends: b\n")
    write(world, "b", "experiment_id: b\n\nextends: c\n")
    write(world, "c", "experiment_id: c\nextends: a\n")
    (problem,) = problems_of(world, "a")
    assert "a.yaml -> b.yaml -> c.yaml -> a.yaml" in problem.message
    assert (problem.path.name, problem.line, problem.field) == ("c.yaml", 2, "extends")
    write(world, "self", "experiment_id: self\nextends: self\n")
    assert "self.yaml -> self.yaml" in problems_of(world, "self")[0].message


def test_an_unknown_base_is_named_with_the_near_one(world: World) -> None:
    """A misspelt id is answered with the right one, a missing file with its path, a list with a word."""
    write(world, "next", "experiment_id: next\nextends: trail\n")
    assert problems_of(world, "next")[0].message == "unknown experiment 'trail'; did you mean 'trial'?"
    write(world, "next", "experiment_id: next\nextends: ./gone.yaml\n")
    assert "gone.yaml" in problems_of(world, "next")[0].message
    write(world, "next", "experiment_id: next\nextends: [trial]\n")
    assert "one other experiment" in problems_of(world, "next")[0].message


def test_a_problem_is_told_in_the_file_that_it_stands_in(world: World) -> None:
    """A wrong value of the lower file has that file's line; one of the upper file has its own."""
    base = write(
        world,
        "base",
        "experiment_id: base\ntitle: {en: Base}\ncase_set: small\nseed: 7\nparts:\n- part_id: one\n"
        "  judges: [frist]\n  rulebooks: [hhh]\n",
    )
    upper = write(
        world, "next", "experiment_id: next\nextends: base\nparts:\n- part_id: one\n  rulebooks: [hhhh]\n"
    )
    found = {(one.path, one.line, one.field) for one in problems_of(world, "next")}
    assert found == {(base, 7, "parts.0.judges.0"), (upper, 5, "parts.0.rulebooks.0")}


def test_a_file_that_extends_is_wrong_as_a_whole_only_where_something_is_missing(world: World) -> None:
    """A base may leave things open; who extends it is told what is still missing."""
    write(world, "half", "experiment_id: half\ntitle: {en: Half}\ncase_set: small\n")
    write(world, "next", "experiment_id: next\nextends: half\nparts: []\n")
    assert {one.field for one in problems_of(world, "next")} == {"seed", "parts"}


def test_the_json_schema_lets_an_extending_file_be_short() -> None:
    """An editor asks for all fields only where nothing is extended."""
    schema: dict[str, JsonValue] = json_schemas()["experiment.schema.json"]  # type: ignore[assignment]
    assert schema["required"] == ["experiment_id"]
    assert schema["if"] == {"not": {"required": ["extends"]}}
    then = schema["then"]
    assert isinstance(then, dict)
    assert then["required"] == ["title", "case_set", "seed", "parts"]


# --- variables of the environment ------------------------------------------------------------------


def test_variables_stand_nowhere_but_in_api_key_env(world: World) -> None:
    """`${...}` in an experiment, in what it extends, or in a preset is refused on its line."""
    write(world, "next", "experiment_id: next\nextends: trial\ncase_set: ${SET}\n")
    (problem,) = problems_of(world, "next")
    assert (problem.line, problem.field) == (3, "case_set")
    assert "${SET}" in problem.message
    assert "api_key_env" in problem.message
    write(world, "over", "experiment_id: over\nextends: next\ncase_set: small\n")
    assert problems_of(world, "over")[0].path.name == "next.yaml"
    text = "judge_id: first\nmodel_id: openai/${MODEL}\n"
    (world.root / "prompts/judges/first.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(JudgeSpecError, match=r"first.yaml:2: model_id: holds \$\{MODEL\}"):
        load_judge("first", roots=[world.root])


# --- settings of the command line ------------------------------------------------------------------


def test_settings_are_read_as_yaml_and_become_the_experiment(world: World) -> None:
    """Numbers, lists, words and names of the command line change the record that is asked."""
    settings = ("parts.one.repeats=2", "parts.one.judges=[first, second]", "title.en=Once more", "seed=3")
    found = load(world, "trial", Overrides(settings))
    assert found.parts[0].repeats == 2
    assert found.parts[0].judges == ("first", "second")
    assert found.title == {"fr": "Trial (fr)", "en": "Once more"}
    assert found.seed == 3
    assert load(world, "trial", Overrides(seed=11)).seed == 11


def test_a_setting_meets_the_part_whose_id_holds_dots(world: World) -> None:
    """The longest part id that fits is meant."""
    world.change(TRIAL, lambda content: content["parts"].append({**content["parts"][0], "part_id": "one.x"}))
    found = load(world, "trial", Overrides(("parts.one.x.repeats=3",)))
    assert [part.repeats for part in found.parts] == [None, 3]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("parts.one.repeats=many", "--set parts.one.repeats=many: "),
        ("parts.onne.repeats=2", "there is no part 'onne'; did you mean 'one'?"),
        ("parts.one.repeats", "must be FIELD=VALUE"),
        ("parts.one.judges=[frist]", "unknown judge 'frist'; did you mean 'first'?"),
        ("seeds=1", "seed"),
        ("extends=other", "belongs to the file"),
        ("experiment_id=other", "belongs to the file"),
        ("title.en=${HOME}", "api_key_env"),
        ("parts.one.judges=[first", "not valid YAML"),
    ],
)
def test_a_setting_that_fits_nowhere_is_named(world: World, setting: str, words: str) -> None:
    """A wrong setting is told as it was typed, with what would be right."""
    (problem, *_) = problems_of(world, "trial", Overrides((setting,)))
    assert str(problem).startswith(f"--set {setting}: ")
    assert words in str(problem)


def test_judges_and_cases_are_narrowed(world: World) -> None:
    """Only what was named is asked, in the experiment's own order; parts without any of it are left out."""
    extra = {"part_id": "two", "judges": ["second"], "rulebooks": ["none"], "cases": ["tea"]}
    world.change(TRIAL, lambda content: content["parts"].append(extra))
    only = load(world, "trial", Overrides(judges=("second",)))
    assert [part.part_id for part in only.parts] == ["two"]
    found = load(world, "trial", Overrides(cases=("poem",)))
    assert [(part.part_id, part.cases) for part in found.parts] == [("one", ("poem",))]
    both = load(world, "trial", Overrides(cases=("tea", "poem")))
    assert [part.cases for part in both.parts] == [("poem", "tea"), ("tea",)]


def test_who_is_not_asked_cannot_be_chosen(world: World) -> None:
    """A judge that no part asks, an unknown case and an empty choice are errors, never an empty run."""
    assert "no part asks 'second'" in problems_of(world, "trial", Overrides(judges=("second",)))[0].message
    wrong = problems_of(world, "trial", Overrides(cases=("poems",)))
    assert wrong[0].message == "unknown case 'poems'; did you mean 'poem'?"
    extra = {"part_id": "two", "judges": ["second"], "rulebooks": ["none"], "cases": ["tea"]}
    world.change(TRIAL, lambda content: content["parts"].append(extra))
    none = problems_of(world, "trial", Overrides(judges=("second",), cases=("poem",)))
    assert "no part asks these judges about these cases" in none[0].message


# --- named panels, and what an old manifest says ---------------------------------------------------


def test_panels_name_judges_that_are_asked(world: World) -> None:
    """A panel of strangers, one named like a protocol, and a judge that is listed twice are refused."""
    world.change(TRIAL, lambda content: content["parts"][0].update(judges=["first", "second"]))
    world.change(TRIAL, lambda content: content.update(panels={"small": ["first", "second"]}))
    assert load(world, "trial").panels == {"small": ("first", "second")}
    panels = {"small": ["first", "third"], "listwise": ["first", "second"], "twin": ["first", "first"]}
    world.change(TRIAL, lambda content: content.update(panels=panels))
    fields = {problem.field for problem in problems_of(world, "trial")}
    assert fields == {"panels.small.1", "panels.listwise", "panels.twin.1"}


def test_a_panel_shrinks_with_the_judges_that_are_chosen(world: World) -> None:
    """A panel keeps the judges that are left, and is gone when it is none any more."""
    world.change(TRIAL, lambda content: content["parts"][0].update(judges=["first", "second"]))
    world.change(TRIAL, lambda content: content.update(panels={"small": ["first", "second"]}))
    assert load(world, "trial", Overrides(judges=("first",))).panels == {}


def test_later_fields_leave_older_manifests_as_they_are(root: Path) -> None:
    """What is as it always was is not written: the shipped manifest comes out byte for byte."""
    folder = root / "results/local-judges"
    manifest = RunFolder(folder).read_manifest()
    assert canonical_json(manifest) + b"\n" == (folder / "manifest.json").read_bytes()
    part = Part(part_id="one", judges=("a",), rulebooks=("b",), ablate_rules=True)
    assert json.loads(part.model_dump_json())["ablate_rules"] is True
    spec = JudgeSpec(judge_id="a", model_id="openai/b", transport="direct")
    assert spec.model_dump()["transport"] == "direct"
