"""The table of rows, as cells of text; no number is made here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.report.numbers import NO_BREAK, dollars, seconds
from harness.report.selection import Selection, row_name, variant
from harness.report.voice import Voice, preferred
from harness.report.words import COLUMNS, FAILURES, PROTOCOLS
from harness.schema import Estimate, Row, Undefined

_SHARES = ("conflict", "hesitation", "tie_share", "order_flips", "intransitive_triples")
_PRICES = {"usd_per_1000": dollars, "seconds_per_1000": seconds}
_WITH_INTERVAL = ("tau_people", "delta_people", "gap", "retest")


@dataclass(frozen=True)
class Cell:
    """What stands in one cell: the number or the words, and smaller lines below it."""

    text: str
    small: tuple[str, ...] = ()
    is_words: bool = False


_DASH = Cell("–")


@dataclass(frozen=True)
class Line:
    """One row of the table: who, under which rulebook, and its cells."""

    name: str
    rulebook: str
    notes: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """Rows that belong together, under a heading."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PlainTable:
    """A small table of texts: the numbers beneath a figure. The first cell of a row names it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def value_columns() -> tuple[str, ...]:
    """Give the columns right of the name and the rulebook, in order."""
    return tuple(name for name in COLUMNS if name not in ("annotator", "rulebook"))


def blocks(selection: Selection, voice: Voice) -> tuple[Block, ...]:
    """Build the table of the rows in front, one block per kind of row and protocol."""
    return tuple(block(heading, rows, voice, selection) for heading, rows in grouped(selection, voice))


def grouped(selection: Selection, voice: Voice) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Put the rows in front under their headings; a heading without rows is left out."""
    judges = voice.row_kind("judge")
    named = [
        *(
            (f"{judges} · {voice.word(both)}", selection.judges_asked(name))
            for name, both in PROTOCOLS.items()
        ),
        (voice.row_kind("panel"), selection.panels),
        (voice.row_kind("person"), () if selection.folded_persons else selection.persons),
        (voice.row_kind("key"), selection.keys),
        (voice.row_kind("learned"), selection.learned),
        (voice.row_kind("baseline"), selection.baselines),
    ]
    return tuple((heading, rows) for heading, rows in named if rows)


def block(heading: str, rows: Iterable[Row], voice: Voice, selection: Selection) -> Block:
    """Build one block."""
    return Block(heading, tuple(_line(row, voice, selection) for row in rows))


def empty_columns(rows: Iterable[Row]) -> dict[str, Undefined | None]:
    """Name the columns in which no row has a number, with the reason of the first row."""
    known = tuple(rows)
    empty: dict[str, Undefined | None] = {}
    for column in value_columns():
        estimates = [getattr(row, column, None) for row in known]
        if all(isinstance(one, Estimate) and one.value is None for one in estimates) and estimates:
            empty[column] = getattr(estimates[0], "undefined_because", None)
    return empty


def without(blocks_of_table: Iterable[Block], columns: Iterable[str]) -> tuple[Block, ...]:
    """Leave columns out of a table."""
    dropped = set(columns)
    kept = [place for place, name in enumerate(value_columns()) if name not in dropped]
    return tuple(
        replace(
            one,
            lines=tuple(
                replace(line, cells=tuple(line.cells[place] for place in kept)) for line in one.lines
            ),
        )
        for one in blocks_of_table
    )


def _line(row: Row, voice: Voice, selection: Selection) -> Line:
    notes = variant(row, voice, selection.language)
    rulebook = voice.rulebook(row.rulebook_id) if row.kind in ("judge", "panel") and row.rulebook_id else ""
    cells = tuple(cell(row, column, voice) for column in value_columns())
    return Line(row_name(row, voice), rulebook, tuple(notes), cells)


def cell(row: Row, column: str, voice: Voice) -> Cell:
    """Build the cell of one row in one column."""
    if column == "coverage":
        return _coverage(row, voice)
    if column == "slot":
        return _slot(row, voice)
    estimate: Estimate = getattr(row, column)
    if estimate.value is None:
        does_not_apply = estimate.undefined_because == "does_not_apply"
        return _DASH if does_not_apply else Cell(voice.why(estimate.undefined_because), is_words=True)
    if column in _PRICES:
        return Cell(_PRICES[column](estimate.value, voice.language))
    text = voice.estimate(estimate, as_percent=column in _SHARES, signed=column == "delta_people")
    return Cell(text, _below(estimate, voice) if column in _WITH_INTERVAL else ())


def _below(estimate: Estimate, voice: Voice) -> tuple[str, ...]:
    interval = preferred(estimate)
    if interval is None:
        return (voice.counted(estimate.n, estimate.unit),)
    n = voice.whole(estimate.n) if estimate.unit == "cases" else voice.counted(estimate.n, estimate.unit)
    return (f"{voice.interval(interval)} {interval.target}, n{NO_BREAK}={NO_BREAK}{n}",)


def _coverage(row: Row, voice: Voice) -> Cell:
    if row.n_planned == 0:
        return _DASH
    kinds = tuple(f"{voice.word(FAILURES[kind])} {voice.whole(n)}" for kind, n in row.failures.items() if n)
    return Cell(f"{voice.whole(row.n_ranked)}/{voice.whole(row.n_planned)}", kinds)


def _slot(row: Row, voice: Voice) -> Cell:
    effect = row.slot_effect
    if effect is None or not effect.effects:
        return _DASH if row.kind != "judge" else Cell(voice.why("not_measured"), is_words=True)
    slot, strongest = max(zip(effect.slots, effect.effects, strict=True), key=lambda pair: abs(pair[1]))
    small = () if effect.test is None else (voice.test(effect.test).partition(" (")[0],)
    return Cell(f"{slot} {voice.decimal(strongest, signed=True)}", small)
