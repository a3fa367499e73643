"""Learning from rankings what answers are worth, without a look at what is predicted."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats.agreement import tau_x
from harness.stats.choice import build_choices, choice_weights, held_out_likelihood
from harness.stats.intervals import mean_t_interval
from harness.stats.reward import AXES, RIDGES, Graded, Method, RewardFit, fit_reward, forward_choice
from harness.stats.reward_check import (
    agreement,
    mean_interval,
    predict_left_out,
    shuffled_null,
    stack_rankings,
    weight_intervals,
    win_shares,
)
from harness.stats.reward_folds import N_FOLDS, situation_folds
from harness.stats.reward_limits import MIN_SOUND, MIN_TRIAL, most_features, standing
from harness.stats.reward_luce import luce_weights
from harness.stats.worth import davidson_luce

LOGIT: Method = "rank-ordered-logit"


def world(
    n_cases: int,
    *,
    seed: int = 0,
    weights: tuple[float, ...] = (1.5, -0.8, 0.0, 0.0),
    n_people: int = 3,
    n_dims: int = 0,
    noise: float = 1.0,
    twins: bool = False,
) -> Graded:
    """Cases of four answers whose worth is linear in what is counted; people add their own Gumbel noise."""
    rng = np.random.default_rng(seed)
    n_items = 4 * n_cases
    # Situations differ more than answers do: only differences inside a case say anything.
    level = np.repeat(rng.normal(0, 5, (n_cases, len(weights))), 4, axis=0)
    counted = level + rng.normal(size=(n_items, len(weights)))
    vectors = rng.normal(size=(n_items, n_dims))
    worth = counted @ np.array(weights)
    if twins:
        # Every other case is the one before it in another language: same situation, same grades, same look.
        worth = rng.normal(0, 5, n_items)
        for case in range(0, n_cases, 2):
            one, other = slice(4 * case, 4 * case + 4), slice(4 * case + 4, 4 * case + 8)
            worth[other], vectors[other], counted[other] = worth[one], vectors[one], counted[one]
    rows = []
    for case in range(n_cases):
        items = np.arange(4 * case, 4 * case + 4)
        heard = worth[items] + noise * rng.gumbel(size=(n_people, 4))
        rows.append((heard.argsort(axis=1).argsort(axis=1) + 1.0, items))
    grades, items, shares = stack_rankings(rows)
    situations = np.arange(n_cases) // (2 if twins else 1)
    return Graded(counted, vectors, np.repeat(np.arange(n_cases), 4), situations, grades, items, shares)


def mean_tau(graded: Graded, folds: np.ndarray) -> float:
    """Mean agreement of what is predicted for situations left out."""
    return float(np.nanmean(agreement(graded, predict_left_out(graded, folds, LOGIT)[0]).taus))


def each_alone(graded: Graded) -> np.ndarray:
    """One fold per situation."""
    return np.arange(graded.n_situations)


# --- what is learned ---


@pytest.mark.parametrize("method", [LOGIT, "davidson-luce"])
def test_a_planted_signal_is_found(method: Method) -> None:
    """Weights come out with their signs and order, and situations never seen are predicted."""
    graded = world(40)
    fit = fit_reward(graded, None, method)
    assert fit.weights[0] > 0.7
    assert fit.weights[1] < -0.3
    assert np.abs(fit.weights[2:]).max() < 0.25
    worths, _ = predict_left_out(graded, each_alone(graded), method)
    assert np.nanmean(agreement(graded, worths).taus) > 0.45


def test_a_signal_in_vectors_is_found_through_their_axes() -> None:
    """What only vectors hold is learned as well: their main axis decides the grades here."""
    graded = world(40, weights=(0.0, 0.0), n_dims=6)
    vectors = graded.vectors * np.array([3.0, 1, 1, 1, 1, 1])
    heard = vectors[:, 0] + np.random.default_rng(1).gumbel(size=len(vectors))
    rows = [(heard[None, 4 * case : 4 * case + 4], np.arange(4 * case, 4 * case + 4)) for case in range(40)]
    grades, items, weights = stack_rankings(rows)
    graded = graded._replace(vectors=vectors, grades=grades, items=items, weights=weights)
    assert len(fit_reward(graded).axes) > 0
    assert mean_tau(graded, each_alone(graded)) > 0.4


def test_noise_is_not_predicted() -> None:
    """Grades that have nothing to do with answers give a tau of about 0 on situations left out."""
    taus = [mean_tau(world(16, seed=seed, weights=(0.0,) * 4, n_dims=4), np.arange(16)) for seed in range(5)]
    # 5 worlds of 16 cases: the mean's standard error is about .49 / sqrt(80) = .055.
    assert abs(np.mean(taus)) < 0.17


def test_answers_in_another_order_are_worth_the_same() -> None:
    """The order in which answers stand in the arrays decides nothing."""
    graded = world(16, n_dims=3)
    order = np.random.default_rng(5).permutation(len(graded.case_of))
    place = np.argsort(order)
    mixed = graded._replace(
        counted=graded.counted[order],
        vectors=graded.vectors[order],
        case_of=graded.case_of[order],
        items=place[graded.items],
    )
    folds = each_alone(graded)
    one, other = (predict_left_out(each, folds, LOGIT)[0] for each in (graded, mixed))
    assert other[place] == pytest.approx(one, abs=2e-6)


def test_nobody_who_votes_more_counts_more() -> None:
    """A case whose rankings are all there ten times weighs as much as before."""
    rng = np.random.default_rng(2)
    cases = [(rng.integers(1, 4, (3, 4)).astype(float), np.arange(4 * n, 4 * n + 4)) for n in range(3)]
    often = [(np.tile(cases[0][0], (10, 1)), cases[0][1]), *cases[1:]]
    for one, other in zip(stack_rankings(cases), stack_rankings(often), strict=True):
        assert other == pytest.approx(one, nan_ok=True)
    grades, items, weights = stack_rankings(cases)
    by_case = np.bincount(items[:, 0] // 4, weights)
    assert by_case == pytest.approx(np.ones(3))
    assert len(grades) <= 9


def test_nothing_beyond_what_was_graded_is_believed() -> None:
    """An answer ten times as long as any that was graded is worth what the longest one was."""
    graded = world(20)
    fit = fit_reward(graded)
    highest = graded.counted.max(axis=0, keepdims=True)
    beyond = highest + 100.0
    assert fit.worth(beyond, np.empty((1, 0))) == pytest.approx(fit.worth(highest, np.empty((1, 0))))


# --- no leak ---


@pytest.mark.parametrize("n_cases", [6, 20])
def test_a_fit_does_not_look_at_what_it_leaves_out(n_cases: int) -> None:
    """Whatever stands in the situations left out, scaling, axes, features, ridge and weights stay."""
    graded = world(n_cases, n_dims=5, weights=(1.0,) * 8)
    kept = np.arange(n_cases) != 2
    mine = graded.situation_of_items == 2
    spoiled = graded._replace(
        counted=np.where(mine[:, None], 1e6 * np.arange(len(mine))[:, None], graded.counted),
        vectors=np.where(mine[:, None], -1e6, graded.vectors),
        grades=np.where((graded.situation_of_rankings == 2)[:, None], graded.grades[:, ::-1], graded.grades),
    )
    one, other = fit_reward(graded, kept), fit_reward(spoiled, kept)
    for name in RewardFit._fields:
        assert np.array_equal(getattr(other, name), getattr(one, name)), name


def test_a_situation_in_two_languages_is_left_out_whole() -> None:
    """Twins of a case teach its grades: predicted together they are noise, apart they would look learned."""
    honest, leaking = [], []
    for seed in range(6):
        graded = world(10, seed=seed, twins=True, weights=(0.0,) * 60, noise=0.1, n_people=1)
        honest.append(mean_tau(graded, each_alone(graded)))
        leaking.append(mean_tau(graded._replace(situation_of=np.arange(10)), np.arange(10)))
    assert abs(np.mean(honest)) < 0.25
    assert np.mean(leaking) > np.mean(honest) + 0.3


def test_every_answer_is_predicted_by_a_fit_without_its_situation() -> None:
    """Each fold's predictions are those of a fit on the other folds, to the last digit."""
    graded = world(15)
    folds = situation_folds(np.ones(15, dtype=np.int64), np.random.default_rng(0), 4)
    worths, fits = predict_left_out(graded, folds, LOGIT)
    for fold, fit in enumerate(fits):
        mine = folds[graded.situation_of_items] == fold
        again = fit_reward(graded, folds != fold)
        assert np.array_equal(again.weights, fit.weights)
        expected = again.worth(graded.counted[mine], graded.vectors[mine])
        assert worths[mine] == pytest.approx(expected, abs=1e-6)


