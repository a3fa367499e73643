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
_KEY_LENGTH = len(_KEY) + 64
_KIND = b'","kind":"completion","origin":'
_REQUEST = b',"request":'
_MESSAGES = b',"messages":['
_VERSION = f',"key_version":{KEY_VERSION}'.encode()
_DIGEST = rb'\{"role":"(?:system|user|assistant)","sha256":"([0-9a-f]{64})"\}'
_TWO_DIGESTS = re.compile(_DIGEST + b"," + _DIGEST)
_DIGESTS = re.compile(rb"%s(?:,%s)*" % (_DIGEST, _DIGEST))
_SHA256 = re.compile(_DIGEST)
_MOST_REMEMBERED = 10_000

_check_completion = Completion.__pydantic_validator__.validate_json
_check_origin = Origin.__pydantic_validator__.validate_json


class Answered(NamedTuple):
    """What a cassette must know of an answer."""

    key: bytes
    """Hexadecimal, as it stands in the payload."""
    messages: tuple[bytes, ...]
    """The hashes of the texts that a completion needs; none for an outcome."""


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
        try:
            found = self._in_parts(payload)
        except ValueError:  # of a part; the words for it are those of the whole
            found = None
        if found is not None:
            return found
        answered = parse_answered(payload)
        needed = answered.request.messages if isinstance(answered, Recording) else ()
        return Answered(answered.key.encode(), tuple(message.sha256.encode() for message in needed))

    def _in_parts(self, payload: bytes) -> Answered | None:
        """The same from the parts of a recording, each valid; None where something needs a closer look."""
        cuts = _cuts(payload)
        if cuts is None:
            return None
        key_at, request_at, messages_at, end = cuts
        kind_at = key_at + _KEY_LENGTH
        key, before = payload[kind_at - 64 : kind_at], payload[request_at + len(_REQUEST) : messages_at]
        if hashlib.sha256(before + _VERSION + payload[messages_at:-1]).hexdigest().encode() != key:
            return None
        messages = _hashes(payload[messages_at + len(_MESSAGES) : end])
        if messages is None or not self._is_frame(before, payload[end:-1]):
            return None
        _check_completion(payload[len(_COMPLETION) : key_at])
        _check_origin(payload[kind_at + len(_KIND) : request_at])
        return Answered(key, messages)

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


def _cuts(payload: bytes) -> tuple[int, int, int, int] | None:
    """Where the key, the request, its messages and what follows them begin in a recording."""
    key_at = payload.find(_KEY)
    request_at = payload.find(_REQUEST, key_at)
    messages_at = payload.find(_MESSAGES, request_at)
    end = payload.find(b"]", messages_at)
    if min(key_at, request_at, messages_at, end) < 0 or not payload.startswith(_COMPLETION):
        return None
    is_one = payload.startswith(_KIND, key_at + _KEY_LENGTH) and payload.endswith(b"}")
    return (key_at, request_at, messages_at, end) if is_one else None


def _hashes(messages: bytes) -> tuple[bytes, ...] | None:
    """The hashes of the messages in a request, nearly always two; None where they are not all there."""
    two = _TWO_DIGESTS.fullmatch(messages)
    if two is not None:
        return two[1], two[2]
    return tuple(_SHA256.findall(messages)) if _DIGESTS.fullmatch(messages) else None
