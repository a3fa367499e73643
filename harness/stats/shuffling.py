"""Shuffling rankings between levels, fast: the same random numbers give the same shuffles as sorting rows.

A thermometer is 0 or 1 in every column, so several columns of a ranking fit into one whole number, each in a
field wide enough for the largest count. Sums over shuffled rankings are then sums of whole numbers, exact in
whatever order they are taken, and what is wanted of them, the sum of squared counts, is looked up in a table.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.stats.arrays import FloatArray, IntArray

_BITS_PER_LOOKUP = 15
_LOOKUPS_PER_WORD = 4
_DESKS = 8
_MAX_ROW = 256
"""Rankings in a stratum beyond which places would take too many of a random number's 53 bits."""
_MAX_THREADS = 8
_NETWORK = 6
"""Rankings in a stratum up to which comparing all of them is quicker than sorting rows."""

_Words = NDArray[np.uint64]


class Deck(NamedTuple):
    """The rankings of one case: strata within which they are shuffled, levels to which they are dealt."""

    words: tuple[_Words, ...]
    """Each (n_strata * n_rankings,): some columns of every ranking in one number."""
    shape: tuple[int, int, int]
    """Strata, levels, rankings per stratum and level."""
    bits: int
    """Width of a field."""
    varying: IntArray
    """Strata whose rankings are not all alike: the others need no shuffling."""
    alike: tuple[np.uint64, ...]
    """What the others add to each level, one for each of `words`."""
    squares: int
    """Sum over columns of the squared sum of all rankings: the same in every shuffle."""

    @property
    def n_random(self) -> int:
        """Random numbers that one shuffle takes."""
        n_strata, n_levels, n_runs = self.shape
        return n_strata * n_levels * n_runs


def as_deck(table: FloatArray) -> Deck | None:
    """Pack a case table (strata, levels, runs, columns); None where it is not all 0 and 1, or too large."""
    n_strata, n_levels, n_runs, n_columns = table.shape
    bits = int(n_strata * n_runs).bit_length()
    too_long = n_levels * n_runs > _MAX_ROW
    if bits > _BITS_PER_LOOKUP or n_columns == 0 or too_long or not ((table == 0) | (table == 1)).all():
        return None
    rows = table.reshape(-1, n_columns).astype(np.uint64)
    per_word = _columns_per_lookup(bits) * _LOOKUPS_PER_WORD
    words = tuple(_packed(rows[:, at : at + per_word], bits) for at in range(0, n_columns, per_word))
    strata = [one.reshape(n_strata, -1) for one in words]
    varying = np.logical_or.reduce([(one != one[:, :1]).any(axis=1) for one in strata])
    alike = tuple(one[~varying, 0].sum(dtype=np.uint64) * np.uint64(n_runs) for one in strata)
    total = table.sum(axis=(0, 1, 2))
    squares = int((total**2).sum())
    return Deck(words, (n_strata, n_levels, n_runs), bits, np.flatnonzero(varying), alike, squares)


def _columns_per_lookup(bits: int) -> int:
    return _BITS_PER_LOOKUP // bits


