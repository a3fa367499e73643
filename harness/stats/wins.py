"""Who won how often, of pairs: win tables, win rates and Bradley-Terry strengths with ties as half wins.

These are the habits of published leaderboards, so that ours can be laid beside them. `harness.stats.worth` is
the model of whole rankings with ties that the harness itself reports.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray
from harness.stats.stages import strongly_connected

_CONVERGED = 1e-12
_MOST_STEPS = 100_000


def win_rates(first: ArrayLike, second: ArrayLike, outcome: ArrayLike, n_candidates: int) -> FloatArray:
    """Give each candidate's share of the comparisons it took part in, a tie counting half.

    Parameters
    ----------
    first, second : array_like of int of shape (n_comparisons,)
        Which candidates were compared, 0 … n_candidates - 1.
    outcome : array_like of shape (n_comparisons,)
        1 = the first won, 0 = the second, 0.5 = tie; NaN = no verdict, left out.
    n_candidates : int

    Returns
    -------
    ndarray of shape (n_candidates,)
        0 = lost all … 1 = won all; NaN where a candidate was never compared.

    Raises
    ------
    ValueError
        An outcome outside 0 … 1, or a candidate outside the range.

    Notes
    -----
    ``(wins + ties / 2) / comparisons``. It depends on whom a candidate met: use strengths
    (`bradley_terry`) where not everybody met everybody equally often.

    Examples
    --------
    >>> win_rates([0, 0, 1], [1, 2, 2], [1, 0.5, 0], 3)
    array([0.75, 0.  , 0.75])
    """
    table = win_table(first, second, outcome, n_candidates)
    met = (table + table.T).sum(axis=1)
    rates: FloatArray = np.divide(table.sum(axis=1), met, out=np.full(n_candidates, np.nan), where=met > 0)
    return rates


def win_table(first: ArrayLike, second: ArrayLike, outcome: ArrayLike, n_candidates: int) -> FloatArray:
    """Count how often each candidate beat each other one, a tie counting half for both.

    Parameters
    ----------
    first, second, outcome, n_candidates
        As for `win_rates`.

    Returns
    -------
    ndarray of shape (n_candidates, n_candidates)
        Row beats column.

    Raises
    ------
    ValueError
        An outcome outside 0 … 1, or a candidate outside the range.
    """
    won = np.asarray(outcome, dtype=np.float64)
    known = ~np.isnan(won)
    left, right = (np.asarray(side, dtype=np.int64)[known] for side in (first, second))
    won = won[known]
    if ((won < 0) | (won > 1)).any():
        raise ValueError("an outcome is 1 (first wins), 0 (second wins) or between (tie)")
    if any(((side < 0) | (side >= n_candidates)).any() for side in (left, right)):
        raise ValueError(f"a candidate is outside 0 … {n_candidates - 1}")
    table = np.zeros((n_candidates, n_candidates))
    np.add.at(table, (left, right), won)
    np.add.at(table, (right, left), 1.0 - won)
    return table


def bradley_terry(wins: ArrayLike) -> FloatArray:
    """Give each candidate a strength such that a beats b with chance ``s_a / (s_a + s_b)``.

    Parameters
    ----------
    wins : array_like of shape (n_candidates, n_candidates)
        How often row beat column, a tie as half for both; see `win_table`. The diagonal is left out.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Positive, sum 1; higher = stronger. Only ratios mean something.

    Raises
    ------
    UndefinedStatisticError
        Undefined when the candidates fall into two groups one of which never won against the other: then the
        ratio between the groups has no finite estimate.

    Notes
    -----
    Maximum likelihood by Zermelo's iteration, run until no strength changes by more than 1e-12 of itself.
    No probability of a tie is modelled (Davidson's model does that). Libraries that stop earlier order close
    candidates otherwise: for published ranks the fixed point matters.

    References
    ----------
    D. R. Hunter, Annals of Statistics 32 (2004) 384-406, doi:10.1214/aos/1079120141.

    Examples
    --------
    >>> bradley_terry([[0, 3], [1, 0]]).round(6)
    array([0.75, 0.25])
    """
    table = np.array(wins, dtype=np.float64)
    np.fill_diagonal(table, 0.0)
    if not strongly_connected(table > 0):
        raise UndefinedStatisticError("one group of candidates never won against the rest: ratio undefined")
    met, won = table + table.T, table.sum(axis=1)
    strengths = np.full(len(table), 1.0 / len(table))
    for _ in range(_MOST_STEPS):
        renewed: FloatArray = won / (met / (strengths[:, None] + strengths)).sum(axis=1)
        renewed /= renewed.sum()
        change = np.abs(renewed / strengths - 1.0).max()
        strengths = renewed
        if change < _CONVERGED:
            return strengths
    raise UndefinedStatisticError(f"strengths did not settle in {_MOST_STEPS} steps")
