"""Whether an annotator's agreement with the others could come from answers picked blindly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, as_group
from harness.stats.pairs import pair_signs, ratio
from harness.stats.permutation import ShuffleTest

MAX_LISTED = 6
"""Answers up to which all relabellings are listed (720); beyond, they are drawn."""
MAX_KEPT = 64
"""Grades of the others up to which a comparison is kept for the next same one."""
_TOLERANCE = 1e-12


def better_than_chance(
    cases: Sequence[tuple[ArrayLike, ArrayLike]], rng: np.random.Generator, n_shuffles: int = 999
) -> ShuffleTest:
    """Ask whether an annotator's agreement with the others could come from answers picked blindly.

    Parameters
    ----------
    cases : sequence of (own, others)
        Own grades of shape (n_answers,) and the others' of shape (n_others, n_answers), NaN = not ranked.
    rng : numpy.random.Generator
    n_shuffles : int

    Returns
    -------
    ShuffleTest
        One-sided p. A small p speaks for more than chance; **a large p proves nothing**: with six cases a
        third of careful annotators do not pass (methods.md §7).

    Raises
    ------
    UndefinedStatisticError
        Undefined when no case has a pair of answers that the annotator and somebody else ranked.

    Notes
    -----
    The statistic is the mean over cases of the mean tau_x to the others. Under the null hypothesis the
    annotator's grades are dealt at random to the answers that he or she ranked, in every case anew; ties stay
    as they are. ``p = (1 + #{shuffles at least as high}) / (1 + n_shuffles)``.
    """
    seen, shuffled = [], []
    for own, others in cases:
        agreement = _relabelled(np.asarray(own, dtype=np.float64), as_group(others), rng)
        if agreement is not None:
            seen.append(agreement[0])
            shuffled.append(agreement[rng.integers(0, len(agreement), n_shuffles)])
    if not seen:
        raise UndefinedStatisticError("the annotator shares no pair of ranked answers with anybody")
    statistic = float(np.mean(seen))
    reached = np.mean(shuffled, axis=0) >= statistic - _TOLERANCE
    p_value = (1 + int(reached.sum())) / (1 + n_shuffles)
    return ShuffleTest(p_value, statistic, n_shuffles)


def _relabelled(own: FloatArray, others: FloatArray, rng: np.random.Generator) -> FloatArray | None:
    """The same grades against the same others are common where answers are few: small ones are kept."""
    if len(own) <= MAX_LISTED and others.size <= MAX_KEPT:
        return _kept_relabelled(own.tobytes(), others.tobytes(), len(own))
    return _deal_and_compare(own, others, rng)


@lru_cache(maxsize=20_000)
def _kept_relabelled(own: bytes, others: bytes, n_answers: int) -> FloatArray | None:
    grades = np.frombuffer(others, dtype=np.float64).reshape(-1, n_answers)
    # Few answers are listed, not drawn: the generator is not used.
    return _deal_and_compare(np.frombuffer(own, dtype=np.float64), grades, np.random.default_rng(0))


def _deal_and_compare(own: FloatArray, others: FloatArray, rng: np.random.Generator) -> FloatArray | None:
    """Mean tau_x to the others as seen (first), then with the ranked answers relabelled; None without any."""
    ranked = np.flatnonzero(~np.isnan(own))
    if len(ranked) < 2 or len(others) == 0:
        return None
    signs, missing = pair_signs(others[:, ranked])
    n_pairs = (~missing).sum(axis=1)
    sharing = n_pairs > 0
    if not sharing.any():
        return None
    stood = signs[sharing]
    weight = np.where(missing, 0.0, ratio(1.0, n_pairs)[:, None])[sharing]
    above, strict = (stood * weight).sum(axis=0), (np.abs(stood) * weight).sum(axis=0)
    dealt = pair_signs(_deals(own[ranked], rng))[0]
    # |s - s'| is 1 - s' for s = 1, 1 + s' for s = -1, |s'| for s = 0.
    distances = np.where(dealt == 0, strict, weight.sum(axis=0) - dealt * above)
    return np.asarray(1.0 - distances.sum(axis=1) / sharing.sum())


def _deals(grades: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The grades as they are, then dealt anew: every way up to six answers, else 720 draws."""
    if len(grades) <= MAX_LISTED:
        return grades[_orders(len(grades))]
    drawn = rng.permuted(np.tile(grades, (720, 1)), axis=1)
    return np.concatenate([grades[None], drawn])


@lru_cache(maxsize=8)
def _orders(n_answers: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(list(permutations(range(n_answers))), dtype=np.int64)
