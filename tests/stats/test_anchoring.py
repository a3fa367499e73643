"""The anchoring effect and its intervals, for people dealt into arms and for cases dealt to each person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import ttest_ind, ttest_rel

from harness.errors import UndefinedStatisticError
from harness.stats.anchoring import anchoring_effect, effect_over_cases, effect_over_people
from harness.stats.arms import arm_means, design_of, known_in_both, left_out_people

Array = NDArray[np.float64]
NAN = np.nan


def people_dealt(n_shown: int, n_control: int, n_cases: int, seed: int = 1) -> tuple[Array, Array]:
    """Figures and arms of whole people."""
    rng = np.random.default_rng(seed)
    seen = np.repeat([1.0] * n_shown + [0.0] * n_control, n_cases).reshape(-1, n_cases)
    return rng.normal(0.3 * seen, 0.5), seen


def cases_dealt(n_people: int, n_cases: int, seed: int = 1) -> tuple[Array, Array]:
    """Figures and arms where each person sees proposals on half of the cases, the next on the other half."""
    rng = np.random.default_rng(seed)
    halves = []
    for _ in range(n_people // 2):
        half = (rng.permutation(n_cases) < n_cases // 2).astype(float)
        halves += [half, 1.0 - half]
    seen = np.array(halves)
    return rng.normal(0.3 * seen, 0.5) + rng.normal(0, 1, (len(seen), 1)), seen


# --- another implementation -----------------------------------------------------------------------------


def test_without_holes_people_dealt_is_welchs_t_interval() -> None:
    """The interval over people is that of Welch's t on the people's means, as scipy computes it."""
    figures, seen = people_dealt(5, 8, 6)
    means = figures.mean(axis=1)
    expected = ttest_ind(means[:5], means[5:], equal_var=False).confidence_interval(0.95)
    found = effect_over_people(figures, seen)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.n_units == 13


def test_without_holes_people_dealt_is_the_t_interval_over_cases() -> None:
    """The interval over cases is that of the differences of the cases, as scipy's paired t gives it."""
    figures, seen = people_dealt(5, 8, 6)
    expected = ttest_rel(figures[:5].mean(axis=0), figures[5:].mean(axis=0)).confidence_interval(0.95)
    found = effect_over_cases(figures, seen)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_cases_dealt_is_the_regression_with_levels_for_people_and_cases() -> None:
    """The effect is the coefficient of ordinary least squares with a column for each person and case."""
    figures, seen = cases_dealt(8, 5)
    figures[2, 3] = figures[7, 0] = NAN
    rows = [(i, c) for i in range(8) for c in range(5) if not np.isnan(figures[i, c])]
    design = np.zeros((len(rows), 1 + 8 + 5))
    for row, (i, c) in enumerate(rows):
        design[row, [0, 1 + i, 9 + c]] = seen[i, c], 1, 1
    fitted = np.linalg.lstsq(design, np.array([figures[place] for place in rows]), rcond=None)[0]
    assert anchoring_effect(figures, seen) == pytest.approx(fitted[0])


# --- by hand --------------------------------------------------------------------------------------------


def test_the_effect_averages_inside_cases_then_over_cases() -> None:
    """Case 1: 3/3 - (0 + 0 + 1)/3 = 2/3; case 2: 1/2 - 1/4; a case with one arm is left out: 11/24."""
    figures = [[1, 0.5, 1], [1, 0.5, 1], [1, NAN, 1], [0, 0.25, NAN], [0, 0.25, NAN], [1, NAN, NAN]]
    seen = [[1, 1, 1]] * 3 + [[0, 0, 0]] * 3
    assert anchoring_effect(figures, seen) == pytest.approx(11 / 24)
    means = arm_means(figures, seen)
    assert means.difference[:2] == pytest.approx([2 / 3, 1 / 4])
    assert np.isnan(means.difference[2])


def test_balanced_cases_dealt_is_the_plain_difference() -> None:
    """With every case in both arms for as many people, least squares is the mean of the differences."""
    figures, seen = cases_dealt(10, 6)
    assert anchoring_effect(figures, seen) == pytest.approx(arm_means(figures, seen).difference.mean())


def test_the_design_is_read_off_who_saw_what() -> None:
    """One person in both arms means that cases were dealt."""
    assert design_of(np.array([[1, 1], [0, 0], [NAN, 1]])) == "people"
    assert design_of([[1, 1], [0, 0], [0, 1]]) == "cases"


def test_people_without_a_figure_do_not_count() -> None:
    """Somebody who graded nothing widens and narrows nothing."""
    figures, seen = people_dealt(4, 4, 5)
    empty = np.full((1, 5), NAN)
    more = effect_over_people(np.vstack([figures, empty]), np.vstack([seen, np.ones((1, 5))]))
    assert more == effect_over_people(figures, seen)


