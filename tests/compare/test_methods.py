"""The methods page says what was used, in the words of the code itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.compare.methods import _METHODS, method_notes, note_of
from harness.stats.agreement import tau_x

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three")


def test_a_note_is_the_docstring_of_the_function() -> None:
    """Summary, notes and references stand in the code and nowhere else."""
    note = note_of(tau_x)
    assert note.name == "harness.stats.agreement.tau_x"
    assert note.summary.startswith("Measure how far two rankings agree")
    assert "tau_x = 1 - d / P" in note.notes
    assert any("doi:10.1002/mcda.313" in reference for reference in note.references)
    assert ">>>" not in note.notes


@pytest.mark.parametrize("function", [function for used in _METHODS for function in used.functions])
def test_every_method_can_be_explained(function: object) -> None:
    """Nobody who reads the page finds an empty entry."""
    note = note_of(function)  # type: ignore[arg-type]
    assert note.summary.endswith(".")


def test_only_what_was_used_is_listed(kit: Kit) -> None:
    """Without people there is no word about human ceilings; with people there is."""
    replies = {"j": kit.by_slot("4321"), "k": kit.always("4213")}
    alone = {note.name for note in method_notes(compare_verdicts(kit.bench(replies).source(), n_shuffles=9))}
    assert "harness.stats.group.crowd_ceiling" not in alone
    assert "harness.stats.shift.components_square" in alone
    assert "harness.stats.permutation.model_test" in alone
    bench = kit.bench(replies, people=kit.six_people(CASES))
    with_people = {note.name for note in method_notes(compare_verdicts(bench.source(), n_shuffles=0))}
    assert {"harness.stats.group.crowd_ceiling", "harness.stats.group.value_gap"} <= with_people
    assert "harness.stats.permutation.model_test" not in with_people


def test_the_map_and_the_people_are_explained_when_they_are_there(kit: Kit) -> None:
    """Reliability, the next case and the map have their notes with a class, and none without people."""
    cases = ("one", "two", "three", "four")
    replies = {"j": kit.by_slot("4321"), "k": kit.always("4213")}
    own = {"harness.stats.careful.reliability", "harness.stats.ask_next.priority"}
    bench = kit.bench(replies, people=kit.six_people(cases), cases=cases)
    with_people = {note.name for note in method_notes(compare_verdicts(bench.source(), n_shuffles=9))}
    assert own | {"harness.stats.map.plane", "harness.stats.blind.better_than_chance"} <= with_people
    alone = method_notes(compare_verdicts(kit.bench(replies, cases=cases).source(), n_shuffles=0))
    assert not own & {note.name for note in alone}
