"""Choosing the best of many settings: by hand, against the plain loop, properties, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.nested_choice import luck_of_choosing, nested_choice

# Halves, quarters and eighths add up exactly: equal means are equal, in whatever order they are summed.
FIGURES = npst.arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(3, 8)),
    elements=st.integers(-8, 8).map(lambda eighths: eighths / 8),
)


def plain(figures: FloatArray, block: IntArray, kept: IntArray) -> tuple[float, float]:
    """Naive and honest of the cases in the blocks `kept`, by the definition."""
    inside = np.isin(block, kept)
    naive = max(float(np.nanmean(row[inside])) for row in figures)
    honest = []
    for case in np.flatnonzero(inside):
        rest = inside & (block != block[case])
        best = int(np.argmax([np.nanmean(row[rest]).round(12) for row in figures]))
        honest.append(figures[best, case])
    return naive, float(np.nanmean(honest))


def test_worked_example() -> None:
    """By hand: B has mean .6 over all; without case 1 or 2 it loses (.45 < .5), without case 3 it wins."""
    found = nested_choice([[0.5, 0.5, 0.5], [0.9, 0.9, 0.0]], [0, 1, 2])
    assert found.chosen == 1
    assert found.naive == pytest.approx(0.6)
    assert found.chosen_without.tolist() == [0, 0, 1]
    assert found.honest == pytest.approx((0.5 + 0.5 + 0.0) / 3)


def test_a_block_is_left_out_whole() -> None:
    """Two cases about one text never choose for each other: B shines in both, and is chosen for neither."""
    figures = [[0.0, 0.0, 0.2, 0.2, 0.2], [1.0, 1.0, 0.0, 0.0, 0.0]]
    assert nested_choice(figures, [0, 1, 2, 3, 4]).honest == pytest.approx(2 / 5)
    assert nested_choice(figures, [0, 0, 1, 2, 3]).honest == pytest.approx(0.0)


@given(FIGURES)
def test_equals_the_plain_loop(figures: FloatArray) -> None:
    """All at once gives what choosing again for every block, and for every two, gives."""
    block = np.arange(figures.shape[1])
    found = nested_choice(figures, block)
    assert (found.naive, found.honest) == pytest.approx(plain(figures, block, block))
    if len(block) > 3:
        for gone in block:
            kept = block[block != gone]
            assert found.left_out[gone] == pytest.approx(plain(figures, block, kept))


@given(FIGURES)
def test_settings_and_cases_may_stand_in_any_order(figures: FloatArray) -> None:
    """Turning the cases round changes nothing; neither does a second copy of every setting below."""
    block = np.arange(figures.shape[1])
    found = nested_choice(figures, block)
    turned = nested_choice(figures[:, ::-1], block)
    doubled = nested_choice(np.concatenate([figures, figures]), block)
    for other in (turned, doubled):
        assert other.naive == pytest.approx(found.naive)
        assert other.honest == pytest.approx(found.honest)


@given(FIGURES)
def test_one_setting_is_never_too_good(figures: FloatArray) -> None:
    """With nothing to choose, both numbers are the setting's mean."""
    found = nested_choice(figures[:1], np.arange(figures.shape[1]))
    assert found.naive == pytest.approx(found.honest) == pytest.approx(figures[0].mean())


def test_a_heavy_block_does_not_stop_the_jackknife() -> None:
    """A block with more than half of the cases can be left out, alone and with every other."""
    found = nested_choice([[1.0] * 7, [0.5] * 7], [0, 0, 0, 0, 1, 2, 3])
    assert found.left_out == pytest.approx(np.ones((4, 2)))


def test_a_missing_figure_is_left_out_of_every_mean() -> None:
    """A setting without a figure in a case is judged on the others; chosen there, it adds nothing."""
    found = nested_choice([[0.8, np.nan, 0.8, 0.8], [0.1, 0.1, 0.1, 0.1]], [0, 1, 2, 3])
    assert found.naive == pytest.approx(0.8)
    assert np.isnan(found.aside[1])
    assert found.honest == pytest.approx(0.8)


def test_choosing_among_noise_is_worth_nothing() -> None:
    """50 settings of pure noise on 12 cases: the best promises much, and its choice is worth nothing."""
    rng = np.random.default_rng(5)
    worlds = [nested_choice(rng.normal(0, 0.3, (50, 12)), np.arange(12)) for _ in range(200)]
    assert np.mean([world.naive for world in worlds]) > 0.15
    assert abs(np.mean([world.honest for world in worlds])) < 0.03


def test_luck_is_told_from_a_better_setting() -> None:
    """Equal settings are seldom called different; one that is better by two deviations is."""
    rng = np.random.default_rng(6)
    noise = [luck_of_choosing(rng.normal(0, 0.3, (8, 12)), np.arange(12), rng, 99) for _ in range(200)]
    assert np.mean([found.test.p_value <= 0.05 for found in noise]) < 0.1
    assert np.mean([found.lead for found in noise]) == pytest.approx(
        np.mean([found.lucky_lead for found in noise]), abs=0.02
    )
    figures = rng.normal(0, 0.3, (8, 12))
    figures[3] += 0.6
    assert luck_of_choosing(figures, np.arange(12), rng, 999).test.p_value < 0.01


@pytest.mark.parametrize(
    ("figures", "blocks"),
    [
        (np.empty((0, 4)), [0, 1, 2, 3]),
        ([[1.0, 1.0]], [0, 1]),
        ([[1.0, 1.0, 1.0]], [0, 0, 0]),
        ([[np.nan, np.nan, np.nan, 1.0]], [0, 1, 2, 3]),
    ],
    ids=["no-setting", "two-cases", "one-block", "figures-in-one-block"],
)
def test_undefined(figures: FloatArray, blocks: list[int]) -> None:
    """Nothing to choose, or nothing to judge the choice on, is said instead of a number."""
    with pytest.raises(UndefinedStatisticError):
        nested_choice(figures, blocks)


def test_one_setting_cannot_be_lucky() -> None:
    """There is no best of one."""
    with pytest.raises(UndefinedStatisticError, match="nothing to choose"):
        luck_of_choosing([[1.0, 0.0, 1.0]], [0, 1, 2], np.random.default_rng(1), 9)
