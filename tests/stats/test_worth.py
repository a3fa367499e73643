"""Davidson-Luce worths, their errors, and the win graph."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats.luce import Likelihood, block_sums
from harness.stats.quasi import quasi_variances
from harness.stats.stages import distinct_rows, pool_rankings, stages_of
from harness.stats.worth import davidson_luce, is_connected, worth_intervals

NAN = float("nan")

FRUITS = -np.array(
    [[1, 2, NAN, NAN], [4, 1, 2, 3], [2, 1, 1, 1], [1, 2, 3, NAN], [2, 1, 1, NAN], [1, NAN, 3, 2]]
)
"""Apple, banana, orange, pear: the example of `?PlackettLuce`, as grades."""

# Davidson (1970), example 2, as in R's PlackettLuce::pudding: brands i and j, wins of i, wins of j, ties.
PUDDING_I = (1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 5)
PUDDING_J = (2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6)
PUDDING_WINS_I = (19, 16, 19, 18, 23, 19, 13, 16, 16, 17, 18, 22, 13, 14, 11)
PUDDING_WINS_J = (22, 19, 19, 23, 19, 20, 19, 20, 15, 14, 21, 20, 18, 19, 21)
PUDDING_TIES = (16, 12, 10, 13, 9, 15, 18, 12, 17, 16, 12, 12, 10, 18, 12)


def pudding() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grades, items and weights of the pudding data, each pair of brands on three lines."""
    items = np.tile(np.array([PUDDING_I, PUDDING_J]).T - 1, (3, 1))
    grades = np.repeat([[2, 1], [1, 2], [1, 1]], len(PUDDING_I), axis=0)
    return grades, items, np.concatenate([PUDDING_WINS_I, PUDDING_WINS_J, PUDDING_TIES])


@pytest.mark.parametrize(
    ("npseudo", "worth", "log_delta", "log_likelihood"),
    [
        (0.0, [0.29428749, -0.73351127, -0.11909602], [-1.86194672, -0.73697347], -14.569739),
        (0.5, [0.25287379, -0.61350684, -0.08688475], [-2.15068111, -0.79245358], -14.610693),
    ],
)
def test_fruits_as_in_r(
    npseudo: float, worth: list[float], log_delta: list[float], log_likelihood: float
) -> None:
    """Partial rankings with ties of two and three give R's PlackettLuce 0.4.5, with and without the ghost."""
    fit = davidson_luce(FRUITS, npseudo=npseudo)
    assert fit.log_worth[1:] - fit.log_worth[0] == pytest.approx(worth, abs=1e-6)
    assert fit.tie_sizes == (2, 3)
    assert fit.log_delta == pytest.approx(log_delta, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-6)
    assert fit.log_worth.sum() == pytest.approx(0.0, abs=1e-12)
    assert fit.connected


def test_pudding_as_in_davidson() -> None:
    """Paired comparisons with ties give Davidson's (1970) worths, tie rate and R's quasi-standard errors."""
    grades, items, weights = pudding()
    fit = davidson_luce(grades, items, weights=weights)
    expected = [0.22024190, 0.15297770, 0.17514491, 0.13386523, 0.37713490]
    assert fit.log_worth[1:] - fit.log_worth[0] == pytest.approx(expected, abs=1e-6)
    assert fit.log_delta == pytest.approx([-0.29192709], abs=1e-6)
    assert math.exp(fit.log_delta[0]) == pytest.approx(0.74682299, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-809.70951, abs=1e-5)
    quasi = [0.13290, 0.13274, 0.13957, 0.13302, 0.13993, 0.13921]
    assert np.sqrt(quasi_variances(fit.covariance)) == pytest.approx(quasi, abs=1e-5)


@pytest.mark.parametrize(
    ("npseudo", "worth", "log_likelihood"),
    [
        (0.0, [-0.58585745, -1.14981774, -2.42016748], -23.22909),
        (0.5, [-0.51493, -0.99410, -2.08026], -23.298273),
    ],
)
def test_case_h_as_in_r(
    six_people: np.ndarray, npseudo: float, worth: list[float], log_likelihood: float
) -> None:
    """The six people of the worked case give R's worths, tie rates and likelihood."""
    fit = davidson_luce(six_people, npseudo=npseudo)
    assert fit.log_worth[1:] - fit.log_worth[0] == pytest.approx(worth, abs=6e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-5)
    if npseudo == 0:
        assert fit.log_delta == pytest.approx([-1.66642569, -1.45358811], abs=1e-6)


