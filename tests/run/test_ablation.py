"""Leaving out one rule at a time: what is planned, what is shown, and what is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import ExperimentError, RulebookError, StoreError
from harness.load.content import load_experiment, load_rulebook
from harness.run.content import gather_content
from harness.run.extend import ablated_experiment
from harness.run.plan import PlannedCell, plan_run
from harness.schema import Experiment
from harness.schema.ablation import ablated_id, ablated_rule, ablations, without_rule

if TYPE_CHECKING:
    from tests.conftest import Bench, Done
    from tests.run.conftest import Counting, Runs

ABLATE = ", ablate_rules: true"
N_PRESENTATIONS = 12
"""Two cases of three answers, six orders each."""


def planned(experiment: Experiment) -> tuple[PlannedCell, ...]:
    """The plan of an experiment whose judges are all scripted."""
    content = gather_content(experiment)
    return plan_run(experiment, content, {name: {} for name in content.judges})


def rulebook_ids(plan: tuple[PlannedCell, ...]) -> list[str]:
    """Rulebooks of a plan, in its order."""
    return list(dict.fromkeys(one.cell.rulebook_id for one in plan))


def system_text(cell: PlannedCell) -> str:
    """What stands above the answers, with the number of each rule."""
    return cell.calls[0].request.messages[0].content


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """Give a bench whose experiment leaves out one rule of `hhh` at a time; `none` has no rule."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest", more=ABLATE)
    return bench


def test_every_rule_is_left_out_once(mini: Bench) -> None:
    """The plan holds each rulebook, and behind it the same rulebook without each of its rules."""
    plan = planned(load_experiment("mini"))
    n_rules = len(load_rulebook("hhh").rules)
    expected = ["hhh", *(f"hhh.without-{number}" for number in range(1, n_rules + 1)), "none"]
    assert rulebook_ids(plan) == expected
    assert len(plan) == len(expected) * N_PRESENTATIONS


def test_a_plan_without_the_option_is_as_before(mini: Bench) -> None:
    """Leaving rules out adds cells and changes none: the others have the same keys in the same order."""
    with_variants = planned(load_experiment("mini"))
    mini.write_experiment("script-longest")
    without = planned(load_experiment("mini"))
    kept = [one for one in with_variants if ablated_rule(one.cell.rulebook_id) is None]
    assert kept == list(without)


def test_the_prompt_differs_in_the_left_out_line_only(mini: Bench) -> None:
    """Preamble, other rules with their numbers, answers and order stay; one line is gone."""
    plan = planned(load_experiment("mini"))
    whole = {(one.cell.case_id, one.cell.repeat): one for one in plan if one.cell.rulebook_id == "hhh"}
    for one in plan:
        ablated = ablated_rule(one.cell.rulebook_id)
        if ablated is None:
            continue
        beside = whole[one.cell.case_id, one.cell.repeat]
        lines = system_text(beside).splitlines()
        gone = [line for line in lines if re.match(rf"{ablated[1]}\. ", line)]
        assert len(gone) == 1
        assert system_text(one).splitlines() == [line for line in lines if line not in gone]
        assert one.calls[0].request.messages[1] == beside.calls[0].request.messages[1]
        assert one.calls[0].origin.presentation == beside.calls[0].origin.presentation


def test_only_remaining_rules_can_be_cited(mini: Bench) -> None:
    """The reply's schema offers the remaining numbers, as they are in the whole rulebook."""
    (one, *_) = [one for one in planned(load_experiment("mini")) if one.cell.rulebook_id == "hhh.without-2"]
    text = json.dumps(one.calls[0].request.parameters)
    numbers = re.search(
        r'"rules": \{"type": "array", "items": \{"type": "integer", "enum": (\[[^]]*\])', text
    )
    assert numbers is not None
    assert json.loads(numbers[1]) == [rule.number for rule in load_rulebook("hhh").rules if rule.number != 2]


def test_variants_have_no_file_of_their_own(mini: Bench) -> None:
    """The manifest holds the digest of the whole rulebook's file, and no other than without the option."""
    files = gather_content(load_experiment("mini")).files
    mini.write_experiment("script-longest")
    assert files == gather_content(load_experiment("mini")).files


