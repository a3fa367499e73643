"""Prediction-powered means: the published vector, ppi-python, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats.ppi import best_tuning, powered_mean

PEOPLE = [3, 1, 4, 2, 3, 2, 4, 1, 3, 2]
JUDGE = [2.5, 1.5, 3.5, 2.5, 3, 1.5, 4, 1, 2.5, 2.5]
JUDGE_ONLY = [
    *(1, 2, 3, 4, 2, 3, 2, 3, 1, 4, 2.5, 3.5, 1.5, 2, 3),
    *(4, 3, 2, 1, 3.5, 2, 3, 4, 2, 3, 1, 2, 3.5, 4, 2.5),
]

figures = st.lists(st.integers(-40, 40).map(lambda tenths: tenths / 10), min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("tuning", "value", "low", "high"),
    [
        (0.0, 2.5, 1.8649, 3.1351),
        (1.0, 2.65, 2.2205, 3.0795),
        (None, 2.6016945, 2.1963, 3.0071),
    ],
)
def test_the_published_vector(tuning: float | None, value: float, low: float, high: float) -> None:
    """The vector of methods.md §2.3 without the judge, with it, and with the estimated lambda."""
    found = powered_mean(PEOPLE, JUDGE, JUDGE_ONLY, tuning)
    assert found.value == pytest.approx(value, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_published_tuning() -> None:
    """Lambda of the vector in methods.md §2.3."""
    assert best_tuning(PEOPLE, JUDGE, JUDGE_ONLY) == pytest.approx(0.6779631, abs=5e-8)


ORACLE = {
    (5, 40, 0.9, 0.0): {
        0.0: (1.966, 1.1642697904650965, 2.7677302095349035),
        1.0: (1.99875, 1.4392071478233932, 2.558292852176607),
        0.5: (1.9823749999999998, 1.4761712581453421, 2.488578741854657),
        None: (1.9835653469101482, 1.48815555121944, 2.4789751426008566),
    },
    (10, 200, 0.6, 0.3): {
        0.0: (2.366, 1.914397757562942, 2.817602242437058),
        1.0: (2.72865, 2.1811166474839547, 3.2761833525160453),
        0.5: (2.547325, 2.1819252258634, 2.9127247741365996),
        None: (2.5469955746116755, 2.1817144244889732, 2.9122767247343777),
    },
    (30, 30, 0.2, -0.5): {
        0.0: (1.8760000000000001, 1.553542935291362, 2.1984570647086383),
        1.0: (2.231666666666667, 1.7135638088627982, 2.7497695244705356),
        0.5: (2.0538333333333334, 1.6801986382252514, 2.427468028441415),
        None: (1.8957382741900284, 1.5742818135634737, 2.2171947348165832),
    },
    (40, 1000, 0.95, 0.0): {
        0.0: (1.9085, 1.571138049996137, 2.2458619500038632),
        1.0: (1.9822000000000002, 1.8579600000712349, 2.1064399999287655),
        0.5: (1.9453500000000001, 1.7546039907474864, 2.136096009252514),
        None: (1.9822000000000002, 1.8579600000712349, 2.1064399999287655),
    },
    (12, 60, -0.7, 0.0): {
        0.0: (1.6608333333333334, 1.094307963660789, 2.2273587030058777),
        1.0: (1.4160000000000001, 0.4711939903352985, 2.3608060096647017),
        0.5: (1.5384166666666665, 0.7990726305605517, 2.2777607027727815),
        None: (1.6608333333333334, 1.094307963660789, 2.2273587030058777),
    },
}


def test_ppi_python_gives_the_same() -> None:
    """Five worlds, one with a judge that contradicts people, at three lambdas and the estimated one."""
    # ppi-python 0.2.3, in an environment of its own, on the arrays made here: its functions
    # ppi_mean_pointestimate and ppi_mean_ci, with alpha .05 and these lambdas
    rng = np.random.default_rng(2023)
    for (n, n_only, rho, shift), by_tuning in ORACLE.items():
        z = rng.normal(size=n + n_only)
        f = np.round(2 + rho * z + np.sqrt(1 - rho**2) * rng.normal(size=n + n_only) + shift, 2)
        people = np.round(2 + z[:n], 2)
        for tuning, expected in by_tuning.items():
            found = powered_mean(people, f[:n], f[n:], tuning)
            assert (found.value, found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_by_hand() -> None:
    """Three cases by both, four by the judge only, lambda 1."""
    # mean of f_N = 3; Y - f = 0, 0, 1: mean 1/3, variance 2/9; Var f_N = 1/2
    # se^2 = 1/8 + 2/27; Var Y = 14/9 over (1/8 + 2/27) is what it is worth
    found = powered_mean([1, 2, 4], [1, 2, 3], [2, 3, 4, 3], tuning=1.0)
    variance = 1 / 8 + 2 / 27
    assert found.value == pytest.approx(3 + 1 / 3)
    assert found.high - found.value == pytest.approx(1.959963985 * variance**0.5)
    assert found.cases_worth == pytest.approx(14 / 9 / variance)


def test_small_samples_by_hand() -> None:
    """The same three cases with n - 1 in the variances and t on one degree of freedom."""
    found = powered_mean([1, 2, 4], [1, 2, 3], [2, 3, 4, 3], tuning=1.0, small_sample=True)
    variance = (2 / 3) / 4 + (1 / 3) / 3
    assert found.high - found.value == pytest.approx(12.70620474 * variance**0.5)
    assert found.cases_worth == pytest.approx((7 / 3) / variance)


@given(figures, figures, figures)
def test_an_opposite_judge_is_not_used(people: list[float], judge: list[float], only: list[float]) -> None:
    """Of a judge and its mirror image at most one is trusted, and lambda stays in 0 … 1."""
    size = min(len(people), len(judge))
    y, f, rest = np.array(people[:size]), np.array(judge[:size]), np.array(only)
    one, other = best_tuning(y, f, rest), best_tuning(y, -f, -rest)
    assert min(one, other) == 0.0
    assert 0.0 <= max(one, other) <= 1.0


@given(figures, figures, figures, st.floats(-5, 5))
def test_a_constant_error_of_the_judge_is_taken_off(
    people: list[float], judge: list[float], only: list[float], shift: float
) -> None:
    """A judge that is too generous everywhere by the same amount changes nothing."""
    size = min(len(people), len(judge))
    y, f, rest = np.array(people[:size]), np.array(judge[:size]), np.array(only)
    assume(f.std() > 0 and rest.std() > 0)
    plain, shifted = powered_mean(y, f, rest), powered_mean(y, f + shift, rest + shift)
    assert tuple(shifted[:4]) == pytest.approx(tuple(plain[:4]), abs=1e-8)


def test_a_judge_that_says_the_same_everywhere_teaches_nothing() -> None:
    """Without variation lambda is 0, and the estimate is people's own."""
    found = powered_mean(PEOPLE, [2.0] * 10, [2.0] * 30)
    assert (found.tuning, found.value) == (0.0, 2.5)
    assert found.cases_worth == pytest.approx(10)


