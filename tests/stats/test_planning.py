"""How many cases, people and runs: the tables of methods.md §8, and what a pilot teaches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import planning
from harness.stats.planning import PUBLISHED_WORLD, Design, Spread

sizes = st.integers(1, 40)
deviations = st.floats(0.05, 1.0)
spreads = st.builds(Spread, deviations, deviations, deviations, deviations)


@pytest.mark.parametrize(
    ("n_cases", "three_one", "five_three", "ten_three", "thirty_five"),
    [
        (6, 0.33, 0.27, 0.25, 0.23),
        (12, 0.20, 0.17, 0.15, 0.14),
        (20, 0.15, 0.12, 0.11, 0.10),
        (30, 0.12, 0.10, 0.09, 0.08),
        (50, 0.09, 0.07, 0.07, 0.06),
        (100, 0.06, 0.05, 0.05, 0.04),
    ],
)
def test_the_published_table(
    n_cases: int, three_one: float, five_three: float, ten_three: float, thirty_five: float
) -> None:
    """Every half-width of the table in methods.md §8, as near as its constants' two digits allow."""
    found = [planning.half_width(Design(n_cases, *rest)) for rest in ((3, 1), (5, 3), (10, 3), (30, 5))]
    # 12 cases, 5 people, 3 runs come out as .1647 where the table, made with unrounded constants, has .17
    assert found == pytest.approx([three_one, five_three, ten_three, thirty_five], abs=0.0055)


def test_the_published_six_cases() -> None:
    """For these six cases alone five runs need eight to ten people, methods.md §8."""
    found = [round(planning.half_width_these_cases(Design(6, n, 5)), 3) for n in (5, 10, 20, 30)]
    assert found == [0.115, 0.085, 0.065, 0.057]


def test_the_published_paired_designs() -> None:
    """Judge minus people needs 13 cases for ±0.1, judge minus judge 18, methods.md §8."""
    assert planning.smallest_n_cases_paired(0.1, planning.SD_JUDGE_MINUS_PEOPLE) == 13
    assert planning.smallest_n_cases_paired(0.1, planning.SD_JUDGE_MINUS_JUDGE) == 18


def test_about_thirty_cases_for_a_tenth() -> None:
    """Five people and three runs reach ±0.1 with about thirty cases, methods.md §8."""
    assert planning.smallest_n_cases(0.1, 5, 3) == 29


def test_half_width_by_hand() -> None:
    """One run, one person: all four variances add up before they are divided by the cases."""
    # .01 + .04 + .09 + .16 = .30; .30 / 4 = .075; t_3 = 3.182446305
    found = planning.half_width(Design(4, 1, 1), Spread(0.1, 0.2, 0.3, 0.4))
    assert found == pytest.approx(3.182446305 * 0.075**0.5, abs=1e-9)


def test_six_cases_cannot() -> None:
    """Six cases stay above ±0.22 with any number of people and runs."""
    least = planning.least_half_width(6)
    assert round(least, 2) == 0.22
    assert least < planning.half_width(Design(6, 10_000, 10_000)) < least + 0.001
    with pytest.raises(UndefinedStatisticError, match="no number of people"):
        planning.smallest_n_people(0.1, n_cases=6, n_runs=5)


@given(st.integers(3, 200), sizes, sizes, spreads)
def test_more_of_anything_is_sharper(n_cases: int, n_people: int, n_runs: int, spread: Spread) -> None:
    """One more case, person or run never widens the interval."""
    here = planning.half_width(Design(n_cases, n_people, n_runs), spread)
    for more in (
        (n_cases + 1, n_people, n_runs),
        (n_cases, n_people + 1, n_runs),
        (n_cases, n_people, n_runs + 1),
    ):
        assert planning.half_width(Design(*more), spread) <= here


@given(st.floats(0.02, 0.5), sizes, sizes, spreads)
def test_the_smallest_is_the_smallest(wanted: float, n_people: int, n_runs: int, spread: Spread) -> None:
    """The design that comes out reaches the half-width, and one case less does not."""
    n_cases = planning.smallest_n_cases(wanted, n_people, n_runs, spread)
    assert planning.half_width(Design(n_cases, n_people, n_runs), spread) <= wanted
    if n_cases > planning.MIN_CASES:
        assert planning.half_width(Design(n_cases - 1, n_people, n_runs), spread) > wanted


def test_the_fewest_people_are_the_fewest() -> None:
    """One person less than the answer does not reach the half-width."""
    n_people = planning.smallest_n_people(0.1, n_cases=28, n_runs=3)
    assert planning.half_width(Design(28, n_people, 3)) <= 0.1
    assert planning.half_width(Design(28, n_people - 1, 3)) > 0.1


