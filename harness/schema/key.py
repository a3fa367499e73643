"""Canonical JSON (RFC 8785) and the key of a request."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite
from typing import cast

import rfc8785
from pydantic import BaseModel

from harness.schema.call import KEY_VERSION, Message, MessageDigest, Request, RequestDigest

_LARGEST_INT = 2**53 - 1
_WRITTEN_ALIKE = frozenset({str, bool, type(None)})
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode
_ODD_NUMBER = re.compile(r'"\\u0000([-+.0-9e]+)"')
"""How the encoder writes a number that RFC 8785 writes otherwise: as a text that begins with U+0000."""


class _NotPlainError(Exception):
    """A value whose canonical form the C encoder might not give."""


def canonical_json(value: object) -> bytes:
    """Canonical JSON of a record or of plain JSON data: same content, same bytes (RFC 8785).

    rfc8785 defines it. Most values hold nothing that the standard library's encoder would write otherwise,
    and that one is several times as quick; the others go the long way.
    """
    is_text = type(value) is str  # asked first, for a record tells what it is ten times as slowly
    plain = value.model_dump(mode="json") if not is_text and isinstance(value, BaseModel) else value
    odd: list[float] = []
    try:
        if is_text:
            return encode_basestring(cast("str", value)).encode()
        written = _write(_same_either_way(plain, odd))
        return (_with_odd_numbers(written, len(odd)) if odd else written).encode()
    except (_NotPlainError, UnicodeEncodeError, RecursionError):
        return rfc8785.dumps(cast("dict[str, object]", plain))  # type: ignore[arg-type]


def canonical_chunks(record: BaseModel) -> Iterator[bytes]:
    """The canonical JSON of a large record in pieces: a tuple of records is written one by one.

    A serializer of the record's own may leave out fields that hold nothing, and do nothing else.
    """
    opening = b"{"
    for name in sorted(type(record).model_fields):
        value = getattr(record, name)
        several = isinstance(value, tuple) and value and all(isinstance(one, BaseModel) for one in value)
        content = None if several else record.model_dump(mode="json", include={name})
        if content is not None and name not in content:
            continue
        yield opening + canonical_json(name) + b":"
        opening = b","
        if content is None:
            yield b"[" + canonical_json(value[0])
            yield from (b"," + canonical_json(one) for one in value[1:])
            yield b"]"
        else:
            yield canonical_json(content[name])
    yield b"{}" if opening == b"{" else b"}"


def _with_odd_numbers(written: str, n_odd: int) -> str:
    """Put back the numbers that are written otherwise, once no other text looks like their stand-ins."""
    completed, n_found = _ODD_NUMBER.subn(lambda found: rfc8785.dumps(float(found[1])).decode(), written)
    if n_found != n_odd:
        raise _NotPlainError
    return completed


def _same_either_way(value: object, odd: list[float]) -> object:
    """The value with whole floats as integers, once nothing in it is written otherwise by RFC 8785."""
    kind = type(value)
    if kind in _WRITTEN_ALIKE:
        return value
    if kind is dict:
        return _same_object(cast("dict[object, object]", value), odd)
    if kind is list or kind is tuple:
        return [
            one if type(one) in _WRITTEN_ALIKE else _same_either_way(one, odd)
            for one in cast("list[object]", value)
        ]
    return _same_number(value, odd)


def _same_object(members: dict[object, object], odd: list[float]) -> dict[object, object]:
    """Names beyond ASCII are sorted by UTF-16 code units, which is not the order of Python's strings."""
    changed: dict[object, object] = {}
    for name, member in members.items():
        if type(name) is not str or not name.isascii():
            raise _NotPlainError
        # Asked here already, because most members end here and a call costs more than the question.
        if type(member) not in _WRITTEN_ALIKE:
            changed[name] = _same_either_way(member, odd)
    return {**members, **changed} if changed else members


