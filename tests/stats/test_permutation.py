"""Shuffle tests and Holm's adjustment."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats import design, group, pairs, permutation

SQUARE = design.williams_square(4)


def table(
    rng: np.random.Generator, n_models: int, n_rulebooks: int, n_runs: int, n_answers: int = 4
) -> np.ndarray:
    """Thermometers of random grades, one case."""
    grades = rng.integers(1, 5, (n_models, n_rulebooks, n_runs, n_answers)).astype(float)
    return pairs.thermometer(grades)


def test_exact_p_of_the_toy_example() -> None:
    """The toy of methods.md §4.2 has exact p = 2/20."""
    a = [[4, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1]]
    b = [[1, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]]
    found = permutation.two_group_exact_test(a, b)
    assert (found.p_value, found.n_shuffles) == (0.1, 20)
    # biased centroid distance = gap + the means' own noise, 2/3 of half D_AA and D_BB over n = 3
    noise = (1 - group.mean_pairwise_tau(a)) / 2 / 3 + (1 - group.mean_pairwise_tau(b)) / 2 / 3
    assert found.statistic / 6 == pytest.approx(group.value_gap(a, b) + noise)


def test_the_toy_has_the_pseudo_f_of_permanova() -> None:
    """From the toy's statistic follows pseudo-F = 4.1666667, as scikit-bio's permanova gives it (§4.1)."""
    a = np.array([[4.0, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1]])
    b = np.array([[1.0, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]])
    between = permutation.two_group_exact_test(a, b).statistic * 3 / 2
    within = sum(pairs.thermometer(one).var(axis=0).sum() * 3 for one in (a, b))
    assert between / (within / 4) == pytest.approx(4.1666667, abs=1e-7)


def test_shuffling_approaches_the_exact_p() -> None:
    """For two rulebooks, one judge and independent runs, the shuffle test converges to the exact p."""
    a = np.array([[4.0, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1]])
    b = np.array([[1.0, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]])
    case = pairs.thermometer(np.array([[a, b]]))
    rng = np.random.default_rng(11)
    found = permutation.rulebook_test([case], rng, same_presentations=False)
    # SE of a share of .1 in 9,999 draws is .003
    assert found.p_value == pytest.approx(0.1, abs=0.012)
    as_models = permutation.model_test([np.swapaxes(case, 0, 1)], rng)
    assert as_models.p_value == pytest.approx(0.1, abs=0.012)
    assert as_models.statistic == pytest.approx(found.statistic)


def test_paired_shuffling_approaches_the_exact_p() -> None:
    """Within presentations, two rulebooks and four presentations have 2^4 equally likely arrangements."""
    case = table(np.random.default_rng(3), 1, 2, 4)
    difference = case[0, 0] - case[0, 1]
    flips = np.array(list(itertools.product([-1, 1], repeat=4)))
    lengths = ((flips @ difference) ** 2).sum(axis=1)
    exact = (lengths >= (difference.sum(axis=0) ** 2).sum() - 1e-9).mean()
    assert 0 < exact < 1
    found = permutation.rulebook_test([case], np.random.default_rng(4))
    assert found.p_value == pytest.approx(exact, abs=0.02)


def test_judges_shuffled_within_presentations_approach_the_exact_p() -> None:
    """Two judges and four presentations have 2^4 equally likely arrangements when each stays in its own."""
    case = table(np.random.default_rng(13), 2, 1, 4)
    difference = case[0, 0] - case[1, 0]
    flips = np.array(list(itertools.product([-1, 1], repeat=4)))
    lengths = ((flips @ difference) ** 2).sum(axis=1)
    exact = (lengths >= (difference.sum(axis=0) ** 2).sum() - 1e-9).mean()
    assert 0 < exact < 1
    found = permutation.model_test([case], np.random.default_rng(4), same_presentations=True)
    assert found.p_value == pytest.approx(exact, abs=0.02)
    across = permutation.model_test([case], np.random.default_rng(4))
    assert across.statistic == found.statistic


def test_statistic_by_hand() -> None:
    """The statistic is the mean squared distance of the level means from their mean, added over cases."""
    case = np.zeros((2, 1, 2, 2))
    case[0] = 1.0
    # level means (1,1) and (0,0), each ½ away in two columns: ½ per case
    found = permutation.model_test([case, case], np.random.default_rng(0), n_shuffles=99)
    assert found.statistic == pytest.approx(1.0)


def test_slot_only_judges_never_show_a_rulebook_effect() -> None:
    """A judge that looks at slots only gives p = 1 in the rulebook test, however strong its slot habit."""
    grades = np.empty((4, 4))
    np.put_along_axis(grades, SQUARE, np.broadcast_to([4.0, 3, 2, 1], SQUARE.shape), axis=1)
    case = np.broadcast_to(pairs.thermometer(grades), (1, 3, 4, 12))
    assert permutation.rulebook_test([case], np.random.default_rng(0), 199).p_value == 1


def test_a_clear_effect_gives_the_smallest_p() -> None:
    """When every judge follows the rule in every case, no shuffle reaches what was seen."""
    obeying = np.array([[4.0, 3, 2, 1], [1, 2, 4, 3]])
    grades = np.broadcast_to(obeying[None, :, None], (3, 2, 4, 4))
    cases = [pairs.thermometer(grades)] * 4
    found = permutation.rulebook_test(cases, np.random.default_rng(0), 499)
    assert found.p_value == 1 / 500
    assert permutation.model_test(cases, np.random.default_rng(0), 499).p_value == 1


def test_the_same_seed_gives_the_same_p() -> None:
    """The seed alone decides the shuffles, across batches too."""
    cases = [table(np.random.default_rng(i), 3, 2, 4) for i in range(3)]
    first = permutation.model_test(cases, np.random.default_rng(7), 1200)
    second = permutation.model_test(cases, np.random.default_rng(7), 1200)
    assert first == second
    assert 0 < first.p_value < 1


def test_cases_may_differ_in_answers_and_runs() -> None:
    """Cases with three and with four answers enter one test."""
    rng = np.random.default_rng(5)
    found = permutation.model_test([table(rng, 2, 2, 3, 3), table(rng, 2, 2, 2, 4)], rng, 199)
    assert found.n_shuffles == 199


def test_holm_by_hand() -> None:
    """Holm's adjusted values never fall and keep the order of the tests."""
    # sorted .01·4 = .04, .02·3 = .06, .03·2 = .06, .5·1 = .5
    assert permutation.holm([0.02, 0.5, 0.01, 0.03]).tolist() == pytest.approx([0.06, 0.5, 0.04, 0.06])
    assert permutation.holm([0.6, 0.9]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda rng: permutation.model_test([], rng), "no case"),
        (lambda rng: permutation.model_test([np.ones((1, 2, 3, 2))], rng), "one judge"),
        (lambda rng: permutation.rulebook_test([np.ones((2, 1, 3, 2))], rng), "one rulebook"),
        (lambda rng: permutation.model_test([np.full((2, 2, 3, 2), np.nan)], rng), "missing"),
        (lambda _: permutation.two_group_exact_test(np.ones((12, 3)), np.ones((12, 3))), "too many"),
        (lambda _: permutation.two_group_exact_test(np.empty((0, 3)), np.ones((2, 3))), "no ranking"),
        (lambda _: permutation.holm([0.1, np.nan]), "no p-value"),
    ],
)
def test_undefined_tests(compute: Callable[[np.random.Generator], object], reason: str) -> None:
    """Nothing to shuffle, a hole, or too many splits: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute(np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize("same_presentations", [True, False])
def test_null_rejections_keep_their_level(same_presentations: bool) -> None:
    """Without any effect, 400 simulated rulebook tests reject at 5 % between 1.5 and 8.5 % of the time."""
    rng = np.random.default_rng(12)
    rejected = sum(
        permutation.rulebook_test(
            [table(rng, 3, 3, 4) for _ in range(3)], rng, 199, same_presentations=same_presentations
        ).p_value
        <= 0.05
        for _ in range(400)
    )
    assert 0.015 <= rejected / 400 <= 0.085
