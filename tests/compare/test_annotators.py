"""People as annotators, and agreement over drawn rankings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.annotators import annotator_table
from harness.errors import HarnessError
from harness.schema import DrawnRankings, RankedVerdict, canonical_json
from harness.stats.drawn import inverse_probability_mean

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three", "four")


def source_of(kit: Kit, people: Sequence[RankedVerdict]) -> ComparisonSource:
    """A steady judge beside these people."""
    return kit.bench({"j": kit.always("4312")}, people=people, cases=CASES).source()


def a_class(kit: Kit) -> list[RankedVerdict]:
    """Four careful people, one who ties everything and answers at once."""
    votes = [
        vote
        for who in "abcd"
        for vote in kit.votes(who, dict.fromkeys(CASES, "4321" if who != "d" else "4312"))
    ]
    votes = [vote.model_copy(update={"seconds": 60.0}) for vote in votes]
    tied = kit.votes("z", dict.fromkeys(CASES, "2222"))
    return [*votes, *(vote.model_copy(update={"seconds": 5.0}) for vote in tied)]


def test_flagged_people_come_first(kit: Kit) -> None:
    """Whoever gives two signals stands at the top, with the readings of the comparison itself."""
    source = source_of(kit, a_class(kit))
    table = annotator_table(source, 9)
    assert table.people[0].annotator_id == "z"
    assert table.people[0].flagged
    assert {"all_tied", "too_fast"} <= set(table.people[0].signals)
    panel = compare_verdicts(source, n_shuffles=9).people_panel
    assert panel is not None
    assert sorted(table.people, key=lambda one: one.annotator_id) == list(panel.people)
    assert table.retest is None


def test_people_asked_again_stand_apart(kit: Kit) -> None:
    """A person's repeats give a retest figure, and change neither first votes nor anybody's agreement."""
    once = a_class(kit)
    again = kit.votes("a", {"one": "4321", "two": "4312"}, repeat=1)
    before, after = (annotator_table(source_of(kit, people), 9) for people in (once, [*once, *again]))
    assert after.retest is not None
    # tau_x 1 with oneself in case one, 2/3 in case two: one of six pairs turned round.
    assert after.retest.agreement.value == pytest.approx((1 + 2 / 3) / 2)
    assert [one.leave_one_out for one in before.people] == [one.leave_one_out for one in after.people]
    person = next(one for one in after.people if one.annotator_id == "a")
    assert person.retest.value == pytest.approx(5 / 6)


def test_nobody_and_anonymous_votes_have_no_table(kit: Kit) -> None:
    """The error says why: no people, or votes of nobody in particular."""
    with pytest.raises(HarnessError, match="--people"):
        annotator_table(source_of(kit, []))
    with pytest.raises(HarnessError, match="anonymous"):
        annotator_table(dataclasses.replace(source_of(kit, a_class(kit)), people_known=False))


def drawn_of(kit: Kit, people: Sequence[RankedVerdict]) -> DrawnRankings | None:
    """The panel's part about drawn rankings."""
    panel = compare_verdicts(source_of(kit, people), n_shuffles=0).people_panel
    assert panel is not None
    return panel.drawn


def test_drawn_rankings_by_hand(kit: Kit) -> None:
    """Plain and weighted means over the rankings that say with what probability they were drawn."""
    chances = {"one": 0.8, "two": 0.1, "three": 0.1, "four": 0.4}
    grades = {"one": "4312", "two": "1234", "three": "4321", "four": "4312"}
    votes = kit.votes("a", grades)
    drawn = [vote.model_copy(update={"probability": chances[vote.cell.case_id]}) for vote in votes]
    others = [vote for who in "bc" for vote in kit.votes(who, dict.fromkeys(CASES, "4312"))]
    found = drawn_of(kit, [*drawn, *others])
    assert found is not None
    assert (found.n_drawn, found.n_not_drawn) == (4, 8)
    weights = 1 / np.array(list(chances.values()))
    assert found.worth == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    # Against 4312: the same, 5 of 6 pairs turned round (all but c and d), one turned round, the same.
    taus = [1.0, 1 - 2 * 5 / 6, 1 - 2 / 6, 1.0]
    weighted = inverse_probability_mean(taus, list(chances.values()))
    for mean in found.means:
        assert mean.plain.value == pytest.approx(np.mean(taus))
        assert mean.weighted.value == pytest.approx(weighted)
        assert (mean.plain.n, mean.plain.unit, mean.plain.intervals[0].target) == (4, "verdicts", "T3")
    assert [mean.row_id for mean in found.means] == [None, "judge:j:hhh:base:fr"]


def test_without_probabilities_a_comparison_keeps_its_bytes(kit: Kit) -> None:
    """Nothing about draws is written where no ranking was drawn."""
    comparison = compare_verdicts(source_of(kit, a_class(kit)), n_shuffles=0)
    assert comparison.people_panel is not None
    assert comparison.people_panel.drawn is None
    assert b'"drawn"' not in canonical_json(comparison)
    assert b'"probability"' not in canonical_json(a_class(kit)[0])


def test_even_draws_change_nothing(kit: Kit) -> None:
    """Where every case was as likely, both columns are the same."""
    votes = [vote.model_copy(update={"probability": 0.25}) for vote in a_class(kit)]
    found = drawn_of(kit, votes)
    assert found is not None
    assert found.worth == pytest.approx(found.n_drawn)
    assert all(mean.plain.value == pytest.approx(mean.weighted.value) for mean in found.means)
