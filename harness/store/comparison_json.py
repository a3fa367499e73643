"""comparison.json of large runs: readings of cases, hundreds of thousands of them, written quickly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.schema.key import canonical_chunks, canonical_json

if TYPE_CHECKING:
    # A run that only asks judges loads no records of comparisons.
    from harness.schema import CaseMove, CaseReading, Comparison, Row, RulebookMove

_NO_CASES = b'"cases":[]'
_Tiers = tuple[tuple[str, ...], ...]


def comparison_chunks(comparison: Comparison) -> Iterator[bytes]:
    """The canonical JSON of a comparison in pieces: the very bytes, several times as quickly."""
    rows = (_with_cases(row, map(reading_json, row.cases)) for row in comparison.rows)
    moves = (_with_cases(move, map(move_json, move.cases)) for move in comparison.moves)
    written = {b'"rows":': _listed(rows), b'"moves":': _listed(moves)}
    rest = canonical_chunks(comparison.model_copy(update={"rows": (), "moves": ()}))
    for chunk in rest:
        yield chunk
        quick = written.get(chunk[1:])
        if quick is not None:
            next(rest)  # the empty list that stands in their place
            yield from quick


def reading_json(reading: CaseReading) -> str:
    """Canonical JSON of a reading: names are identifiers, which have nothing to escape."""
    ranks = ",".join(f'"{name}":{_number(rank)}' for name, rank in sorted(reading.mid_ranks.items()))
    return (
        f'{{"case_id":"{reading.case_id}","gap":{_number(reading.gap)},"medians":{_orders(reading.medians)},'
        f'"mid_ranks":{{{ranks}}},"n_planned":{reading.n_planned},"n_ranked":{reading.n_ranked},'
        f'"tau_people":{_number(reading.tau_people)}}}'
    )


def move_json(move: CaseMove) -> str:
    """Canonical JSON of what a rulebook moved in one case."""
    return (
        f'{{"case_id":"{move.case_id}","gap":{_number(move.gap)},"net_gap":{_number(move.net_gap)},'
        f'"towards_people":{_number(move.towards_people)}}}'
    )


def _listed(records: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for place, written in enumerate(records):
        yield b"," + written if place else written
    yield b"]"


def _with_cases(record: Row | RulebookMove, cases: Iterable[str]) -> bytes:
    """The record with its cases written already; in no text can the key of its empty list occur."""
    before, _, after = canonical_json(record.model_copy(update={"cases": ()})).partition(_NO_CASES)
    return before + b'"cases":[' + ",".join(cases).encode() + b"]" + after


@lru_cache(maxsize=1 << 16)
def _number(number: float | None) -> str:
    return canonical_json(number).decode()


@lru_cache(maxsize=1 << 16)
def _orders(orders: tuple[_Tiers, ...]) -> str:
    return canonical_json(orders).decode()