def _packed(columns: _Words, bits: int) -> _Words:
    """Columns side by side; a lookup takes whole fields, so they start anew after every lookup's worth."""
    place = np.arange(columns.shape[1])
    per_lookup = _columns_per_lookup(bits)
    shift = (place // per_lookup) * _BITS_PER_LOOKUP + (place % per_lookup) * bits
    packed: _Words = (columns << shift.astype(np.uint64)).sum(axis=1, dtype=np.uint64)
    return packed


def spreads_of_all(
    decks: Sequence[Deck], rng: np.random.Generator, batches: Sequence[int]
) -> Iterator[FloatArray]:
    """Sum over decks of the spread, for each batch of shuffles, in the order of the batches.

    Processors share the batches: each starts at the place in the one stream of random numbers where its batch
    begins, so the shuffles are the same on any machine. Generators that cannot jump ahead are used alone.
    """
    stream = rng.bit_generator
    if not isinstance(stream, np.random.PCG64):
        dealer = Dealer()
        yield from (dealer.spreads_of(decks, rng, n_batch) for n_batch in batches)
        return
    per_shuffle = sum(deck.n_random for deck in decks)
    starts = [per_shuffle * n_before for n_before in accumulate(batches, initial=0)]
    local = threading.local()

    def deal(batch: tuple[int, int]) -> FloatArray:
        start, n_batch = batch
        if not hasattr(local, "dealer"):
            local.dealer = Dealer()
        own = np.random.PCG64()
        own.state = state
        own.advance(start)
        spreads: FloatArray = local.dealer.spreads_of(decks, np.random.Generator(own), n_batch)
        return spreads

    state = stream.state
    stream.advance(starts[-1])
    with ThreadPoolExecutor(_n_processors()) as pool:
        yield from pool.map(deal, zip(starts, batches, strict=False))


def _n_processors() -> int:
    return min(_MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def skip(rng: np.random.Generator, n_random: int) -> None:
    """Leave out so many numbers of a generator, as if `rng.random` had given them."""
    stream = rng.bit_generator
    if isinstance(stream, np.random.PCG64):
        stream.advance(n_random)
    else:
        rng.random(n_random)


class Dealer:
    """Shuffles decks; its tables stay in memory, because handing them out anew costs as much as shuffling."""

    def __init__(self) -> None:
        self._tables: dict[tuple[int, ...], tuple[FloatArray, _Words]] = {}

    def spreads_of(self, decks: Sequence[Deck], rng: np.random.Generator, n_batch: int) -> FloatArray:
        """Sum of the spreads of several decks, shuffled one after the other."""
        return sum((self.spreads(deck, rng, n_batch) for deck in decks), np.zeros(n_batch))

    def spreads(self, deck: Deck, rng: np.random.Generator, n_batch: int) -> FloatArray:
        """Mean squared distance of the level means from their mean, in each of so many shuffles.

        Takes the random numbers that `rng.random((n_batch, n))` per stratum would, and sorts them the same
        way: the smallest n_runs numbers of a row go to the first level, the next to the second, and so on.
        """
        n_strata, n_levels, n_runs = deck.shape
        n_all, n_varying = n_levels * n_runs, len(deck.varying)
        drawn, spare = self._two_tables(n_varying, n_batch, n_all)
        _draw(rng, drawn, deck)
        keys = drawn.view(np.uint64)
        in_columns = n_all <= _NETWORK
        if in_columns:
            keys, spare = spare.reshape(n_all, n_varying, n_batch), keys.reshape(n_all, n_varying, n_batch)
            np.copyto(keys, np.moveaxis(drawn.view(np.uint64), 2, 0))
            _sort_columns(keys)
        else:
            _sort_rows(keys)
        places = _places(keys, deck.varying * n_all, n_all, in_columns=in_columns)
        counted = np.zeros(n_batch, dtype=np.int64)
        for words, alike in zip(deck.words, deck.alike, strict=True):
            words.take(places, out=spare, mode="clip")
            sums = _sums_of_columns(spare, n_runs) if in_columns else _sums_of_rows(spare, n_runs)
            counted += _squares(sums + alike, deck.bits).sum(axis=0)
        n_per_level = n_strata * n_runs
        spread: FloatArray = (counted * n_levels - deck.squares) / (float(n_per_level * n_levels) ** 2)
        return spread

    def orders(self, rng: np.random.Generator, n_batch: int, n_all: int) -> IntArray:
        """What `rng.random((n_batch, n_all)).argsort(axis=1)` gives, column by column: (n_all, n_batch).

        It is written over by the next call.
        """
        drawn, spare = self._two_tables(1, n_batch, n_all)
        rng.random(out=drawn)
        if n_all > _MAX_ROW:
            orders: IntArray = drawn[0].argsort(axis=1).T
            return orders
        keys, columns = drawn.view(np.uint64), spare.reshape(n_all, 1, n_batch)
        if n_all > _NETWORK:
            _sort_rows(keys)
        np.copyto(columns, np.moveaxis(keys, 2, 0))
        if n_all <= _NETWORK:
            _sort_columns(columns)
        return _places(columns, np.zeros(1, dtype=np.int64), n_all, in_columns=True)[:, 0]

    def _two_tables(self, *shape: int) -> tuple[FloatArray, _Words]:
        if shape not in self._tables:
            if len(self._tables) >= _DESKS:
                self._tables.clear()
            self._tables[shape] = np.empty(shape), np.empty(shape, dtype=np.uint64)
        return self._tables[shape]


def _draw(rng: np.random.Generator, drawn: FloatArray, deck: Deck) -> None:
    """Fill in the numbers of the strata that vary, as if those of all strata were drawn in their order."""
    if len(deck.varying) == deck.shape[0]:
        rng.random(out=drawn)
        return
    per_stratum, reached = drawn.shape[1] * drawn.shape[2], 0
    for numbers, stratum in zip(drawn, deck.varying.tolist(), strict=True):
        skip(rng, (stratum - reached) * per_stratum)
        rng.random(out=numbers)
        reached = stratum + 1
    skip(rng, (deck.shape[0] - reached) * per_stratum)


def _low_bits(n_all: int) -> np.uint64:
    return np.uint64((1 << max(1, (n_all - 1).bit_length())) - 1)


def _sort_rows(keys: _Words) -> None:
    """Sort each row; a number carries its place in the row in its lowest bits.

    These are far below what tells two random numbers apart: sorting the numbers sorts the places with them.
    """
    keys &= ~_low_bits(keys.shape[2])
    keys |= np.arange(keys.shape[2], dtype=np.uint64)
    keys.sort(axis=2)


def _sort_columns(columns: _Words) -> None:
    """The same for short rows that stand in columns: of each pair that is compared the larger moves on."""
    columns &= ~_low_bits(len(columns))
    columns |= np.arange(len(columns), dtype=np.uint64)[:, None, None]
    lower = np.empty_like(columns[0])
    for one, other in sorting_network(len(columns)):
        np.minimum(columns[one], columns[other], out=lower)
        np.maximum(columns[one], columns[other], out=columns[other])
        columns[one][...] = lower


@lru_cache(maxsize=_NETWORK)
def sorting_network(n_columns: int) -> tuple[tuple[int, int], ...]:
    """The fewest comparisons that sort four to six numbers; neighbours only for others."""
    if n_columns in _FEWEST:
        return tuple((int(pair[0]), int(pair[1])) for pair in _FEWEST[n_columns].split())
    return tuple((one, one + 1) for end in range(n_columns - 1, 0, -1) for one in range(end))


_FEWEST = {4: "02 13 01 23 12", 5: "03 14 02 13 01 24 12 34 23", 6: "05 13 24 12 34 03 25 01 23 45 12 34"}
"""D. E. Knuth, The Art of Computer Programming 3, 5.3.4."""


def _places(keys: _Words, first: IntArray, n_all: int, *, in_columns: bool) -> IntArray:
    """Places in the whole deck, from sorted keys and where each stratum begins; written over the keys."""
    keys &= _low_bits(n_all)
    places: IntArray = keys.view(np.int64)
    places += first[:, None] if in_columns else first[:, None, None]
    return places


def _sums_of_columns(dealt: _Words, n_runs: int) -> _Words:
    """Sum of what falls to each level, (levels, batch), from (rankings, strata, batch)."""
    by_ranking = dealt.sum(axis=1, dtype=np.uint64)
    total: _Words = by_ranking.reshape(-1, n_runs, by_ranking.shape[1]).sum(axis=1, dtype=np.uint64)
    return total


def _sums_of_rows(dealt: _Words, n_runs: int) -> _Words:
    """The same from (strata, batch, rankings); adding slices is quicker than a sum over a short axis."""
    by_level = dealt[..., 0::n_runs].copy()
    for run in range(1, n_runs):
        by_level += dealt[..., run::n_runs]
    total: _Words = by_level.sum(axis=0, dtype=np.uint64).T
    return total


def _squares(sums: _Words, bits: int) -> NDArray[np.int64]:
    """Sum of the squares of all fields."""
    table = _table(bits)
    mask = np.uint64((1 << _BITS_PER_LOOKUP) - 1)
    found = table.take((sums & mask).astype(np.int64))
    for lookup in range(1, _LOOKUPS_PER_WORD):
        part = (sums >> np.uint64(lookup * _BITS_PER_LOOKUP)) & mask
        found += table.take(part.astype(np.int64))
    return found


@lru_cache(maxsize=_BITS_PER_LOOKUP)
def _table(bits: int) -> NDArray[np.int64]:
    """For every number of 15 bits: the sum of the squares of its fields."""
    numbers = np.arange(1 << _BITS_PER_LOOKUP, dtype=np.int64)
    fields = range(_columns_per_lookup(bits))
    squares: NDArray[np.int64] = sum(  # type: ignore[assignment]
        ((numbers >> (field * bits)) & ((1 << bits) - 1)) ** 2 for field in fields
    )
    squares.flags.writeable = False
    return squares