def test_plackett_luce_without_ties_as_in_choix() -> None:
    """Five incomplete rankings without ties give the strengths of choix 0.4.1."""
    # Made with choix.opt_rankings on these five orders, n_items 4, tol 1e-12, then centred.
    orders = [(0, 1, 2, 3), (2, 0, 3, 1), (1, 3, 0, 2), (0, 2, 1), (3, 0, 1)]
    items = np.array([[*order, 0][:4] for order in orders])
    grades = np.array([[4, 3, 2, 1]] * 3 + [[3, 2, 1, NAN]] * 2)
    fit = davidson_luce(grades, items)
    assert fit.log_worth == pytest.approx([0.6820866, -0.60459742, -0.04931406, -0.02817512], abs=1e-6)
    assert fit.tie_sizes == ()


def test_bradley_terry_as_in_choix() -> None:
    """Uneven pair votes without ties give the strengths of choix 0.4.1."""
    # Made with choix.opt_pairwise on the same wins, tol 1e-12, then centred.
    wins = {(0, 1): 5, (1, 0): 2, (0, 2): 3, (2, 0): 3, (1, 2): 4, (2, 1): 1}
    wins |= {(3, 0): 2, (0, 3): 6, (2, 3): 2, (3, 2): 1}
    fit = davidson_luce(np.tile([2, 1], (len(wins), 1)), list(wins), weights=list(wins.values()))
    assert fit.log_worth == pytest.approx([0.51962426, 0.25390767, -0.1202256, -0.65330634], abs=1e-6)


def test_two_items_in_closed_form() -> None:
    """12 wins, 3 losses, 6 ties: ln 4, delta 1, logL -20.0696977, and the error of saturated counts."""
    fit = davidson_luce([[2, 1], [1, 2], [1, 1]], weights=[12, 3, 6])
    assert fit.log_worth[0] - fit.log_worth[1] == pytest.approx(math.log(4), abs=1e-9)
    assert np.exp(fit.log_delta) == pytest.approx([1.0], abs=1e-9)
    assert fit.log_likelihood == pytest.approx(-20.0696977, abs=1e-7)
    # The model is saturated, so the log ratio is ln(12/3) with variance 1/12 + 1/3; each worth is half of it.
    assert fit.standard_errors == pytest.approx([math.sqrt(1 / 12 + 1 / 3) / 2] * 2, abs=1e-6)


def test_error_over_cases_by_hand() -> None:
    """Three cases of two items: the sandwich is the sum of squared case residuals over the information."""
    # p = 12/18; residuals of the wins per case: 5 - 4 = 1, 4 - 4 = 0, 3 - 4 = -1 (six votes each).
    grades = [[2, 1], [1, 2]] * 3
    fit = davidson_luce(grades, weights=[5, 1, 4, 2, 3, 3], clusters=[0, 0, 1, 1, 2, 2])
    information = 18 * (2 / 3) * (1 / 3)
    expected = (1 + 0 + 1) * 3 / 2 / information**2
    assert fit.case_covariance is not None
    difference = np.array([1.0, -1.0])
    assert difference @ fit.case_covariance @ difference == pytest.approx(expected, rel=1e-6)
    assert difference @ fit.covariance @ difference == pytest.approx(1 / information, rel=1e-6)
    assert fit.n_clusters == 3


def test_one_cluster_has_no_error_over_cases() -> None:
    """Without a second case nothing is known about other cases."""
    assert davidson_luce(FRUITS).case_covariance is None


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(2, 5)), elements=st.floats(-3, 3)),
    st.integers(1, 5),
)
def test_block_sums_are_those_of_listing_every_block(relative: np.ndarray, size: int) -> None:
    """The polynomials give what trying every block of the size gives, also where a place is empty."""
    relative = np.column_stack([relative, np.full(len(relative), -np.inf)])
    whole, held = block_sums(relative, size)
    for row, worths in enumerate(relative):
        blocks = list(itertools.combinations(range(len(worths)), size))
        f = [math.exp(sum(worths[i] for i in block) / size) for block in blocks]
        assert whole[row] == pytest.approx(sum(f))
        by_item = [
            sum(x for x, block in zip(f, blocks, strict=True) if i in block) / size
            for i in range(len(worths))
        ]
        assert held[row] == pytest.approx(by_item)


