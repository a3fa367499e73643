"""What screens show of a class: by hand, against the statistics behind it, and where too few answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from harness.compare.classroom import (
    ClassGrades,
    case_picture,
    class_agreement,
    class_grades,
    pairs_agreeing,
    split_picture,
    talk_picture,
)
from harness.schema import Answer, Case, Cell, RankedVerdict
from harness.schema.classroom import HandCount, Vote
from harness.stats.arrays import FloatArray
from harness.stats.group import mean_cross_tau

IDS = ("c-a", "c-b", "c-c", "c-d")
CASE = Case(
    case_id="c",
    title={"en": "A case"},
    message={"en": "A question"},
    answers=tuple(Answer(answer_id=name, text={"en": name}) for name in IDS),
)
# methods.md §1.5, ranks 1 = best turned into grades: 1234, 1123, 2133, 1324, 1222, 4321
H = [[4, 3, 2, 1], [4, 4, 3, 2], [3, 4, 2, 2], [4, 2, 3, 1], [4, 3, 3, 3], [1, 2, 3, 4]]


def grades_of(rows: Sequence[Sequence[float]], vote: Vote = 1, rulebook_id: str | None = None) -> ClassGrades:
    """Pupils with these grades of the case `c`."""
    array = np.array(rows, dtype=np.float64).reshape(-1, 4)
    pupils = tuple(f"p{number}" for number in range(len(array)))
    return ClassGrades("c", IDS, 4, vote, pupils, array, rulebook_id=rulebook_id)


def verdict(pupil: str, grades: dict[str, float], **cell: object) -> RankedVerdict:
    """One pupil's grades; `cell` says what is unusual about them."""
    fields = {"annotator_kind": "person", "case_id": "c", "rulebook_id": "hhh", "language": "en", **cell}
    return RankedVerdict(cell=Cell.model_validate({"annotator_id": pupil, **fields}), grades=grades)


def test_the_worked_case_gives_its_published_agreement_and_its_five_medians() -> None:
    """Six people of the methods' worked case agree at tau_x = .1, and five orders suit them equally well."""
    picture = case_picture(grades_of(H))
    assert picture.agreement.value == pytest.approx(0.1)
    assert picture.agreement.n == 6
    assert len(picture.consensus) == 5
    assert (("c-a",), ("c-b",), ("c-c",), ("c-d",)) in picture.consensus


def test_bars_count_every_grade_and_leave_blanks_out() -> None:
    """Each bar counts the grades of its answer from the worst up; n is what was graded, not who is there."""
    picture = case_picture(grades_of([[4, 3, 2, 1], [4, 4, np.nan, 1], [1, 4, 2, np.nan]]))
    assert [bar.counts for bar in picture.bars] == [(1, 0, 0, 2), (0, 0, 1, 2), (0, 2, 0, 0), (2, 0, 0, 0)]
    assert [bar.n for bar in picture.bars] == [3, 3, 2, 2]
    assert (picture.n, picture.n_complete) == (3, 1)


def test_a_show_of_hands_is_added_to_the_bars_and_to_nothing_else() -> None:
    """Hands count in the bars of their answer and vote; orders and agreement are the pupils' alone."""
    hands = [
        HandCount(case_id="c", answer_id="c-a", counts=(0, 1, 0, 5)),
        HandCount(case_id="c", answer_id="c-a", vote=2, counts=(9, 9, 9, 9)),
        HandCount(case_id="other", answer_id="c-a", counts=(9, 9, 9, 9)),
    ]
    alone, with_hands = case_picture(grades_of(H)), case_picture(grades_of(H), hands)
    assert with_hands.bars[0].counts == (1, 1, 1, 9)
    assert with_hands.bars[0].n == alone.bars[0].n + 6
    assert with_hands.bars[1:] == alone.bars[1:]
    assert (with_hands.agreement, with_hands.consensus) == (alone.agreement, alone.consensus)


def test_pairs_that_both_put_apart_are_the_share_s2_over_all_pairs_of_pupils() -> None:
    """The share is C / (C + D) over all pairs of pupils, as counted pair by pair."""
    signs = [np.sign(np.subtract.outer(row, row))[np.triu_indices(4, 1)] for row in np.array(H, dtype=float)]
    products = [signs[i] * signs[j] for i in range(6) for j in range(i + 1, 6)]
    alike = sum(int((one > 0).sum()) for one in products)
    opposite = sum(int((one < 0).sum()) for one in products)
    assert pairs_agreeing(np.array(H, dtype=float)).value == pytest.approx(alike / (alike + opposite))


