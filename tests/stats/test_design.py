"""Williams squares, slot effects, circles and rankings from pairwise preferences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import design

NAN = float("nan")


def toy_judge() -> np.ndarray:
    """Utilities 3, 2, 1, 0 plus 1.5 for whatever stands in the first slot, under the four orders."""
    grades = np.tile([3.0, 2, 1, 0], (4, 1))
    grades[np.arange(4), design.williams_square(4)[:, 0]] += 1.5
    return grades


def test_the_square_of_four_answers() -> None:
    """Four answers are shown as ABDC, BCAD, CDBA, DACB."""
    orders = {"".join("ABCD"[answer] for answer in order) for order in design.williams_square(4)}
    assert orders == {"ABDC", "BCAD", "CDBA", "DACB"}


@pytest.mark.parametrize("n_answers", range(2, 11))
def test_squares_are_balanced(n_answers: int) -> None:
    """Every answer stands in every slot equally often, every ordered neighbour pair occurs equally often."""
    square = design.williams_square(n_answers)
    assert len(square) == (n_answers if n_answers % 2 == 0 else 2 * n_answers)
    places = Counter((slot, int(answer)) for order in square for slot, answer in enumerate(order))
    neighbours = Counter(tuple(map(int, pair)) for order in square for pair in pairwise(order))
    times = 1 if n_answers % 2 == 0 else 2
    assert (len(places), set(places.values())) == (n_answers**2, {times})
    assert (len(neighbours), set(neighbours.values())) == (n_answers * (n_answers - 1), {times})


def test_toy_slot_effect_and_order_consistency() -> None:
    """The toy of methods.md §6: slot effects .75, 0, -.75, 0 and order consistency one half."""
    by_slot = design.by_slot(toy_judge(), design.williams_square(4))
    assert design.slot_effect(by_slot).tolist() == pytest.approx([0.75, 0, -0.75, 0])
    assert design.order_consistency(toy_judge()) == pytest.approx(0.5)


def test_by_slot_puts_each_answer_where_it_was_shown() -> None:
    """Slot p holds the mid-rank of the answer that stood there."""
    # answers 0,1,2 with grades 9,5,5 → places 3, 1.5, 1.5; shown in the order 2,0,1
    assert design.by_slot([[9, 5, 5]], [[2, 0, 1]]).tolist() == [[1.5, 3, 1.5]]


def test_slot_test_finds_the_toy_judge_and_lets_a_content_judge_pass() -> None:
    """Three cases of a strong slot habit give a small p, a judge of content alone gives p = 1."""
    square = design.williams_square(4)
    biased = design.slot_effect_test([(toy_judge(), square)] * 3, np.random.default_rng(0), 1999)
    assert biased.statistic == pytest.approx(2 * 0.75**2)
    assert biased.p_value < 0.01
    content = np.tile([2.0, 4, 1, 3], (4, 1))
    fair = design.slot_effect_test([(content, square)] * 3, np.random.default_rng(0), 199)
    assert fair.p_value == 1
    assert fair.statistic == pytest.approx(0)


def test_slot_test_approaches_the_exact_p() -> None:
    """With one case and four orders the p-value converges to the share among all 24 dealings."""
    square, grades = design.williams_square(4), toy_judge()
    seen = (design.slot_effect(design.by_slot(grades, square)) ** 2).sum()
    every = [
        (design.slot_effect(design.by_slot(grades, square[list(deal)])) ** 2).sum()
        for deal in permutations(range(4))
    ]
    exact = np.mean(np.array(every) >= seen - 1e-9)
    found = design.slot_effect_test([(grades, square)], np.random.default_rng(5))
    assert found.p_value == pytest.approx(exact, abs=0.015)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937])
def test_cases_of_one_ranking_take_their_random_numbers_too(kind: type[np.random.BitGenerator]) -> None:
    """Cases with all rankings alike are not dealt out, and the others are shuffled as if they were."""
    square, alike = design.williams_square(4), np.tile([2.0, 4, 1, 3], (4, 1))
    cases = [(alike, square), (toy_judge(), square), (np.ones((4, 4)), square), (toy_judge()[::-1], square)]
    rng, plain, n_shuffles = np.random.Generator(kind(7)), np.random.Generator(kind(7)), 299
    found = design.slot_effect_test(cases, rng, n_shuffles)
    sums = np.zeros((n_shuffles, 4))
    for grades, orders in cases:
        for shuffle, deal in enumerate(plain.random((n_shuffles, 4)).argsort(axis=1)):
            sums[shuffle] += design.by_slot(grades, orders[deal]).sum(axis=0)
    spreads = ((sums / 16 - 2.5) ** 2).sum(axis=1)
    assert found.p_value == (1 + (spreads >= found.statistic - 1e-9).sum()) / (n_shuffles + 1)
    assert rng.random() == plain.random()


@given(st.integers(0, 2**32 - 1))
def test_slot_effects_sum_to_zero(seed: int) -> None:
    """What one slot gains the others lose."""
    rng = np.random.default_rng(seed)
    grades, square = rng.integers(1, 4, (4, 4)), design.williams_square(4)
    assert design.slot_effect(design.by_slot(grades, square)).sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: design.williams_square(1), "no orders"),
        (lambda: design.slot_effect(np.empty((0, 4))), "no ranking"),
        (lambda: design.slot_effect(np.array([[1, NAN, 2]])), "missing"),
        (lambda: design.slot_effect_test([], np.random.default_rng(0)), "no case"),
        (lambda: design.order_consistency([[1, 2, 3]]), "needs two"),
    ],
)
def test_undefined_designs(compute: Callable[[], object], reason: str) -> None:
    """Too few answers, no ranking, or a missing grade: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute()
