from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats.base import Place
from harness.formats.joins import by_key, many_to_one, one_to_one, together

Row = tuple[str, int]


def rows(name: str, keys: Sequence[str]) -> list[tuple[Place, Row]]:
    """Rows with these keys on the lines 2, 3, ... of a file."""
    return [(Place(Path(name), line), (key, line)) for line, key in enumerate(keys, start=2)]


def first(row: Row) -> str:
    """The key of a row."""
    return row[0]


def test_many_to_one_gives_each_row_its_partner() -> None:
    """Three votes on two cases: every vote comes once, with the case that has its key."""
    cases = by_key(rows("cases", ["q1", "q2", "q3"]), first, "the cases")
    joined = many_to_one(rows("votes", ["q2", "q1", "q2"]), first, cases)
    assert [(left, right) for _, left, right in joined.pairs] == [
        (("q2", 2), ("q2", 3)),
        (("q1", 3), ("q1", 2)),
        (("q2", 4), ("q2", 3)),
    ]
    assert (joined.n_left_alone, joined.n_right_alone) == (0, 1)
    assert joined.notes("3 votes", "the cases") == ("1 of the cases have no partner among 3 votes: not used",)


def test_many_to_many_is_refused_with_both_places() -> None:
    """A key that stands twice where it must be unique would multiply rows: an error, both places named."""
    with pytest.raises(ImportFormatError) as caught:
        by_key(rows("cases.csv", ["q1", "q2", "q1"]), first, "the cases")
    assert "cases.csv:4" in str(caught.value)
    assert "first at cases.csv:2" in str(caught.value)


def test_one_place_with_two_rows_of_one_key_is_refused() -> None:
    """Two rows made of one line of a file are two rows."""
    place = Place(Path("one.json"), 1)
    with pytest.raises(ImportFormatError, match="stands twice"):
        by_key([(place, ("q1", 1)), (place, ("q1", 2))], first, "the cases")


def test_one_to_one_refuses_a_shared_partner() -> None:
    """Two rows of the left that want the same partner are an error that names both."""
    cases = by_key(rows("cases", ["q1"]), first, "the cases")
    with pytest.raises(ImportFormatError) as caught:
        one_to_one(rows("votes", ["q1", "q1"]), first, cases)
    assert "votes:3" in str(caught.value)
    assert "first at votes:2" in str(caught.value)


@pytest.mark.parametrize(("left", "right"), [(["q1"], ["q1", "q2"]), (["q1", "q2"], ["q1"])])
def test_one_to_one_refuses_rows_without_a_partner(left: list[str], right: list[str]) -> None:
    """A row on either side that is left alone is an error, unless it is only to be counted."""
    table = by_key(rows("right", right), first, "the right")
    with pytest.raises(ImportFormatError, match="q2"):
        one_to_one(rows("left", left), first, table)
    counted = one_to_one(rows("left", left), first, table, unmatched="count")
    assert len(counted.pairs) == 1
    assert counted.n_left_alone + counted.n_right_alone == 1


def test_unmatched_rows_are_an_error_or_are_counted() -> None:
    """many_to_one names the row that finds nothing, or counts it."""
    table = by_key(rows("right", ["q1"]), first, "the right")
    with pytest.raises(ImportFormatError, match="left:3: nothing among the right has the key q9"):
        many_to_one(rows("left", ["q1", "q9"]), first, table)
    assert many_to_one(rows("left", ["q1", "q9"]), first, table, unmatched="count").n_left_alone == 1


def test_keys_that_all_tables_have() -> None:
    """`together` keeps the order that it is given."""
    tables = [by_key(rows("a", ["x", "y"]), first, "a"), by_key(rows("b", ["y", "x", "z"]), first, "b")]
    assert list(together(["z", "y", "x"], *tables)) == ["y", "x"]


keys = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(left=keys, right=keys.map(lambda found: list(dict.fromkeys(found))))
def test_a_join_never_invents_rows(left: list[str], right: list[str]) -> None:
    """Whatever the keys are, no row of the left comes more than once, and every row is accounted for."""
    joined = many_to_one(
        rows("left", left), first, by_key(rows("right", right), first, "the right"), unmatched="count"
    )
    lines = [row[1] for _, row, _ in joined.pairs]
    assert len(set(lines)) == len(lines)
    assert len(lines) + joined.n_left_alone == len(left)
    assert joined.n_right_alone == len(set(right) - set(left))
    assert all(one[0] == other[0] for _, one, other in joined.pairs)
