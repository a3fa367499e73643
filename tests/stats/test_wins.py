"""Win tables, win rates and Bradley-Terry strengths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import wins

NAN = float("nan")
# Thirteen comparisons of four candidates, uneven; strengths by evalica 0.4.2, tolerance 1e-14:
# bradley_terry(first, second, [X for 1, Y for 0, Draw for .5], tie_weight=0.5)
FIRST = [0, 0, 0, 1, 1, 2, 3, 3, 0, 2, 1, 3, 2]
SECOND = [1, 2, 3, 2, 3, 3, 0, 1, 1, 0, 0, 2, 1]
OUTCOME = [1, 0.5, 1, 1, 0, 0.5, 0.5, 1, 0, 1, 0.5, 0, 0.5]
EVALICA = [0.24016171995871552, 0.19622392111411, 0.3172853752095074, 0.24632898371766712]

comparisons = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0])).filter(
        lambda one: one[0] != one[1]
    ),
    min_size=1,
    max_size=40,
)


def test_strengths_equal_evalica() -> None:
    """The fixed point is that of evalica, run to 1e-14 on data that are not symmetric."""
    found = wins.bradley_terry(wins.win_table(FIRST, SECOND, OUTCOME, 4))
    assert found.tolist() == pytest.approx(EVALICA, abs=1e-9)


def test_strengths_of_two_are_their_shares() -> None:
    """Three wins to one: strengths 3/4 and 1/4; the diagonal does not matter."""
    assert wins.bradley_terry([[9, 3], [1, 9]]).tolist() == pytest.approx([0.75, 0.25])


def test_expected_wins_are_the_wins() -> None:
    """At the maximum every candidate is expected to win as often as it did."""
    table = wins.win_table(FIRST, SECOND, OUTCOME, 4)
    strengths = wins.bradley_terry(table)
    expected = ((table + table.T) * strengths[:, None] / (strengths[:, None] + strengths)).sum(axis=1)
    assert expected.tolist() == pytest.approx(table.sum(axis=1).tolist(), abs=1e-9)


def test_table_by_hand() -> None:
    """0 beats 1, ties 2; 2 beats 1: half a win for both sides of the tie, nothing for a missing verdict."""
    table = wins.win_table([0, 0, 1, 0], [1, 2, 2, 1], [1, 0.5, 0, NAN], 3)
    assert table.tolist() == [[0, 1, 0.5], [0, 0, 0], [0.5, 1, 0]]


def test_rates_by_hand() -> None:
    """Each candidate's wins and half ties over its own comparisons; never compared = NaN."""
    found = wins.win_rates([0, 0, 1], [1, 2, 2], [1, 0.5, 0], 4)
    assert found[:3].tolist() == [0.75, 0.0, 0.75]
    assert np.isnan(found[3])


@given(comparisons)
def test_turning_a_comparison_round_changes_nothing(told: list[tuple[int, int, float]]) -> None:
    """(a, b, a wins) and (b, a, b loses) are the same comparison."""
    first, second, outcome = (list(column) for column in zip(*told, strict=True))
    turned = wins.win_table(second, first, [1 - one for one in outcome], 4)
    assert np.array_equal(wins.win_table(first, second, outcome, 4), turned)


@given(comparisons)
def test_wins_add_up_to_comparisons(told: list[tuple[int, int, float]]) -> None:
    """Every comparison gives away exactly one win, and rates stay between 0 and 1."""
    first, second, outcome = (list(column) for column in zip(*told, strict=True))
    assert wins.win_table(first, second, outcome, 4).sum() == len(told)
    rates = wins.win_rates(first, second, outcome, 4)
    known = rates[~np.isnan(rates)]
    assert ((known >= 0) & (known <= 1)).all()


@given(st.permutations(range(4)))
def test_names_of_candidates_do_not_matter(order: list[int]) -> None:
    """Relabelled candidates keep their strengths."""
    table = wins.win_table(FIRST, SECOND, OUTCOME, 4)
    relabelled = table[np.ix_(order, order)]
    expected = wins.bradley_terry(table)[order].tolist()
    assert wins.bradley_terry(relabelled).tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "table",
    [
        [[0, 2], [0, 0]],
        [[0, 1, 3], [1, 0, 2], [0, 0, 0]],
        [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
    ],
    ids=["never lost", "one never won", "two islands"],
)
def test_strengths_without_a_way_back_are_undefined(table: list[list[float]]) -> None:
    """A group that never lost to the rest, or never met it, has no finite ratio: nothing is guessed."""
    with pytest.raises(UndefinedStatisticError, match="never won"):
        wins.bradley_terry(table)


@pytest.mark.parametrize(
    ("first", "second", "outcome", "words"),
    [([0], [1], [2], "outcome"), ([0], [1], [-0.5], "outcome"), ([0], [4], [1], "outside")],
)
def test_impossible_comparisons_are_refused(
    first: list[int], second: list[int], outcome: list[float], words: str
) -> None:
    """An outcome outside 0 to 1 or a stranger among the candidates is a fault of the caller."""
    with pytest.raises(ValueError, match=words):
        wins.win_table(first, second, outcome, 4)
