"""Signals of carelessness: reliability, patterns, times, and the test against blind answers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import careful
from harness.stats.agreement import tau_x
from harness.stats.blind import better_than_chance
from harness.stats.consensus import borda
from harness.stats.others import tau_sums

NAN = float("nan")


def simulated_class(rng: np.random.Generator, n_cases: int, n_random: int = 1) -> np.ndarray:
    """Twelve people on cases of four answers, the first ones grading at random; mean tau_x about .3."""
    shared = rng.normal(0.0, 1.0, (n_cases, 1, 4))
    own = shared + 0.9 * rng.gumbel(size=(n_cases, 12, 4))
    grades = 1.0 + np.searchsorted([-0.9, 0.0, 0.9], own - own.mean(axis=2, keepdims=True))
    grades[:, :n_random] = rng.integers(1, 5, (n_cases, n_random, 4))
    return np.asarray(grades)


def reliability_of(grades: np.ndarray) -> careful.Reliability:
    """The reliability of people whose grades are (n_cases, n_people, n_answers)."""
    return careful.reliability(np.array([tau_sums(case).leave_one_out for case in grades]).T)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_cases", "found", "spurious"), [(6, 0.63, 0.010), (12, 0.82, 0.012), (24, 0.96, 0.008)]
)
def test_flag_rates_of_one_random_responder_among_twelve(n_cases: int, found: float, spurious: float) -> None:
    """The cut finds a random responder as often, and accuses others as seldom, as methods.md §7 states."""
    rng = np.random.default_rng(20)
    low = np.array(
        [careful.low_agreement(reliability_of(simulated_class(rng, n_cases))) for _ in range(1_000)]
    )
    # The specification's world is not given in full: ours has mean tau_x .32 between careful people.
    assert low[:, 0].mean() == pytest.approx(found, abs=0.08)
    assert low[:, 1:].mean() == pytest.approx(spurious, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize(("n_cases", "certified"), [(6, 0.71), (12, 0.95), (24, 1.0)])
def test_who_is_certified_better_than_chance(n_cases: int, certified: float) -> None:
    """Careful people pass at least as often as methods.md §7 states, random ones .05: no proof, no guilt."""
    rng = np.random.default_rng(21)
    passed = []
    for _ in range(400):
        grades = simulated_class(rng, n_cases)
        for who in (0, 1):
            cases = [(case[who], np.delete(case, who, axis=0)) for case in grades]
            passed.append(better_than_chance(cases, rng, 199).p_value <= 0.05)
    at_random, careful_one = np.array(passed).reshape(-1, 2).mean(axis=0)
    assert at_random == pytest.approx(0.05, abs=0.03)
    assert certified - 0.05 <= careful_one <= min(1.0, certified + 0.15)
    # Six cases: absence of proof only.
    assert n_cases > 6 or careful_one < 0.95


@pytest.mark.slow
def test_weights_help_a_little_when_a_third_are_noise() -> None:
    """With 4 of 12 people very noisy, weights by agreement bring the consensus a little nearer the truth."""
    rng = np.random.default_rng(22)
    hits = np.zeros(2)
    n_worlds = 150
    for _ in range(n_worlds):
        shared = rng.normal(0.0, 1.0, (6, 1, 4))
        noise = np.where(np.arange(12) < 4, 4.0, 0.7)[None, :, None]
        own = shared + noise * rng.gumbel(size=(6, 12, 4))
        spread = own.std(axis=2, keepdims=True)
        grades = 1.0 + np.searchsorted([-0.9, 0.0, 0.9], (own - own.mean(axis=2, keepdims=True)) / spread)
        agreement = np.mean([tau_sums(case).leave_one_out for case in grades], axis=0)
        for place, weights in enumerate((np.ones(12), np.maximum(agreement, 0.0))):
            orders = np.array([careful.weighted_borda(case, weights) for case in grades])
            hits[place] += np.mean(
                [tau_x(order, truth[0]) for order, truth in zip(orders, shared, strict=True)]
            )
    plain, weighted = hits / n_worlds
    assert 0.0 < weighted - plain < 0.1


def test_reliability_by_hand() -> None:
    """Three people on two cases: deviations from each case's mean, and how far these are believed."""
    # Case means .4 and .2; deviations (.1, .2), (.0, .0), (-.1, -.2): raw .15, 0, -.15.
    found = careful.reliability([[0.5, 0.4], [0.4, 0.2], [0.3, 0.0]])
    assert found.raw == pytest.approx([0.15, 0.0, -0.15])
    # within = (2 * .05**2 * 2) / 3 = .01 / 3; between = .0225 - within / 2; kappa = within / between.
    within = 0.01 / 3
    kappa = within / (0.0225 - within / 2)
    assert found.kappa == pytest.approx(kappa)
    assert found.shrunk == pytest.approx(np.array([0.15, 0.0, -0.15]) * 2 / (2 + kappa))


