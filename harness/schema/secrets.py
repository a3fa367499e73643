"""What a key or a token looks like; whoever masks one and whoever refuses one agree."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping

MASK = "[key]"

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
_NAMED = re.compile(
    r"(?i)((?:api[_-]?key|secret|authorization|password)[\"'\\\s:=]+)([A-Za-z0-9_\-./+=]{20,})"
)
_SECRET_VARIABLE = re.compile(r"(?:_API_KEY|_TOKEN|_SECRET|_SECRET_KEY|_ACCESS_KEY|_ACCESS_KEY_ID)$")
SHORTEST_SECRET = 8
_BITS_PER_CHARACTER = 3.0
"""Words and repeated characters stay below; random tokens of 20 characters lie above."""


def secret_values(environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Values of the environment variables that are named like keys."""
    variables = os.environ if environ is None else environ
    return frozenset(
        value.strip()
        for name, value in variables.items()
        if _SECRET_VARIABLE.search(name.upper()) and len(value.strip()) >= SHORTEST_SECRET
    )


def looks_secret(text: str, values: Iterable[str] = ()) -> bool:
    """Whether a text holds a known key shape, a random token named as a key, or one of the values."""
    if _SHAPES.search(text) or any(value in text for value in values):
        return True
    return any(_is_random(match[2]) for match in _NAMED.finditer(text))


def mask_secrets(text: str, values: Iterable[str] = ()) -> str:
    """The text with everything masked for which `looks_secret` would be true."""
    for value in sorted(filter(None, values), key=len, reverse=True):
        text = text.replace(value, MASK)
    return _NAMED.sub(_mask_named, _SHAPES.sub(MASK, text))


def _mask_named(match: re.Match[str]) -> str:
    return match[1] + MASK if _is_random(match[2]) else match[0]


def _is_random(text: str) -> bool:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) >= _BITS_PER_CHARACTER
