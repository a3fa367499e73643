"""Keys never leave through a message: providers like to quote the key that they refuse."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|hf|xai|key|ghp|glpat)[-_][A-Za-z0-9*_-]{6,}"
    r"|\bAIza[A-Za-z0-9_-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"
    r"|(?<=://)[^/@\s]+(?=@)"
    r"|(?<=[?&]key=)[^&\s\"']+"
)
_NAMED = re.compile(
    r"(?i)((?:api[-_ ]?key|authorization|access[-_ ]?token|secret)[\"']?\s*(?:provided)?\s*[:=]\s*[\"']?"
    r"|\bbearer\s+)(?:bearer\s+)?[^\s\"',;}]{6,}"
)
_SECRET_VARIABLE = re.compile(r"(?:_API_KEY|_TOKEN|_SECRET|_SECRET_KEY|_ACCESS_KEY|_ACCESS_KEY_ID)$")
_SHORTEST_SECRET = 8
MASK = "[key]"


def secret_values(environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Values of the environment variables that are named like keys."""
    variables = os.environ if environ is None else environ
    return frozenset(
        value.strip()
        for name, value in variables.items()
        if _SECRET_VARIABLE.search(name.upper()) and len(value.strip()) >= _SHORTEST_SECRET
    )


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without anything that is shaped or named like a key."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SHAPES.sub(MASK, _NAMED.sub(lambda match: match[1] + MASK, text))
