"""Choosing the best of many settings: what it seems to be worth, and what it is worth on cases kept aside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.permutation import ShuffleTest

MIN_BLOCKS = 3
"""Below it, leaving one out and choosing on the rest is choosing on one."""
MAX_BLOCKS = 40
"""More groups of cases than this are put together: the choice is made anew for every two blocks left out."""
_TIED = 1e-9


class NestedChoice(NamedTuple):
    """The same choice made on all cases, and again without each block of them."""

    chosen: int
    """Row of the setting that is best over all cases."""
    naive: float
    """Its mean over the very cases that it was chosen on."""
    honest: float
    """Mean over cases of what was chosen without them."""
    chosen_without: IntArray
    """(n_blocks,): the setting that is best without this block."""
    aside: FloatArray
    """(n_cases,): the figure, in each case, of what was chosen without its block; NaN = it has none there."""
    left_out: FloatArray
    """(n_blocks, 2): naive and honest of the whole procedure without this block, for a jackknife."""


class Luck(NamedTuple):
    """What the best of these settings would lead by if none were better than another."""

    test: ShuffleTest
    lead: float
    """How far the best setting's mean stands above the mean of all settings."""
    lucky_lead: float
    """The same after a shuffle, on average."""


def nested_choice(figures: ArrayLike, blocks: ArrayLike) -> NestedChoice:
    """Choose the setting with the highest mean, and say what it is worth on cases not used for choosing.

    Parameters
    ----------
    figures : array_like of shape (n_settings, n_cases)
        Agreement of each setting with people in each case; NaN = none. Where two settings have equal means,
        the upper row is chosen: put the simpler one first.
    blocks : array_like of shape (n_cases,)
        0 … n_blocks - 1: cases of one block are left out together.

    Returns
    -------
    NestedChoice
        ``naive - honest`` is the optimism of reporting the best setting's own mean: 0 or more in expectation.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three blocks, without a setting, or when no setting has a figure outside
        of some two blocks.

    Notes
    -----
    ``honest = mean_c T[s(-b(c)), c]`` with ``s(-b) = argmax_s mean of T[s] outside block b``. It answers what
    choosing on slightly fewer cases is worth on a case that had no say. Every case has equal weight. Leaving
    out two blocks at a time gives the whole procedure without one block, for a jackknife: in simulation it
    covers .94 to .99, where the t interval of `aside` alone covers .69 to .86, as all folds share their
    training cases (Y. Bengio & Y. Grandvalet, JMLR 5 (2004)).

    References
    ----------
    S. Varma & R. Simon, BMC Bioinformatics 7 (2006) 91, doi:10.1186/1471-2105-7-91.
    G. Cawley & N. Talbot, JMLR 11 (2010) 2079-2107.

    Examples
    --------
    >>> found = nested_choice([[0.5, 0.5, 0.5], [0.9, 0.9, 0.0]], [0, 1, 2])
    >>> found.chosen, round(found.naive, 3), round(found.honest, 3)
    (1, 0.6, 0.333)
    """
    table, block = _checked(figures, blocks)
    sums, counts = _by_block(table, block)
    n_blocks = sums.shape[1]
    total, seen = sums.sum(axis=1, keepdims=True), counts.sum(axis=1, keepdims=True)
    chosen = int(_best(total, seen)[0])
    without = _best(total - sums, seen - counts)
    aside = table[without[block], np.arange(len(block))]
    left_out = np.empty((n_blocks, 2))
    for gone in range(n_blocks):
        kept = block != gone
        others = np.arange(n_blocks) != gone
        rest, n_rest = total - sums[:, [gone]], seen - counts[:, [gone]]
        best = int(_best(rest, n_rest)[0])
        twice = _best(rest - sums * others, n_rest - counts * others)
        left_out[gone] = (
            rest[best, 0] / n_rest[best, 0],
            _mean(table[twice[block], np.arange(len(block))][kept]),
        )
    naive = float(total[chosen, 0] / seen[chosen, 0])
    return NestedChoice(chosen, naive, _mean(aside), without, aside, left_out)


def luck_of_choosing(
    figures: ArrayLike, blocks: ArrayLike, rng: np.random.Generator, n_shuffles: int
) -> Luck:
    """Ask whether the best setting leads by more than the best of equally good ones would.

    Parameters
    ----------
    figures, blocks
        As for `nested_choice`; settings that are parts of each other (a judge and its panel) do not belong
        here together, as shuffling takes them for strangers.
    rng : numpy.random.Generator
        Its seed belongs into the record.
    n_shuffles : int
        The smallest possible p is ``1 / (n_shuffles + 1)``.

    Returns
    -------
    Luck
        Statistic: the highest mean of a setting minus the mean of all figures.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two settings, or as `nested_choice`.

    Notes
    -----
    Settings are shuffled within each block, alike in all of its cases: exact if every setting had the same
    distribution there. A test by its maximum needs no correction for the number of settings (Westfall & Young
    1993).
    """
    table, block = _checked(figures, blocks)
    if len(table) < 2:
        raise UndefinedStatisticError("one setting leaves nothing to choose")
    grand = _mean(table.ravel())
    seen = _highest_mean(table) - grand
    cases = np.arange(len(block))
    n_blocks = int(block.max()) + 1
    leads = np.empty(n_shuffles)
    for shuffle in range(n_shuffles):
        drawn = rng.random((len(table), n_blocks)).argsort(axis=0)
        leads[shuffle] = _highest_mean(table[drawn[:, block], cases]) - grand
    p = float((1 + (leads >= seen - _TIED).sum()) / (n_shuffles + 1))
    return Luck(ShuffleTest(p, seen, n_shuffles), seen, float(leads.mean()) if n_shuffles else float("nan"))


def _checked(figures: ArrayLike, blocks: ArrayLike) -> tuple[FloatArray, IntArray]:
    table, block = np.asarray(figures, dtype=np.float64), np.asarray(blocks, dtype=np.intp)
    if table.ndim != 2 or len(table) == 0:
        raise UndefinedStatisticError("no setting")
    if len(np.unique(block)) < MIN_BLOCKS:
        raise UndefinedStatisticError(f"fewer than {MIN_BLOCKS} blocks of cases")
    return table, block


def _by_block(table: FloatArray, block: IntArray) -> tuple[FloatArray, FloatArray]:
    """Sums and counts of the figures of each setting in each block."""
    member = (block[:, None] == np.arange(int(block.max()) + 1)).astype(np.float64)
    there = ~np.isnan(table)
    return np.where(there, table, 0.0) @ member, there.astype(np.float64) @ member


def _best(sums: FloatArray, counts: FloatArray) -> IntArray:
    """Row with the highest mean in each column; the first of those that tie."""
    means = np.full(sums.shape, -np.inf)
    np.divide(sums, counts, out=means, where=counts > 0.5)
    highest = means.max(axis=0)
    if np.isneginf(highest).any():
        raise UndefinedStatisticError("no setting has a figure outside of some blocks")
    return np.asarray((means >= highest - _TIED).argmax(axis=0))


def _mean(values: FloatArray) -> float:
    defined = values[~np.isnan(values)]
    if not len(defined):
        raise UndefinedStatisticError("what was chosen has no figure on the cases kept aside")
    return float(defined.mean())


def _highest_mean(table: FloatArray) -> float:
    there = ~np.isnan(table)
    counts = there.sum(axis=1)
    sums = np.where(there, table, 0.0).sum(axis=1)
    return float((sums[counts > 0] / counts[counts > 0]).max())
