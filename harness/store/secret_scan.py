"""Nothing that looks like a key leaves this machine: a scan of every string before it is shared."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from harness.errors import StoreError

_SHAPES = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"
    r"|\bhf_[A-Za-z0-9]{20,}|\bgsk_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_NAMED = re.compile(r"(?i)(?:api[_-]?key|secret|authorization|password)[\"'\\\s:=]+([A-Za-z0-9_\-./+=]{20,})")
_SECRET_FIELD = re.compile(r"(?i)^(?:x-)?(?:.*api[_-]?key|authorization|password|access[_-]?token|secret)$")
_SECRET_VARIABLE = re.compile(r"_(?:API_KEY|TOKEN|SECRET)$")
_SHORTEST_SECRET = 8
_REMEMBERED_CHARACTERS = 40
_BITS_PER_CHARACTER = 3.0
"""Words and repeated characters stay below; random tokens of 20 characters lie above."""


def secret_values(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Values of the environment variables whose name ends in _API_KEY, _TOKEN or _SECRET."""
    variables = os.environ if environ is None else environ
    return tuple(
        value.strip()
        for name, value in variables.items()
        if _SECRET_VARIABLE.search(name.upper()) and len(value.strip()) >= _SHORTEST_SECRET
    )


def looks_secret(text: str, values: Iterable[str] = ()) -> bool:
    """Whether a text holds a known key shape, a random token named as a key, or one of the values."""
    if _SHAPES.search(text) or any(value in text for value in values):
        return True
    return any(_bits_per_character(match[1]) >= _BITS_PER_CHARACTER for match in _NAMED.finditer(text))


def _bits_per_character(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _strings(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Every string of a plain JSON value with its dotted field; names of fields count too."""
    if isinstance(value, str):
        if len(value) >= _SHORTEST_SECRET:
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


def refuse_secrets(records: Iterable[tuple[str, object]], environ: Mapping[str, str] | None = None) -> None:
    """Raise before anything is written when one of the (name, plain JSON value) pairs holds a secret.

    Raises
    ------
    StoreError
        Names the fields (ten at most), never the values.
    """
    scanner = _Scanner(secret_values(environ))
    found = [place for name, value in records for place in scanner.fields(value, name)]
    if found:
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        raise StoreError(
            "nothing was written: what looks like a key or a token stands in "
            f"{', '.join(found[:10])}{more}; remove it (and revoke it if it is real), then export again"
        )