def test_gradient_and_information_are_those_of_the_value(six_people: np.ndarray) -> None:
    """The exact gradient equals differences of the likelihood away from the maximum."""
    likelihood = Likelihood(stages_of(pool_rankings(six_people)), 4, (2, 3))
    point = np.array([0.3, -0.2, 0.7, 0.1, -0.5, -1.1])
    step = 1e-6
    numeric = [
        (likelihood.value(point + step * unit) - likelihood.value(point - step * unit)) / (2 * step)
        for unit in np.eye(6)
    ]
    assert likelihood.value_and_gradient(point)[1] == pytest.approx(numeric, abs=1e-6)
    assert likelihood.scores(point).sum(axis=0) == pytest.approx(numeric, abs=1e-6)
    assert np.linalg.eigvalsh(likelihood.information(point)).min() == pytest.approx(0.0, abs=1e-6)


rankings = hnp.arrays(
    np.float64, st.tuples(st.integers(3, 6), st.just(4)), elements=st.sampled_from([1.0, 2.0, 3.0, NAN])
).filter(lambda group: bool(((~np.isnan(group)).sum(axis=1) > 1).any()))


@settings(max_examples=25, deadline=None)
@given(rankings, st.permutations(range(4)))
def test_relabelling_items_relabels_their_worths(group: np.ndarray, order: list[int]) -> None:
    """Names of items do not matter, nor does the scale of the grades, nor writing a ranking twice."""
    try:
        fit = davidson_luce(group, npseudo=0.5)
    except UndefinedStatisticError:
        return
    if len(fit.log_worth) < 4:
        return
    other = davidson_luce(
        np.exp(group[:, order]),
        np.tile(np.arange(4), (len(group), 1)),
        npseudo=0.5,
        clusters=range(len(group)),
    )
    if len(other.log_worth) == 4:
        assert other.log_worth == pytest.approx(fit.log_worth[order], abs=1e-6)
    twice = davidson_luce(np.concatenate([group, group]), weights=np.full(2 * len(group), 0.5), npseudo=0.5)
    assert twice.log_worth == pytest.approx(fit.log_worth, abs=1e-8)


def test_many_systems_from_pair_votes_are_recovered() -> None:
    """Fifty-nine systems and 8,931 pair votes: 95 % intervals hold the true worth in nine of ten systems."""
    rng = np.random.default_rng(59)
    truth = rng.normal(size=59)
    first = rng.integers(0, 59, 8931)
    second = (first + rng.integers(1, 59, 8931)) % 59
    f = np.exp(np.stack([truth[first], truth[second], (truth[first] + truth[second]) / 2 - 0.5]))
    outcome = (rng.random(8931) * f.sum(axis=0) > f.cumsum(axis=0)).sum(axis=0)
    grades = np.array([[2, 1], [1, 2], [1, 1]])[outcome]
    fit = davidson_luce(grades, np.array([first, second]).T, clusters=rng.integers(0, 300, 8931))
    assert fit.log_delta == pytest.approx([-0.5], abs=0.1)
    assert fit.case_covariance is not None
    for covariance in (fit.covariance, fit.case_covariance):
        inside = np.abs(fit.log_worth - (truth - truth.mean())) < 1.96 * np.sqrt(np.diag(covariance))
        assert 0.88 <= inside.mean() <= 1.0


def test_two_answers_of_one_system_in_a_ranking_share_a_worth() -> None:
    """A system that stands twice in a ranking is one item: the ratio of the hand calculation, 1 + sqrt(3)."""
    # Twice x x y, once y x x; r = worth of x over y. log L = 4 log r - 3 log(2r + 1) - 2 log(r + 1) + const,
    # 4/r - 6/(2r + 1) - 2/(r + 1) = 0, so r^2 - 2r - 2 = 0.
    fit = davidson_luce([[3, 2, 1], [3, 2, 1], [2, 1, 3]], [[0, 0, 1]] * 3)
    assert np.exp(fit.log_worth[0] - fit.log_worth[1]) == pytest.approx(1 + math.sqrt(3), rel=1e-8)


@given(hnp.arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(-2, 2)))
def test_distinct_rows_are_those_of_numpy(table: np.ndarray) -> None:
    """Rows written as one number are told apart as rows are, also when the numbers grow too large."""
    for scale in (1, 2**40):
        first, kind = distinct_rows(table * scale)
        assert np.array_equal(table[first[kind]], table)
        assert len(first) == len(np.unique(table, axis=0))


def test_unbeaten_items_have_no_finite_worth_without_a_ghost() -> None:
    """Everybody ranks A first: refused without a ghost, finite and first with one."""
    group = [[3, 2, 1], [3, 1, 2]]
    with pytest.raises(UndefinedStatisticError, match="strongly connected"):
        davidson_luce(group)
    fit = davidson_luce(group, npseudo=0.5)
    assert not fit.connected
    assert fit.log_worth.argmax() == 0
    assert not is_connected(group)
    assert is_connected([[2, 1], [1, 2]])


