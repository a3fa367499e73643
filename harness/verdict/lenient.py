"""Nearly JSON: single or curly quotes, bare names, trailing commas, True and None.

Nothing is completed or guessed: a missing bracket, comma or value makes the whole object unreadable.
"""

from __future__ import annotations

import re

from harness.verdict.spans import MAX_DEPTH, Pairs, Span

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<sign>[{}\[\]:,])
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | “(?P<curly>(?:[^”\\]|\\.)*)”
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<number>[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?(?:[ ]?/[ ]?[0-9]{1,9})?(?![\w./]))
    | (?P<name>[^\W\d]\w{0,40})
    )""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS: dict[str, object] = {
    **dict.fromkeys(("True", "true"), True),
    **dict.fromkeys(("False", "false"), False),
    **dict.fromkeys(("None", "null"), None),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class _UnreadableError(Exception):
    """The text is not nearly JSON either."""


def parse_lenient(span: Span) -> Pairs | list[object] | None:
    """The object of a span in nearly-JSON, or None; linear in its length."""
    if span.depth > MAX_DEPTH:
        return None
    reader = _Reader(span.text)
    try:
        tree = reader.read_tree(depth=0)
        reader.expect_end()
    except _UnreadableError:
        return None
    return tree if isinstance(tree, Pairs | list) else None


class _Reader:
    """Reads token by token and gives up at the first that does not fit."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def expect_end(self) -> None:
        if self.text[self.position :].strip():
            raise _UnreadableError

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self.text, self.position)
        if token is None:
            raise _UnreadableError
        self.position = token.end()
        return token

    def _peek_sign(self, sign: str) -> bool:
        """Consume a sign if it is next."""
        token = _TOKEN.match(self.text, self.position)
        if token is None or token["sign"] != sign:
            return False
        self.position = token.end()
        return True

    def read_tree(self, depth: int) -> object:
        token = self._next()
        if token["sign"] is None:
            return _read_scalar(token)
        if depth >= MAX_DEPTH or token["sign"] not in "{[":
            raise _UnreadableError
        return self._read_object(depth) if token["sign"] == "{" else self._read_list(depth)

    def _read_object(self, depth: int) -> Pairs:
        pairs = Pairs()
        while not self._peek_sign("}"):
            key = self._next()
            if key["sign"] is not None or not self._peek_sign(":"):
                raise _UnreadableError
            pairs.append((_read_text(key), self.read_tree(depth + 1)))
            self._expect_comma("}")
        return pairs

    def _read_list(self, depth: int) -> list[object]:
        entries: list[object] = []
        while not self._peek_sign("]"):
            entries.append(self.read_tree(depth + 1))
            self._expect_comma("]")
        return entries

    def _expect_comma(self, closing: str) -> None:
        """Step over the comma; before the closing bracket it may be missing, or stand without need."""
        before = self.position
        if self._peek_sign(","):
            return
        if not self._peek_sign(closing):
            raise _UnreadableError
        self.position = before


def _read_scalar(token: re.Match[str]) -> object:
    if token["number"] is not None:
        return int(token["number"]) if re.fullmatch(r"[+-]?[0-9]+", token["number"]) else token["number"]
    if token["name"] is not None:
        return _CONSTANTS.get(token["name"], token["name"])
    return _read_text(token)


def _read_text(token: re.Match[str]) -> str:
    kind = token.lastgroup or "name"
    return re.sub(r"\\(.)", _unescaped, token[kind], flags=re.DOTALL)


def _unescaped(escape: re.Match[str]) -> str:
    r"""What an escape stands for; one that no language knows stays, or `tr\ois` would become a number."""
    sign = escape[1]
    return _ESCAPES.get(sign, escape[0] if sign.isalnum() else sign)