# --- few data ---


def test_six_situations_bear_three_features_and_no_choice_of_ridge() -> None:
    """Six cases of four answers: three features, two when a case is left out, ridge 1, no axes."""
    graded = world(6, weights=(1.0,) * 9, n_dims=8)
    fit = fit_reward(graded)
    assert (len(fit.columns), len(fit.axes), fit.ridge) == (3, 0, 1.0)
    _, fits = predict_left_out(graded, each_alone(graded), LOGIT)
    assert {len(one.columns) for one in fits} == {2}


def test_more_situations_choose_ridge_and_axes() -> None:
    """From twelve situations the ridge is one of those tried, and so is the number of axes."""
    fit = fit_reward(world(50, n_dims=30))
    assert fit.ridge in RIDGES
    assert len(fit.axes) in AXES


def test_features_are_chosen_that_situations_agree_on() -> None:
    """A feature that all cases pull at alike comes before one that a single case pulls at harder."""
    n_cases = 8
    features = np.zeros((n_cases, 2, 2))
    features[:, 0, 0] = 0.2
    features[0, 0, 1] = 8.0
    choices = build_choices(np.tile([2.0, 1.0], (n_cases, 1)), features, cases=np.arange(n_cases))
    assert forward_choice(choices, 1).tolist() == [0]
    assert forward_choice(choices, 5).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("n", "expected"),
    [(3, "too_few"), (4, "demonstration"), (6, "demonstration"), (MIN_TRIAL, "trial"), (MIN_SOUND, "sound")],
)
def test_what_may_be_said(n: int, expected: str) -> None:
    """So many situations make so much of a reward model."""
    assert standing(n) == expected


