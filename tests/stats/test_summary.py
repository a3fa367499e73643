"""Whole studies at once: the same numbers as case by case, from sums."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats import group, summary
from harness.stats.agreement import tau_x
from harness.stats.pairs import tie_share
from harness.stats.summary import pair_sums, summarise

NAN = float("nan")
Shape = tuple[int, int, int]


def draw(shape: Shape, holes: float = 0.0, absent: float = 0.0, seed: int = 1) -> np.ndarray:
    """Random grades in which single grades, or whole rankings, are missing."""
    rng = np.random.default_rng(seed)
    grades = rng.integers(1, 5, shape).astype(float)
    grades[rng.random(shape) < holes] = NAN
    grades[rng.random(shape[:2]) < absent] = NAN
    return grades


def mean_of_pairs(one: np.ndarray, other: np.ndarray | None = None) -> float:
    """Mean tau_x over all pairs, from the whole table: the definition."""
    table = np.array(tau_x(one[:, None], (one if other is None else other)[None]))
    if other is None:
        np.fill_diagonal(table, NAN)
    return float(np.nanmean(table)) if not np.isnan(table).all() else NAN


def split_pairs(case: np.ndarray) -> float:
    """Share of the pairs with at least a third of those who ranked them on each side, pair by pair."""
    split = []
    for i, j in combinations(range(case.shape[1]), 2):
        both = case[~np.isnan(case[:, [i, j]]).any(axis=1)]
        if len(both):
            above, below = (both[:, i] > both[:, j]).mean(), (both[:, i] < both[:, j]).mean()
            split.append(min(above, below) >= 1 / 3 - 1e-12)
    return float(np.mean(split))


def test_case_h(six_people: np.ndarray, judge_repeats: np.ndarray) -> None:
    """Case H of methods.md: own agreement .1, a judge's .5555556, between them .2870370."""
    people, judge = pair_sums(six_people[None]), pair_sums(judge_repeats[None])
    assert people.mean_tau().tolist() == pytest.approx([0.1])
    assert judge.mean_tau().tolist() == pytest.approx([5 / 9])
    assert people.cross_tau(judge).tolist() == pytest.approx([0.2870370], abs=5e-8)
    assert summarise(six_people[None]).tie_share.tolist() == pytest.approx([5 / 36])


@pytest.mark.parametrize("n_answers", range(2, 11))
@pytest.mark.parametrize(("holes", "absent"), [(0.0, 0.0), (0.0, 0.3), (0.3, 0.1)])
def test_the_definition_gives_the_same(n_answers: int, holes: float, absent: float) -> None:
    """Two to ten answers, complete, with absent people, with holes: as case by case from all pairs."""
    grades = draw((7, 9, n_answers), holes, absent, seed=n_answers)
    found = summarise(grades)
    with np.errstate(invalid="ignore"):
        ties = [tie_share(case) for case in grades]
    expected = [mean_of_pairs(case) for case in grades]
    assert found.mean_tau.tolist() == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert found.tie_share.tolist() == pytest.approx([np.nanmean(case) for case in ties], abs=1e-12)
    assert found.split_pairs.tolist() == pytest.approx([split_pairs(case) for case in grades], abs=1e-12)
    assert found.n_rankings.tolist() == [(~np.isnan(case)).sum() for case in ties]


@pytest.mark.parametrize("n_answers", [2, 4, 6, 9])
@pytest.mark.parametrize("holes", [0.0, 0.4])
def test_two_sides_give_what_the_table_gives(n_answers: int, holes: float) -> None:
    """Agreement between two groups, and it does not matter which comes first."""
    people = draw((6, 8, n_answers), holes, seed=2)
    judge = draw((6, 3, n_answers), holes / 2, seed=3)
    one, other = pair_sums(people), pair_sums(judge)
    expected = [mean_of_pairs(a, b) for a, b in zip(people, judge, strict=True)]
    assert one.cross_tau(other).tolist() == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert other.cross_tau(one).tolist() == pytest.approx(one.cross_tau(other).tolist(), nan_ok=True)


