"""Orders of a few things by comparing each two of them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from harness.stats.design import slot_effect_test
from harness.stats.small_orders import MAX_THINGS, codes_of, orders_of_codes


@pytest.mark.parametrize("n_things", range(1, MAX_THINGS + 1))
def test_codes_stand_for_the_orders_that_sorting_gives(n_things: int) -> None:
    """Every order has a code of its own, and random numbers get the one that sorting them gives."""
    every = np.array(list(permutations(range(n_things))), dtype=np.float64)
    numbers = np.concatenate([every, np.random.default_rng(1).random((500, n_things))])
    orders = orders_of_codes(n_things)[codes_of(numbers)]
    assert orders.tolist() == numbers.argsort(axis=1).tolist()
    assert len(np.unique(codes_of(every))) == len(every)


def test_equal_numbers_keep_their_places() -> None:
    """As a stable sort would: the first of two equal ones comes first."""
    numbers = np.array([[0.5, 0.5, 0.1], [0.2, 0.7, 0.2], [0.3, 0.3, 0.3]])
    found = orders_of_codes(3)[codes_of(numbers)]
    assert found.tolist() == numbers.argsort(axis=1, kind="stable").tolist()


@pytest.mark.parametrize("sizes", [(4,), (2, 4), (8,), (4, 8, 2), (1, 3)])
def test_a_test_of_slots_deals_as_sorting_random_numbers_does(sizes: tuple[int, ...]) -> None:
    """Cases of few rankings, dealt out together by codes, give the p-value of shuffles made one by one."""
    rng = np.random.default_rng(5)
    cases = []
    for size in sizes * 12:
        grades = rng.integers(1, 4, (size, 3)).astype(np.float64)
        cases.append((grades, np.array([rng.permutation(3) for _ in range(size)])))
    n_shuffles = 300
    found = slot_effect_test(cases, np.random.default_rng(9), n_shuffles)
    assert found.p_value == _one_by_one(cases, np.random.default_rng(9), n_shuffles)


def _one_by_one(
    cases: list[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator, n_shuffles: int
) -> float:
    """Row by row: sort random numbers, give each ranking the order of that place, add up its mid-ranks."""
    sums, n_rankings = np.zeros((n_shuffles + 1, 3)), sum(len(grades) for grades, _ in cases)
    for grades, orders in cases:
        worse = (grades[:, None, :] < grades[:, :, None]).sum(axis=2)
        equal = (grades[:, None, :] == grades[:, :, None]).sum(axis=2)
        ranks = 1.0 + worse + (equal - 1) / 2
        dealt = rng.random((n_shuffles, len(grades))).argsort(axis=1)
        for shuffle, places in enumerate([np.arange(len(grades)), *dealt]):
            sums[shuffle] += np.take_along_axis(ranks, orders[places], axis=1).sum(axis=0)
    effects = ((sums / n_rankings - 2.0) ** 2).sum(axis=1)
    return float((1 + (effects[1:] >= effects[0] - 1e-9).sum()) / (n_shuffles + 1))
