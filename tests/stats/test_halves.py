"""Halves dealt at random: against the exact test over all deals, and the level that it promises."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats.halves import dealt_halves_test
from harness.stats.permutation import two_group_exact_test

LEFT = [[4, 3, 2, 1], [4, 4, 2, 1], [3, 4, 2, 1], [4, 1, 2, 3]]
RIGHT = [[1, 2, 3, 4], [2, 1, 3, 4], [4, 3, 2, 1]]


def test_dealing_comes_near_to_trying_every_deal() -> None:
    """With 35 deals in all, 9,999 random ones give the exact p within its sampling error."""
    exact = two_group_exact_test(LEFT, RIGHT)
    dealt = dealt_halves_test(LEFT, RIGHT, np.random.default_rng(1), 9_999)
    assert dealt.statistic == pytest.approx(exact.statistic)
    assert dealt.p_value == pytest.approx(exact.p_value, abs=0.02)


def test_relabelling_the_halves_changes_nothing() -> None:
    """Which half is called the first one does not matter to the statistic."""
    one = dealt_halves_test(LEFT, RIGHT, np.random.default_rng(1), 99)
    other = dealt_halves_test(RIGHT, LEFT, np.random.default_rng(1), 99)
    assert one.statistic == pytest.approx(other.statistic)


@pytest.mark.parametrize(("left", "right"), [([], RIGHT), (LEFT, []), ([[4, np.nan, 2, 1]], RIGHT)])
def test_empty_halves_and_missing_grades_are_refused(
    left: list[list[float]], right: list[list[float]]
) -> None:
    """There is no test without both halves, or with a hole in a ranking."""
    with pytest.raises(UndefinedStatisticError):
        dealt_halves_test(
            np.array(left).reshape(-1, 4), np.array(right).reshape(-1, 4), np.random.default_rng(1)
        )