@pytest.mark.parametrize("holes", [0.1, 0.5])
def test_large_groups_take_this_way_unnoticed(holes: float) -> None:
    """The statistics of one case give the same number by sums, in large incomplete groups, as by pairs."""
    people, judge = draw((1, 120, 5), holes, 0.1)[0], draw((1, 80, 5), holes, seed=4)[0]
    assert group.mean_pairwise_tau(people) == pytest.approx(mean_of_pairs(people), abs=1e-12)
    assert group.mean_cross_tau(people, judge) == pytest.approx(mean_of_pairs(people, judge), abs=1e-12)


def test_histograms_and_pairs_are_two_ways_to_the_same() -> None:
    """With five answers the sums from histograms equal those that are counted pair by pair."""
    grades = draw((5, 40, 5))
    sums = pair_sums(grades)
    at_least, above, n_rankings = summary._count_pairs(grades)
    assert sums.at_least.tolist() == at_least.tolist()
    assert sums.above.tolist() == above.tolist()
    assert sums.n_rankings.tolist() == n_rankings.tolist()


@pytest.mark.parametrize("n_answers", [4, 7])
@pytest.mark.parametrize("scale", [1.0, 0.37, 1000.0, -1.0])
def test_only_the_order_of_the_grades_counts(n_answers: int, scale: float) -> None:
    """Fractions, thousands and reversed grades agree as much as the plain ones."""
    grades = draw((3, 30, n_answers))
    assert summarise(grades * scale).mean_tau.tolist() == pytest.approx(summarise(grades).mean_tau.tolist())


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at few cases at a time gives the same sums as looking at all at once."""
    grades = draw((20, 10, 4), holes=0.1)
    whole = pair_sums(grades)
    monkeypatch.setattr(summary, "_BLOCK", 30)
    pieces = pair_sums(grades)
    assert pieces.case.tolist() == whole.case.tolist()
    for one, other in zip(pieces.summaries(), whole.summaries(), strict=True):
        assert one.tolist() == pytest.approx(other.tolist(), abs=1e-12)


def test_only_sums_are_kept() -> None:
    """What is kept of complete rankings does not grow with their number."""
    few, many = pair_sums(draw((3, 10, 6))), pair_sums(draw((3, 2000, 6)))
    assert few.at_least.shape == many.at_least.shape == (3, 15)


grids = hnp.arrays(
    np.float64, st.tuples(st.just(2), st.integers(2, 5), st.just(4)), elements=st.integers(1, 4).map(float)
)


@given(grids, st.permutations(range(4)))
def test_naming_the_answers_otherwise_changes_nothing(grades: np.ndarray, order: list[int]) -> None:
    """The order in which answers and people are listed does not matter."""
    plain, turned = summarise(grades), summarise(grades[:, ::-1, order])
    for one, other in zip(plain, turned, strict=True):
        assert one.tolist() == pytest.approx(other.tolist(), abs=1e-12)


def test_nobody_to_agree_with_is_undefined() -> None:
    """A case with one ranking, with none, or whose rankings share no pair has no agreement."""
    alone = [[1, 2, 3, 4], [NAN] * 4]
    nobody = [[NAN] * 4, [1, NAN, NAN, NAN]]
    apart = [[1, 2, NAN, NAN], [NAN, NAN, 1, 2]]
    found = summarise(np.array([alone, nobody, apart]))
    assert np.isnan(found.mean_tau).tolist() == [True, True, True]
    assert found.n_rankings.tolist() == [1, 0, 2]
    assert np.isnan(found.tie_share).tolist() == [False, True, False]
    assert np.isnan(found.split_pairs).tolist() == [False, True, False]


def test_no_case_and_no_person() -> None:
    """A study without cases is empty, one without people undefined."""
    assert len(summarise(np.empty((0, 5, 4))).mean_tau) == 0
    assert np.isnan(summarise(np.empty((2, 0, 4))).mean_tau).all()


def test_wrong_shapes_are_refused() -> None:
    """One answer has no pair; one case alone, or sides with other cases, are the caller's error."""
    with pytest.raises(UndefinedStatisticError):
        summarise(np.ones((2, 3, 1)))
    with pytest.raises(ValueError, match="n_cases"):
        summarise(np.ones((3, 4)))
    with pytest.raises(ValueError, match="same cases"):
        pair_sums(draw((2, 3, 4))).cross_tau(pair_sums(draw((3, 3, 4))))