# --- properties -----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_turning_the_arms_round_turns_the_sign(seed: int, by_cases: bool) -> None:
    """Shown and control exchanged: minus the effect, and the interval mirrored."""
    figures, seen = cases_dealt(6, 4, seed) if by_cases else people_dealt(3, 4, 4, seed)
    assert anchoring_effect(figures, 1 - seen) == pytest.approx(-anchoring_effect(figures, seen))
    one, other = effect_over_people(figures, seen), effect_over_people(figures, 1 - seen)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_what_cases_are_like_drops_out(seed: int, by_cases: bool) -> None:
    """An easy case moves both arms: the effect and its interval over people stay; order does not matter."""
    figures, seen = cases_dealt(6, 4, seed) if by_cases else people_dealt(3, 4, 4, seed)
    rng = np.random.default_rng(seed)
    moved, order = figures + rng.normal(0, 5, (1, 4)), rng.permutation(len(figures))
    assert anchoring_effect(moved, seen) == pytest.approx(anchoring_effect(figures, seen))
    plain, other = effect_over_people(figures, seen), effect_over_people(moved[order], seen[order])
    assert (plain.low, plain.high) == pytest.approx((other.low, other.high))


def test_what_people_are_like_drops_out_where_cases_were_dealt() -> None:
    """A person who agrees with everything does so in both arms: neither effect nor interval moves."""
    figures, seen = cases_dealt(8, 6)
    figures[3, 2] = NAN
    moved = figures + np.arange(8.0)[:, None]
    assert anchoring_effect(moved, seen) == pytest.approx(anchoring_effect(figures, seen))
    plain, other = effect_over_people(figures, seen), effect_over_people(moved, seen)
    assert (plain.low, plain.high) == pytest.approx((other.low, other.high))
    plain, other = effect_over_cases(figures, seen), effect_over_cases(moved, seen)
    assert (plain.low, plain.high) == pytest.approx((other.low, other.high))


def test_no_spread_at_all_is_an_interval_of_one_point() -> None:
    """Everybody of an arm alike in every case: nothing is left to be unsure of."""
    found = effect_over_people([[1.0, 0.5]] * 3 + [[0.5, 0.5]] * 3, [[1, 1]] * 3 + [[0, 0]] * 3)
    assert (found.low, found.high) == (0.25, 0.25)


# --- undefined inputs -----------------------------------------------------------------------------------


def test_too_few_people_are_refused() -> None:
    """Two people in an arm, or two in all where cases were dealt, get no number."""
    with pytest.raises(UndefinedStatisticError, match="2 people saw proposals, 4 none"):
        anchoring_effect(*people_dealt(2, 4, 3))
    with pytest.raises(UndefinedStatisticError, match="2 people"):
        effect_over_people(*cases_dealt(2, 4))


def test_no_case_with_both_arms_is_refused() -> None:
    """Three people saw proposals of one case, three others graded another case."""
    seen = [[1, NAN]] * 3 + [[NAN, 0]] * 3
    with pytest.raises(UndefinedStatisticError, match="both arms"):
        anchoring_effect(np.ones((6, 2)), seen)
    with pytest.raises(UndefinedStatisticError):
        effect_over_people(np.ones((6, 2)), seen)


def test_two_cases_say_nothing_about_others() -> None:
    """An interval for other cases needs three that have both arms."""
    with pytest.raises(UndefinedStatisticError, match="three at least"):
        effect_over_cases(*people_dealt(3, 3, 2))
    with pytest.raises(UndefinedStatisticError, match="three at least"):
        effect_over_cases(*cases_dealt(4, 2))


def test_an_effect_that_hangs_on_one_person_has_no_interval() -> None:
    """Without the only person who graded it, no case has both arms."""
    figures = np.array([[1.0, NAN], [NAN, 1], [NAN, 1], [0, NAN], [0.5, NAN], [0, NAN]])
    seen = np.array([[1, 1]] * 3 + [[0, 0]] * 3, dtype=float)
    assert anchoring_effect(figures, seen) == pytest.approx(1 - 1 / 6)
    with pytest.raises(UndefinedStatisticError, match="left out"):
        effect_over_people(figures, seen)


def test_one_person_in_both_arms_alone_tells_no_effect() -> None:
    """Where the arms do not vary inside anybody, levels of people explain all: undefined, not 0."""
    seen = np.array([[1.0, NAN], [0, NAN], [NAN, 1], [1, 0]])
    with pytest.raises(UndefinedStatisticError):
        anchoring_effect(np.where(np.isnan(seen), NAN, 0.5)[:, :1].repeat(2, axis=1), seen[:, ::-1])


def test_arrays_that_do_not_fit_are_a_mistake_of_the_caller() -> None:
    """Different shapes, arms other than 1 and 0, three axes."""
    with pytest.raises(ValueError, match="one shape"):
        known_in_both(np.ones((2, 3)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="1, 0 and NaN"):
        known_in_both(np.ones((1, 1)), [[0.5]])


def test_left_out_figures_keep_the_arms_apart() -> None:
    """Two arms with a level of their own: only the spread inside them counts (0 here)."""
    found = left_out_people([0.1, 0.1, 0.1, 0.3, 0.3, 0.3], 0.2, [[1]] * 3 + [[0]] * 3)
    assert (found.low, found.high, found.n_units) == pytest.approx((0.2, 0.2, 6))
    with pytest.raises(UndefinedStatisticError, match="left out"):
        left_out_people([0.1, 0.1, NAN, 0.3, 0.3, 0.3], 0.2, [[1]] * 3 + [[0]] * 3)