def test_a_hard_case_pulls_nobody_down() -> None:
    """Who graded only the case on which everybody disagrees is no less reliable for it."""
    table = np.array([[0.8, 0.8, -0.2], [0.8, 0.8, -0.2], [NAN, NAN, -0.2], [0.8, 0.8, NAN]])
    assert careful.reliability(table).raw == pytest.approx([0.0] * 4)


@given(st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=3, max_size=8))
def test_adding_to_a_whole_case_changes_nothing(table: list[list[float]]) -> None:
    """Reliability compares people inside cases: an easier case moves no one; values add up to 0."""
    array = np.array(table)
    found, moved = careful.reliability(array), careful.reliability(array + np.array([0.0, 0.5, -0.3, 0.1]))
    assert found.raw == pytest.approx(moved.raw, abs=1e-9)
    assert found.raw.sum() == pytest.approx(0.0, abs=1e-9)
    assert (np.abs(found.shrunk) <= np.abs(found.raw) + 1e-12).all()


def test_people_who_differ_by_chance_only_are_not_told_apart() -> None:
    """When persons' means differ less than chance makes them, everybody is shrunk to 0."""
    found = careful.reliability([[0.5, -0.5], [-0.5, 0.5], [0.0, 0.0]])
    assert found.kappa == float("inf")
    assert found.shrunk.tolist() == [0.0, 0.0, 0.0]


def test_one_case_each_says_nothing_about_people() -> None:
    """With one case each, noise and person cannot be separated: no shrunk value, nobody low."""
    found = careful.reliability([[0.5], [0.4], [-0.9]])
    assert np.isnan(found.kappa)
    assert np.isnan(found.shrunk).all()
    assert not careful.low_agreement(found).any()


def test_two_people_are_too_few_to_call_one_odd() -> None:
    """With two people each is the other's only measure."""
    with pytest.raises(UndefinedStatisticError, match="too few"):
        careful.reliability([[0.1, 0.2], [0.1, 0.2]])


def found_reliability(raw: list[float], n_cases: list[float] | None = None) -> careful.Reliability:
    """A reliability with these raw values."""
    cases = np.array(n_cases or [6.0] * len(raw))
    values = np.array(raw)
    return careful.Reliability(values, values, cases, 1.0, values[:, None])


def test_the_cut_is_three_robust_deviations() -> None:
    """Median 0, MAD .1: the cut lies at -.44478."""
    # Deviations from 0, sorted: 0 0 0 .05 .1 .1 .1 .1 and the last one's: the fifth of nine is .1.
    rest = [0.1, 0.1, 0.0, -0.1, -0.1, 0.0, 0.0, 0.05]
    assert careful.low_agreement(found_reliability([*rest, -0.45])).tolist() == [False] * 8 + [True]
    assert not careful.low_agreement(found_reliability([*rest, -0.44])).any()


def test_nobody_is_low_where_the_spread_is_unknown() -> None:
    """When more than half have the same value the MAD is 0, and a hair's breadth would accuse the rest."""
    assert not careful.low_agreement(found_reliability([0.1, 0.1, 0.1, 0.1, -0.5])).any()


def test_a_person_with_two_cases_is_never_low() -> None:
    """Two cases are too few to call anybody low, and such a person does not move the cut either."""
    raw = [0.1, 0.05, 0.0, -0.05, -0.1, -0.9]
    assert careful.low_agreement(found_reliability(raw)).tolist() == [False] * 5 + [True]
    assert not careful.low_agreement(found_reliability(raw, [6, 6, 6, 6, 6, 2])).any()