def _same_number(value: object, odd: list[float]) -> object:
    """Exponents are written differently, and whole floats without a point."""
    if type(value) is int and -_LARGEST_INT <= value <= _LARGEST_INT:
        return value
    if type(value) is float:
        if value.is_integer() and abs(value) <= _LARGEST_INT:
            return int(value)
        if 1e-4 <= abs(value) <= _LARGEST_INT:
            return value
        if isfinite(value):
            odd.append(value)
            return f"\0{value!r}"
    raise _NotPlainError


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest_request(request: Request) -> RequestDigest:
    """The request with each message text replaced by its hash."""
    messages = tuple(
        MessageDigest(role=message.role, sha256=shared_sha256(message.content))
        for message in request.messages
    )
    return RequestDigest(**{**dict(request), "messages": messages})


def request_key(request: Request) -> str:
    """SHA-256 of the canonical JSON of everything that decides the completion."""
    return key_frame(request).key(request.messages)


class KeyFrame:
    """All of a request but its messages, in canonical JSON: requests that share it share the work."""

    def __init__(self, request: Request) -> None:
        settings = dict(request)
        del settings["messages"]
        # Sorted by name, the messages stand behind `endpoint` and `key_version`, and before `model_id`.
        self._endpoint = canonical_json({"endpoint": settings.pop("endpoint")})[:-1]
        self._before = self._endpoint + f',"key_version":{KEY_VERSION},"messages":['.encode()
        self._after = b"]," + canonical_json(settings)[1:]

    def key(self, messages: Iterable[Message], sha256: Callable[[str], str] | None = None) -> str:
        """The key of the same request with these messages; `sha256` may remember the hashes of texts."""
        told = _messages_json(messages, sha256 or shared_sha256)
        return hashlib.sha256(self._before + told + self._after).hexdigest()

    def around_last(self, before: Iterable[Message]) -> tuple[bytes, bytes]:
        """What of a request stands before and behind the JSON of its last message, in what its key hashes.

        `before` are its other messages; there must be some.
        """
        return self._before + _messages_json(before, shared_sha256) + b",", self._after

    def digest_json(self, messages: Iterable[Message]) -> bytes:
        """Canonical JSON of `digest_request` of the same request with these messages."""
        return self._endpoint + b',"messages":[' + _messages_json(messages, shared_sha256) + self._after


def key_frame(request: Request) -> KeyFrame:
    """The frame of a request; those that share their very parameters, as the calls of a plan do, share it."""
    parts = (request.parameters, request.runtime)
    told = (request.model_id, request.service, request.endpoint, request.repeat, *map(id, parts))
    found = _frames.get(told)
    if found is None:
        if len(_frames) >= _MOST_FRAMES:
            _frames.clear()
        # The parts are kept, so that nothing else can come to lie at their addresses.
        found = _frames[told] = KeyFrame(request), parts
    return found[0]


_MOST_FRAMES = 1_024
_frames: dict[tuple[object, ...], tuple[KeyFrame, tuple[object, ...]]] = {}

shared_sha256 = lru_cache(maxsize=4_096)(text_sha256)
"""Many requests share a message: its hash is computed once."""


def _messages_json(messages: Iterable[Message], sha256: Callable[[str], str]) -> bytes:
    return b",".join([message_json(one.role, sha256(one.content)) for one in messages])


def message_json(role: str, sha256: str) -> bytes:
    """Canonical JSON of a `MessageDigest`, which has nothing to escape."""
    return f'{{"role":"{role}","sha256":"{sha256}"}}'.encode()


def digest_key(digest: RequestDigest) -> str:
    """The same key, from a recorded request: a cassette line can be verified without its texts."""
    return _key({**dict(digest), "messages": [dict(one) for one in digest.messages]})


def _key(fields: dict[str, object]) -> str:
    """Every field of a request is plain JSON but its messages, so that nothing is left to convert."""
    return hashlib.sha256(canonical_json({"key_version": KEY_VERSION, **fields})).hexdigest()
