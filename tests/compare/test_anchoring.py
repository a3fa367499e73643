"""Proposals in sight or kept back by lot: what a comparison makes of both arms. All people are simulated."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.panel_frames import PANELS, to_panel_frame
from harness.schema import Comparison, Proposal, RankedVerdict, SemiAutomatic, canonical_json
from harness.schema.anchoring import Anchoring
from harness.schema.key import canonical_chunks
from harness.stats.agreement import tau_x
from harness.stats.group import mean_pairwise_tau

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three", "four")
PROPOSED = "4213"
TRUTH = "1324"
"""What people think by themselves: the proposal is wrong on most pairs."""


def proposal(kit: Kit, case_id: str, lot: str | None = None, grades: str = PROPOSED) -> Proposal:
    """The judge's grades of a case."""
    given = {f"{case_id}-{letter}": grade for letter, grade in kit.by_letter(grades).items()}
    return Proposal(judge_id="j", rulebook_id="hhh", grades=given, lot=lot)


def graded(
    kit: Kit, name: str, grades: Sequence[str], arms: Sequence[Proposal | None], seconds: Sequence[float] = ()
) -> list[RankedVerdict]:
    """One simulated person's verdicts with what was shown before each."""
    votes = kit.votes(name, dict(zip(CASES, grades, strict=True)), session="s", simulated=True)
    return [
        vote.model_copy(update={"proposal": arm, "seconds": seconds[place] if seconds else None})
        for place, (vote, arm) in enumerate(zip(votes, arms, strict=True))
    ]


def opinion(rng: np.random.Generator, centre: str) -> str:
    """The centre with one or no answer moved by a grade."""
    found = list(centre)
    place = int(rng.integers(0, 8))
    if place < 4:
        found[place] = str(min(4, max(1, int(found[place]) + int(rng.choice([-1, 1])))))
    return "".join(found)


def whole_people(kit: Kit, n_lots: int = 5, *, timed: bool = True) -> list[RankedVerdict]:
    """Pairs of which the one sees proposals and follows them in two cases of four, in half of the time."""
    rng = np.random.default_rng(4)
    found: list[RankedVerdict] = []
    for lot in range(n_lots):
        own = [opinion(rng, TRUTH) for _ in CASES]
        followed = [PROPOSED, PROPOSED, opinion(rng, TRUTH), opinion(rng, TRUTH)]
        slow, quick = [60.0 + lot, 50, 70, 65], [30.0 + lot, 25, 36, 33]
        shown = [proposal(kit, case_id, str(lot)) for case_id in CASES]
        hidden = [Proposal(lot=str(lot))] * len(CASES)
        found += graded(kit, f"saw-{lot}", followed, shown, quick if timed else ())
        found += graded(kit, f"not-{lot}", own, hidden, slow if timed else ())
    return found


def halves_of_cases(kit: Kit, n_lots: int = 4) -> list[RankedVerdict]:
    """Pairs that see proposals on opposite halves of the cases, and follow half of the way."""
    rng = np.random.default_rng(5)
    found: list[RankedVerdict] = []
    for lot in range(n_lots):
        half = rng.permutation(len(CASES)) < 2
        for who, sees in (("a", half), ("b", ~half)):
            arms = [
                proposal(kit, case_id, str(lot)) if seen else Proposal(lot=str(lot))
                for case_id, seen in zip(CASES, sees, strict=True)
            ]
            grades = [PROPOSED if seen and rng.random() < 0.7 else opinion(rng, TRUTH) for seen in sees]
            found += graded(kit, f"{who}{lot}", grades, arms)
    return found


def source(kit: Kit, people: Sequence[RankedVerdict]) -> ComparisonSource:
    """One judge that always proposes the same, one rulebook."""
    return kit.bench(
        {"j": kit.always(PROPOSED)}, cases=CASES, rulebooks=("hhh",), repeats=1, people=people
    ).source()


def compared(kit: Kit, people: Sequence[RankedVerdict]) -> Comparison:
    """Compare such a run."""
    return compare_verdicts(source(kit, people), n_shuffles=199)


def only(comparison: Comparison) -> Anchoring:
    """The only judge's part."""
    (found,) = comparison.anchoring
    return found


