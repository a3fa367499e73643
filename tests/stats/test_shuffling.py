from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stats import permutation
from harness.stats.pairs import thermometer
from harness.stats.shuffling import Dealer, as_deck, spreads_of_all

SHAPES = st.tuples(st.integers(1, 4), st.integers(2, 4), st.integers(1, 6), st.integers(2, 7))


def plainly_shuffled(table: np.ndarray, rng: np.random.Generator, n_batch: int) -> np.ndarray:
    """The definition: draw, sort rows, sum what falls to each level; how far the levels lie apart."""
    sums = permutation._shuffled_sums(table, rng, n_batch)
    return permutation._spread_of_levels(sums, table)


@settings(deadline=None, max_examples=60)
@given(st.lists(SHAPES, min_size=1, max_size=3), st.integers(0, 2**32))
def test_packed_rankings_are_shuffled_as_the_definition_says(
    shapes: list[tuple[int, int, int, int]], seed: int
) -> None:
    """Whatever the numbers of strata, levels, runs and answers: the same shuffles, the same statistics."""
    rng = np.random.default_rng(seed)
    tables = [thermometer(rng.integers(1, 4, shape).astype(float)) for shape in shapes]
    batches = [7, 7, 3]
    plain, packed = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 1])
    expected = [sum(plainly_shuffled(table, plain, n) for table in tables) for n in batches]
    decks = [deck for table in tables if (deck := as_deck(table)) is not None]
    assert len(decks) == len(tables)
    found = [*spreads_of_all(decks, packed, batches)]
    assert np.concatenate(found) == pytest.approx(np.concatenate(expected), abs=1e-12)
    assert packed.random() == plain.random()  # the stream goes on where it would have


@settings(deadline=None, max_examples=60)
@given(SHAPES, st.data(), st.sampled_from([np.random.PCG64, np.random.MT19937]))
def test_strata_without_differences_are_not_shuffled_but_count(
    shape: tuple[int, int, int, int], data: st.DataObject, kind: type[np.random.BitGenerator]
) -> None:
    """Wherever all rankings of a stratum are alike: the same statistics, and the same numbers afterwards."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    grades = rng.integers(1, 4, shape).astype(float)
    for stratum in data.draw(st.sets(st.integers(0, shape[0] - 1))):
        grades[stratum] = grades[stratum, 0, 0]
    table = thermometer(grades)
    deck = as_deck(table)
    assert deck is not None
    plain, packed = (np.random.Generator(kind(11)) for _ in range(2))
    expected = plainly_shuffled(table, plain, 9)
    assert Dealer().spreads(deck, packed, 9) == pytest.approx(expected, abs=1e-12)
    assert packed.random() == plain.random()


def test_a_generator_that_cannot_jump_gives_the_same() -> None:
    """Another kind of generator is used in one piece, with the same outcome as the plain way."""
    table = thermometer(np.random.default_rng(5).integers(1, 5, (2, 3, 2, 4)).astype(float))
    deck = as_deck(table)
    assert deck is not None
    one, other = (np.random.Generator(np.random.MT19937(3)) for _ in range(2))
    expected = [plainly_shuffled(table, one, n) for n in (5, 4)]
    assert np.concatenate([*spreads_of_all([deck], other, [5, 4])]) == pytest.approx(np.concatenate(expected))


def test_what_is_no_thermometer_is_not_packed() -> None:
    """Numbers between 0 and 1 have no fields to be counted in; the test then takes the plain way."""
    table = np.random.default_rng(2).random((1, 2, 3, 4))
    assert as_deck(table) is None
    assert as_deck(np.zeros((4_097, 2, 8, 2))) is None
    found = permutation.model_test([np.moveaxis(table, 0, 1)], np.random.default_rng(1), 99)
    assert 0.01 <= found.p_value <= 1


@settings(deadline=None)
@given(st.integers(1, 9) | st.just(300), st.integers(0, 2**32))
def test_orders_are_those_of_sorted_rows(n_all: int, seed: int) -> None:
    """Dealing out orders gives the places of the sorted random numbers, row by row."""
    plain, quick = np.random.default_rng(seed), np.random.default_rng(seed)
    dealer = Dealer()
    for n_batch in (6, 6, 2):
        expected = plain.random((n_batch, n_all)).argsort(axis=1)
        assert dealer.orders(quick, n_batch, n_all).T.tolist() == expected.tolist()