def test_spread_by_hand() -> None:
    """A table of two people and two runs, worked through, in cases that differ by a tenth."""
    # rows (0, .2) and (.4, 1): mean .4; people -.3, +.3; runs -.2, +.2; residual ±.1
    # MS_rest = 4 (.01) / 1 = .04; MS_people = 2 (.18) = .36; MS_runs = 2 (.08) = .16
    # person (.36 - .04)/2 = .16; run (.16 - .04)/2 = .06; rest .04
    # case means differ by steps of .5: variance of 0, .5 ... 2.5 = .875; minus .16/2 + .06/2 + .04/4 = .12
    table = np.array([[0.0, 0.2], [0.4, 1.0]])
    found = planning.spread_of([table + 0.5 * step for step in range(6)])
    assert found == pytest.approx((0.755**0.5, 0.4, 0.06**0.5, 0.2))


def test_spread_of_a_simulated_pilot() -> None:
    """Known variances come back from many cases, whose sizes differ."""
    rng = np.random.default_rng(3)
    tables = []
    for number in range(1500):
        n_people, n_runs = 3 + number % 4, 2 + number % 3
        table = rng.normal(0, 0.21) + rng.normal(0, 0.29, (n_people, 1)) + rng.normal(0, 0.1, (1, n_runs))
        tables.append(table + rng.normal(0, 0.21, (n_people, n_runs)))
    assert planning.spread_of(tables) == pytest.approx(PUBLISHED_WORLD, abs=0.015)


def test_the_formula_is_the_spread_of_the_mean() -> None:
    """In simulated studies the mean over 12 cases varies as `half_width` says."""
    rng = np.random.default_rng(4)
    size = (4000, 12)
    spread, n_people, n_runs = PUBLISHED_WORLD, 5, 3
    table = rng.normal(0, spread.case, (*size, 1, 1)) + rng.normal(0, spread.rest, (*size, n_people, n_runs))
    table += rng.normal(0, spread.person, (*size, n_people, 1)) + rng.normal(
        0, spread.run, (*size, 1, n_runs)
    )
    means = table.mean(axis=(1, 2, 3))
    t_11 = 2.200985160
    assert planning.half_width(Design(12, 5, 3)) == pytest.approx(t_11 * means.std(), rel=0.04)


def test_a_person_with_a_hole_is_left_out() -> None:
    """A person whose agreement is undefined in one run does not enter this case."""
    table = np.array([[0.0, 0.2], [0.4, 1.0]])
    holed = np.vstack([table, [[0.9, np.nan]]])
    cases = [table + step for step in range(6)]
    assert planning.spread_of([holed, *cases[1:]]) == planning.spread_of(cases)


def test_a_negative_variance_is_none() -> None:
    """People who differ by less than the rest explains have a spread of 0."""
    table = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = planning.spread_of([table] * 6)
    assert (found.case, found.person, found.run) == (0.0, 0.0, 0.0)
    assert found.rest > 0


def test_pooled_spread_averages_variances() -> None:
    """Two judges' standard deviations 0.3 and 0.4 pool to the root of their mean variance."""
    pooled = planning.pooled_spread([Spread(0.3, 0, 0, 0), Spread(0.4, 0, 0, 0)])
    assert pooled.case == pytest.approx(0.125**0.5)


@pytest.mark.parametrize("wanted", [0.0, -0.1, float("nan")])
def test_no_half_width_below_zero(wanted: float) -> None:
    """A half-width that is not positive has no design."""
    with pytest.raises(UndefinedStatisticError):
        planning.smallest_n_cases(wanted, 5, 3)


@pytest.mark.parametrize("design", [Design(2, 5, 3), Design(6, 0, 3), Design(6, 5, 0)])
def test_empty_designs_are_undefined(design: Design) -> None:
    """Two cases, nobody, or no run plan nothing."""
    with pytest.raises(UndefinedStatisticError):
        planning.half_width(design)
    with pytest.raises(UndefinedStatisticError):
        planning.half_width_these_cases(design)


def test_too_small_a_pilot_is_undefined() -> None:
    """Five usable cases, or judges asked once, do not replace the published spread."""
    square = np.arange(4.0).reshape(2, 2)
    with pytest.raises(UndefinedStatisticError, match="needs six"):
        planning.spread_of([square] * 5 + [np.zeros((5, 1))])
    with pytest.raises(UndefinedStatisticError):
        planning.pooled_spread([])
