"""Few cases graded by people, many by a judge only: one estimate from both (prediction-powered inference)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray
from harness.stats.pairs import ratio

MIN_BOTH = 3
"""Fewer cases graded by both say nothing about how far the judge can be trusted."""
MIN_CASES_SHARP = 30
"""Fewer cases graded by both: an illustration."""


class PoweredMean(NamedTuple):
    """The mean of people over all cases, from few of their grades and many of a judge's."""

    value: float
    low: float
    high: float
    tuning: float
    """lambda, 0 … 1: 0 = the judge is not used, 1 = its grades count fully, minus their mean error."""
    cases_worth: float
    """Cases graded by people alone that would be as sharp; NaN when there is no variation at all."""


def powered_mean(
    people: ArrayLike,
    judge: ArrayLike,
    judge_only: ArrayLike,
    tuning: float | None = None,
    *,
    small_sample: bool = False,
) -> PoweredMean:
    """Estimate a mean over cases from people's figures on some and a judge's figures on all of them.

    Parameters
    ----------
    people : array_like of shape (n_both,)
        People's figure per case, on cases that are a random sample of all.
    judge : array_like of shape (n_both,)
        The judge's figure on the same cases.
    judge_only : array_like of shape (n_judge_only,)
        The judge's figure on the cases that people did not grade.
    tuning : float, optional
        lambda; estimated when not given.
    small_sample : bool
        False: the published interval, with the normal quantile and variances divided by n. True: with the
        t quantile on n_both - 2 degrees of freedom and variances divided by n - 1, for few cases.

    Returns
    -------
    PoweredMean
        Value and 95 % interval on the scale of `people`. Whatever the judge's errors, the mean is unbiased
        for large samples; a bad judge makes it no worse than people alone, because lambda goes to 0.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases graded by both or by the judge only, or with a hole.

    Notes
    -----
    ``theta = lambda mean_N(f) + mean_n(Y - lambda f)``,
    ``se^2 = lambda^2 Var(f_N) / N + Var(Y - lambda f) / n``,
    ``lambda = Cov_n(Y, f) / ((1 + n/N) Var(f))``, the variance over all n + N cases with n + N - 1 in the
    denominator, then cut to 0 … 1 (as ppi-python 0.2.3 does); 0 when the judge says the same everywhere. With
    200 judge-only cases the published interval covers, in simulations, .80 with 5 cases graded by both, .88
    with 10 and .93 with 30; with `small_sample` .95, .94 and .95.

    References
    ----------
    A. N. Angelopoulos, J. C. Duchi & T. Zrnic, PPI++: Efficient Prediction-Powered Inference,
    arXiv:2311.01453; A. N. Angelopoulos et al., Science 382 (2023) 669-674, doi:10.1126/science.adi6000.

    Examples
    --------
    >>> found = powered_mean([1, 2, 4], [1, 2, 3], [2, 3, 4, 3], tuning=1.0)
    >>> round(found.value, 4)
    3.3333
    """
    y, f, only = _checked(people, judge, judge_only)
    weight = best_tuning(y, f, only) if tuning is None else tuning
    ddof = 1 if small_sample else 0
    own_variance = float(np.var(y - weight * f, ddof=ddof)) / len(y)
    variance = weight**2 * float(np.var(only, ddof=ddof)) / len(only) + own_variance
    value = weight * float(only.mean()) + float((y - weight * f).mean())
    reach = _quantile(len(y), small_sample=small_sample) * variance**0.5
    worth = float(ratio(np.var(y, ddof=ddof), variance))
    return PoweredMean(value, value - reach, value + reach, weight, worth)


def best_tuning(people: ArrayLike, judge: ArrayLike, judge_only: ArrayLike) -> float:
    """Say how far to trust a judge: the lambda that makes the interval shortest, cut to 0 … 1.

    Parameters
    ----------
    people, judge, judge_only
        As in `powered_mean`.

    Returns
    -------
    float
        0 = not at all (also when it says the same everywhere, or the opposite of people), 1 = fully.

    Raises
    ------
    UndefinedStatisticError
        As in `powered_mean`.
    """
    y, f, only = _checked(people, judge, judge_only)
    covariance = float(((y - y.mean()) * (f - f.mean())).mean())
    spread = (1.0 + len(y) / len(only)) * float(np.var(np.concatenate([f, only]), ddof=1))
    return min(1.0, max(0.0, covariance / spread)) if spread > 0 else 0.0


def _checked(
    people: ArrayLike, judge: ArrayLike, judge_only: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y, f, only = (np.asarray(side, dtype=np.float64).ravel() for side in (people, judge, judge_only))
    if len(y) != len(f):
        raise ValueError("people and judge need the same cases")
    if len(y) < MIN_BOTH or len(only) < MIN_BOTH:
        raise UndefinedStatisticError(f"{len(y)} cases by both, {len(only)} by the judge: three at least")
    if any(np.isnan(side).any() for side in (y, f, only)):
        raise UndefinedStatisticError("a case has no figure")
    return y, f, only


def _quantile(n_both: int, *, small_sample: bool) -> float:
    from scipy.special import ndtri, stdtrit

    return float(stdtrit(n_both - 2, 0.975)) if small_sample else float(ndtri(0.975))