@pytest.mark.parametrize("n_pupils", [0, 1, 2])
def test_fewer_than_three_pupils_are_told_in_words(n_pupils: int) -> None:
    """One or two pupils have bars, but no consensus and no agreement: the reason stands instead."""
    picture = case_picture(grades_of(H[:n_pupils]))
    assert picture.n == n_pupils
    assert picture.consensus == ()
    assert picture.agreement.value is None
    assert picture.agreement.undefined_because == "too_few_people"
    assert picture.pairs_agreeing.undefined_because == "too_few_people"


def test_when_everybody_ties_everything_no_pair_is_put_apart() -> None:
    """All answers tied by all: full agreement of orders, and no share of pairs put apart."""
    picture = case_picture(grades_of([[2, 2, 2, 2]] * 5))
    assert picture.agreement.value == pytest.approx(1.0)
    assert picture.pairs_agreeing.value is None
    assert picture.consensus == ((IDS,),)


def test_only_the_asked_case_vote_and_rulebook_are_gathered() -> None:
    """Votes of another case, another vote, another half or a judge are not the pupils' of this picture."""
    mine = {"c-a": 4.0, "c-b": 1.0}
    people = [
        verdict("p1", mine),
        verdict("p2", mine, phase=2),
        verdict("p3", mine, rulebook_id="none"),
        verdict("p4", mine, case_id="other"),
        verdict("p5", mine, annotator_kind="judge"),
    ]
    assert class_grades(people, CASE, 4).pupil_ids == ("p1", "p3")
    assert class_grades(people, CASE, 4, rulebook_id="hhh").pupil_ids == ("p1",)
    assert class_grades(people, CASE, 4, vote=2).pupil_ids == ("p2",)


def test_simulated_pupils_mark_the_picture() -> None:
    """One invented pupil is enough for the picture to say that it is simulated."""
    people = [verdict("p1", {"c-a": 4.0}), verdict("p2", {"c-a": 4.0}, simulated=True)]
    assert case_picture(class_grades(people, CASE, 4)).simulated
    assert not case_picture(class_grades(people[:1], CASE, 4)).simulated


def test_moved_counts_orders_not_grades() -> None:
    """Who gives other grades in the same order has not moved; who voted once is not counted."""
    before = grades_of([[4, 3, 2, 1], [4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]])
    after = grades_of([[4, 3, 2, 1], [4, 2, 1, 1], [3, 3, 2, 1]], vote=2)
    moved = talk_picture(before, after).moved
    assert moved.n == 3
    assert moved.share_moved.value == pytest.approx(2 / 3)
    assert moved.agreement_before.value == pytest.approx(1.0)
    same_order = talk_picture(before, grades_of([[4, 3, 2, 1]] * 2 + [[40, 30, 20, 10]] * 2, vote=2)).moved
    assert same_order.share_moved.value == pytest.approx(1 / 4)


def test_halves_that_differ_are_found_and_halves_of_one_deal_are_not() -> None:
    """Opposite halves have p at its smallest; a deal of one population has not."""
    rng = np.random.default_rng(3)
    up, down = [[4, 3, 2, 1]] * 8, [[1, 2, 3, 4]] * 8
    apart = split_picture(grades_of(up, rulebook_id="hhh"), grades_of(down, rulebook_id="none"), rng)
    assert apart.test is not None
    assert apart.test.p < 0.01
    assert apart.within.value == pytest.approx(1.0)
    assert apart.between.value == pytest.approx(-1.0)
    assert (apart.shifts[0].first, apart.shifts[0].second) == (4.0, 1.0)
    mixed = [up[0], down[0]] * 4
    alike = split_picture(grades_of(mixed), grades_of(mixed), rng)
    assert alike.test is not None
    assert alike.test.p > 0.5


def test_between_halves_is_the_mean_cross_agreement() -> None:
    """The agreement between halves is that of one pupil of each, also when grades are missing."""
    rng = np.random.default_rng(5)
    halves: list[FloatArray] = [rng.integers(1, 5, (size, 4)).astype(float) for size in (7, 6)]
    found = split_picture(grades_of(halves[0].tolist()), grades_of(halves[1].tolist()), rng)
    assert found.between.value == pytest.approx(mean_cross_tau(halves[0], halves[1]))
    assert found.between.n == 13


def test_an_interval_leaves_out_pupils_and_says_so() -> None:
    """Agreement comes with the interval for other pupils, one for each pupil left out."""
    (interval,) = class_agreement(np.array(H, dtype=float)).intervals
    assert (interval.target, interval.n) == ("T2", 6)
    assert interval.low < 0.1 < interval.high
