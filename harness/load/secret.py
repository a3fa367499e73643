"""What looks like an API key: it must stand in no file, and no message may repeat it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

_KNOWN = re.compile(
    r"sk-[A-Za-z0-9_-]{8,}|AIza[A-Za-z0-9_-]{10,}|gh[pousr]_[A-Za-z0-9]{10,}|hf_[A-Za-z0-9]{10,}"
    r"|gsk_[A-Za-z0-9]{10,}|xai-[A-Za-z0-9]{10,}|(AKIA|ASIA)[A-Z0-9]{12,}|ya29\.[A-Za-z0-9_-]+"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_NAME = re.compile(
    r"(?i)(api[-_]?key|apikey|authorization|secret|passw(or)?d|credential|private[-_]?key)|(^|[-_])(token|auth|key)$"
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{32,}")


def looks_like_secret(text: str) -> bool:
    """Whether a text holds a key of a known form, or is one long run of random letters and digits."""
    return _KNOWN.search(text) is not None or _is_opaque(text.strip())


def names_secret(name: str) -> bool:
    """Whether a field of that name would hold a key (`api_key`, `Authorization`, `token`)."""
    return _NAME.search(name) is not None


def find_secrets(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Places in plain content that hold, or by their name would hold, a key."""
    if isinstance(value, dict):
        for name, child in value.items():
            secret_name = names_secret(str(name)) and isinstance(child, str) and child != ""
            if secret_name:
                yield (*place, name)
            else:
                yield from find_secrets(child, (*place, name))
    elif isinstance(value, list | tuple):
        for position, child in enumerate(value):
            yield from find_secrets(child, (*place, position))
    elif isinstance(value, str) and looks_like_secret(value):
        yield place


def _is_opaque(text: str) -> bool:
    mixed = any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)
    if not mixed or not _OPAQUE.fullmatch(text):
        return False
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares) > 3.5
