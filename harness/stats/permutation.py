"""Shuffle tests: what the differences would be if the names of judges or rulebooks did not matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.pairs import thermometer
from harness.stats.shuffling import as_deck, spreads_of_all

N_SHUFFLES = 9_999
_BATCH = 500
# Equal statistics of different shuffles may differ by rounding.
_TOLERANCE = 1e-9


class ShuffleTest(NamedTuple):
    """A permutation test: p-value, the statistic that was seen, and the number of shuffles."""

    p_value: float
    statistic: float
    n_shuffles: int


def model_test(
    cases: Sequence[ArrayLike],
    rng: np.random.Generator,
    n_shuffles: int = N_SHUFFLES,
    *,
    same_presentations: bool = False,
) -> ShuffleTest:
    """Ask whether it matters which judge answers: shuffle the judges' rankings within (case, rulebook).

    Parameters
    ----------
    cases : sequence of array_like of shape (n_models, n_rulebooks, n_runs, 2 * n_pairs)
        Thermometers, one array per case.
    rng : numpy.random.Generator
        Its seed belongs in the manifest.
    n_shuffles : int
        The smallest possible p-value is 1 / (n_shuffles + 1).
    same_presentations : bool
        True: run p is the same presentation for every judge, and rankings are shuffled within presentation
        too. False: within (case, rulebook) only.

    Returns
    -------
    ShuffleTest
        Statistic: sum over cases of the mean squared distance of the judges' means from their mean.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case, with one judge, or when a grade is missing.

    Notes
    -----
    ``p = (1 + #{shuffled >= seen}) / (n_shuffles + 1)``. Exact under "judges change nothing, neither mean nor
    noise, in these cases" (methods.md §4.2). Where runs are whole presentation squares and judges look at
    slots, shuffling across presentations breaks the balance that the real judges have: the test then rejects
    far too rarely, and finds less, unless `same_presentations` is True.

    References
    ----------
    B. Phipson & G. K. Smyth, 2010, doi:10.2202/1544-6115.1585; M. J. Anderson & C. J. F. ter Braak, 2003,
    doi:10.1080/00949650215733.
    """
    # strata = rulebooks; each holds the judges (levels) with their runs
    layouts = [np.moveaxis(table, 1, 0) for table in _tables(cases, axis=0, name="judge")]
    if same_presentations:
        layouts = [_within_runs(layout) for layout in layouts]
    return _shuffle_test(layouts, rng, n_shuffles)


def rulebook_test(
    cases: Sequence[ArrayLike],
    rng: np.random.Generator,
    n_shuffles: int = N_SHUFFLES,
    *,
    same_presentations: bool = True,
) -> ShuffleTest:
    """Ask whether it matters which rulebook the judges were given.

    Parameters
    ----------
    cases : sequence of array_like of shape (n_models, n_rulebooks, n_runs, 2 * n_pairs)
        Thermometers, one array per case.
    rng : numpy.random.Generator
        Its seed belongs in the manifest.
    n_shuffles : int
        The smallest possible p-value is 1 / (n_shuffles + 1).
    same_presentations : bool
        True: run p is the same presentation under every rulebook, so rankings are shuffled within
        (case, judge, presentation). False: independent runs, shuffled within (case, judge).

    Returns
    -------
    ShuffleTest
        Statistic: sum over cases of the mean squared distance of the rulebooks' means from their mean.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case, with one rulebook, or when a grade is missing.

    Notes
    -----
    ``p = (1 + #{shuffled >= seen}) / (n_shuffles + 1)``; see `model_test`.
    """
    layouts = _tables(cases, axis=1, name="rulebook")
    if same_presentations:
        layouts = [_within_runs(layout) for layout in layouts]
    return _shuffle_test(layouts, rng, n_shuffles)


def two_group_exact_test(a: ArrayLike, b: ArrayLike, max_splits: int = 100_000) -> ShuffleTest:
    """Ask whether two groups of rankings of one case differ, by trying every split into such groups.

    Parameters
    ----------
    a : array_like of shape (n_rankings_a, n_answers)
    b : array_like of shape (n_rankings_b, n_answers)
        Grades, higher = better, complete.
    max_splits : int
        More splits than this are refused; use a shuffle test then.

    Returns
    -------
    ShuffleTest
        Exact p-value, at least 1 / number of splits; statistic = squared distance of the group means.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a group is empty, a grade is missing, or there are more than `max_splits` splits.

    Examples
    --------
    >>> two_group_exact_test([[4, 3, 2, 1]] * 2, [[1, 2, 3, 4]] * 2).p_value == 2 / 6
    True
    """
    left, right = thermometer(a), thermometer(b)
    columns = np.concatenate([left, right])
    splits = _splits(len(left), len(columns), max_splits)
    if np.isnan(columns).any():
        raise UndefinedStatisticError("a grade is missing")
    n_left, n_right = len(left), len(right)
    sums = columns[splits].sum(axis=1)
    gaps = sums / n_left - (columns.sum(axis=0) - sums) / n_right
    statistics = (gaps**2).sum(axis=1)
    # The first split is the one that was seen.
    at_least = int((statistics >= statistics[0] - _TOLERANCE).sum())
    return ShuffleTest(at_least / len(splits), float(statistics[0]), len(splits))


def holm(p_values: ArrayLike) -> FloatArray:
    """Adjust the p-values of a few planned tests, so that all of them together err with 5 % at most.

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)

    Returns
    -------
    ndarray of shape (n_tests,)
        Adjusted p-values in the same order, each >= its own and <= 1.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a p-value is NaN: an undefined test must be left out knowingly.

    References
    ----------
    S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = np.atleast_1d(np.asarray(p_values, dtype=np.float64))
    if np.isnan(p).any():
        raise UndefinedStatisticError("one of the tests has no p-value")
    smallest_first = np.argsort(p, kind="stable")
    scaled = p[smallest_first] * (len(p) - np.arange(len(p)))
    adjusted = np.empty_like(p)
    adjusted[smallest_first] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def _tables(cases: Sequence[ArrayLike], axis: int, name: str) -> list[FloatArray]:
    tables = [np.asarray(case, dtype=np.float64) for case in cases]
    if not tables:
        raise UndefinedStatisticError("there is no case with complete cells")
    for table in tables:
        if table.ndim != 4:
            raise ValueError(f"expected (models, rulebooks, runs, columns), got shape {table.shape}")
        if table.shape[axis] < 2:
            raise UndefinedStatisticError(f"one {name} only: there is nothing to shuffle")
        if np.isnan(table).any():
            raise UndefinedStatisticError("shuffle tests need complete rankings; a grade is missing")
    return tables


def _within_runs(layout: FloatArray) -> FloatArray:
    """Make every run of (strata, levels, runs, columns) a stratum of its own."""
    n_strata, n_levels, n_runs, n_columns = layout.shape
    return np.moveaxis(layout, 2, 1).reshape(n_strata * n_runs, n_levels, 1, n_columns)


def _shuffle_test(layouts: list[FloatArray], rng: np.random.Generator, n_shuffles: int) -> ShuffleTest:
    """Test case tables (strata, levels, n, columns): rankings move between levels, never between strata."""
    seen = sum(float(_spread_of_levels(table.sum(axis=(0, 2))[None], table)[0]) for table in layouts)
    at_least = 0
    for shuffled in _shuffled_spreads(layouts, rng, n_shuffles):
        at_least += int((shuffled >= seen - _TOLERANCE).sum())
    return ShuffleTest((1 + at_least) / (n_shuffles + 1), seen, n_shuffles)


def _shuffled_spreads(
    layouts: list[FloatArray], rng: np.random.Generator, n_shuffles: int
) -> Iterator[FloatArray]:
    """The statistic of every shuffle, batch by batch; thermometers are packed, other numbers are not."""
    batches = [min(_BATCH, n_shuffles - start) for start in range(0, n_shuffles, _BATCH)]
    decks = [as_deck(table) for table in layouts]
    packed = [deck for deck in decks if deck is not None]
    if len(packed) == len(layouts):
        yield from spreads_of_all(packed, rng, batches)
        return
    for n_batch in batches:
        sums = (_spread_of_levels(_shuffled_sums(table, rng, n_batch), table) for table in layouts)
        yield sum(sums, np.zeros(n_batch))


def _shuffled_sums(table: FloatArray, rng: np.random.Generator, n_batch: int) -> FloatArray:
    n_strata, n_levels, n_runs, n_columns = table.shape
    sums = np.zeros((n_batch, n_levels, n_columns))
    for stratum in table.reshape(n_strata, n_levels * n_runs, n_columns):
        order = rng.random((n_batch, n_levels * n_runs)).argsort(axis=1)
        for run in range(n_runs):
            # The places that fall to each level: sums over a short axis in the middle are slower.
            sums += stratum.take(order[:, run::n_runs], axis=0)
    return sums


def _spread_of_levels(sums: FloatArray, table: FloatArray) -> FloatArray:
    """Mean squared distance of the level means from their mean; sums of shape (batch, levels, columns)."""
    means = sums / (table.shape[0] * table.shape[2])
    centred = means - means.mean(axis=1, keepdims=True)
    spread: FloatArray = (centred**2).sum(axis=(1, 2)) / table.shape[1]
    return spread


def _splits(n_left: int, n_all: int, max_splits: int) -> IntArray:
    from math import comb

    if not 0 < n_left < n_all:
        raise UndefinedStatisticError("one of the two groups has no ranking")
    if comb(n_all, n_left) > max_splits:
        raise UndefinedStatisticError(f"{comb(n_all, n_left)} splits are too many to try one by one")
    return np.array(list(combinations(range(n_all), n_left)), dtype=np.int64)
