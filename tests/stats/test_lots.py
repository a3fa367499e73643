"""Arms dealt anew, as they were dealt."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats import lots as lots_module
from harness.stats.lots import dealt_arms_test

RNG = np.random.default_rng(5)
PAIRS = [1, 1, 2, 2, 3, 3]


def by_brute_force(figures: np.ndarray, seen: np.ndarray, lots: list[int]) -> tuple[float, int]:
    """Try every deal of whole people, in plain loops."""
    arms = seen[:, 0]

    def statistic(dealt: np.ndarray) -> float:
        return float(np.mean(figures[dealt == 1].mean(axis=0) - figures[dealt == 0].mean(axis=0)))

    wanted = {lot: sum(arms[[one == lot for one in lots]]) for lot in set(lots)}
    deals = []
    for bits in product([0, 1], repeat=len(lots)):
        dealt = np.array(bits)
        if all(dealt[[one == lot for one in lots]].sum() == n for lot, n in wanted.items()):
            deals.append(statistic(dealt))
    seen_statistic = abs(statistic(arms))
    return float(np.mean([abs(one) >= seen_statistic - 1e-9 for one in deals])), len(deals)


@pytest.mark.parametrize("lots", [PAIRS, [1] * 6, [1, 1, 1, 1, 2, 2]])
def test_every_deal_is_tried(lots: list[int]) -> None:
    """Exact p and number of deals are those of plain loops, in pairs and in larger lots."""
    figures = np.random.default_rng(3).normal(size=(6, 4))
    seen = np.repeat([[1.0], [0], [1], [0], [0], [1]], 4, axis=1)
    figures[seen == 1] += 1
    found = dealt_arms_test(figures, seen, lots, RNG)
    assert (found.p_value, found.n_shuffles) == by_brute_force(figures, seen, lots)


def test_three_pairs_by_hand() -> None:
    """Whoever saw it is nearer in all three pairs: this deal and its opposite, of eight: p = 1/4."""
    towards = np.array([[0.9], [0.1], [0.8], [0.3], [0.2], [0.7]])
    found = dealt_arms_test(towards, [[1], [0], [1], [0], [0], [1]], PAIRS, RNG)
    assert (found.p_value, found.n_shuffles) == (0.25, 8)
    assert found.statistic == pytest.approx(0.6)


def test_cases_dealt_by_hand() -> None:
    """One pair with opposite halves of four cases: six halves, of which this and its opposite are as far."""
    seen = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    found = dealt_arms_test(seen * 1.0, seen, [1, 1], RNG)
    assert found.p_value == pytest.approx(2 / 6)
    assert found.n_shuffles == 6
    assert found.statistic == pytest.approx(1.0)


def test_a_person_alone_in_a_lot_stays() -> None:
    """Conditionally on the last, unpaired person the pairs are dealt: eight deals again."""
    figures = np.random.default_rng(3).normal(size=(7, 2))
    seen = np.repeat([[1.0], [0], [1], [0], [0], [1], [1]], 2, axis=1)
    assert dealt_arms_test(figures, seen, [*PAIRS, 4], RNG).n_shuffles == 8


def test_halves_that_do_not_belong_together_are_dealt_apart() -> None:
    """In one lot by mistake, but neither the same half nor the other one: 6 x 6 deals."""
    seen = np.array([[1.0, 1, 0, 0], [1, 0, 1, 0]])
    figures = np.random.default_rng(3).normal(size=(2, 4))
    assert dealt_arms_test(figures, seen, [1, 1], RNG).n_shuffles == 36


def test_a_case_that_one_of_a_pair_left_out_is_still_dealt() -> None:
    """The half of a pair is known from either of them: 6 deals of four cases, two graded by one only."""
    seen = np.array([[1.0, np.nan, 0, 0], [0, 0, np.nan, 1]])
    figures = np.array([[1.0, np.nan, 0.2, 0.1], [0.3, 0.4, np.nan, 0.8]])
    assert dealt_arms_test(figures, seen, [1, 1], RNG).n_shuffles == 6


def test_many_deals_are_drawn_from_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same p, near the exact one, and never 0."""
    figures = np.random.default_rng(3).normal(size=(12, 3))
    seen = np.repeat(np.tile([[1.0], [0]], (6, 1)), 3, axis=1)
    lots = [place // 2 for place in range(12)]
    exact = dealt_arms_test(figures, seen, lots, RNG)
    assert exact.n_shuffles == 64
    monkeypatch.setattr(lots_module, "MAX_EXACT_DEALS", 10)
    monkeypatch.setattr(lots_module, "_FIGURES_AT_ONCE", 5_000)
    drawn = [dealt_arms_test(figures, seen, lots, np.random.default_rng(8), 4_000) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0].p_value == pytest.approx(exact.p_value, abs=0.04)
    assert dealt_arms_test(seen, seen, lots, RNG, 99).p_value >= 1 / 100


def test_nothing_to_deal_is_refused() -> None:
    """Everybody alone in a lot, or no case with both arms: undefined."""
    seen = np.array([[1.0], [0]])
    with pytest.raises(UndefinedStatisticError, match="only one deal"):
        dealt_arms_test([[0.5], [0.4]], seen, [1, 2], RNG)
    with pytest.raises(UndefinedStatisticError, match="both arms"):
        dealt_arms_test(np.ones((4, 2)), [[1, np.nan], [1, np.nan], [np.nan, 0], [np.nan, 0]], [1] * 4, RNG)