def test_whole_people_by_plain_loops(kit: Kit) -> None:
    """Every figure of the part is the one that plain loops over the verdicts give."""
    people = whole_people(kit)
    found = only(compared(kit, people))
    target = np.array([4.0, 2, 1, 3])

    def rows(case_id: str, *, saw: bool) -> np.ndarray:
        return np.array(
            [
                list(one.grades.values())
                for one in people
                if one.cell.case_id == case_id and one.saw_proposal == saw
            ]
        )

    def both(figure: Callable[[np.ndarray], float]) -> dict[bool, float]:
        return {
            saw: float(np.mean([figure(rows(case_id, saw=saw)) for case_id in CASES]))
            for saw in (True, False)
        }

    taus = both(lambda grades: float(tau_x(grades, target[None]).mean()))
    alike = both(mean_pairwise_tau)
    same = both(lambda grades: float((grades == target).all(axis=1).mean()))
    assert (found.design, found.n_people_shown, found.n_people_control) == ("people", 5, 5)
    assert (found.n_verdicts_shown, found.n_verdicts_control, found.n_aside) == (20, 20, 0)
    assert found.tau_shown.value == pytest.approx(taus[True])
    assert found.tau_control.value == pytest.approx(taus[False])
    assert found.effect.value == pytest.approx(taus[True] - taus[False])
    assert found.human_shown.value == pytest.approx(alike[True])
    assert found.false_consensus.value == pytest.approx(alike[True] - alike[False])
    assert found.unchanged_shown.value == pytest.approx(same[True]) == pytest.approx(0.5)
    assert found.unchanged_control.value == pytest.approx(same[False])
    assert {one.target for one in found.effect.intervals} == {"T2", "T3"}
    assert found.test is not None
    # 32 ways to deal five pairs; the statistic of none but the opposite deal is as far: 2/32.
    assert (found.test.n_shuffles, found.test.shuffled_within) == (32, "lot")
    assert found.test.p == pytest.approx(2 / 32)
    assert found.simulated


def test_times_of_both_arms(kit: Kit) -> None:
    """Mean seconds per arm, and the ratio of their geometric means with its intervals."""
    people = whole_people(kit)
    found = only(compared(kit, people))
    logs = [np.log([one.seconds or 0 for one in people if one.saw_proposal is saw]) for saw in (True, False)]
    ratio = np.exp(logs[0].mean() - logs[1].mean())
    assert found.seconds_control.value == pytest.approx((62 + 50 + 70 + 65) / 4)
    assert found.time_ratio.value == pytest.approx(ratio)
    assert [one.low < ratio < one.high < 1 for one in found.time_ratio.intervals] == [True, True]


def test_wrong_proposals_are_followed(kit: Kit) -> None:
    """Against most of the control arm the proposal orders pairs; half of those who saw it order them so."""
    found = only(compared(kit, whole_people(kit)))
    assert found.n_wrong_pairs >= 8
    assert found.followed_more.value is not None
    assert found.followed_more.value > 0.3
    assert found.followed_shown.value == pytest.approx(
        (found.followed_control.value or 0) + found.followed_more.value
    )


def test_cases_dealt_to_each_person(kit: Kit) -> None:
    """Everybody is in both arms; four people are enough, and the interval is over all of them."""
    found = only(compared(kit, halves_of_cases(kit, 2)))
    assert (found.design, found.n_people_shown, found.n_people_control) == ("cases", 4, 4)
    assert found.effect.value is not None
    assert {one.target: one.n for one in found.effect.intervals} == {"T2": 4, "T3": 4}
    assert found.test is not None
    assert found.test.n_shuffles == 36


def test_what_people_say_with_a_proposal_in_sight_enters_nothing_else(kit: Kit) -> None:
    """Agreement among people, ceilings, every row and price are those of the verdicts without a proposal."""
    people = whole_people(kit)
    with_all = compared(kit, people)
    alone = compared(kit, [one for one in people if not one.saw_proposal])
    assert with_all.reference.votes_aside == {"proposal_shown": 20}
    assert with_all.reference.n_annotators == 5
    whole = json.loads(canonical_json(with_all))
    rest = json.loads(canonical_json(alone))
    apart = ("anchoring", "methods")
    assert whole["reference"].pop("votes_aside") == {"proposal_shown": 20}
    assert rest["reference"].pop("votes_aside") == {}
    whole["costs"] = [line for line in whole["costs"] if line["who"] != "corrected"]
    for name in apart:
        whole.pop(name), rest.pop(name, None)
    assert whole == rest
    assert with_all.reference.human_human == alone.reference.human_human


def test_people_who_all_saw_a_proposal_are_no_reference(kit: Kit) -> None:
    """Labels that a judge has touched are not people's: nobody is left to compare with."""
    people = [one for one in whole_people(kit) if one.saw_proposal]
    found = compared(kit, people)
    assert found.reference.kind == "none"
    assert found.reference.votes_aside == {"proposal_shown": 20}
    assert found.semi_automatic == ()
    part = only(found)
    assert part.effect.undefined_because == "too_few_people"
    assert part.test is None


@pytest.mark.parametrize("n_lots", [1, 2])
def test_too_few_people_get_words(kit: Kit, n_lots: int) -> None:
    """Below three people an arm: every figure about people says so, counts stay."""
    found = only(compared(kit, whole_people(kit, n_lots)))
    for one in (
        found.effect,
        found.tau_shown,
        found.false_consensus,
        found.followed_more,
        found.unchanged_shown,
    ):
        assert (one.value, one.undefined_because) == (None, "too_few_people")
    assert found.n_verdicts_shown == 4 * n_lots


