"""Why a look-up missed: the nearest recorded request, and the first place where it differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from harness.schema import (
    Message,
    MessageDigest,
    Origin,
    Outcome,
    Recording,
    Request,
    RequestDigest,
    digest_request,
    request_key,
)

Recorded = Recording | Outcome
TextOf = Callable[[str], str | None]

_DERIVED = re.compile(r"[0-9a-f]{8,}")
"""Delimiters are derived from the content, so one changed letter changes them too: no place to point at."""

_AROUND = 24
_SHOWN = 4
_WEIGHT = {"model_id": 64, "service": 32, "endpoint": 16, "runtime": 4, "parameters": 4}
_REPEAT_WORTH_CHARACTERS = 200


@dataclass(frozen=True)
class _Asked:
    """The request that missed, prepared for many comparisons."""

    request: Request
    digest: RequestDigest
    masked: tuple[str, ...]


def explain_miss(request: Request, recorded: Iterable[Recorded], text_of: TextOf) -> str:
    """Name the nearest recorded key, where it stands in the plan, and the fields in which it differs."""
    asked = _Asked(request, digest_request(request), tuple(_mask(m.content) for m in request.messages))
    opening = f"not recorded: {_who(request)} (key {request_key(request)[:12]})"
    nearest = _nearest(asked, recorded, text_of)
    if nearest is None:
        return f"{opening}; nothing at all is recorded here"
    found = list(_differences(request, nearest.request, text_of))
    more = f"; and {len(found) - _SHOWN} more fields" if len(found) > _SHOWN else ""
    return f"{opening}; {'; '.join(found[:_SHOWN])}{more}; {_where(nearest)}"


def _who(request: Request) -> str:
    return f"a call to {request.model_id}, repeat {request.repeat}"


def _where(recorded: Recorded) -> str:
    origin: Origin = recorded.origin
    return (
        f"recorded under judge {origin.judge_id}, case {origin.case_id}, "
        f"rulebook {origin.rulebook_id} ({origin.wording}), {origin.language}, {origin.protocol}, "
        f"repeat {origin.repeat} (key {recorded.key[:12]})"
    )


def _nearest(asked: _Asked, recorded: Iterable[Recorded], text_of: TextOf) -> Recorded | None:
    """Fewest differing settings first; among those, the most alike texts."""
    coarse, candidates = 0, list[Recorded]()
    for one in recorded:
        weight = _settings_apart(asked.digest, one.request)
        if not candidates or weight < coarse:
            coarse, candidates = weight, []
        if weight == coarse:
            candidates.append(one)
    masks: dict[str, str] = {}

    def masked(sha256: str) -> str:
        if sha256 not in masks:
            masks[sha256] = _mask(text_of(sha256) or "")
        return masks[sha256]

    return min(candidates, key=lambda one: (_texts_apart(asked, one, masked), one.key), default=None)


def _settings_apart(asked: RequestDigest, recorded: RequestDigest) -> int:
    roles = sum(a != b for a, b in zip_longest(_roles(asked), _roles(recorded)))
    named = [weight for name, weight in _WEIGHT.items() if getattr(asked, name) != getattr(recorded, name)]
    return int(roles + sum(named))


def _roles(digest: RequestDigest) -> list[str]:
    return [message.role for message in digest.messages]


def _texts_apart(asked: _Asked, one: Recorded, masked: Callable[[str], str]) -> int:
    """How many characters are not shared at the start or the end of the message texts."""
    apart = _REPEAT_WORTH_CHARACTERS * (asked.request.repeat != one.request.repeat)
    pairs = zip_longest(asked.digest.messages, one.request.messages)
    for position, (ours, theirs) in enumerate(pairs):
        if ours is None or theirs is None or ours.sha256 != theirs.sha256:
            left = asked.masked[position] if ours else ""
            apart += _characters_apart(left, masked(theirs.sha256) if theirs else "")
    return apart


def _mask(text: str) -> str:
    """The text with what looks like a derived delimiter blanked out; every position stays where it was."""
    return _DERIVED.sub(lambda match: "#" * len(match[0]), text)


def _characters_apart(left: str, right: str) -> int:
    start = _shared_start(left, right)
    end = _shared_start(left[start:][::-1], right[start:][::-1])
    return max(len(left), len(right)) - start - end


def _shared_start(left: str, right: str) -> int:
    """Length of the common beginning, by halving."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _differences(request: Request, recorded: RequestDigest, text_of: TextOf) -> Iterator[str]:
    for name in ("model_id", "service", "endpoint"):
        yield from _changed(name, getattr(recorded, name), getattr(request, name))
    messages = zip_longest(request.messages, recorded.messages)
    for position, (ours, theirs) in enumerate(messages):
        yield from _message_difference(f"messages[{position}]", ours, theirs, text_of)
    for name in ("parameters", "runtime"):
        yield from _changed(name, getattr(recorded, name), getattr(request, name))
    yield from _changed("repeat", recorded.repeat, request.repeat)


def _changed(field: str, recorded: object, asked: object) -> Iterator[str]:
    """One line per differing leaf of two plain JSON values."""
    if recorded == asked:
        return
    if isinstance(recorded, Mapping) and isinstance(asked, Mapping):
        for name in sorted({*recorded, *asked}):
            yield from _changed(f"{field}.{name}", recorded.get(name), asked.get(name))
    else:
        yield f"{field} differs: recorded {_short(recorded)}, asked {_short(asked)}"


def _short(value: object) -> str:
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _message_difference(
    field: str, ours: Message | None, theirs: MessageDigest | None, text_of: TextOf
) -> Iterator[str]:
    if ours is None or theirs is None:
        yield f"{field} is there only {'in the request' if theirs is None else 'in the recording'}"
        return
    yield from _changed(f"{field}.role", theirs.role, ours.role)
    recorded = text_of(theirs.sha256)
    if recorded is None:
        yield f"{field}: the recorded text is missing, so it cannot be compared"
    elif recorded != ours.content:
        yield _text_difference(field, recorded, ours.content)


def _text_difference(field: str, recorded: str, asked: str) -> str:
    """Point at the first difference outside derived delimiters, or at the first one at all."""
    left, right = _mask(recorded), _mask(asked)
    position = _shared_start(recorded, asked) if left == right else _shared_start(left, right)
    return (
        f"{field} differs at character {position + 1}: "
        f"recorded '{_excerpt(recorded, position)}', asked '{_excerpt(asked, position)}'"
    )


def _excerpt(text: str, position: int) -> str:
    start, end = max(0, position - _AROUND), position + _AROUND
    cut = text[start:end].replace("\r", "\\r").replace("\n", "\\n")
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"
