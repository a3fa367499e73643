"""One reply about several cases -> the part of it that is about one of them.

Read are, and nothing else: objects that say their case (`{"case": 2, "A": 3, …}`), alone, in a list or inside
another object; objects under a key that names the case (`{"case_2": {…}}`); else what stands under a heading
(`Cas 2`). The order of objects says nothing: one that was left out would move all that follow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import VerdictParseError
from harness.schema import Cell, Completion, FailedVerdict, Presentation, RankedVerdict
from harness.verdict.echo import Echo, without_blocks, without_reasoning
from harness.verdict.form import name_of
from harness.verdict.lenient import parse_lenient
from harness.verdict.listwise import MAX_READ, Expected, read_listwise
from harness.verdict.outcome import Source, check_unfiltered, explain_unread, fail_unread
from harness.verdict.spans import Pairs, find_spans, parse_strict

_CASE_NAMES = frozenset({"case", "cas", "case_number", "numero", "numero_du_cas", "situation"})
_NAMED = re.compile(r"(?:cas|case|situation)_?([0-9]{1,3})")
_NUMBER = re.compile(r"(?<![0-9.])[0-9]{1,3}(?![0-9.])")
_HEADING = re.compile(
    r"^[^\w\n]{0,8}(?:cas|case|situation)[ \t]{1,4}(?:n[°º]?[ \t]{0,4})?(?P<number>[0-9]{1,3})(?![0-9])",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Told:
    """What a reply says about one case."""

    text: str
    is_repaired: bool = False


def read_together(
    reply: tuple[Completion, int], presentation: Presentation, cell: Cell, expected: Expected, key: str
) -> RankedVerdict | FailedVerdict:
    """The verdict on case `number` (from 1) of `reply`, a completion and that number."""
    completion, number = reply
    told = told_about(completion.text, number)
    if told is None:
        source = Source(completion.text, presentation, (key,))
        return fail_unread(cell, _nothing_told(completion, number, expected), source)
    part = completion.model_copy(update={"text": told.text})
    verdict = read_listwise(part, presentation, cell, expected, key)
    if told.is_repaired and isinstance(verdict, RankedVerdict) and "repaired" not in verdict.flags:
        return verdict.model_copy(update={"flags": (*verdict.flags, "repaired")})
    return verdict


def _nothing_told(completion: Completion, number: int, expected: Expected) -> VerdictParseError:
    try:
        check_unfiltered(completion)
    except VerdictParseError as error:
        return error
    return explain_unread(completion, f"nothing about case {number}", Echo(expected.prompt_text))


def told_about(text: str, number: int) -> Told | None:
    """What a reply says about case `number`; None when it says nothing that can be told apart."""
    if len(text) > MAX_READ:
        return None
    reply = without_reasoning(text)
    parts = list(_objects(reply))
    if parts:
        mine = [part for told, part in parts if told == number]
        return Told("\n".join(part.text for part in mine), any(p.is_repaired for p in mine)) if mine else None
    return _under_heading(without_blocks(reply), number)


def _under_heading(text: str, number: int) -> Told | None:
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings), len(text)][1:]
    mine = [
        text[heading.end() : end]
        for heading, end in zip(headings, ends, strict=True)
        if int(heading["number"]) == number
    ]
    return Told("\n".join(mine)) if mine else None


def _objects(text: str) -> Iterator[tuple[int, Told]]:
    """Every object that says which case it is about."""
    for span in find_spans(text):
        tree = parse_strict(span)
        repaired = tree is None
        tree = parse_lenient(span) if tree is None else tree
        if isinstance(tree, Pairs) and (number := _case_of(tree)) is not None:
            yield number, Told(span.text)
        elif tree is not None:
            yield from ((number, Told(_spelled(one), repaired)) for number, one in _inside(tree))


def _inside(tree: Pairs | list[object]) -> Iterator[tuple[int, Pairs]]:
    """Objects of a list or of an outer object, as far as each says its case or stands under its name."""
    entries = list(tree) if isinstance(tree, Pairs) else [("", entry) for entry in tree]
    for key, entry in entries:
        if isinstance(entry, Pairs):
            named = _NAMED.fullmatch(name_of(key))
            number = _case_of(entry) if named is None else int(named[1])
            if number is not None:
                yield number, entry
        elif isinstance(entry, list):
            yield from _inside(entry)


def _case_of(pairs: Pairs) -> int | None:
    """The case that an object names; None when it names none, or two."""
    told = {str(entered) for name, entered in pairs if name_of(name) in _CASE_NAMES}
    numbers = {int(digits) for text in told for digits in _NUMBER.findall(text)}
    return numbers.pop() if len(numbers) == 1 else None


def _spelled(entered: object) -> str:
    """JSON again; a key that stood twice stands twice."""
    if isinstance(entered, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {_spelled(told)}" for key, told in entered) + "}"
    if isinstance(entered, list):
        return "[" + ", ".join(_spelled(told) for told in entered) + "]"
    return json.dumps(entered)
