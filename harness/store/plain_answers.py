"""Recorded answers as our writers write them, verified part by part: what many share is verified once.

A payload is one object with its members in a fixed order. Cut where they meet, each part is validated by
itself, and together they are valid when each of them is: JSON in JSON needs no more. What stands around the
messages of a request (model, parameters, schema) is two thirds of the bytes and the same in thousands of
lines, so its very bytes are validated once, and remembered. The key is derived anew from every request, and a
payload that is cut in another way, or has another key, is parsed as a whole, as any other.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import NamedTuple

from harness.schema import KEY_VERSION, Completion, Origin, Recording, RequestDigest, canonical_json
from harness.store.lines import parse_answered

_COMPLETION = b'{"completion":'
_KEY = b',"key":"'
_KIND = b'","kind":"completion","origin":'
_REQUEST = b',"request":'
_MESSAGES = b',"messages":['
_VERSION = f',"key_version":{KEY_VERSION}'.encode() + _MESSAGES
_DIGEST = rb'\{"role":"(?:system|user|assistant)","sha256":"[0-9a-f]{64}"\}'
_DIGESTS = re.compile(rb"%s(?:,%s)*" % (_DIGEST, _DIGEST))
_SHA256 = re.compile(rb'"sha256":"([0-9a-f]{64})"')
_MOST_REMEMBERED = 10_000

_check_completion = Completion.__pydantic_validator__.validate_json
_check_origin = Origin.__pydantic_validator__.validate_json


class Answered(NamedTuple):
    """What a cassette must know of an answer."""

    key: str
    messages: tuple[str, ...]
    """The hashes of the texts that a completion needs; none for an outcome."""


class _Parts(NamedTuple):
    """A payload, cut where its members meet."""

    completion: bytes
    key: bytes
    origin: bytes
    before: bytes
    messages: bytes
    after: bytes


class AnswerCheck:
    """Verifies payloads one after the other."""

    def __init__(self) -> None:
        self._frames: set[tuple[bytes, bytes]] = set()

    def check(self, payload: bytes) -> Answered:
        """The key and the message hashes of a payload.

        Raises
        ------
        LineError
            It is no recording or outcome of this version, or its key is not that of its request.
        """
        parts = _parts(payload)
        if parts is not None and self._is_valid(parts):
            found = _SHA256.findall(parts.messages)
            return Answered(parts.key.decode(), tuple([sha256.decode() for sha256 in found]))
        answered = parse_answered(payload)
        needed = answered.request.messages if isinstance(answered, Recording) else ()
        return Answered(answered.key, tuple(message.sha256 for message in needed))

    def _is_valid(self, parts: _Parts) -> bool:
        """Whether each part is what it must be; a no only says that it takes a closer look."""
        request = parts.before + _VERSION + parts.messages + parts.after
        if hashlib.sha256(request).hexdigest().encode() != parts.key or not _DIGESTS.fullmatch(
            parts.messages
        ):
            return False
        try:
            _check_completion(parts.completion)
            _check_origin(parts.origin)
            return self._is_frame(parts.before, parts.after)
        except ValueError:
            return False

    def _is_frame(self, before: bytes, after: bytes) -> bool:
        """Whether a request of these bytes is valid around any messages; canonical, so that it hides none."""
        if (before, after) in self._frames:
            return True
        request = before + _MESSAGES + after
        RequestDigest.model_validate_json(request)
        if canonical_json(json.loads(request)) != request:
            return False
        if len(self._frames) >= _MOST_REMEMBERED:
            self._frames.clear()
        self._frames.add((before, after))
        return True


def _parts(payload: bytes) -> _Parts | None:
    """The parts of a recording in canonical JSON; None for anything else."""
    key = payload.find(_KEY)
    kind = key + len(_KEY) + 64
    origin = kind + len(_KIND)
    if key < 0 or not payload.startswith(_COMPLETION) or not payload.startswith(_KIND, kind):
        return None
    request = payload.find(_REQUEST, origin)
    messages = payload.find(_MESSAGES, request)
    end = payload.find(b"]", messages)
    if min(request, messages, end) < 0 or not payload.endswith(b"}"):
        return None
    return _Parts(
        completion=payload[len(_COMPLETION) : key],
        key=payload[key + len(_KEY) : kind],
        origin=payload[origin:request],
        before=payload[request + len(_REQUEST) : messages],
        messages=payload[messages + len(_MESSAGES) : end],
        after=payload[end:-1],
    )
