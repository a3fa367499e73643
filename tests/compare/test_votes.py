from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.compare.votes import first_vote, unused
from harness.schema import Cell, RankedVerdict


def said(grades: Mapping[str, float], repeat: int = 0) -> RankedVerdict:
    """One verdict of one person on one case."""
    cell = Cell(
        annotator_id="p1",
        annotator_kind="person",
        case_id="q1",
        rulebook_id="none",
        language="en",
        repeat=repeat,
    )
    return RankedVerdict(cell=cell, grades=dict(grades))


def test_one_ranking_counts_as_it_is() -> None:
    """A single first ranking keeps its grades; a repeat changes nothing."""
    assert first_vote([said({"a": 4, "b": 2, "c": 2}), said({"a": 1, "b": 2, "c": 3}, 1)]) == {
        "a": 4,
        "b": 2,
        "c": 2,
    }


def test_votes_on_all_pairs_make_one_ranking() -> None:
    """A beats b and c, b and c tie: shares 1, 1/4, 1/4, so grades 2, 1, 1."""
    votes = [said({"a": 2, "b": 1}), said({"c": 1, "b": 1}), said({"c": 1, "a": 2})]
    assert first_vote(votes) == {"a": 2.0, "b": 1.0, "c": 1.0}


def test_a_circle_ties_everything() -> None:
    """A beats b, b beats c, c beats a: every share is 1/2."""
    votes = [said({"a": 2, "b": 1}), said({"b": 2, "c": 1}), said({"c": 2, "a": 1})]
    assert set(first_vote(votes).values()) == {1.0}


def test_a_missing_pair_is_not_filled_in() -> None:
    """A beats b and b beats c says nothing about a and c: only the first vote counts."""
    assert first_vote([said({"a": 2, "b": 1}), said({"b": 2, "c": 1})]) == {"a": 2, "b": 1}


def test_a_later_round_is_not_mixed_in() -> None:
    """Votes of another repeat do not complete the pairs of the first."""
    votes = [said({"a": 2, "b": 1}), said({"b": 2, "c": 1}), said({"c": 2, "a": 1}, 1)]
    assert first_vote(votes) == {"a": 2, "b": 1}


def test_votes_left_aside_are_counted_by_reason() -> None:
    """Two of three pairs leave one vote aside, all three none; a later round always stands apart."""
    two = [said({"a": 2, "b": 1}), said({"b": 2, "c": 1})]
    assert unused(two) == (1, 0)
    assert unused([*two, said({"c": 2, "a": 1})]) == (0, 0)
    assert unused([*two, said({"c": 2, "a": 1}, 1)]) == (1, 1)
    assert unused([said({"a": 2, "b": 1}), said({"a": 1, "b": 2}, 1)]) == (0, 1)


@given(st.permutations("abcde"), st.randoms(use_true_random=False))
def test_any_strict_order_comes_back(order: list[str], random: Random) -> None:
    """All pairs of a strict order, in any sequence, give that order."""
    votes = [said({one: 2, other: 1}) for one, other in combinations(order, 2)]
    random.shuffle(votes)
    found = first_vote(votes)
    assert sorted(found, key=lambda name: -found[name]) == order
