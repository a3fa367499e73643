"""Worth of items that are ranked together, ties allowed: Davidson-Luce."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray
from harness.stats.intervals import MIN_UNITS
from harness.stats.luce import Likelihood
from harness.stats.stages import (
    Pool,
    Stages,
    beaten,
    distinct_rows,
    histogram,
    pool_rankings,
    stages_of,
    strongly_connected,
)

POLISH = 3
"""Newton steps after the search, all with the information found there: they give the last digits."""


class WorthFit(NamedTuple):
    """Worths, how sure they are, and how willingly items are tied."""

    log_worth: FloatArray
    """(n_items,), mean 0; higher = better."""
    covariance: FloatArray
    """(n_items, n_items): inverse observed information, every ranking independent of the others."""
    case_covariance: FloatArray | None
    """The same when whole clusters (cases) are drawn; None with fewer than two of them."""
    tie_sizes: tuple[int, ...]
    """Sizes of ties that occur: 2, 3, …"""
    log_delta: FloatArray
    """(n_sizes,): one tie parameter for each of `tie_sizes`."""
    log_likelihood: float
    """Of the rankings themselves, without the ghost's."""
    connected: bool
    """The win graph is strongly connected: finite without a ghost."""
    n_clusters: int

    @property
    def standard_errors(self) -> FloatArray:
        """(n_items,): of the log-worths as given, with mean 0."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def davidson_luce(
    grades: ArrayLike,
    items: ArrayLike | None = None,
    *,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    npseudo: float = 0.0,
) -> WorthFit:
    """Give every item the worth that makes the rankings seen most likely, ties included.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, width)
        Higher = better, NaN = not ranked. Rankings may be of any of the items: a pair vote has width 2.
    items : array_like of int of shape (n_rankings, width), optional
        Which item each grade is for, numbered from 0 without gaps; absent = column j is item j.
    weights : array_like of shape (n_rankings,), optional
        How often each ranking occurred.
    clusters : array_like of int of shape (n_rankings,), optional
        The case that each ranking belongs to; needed for `case_covariance`.
    npseudo : float
        Wins and losses, so many of each, of every item against a ghost item: they keep worths finite where
        some item beat all others. 0 = maximum likelihood; the report uses 1/2.

    Returns
    -------
    WorthFit
        Log-worths with mean 0 over the items: the difference of two is the log odds that one is placed
        above the other when only these two are compared and not tied.

    Raises
    ------
    UndefinedStatisticError
        Undefined when some item was never ranked beside another; without a ghost when the win graph is not
        strongly connected (some group was never beaten from outside, so its worth is infinite); and when a
        tie of some size occurred wherever it could (its rate is infinite).

    Notes
    -----
    From what is left, A, a block S of tied items is taken with probability
    ``P(S | A) = f(S) / sum of f(S') over S' in A``, ``f(S) = delta_|S| (prod of worths in S)^(1/|S|)``,
    ``delta_1 = 1``; only tie sizes that occur have a delta, the others' best estimate is 0. With two items it
    is Bradley-Terry-Davidson, without ties Plackett-Luce. The sums are elementary symmetric polynomials of
    ``worth^(1/d)``: no subset is listed, so ten answers cost little more than four. Gradient exact, L-BFGS,
    Newton at the end. The ghost's stages know ties too, as in R's PlackettLuce, with which this agrees to
    1e-6. `case_covariance` is the sandwich over clusters, times C / (C - 1).

    References
    ----------
    R. R. Davidson, JASA 65 (1970) 317-328, doi:10.1080/01621459.1970.10481082; D. Firth, I. Kosmidis & H.
    Turner, 2019, arXiv:1909.07123; H. Turner et al., Computational Statistics 35 (2020) 1027-1057,
    doi:10.1007/s00180-020-00959-3.

    Examples
    --------
    Twelve wins, three losses and six ties: the log odds are ln(12 / 3), delta is 6 / sqrt(12 * 3).

    >>> fit = davidson_luce([[2, 1], [1, 2], [1, 1]], weights=[12, 3, 6])
    >>> round(float(fit.log_worth[0] - fit.log_worth[1]), 6), round(float(np.exp(fit.log_delta[0])), 6)
    (1.386294, 1.0)
    """
    if not npseudo >= 0:
        raise ValueError("the ghost cannot have fewer than no wins")
    given = pool_rankings(grades, items, weights, clusters)
    pool = histogram(given)
    real = stages_of(pool)
    if len(real.weights) == 0:
        raise UndefinedStatisticError("no ranking holds a choice between two items")
    n_items = int(given.items.max()) + 1
    if len(np.unique(real.sets[real.sets >= 0])) < n_items:
        raise UndefinedStatisticError("some item was never ranked beside another")
    connected = strongly_connected(beaten(real, n_items))
    if npseudo == 0 and not connected:
        raise UndefinedStatisticError(
            "the win graph is not strongly connected: some items were never beaten by the others"
        )
    stages = real if npseudo == 0 else stages_of(_with_ghost(pool, n_items, npseudo))
    likelihood = Likelihood(stages, n_items + (npseudo > 0), _tie_sizes(stages))
    point, inverse = _maximum(likelihood)
    centre = _centring(n_items, len(point))
    n_worths = likelihood.n_items
    clustered = _sandwich(Likelihood(real, n_worths, likelihood.tie_sizes), point, inverse)
    return WorthFit(
        log_worth=centre @ point,
        covariance=centre @ inverse @ centre.T,
        case_covariance=None if clustered is None else centre @ clustered @ centre.T,
        tie_sizes=likelihood.tie_sizes,
        log_delta=point[n_worths:],
        log_likelihood=Likelihood(real, n_worths, likelihood.tie_sizes).value(point),
        connected=connected,
        n_clusters=len(np.unique(real.clusters)),
    )


def worth_intervals(fit: WorthFit, confidence: float = 0.95) -> FloatArray:
    """Give each log-worth's interval for other cases like these (target T3).

    Parameters
    ----------
    fit : WorthFit
        With clusters: the cases.
    confidence : float
        Nominal coverage.

    Returns
    -------
    ndarray of shape (n_items, 2)
        ``log_worth ± t_{C-1} * SE``, SE from `case_covariance`.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases.

    Notes
    -----
    Simulated with 3 to 80 cases of four rankings, worths that vary between cases: it covers .94-.96; the
    information alone, for which every ranking is independent, .85-.93.

    References
    ----------
    K.-Y. Liang & S. L. Zeger, Biometrika 73 (1986) 13-22, doi:10.1093/biomet/73.1.13.
    """
    from scipy.stats import t

    if fit.case_covariance is None or fit.n_clusters < MIN_UNITS["cases"]:
        raise UndefinedStatisticError(f"too few cases: {fit.n_clusters} of at least {MIN_UNITS['cases']}")
    quantile = float(t.ppf(0.5 + confidence / 2.0, fit.n_clusters - 1))
    reach = quantile * np.sqrt(np.diag(fit.case_covariance))
    return np.stack([fit.log_worth - reach, fit.log_worth + reach], axis=1)


def is_connected(grades: ArrayLike, items: ArrayLike | None = None) -> bool:
    """Tell whether wins connect all items both ways, so that worths are finite without a ghost.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no ranking holds a choice between two items.
    """
    stages = stages_of(pool_rankings(grades, items))
    if len(stages.weights) == 0:
        raise UndefinedStatisticError("no ranking holds a choice between two items")
    return strongly_connected(beaten(stages, int(stages.sets.max()) + 1))


def _with_ghost(pool: Pool, n_items: int, npseudo: float) -> Pool:
    """Add a win and a loss of every item against a ghost, as rankings of two."""
    width = max(2, pool.grades.shape[1])
    pad = ((0, 0), (0, width - pool.grades.shape[1]))
    grades = np.full((2 * n_items, width), np.nan)
    grades[:n_items, :2], grades[n_items:, :2] = (2.0, 1.0), (1.0, 2.0)
    items = np.zeros((2 * n_items, width), dtype=np.int64)
    items[:, 0], items[:, 1] = np.tile(np.arange(n_items), 2), n_items
    return Pool(
        np.concatenate([np.pad(pool.grades, pad, constant_values=np.nan), grades]),
        np.concatenate([np.pad(pool.items, pad), items]),
        np.concatenate([pool.weights, np.full(2 * n_items, npseudo)]),
        np.concatenate([pool.clusters, np.full(2 * n_items, -1)]),
    )


def _tie_sizes(stages: Stages) -> tuple[int, ...]:
    """Sizes of ties that occur; refuses those whose parameter has no finite estimate."""
    sizes = sorted({1, *np.unique(stages.sizes).tolist()})
    place = {size: number for number, size in enumerate(sizes)}
    graph = np.zeros((len(sizes), len(sizes)), dtype=np.bool_)
    pairs = np.stack([stages.sizes, stages.set_sizes], axis=1)
    for size, n_members in pairs[distinct_rows(pairs)[0]].tolist():
        graph[place[size], [place[other] for other in sizes if other <= n_members]] = True
    if not strongly_connected(graph):
        raise UndefinedStatisticError("ties of some size occur wherever they can: they have no finite rate")
    return tuple(sizes[1:])


def _maximum(likelihood: Likelihood) -> tuple[FloatArray, FloatArray]:
    """Find the maximum, and the inverse information there (worths determined up to a constant)."""
    from scipy.optimize import minimize

    total = float(likelihood.stages.weights.sum())

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood.value_and_gradient(point)
        return -value / total, -gradient / total

    found = minimize(
        objective,
        np.zeros(likelihood.n_points),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 2_000, "maxfun": 4_000, "ftol": 1e-15, "gtol": 1e-6},
    )
    point = np.asarray(found.x, dtype=np.float64)
    inverse = _inverse_information(likelihood, point)
    for _ in range(POLISH):
        point = point + inverse @ likelihood.value_and_gradient(point)[1]
    return point, inverse


def _inverse_information(likelihood: Likelihood, point: FloatArray) -> FloatArray:
    """Invert the information; a common shift of all worths, which it does not see, is pinned first."""
    information = likelihood.information(point)
    shift = np.zeros(likelihood.n_points)
    shift[: likelihood.n_items] = 1.0
    size = float(np.diag(information).mean()) / likelihood.n_items
    return np.asarray(np.linalg.inv(information + size * np.outer(shift, shift)))


def _sandwich(real: Likelihood, point: FloatArray, inverse: FloatArray) -> FloatArray | None:
    """Covariance when whole clusters are drawn; the ghost belongs to none of them."""
    scores = real.scores(point)
    n_clusters = len(scores)
    if n_clusters < 2:
        return None
    # With a ghost the scores do not sum to 0: what it holds against them is shared by all clusters.
    centred = scores - scores.mean(axis=0)
    meat = centred.T @ centred * (n_clusters / (n_clusters - 1.0))
    return np.asarray(inverse @ meat @ inverse)


def _centring(n_items: int, n_points: int) -> FloatArray:
    """From all parameters to the items' log-worths with mean 0; ghost and deltas are left out."""
    centre = np.zeros((n_items, n_points))
    centre[:, :n_items] = np.eye(n_items) - 1.0 / n_items
    return centre
