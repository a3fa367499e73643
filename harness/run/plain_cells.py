"""Listwise cells whose recording is plain: from the place in the plan to the line of the verdict.

Nearly every cell of a large run is one call whose reply is the object that was asked for. It is replayed here
without any record of it, in a tenth of the time, and the lines are the ones that `read_cell` would give:

* its key is hashed from the same bytes as `plan_cells` does it; they are taken from the call that the planner
  itself makes the first time a grid, or a case in one of its orders, is met;
* the recording is looked up and verified as ever, and what it says is taken from its bytes;
* the reply is read by `read_plain_form`, which reads nothing that the whole ladder would read otherwise, and
  the digits of its prompt must show that it is no copy of it;
* a prompt that wears a disguise, a filtered or an inverted reply, and strings that could hold a secret are
  not plain.

Whatever is not plain is None here, and goes the long way: nothing is decided twice, or otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import from_json

from harness.prompt import is_pasted
from harness.run.calls import Call, Grid
from harness.run.content import Content, template_name
from harness.run.plan import Place, Planner
from harness.schema import Cell, canonical_json
from harness.schema.key import message_json, text_sha256
from harness.store.lines import completion_json
from harness.store.secret_scan import SecretScan
from harness.verdict import Expected
from harness.verdict.echo import digits_told, digits_written
from harness.verdict.form import Form
from harness.verdict.listwise import inverted_ends
from harness.verdict.outcome import is_filtered
from harness.verdict.plain_form import PlainReader, plain_reader
from harness.verdict.plain_lines import (
    SKELETON,
    CellParts,
    ShownParts,
    Took,
    cell_parts,
    ranked_line,
    shown_parts,
    timing_line,
)

MOST_REMEMBERED = 4_096
"""Replies that are not read again when they come back word for word."""
_LARGEST = 10**9
"""Counts and seconds beyond it are written by whoever knows how."""


class PlainLines(NamedTuple):
    """What a plain cell leaves: the lines of its verdict and timing, and its completion as JSON."""

    verdict: bytes
    timing: bytes
    completion: bytes


class _Shown(NamedTuple):
    """A case in one of its orders, for all judges and rulebooks that show it in the same words."""

    message: bytes
    """The last message of the request, as its key hashes it."""
    digits: str
    case: str
    """Its name in JSON."""
    reader: PlainReader
    parts: ShownParts


class _Asked(NamedTuple):
    """The calls of one grid that show as many slots in the same repeat."""

    before: bytes
    after: bytes
    """What stands around the last message of a request, as its key hashes it."""
    digits: str
    cell: CellParts


@dataclass
class _Plain:
    """A grid whose calls ask one question each, with the rules first and the case after them."""

    grid: Grid
    expected: Expected
    shown: dict[tuple[str, int], _Shown | None]
    """(case, row of the square) -> what is shown; None where it is not plain."""
    asked: dict[tuple[int, int], _Asked | None] = field(default_factory=dict)
    """(repeat, number of slots) -> who is asked, and how."""


class PlainCells:
    """Reads plain cells, one after the other."""

    def __init__(self, planner: Planner, answers: Mapping[str, bytes], scan: SecretScan) -> None:
        self._planner = planner
        self._content: Content = planner.content
        self._answers = answers
        self._scan = scan
        self._shown: dict[tuple[object, ...], dict[tuple[str, int], _Shown | None]] = {}
        self._last: tuple[Grid, _Plain | None] | None = None
        self._may_write = not scan.hints_at(SKELETON)
        self._said = lru_cache(maxsize=MOST_REMEMBERED)(self._read_reply)

    def read(self, place: Place, position: int) -> PlainLines | None:
        """The lines of the cell at a place of the plan; None where something about it is not plain."""
        grid, case, repeat = place
        plain = self._plain(grid)
        if plain is None:
            return None
        seen = case.case_id, self._planner.presenter.row(case, grid.spec.judge_id, repeat)
        how = repeat, len(case.answers)
        if seen not in plain.shown or how not in plain.asked:
            self._learn(plain, place, (seen, how))
        shown, asked = plain.shown[seen], plain.asked[how]
        if shown is None or asked is None:
            return None
        key = hashlib.sha256(asked.before + shown.message + asked.after).hexdigest()
        told = self._told(key)
        form = None if told is None else self._form(told.text, (asked, shown))
        if told is None or form is None or self._may_be_secret(key):
            return None
        cell = f"{asked.cell.before}{shown.case}{asked.cell.after}"
        verdict = ranked_line(form, plain.expected, cell, shown.parts, key)
        return PlainLines(verdict, timing_line(position, told.took), told.completion)

    def _told(self, key: str) -> _Told | None:
        """What was recorded, where it is written as our writers write it and the reply was not filtered."""
        try:
            completion = completion_json(key, self._answers[key])
        except KeyError:
            return None
        if completion is None:
            return None
        told: dict[str, Any] = from_json(completion)
        text, finish_reason, took = told.get("text"), told.get("finish_reason"), _took(told)
        if type(text) is not str or type(finish_reason) is not str or took is None:
            return None
        return None if is_filtered(finish_reason) else _Told(text, took, completion)

    def _form(self, text: str, shared: tuple[_Asked, _Shown]) -> Form | None:
        """What the reply says, once nothing about it needs a closer look."""
        asked, shown = shared
        said = self._said(text, shown.reader)
        return said.form if said is not None and said.digits not in asked.digits + shown.digits else None

    def _read_reply(self, text: str, reader: PlainReader) -> _Said | None:
        """What a reply says whatever was asked: the same words come back many times."""
        plain = reader.read(text)
        digits = None if plain is None else digits_written(plain.text)
        if plain is None or digits is None or inverted_ends(plain.form):
            return None
        return None if self._scan.hints_at(str(plain.form.reason).encode()) else _Said(plain.form, digits)

    def _may_be_secret(self, key: str) -> bool:
        return self._scan.knows_values and self._scan.hints_at(key.encode())

    # --- what many cells share -----------------------------------------------------------------------

    def _plain(self, grid: Grid) -> _Plain | None:
        """What the cells of a grid share; grids come one after the other."""
        if self._last is None or self._last[0] is not grid:
            self._last = grid, self._made(grid) if self._may_write and self._is_plain(grid) else None
        return self._last[1]

    def _is_plain(self, grid: Grid) -> bool:
        spec = grid.spec
        is_other = bool(grid.together or spec.shots) or is_pasted(spec.model_id)
        is_split = not self._content.template(spec, grid.language).reads["system"].case
        return spec.protocol == "listwise" and is_split and not is_other

    def _made(self, grid: Grid) -> _Plain:
        reads = self._content.template(grid.spec, grid.language).reads["user"]
        words: tuple[object, ...] = template_name(grid.spec, grid.language), grid.language
        if reads.rulebook or reads.others:
            words = (*words, *grid.line)
        expected = Expected(
            answer_ids=(),  # each case has its own
            n_grades=self._content.case_set.n_grades,
            rule_numbers=tuple(rule.number for rule in self._content.rulebooks[grid.rulebook_id].rules),
            dimensions=self._planner.asks_dimensions(grid.spec),
        )
        return _Plain(grid, expected, self._shown.setdefault(words, {}))

    def _learn(self, plain: _Plain, place: Place, at: tuple[tuple[str, int], tuple[int, int]]) -> None:
        """Note what is new about a place, from its call as the planner makes it."""
        planned = self._planner.cell(place)
        (call,) = planned.calls
        seen, how = at
        if seen not in plain.shown:
            plain.shown[seen] = self._shown_by(call)
        if how not in plain.asked:
            plain.asked[how] = self._asked_by(call, planned.cell)

    def _shown_by(self, call: Call) -> _Shown | None:
        message, case = call.messages[-1], canonical_json(call.case_id)
        digits = digits_told(message.content)
        if digits is None or self._scan.hints_at(case + canonical_json(call.presentation)):
            return None
        written = message_json(message.role, text_sha256(message.content))
        parts = shown_parts(call.presentation)
        reader = plain_reader(call.presentation.slots, self._content.case_set.n_grades)
        return _Shown(written, digits, case.decode(), reader, parts)

    def _asked_by(self, call: Call, cell: Cell) -> _Asked | None:
        (opening, _) = call.messages
        digits = digits_told(opening.content)
        if digits is None or self._scan.hints_at(canonical_json(cell)):
            return None
        before, after = call.frame.keys.around_last([opening])
        return _Asked(before, after, digits, cell_parts(cell))


class _Said(NamedTuple):
    """What a plain reply says, and the digits that would have to stand in its prompt if it were copied."""

    form: Form
    digits: str


class _Told(NamedTuple):
    """What a recorded completion says."""

    text: str
    took: Took
    completion: bytes


def _took(told: dict[str, Any]) -> Took | None:
    """What the call took; None where JSON spells a number otherwise than our writers do."""
    usage, attempts, seconds = told.get("usage"), told.get("attempts"), told.get("latency_s")
    if type(usage) is not dict or type(attempts) is not int or not isinstance(seconds, int | float):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(prompt) not in _COUNTS or type(completion) not in _COUNTS:
        return None
    if seconds > _LARGEST or attempts > _LARGEST or (prompt or 0) > _LARGEST or (completion or 0) > _LARGEST:
        return None
    return Took(float(seconds) if told.get("batch_id") is None else None, attempts, prompt, completion)


_COUNTS = frozenset({int, type(None)})
