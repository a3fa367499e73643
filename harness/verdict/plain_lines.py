"""The lines of a verdict and of its timing, written from their parts: just the bytes of their records.

A verdict's line is two thirds what many others say too: the cell, the presentation, names. Those parts are
written once in canonical JSON, and joined here with what the reply says, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import NamedTuple, get_args

from harness.schema import PARSER_VERSION, Cell, Flag, Presentation, RankedVerdict, canonical_json
from harness.verdict.form import Form
from harness.verdict.listwise import Expected, dimensions_of, flags_of, reason_of, rules_cited

SKELETON = canonical_json(
    [*RankedVerdict.model_fields, *Cell.model_fields, *Presentation.model_fields, *get_args(Flag), "ranked"]
)
"""The names and words that stand in lines whatever a reply says."""

_text = encode_basestring
"""Canonical JSON of a text."""


class CellParts(NamedTuple):
    """The JSON of cells that differ in their case alone, around the name of the case."""

    before: str
    after: str


class ShownParts(NamedTuple):
    """What a verdict says of a presentation, in JSON, and who stands in which slot."""

    presentation: str
    named: dict[str, str]
    """Slot -> name of its answer."""
    grades: tuple[tuple[str, str], ...]
    """Name of an answer with its colon, and its slot; in the order of a line."""
    slot_of: dict[str, str]


def cell_parts(cell: Cell) -> CellParts:
    """Of a cell, as it stands in the line of its verdict."""
    whole, case = canonical_json(cell).decode(), f'"case_id":{_text(cell.case_id)}'
    before, _, after = whole.partition(case)
    return CellParts(before + '"case_id":', after)


def shown_parts(shown: Presentation) -> ShownParts:
    """Of a presentation."""
    slot_of = dict(zip(shown.order, shown.slots, strict=True))
    return ShownParts(
        presentation=canonical_json(shown).decode(),
        named={slot: _text(answer_id) for answer_id, slot in slot_of.items()},
        grades=tuple((f"{_text(answer_id)}:", slot_of[answer_id]) for answer_id in sorted(slot_of)),
        slot_of=slot_of,
    )


def ranked_line(form: Form, expected: Expected, cell: str, shown: ShownParts, key: str) -> bytes:
    """The line of a verdict that could be read, with its end."""
    grades, flags, reason = form.grades, flags_of(form, expected), reason_of(form)
    told = ",".join([f"{name}{grades[slot]}" for name, slot in shown.grades])
    dimensions = dimensions_of(form, expected, shown.slot_of) if form.dimensions else {}
    return (
        f'{{"best":{shown.named[form.best] if form.best else "null"},"cell":{cell},'
        f'"completion_keys":["{key}"],"dimensions":{_json(dimensions) if dimensions else "{}"},'
        f'"flags":{_json(flags) if flags else "[]"},"grades":{{{told}}},"outcome":"ranked","pairs":[],'
        f'"parser_version":{PARSER_VERSION},"presentation":{shown.presentation},'
        f'"reason":{"null" if reason is None else _text(reason)},'
        f'"rules_cited":{_integers(rules_cited(form, expected))},"seconds":null,'
        f'"worst":{shown.named[form.worst] if form.worst else "null"}}}\n'
    ).encode()


class Took(NamedTuple):
    """What one recorded call took, as its recording says."""

    latency_s: float | None
    """None where an answer came in a batch."""
    attempts: int
    prompt_tokens: int | None
    completion_tokens: int | None


def timing_line(position: int, took: Took) -> bytes:
    """The line of what the verdict at this place took, with its end."""
    latency_s, attempts, prompt, completion = took
    return (
        f'{{"attempts":{attempts},"completion_tokens":{"null" if completion is None else completion},'
        f'"latency_s":{_seconds(latency_s)},"position":{position},'
        f'"prompt_tokens":{"null" if prompt is None else prompt}}}\n'
    ).encode()


def _seconds(latency_s: float | None) -> str:
    """Four digits, so that no number is small enough for an exponent."""
    if latency_s is None:
        return "null"
    rounded = round(latency_s, 4)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def _integers(numbers: Sequence[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


def _json(plain: object) -> str:
    return canonical_json(plain).decode()
