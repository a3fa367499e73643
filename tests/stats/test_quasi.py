"""Quasi-variances; those of the pudding data are in test_worth."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats.quasi import quasi_variances


def test_quasi_variances_of_independent_items_are_their_variances() -> None:
    """Independent estimates keep their own variances, whatever reference is subtracted."""
    own = np.array([1.0, 4.0, 9.0, 2.0, 0.5])
    assert quasi_variances(np.diag(own)) == pytest.approx(own, rel=1e-5)
    contrast = np.eye(5) - np.eye(5)[[2] * 5]
    assert quasi_variances(contrast @ np.diag(own) @ contrast.T) == pytest.approx(own, rel=1e-5)


def test_quasi_variances_of_two_are_halves() -> None:
    """With two items only the sum is determined, and each gets half: Var = 1 + 2 - 2 * 0.5 = 2."""
    assert quasi_variances([[1.0, 0.5], [0.5, 2.0]]) == pytest.approx([1.0, 1.0])


def test_a_quasi_variance_that_is_not_positive_is_missing() -> None:
    """Three differences 1, 1 and 9 need q = (-3.5, 4.5, 4.5): the first has no error bar."""
    # Var(1-2) = Var(1-3) = 1, Var(2-3) = 9: q1 + q2 = 1, q1 + q3 = 1, q2 + q3 = 9.
    found = quasi_variances([[0.0, 0.0, 0.0], [0.0, 1.0, -3.5], [0.0, -3.5, 1.0]])
    assert np.isnan(found[0])
    assert not np.isnan(found[1:]).any()


@pytest.mark.parametrize("covariance", [[[1.0]], [[1.0, 1.0], [1.0, 1.0]]])
def test_quasi_variances_need_a_difference_with_a_variance(covariance: list[list[float]]) -> None:
    """One item, or two that never differ, have none."""
    with pytest.raises(UndefinedStatisticError):
        quasi_variances(covariance)