def test_features_that_comparisons_bear() -> None:
    """Six comparisons for each feature, but never none: 6 x 3 bear three, 5 x 3 two."""
    assert [most_features(n) for n in (1, 15, 18, 100)] == [1, 2, 3, 16]


def test_answers_that_are_all_alike_teach_nothing() -> None:
    """Undefined when no feature varies within a case, however much cases differ."""
    graded = world(6)
    flat = graded._replace(counted=np.repeat(graded.counted[::4], 4, axis=0))
    with pytest.raises(UndefinedStatisticError, match="do not differ"):
        fit_reward(flat)


# --- folds ---


def test_folds_keep_situations_whole_and_even() -> None:
    """Every situation has one fold, large ones are spread first, and the same seed deals alike."""
    sizes = np.array([1, 9, 2, 9, 1, 3, 9, 2] * 20)
    folds = situation_folds(sizes, np.random.default_rng(3))
    assert set(folds.tolist()) == set(range(N_FOLDS))
    held = np.bincount(folds, sizes)
    assert held.max() - held.min() <= 2
    assert np.array_equal(folds, situation_folds(sizes, np.random.default_rng(3)))


def test_up_to_a_hundred_situations_are_left_out_one_by_one() -> None:
    """Below the limit each situation is its own fold; one situation alone cannot be left out."""
    assert situation_folds(np.ones(100, np.int64), np.random.default_rng(0)).tolist() == list(range(100))
    with pytest.raises(UndefinedStatisticError, match="one situation"):
        situation_folds(np.ones(1, np.int64), np.random.default_rng(0))


# --- how well ---


def test_agreement_by_hand() -> None:
    """Two votes on one case: one alike, one opposite in one pair of three; a tie counts one half."""
    grades, items, weights = stack_rankings([(np.array([[3.0, 2, 1], [2, 3, 1]]), np.arange(3))])
    zeros = np.zeros((3, 1))
    graded = Graded(
        zeros, np.empty((3, 0)), np.zeros(3, np.int64), np.zeros(1, np.int64), grades, items, weights
    )
    found = agreement(graded, np.array([9.0, 5.0, 1.0]))
    # tau_x of 321 with 321 is 1, with 231 it is 1/3; strict pairs in order: 3 of 3 and 2 of 3.
    assert found.taus == pytest.approx([2 / 3])
    assert found.right == pytest.approx([5 / 6])
    tied = agreement(graded, np.array([5.0, 5.0, 1.0]))
    assert tied.right == pytest.approx([(2.5 + 2.5) / 6])
    assert tied.taus == pytest.approx([float(tau_x([3, 2, 1], [5, 5, 1]) + tau_x([2, 3, 1], [5, 5, 1])) / 2])


def test_win_shares_of_whole_and_partial_rankings() -> None:
    """Pair votes and rankings share one measure: comparisons won, ties half, NaN for who met nobody."""
    nan = np.nan
    assert win_shares(np.array([[2.0, 1.0, nan], [nan, 1.0, 1.0]]))[:2] == [1.0, 0.25]
    assert np.isnan(win_shares(np.array([[2.0, 1.0, nan]]))[2])


def test_the_interval_of_single_cases_is_the_t_interval() -> None:
    """Where every situation is one case, leaving situations out is the ordinary t interval of the mean."""
    values = np.array([0.1, 0.5, np.nan, -0.2, 0.9])
    mean, found = mean_interval(values, np.arange(5))
    assert found is not None
    assert mean == pytest.approx(0.325)
    assert found == pytest.approx(mean_t_interval(values))


def test_cases_of_one_situation_are_one_witness() -> None:
    """Ten copies of each case make the interval no narrower."""
    values = np.array([0.1, 0.5, -0.2, 0.9])
    _, alone = mean_interval(values, np.arange(4))
    _, copied = mean_interval(np.repeat(values, 10), np.repeat(np.arange(4), 10))
    assert copied == pytest.approx(alone)
    assert mean_interval(values, np.array([0, 0, 1, 1]))[1] is None


