"""Agreement of two rankings: the headline figures and the secondary coefficients."""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import kendalltau, spearmanr

from harness.errors import UndefinedStatisticError
from harness.stats import agreement, coefficients

NAN = float("nan")
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "reference" / "ranking_pairs.json").read_text(encoding="utf-8")
)["pairs"]
STATISTICS = {
    "kemeny": agreement.kemeny_distance,
    "tau_x": agreement.tau_x,
    "s1": agreement.s1,
    "s2": agreement.s2,
    "tau_b": coefficients.tau_b,
    "rho": coefficients.spearman,
    "top1_random_tiebreak": coefficients.top1,
    "floor": agreement.floor,
}
two_rankings = st.integers(2, 6).flatmap(
    lambda k: hnp.arrays(np.float64, (2, k), elements=st.integers(1, 4).map(float))
)


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['a']}-{v['b']}")
def test_published_pair_vectors(vector: dict[str, Any], name: str) -> None:
    """Every value checked in R (ConsRank 3.0, cor) comes out, and null means undefined, never 0."""
    a, b = -np.array(vector["a"], float), -np.array(vector["b"], float)
    if vector[name] is None:
        with pytest.raises(UndefinedStatisticError):
            STATISTICS[name](a, b)
    else:
        assert float(STATISTICS[name](a, b)) == pytest.approx(vector[name], abs=1e-12)


def test_brook_upton_three_answers() -> None:
    """tau_x of three answers as ConsRank gives it for orders (best answer named first)."""
    orders = np.array([[1, 2, 3], [1, 3, 2], [3, 1, 2], [3, 2, 1]])
    grades = -np.argsort(orders, axis=1).astype(float)
    found = [float(agreement.tau_x(grades[i], grades[j])) for i, j in [(0, 1), (1, 2), (0, 3)]]
    assert found == pytest.approx([1 / 3, 1 / 3, -1])


