"""Whether a judge could stand in for one of the people: the alternative annotator test, for rankings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.pairs import ratio

EPSILON_EXPERTS = 0.2
EPSILON_SKILLED = 0.15
EPSILON_CROWD = 0.1
"""How much less often than a person a judge may be the nearer one, being cheaper: as the authors suggest."""
MIN_CASES_T = 30
"""Cases of one person from which the t test is used; the authors leave people with fewer out."""
FALSE_DISCOVERY_RATE = 0.05
_TOLERANCE = 1e-9
"""Means of the same fractions in another order differ by rounding: such a difference is none."""


class Duel(NamedTuple):
    """Who is at least as near to the other people in one case: the judge, or the person left out."""

    judge: FloatArray
    """(n_people,): share of the judge's verdicts that are at least as near as the person; NaN = no duel."""
    person: FloatArray
    """(n_people,): share of the verdicts that the person is at least as near as; ties count for both."""


class Replaceability(NamedTuple):
    """The test's two figures, and what lies behind them."""

    rho: float
    """Mean over people of the share of cases in which the judge is at least as near, 0 … 1."""
    omega: float
    """Share of the people for whom the judge is not worse by epsilon, 0 … 1; NaN when nobody was tested."""
    p_values: FloatArray
    """(n_people,): one per person; NaN = not tested."""
    n_cases: IntArray
    """(n_people,): cases with a duel."""


def duel(judge_taus: ArrayLike, person_means: ArrayLike) -> Duel:
    """Hold a judge against each person in turn, by agreement with the remaining people of one case.

    Parameters
    ----------
    judge_taus : array_like of shape (n_verdicts, n_people)
        tau_x of each of the judge's verdicts with each person; NaN = undefined.
    person_means : array_like of shape (n_people,)
        Mean tau_x of each person with the others (`harness.stats.others.TauSums.leave_one_out`); NaN = none.

    Returns
    -------
    Duel
        Shares over the verdicts, 0 … 1: what the judge asked once would win on average. With one verdict
        they are 0 or 1, as published.

    Notes
    -----
    ``S_f = mean of tau_x(judge, h_l) over l != j``, ``S_h = mean of tau_x(h_j, h_l) over l != j``;
    ``W_f = 1[S_f >= S_h]``, ``W_h = 1[S_h >= S_f]``. A person votes once, so the judge's verdicts are not
    pooled into a consensus first, which would be a committee against one person.

    References
    ----------
    N. Calderon, R. Reichart & R. Dror, ACL 2025, 16051-16081, arXiv:2501.10970.

    Examples
    --------
    >>> duel([[1.0, 0.0, 1.0]], [0.5, 0.75, 0.5]).judge
    array([1., 1., 1.])
    """
    taus, person = np.asarray(judge_taus, dtype=np.float64), np.asarray(person_means, dtype=np.float64)
    known = ~np.isnan(taus)
    filled = np.where(known, taus, 0.0)
    others = known.sum(axis=1, keepdims=True) - known
    judge = ratio(filled.sum(axis=1, keepdims=True) - filled, others)
    meet = ~np.isnan(judge) & ~np.isnan(person)
    ahead, behind = judge >= person - _TOLERANCE, judge <= person + _TOLERANCE
    return Duel(_share(ahead, meet), _share(behind, meet))


def alternative_annotator(
    judge_wins: ArrayLike,
    person_wins: ArrayLike,
    epsilon: float = EPSILON_SKILLED,
    min_cases: int = MIN_CASES_T,
) -> Replaceability:
    """Test whether a judge could stand in for one of the people, one person at a time.

    Parameters
    ----------
    judge_wins, person_wins : array_like of shape (n_people, n_cases)
        `Duel.judge` and `Duel.person` of every case; NaN = no duel.
    epsilon : float
        How much less often the judge may be the nearer one. Larger = easier for the judge.
    min_cases : int
        People with fewer cases are left out, as published; 1 tests everybody, with Wilcoxon's test for those
        with fewer than 30.

    Returns
    -------
    Replaceability
        The judge passes when omega >= .5; judges are compared by rho. An exact copy of a person's quality
        has a rho slightly above .5, because ties count for both.

    Raises
    ------
    UndefinedStatisticError
        Undefined when nobody has `min_cases` cases.

    Notes
    -----
    ``d = W_h - W_f`` per case, ``H0: E d >= epsilon``: one-sided t test, below 30 cases the exact signed-rank
    test of ``d - epsilon`` given its ties. Benjamini-Yekutieli at .05 over people: with m people the i
    smallest p are rejected up to the largest i with ``p_(i) <= i q / (m (1 + 1/2 + ... + 1/m))``. With six
    cases no p is below 1/64, so that with 14 people or more nobody can ever be rejected: report rho only.

    References
    ----------
    N. Calderon, R. Reichart & R. Dror, ACL 2025, 16051-16081, arXiv:2501.10970; Y. Benjamini & D. Yekutieli,
    Annals of Statistics 29 (2001) 1165-1188, doi:10.1214/aos/1013699998.
    """
    ahead, behind = np.asarray(judge_wins, dtype=np.float64), np.asarray(person_wins, dtype=np.float64)
    n_cases: IntArray = (~np.isnan(ahead)).sum(axis=1).astype(np.int64)
    tested = np.flatnonzero(n_cases >= max(1, min_cases))
    if len(tested) == 0:
        raise UndefinedStatisticError(f"nobody graded {max(1, min_cases)} of the judge's cases")
    p_values = np.full(len(ahead), np.nan)
    for who in tested:
        known = ~np.isnan(ahead[who])
        p_values[who] = _p_value(behind[who, known] - ahead[who, known], epsilon)
    omega = float(rejected_under_dependence(p_values[tested]).mean())
    return Replaceability(advantage(ahead[tested]), omega, p_values, n_cases)