def test_the_ridge_is_judged_by_cases_left_out() -> None:
    """The likelihood of each case under the coefficients without it, written as its definition."""
    rng = np.random.default_rng(4)
    grades, features = rng.integers(1, 4, (6, 3)).astype(float), rng.normal(size=(6, 3, 2))
    choices = build_choices(grades, features, cases=np.arange(6))
    full = choice_weights(choices, 2.0)
    total = 0.0
    for case in range(6):
        rest = np.arange(6) != case
        point = choice_weights(build_choices(grades[rest], features[rest]), 2.0)
        utility = features[case] @ point
        for a in range(3):
            rivals = utility[grades[case] <= grades[case, a]]
            total += utility[a] - np.log(np.exp(rivals).sum())
    assert held_out_likelihood(choices, full, 2.0) == pytest.approx(total / 6, abs=1e-5)


def test_chance_is_what_grades_dealt_by_lot_give() -> None:
    """A planted signal beats every shuffle, whose mean is about 0."""
    found = shuffled_null(world(20), LOGIT, np.random.default_rng(0), 9)
    assert found.observed > found.taus.max()
    assert found.p == pytest.approx(0.1)
    assert abs(found.taus.mean()) < 0.2


def test_weights_that_matter_have_intervals_without_zero() -> None:
    """The jackknife over situations tells the planted weights from those that are 0."""
    graded = world(40)
    fit = fit_reward(graded)
    spans = weight_intervals(graded, fit, LOGIT, np.random.default_rng(0))
    assert spans is not None
    assert spans[0].low > 0 > spans[1].high
    assert spans[2].low < 0 < spans[2].high


@pytest.mark.slow
def test_the_shuffle_test_keeps_its_level() -> None:
    """Where grades mean nothing, p is at most .1 in about one world in ten."""
    small = 0
    for seed in range(60):
        graded = world(6, seed=seed, weights=(0.0,) * 3)
        small += int(shuffled_null(graded, LOGIT, np.random.default_rng(seed), 9).p <= 0.1)
    # Binomial(60, .1): 14 or more has probability .002.
    assert 1 <= small < 14


@pytest.mark.slow
def test_intervals_of_the_agreement_cover() -> None:
    """The interval for other situations holds the agreement on many new ones most of the time."""
    held = 0
    for seed in range(40):
        graded = world(16, seed=seed)
        taus = agreement(graded, predict_left_out(graded, np.arange(16), LOGIT)[0]).taus
        _, span = mean_interval(taus, graded.situation_of)
        fresh = world(300, seed=1_000 + seed)
        fit = fit_reward(graded)
        truth = np.nanmean(agreement(fresh, fit.worth(fresh.counted, fresh.vectors)).taus)
        assert span is not None
        held += int(span.low <= truth <= span.high)
    assert held >= 33


# --- ties as outcomes of their own ---


def test_luce_weights_of_one_indicator_per_answer_are_worths() -> None:
    """With a column for each answer but one, the weights are Davidson-Luce's own log-worths."""
    grades = np.array(
        [[3.0, 2, 1], [1, 3, 2], [2, 2, 1], [3, 1, 2], [1, 1, 2], [2, 1, 3], [1, 2, 2], [2, 3, 1]]
    )
    features = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    fit = luce_weights(grades, np.tile(np.arange(3), (8, 1)), features, np.ones(8), 1e-8)
    reference = davidson_luce(grades)
    expected = reference.log_worth[1:] - reference.log_worth[0]
    assert fit.tie_sizes == reference.tie_sizes
    # The tie parameters keep a small penalty of their own, which moves worths a little.
    assert fit.weights == pytest.approx(expected, abs=0.03)


def test_a_tie_everywhere_is_no_infinity() -> None:
    """Where every ranking is a tie, the tie parameter stays finite and the weights are 0."""
    fit = luce_weights([[1, 1]] * 4, [[0, 1]] * 4, np.array([[1.0], [0.0]]), np.ones(4))
    assert np.isfinite(fit.log_delta).all()
    assert fit.weights == pytest.approx([0.0], abs=1e-6)


def test_luce_weights_refuse_what_holds_no_choice() -> None:
    """Undefined without a ranking of two answers; a ridge of 0 is a mistake."""
    with pytest.raises(UndefinedStatisticError, match="no ranking"):
        luce_weights([[1.0, np.nan]], [[0, 1]], np.ones((2, 1)), np.ones(1))
    with pytest.raises(ValueError, match="ridge"):
        luce_weights([[1, 2]], [[0, 1]], np.ones((2, 1)), np.ones(1), 0.0)
