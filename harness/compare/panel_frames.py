"""The panels of a comparison as pandas tables: one line per rung, rule, person, system, price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from harness.compare.frames import Field, estimate_fields, frame_of
from harness.schema import Comparison, Estimate, Record, ShuffleTest

if TYPE_CHECKING:
    import pandas as pd

Lines = Iterable[dict[str, Field]]


def to_panel_frame(comparison: Comparison, panel: str) -> pd.DataFrame:
    """Give one panel as a table; without lines where the comparison has nothing to say.

    Raises KeyError for a name that is not in `PANELS`.
    """
    return frame_of(list(PANELS[panel](comparison)))


def _plain(records: Iterable[Record]) -> Lines:
    return (_fields(record) for record in records)


def _fields(record: Record) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name in type(record).model_fields:
        fields.update(_field(name, getattr(record, name)))
    return fields


def _field(name: str, value: object) -> dict[str, Field]:
    """One field as columns; what is a table of its own (records inside records) is left to that table."""
    if isinstance(value, Estimate):
        return estimate_fields(name, value)
    if isinstance(value, ShuffleTest):
        return {f"{name}_p": value.p}
    if isinstance(value, Mapping):
        parts = (_field(f"{name}_{part}", inside) for part, inside in value.items())
        return {column: cell for part in parts for column, cell in part.items()}
    if isinstance(value, tuple):
        has_records = any(isinstance(one, Record) for one in value)
        return {} if has_records else {name: " ".join(map(str, value)) or None}
    if value is None or isinstance(value, str | float | int):
        return {name: value}
    raise TypeError(f"no column for {name}: {type(value).__name__}")


def _conflicts(comparison: Comparison) -> Iterator[dict[str, Field]]:
    for found in comparison.weights:
        for conflict in found.conflicts:
            yield {"row_id": found.row_id, "rulebook_id": found.rulebook_id, **_fields(conflict)}


def _standings(comparison: Comparison) -> Iterator[dict[str, Field]]:
    for board in comparison.leaderboards:
        for standing in board.standings:
            yield {"row_id": board.row_id, "connected": board.connected, **_fields(standing)}


def _left_out(comparison: Comparison) -> Iterator[dict[str, Field]]:
    for part in comparison.panel_parts:
        whole = {"panel_id": part.panel_id, "rulebook_id": part.rulebook_id, "language": part.language}
        for one in part.without:
            yield {**whole, **estimate_fields("tau_whole", part.tau_people), **_fields(one)}


PANELS: dict[str, Callable[[Comparison], Lines]] = {
    "ladder": lambda found: _plain(found.ladder),
    "rules": lambda found: _plain(found.rule_effects),
    "weights": lambda found: _plain(found.weights),
    "conflicts": _conflicts,
    "bias": lambda found: _plain(found.biases),
    "canaries": lambda found: _plain(found.canaries),
    "standings": _standings,
    "people": lambda found: _plain(found.people_panel.people if found.people_panel else ()),
    "next": lambda found: _plain(found.people_panel.next_cases if found.people_panel else ()),
    "leave-one-judge-out": _left_out,
    "replacement": lambda found: _plain(found.replacements),
    "semi-automatic": lambda found: _plain(found.semi_automatic),
    "anchoring": lambda found: _plain(found.anchoring),
    "map": lambda found: _plain(found.opinion_map.points if found.opinion_map else ()),
    "costs": lambda found: _plain(found.costs),
}
"""Name -> lines; the names are those of `harness compare --table`."""
