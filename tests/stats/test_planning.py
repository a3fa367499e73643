"""How many cases, people and runs: the tables of methods.md §8."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import planning
from harness.stats.planning import Design
from harness.stats.spread import PUBLISHED_WORLD, Spread

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
