"""Joins of two files on explicit keys: one to one or many to one; never many to many, which invents rows.

One public audit of a judge got 53 % instead of 67 % because a join met a key twice on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from harness.formats.base import Place
from harness.formats.reading import Problems

K = TypeVar("K", bound=Hashable)
L = TypeVar("L")
R = TypeVar("R")

Unmatched = Literal["error", "count"]


@dataclass(frozen=True)
class Keyed(Generic[K, R]):
    """Rows by key, each key once, with the place of each."""

    what: str
    """Names these rows in messages: "the answers"."""
    rows: dict[K, tuple[Place, R]]


@dataclass(frozen=True)
class Joined(Generic[L, R]):
    """Pairs of rows that belong together, and how many found no partner on each side."""

    pairs: tuple[tuple[Place, L, R], ...]
    n_left_alone: int
    n_right_alone: int

    def notes(self, left: str, right: str) -> tuple[str, ...]:
        """What was left out, one sentence for each side that lost rows."""
        told = []
        if self.n_left_alone:
            told.append(f"{self.n_left_alone:,} of {left} have no partner among {right}: left out")
        if self.n_right_alone:
            told.append(f"{self.n_right_alone:,} of {right} have no partner among {left}: not used")
        return tuple(told)


def by_key(rows: Iterable[tuple[Place, R]], key: Callable[[R], K], what: str) -> Keyed[K, R]:
    """Lay rows out by key; a key that stands twice is an error that names both places.

    Raises
    ------
    ImportFormatError
        A key stands twice: joining on it would be many to many.
    """
    problems = Problems()
    found: dict[K, tuple[Place, R]] = {}
    for place, row in rows:
        name = key(row)
        if name in found:
            words = f"the key {_spell(name)} stands twice among {what} (first at {found[name][0]})"
            problems.note(place, "", f"{words}; a join on it would multiply rows: keep one of them")
        else:
            found[name] = (place, row)
    problems.raise_any()
    return Keyed(what, found)


def many_to_one(
    left: Iterable[tuple[Place, L]], key: Callable[[L], K], right: Keyed[K, R], unmatched: Unmatched = "error"
) -> Joined[L, R]:
    """Give each row of the left its one partner; several rows may share a partner.

    Raises
    ------
    ImportFormatError
        A left row has no partner, unless unmatched rows are only to be counted.
    """
    return _join(left, key, right, unmatched)


def one_to_one(
    left: Iterable[tuple[Place, L]], key: Callable[[L], K], right: Keyed[K, R], unmatched: Unmatched = "error"
) -> Joined[L, R]:
    """Give each row of the left a partner of its own.

    Raises
    ------
    ImportFormatError
        Two rows of the left share a key (both places are named), or a row on either side has no partner,
        unless unmatched rows are only to be counted.
    """
    rows = by_key(left, key, f"the rows that are joined with {right.what}")
    joined = _join(rows.rows.values(), key, right, unmatched)
    if unmatched == "error" and joined.n_right_alone:
        problems = Problems()
        for name, (place, _) in right.rows.items():
            if name not in rows.rows:
                problems.note(place, "", f"no row is joined with {_spell(name)} of {right.what}")
        problems.raise_any()
    return joined


def _join(
    left: Iterable[tuple[Place, L]], key: Callable[[L], K], right: Keyed[K, R], unmatched: Unmatched
) -> Joined[L, R]:
    problems = Problems()
    pairs: list[tuple[Place, L, R]] = []
    met: set[K] = set()
    n_alone = 0
    for place, row in left:
        name = key(row)
        partner = right.rows.get(name)
        if partner is not None:
            met.add(name)
            pairs.append((place, row, partner[1]))
        else:
            n_alone += 1
            problems.note(place, "", f"nothing among {right.what} has the key {_spell(name)}")
    if unmatched == "error":
        problems.raise_any()
    return Joined(tuple(pairs), n_alone, len(right.rows) - len(met))


def _spell(key: Hashable) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def together(keys: Iterable[K], *tables: Keyed[K, Any]) -> Iterator[K]:
    """The keys that every table has, in the order given."""
    return (key for key in keys if all(key in table.rows for table in tables))