def test_a_run_with_variants_replays_to_the_byte(
    mini: Bench, runs: Runs, counting: Counting, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """Verdicts under variants are recorded, read and replayed like all others."""
    recorded = runs.record(load_experiment("mini"), Path("run"), counting)
    assert {one.cell.rulebook_id for one in recorded.verdicts} >= {"hhh", "hhh.without-1", "none"}
    assert (recorded.n_open, recorded.n_failed) == (0, 0)
    before = contents(Path("run"))
    runs.replay(Path("run"), Path("again"))
    assert contents(Path("again")) == before


def test_a_recorded_run_is_extended_by_its_ablations(bench: Bench, runs: Runs, counting: Counting) -> None:
    """With --extend, a run without variants gets them, and nothing that it holds is asked again."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    experiment = load_experiment("mini")
    runs.record(experiment, Path("run"), counting)
    asked = len(counting.asked)
    ablated = ablated_experiment(experiment)
    finished = runs.record(ablated, Path("run"), counting, extend=True)
    n_rules = len(load_rulebook("hhh").rules)
    assert len(counting.asked) - asked == n_rules * N_PRESENTATIONS
    assert [part.part_id for part in finished.manifest.experiment.parts] == [
        "first",
        "first.without-one-rule",
    ]
    with pytest.raises(StoreError, match="another run"):
        runs.record(experiment, Path("run"), counting)


def test_the_option_and_the_field_ask_the_same(bench: Bench) -> None:
    """`--ablate-rules` asks the cells that `ablate_rules: true` asks, of rulebooks with two rules or more."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    by_option = planned(ablated_experiment(load_experiment("mini")))
    bench.write_experiment("script-longest", more=ABLATE)
    experiment = load_experiment("mini")
    assert ablated_experiment(experiment) == experiment
    by_field = planned(experiment)
    assert {one.calls[0].key for one in by_option} == {one.calls[0].key for one in by_field}


def test_the_command_line_records_and_resumes(bench: Bench, command: Callable[..., Done]) -> None:
    """`harness run --ablate-rules` records variants; given again it resumes, with nothing left to ask."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    first = command("run", "mini", "--ablate-rules", "--json", "--quiet")
    assert first.code == 0
    again = command("run", "mini", "--ablate-rules", "--replay", "--json", "--quiet")
    assert again.code == 0
    assert json.loads(again.out) == json.loads(first.out)


def test_there_must_be_a_rule_to_leave_out(bench: Bench) -> None:
    """A part or an experiment without a rulebook of two rules is told so before anything is asked."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest", rulebooks="none", more=ABLATE)
    with pytest.raises(ExperimentError, match="none to leave out"):
        load_experiment("mini")
    bench.write_experiment("script-longest", rulebooks="none")
    with pytest.raises(ExperimentError, match="none to leave out"):
        ablated_experiment(load_experiment("mini"))


def test_names_that_variants_need_are_kept_for_them(bench: Bench, root: Path) -> None:
    """A rulebook of one's own cannot be called like a variant, and a taken part name is told."""
    text = (root / "prompts/rulebooks/none.yaml").read_text().replace("_id: none", "_id: mine.without-2")
    path = bench.write("prompts/rulebooks/mine.without-2.yaml", text)
    with pytest.raises(RulebookError, match="without one rule is named"):
        load_rulebook(path)
    bench.write_scripts("longest")
    extra = (
        "- {part_id: first.without-one-rule, judges: [script-longest], rulebooks: [none], languages: [en]}\n"
    )
    bench.write_experiment("script-longest", extra=extra)
    with pytest.raises(ExperimentError, match="taken"):
        ablated_experiment(load_experiment("mini"))


def test_a_variant_is_found_by_its_name() -> None:
    """`hhh.without-3` is the rulebook without rule 3; a rule that does not exist is told."""
    found = load_rulebook("hhh.without-3")
    assert [rule.number for rule in found.rules] == [
        rule.number for rule in load_rulebook("hhh").rules if rule.number != 3
    ]
    with pytest.raises(RulebookError, match="no rule 29"):
        load_rulebook("hhh.without-29")


def test_a_rulebook_of_one_rule_has_no_variants() -> None:
    """Leaving out the only rule would leave no rulebook, so nothing is made of it."""
    rulebook = load_rulebook("hhh")
    single = rulebook.model_copy(update={"rules": rulebook.rules[:1]})
    assert ablations(single) == ()
    with pytest.raises(ValueError, match="beside others"):
        without_rule(single, 1)
    assert ablated_rule(ablated_id("a.b-c", 12)) == ("a.b-c", 12)
