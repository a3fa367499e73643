"""Names that may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 12


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, or None where none is alike."""
    found = difflib.get_close_matches(word, sorted(candidates), n=1, cutoff=0.6)
    return found[0] if found else None


def suggestion(word: str, candidates: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or else `; there are: ...`, to be put behind a message."""
    names = sorted(set(candidates))
    near = nearest(word, names)
    if near is not None:
        return f"; did you mean '{near}'?"
    return f"; there are: {listing(names)}" if names else "; there are none"


def listing(names: Iterable[str]) -> str:
    """Names with commas between them, cut after a dozen."""
    words = list(names)
    more = f", and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
