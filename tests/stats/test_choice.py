"""The ridge rank-ordered logit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import brentq, minimize

from harness.errors import UndefinedStatisticError
from harness.stats.choice import EXACT_CASES, build_choices, choice_weights, leave_one_case_out
from harness.stats.intervals import jackknife_t

NAN = float("nan")


def fitted(grades: object, features: object, **options: object) -> np.ndarray:
    """Coefficients in one call."""
    return choice_weights(build_choices(grades, features, **options))  # type: ignore[arg-type]


def by_trying(grades: np.ndarray, features: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """The same model written as its definition, maximised without derivatives."""

    def loss(point: np.ndarray) -> float:
        total = 0.5 * ridge * float(point @ point)
        for ranking, rows in zip(grades, features, strict=True):
            for a in range(len(ranking)):
                if math.isnan(ranking[a]):
                    continue
                rivals = [b for b in range(len(ranking)) if ranking[b] <= ranking[a]]
                total -= float(rows[a] @ point) - math.log(sum(math.exp(rows[b] @ point) for b in rivals))
        return total

    found = minimize(
        loss,
        np.zeros(features.shape[2]),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000},
    )
    return np.asarray(found.x)


def test_ties_and_missing_grades_as_in_the_definition() -> None:
    """Asymmetric rankings with ties and a gap give what a search without derivatives finds."""
    rng = np.random.default_rng(4)
    grades = np.array([[4, 3, 2, 1], [1, 1, 2, 3], [2, 2, 1, NAN], [1, 4, 4, 2], [3, 1, 1, 1]])
    features = rng.normal(size=(5, 4, 3)).round(2)
    assert fitted(grades, features) == pytest.approx(by_trying(grades, features), abs=1e-6)


@pytest.mark.parametrize("n_votes", [1, 10, 1000])
def test_two_answers_by_hand(n_votes: int) -> None:
    """The better of two has one unit more, n times: n / (1 + e^w) = w at the penalised maximum."""
    # d/dw [n (w - log(1 + e^w)) - w^2 / 2] = n / (1 + e^w) - w.
    expected = brentq(lambda w: n_votes / (1 + math.exp(w)) - w, 0, 20)
    assert fitted([[2, 1]], [[[1.0], [0.0]]], weights=[n_votes]) == pytest.approx([expected])


def test_a_ranking_that_ties_everything_says_nothing() -> None:
    """All tied: each answer is chosen from all, the features cancel, and the coefficients are 0."""
    assert fitted([[2, 2, 2]], [[[1.0], [5.0], [-2.0]]]) == pytest.approx([0.0], abs=1e-12)


def test_a_feature_that_orders_everything_stays_finite() -> None:
    """The ridge keeps a separated coefficient finite, and the step control finds it."""
    grades = np.tile([4.0, 3, 2, 1], (50, 1))
    found = fitted(grades, np.tile(np.array([40.0, 30, 20, 10])[None, :, None], (50, 1, 1)))
    assert 0 < found[0] < 10


groups = hnp.arrays(np.float64, (4, 4), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0]))
tables = hnp.arrays(np.float64, (4, 4, 2), elements=st.floats(-2, 2).map(lambda x: round(x, 2)))


@settings(max_examples=30, deadline=None)
@given(groups, tables, st.permutations(range(4)))
def test_only_differences_inside_a_ranking_count(
    grades: np.ndarray, features: np.ndarray, order: list[int]
) -> None:
    """Constants added to a ranking, other names of answers and other grade numbers change nothing."""
    try:
        found = fitted(grades, features)
    except UndefinedStatisticError:
        return
    shifted = features + np.arange(4.0)[:, None, None]
    assert fitted(grades**3 - 7, shifted) == pytest.approx(found, abs=1e-7)
    assert fitted(grades[:, order], features[:, order]) == pytest.approx(found, abs=1e-7)
    twice = fitted(np.tile(grades, (2, 1)), np.tile(features, (2, 1, 1)), weights=np.full(8, 0.5))
    assert twice == pytest.approx(found, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.float64, (5, 2), elements=st.sampled_from([1.0, 2.0])), tables)
def test_reversing_votes_on_two_answers_negates(grades: np.ndarray, features: np.ndarray) -> None:
    """With two answers the worse vote is the mirror of the better one."""
    pairs = np.concatenate([features, features[:1] + 0.25])[:, :2]
    try:
        found = fitted(grades, pairs)
    except UndefinedStatisticError:
        return
    assert fitted(-grades, pairs) == pytest.approx(-found, abs=1e-7)


def _world(rng: np.random.Generator, n_cases: int, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = rng.normal(size=(n_cases, 4, len(truth)))
    utility = features @ truth + rng.gumbel(size=(n_cases, 4))
    return utility.argsort(axis=1).argsort(axis=1).astype(float), features


@pytest.mark.parametrize(("n_cases", "within"), [(8, 1e-6), (EXACT_CASES + 20, 2e-3)])
def test_leaving_out_a_case_is_fitting_the_others(n_cases: int, within: float) -> None:
    """Newton steps from the full solution reach the fit without the case, closely also in one step."""
    grades, features = _world(np.random.default_rng(5), n_cases, np.array([1.0, -0.5]))
    choices = build_choices(grades, features)
    left_out = leave_one_case_out(choices, choice_weights(choices))
    assert left_out.shape == (n_cases, 2)
    for case in (0, 3, n_cases - 1):
        rest = fitted(np.delete(grades, case, axis=0), np.delete(features, case, axis=0))
        assert left_out[case] == pytest.approx(rest, abs=within)


def test_known_coefficients_are_recovered() -> None:
    """A thousand rankings by a known utility give its coefficients back, the ridge of no weight any more."""
    truth = np.array([1.0, -0.5, 0.0])
    grades, features = _world(np.random.default_rng(6), 1000, truth)
    assert fitted(grades, features) == pytest.approx(truth, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("n_cases", [6, 12, 24, 100])
def test_jackknife_over_cases_covers(n_cases: int) -> None:
    """The interval over cases holds the penalised truth in 90 to 99 of 100 simulated studies."""
    rng = np.random.default_rng(n_cases)
    truth = np.array([0.8])
    # What the estimate is drawn to by the ridge, from many cases with the ridge scaled up alike.
    big = _world(rng, 4000, truth)
    target = choice_weights(build_choices(*big), ridge=4000 / n_cases)[0]
    inside = 0
    for _ in range(400):
        choices = build_choices(*_world(rng, n_cases, truth))
        full = choice_weights(choices)
        interval = jackknife_t(leave_one_case_out(choices, full)[:, 0], full[0])
        inside += interval.low <= target <= interval.high
    assert 0.90 <= inside / 400 <= 0.99


def test_an_answer_without_a_feature_is_left_out() -> None:
    """An unknown feature removes the answer from that ranking, as if it had not been ranked."""
    whole = fitted([[3, 2, NAN]], [[[1.0], [0.0], [0.0]]])
    assert fitted([[3, 2, 1]], [[[1.0], [0.0], [NAN]]]) == pytest.approx(whole)


@pytest.mark.parametrize(
    ("grades", "features", "reason"),
    [
        (np.empty((0, 3)), np.empty((0, 3, 1)), "no ranking"),
        ([[1, NAN]], [[[1.0], [2.0]]], "no ranking"),
        ([[1, 2]], [[[3.0], [3.0]]], "do not differ"),
    ],
)
def test_nothing_to_choose_between_is_undefined(grades: object, features: object, reason: str) -> None:
    """No ranking of two, or answers alike in every feature, give a reason instead of 0."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        fitted(grades, features)


def test_one_case_cannot_be_left_out() -> None:
    """A jackknife needs two cases."""
    choices = build_choices([[2, 1]], [[[1.0], [0.0]]])
    with pytest.raises(UndefinedStatisticError, match="one case"):
        leave_one_case_out(choices, choice_weights(choices))


def test_wrong_shapes_and_ridges_are_refused() -> None:
    """Features must fit the grades, and the ridge must be positive."""
    with pytest.raises(ValueError, match="do not fit"):
        build_choices([[2, 1]], [[1.0, 0.0]])
    with pytest.raises(ValueError, match="ridge"):
        choice_weights(build_choices([[2, 1]], [[[1.0], [0.0]]]), ridge=0.0)