def test_all_tied_rankings() -> None:
    """All graded answers equal is all tied; one graded answer, or none, is not."""
    grades = [[2, 2, 2], [2, 2, NAN], [2, NAN, NAN], [NAN] * 3, [1, 2, 2]]
    assert careful.is_all_tied(np.array(grades)).tolist() == [True, True, False, False, False]


def test_the_commonest_pattern_of_slots() -> None:
    """Four of five cases with 4 3 2 1 from left to right is .8; all tied is no pattern; three are too few."""
    line = [4, 3, 2, 1]
    assert careful.commonest_pattern([line, line, line, line, [1, 2, 3, 4]]) == 0.8
    assert careful.commonest_pattern([[2, 2], [2, 2], [2, 2], [1, 2]]) == 0.25
    assert np.isnan(careful.commonest_pattern([line, line, line]))


def test_relative_time_by_hand() -> None:
    """Half of the case's median in every case is .5; a case with two timed people does not count."""
    seconds = [[30, 20, 1], [60, 40, 1], [90, 80, NAN], [60, NAN, NAN]]
    assert careful.relative_time(np.array(seconds)) == pytest.approx([0.5, 1.0, 1.75, 1.0])
    assert np.isnan(careful.relative_time([[3.0, 4.0], [3.0, 4.0]])).all()


def test_better_than_chance_is_exact_for_one_case(six_people: np.ndarray) -> None:
    """The first of case H agrees .3 with the others; all 24 relabellings, tried one by one, give the p."""
    own, others = six_people[0], six_people[1:]
    every = [float(tau_x(own[list(order)], others).mean()) for order in itertools.permutations(range(4))]
    expected = np.mean([agreement >= 0.3 - 1e-9 for agreement in every])
    found = better_than_chance([(own, others)], np.random.default_rng(1), 9_999)
    assert found.statistic == pytest.approx(0.3)
    assert found.p_value == pytest.approx(expected, abs=0.02)


def test_better_than_chance_with_holes_is_the_mean_tau() -> None:
    """Incomplete rankings count on the pairs that both ranked, others without a shared pair not at all."""
    own = np.array([3.0, NAN, 1, 2])
    others = np.array([[4.0, 3, 2, 1], [1, 2, NAN, 2], [NAN, 4, NAN, 1], [1, NAN, 3, 3]])
    expected = np.nanmean(tau_x(own, others))
    found = better_than_chance([(own, others)], np.random.default_rng(1))
    assert found.statistic == pytest.approx(float(expected))


def test_seven_answers_are_dealt_at_random() -> None:
    """Beyond six answers relabellings are drawn; a perfect agreement is still found out as such."""
    own = np.arange(7.0)
    found = better_than_chance([(own, own[None])] * 2, np.random.default_rng(2), 499)
    assert found.statistic == 1.0
    assert found.p_value < 0.01


def test_a_person_who_ties_everything_is_never_better_than_chance(six_people: np.ndarray) -> None:
    """Relabelling equal grades changes nothing: p is 1."""
    found = better_than_chance([(np.ones(4), six_people)] * 6, np.random.default_rng(3))
    assert found.p_value == 1.0


@pytest.mark.parametrize("own", [[NAN, NAN, 1.0], [NAN, NAN, NAN]])
def test_nothing_shared_is_undefined(own: list[float]) -> None:
    """Whoever ranked no pair, or shares none with anybody, cannot be tested."""
    with pytest.raises(UndefinedStatisticError):
        better_than_chance([(own, [[1.0, 2, 3]])], np.random.default_rng(0))


def test_equal_weights_are_borda(six_people: np.ndarray) -> None:
    """With equal weights the places are Borda's 3.25, 2.75, 2.25, 1.75 of case H; a weight of 0 removes."""
    assert careful.weighted_borda(six_people, np.full(6, 0.7)) == pytest.approx(borda(six_people))
    assert careful.weighted_borda(six_people, np.ones(6)) == pytest.approx([3.25, 2.75, 2.25, 1.75])
    without = careful.weighted_borda(six_people, [1, 1, 1, 1, 1, 0])
    assert without == pytest.approx(borda(six_people[:5]))
    assert np.isnan(careful.weighted_borda(six_people, np.zeros(6))).all()
