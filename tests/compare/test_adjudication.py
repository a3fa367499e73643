"""Pairs on which people stand on two sides, or against the judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from harness.compare.adjudication import queue_of
from harness.errors import HarnessError
from harness.schema import RankedVerdict
from harness.schema.asking import Adjudication

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three")


def queue(kit: Kit, people: Mapping[str, Sequence[str]], judges: Sequence[str] = ()) -> Adjudication:
    """The queue for people's grades by case, beside judges that always say the same."""
    votes: list[RankedVerdict] = []
    for case_id, given in people.items():
        for who, grades in enumerate(given):
            votes += kit.votes(f"p{who}", {case_id: grades})
    replies = {f"j{place}": kit.always(grades) for place, grades in enumerate(judges or ["4321"])}
    return queue_of(kit.bench(replies, people=votes, cases=CASES, rulebooks=("none", "hhh")).source())


def test_split_pairs_by_hand(kit: Kit) -> None:
    """Two for a, one for b, the rest agreed: one pair is split, 32 more would settle it at two to one."""
    found = queue(kit, {"one": ("4321", "4321", "3421")})
    (pair,) = found.pairs
    assert (pair.case_id, pair.first, pair.second, pair.reason) == ("one", "one-a", "one-b", "split")
    assert (pair.n_first, pair.n_second, pair.n_tied, pair.to_settle) == (2, 1, 0, 32)
    assert (found.n_cases, found.n_pairs, found.judges_rulebook_id) == (1, 6, "hhh")


def test_a_tie_stands_on_neither_side(kit: Kit) -> None:
    """One against one of four people, two tied: a quarter on each side splits nobody."""
    assert queue(kit, {"one": ("4321", "3421", "3321", "3321")}).pairs == ()
    (pair,) = queue(kit, {"one": ("4321", "3421", "3321")}).pairs
    assert (pair.n_first, pair.n_second, pair.n_tied, pair.to_settle) == (1, 1, 1, None)


def test_people_against_judges(kit: Kit) -> None:
    """All people put a first, two judges of three b: the pair is listed though people agree, and settled."""
    (pair,) = queue(kit, {"one": ("4321",) * 5}, ["3421", "3421", "4321"]).pairs
    assert (pair.reason, pair.n_judges_first, pair.n_judges_second, pair.to_settle) == (
        "against_judges",
        1,
        2,
        0,
    )


@pytest.mark.parametrize("judges", [["3421"], ["3421", "4321"], ["3421", "3321", "3321"]])
def test_one_judge_or_a_divided_bench_is_no_opponent(kit: Kit, judges: list[str]) -> None:
    """People are set against judges only when two or more speak, two thirds of them on one side."""
    found = queue(kit, {"one": ("4321",) * 5}, judges)
    # A judge that ties the pair says nothing of it.
    assert found.pairs == ()


def test_most_urgent_first(kit: Kit) -> None:
    """Split and against the judges first, then split, then against the judges, most people first."""
    found = queue(
        kit,
        {
            "one": ("4321",) * 4,
            "two": ("4321", "4321", "4312", "4312"),
            "three": ("3421", "3421", "3421", "4321", "4321"),
        },
        ["4312", "4312"],
    )
    # c and d: one and two are held against the judges' d above c; in three, a and b too.
    assert [(pair.case_id, pair.reason) for pair in found.pairs] == [
        ("three", "both"),
        ("two", "split"),
        ("three", "against_judges"),
        ("one", "against_judges"),
    ]


def test_one_ranking_splits_nobody(kit: Kit) -> None:
    """A single person is on one side, whatever the judges say."""
    assert queue(kit, {"one": ("4321",)}, ["1234", "1234"]).pairs == ()


def test_without_people_there_is_no_queue(kit: Kit) -> None:
    """The error says which option brings people."""
    with pytest.raises(HarnessError, match="--people"):
        queue(kit, {})
