"""Objects in a text: found in one pass, whatever stands around them, never one inside another.

An object inside a broken or unfinished object is part of that one, not a reply of its own: a reader that
looked inside would take `{"A": 1}` out of `{"A": 3, "reason": "not {"A": 1}"}`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from harness.verdict.echo import TAG, Blocks

MAX_DEPTH = 6
"""Brackets within brackets that a reply may have; deeper ones are not parsed (time, and the stack)."""

_SIGN = re.compile(r'\\.|["{}\]]|\[(?P<of_objects>(?=\s*\{))?|' + TAG.pattern, re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}


class Pairs(list[tuple[str, object]]):
    """A JSON object as key-value pairs in order: a key that stands twice is seen twice."""


@dataclass(frozen=True, slots=True)
class Span:
    """An outermost object, or list of objects, in a text."""

    text: str
    depth: int


class _Scanner:
    """Counts brackets outside strings; quotes count inside objects only, never in prose."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[Span] = []
        self._open: list[str] = []
        self._start = self._depth = self._skip_to = 0
        self._in_string = False
        self._blocks = Blocks(text)

    def scan(self) -> list[Span]:
        for sign in _SIGN.finditer(self.text):
            if sign.start() < self._skip_to:
                continue
            if self._open:
                self._inside(sign)
            else:
                self._outside(sign)
        return self.spans

    def _outside(self, sign: re.Match[str]) -> None:
        if sign["tag"]:
            self._skip_block(sign)
        elif sign[0] == "{" or sign["of_objects"] is not None:
            self._open, self._start, self._depth = [sign[0]], sign.start(), 1

    def _skip_block(self, tag: re.Match[str]) -> None:
        end = self._blocks.end(tag)
        if end is not None:
            self._skip_to = end

    def _inside(self, sign: re.Match[str]) -> None:
        mark = sign[0]
        if mark == '"':
            self._in_string = not self._in_string
        elif self._in_string:
            return
        elif mark in _CLOSING:
            self._open.append(mark)
            self._depth = max(self._depth, len(self._open))
        elif mark == _CLOSING[self._open[-1]]:
            self._close(sign.end())

    def _close(self, end: int) -> None:
        self._open.pop()
        if not self._open:
            self.spans.append(Span(self.text[self._start : end], self._depth))


def find_spans(text: str) -> list[Span]:
    """Every outermost, complete `{…}` or `[{…}…]` outside the prompt's own blocks, in order; linear."""
    return _Scanner(text).scan()


def parse_strict(span: Span) -> Pairs | list[object] | None:
    """The object of a span as JSON, or None."""
    if span.depth > MAX_DEPTH:
        return None
    try:
        tree: object = json.loads(span.text, object_pairs_hook=Pairs)
    except ValueError:  # not JSON, or a number of thousands of digits
        return None
    return tree if isinstance(tree, Pairs | list) else None
