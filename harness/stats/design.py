"""Orders of presentation, and what they reveal about a judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray, as_grades, as_group
from harness.stats.group import mean_pairwise_tau
from harness.stats.pairs import mid_ranks
from harness.stats.permutation import N_SHUFFLES, ShuffleTest
from harness.stats.shuffling import Dealer, skip
from harness.stats.small_orders import MAX_THINGS, codes_of, orders_of_codes
from harness.stats.squares import williams_orders

_TOLERANCE = 1e-9


def williams_square(n_answers: int) -> IntArray:
    """List the orders in which a case is shown, so that neither slots nor neighbours favour an answer.

    Parameters
    ----------
    n_answers : int
        k >= 2.

    Returns
    -------
    ndarray of int of shape (n_orders, n_answers)
        Row = one presentation; entry p = the answer (from 0) in slot p. k orders for even k, 2k for odd k.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    Row 0 = 0, 1, k-1, 2, k-2, …; row i adds i modulo k; odd k: then the rows reversed. Every answer stands in
    every slot equally often, and so does every ordered pair of neighbours.

    References
    ----------
    E. J. Williams, Australian Journal of Scientific Research A 2 (1949) 149-168, doi:10.1071/CH9490149.

    Examples
    --------
    >>> ["".join("ABCD"[answer] for answer in order) for order in williams_square(4)]
    ['ABDC', 'BCAD', 'CDBA', 'DACB']
    """
    return np.array(williams_orders(n_answers))


def slot_effect(mid_ranks_by_slot: ArrayLike) -> FloatArray:
    """Say how much better than average the answer in each slot is placed, whatever the answer.

    Parameters
    ----------
    mid_ranks_by_slot : array_like of shape (..., n_slots)
        Mid-rank (k = best) of the answer that stood in slot p; complete squares, so that every answer has
        stood in every slot equally often.

    Returns
    -------
    ndarray of shape (n_slots,)
        ``mean - (k + 1) / 2``: 0 = no effect, positive = the slot is favoured; the sum is 0.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a ranking, or when a mid-rank is missing.
    """
    ranks = as_grades(mid_ranks_by_slot)
    rows = ranks.reshape(-1, ranks.shape[-1])
    if len(rows) == 0:
        raise UndefinedStatisticError("there is no ranking with a known order of presentation")
    if np.isnan(rows).any():
        raise UndefinedStatisticError("slot effects need complete rankings; a grade is missing")
    return np.asarray(rows.mean(axis=0) - (rows.shape[1] + 1) / 2)


def by_slot(grades: ArrayLike, orders: ArrayLike) -> FloatArray:
    """Rearrange mid-ranks by answer into mid-ranks by slot.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Grades by answer.
    orders : array_like of int of shape (n_rankings, n_answers)
        ``orders[i, p]`` = the answer (from 0) that ranking i saw in slot p.

    Returns
    -------
    ndarray of shape (n_rankings, n_slots)
    """
    return np.take_along_axis(mid_ranks(as_group(grades)), np.asarray(orders, dtype=np.int64), axis=1)


def slot_effect_test(
    cases: Sequence[tuple[ArrayLike, ArrayLike]], rng: np.random.Generator, n_shuffles: int = N_SHUFFLES
) -> ShuffleTest:
    """Ask whether slot effects could be chance: shuffle which order belongs to which ranking within a case.

    Parameters
    ----------
    cases : sequence of (grades, orders)
        One pair per case, arrays as in `by_slot`; all cases with the same number of answers.
    rng : numpy.random.Generator
        Its seed belongs in the manifest.
    n_shuffles : int
        The smallest possible p-value is 1 / (n_shuffles + 1).

    Returns
    -------
    ShuffleTest
        Statistic: sum over slots of the squared slot effect.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case, or when a grade is missing.
    """
    if not cases:
        raise UndefinedStatisticError("there is no case with known orders of presentation")
    tables = [(as_group(grades), np.asarray(orders, dtype=np.int64)) for grades, orders in cases]
    seen_by_slot = by_slot(*(np.concatenate(parts) for parts in zip(*tables, strict=True)))
    statistic = float((slot_effect(seen_by_slot) ** 2).sum())
    n_rankings, n_slots = seen_by_slot.shape
    dealt = _SlotSums(n_shuffles, n_slots)
    for start in range(0, len(tables), _CASES_AT_ONCE):
        dealt.add(tables[start : start + _CASES_AT_ONCE], rng)
    shuffled = ((dealt.totals() / n_rankings - (n_slots + 1) / 2) ** 2).sum(axis=1)
    at_least = int((shuffled >= statistic - _TOLERANCE).sum())
    return ShuffleTest((1 + at_least) / (n_shuffles + 1), statistic, n_shuffles)


def order_consistency(grades_by_order: ArrayLike) -> float:
    """Say how far a judge agrees with itself when the same answers are shown in different orders.

    Parameters
    ----------
    grades_by_order : array_like of shape (n_orders, n_answers)
        Grades by answer (not by slot), one row per order, of one case.

    Returns
    -------
    float
        Mean tau_x between orders, -1 … 1; 1 = the order changes nothing.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two orders.
    """
    return mean_pairwise_tau(grades_by_order)


_CASES_AT_ONCE = 500
_FIELD = 15
_FIELDS = 4
"""Fields of 15 bits in a word: doubled mid-ranks are whole numbers, and four slots are added at once."""


_AT_A_DESK = 16
"""Cases that are dealt out together: their random numbers stay near the processor."""


class _Desk:
    """Cases with as many rankings, at most four, whose orders are dealt out together."""

    def __init__(self, n_shuffles: int, n_rankings: int) -> None:
        self.drawn = np.empty((_AT_A_DESK, n_shuffles, n_rankings))
        self.tables: list[IntArray] = []
        """For each case, what the slots get under each code of an order: (n_codes, n_words)."""


class _SlotSums:
    """Sums, per shuffle and slot, of the mid-ranks of cases whose orders are dealt out anew."""

    def __init__(self, n_shuffles: int, n_slots: int) -> None:
        self.sums = np.zeros((n_shuffles, n_slots))
        self._alike = np.zeros(n_slots)
        """The same in every shuffle: of cases in which all rankings are alike, whatever their orders."""
        self._packed = [np.zeros(n_shuffles, dtype=np.int64) for _ in range(0, n_slots, _FIELDS)]
        self._dealer = Dealer()
        self._desks: dict[int, _Desk] = {}
        self._room = (1 << _FIELD) - 1
        self._left = self._room

    def add(self, cases: Sequence[tuple[FloatArray, IntArray]], rng: np.random.Generator) -> None:
        """Deal out the orders of some cases; random numbers are drawn one case after the other."""
        by_size: dict[int, list[tuple[FloatArray, IntArray]]] = {}
        for case in cases:
            by_size.setdefault(len(case[0]), []).append(case)
        dealt = {size: self._plan(_crossed(alike)) for size, alike in by_size.items()}
        for grades, _ in cases:
            size = len(grades)
            table = next(dealt[size])
            if table is None:
                skip(rng, len(self.sums) * size)
            elif size > MAX_THINGS:
                self._add_case(table, rng)
            else:
                self._draw(table, size, rng)

    def _plan(self, crossed: IntArray) -> Iterator[IntArray | None]:
        """What has to be dealt out of each case; None where orders make no difference: added at once."""
        alike = (crossed == crossed[:, :1]).all(axis=(1, 2, 3))
        for slot in range(len(self._alike)):
            self._alike[slot] += self._in_slot(crossed[alike, 0, :, slot // _FIELDS], slot).sum() / 2
        size = crossed.shape[1]
        tables = crossed if size > MAX_THINGS else _by_code(crossed)
        return (None if same else table for table, same in zip(tables, alike.tolist(), strict=True))

    def _draw(self, table: IntArray, size: int, rng: np.random.Generator) -> None:
        desk = self._desks.setdefault(size, _Desk(len(self.sums), size))
        rng.random(out=desk.drawn[len(desk.tables)])
        desk.tables.append(table)
        if len(desk.tables) == _AT_A_DESK:
            self._deal(desk)

    def _deal(self, desk: _Desk) -> None:
        codes = codes_of(desk.drawn[: len(desk.tables)])
        for table, own in zip(desk.tables, codes, strict=True):
            self._make_room(desk.drawn.shape[2])
            for word, packed in enumerate(self._packed):
                packed += table[:, word].take(own)
        desk.tables.clear()

    def _make_room(self, n_rankings: int) -> None:
        most = 2 * self.sums.shape[1] * n_rankings
        if most > self._left:
            self.close()
        self._left -= most

    def _add_case(self, crossed: IntArray, rng: np.random.Generator) -> None:
        n_rankings, _, n_words = crossed.shape
        dealt = self._dealer.orders(rng, len(self.sums), n_rankings)
        for ranking, places in enumerate(dealt):
            self._make_room(1)
            for word in range(n_words):
                self._packed[word] += crossed[ranking, :, word].take(places)

    def close(self) -> None:
        """Unpack what was added since the last time."""
        for slot in range(self.sums.shape[1]):
            self.sums[:, slot] += self._in_slot(self._packed[slot // _FIELDS], slot) / 2
        for total in self._packed:
            total[...] = 0
        self._left = self._room

    def totals(self) -> FloatArray:
        """All sums so far."""
        for desk in self._desks.values():
            self._deal(desk)
        self.close()
        totals: FloatArray = self.sums + self._alike
        return totals

    def _in_slot(self, words: IntArray, slot: int) -> IntArray:
        field: IntArray = (words >> (_FIELD * (slot % _FIELDS))) & self._room
        return field


def _crossed(cases: Sequence[tuple[FloatArray, IntArray]]) -> IntArray:
    """For cases with as many rankings: what slots get when ranking i is given order j.

    Of shape (n_cases, n_rankings, n_orders, n_words): doubled mid-ranks, four slots to a word.
    """
    grades, orders = (np.stack(parts) for parts in zip(*cases, strict=True))
    doubled = (2 * mid_ranks(grades)).astype(np.int64)
    by_slot_of = np.take_along_axis(doubled[:, :, None, :], orders[:, None, :, :], axis=3)
    words = []
    for first in range(0, by_slot_of.shape[-1], _FIELDS):
        fields = by_slot_of[..., first : first + _FIELDS]
        words.append((fields << (_FIELD * np.arange(fields.shape[-1]))).sum(axis=-1))
    return np.stack(words, axis=-1)


def _by_code(crossed: IntArray) -> IntArray:
    """Sums over the rankings under each code of an order: (n_cases, n_codes, n_words)."""
    orders = orders_of_codes(crossed.shape[1])
    rankings = np.arange(crossed.shape[1])
    return np.asarray(crossed[:, rankings, orders].sum(axis=2))
