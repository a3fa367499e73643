"""People as annotators: readings, signals, the next case."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.schema import PeoplePanel, PersonReading, Presentation, RankedVerdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

SIX = ("one", "two", "three", "four", "five", "six")
CAREFUL = {"p": "4321", "q": "4312", "r": "4221", "s": "4321", "t": "3421", "u": "4231", "v": "4321"}


def panel_of(kit: Kit, people: Sequence[RankedVerdict], **source: object) -> PeoplePanel:
    """The people's panel of one steady judge beside these people."""
    bench = kit.bench({"j": kit.always("4312")}, people=people, cases=SIX)
    replaced = dataclasses.replace(bench.source(), **source)  # type: ignore[arg-type]
    found = compare_verdicts(replaced, n_shuffles=99).people_panel
    assert found is not None
    return found


def careful_class(kit: Kit) -> list[RankedVerdict]:
    """Seven people who mostly agree, not in the same way in every case, 60 seconds a case."""
    votes = []
    for place, (who, grades) in enumerate(CAREFUL.items()):
        for number, case_id in enumerate(SIX):
            given = grades if (place + number) % 3 else "4321"
            (vote,) = kit.votes(who, {case_id: given})
            votes.append(vote.model_copy(update={"seconds": 60.0 + number}))
    return votes


def shown(vote: RankedVerdict, order: str) -> RankedVerdict:
    """The same vote, with the answers shown in this order."""
    names = tuple(f"{vote.cell.case_id}-{letter}" for letter in order)
    return vote.model_copy(update={"presentation": Presentation(order=names, slots=("A", "B", "C", "D"))})


def reading(panel: PeoplePanel, who: str) -> PersonReading:
    """What the panel says about one person."""
    (found,) = [one for one in panel.people if one.annotator_id == who]
    return found


def test_leaving_one_out_gives_the_worked_numbers(kit: Kit) -> None:
    """Case H in every case: .3, .3, .2333, .2333, .2333, -.7, each with its interval over six cases."""
    panel = panel_of(kit, kit.six_people(SIX))
    found = [one.leave_one_out.value for one in panel.people]
    assert found == pytest.approx([0.3, 0.3, 0.7 / 3, 0.7 / 3, 0.7 / 3, -0.7])
    assert panel.people[5].leave_one_out.n == 6
    assert panel.people[5].reliability.value == pytest.approx(-0.8)
    assert panel.people[5].signals == ("low_agreement",)


def test_one_signal_flags_nobody(kit: Kit) -> None:
    """The sixth person of case H disagrees with everybody: a signal, no flag, and nobody is removed."""
    panel = panel_of(kit, kit.six_people(SIX))
    assert [one.flagged for one in panel.people] == [False] * 6
    assert len(panel.people) == 6


def test_a_straight_liner_who_hurries_is_flagged(kit: Kit) -> None:
    """The same grades in the same slots in five of six cases, in a third of the time: two signals."""
    orders = ("abcd", "bcad", "cdba", "dacb", "abdc", "dcba")
    votes = []
    for case_id, order in zip(SIX, orders, strict=True):
        by_slot = {
            "abcd"[place]: str(4 - slot) for slot, place in enumerate("abcd".index(one) for one in order)
        }
        given = "".join(by_slot[letter] for letter in "abcd") if case_id != "six" else "4321"
        (vote,) = kit.votes("line", {case_id: given})
        votes.append(shown(vote, order).model_copy(update={"seconds": 20.0}))
    found = reading(panel_of(kit, [*careful_class(kit), *votes]), "line")
    assert {"same_slots", "too_fast"} <= set(found.signals)
    assert found.flagged
    assert found.median_seconds == 20.0


def test_who_ties_everything_is_told_apart_from_a_straight_liner(kit: Kit) -> None:
    """All tied in four of six cases is one signal, and not a pattern of slots as well."""
    tied = kit.votes("tied", dict.fromkeys(SIX[:4], "3333") | dict.fromkeys(SIX[4:], "4321"))
    found = reading(panel_of(kit, [*careful_class(kit), *(shown(vote, "abcd") for vote in tied)]), "tied")
    assert found.all_tied_share == pytest.approx(4 / 6)
    assert "all_tied" in found.signals
    assert "same_slots" not in found.signals
    # Half of the cases is not more than half.
    half = kit.votes("tied", dict.fromkeys(SIX[:3], "3333") | dict.fromkeys(SIX[3:], "4321"))
    assert "all_tied" not in reading(panel_of(kit, [*careful_class(kit), *half]), "tied").signals


