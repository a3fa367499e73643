"""Nothing that looks like a key leaves this machine: a scan of every string before it is shared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from harness.errors import StoreError
from harness.schema.secrets import SHORTEST_SECRET, looks_secret, secret_values

_SECRET_FIELD = re.compile(r"(?i)^(?:x-)?(?:.*api[_-]?key|authorization|password|access[_-]?token|secret)$")
_REMEMBERED_CHARACTERS = 40


def _strings(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Every string of a plain JSON value with its dotted field; names of fields count too."""
    if isinstance(value, str):
        if len(value) >= SHORTEST_SECRET:
            yield field, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield f"a name in {field}", name
            yield from _strings(inner, f"{field}.{name}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _strings(inner, f"{field}[{position}]")


class _Scanner:
    """Scans many records; short strings come back in each of them, so the clean ones are remembered."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(values)
        self._clean: set[str] = set()
        self._named: dict[str, bool] = {}

    def fields(self, value: object, field: str) -> list[str]:
        """Where secrets stand; a path that would itself tell one is cut to the record's name."""
        found = [place for place, text in _strings(value, field) if self._secret(text) or self._key(place)]
        return [field if self._secret(place) else place for place in found]

    def _secret(self, text: str) -> bool:
        if text in self._clean:
            return False
        if looks_secret(text, self._values):
            return True
        if len(text) <= _REMEMBERED_CHARACTERS:
            self._clean.add(text)
        return False

    def _key(self, place: str) -> bool:
        """Whether the field's own name says that a secret stands there."""
        name = place.rpartition(".")[2]
        if name not in self._named:
            self._named[name] = bool(_SECRET_FIELD.match(name))
        return self._named[name] and not place.startswith("a name in ")


def secret_fields(value: object, field: str, values: Iterable[str] = ()) -> list[str]:
    """Dotted fields of a plain JSON value that hold what looks like a secret; never the secret itself."""
    return _Scanner(values).fields(value, field)


class SecretScan:
    """Scans records one after the other, and refuses at the end.

    Nearly all records hold no hint of a secret, and one expression over their bytes tells so; only where it
    finds one are the strings looked through, each by itself.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        values = secret_values(environ)
        self.knows_values = bool(values)
        """Whether it looks for more than patterns, none of which a hash in hexadecimal can hold."""
        self._scanner = _Scanner(values)
        plainest = (re.escape(_plainest(value)) for value in sorted(values))
        self._hint = re.compile(b"|".join((_HINT, *plainest)))
        self.found: list[str] = []

    def look(self, name: str, plain: object) -> None:
        """Note where a secret stands in plain JSON."""
        written = _written(plain)
        if written is None:
            self.found += self._scanner.fields(plain, name)
        else:
            self.look_at_line(name, lambda: plain, written)

    def look_at_line(self, name: str, plain: Callable[[], object], line: bytes) -> None:
        """The same for plain JSON that is a line already; `plain` is asked for only where it holds a hint."""
        if self.hints_at(line) or self.hints_at(_in_utf8(name)):
            self.found += self._scanner.fields(plain(), name)

    def hints_at(self, written: bytes) -> bool:
        """Whether strings that are written like this in JSON may hold a secret; a no is certain."""
        return self._hint.search(written.lower()) is not None

    def refuse(self) -> None:
        """Raise StoreError if there was a secret: the fields (ten at most), never the values."""
        found = self.found
        if found:
            more = f" and {len(found) - 10} more" if len(found) > 10 else ""
            raise StoreError(
                "nothing was written: what looks like a key or a token stands in "
                f"{', '.join(found[:10])}{more}; remove it (and revoke it if it is real), then export again"
            )


_HINT = (
    rb"a(?:kia|sia|iza|pi[_-]?key|uthorization|ccess[_-]?token)|bearer|eyj|hf_|xox"
    rb"|g(?:h[pousr]_|sk_|ithub_pat_)|p(?:assword|rivate key)|s(?:k-|ecret)"
    # Letters beyond ASCII that count as i, s and k where case is ignored.
    rb"|\xc4[\xb0\xb1]|\xc5\xbf|\xe2\x84\xaa"
    # Escapes that canonical JSON has no need of: anything may stand behind them.
    rb"|\\(?:u(?!00[01])|/)"
)
"""Matches lower-cased UTF-8 wherever a pattern of `harness.schema.secrets` or the name of a field does."""


def _plainest(value: str) -> bytes:
    """The longest part of a value that JSON does not write differently, in lower case."""
    return max(_WRITTEN_DIFFERENTLY.split(value), key=len).encode().lower()


_WRITTEN_DIFFERENTLY = re.compile(r'["\\/\x00-\x1f\ud800-\udfff]')


def _written(plain: object) -> bytes | None:
    """Plain JSON in UTF-8 as a line holds it; None for what JSON cannot hold."""
    try:
        text = plain if isinstance(plain, str) else _write(plain)
    except (TypeError, ValueError):
        return None
    return _in_utf8(text)


def _in_utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_write = json.JSONEncoder(ensure_ascii=False).encode


def refuse_secrets(records: Iterable[tuple[str, object]], environ: Mapping[str, str] | None = None) -> None:
    """Raise before anything is written when one of the (name, plain JSON value) pairs holds a secret.

    Raises
    ------
    StoreError
        Names the fields (ten at most), never the values.
    """
    scan = SecretScan(environ)
    for name, value in records:
        scan.look(name, value)
    scan.refuse()
