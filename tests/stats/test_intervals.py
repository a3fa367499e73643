"""Intervals and the sign-flip test."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.errors import UndefinedStatisticError
from harness.stats import group, intervals, pairs, shift

NAN = float("nan")
values = st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=12)


def mean_of_cases(cases: list[np.ndarray]) -> float:
    """Mean over all numbers of all cases, each case weighing the same."""
    return float(np.mean([case.mean() for case in cases]))


def _total(differences: np.ndarray) -> float:
    return float(differences.sum())


def noise_share(cases: list[np.ndarray]) -> float:
    """Share of noise, the estimator of the coverage tests."""
    return shift.shares([shift.components_square(case) for case in cases]).noise


def test_mean_interval_equals_scipys() -> None:
    """The interval of a mean is scipy's one-sample t interval, and NaN cases are left out and not counted."""
    per_case = [0.31, -0.2, 0.55, 0.1, NAN, 0.47]
    expected = stats.ttest_1samp([v for v in per_case if v == v], 0.0).confidence_interval(0.9)  # noqa: PLR0124
    found = intervals.mean_t_interval(per_case, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.n_units == 5


@given(values)
def test_jackknife_of_a_mean_is_the_t_interval(numbers: list[float]) -> None:
    """Leaving one out of a mean gives the ordinary t interval, exactly."""
    array = np.array(numbers)
    left_out = [np.delete(array, i).mean() for i in range(len(array))]
    found = intervals.jackknife_t(left_out, float(array.mean()))
    assert found == pytest.approx(intervals.mean_t_interval(array), abs=1e-9)


def test_jackknife_by_hand() -> None:
    """Three units: SE² = 2/3 · sum of squares, quantile t_2 = 4.302653."""
    # estimates 1, 2, 4 have mean 7/3 and squares 16/9 + 1/9 + 25/9 = 42/9; SE = √(28/9)
    reach = 4.302652730 * (28 / 9) ** 0.5
    found = intervals.jackknife_t([1, 2, 4], 2.5)
    assert (found.low, found.high) == pytest.approx((2.5 - reach, 2.5 + reach))
    assert found.n_units == 3


def test_shares_stay_within_zero_and_one() -> None:
    """On the arcsine scale an interval never leaves 0 … 1, and a negative share is clipped, not refused."""
    near_zero = intervals.jackknife_t([-0.02, 0.03, 0.01, 0.06], 0.02, "arcsin_sqrt")
    assert near_zero.low == 0
    assert 0.02 < near_zero.high < 1
    assert near_zero == intervals.jackknife_t([0.0, 0.03, 0.01, 0.06], 0.02, "arcsin_sqrt")
    near_one = intervals.jackknife_t([0.99, 0.95, 1.0, 0.9], 0.98, "arcsin_sqrt")
    assert near_one.high == 1


def test_arcsine_interval_by_hand() -> None:
    """Shares sin²(.2), sin²(.3), sin²(.4) are the angles .2, .3, .4 on the scale of the interval."""
    left_out = np.sin([0.2, 0.3, 0.4]) ** 2
    # SE² = 2/3 · .02, t_2 = 4.302653: .6 ± .49682
    reach = 4.302652730 * (0.02 * 2 / 3) ** 0.5
    found = intervals.jackknife_t(left_out, float(np.sin(0.6) ** 2), "arcsin_sqrt")
    assert found.low == pytest.approx(np.sin(0.6 - reach) ** 2)
    assert found.high == pytest.approx(np.sin(0.6 + reach) ** 2)


def test_each_target_leaves_out_its_own_unit() -> None:
    """Runs are axis 2 in all cases at once, people rows in all cases at once, cases one by one."""
    rng = np.random.default_rng(9)
    runs = [rng.random((2, 3, 5, 4)), rng.random((2, 3, 5, 4))]
    by_run = np.array([mean_of_cases([case[:, :, [i]] for case in runs]) for i in range(5)])
    assert intervals.interval_over_runs(runs, mean_of_cases) == pytest.approx(
        intervals.mean_t_interval(by_run)
    )
    people = [rng.random((6, 4)), rng.random((6, 3))]
    by_person = np.array([mean_of_cases([case[[i]] for case in people]) for i in range(6)])
    found = intervals.interval_over_people(people, mean_of_cases)
    assert found == pytest.approx(intervals.mean_t_interval(by_person))
    cases = [rng.random((3, 2)) for _ in range(7)]
    by_case = [float(case.mean()) for case in cases]
    found = intervals.interval_over_cases(cases, mean_of_cases, transform="none")
    assert found == pytest.approx(intervals.mean_t_interval(by_case))


def test_people_interval_of_case_h(six_people: np.ndarray) -> None:
    """Leaving out each of six people around .1; the interval holds it and counts six people."""

    def agreement(cases: list[np.ndarray]) -> float:
        return float(np.mean([group.mean_pairwise_tau(case) for case in cases]))

    found = intervals.interval_over_people([six_people], agreement)
    # leaving out person h: (15 · .1 - 5 · loo_h) / 10, loo of methods.md §1.5
    left_out = [(1.5 - 5 * loo) / 10 for loo in (0.3, 0.3, 0.7 / 3, 0.7 / 3, 0.7 / 3, -0.7)]
    assert found == pytest.approx(intervals.jackknife_t(left_out, 0.1))
    assert found.low < 0.1 < found.high
    assert found.n_units == 6


def test_sign_flips_by_hand() -> None:
    """Six differences of one sign have p = 2/64; flipping the smallest adds the arrangements it reaches."""
    assert intervals.sign_flip_test([0.1, 0.2, 0.3, 0.5, 0.6, 0.7]) == 2 / 64
    # sum 2.2; at least 2.2 also without the smallest alone: {all +}, {-.1}: 2 sums of 2.4, 2.2 and mirrored
    assert intervals.sign_flip_test([-0.1, 0.2, 0.3, 0.5, 0.6, 0.7]) == 4 / 64
    assert intervals.sign_flip_test([0.0, 0.0]) == 1


def test_sign_flips_equal_scipys_exact_permutation() -> None:
    """The exact p equals scipy's permutation test of paired samples."""
    rng = np.random.default_rng(21)
    for n_cases in (4, 7, 11):
        deltas = np.round(rng.normal(0.3, 1, n_cases), 1)
        expected = stats.permutation_test(
            (deltas,), _total, permutation_type="samples", n_resamples=100_000, vectorized=False
        ).pvalue
        assert intervals.sign_flip_test(deltas) == pytest.approx(expected)


def test_many_cases_are_flipped_at_random() -> None:
    """Above 20 cases the p-value is drawn with the seed that is passed, and close to the normal one."""
    deltas = np.linspace(-1, 1.4, 25)
    drawn = intervals.sign_flip_test(deltas, np.random.default_rng(0))
    z = deltas.sum() / (deltas**2).sum() ** 0.5
    assert drawn == pytest.approx(2 * stats.norm.sf(z), abs=0.02)
    assert drawn == intervals.sign_flip_test(deltas, np.random.default_rng(0))
    with pytest.raises(ValueError, match="rng"):
        intervals.sign_flip_test(deltas)


def test_jeffreys_tails() -> None:
    """The ends cut 2.5 % off Beta(x + ½, n - x + ½), and reach 0 and 1 at the extremes."""
    found = intervals.jeffreys_interval(3.5, 14)
    assert stats.beta(4, 11).cdf([found.low, found.high]).tolist() == pytest.approx([0.025, 0.975])
    assert intervals.jeffreys_interval(0, 10).low == 0
    assert intervals.jeffreys_interval(12, 12).high == 1


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: intervals.mean_t_interval([0.1, 0.2, NAN]), "too few cases: 2 of at least 3"),
        (lambda: intervals.jackknife_t([0.1], 0.1), "too few"),
        (lambda: intervals.jackknife_t([0.1, NAN, 0.2], 0.1), "undefined when some unit"),
        (lambda: intervals.interval_over_runs([np.ones((1, 1, 1, 2))], mean_of_cases), "too few runs"),
        (lambda: intervals.interval_over_people([np.ones((2, 4))], mean_of_cases), "too few people"),
        (lambda: intervals.interval_over_cases([np.ones((2, 4))] * 2, mean_of_cases), "too few cases"),
        (lambda: intervals.sign_flip_test([]), "every case"),
        (lambda: intervals.sign_flip_test([0.1, NAN]), "every case"),
        (lambda: intervals.jeffreys_interval(3, 9), "too few: 9 of at least 10"),
    ],
)
def test_too_few_is_said_in_words(compute: Callable[[], object], reason: str) -> None:
    """Below the smallest sensible number there is a reason instead of an interval."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute()


def test_uneven_input_is_refused() -> None:
    """Runs and people must be the same in every case; successes cannot exceed trials."""
    with pytest.raises(ValueError, match="same number of runs"):
        intervals.interval_over_runs([np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 2))], mean_of_cases)
    with pytest.raises(ValueError, match="one row for every person"):
        intervals.interval_over_people([np.ones((3, 4)), np.ones((4, 4))], mean_of_cases)
    with pytest.raises(ValueError, match="successes"):
        intervals.jeffreys_interval(11, 10)


@pytest.mark.slow
def test_coverage_over_cases() -> None:
    """With 12 simulated cases the interval of the noise share holds the true share in 85 to 99 %."""
    rng = np.random.default_rng(6)

    def one_case() -> np.ndarray:
        utility = rng.normal(size=(3, 1, 1, 4)) + rng.normal(size=4) + rng.gumbel(size=(3, 2, 3, 4))
        return pairs.thermometer(np.digitize(utility, [-0.5, 0.7, 1.9]).astype(float))

    truth = noise_share([one_case() for _ in range(3000)])
    found = [intervals.interval_over_cases([one_case() for _ in range(12)], noise_share) for _ in range(200)]
    held = np.mean([low <= truth <= high for low, high, _ in found])
    assert 0.85 <= held <= 0.99


def test_flips_drawn_in_pieces_are_those_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many flips are drawn at a time, the stream and the p-value are those of one large table."""
    deltas = np.random.default_rng(3).normal(0.2, 1, 30)
    flips = np.random.default_rng(8).integers(0, 2, (9_999, 30)) * 2 - 1
    seen = abs(deltas.sum()) - 1e-12 * np.abs(deltas).sum()
    expected = (1 + (np.abs(flips @ deltas) >= seen).sum()) / 10_000
    for at_once in (31, 5_000, 10**9):
        monkeypatch.setattr(intervals, "_FLIPS_AT_ONCE", at_once)
        assert intervals.sign_flip_test(deltas, np.random.default_rng(8)) == expected