def test_a_failed_retest_is_a_signal(kit: Kit) -> None:
    """A person who turns a case round when asked again has retest -1; who repeats it has 1 and no signal."""
    turned = [*kit.votes("w", dict.fromkeys(SIX, "4321")), *kit.votes("w", {"one": "1234"}, repeat=1)]
    steady = [*kit.votes("x", dict.fromkeys(SIX, "4321")), *kit.votes("x", {"one": "4321"}, repeat=1)]
    panel = panel_of(kit, [*careful_class(kit), *turned, *steady])
    assert reading(panel, "w").retest.value == -1.0
    assert "failed_retest" in reading(panel, "w").signals
    assert reading(panel, "x").retest.value == 1.0
    assert reading(panel, "x").signals == ()
    assert reading(panel, "p").retest.undefined_because == "too_few_runs"


def test_the_test_against_blind_answers_is_stored(kit: Kit) -> None:
    """Who agrees in six cases is better than chance, who answers upside down is not, and p is no verdict."""
    panel = panel_of(kit, [*careful_class(kit), *kit.votes("w", dict.fromkeys(SIX, "1234"))])
    steady, turned = reading(panel, "p").better_than_chance, reading(panel, "w").better_than_chance
    assert steady is not None
    assert turned is not None
    assert (steady.p, steady.n_shuffles, steady.shuffled_within) == (0.01, 99, "case")
    assert turned.p > 0.9


def test_without_shuffles_there_is_no_test(kit: Kit) -> None:
    """A comparison that leaves shuffle tests out leaves these out too."""
    bench = kit.bench({"j": kit.always("4312")}, people=kit.six_people(SIX), cases=SIX)
    panel = compare_verdicts(bench.source(), n_shuffles=0).people_panel
    assert panel is not None
    assert {one.better_than_chance for one in panel.people} == {None}


def test_weights_change_no_order_where_people_agree(kit: Kit) -> None:
    """Weighting by agreement leaves the consensus of a class that agrees where it is."""
    found = panel_of(kit, careful_class(kit)).weighted_consensus
    assert found.value == pytest.approx(1.0)
    assert found.n == 6


def test_weights_take_the_dissenter_out_of_case_h(kit: Kit) -> None:
    """The sixth person has agreement -.7 and so weight 0; the mean places of case H keep their order."""
    assert panel_of(kit, kit.six_people(SIX)).weighted_consensus.value == pytest.approx(1.0)


def test_two_people_get_words(kit: Kit) -> None:
    """With two people nobody is more reliable than the other, and nobody is odd."""
    panel = panel_of(kit, [vote for who in "pq" for vote in kit.votes(who, dict.fromkeys(SIX, "4321"))])
    for one in panel.people:
        assert one.leave_one_out.undefined_because == "too_few_people"
        assert one.reliability.undefined_because == "too_few_people"
        assert (one.signals, one.better_than_chance) == ((), None)
    assert panel.weighted_consensus.undefined_because == "too_few_people"


def test_anonymous_votes_are_nobodys(kit: Kit) -> None:
    """No reading per slot; the next case is still named."""
    panel = panel_of(kit, kit.six_people(SIX), people_known=False)
    assert panel.people == ()
    assert panel.weighted_consensus.undefined_because == "people_unknown"
    assert [one.n_people for one in panel.next_cases] == [6] * 6


def test_next_is_the_case_with_fewest_rankings_then_most_dispute(kit: Kit) -> None:
    """Five has four people, all others five; of those the disputed two comes before the rest."""
    votes = []
    for place, who in enumerate("pqrst"):
        given = dict.fromkeys(SIX, "4321")
        given["two"] = "4321" if place % 2 else "1234"
        if who == "t":
            del given["five"]
        votes += kit.votes(who, given)
    found = panel_of(kit, votes).next_cases
    assert [one.case_id for one in found] == ["five", "two", "one", "three", "four", "six"]
    # Two: pairs of people agree 4 times of 10, so tau is -.2 and the disagreement .6; elsewhere 0.
    assert found[1].disagreement == pytest.approx(0.6)
    mean = 0.6 * 4 / 23
    assert found[1].expected_disagreement == pytest.approx((5 * 0.6 + 4 * mean) / 9)
    assert found[0].expected_disagreement == pytest.approx(4 * mean / 8)


def test_nobody_has_graded_yet(kit: Kit) -> None:
    """Without people every case waits, in the order of the run, and planning is still possible."""
    panel = panel_of(kit, ())
    assert [one.case_id for one in panel.next_cases] == list(SIX)
    assert {(one.n_people, one.disagreement) for one in panel.next_cases} == {(0, None)}
    assert panel.people == ()
    assert panel.variance_source == "published_world"
    assert len(panel.precision) > 0


def test_people_with_few_cases_are_read_but_not_judged(kit: Kit) -> None:
    """A person with one case has an agreement, and no signal from it."""
    panel = panel_of(kit, [*careful_class(kit), *kit.votes("w", {"one": "1234"})])
    found = reading(panel, "w")
    assert found.n_cases == 1
    assert found.leave_one_out.value is not None
    assert found.leave_one_out.undefined_because == "too_few_cases"
    assert found.signals == ()