def test_a_tie_connects_nothing() -> None:
    """Three wins and two ties: the supremum is at infinity, because the tie rate grows with the worth."""
    with pytest.raises(UndefinedStatisticError, match="strongly connected"):
        davidson_luce([[2, 1], [1, 1]], weights=[3, 2])


def test_ties_wherever_they_can_be_have_no_finite_rate() -> None:
    """Three items always tied, beside pair votes: the tie of three has no finite parameter, ghost or not."""
    group = np.array([[1, 1, 1], [2, 1, NAN], [1, 2, NAN], [NAN, 2, 1], [NAN, 1, 2]])
    for npseudo in (0.0, 0.5):
        with pytest.raises(UndefinedStatisticError, match="no finite rate"):
            davidson_luce(group, npseudo=npseudo)


@pytest.mark.parametrize("group", [np.empty((0, 3)), np.array([[1.0, NAN, NAN]]), np.array([[NAN, NAN]])])
def test_no_choice_no_worth(group: np.ndarray) -> None:
    """Nothing ranked against nothing has no worth and no graph."""
    with pytest.raises(UndefinedStatisticError, match="no ranking holds a choice"):
        davidson_luce(group, npseudo=0.5)
    with pytest.raises(UndefinedStatisticError, match="no ranking holds a choice"):
        is_connected(group)


def test_an_item_that_nobody_ranked_has_no_worth() -> None:
    """A column without a grade is refused, ghost or not: its worth would be the ghost's alone."""
    for npseudo in (0.0, 0.5):
        with pytest.raises(UndefinedStatisticError, match="never ranked"):
            davidson_luce([[2, 1, NAN], [1, 2, NAN]], npseudo=npseudo)


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, NAN]])
def test_weights_must_be_positive_and_one_each(weights: list[float]) -> None:
    """A weight that cannot be a count is refused."""
    with pytest.raises(ValueError, match="weight"):
        davidson_luce([[2, 1], [1, 2]], weights=weights)


def test_a_ghost_has_no_negative_wins() -> None:
    """A pseudo-count below 0 is refused."""
    with pytest.raises(ValueError, match="ghost"):
        davidson_luce([[2, 1], [1, 2]], npseudo=-0.5)


def test_intervals_over_cases_by_hand() -> None:
    """Three cases of two items: half of t_2 times the sandwich error of the log odds on each side."""
    fit = davidson_luce([[2, 1], [1, 2]] * 3, weights=[5, 1, 4, 2, 3, 3], clusters=[0, 0, 1, 1, 2, 2])
    # The sandwich variance of the log odds is (1 + 0 + 1) * 3/2 / 16 (above); t_2 at .975 is 4.302653.
    reach = 4.302653 * math.sqrt(3 / 16) / 2
    expected = [
        [math.log(2) / 2 - reach, math.log(2) / 2 + reach],
        [-math.log(2) / 2 - reach, -math.log(2) / 2 + reach],
    ]
    assert worth_intervals(fit) == pytest.approx(np.array(expected), abs=1e-6)


def test_two_cases_have_no_interval() -> None:
    """Fewer than three cases say nothing about other cases."""
    fit = davidson_luce([[2, 1], [1, 2]] * 2, clusters=[0, 0, 1, 1])
    with pytest.raises(UndefinedStatisticError, match="too few cases"):
        worth_intervals(fit)


@pytest.mark.slow
@pytest.mark.parametrize("n_cases", [3, 6, 24])
def test_intervals_over_cases_cover(n_cases: int) -> None:
    """Worths that differ from case to case: the interval over cases holds the mean world's in .91 to .98."""
    rng = np.random.default_rng(n_cases)

    def study(n: int, n_rankings: int) -> tuple[np.ndarray, np.ndarray]:
        utility = np.linspace(-1, 1, 4) + 0.7 * rng.normal(size=(n, 4))
        drawn = np.repeat(utility, n_rankings, axis=0) + rng.gumbel(size=(n * n_rankings, 4))
        return np.round(drawn), np.repeat(np.arange(n), n_rankings)

    truth = davidson_luce(study(8_000, 1)[0], npseudo=0.5).log_worth
    inside = []
    for _ in range(80):
        grades, cases = study(n_cases, 4)
        ends = worth_intervals(davidson_luce(grades, clusters=cases, npseudo=0.5))
        inside.append(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())
    assert 0.91 <= np.mean(inside) <= 0.98
