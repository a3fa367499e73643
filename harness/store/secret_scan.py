"""Nothing that looks like a key leaves this machine: a scan of every string before it is shared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

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
    """Scans records one after the other, and refuses at the end."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        values = secret_values(environ)
        self._scanner = _Scanner(values)
        self._hints = (*_HINTS, *(_plainest(value) for value in values))
        self.found: list[str] = []

    def look(self, name: str, plain: object) -> None:
        """Note where a secret stands in plain JSON."""
        self.found += self._scanner.fields(plain, name)

    def look_at_line(self, name: str, plain: object, line: bytes) -> None:
        """The same for plain JSON that was written to a line: nearly all lines hold no hint of a secret."""
        lowered = line.lower()
        if any(hint in lowered for hint in self._hints):
            self.look(name, plain)

    def refuse(self) -> None:
        """Raise StoreError if there was a secret: the fields (ten at most), never the values."""
        found = self.found
        if found:
            more = f" and {len(found) - 10} more" if len(found) > 10 else ""
            raise StoreError(
                "nothing was written: what looks like a key or a token stands in "
                f"{', '.join(found[:10])}{more}; remove it (and revoke it if it is real), then export again"
            )


_HINTS = tuple(
    words.encode()
    for words in (
        *("sk-", "bearer", "akia", "asia", "aiza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        *("hf_", "gsk_", "xox", "eyj", "private key", "apikey", "api_key", "api-key", "secret"),
        *("authorization", "password", "token"),
        # Letters that count as i, s and k where case is ignored.
        *("\u0131", "\u0130", "\u017f", "\u212a"),
    )
)
"""One of these stands in lower-cased UTF-8 wherever a pattern of `harness.schema.secrets` matches."""


def _plainest(value: str) -> bytes:
    """The longest part of a value that JSON does not write differently, in lower case."""
    return max(_WRITTEN_DIFFERENTLY.split(value), key=len).encode().lower()


_WRITTEN_DIFFERENTLY = re.compile(r'["\\\x00-\x1f]|[^\x00-\x7f]')


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