def advantage(judge_wins: ArrayLike) -> float:
    """Say how often the judge is at least as near to people as a person is: rho.

    Parameters
    ----------
    judge_wins : array_like of shape (n_people, n_cases)
        NaN = no duel.

    Returns
    -------
    float
        Mean over people of each one's mean over cases, 0 … 1; about .5 = like one more person.

    Raises
    ------
    UndefinedStatisticError
        Undefined without any duel.

    Examples
    --------
    >>> advantage([[1, 0, 1, 1], [0, 0, float("nan"), 1]]) == (3 / 4 + 1 / 3) / 2
    True
    """
    means = _person_means(np.asarray(judge_wins, dtype=np.float64))
    if np.isnan(means).all():
        raise UndefinedStatisticError("the judge met nobody in any case")
    return float(np.nanmean(means))


def advantage_leave_one_out(judge_wins: ArrayLike) -> FloatArray:
    """Give rho without each case in turn, for its jackknife interval over cases.

    Parameters
    ----------
    judge_wins : array_like of shape (n_people, n_cases)
        NaN = no duel.

    Returns
    -------
    ndarray of shape (n_cases_met,)
        One figure for each case with a duel; NaN when no duel is left without it.
    """
    wins = np.asarray(judge_wins, dtype=np.float64)
    known = ~np.isnan(wins)
    filled = np.where(known, wins, 0.0)
    means = ratio(filled.sum(axis=1, keepdims=True) - filled, known.sum(axis=1, keepdims=True) - known)
    defined = ~np.isnan(means)
    left_out = ratio(np.where(defined, means, 0.0).sum(axis=0), defined.sum(axis=0))
    return left_out[known.any(axis=0)]


def rejected_under_dependence(p_values: ArrayLike, rate: float = FALSE_DISCOVERY_RATE) -> BoolArray:
    """Say which of several tests hold, however they depend on each other (Benjamini-Yekutieli).

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)
    rate : float
        Expected share of false ones among those rejected.

    Returns
    -------
    ndarray of bool of shape (n_tests,)

    References
    ----------
    Y. Benjamini & D. Yekutieli, Annals of Statistics 29 (2001) 1165-1188, doi:10.1214/aos/1013699998.

    Examples
    --------
    >>> rejected_under_dependence([0.001, 0.9, 0.01]).tolist()
    [True, False, True]
    """
    p = np.asarray(p_values, dtype=np.float64)
    places = np.arange(1, len(p) + 1)
    order = np.argsort(p, kind="stable")
    below = np.flatnonzero(p[order] <= places * rate / (len(p) * (1.0 / places).sum()))
    rejected = np.zeros(len(p), dtype=np.bool_)
    if below.size:
        rejected[order[: below[-1] + 1]] = True
    return rejected


def signed_rank_p(differences: ArrayLike) -> float:
    """Ask whether differences lie below 0, from the ranks of their sizes (Wilcoxon, one-sided, exact).

    Parameters
    ----------
    differences : array_like of shape (n_cases,)
        Zeros are left out, equal sizes share their mid-rank.

    Returns
    -------
    float
        ``P(W+ <= observed)`` when every sign is a coin flip, given the sizes; at least ``2**-n``.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a difference other than 0.

    References
    ----------
    F. Wilcoxon, Biometrics Bulletin 1 (1945) 80-83, doi:10.2307/3001968.

    Examples
    --------
    >>> signed_rank_p([-1, -2, -3, -4, -5, -6]) == 1 / 64
    True
    """
    from scipy.stats import rankdata

    found = np.asarray(differences, dtype=np.float64).ravel().round(9)
    found = found[found != 0]
    if len(found) == 0:
        raise UndefinedStatisticError("no difference other than 0")
    # Mid-ranks are halves: doubled, they are whole numbers, and sums can be counted.
    doubled = np.rint(2.0 * rankdata(np.abs(found))).astype(np.int64)
    chances = np.ones(1)
    for rank in doubled:
        chances = np.concatenate([chances, np.zeros(rank)]) + np.concatenate([np.zeros(rank), chances])
        chances /= 2.0
    observed = int(doubled[found > 0].sum())
    return float(min(1.0, chances[: observed + 1].sum()))


def _p_value(differences: FloatArray, epsilon: float) -> float:
    if len(differences) < MIN_CASES_T:
        return signed_rank_p(differences - epsilon)
    return _t_p(differences, epsilon)


def _t_p(differences: FloatArray, epsilon: float) -> float:
    """One-sided t test of a mean below epsilon; without any spread the mean itself decides."""
    from scipy.special import stdtr

    centre, error = differences.mean(), differences.std(ddof=1) / len(differences) ** 0.5
    if error <= _TOLERANCE:
        return 0.0 if centre < epsilon else 1.0
    return float(stdtr(len(differences) - 1, (centre - epsilon) / error))


def _share(wins: BoolArray, meet: BoolArray) -> FloatArray:
    return ratio((wins & meet).sum(axis=0), meet.sum(axis=0))


def _person_means(wins: FloatArray) -> FloatArray:
    known = ~np.isnan(wins)
    return ratio(np.where(known, wins, 0.0).sum(axis=1), known.sum(axis=1))
