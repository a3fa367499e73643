"""Means that undo the choosing of cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats.ask_next import ask_next
from harness.stats.drawn import effective_count, inverse_probability_mean


def test_the_weighted_mean_by_hand() -> None:
    """Weights 4/3 and 4: (4/3 * 1 + 4 * 0) / (16/3) = 1/4; a value that is unknown does not count."""
    assert inverse_probability_mean([1.0, 0.0], [0.75, 0.25]) == pytest.approx(0.25)
    assert inverse_probability_mean([1.0, 0.0, np.nan], [0.75, 0.25, 0.01]) == pytest.approx(0.25)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.floats(0.01, 1))
def test_even_draws_give_the_plain_mean(values: list[float], probability: float) -> None:
    """Where every case was as likely, weighting changes nothing and costs nothing."""
    even = [probability] * len(values)
    assert inverse_probability_mean(values, even) == pytest.approx(np.mean(values), abs=1e-12)
    assert effective_count(even) == pytest.approx(len(values))


def test_weighting_undoes_a_preference_for_some_cases() -> None:
    """Two thousand draws that prefer one odd case: the plain mean is far off, the weighted one is near."""
    rng = np.random.default_rng(4)
    worth = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    drawn = [ask_next([0, 1, 1, 1, 1], [0.3] * 5, rng) for _ in range(2_000)]
    values = [worth[one.case] for one in drawn]
    assert np.mean(values) > 0.7
    assert inverse_probability_mean(values, [one.probability for one in drawn]) == pytest.approx(
        0.2, abs=0.03
    )


def test_what_it_costs_to_weight() -> None:
    """Weights 4/3 and 4 are worth (16/3)^2 / (16/9 + 16) = 1.6 rankings; none are worth none."""
    assert effective_count([0.75, 0.25]) == pytest.approx(1.6)
    assert effective_count([]) == 0.0


def test_undefined_inputs() -> None:
    """No value at all is undefined, and a probability of nothing is a mistake."""
    with pytest.raises(UndefinedStatisticError, match="no ranking"):
        inverse_probability_mean([np.nan], [0.5])
    for wrong in (0.0, -0.1, 1.01, np.nan):
        with pytest.raises(ValueError, match="probability"):
            inverse_probability_mean([1.0], [wrong])