def test_no_times_are_no_numbers(kit: Kit) -> None:
    """Without recorded times the saving is unknown, in the part and in the cost table."""
    comparison = compared(kit, whole_people(kit, timed=False))
    found = only(comparison)
    for one in (found.seconds_shown, found.seconds_control, found.time_ratio):
        assert (one.value, one.undefined_because) == (None, "time_unknown")
    (line,) = [one for one in comparison.costs if one.who == "corrected"]
    assert line.hours_per_1000.undefined_because == "time_unknown"


def test_the_cost_of_correcting(kit: Kit) -> None:
    """1000 cases x 5 people x 31.75 s, and 62.25 s for those who saw nothing; the judge proposes in each."""
    costs = compared(kit, whole_people(kit)).costs
    (line,) = [one for one in costs if one.who == "corrected"]
    alone = next(one for one in costs if one.who == "people")
    mean_quick = (32 + 25 + 36 + 33) / 4
    assert line.hours_per_1000.value == pytest.approx(1000 * 5 * mean_quick / 3600)
    assert alone.hours_per_1000.value == pytest.approx(1000 * 5 * 61.75 / 3600)
    assert line.share_by_people == 1.0
    assert line.row_id == "judge:j:hhh:base:fr"


def test_another_proposal_than_most_saw_is_left_out(kit: Kit) -> None:
    """Two wordings of a judge's grades in one case: those of the rarer one are counted and left aside."""
    people = whole_people(kit)
    odd = people[0].model_copy(update={"proposal": proposal(kit, "one", "0", grades="1111")})
    found = only(compared(kit, [odd, *people[1:]]))
    assert (found.n_aside, found.n_verdicts_shown) == (1, 19)


def test_without_proposals_the_file_is_as_before(kit: Kit) -> None:
    """No person was part of such a study: the comparison has no field for it, in pieces and as a whole."""
    comparison = compared(kit, kit.six_people(CASES))
    whole = canonical_json(comparison)
    assert comparison.anchoring == ()
    assert "anchoring" not in json.loads(whole)
    assert b"".join(canonical_chunks(comparison)) == whole
    with_part = compared(kit, whole_people(kit))
    assert b"".join(canonical_chunks(with_part)) == canonical_json(with_part)
    assert "anchoring" in json.loads(canonical_json(with_part))


def test_the_part_is_a_table_too(kit: Kit) -> None:
    """One line per judge that proposed, estimates as columns."""
    frame = to_panel_frame(compared(kit, whole_people(kit)), "anchoring")
    assert "anchoring" in PANELS
    assert list(frame["judge_id"]) == ["j"]
    assert frame["effect"].notna().all()


def test_the_methods_say_how_it_was_computed(kit: Kit) -> None:
    """Effect, intervals and the deal's test are named where they were used, and nowhere else."""
    names = {note.name for note in compared(kit, whole_people(kit)).methods}
    assert {"harness.stats.anchoring.anchoring_effect", "harness.stats.lots.dealt_arms_test"} <= names
    without = {note.name for note in compared(kit, kit.six_people(CASES)).methods}
    assert not {name for name in without if "anchoring" in name or "lots" in name}


def test_estimates_from_both_rest_on_the_control_arm(kit: Kit) -> None:
    """PPI++: labels with a proposal in sight change neither estimate nor saving, however many there are."""
    cases = tuple(f"case-{number}" for number in range(12))
    rng = np.random.default_rng(2)
    people: list[RankedVerdict] = []
    for name in ("p", "q", "r"):
        people += kit.votes(name, {case_id: opinion(rng, TRUTH) for case_id in cases[:5]}, session="s")
    touched = [
        vote.model_copy(update={"proposal": proposal(kit, vote.cell.case_id)})
        for vote in kit.votes("seen", dict.fromkeys(cases[:9], PROPOSED), session="s")
    ]

    def semi(votes: Sequence[RankedVerdict]) -> tuple[SemiAutomatic, ...]:
        judge = {case_id: opinion(np.random.default_rng([7, int(case_id[5:])]), TRUTH) for case_id in cases}
        bench = kit.bench(
            {"j": lambda cell, _order: kit.by_letter(judge[cell.case_id])},
            cases=cases, rulebooks=("hhh",), repeats=1, people=votes,
        )  # fmt: skip
        return compare_verdicts(bench.source(), n_shuffles=0).semi_automatic

    alone = semi(people)
    assert alone
    assert semi([*people, *touched]) == alone
    longest = alone[0]
    assert longest.cases_worth is not None
    assert longest.people_verdicts_saved == pytest.approx((longest.cases_worth - 5) * 3)
