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


def preferences(rows: list[list[float]]) -> np.ndarray:
    """Preference table from its upper triangle, row by row."""
    n_answers = len(rows) + 1
    p = np.full((n_answers, n_answers), NAN)
    for i, row in enumerate(rows):
        for j, value in enumerate(row, start=i + 1):
            p[i, j], p[j, i] = value, 1 - value
    return p


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


@given(st.integers(0, 2**32 - 1))
def test_slot_effects_sum_to_zero(seed: int) -> None:
    """What one slot gains the others lose."""
    rng = np.random.default_rng(seed)
    grades, square = rng.integers(1, 4, (4, 4)), design.williams_square(4)
    assert design.slot_effect(design.by_slot(grades, square)).sum() == pytest.approx(0, abs=1e-12)


def test_majority_of_case_h(six_people: np.ndarray) -> None:
    """Shares of preference count ties as one half, and missing grades not at all."""
    p = design.majority_matrix(six_people)
    # A over B: 1234 yes, 1123 tie, 2133 no, 1324 yes, 1222 yes, 4321 no → 3.5 of 6
    assert p[0, 1] == pytest.approx(3.5 / 6)
    assert p[1, 0] == pytest.approx(2.5 / 6)
    assert np.isnan(np.diag(p)).all()
    holes = design.majority_matrix(np.array([[3, NAN, 1], [NAN, 2, 1]]))
    assert np.isnan(holes[0, 1])
    assert holes[0, 2] == 1


def test_condorcet_cycle_is_one_circle() -> None:
    """Orders 123, 231, 312 pool to a circle; case H pools to none."""
    assert design.intransitive_triples(design.majority_matrix([[3, 2, 1], [1, 3, 2], [2, 1, 3]])) == 1
    assert design.intransitive_triples(design.majority_matrix([[3, 2, 1], [1, 3, 2], [3, 1, 2]])) == 0


def test_circles_by_hand() -> None:
    """0 beats 1, 1 beats 2, 2 beats 0, and 3 loses to all: one circle of four triples; a tie is no win."""
    assert design.intransitive_triples(preferences([[0.8, 0.3, 0.9], [0.6, 0.9], [0.7]])) == 1
    # the same circle the other way round
    assert design.intransitive_triples(preferences([[0.2, 0.7, 0.9], [0.4, 0.9], [0.7]])) == 1
    # 0 beats all, 2 beats 1: the last two clauses of a circle without its first
    assert design.intransitive_triples(preferences([[0.8, 0.7], [0.4]])) == 0
    assert design.intransitive_triples(preferences([[0.8, 0.5, 0.9], [0.6, 0.9], [0.7]])) == 0


def test_five_answers_in_a_regular_circle_reach_the_maximum() -> None:
    """k(k² - 1)/24 = 5 circles for five answers of which each beats the next two."""
    regular = np.array([[0.9 if (j - i) % 5 in (1, 2) else 0.1 for j in range(5)] for i in range(5)])
    assert design.intransitive_triples(regular) == 5


def test_preferences_to_grades_by_hand() -> None:
    """Strengths are row means off the diagonal, and grades follow them, 1 = worst."""
    # rows: 0: (.9 + .6 + .2)/3; 1: (.1 + .5 + .1)/3; 2: (.4 + .5 + .3)/3; 3: (.8 + .9 + .7)/3
    found = design.preference_to_scores(preferences([[0.9, 0.6, 0.2], [0.5, 0.1], [0.3]]))
    assert found.strengths.tolist() == pytest.approx([1.7 / 3, 0.7 / 3, 1.2 / 3, 2.4 / 3])
    assert found.grades.tolist() == [3, 1, 2, 4]


@pytest.mark.parametrize(
    ("p01", "band", "grades"),
    [
        (0.5049, 0.01, [1, 1]),
        (0.505, 0.01, [2, 1]),
        (0.4951, 0.01, [1, 1]),
        (0.5, 0.0, [1, 1]),
        (0.45, 0.2, [1, 1]),
    ],
)
def test_neighbours_closer_than_the_band_are_tied(p01: float, band: float, grades: list[float]) -> None:
    """Strengths .0098 apart are tied, exactly .01 apart are not."""
    assert design.preference_to_scores(preferences([[p01]]), band).grades.tolist() == grades


def test_ties_chain_between_neighbours() -> None:
    """Three answers each .008 apart are one tier although the ends are .016 apart."""
    # strengths: (.504 + .512)/2 = .508, (.496 + .504)/2 = .5, (.488 + .496)/2 = .492
    found = design.preference_to_scores(preferences([[0.504, 0.512], [0.504]]))
    assert found.strengths.tolist() == pytest.approx([0.508, 0.5, 0.492])
    assert found.grades.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: design.williams_square(1), "no orders"),
        (lambda: design.slot_effect(np.empty((0, 4))), "no ranking"),
        (lambda: design.slot_effect(np.array([[1, NAN, 2]])), "missing"),
        (lambda: design.slot_effect_test([], np.random.default_rng(0)), "no case"),
        (lambda: design.order_consistency([[1, 2, 3]]), "needs two"),
        (lambda: design.preference_to_scores(np.full((3, 3), NAN)), "not compared"),
        (lambda: design.intransitive_triples([[NAN]]), "no pair"),
    ],
)
def test_undefined_designs(compute: Callable[[], object], reason: str) -> None:
    """Too few answers, no ranking, or a pair that was never compared: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute()