def test_spread_of_tau_for_random_strict_orders() -> None:
    """Over all 24 strict orders of four answers the SD of tau is sqrt(26/108)."""
    orders = np.array(list(itertools.permutations([1.0, 2, 3, 4])))
    assert float(agreement.tau_x(orders, [1, 2, 3, 4]).std()) == pytest.approx((26 / 108) ** 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(coefficients.tau_b, kendalltau), (coefficients.spearman, spearmanr)]
)
def test_stack_equals_scipy_one_by_one(ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    """tau_b and rho of a stack equal scipy's, including where scipy says NaN."""
    rng = np.random.default_rng(20240214)
    a = rng.integers(1, 4, (60, 4)).astype(float)
    b = rng.integers(1, 5, (60, 4)).astype(float)
    a[7] = 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns of the constant ranking that is there on purpose
        expected = [theirs(x, y).statistic for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(ours(a, b), expected, atol=1e-12)


def test_counts_by_hand() -> None:
    """Each of the five kinds of pairs is counted where it belongs."""
    # a: 0>1, 0>2, 0>3, 1=2, 1>3, 2>3 (grades 4 2 2 1); b: 0=1, 0>2, 0<3, 1>2, 1<3, 2<3 (grades 3 3 1 4)
    counts = agreement.pair_counts([4, 2, 2, 1], [3, 3, 1, 4])
    assert [float(c) for c in counts] == [6, 1, 3, 1, 1, 0]
    assert float(agreement.conflict_rate([4, 2, 2, 1], [3, 3, 1, 4])) == 3 / 6
    assert float(agreement.hesitation_rate([4, 2, 2, 1], [3, 3, 1, 4])) == 2 / 6


def test_missing_grades_leave_the_shared_pairs() -> None:
    """Only the pairs that both sides ranked count, and the divisor is their number."""
    # shared answers 0, 2, 3: a says 0>2, 0>3, 2>3; b says 0>2, 0<3, 2<3
    a, b = [4, NAN, 3, 1], [2, 9, 1, 3]
    assert float(agreement.kemeny_distance(a, b)) == 4
    assert float(agreement.tau_x(a, b)) == pytest.approx(-1 / 3)
    assert float(agreement.s1(a, b)) == pytest.approx(1 / 3)
    assert float(coefficients.tau_b(a, b)) == pytest.approx(-1 / 3)
    # places among the shared answers: a 3,2,1 and b 2,1,3 → rho = 1 - 6·(1+1+4)/24 = -1/2
    assert float(coefficients.spearman(a, b)) == pytest.approx(-1 / 2)
    # b's best answer over all is the one that a did not rank; among the shared it is 3, a's is 0
    assert float(coefficients.top1(a, b)) == 0


def test_a_stack_broadcasts_against_one_ranking() -> None:
    """One ranking against many gives what each pair gives alone, for leading axes of any number."""
    stack = np.array([[[4.0, 3, 2, 1], [1, 2, 3, 3]], [[2, 2, 1, 1], [1, 4, 1, 2]]])
    one = [3.0, 1, 2, 2]
    together = agreement.tau_x(stack, one)
    alone = [[float(agreement.tau_x(x, one)) for x in row] for row in stack]
    assert together.tolist() == alone
    assert agreement.tau_x(stack[:, :, None], stack[None, 0]).shape == (2, 2, 2)


def test_undefined_entries_of_a_stack_are_nan_and_the_rest_stays() -> None:
    """In a stack an undefined pair is NaN, so that n defined of n total can be printed."""
    a = np.array([[1, 1, 1], [3, 2, 1], [NAN, 1, NAN]])
    b = [[3, 2, 1], [3, 2, 2], [1, 2, 3]]
    assert np.isnan(coefficients.tau_b(a, b)).tolist() == [True, False, True]
    assert np.isnan(agreement.tau_x(a, b)).tolist() == [False, False, True]
    assert np.isnan(agreement.s2(a, b)).tolist() == [True, False, True]


@given(two_rankings)
def test_floor_is_the_mean_over_all_relabellings(grades: np.ndarray) -> None:
    """The product of tie shares is exactly the mean tau_x over all orders of one side's answers."""
    a, b = grades[:, :4]
    relabelled = np.array([a[list(p)] for p in itertools.permutations(range(len(a)))])
    assert float(agreement.tau_x(relabelled, b).mean()) == pytest.approx(float(agreement.floor(a, b)))


@given(two_rankings)
def test_conflict_and_hesitation_explain_tau_x(grades: np.ndarray) -> None:
    """1 - tau_x = 2 conflict + hesitation."""
    a, b = grades
    loss = 2 * agreement.conflict_rate(a, b) + agreement.hesitation_rate(a, b)
    assert float(1 - agreement.tau_x(a, b)) == pytest.approx(float(loss))


@given(two_rankings, st.randoms())
def test_relabelling_answers_changes_nothing(grades: np.ndarray, random: Random) -> None:
    """Naming the answers differently on both sides leaves every statistic as it was."""
    order = list(range(grades.shape[1]))
    random.shuffle(order)
    for statistic in STATISTICS.values():
        before, after = statistic(grades[:1], grades[1:]), statistic(grades[:1, order], grades[1:, order])
        np.testing.assert_allclose(before, after, atol=1e-12)


@given(two_rankings)
def test_sides_can_be_exchanged(grades: np.ndarray) -> None:
    """Agreement is symmetric."""
    for statistic in STATISTICS.values():
        np.testing.assert_allclose(
            statistic(grades[:1], grades[1:]), statistic(grades[1:], grades[:1]), atol=1e-12
        )


@given(two_rankings)
def test_reversing_a_strict_ranking_negates_tau_x(grades: np.ndarray) -> None:
    """Against any ranking, a strict order and its reverse have opposite tau_x."""
    strict = np.argsort(np.argsort(grades[0], kind="stable"), kind="stable").astype(float)
    assert float(agreement.tau_x(strict, grades[1])) == pytest.approx(
        -float(agreement.tau_x(-strict, grades[1]))
    )


def test_alpha_k_of_case_h() -> None:
    """The chance-corrected figure of methods.md §1.5."""
    assert agreement.alpha_k(0.1, 0.0129630) == pytest.approx(0.0881801, abs=1e-6)


def test_alpha_k_without_any_order_is_undefined() -> None:
    """When everybody ties everything chance agrees fully, so nothing can be corrected."""
    with pytest.raises(UndefinedStatisticError, match="chance"):
        agreement.alpha_k(1.0, 1.0)


@pytest.mark.parametrize("name", STATISTICS)
def test_no_shared_answers_is_undefined(name: str) -> None:
    """Two rankings without a common answer have no agreement, of any kind."""
    with pytest.raises(UndefinedStatisticError):
        STATISTICS[name]([1, 2, NAN, NAN], [NAN, NAN, 1, 2])


def test_different_numbers_of_answers_are_refused() -> None:
    """Rankings of different cases are a mistake of the caller."""
    with pytest.raises(ValueError, match="do not compare"):
        agreement.tau_x([1, 2, 3], [1, 2])