def test_a_perfect_judge_is_worth_many_cases() -> None:
    """A judge equal to people on all cases makes fifty graded cases worth several hundred."""
    rng = np.random.default_rng(1)
    every = rng.normal(size=2050)
    assert powered_mean(every[:50], every[:50], every[50:]).cases_worth > 400


@pytest.mark.parametrize(
    ("people", "judge", "only"),
    [([1, 2], [1, 2], [1, 2, 3]), ([1, 2, 3], [1, 2, 3], [1, 2]), ([1, 2, np.nan], [1, 2, 3], [1, 2, 3])],
)
def test_too_little_is_undefined(people: list[float], judge: list[float], only: list[float]) -> None:
    """Two cases on either side, or a hole, give no estimate."""
    with pytest.raises(UndefinedStatisticError):
        powered_mean(people, judge, only)


def test_other_cases_are_an_error_of_the_caller() -> None:
    """People and judge must be given on the same cases."""
    with pytest.raises(ValueError, match="same cases"):
        powered_mean([1, 2, 3], [1, 2, 3, 4], [1, 2, 3])


@pytest.mark.slow
def test_small_samples_cover_what_they_promise() -> None:
    """Ten cases by both and 200 by the judge: the t interval holds the truth in 93 to 96 of 100 studies."""
    rng = np.random.default_rng(9)
    held = {True: 0, False: 0}
    n_studies = 2500
    for _ in range(n_studies):
        z = rng.normal(size=210)
        f = 0.6 * z + 0.8 * rng.normal(size=210)
        for small in held:
            found = powered_mean(z[:10], f[:10], f[10:], small_sample=small)
            held[small] += found.low <= 0 <= found.high
    assert 0.93 <= held[True] / n_studies <= 0.96
    assert held[False] / n_studies < 0.91
