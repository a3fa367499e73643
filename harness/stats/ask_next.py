"""Which case to ask people about next: fewest rankings first, and always some cases at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.pairs import ratio

PSEUDO_PEOPLE = 4.0
RANDOM_SHARE = 0.3
"""Least share of draws that any open case can get."""


class Asked(NamedTuple):
    """One draw, with what an analysis needs to undo the choosing."""

    case: int
    """Position of the case."""
    probability: float
    """With which this case was drawn: store it; its inverse is the weight of the ranking."""
    probabilities: FloatArray
    """(n_cases,): those of all cases; 0 for a case that was not open."""


def shrunk_disagreement(human_human: ArrayLike, n_people: ArrayLike) -> FloatArray:
    """Estimate how much people disagree on each case, few people counting little.

    Parameters
    ----------
    human_human : array_like of shape (..., n_cases)
        Mean tau_x between two people in each case; NaN below two people.
    n_people : array_like of shape (..., n_cases)
        People who ranked each case.

    Returns
    -------
    ndarray of shape (..., n_cases)
        0 = all agree … 1 = all opposed; the mean of all cases where a case has fewer than two people, and
        NaN when no case has two.

    Notes
    -----
    ``s² = (n s²_c + 4 s̄²) / (n + 4)`` with ``s²_c = (1 - tau_c) / 2``, the variance of people's thermometers
    in pair-points by pairs, and s̄² the mean of s²_c over cases weighted by n - 1: as if four more people had
    disagreed as much as people do on average.
    """
    tau, n = np.asarray(human_human, dtype=np.float64), np.asarray(n_people, dtype=np.float64)
    known = ~np.isnan(tau) & (n >= 2)
    own = np.where(known, (1.0 - np.where(known, tau, 1.0)) / 2.0, 0.0)
    weight = np.where(known, n - 1.0, 0.0)
    mean = ratio((own * weight).sum(axis=-1, keepdims=True), weight.sum(axis=-1, keepdims=True))
    counted = np.where(known, n, 0.0)
    return np.asarray((counted * own + PSEUDO_PEOPLE * mean) / (counted + PSEUDO_PEOPLE))


def variance_drop(disagreement: ArrayLike, n_people: ArrayLike) -> FloatArray:
    """Say how much one more ranking would lower the variance of each case's consensus.

    Returns
    -------
    ndarray of shape (n_cases,)
        ``s² / (n (n + 1))``: s²/n now, s²/(n + 1) then. Infinite where nobody ranked the case yet.

    Notes
    -----
    Choosing by it lowers the error by some 5 % over asking evenly, and not at all for a mean tau_x
    (methods.md §8), which is why `priority` counts rankings first.
    """
    s2, n = np.asarray(disagreement, dtype=np.float64), np.asarray(n_people, dtype=np.float64)
    return np.where(n > 0, s2 / np.where(n > 0, n * (n + 1.0), 1.0), np.inf)


def priority(n_people: ArrayLike, disagreement: ArrayLike) -> IntArray:
    """Order the cases: fewest rankings first, ties by largest disagreement, then as they stand.

    Parameters
    ----------
    n_people : array_like of shape (n_cases,)
    disagreement : array_like of shape (n_cases,)
        `shrunk_disagreement`; NaN everywhere counts as equal.

    Returns
    -------
    ndarray of int of shape (n_cases,)
        Positions of the cases, the one to ask about first at the front.
    """
    wanted = np.nan_to_num(np.asarray(disagreement, dtype=np.float64), nan=0.0).round(12)
    return np.asarray(np.lexsort((-wanted, np.asarray(n_people))), dtype=np.int64)


def ask_next(
    n_people: ArrayLike,
    disagreement: ArrayLike,
    rng: np.random.Generator,
    is_open: ArrayLike | None = None,
    random_share: float = RANDOM_SHARE,
) -> Asked:
    """Draw the case to ask the next person about.

    Parameters
    ----------
    n_people : array_like of shape (n_cases,)
        Rankings that each case has.
    disagreement : array_like of shape (n_cases,)
        `shrunk_disagreement`.
    rng : numpy.random.Generator
    is_open : array_like of bool of shape (n_cases,), optional
        Cases that this person may be asked about (has not yet graded); all by default.
    random_share : float
        Share of draws that go to any open case, at least .3.

    Returns
    -------
    Asked
        The case and the probability with which it was drawn.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no case is open.
    ValueError
        When `random_share` is below .3 or above 1: with less, cases that look settled are never checked.

    Notes
    -----
    Every open case has probability ``random_share / n_open``; the rest goes to the first open case of
    `priority`, equally where several are level. Analysed as a random sample, a ranking weighs 1 / probability
    (Horvitz-Thompson).

    References
    ----------
    T. Zrnic & E. J. Candès, Active Statistical Inference, 2024, arXiv:2403.03208.
    """
    if not RANDOM_SHARE <= random_share <= 1.0:
        raise ValueError(f"random_share must be between {RANDOM_SHARE} and 1, not {random_share}")
    n = np.asarray(n_people, dtype=np.float64)
    open_cases: BoolArray = (
        np.ones(len(n), dtype=np.bool_) if is_open is None else np.asarray(is_open, np.bool_)
    )
    if not open_cases.any():
        raise UndefinedStatisticError("no case is left to ask about")
    wanted = np.nan_to_num(np.asarray(disagreement, dtype=np.float64), nan=0.0).round(12)
    fewest = open_cases & (n == n[open_cases].min())
    first = fewest & (wanted == wanted[fewest].max())
    probabilities = random_share * open_cases / open_cases.sum() + (1.0 - random_share) * first / first.sum()
    case = int(rng.choice(len(n), p=probabilities / probabilities.sum()))
    return Asked(case, float(probabilities[case]), probabilities)
