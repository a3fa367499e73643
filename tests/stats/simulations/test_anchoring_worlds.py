"""How often the intervals of the anchoring effect hold the truth, and how often the deal's test rejects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from harness.stats.anchoring import effect_over_cases, effect_over_people
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.following import followed, followed_over_people
from harness.stats.intervals import Interval
from harness.stats.lots import dealt_arms_test

pytestmark = pytest.mark.slow

TRUTH = 0.3
N_WORLDS = 600
Over = Callable[[FloatArray, FloatArray], Interval]


def world(
    rng: np.random.Generator, n_people: int, *, by_cases: bool, effect: float, uneven: str = ""
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Six cases; people and cases at levels of their own; moved alike, or unevenly over people or cases."""
    lots = np.arange(n_people) // 2
    halves = np.array([rng.permutation(6) < 3 for _ in range(n_people)])[lots * 2]
    first = rng.integers(0, 2, n_people)[lots * 2] == np.arange(n_people) % 2
    seen = (halves == first[:, None] if by_cases else np.repeat(first[:, None], 6, axis=1)).astype(float)
    moved = effect + (0.3 * rng.normal(size=(n_people, 1)) if uneven == "people" else 0.0)
    moved = moved + (0.3 * rng.normal(size=(1, 6)) if uneven == "cases" else 0.0)
    levels = rng.normal(0, 0.25, (n_people, 1)) + rng.normal(0, 0.2, (1, 6))
    return levels + moved * seen + rng.normal(0, 0.35, (n_people, 6)), seen, lots


def coverage(over: Over, n_people: int, *, by_cases: bool, uneven: str) -> float:
    """Share of simulated studies whose interval holds the truth."""
    rng = np.random.default_rng([n_people, by_cases, len(uneven)])
    hits = 0
    for _ in range(N_WORLDS):
        figures, seen, _ = world(rng, n_people, by_cases=by_cases, effect=TRUTH, uneven=uneven)
        found = over(figures, seen)
        hits += found.low <= TRUTH <= found.high
    return hits / N_WORLDS


@pytest.mark.parametrize("uneven", ["", "people"])
@pytest.mark.parametrize(
    ("n_people", "by_cases"), [(10, False), (20, False), (40, False), (6, True), (10, True), (20, True)]
)
def test_other_people(n_people: int, by_cases: bool, uneven: str) -> None:
    """T2: within 2 points of .95 (standard error .009), also where people are moved unevenly."""
    assert 0.92 <= coverage(effect_over_people, n_people, by_cases=by_cases, uneven=uneven) <= 0.98


def test_other_cases() -> None:
    """T3, cases dealt: six cases that differ in how far the proposal moves people; near .95."""
    assert 0.92 <= coverage(effect_over_cases, 20, by_cases=True, uneven="cases") <= 0.985


def test_other_cases_say_nothing_of_other_people() -> None:
    """T3, people dealt: the people stay these, so arms that chance made unequal are not in the interval."""
    assert coverage(effect_over_cases, 20, by_cases=False, uneven="cases") < 0.92


@pytest.mark.parametrize(("n_people", "by_cases"), [(14, False), (30, False), (6, True), (20, True)])
def test_the_deal_rejects_as_often_as_it_says(n_people: int, by_cases: bool) -> None:
    """Where the proposal moves nobody, p is at most .05 in about 5 % of studies (standard error .011)."""
    rng = np.random.default_rng(n_people)
    p_values = []
    for _ in range(400):
        figures, seen, lots = world(rng, n_people, by_cases=by_cases, effect=0.0)
        p_values.append(dealt_arms_test(figures, seen, lots, rng, 399).p_value)
    assert 0.02 <= float(np.mean(np.array(p_values) <= 0.05)) <= 0.085


def test_nobody_follows_more_where_nobody_is_moved() -> None:
    """Followed where wrong: no difference on average (standard error .006), and T2 covers .92 or so."""
    rng = np.random.default_rng(2)
    seen = np.repeat((np.arange(10) % 2)[:, None], 6, axis=1).astype(float)
    differences, hits = [], 0
    for _ in range(200):
        cases = [rng.normal(0, 1, 4) + rng.normal(0, 1, (10, 4)) for _ in range(6)]
        proposals = [rng.normal(0, 1, 4) for _ in cases]
        differences.append(followed(cases, proposals, seen).difference)
        found = followed_over_people(cases, proposals, seen)
        hits += found.low <= 0 <= found.high
    assert abs(float(np.mean(differences))) < 0.03
    assert 0.87 <= hits / 200 <= 0.98
