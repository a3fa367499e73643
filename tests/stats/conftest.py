"""Inputs that several tests of the statistics share."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray


def ranks_to_grades(*rankings: str) -> NDArray[np.float64]:
    """Turn orders written as in the literature (1 = best) into grades (higher = better)."""
    return np.array([[-float(place) for place in ranking] for ranking in rankings])


@pytest.fixture
def six_people() -> NDArray[np.float64]:
    """Worked case H of methods.md §1.5: six people, four answers, asymmetric."""
    return ranks_to_grades("1234", "1123", "2133", "1324", "1222", "4321")


@pytest.fixture
def judge_repeats() -> NDArray[np.float64]:
    """Worked case J of methods.md §1.5: one judge, asked three times, as grades."""
    return np.array([[4.0, 3, 1, 2], [4, 3, 2, 1], [4, 2, 1, 3]])
