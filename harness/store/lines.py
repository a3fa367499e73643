"""One line of a cassette: a payload in canonical JSON with its SHA-256, checked when it is read."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from harness.schema import (
    KEY_VERSION,
    Completion,
    Origin,
    Outcome,
    Record,
    Recording,
    canonical_json,
    digest_key,
    text_sha256,
)

Recorded = Recording | Outcome

_ANSWERED: TypeAdapter[Recording | Outcome] = TypeAdapter(
    Annotated[Recording | Outcome, Field(discriminator="kind")]
)
_HEAD, _MIDDLE, _TAIL = b'{"payload":', b',"sha256":"', b'"}'
_COMPLETION = b'{"completion":'
_KEY = b',"key":"'
_SHA_START = len(_TAIL) + 64
_REQUEST = re.compile(rb',"request":(\{"endpoint":"[a-z_]+",)')
_MESSAGES = re.compile(rb'"messages":\[((?:\{"role":"[a-z]+","sha256":"[0-9a-f]{64}"\},?)*)\]')
_SHA256 = re.compile(rb'"sha256":"([0-9a-f]{64})"')


class TextRecord(Record):
    """A message text, stored once under its hash."""

    sha256: str
    text: str


class LineError(ValueError):
    """Why a line cannot be trusted; the caller adds file and line number."""


def pack(payload: bytes) -> bytes:
    """The line of a canonical payload, with its checksum and the newline."""
    return _HEAD + payload + _MIDDLE + hashlib.sha256(payload).hexdigest().encode() + _TAIL + b"\n"


def unpack(line: bytes) -> bytes:
    """The payload of a line without its newline, once its checksum holds."""
    middle = len(line) - _SHA_START - len(_MIDDLE)
    payload = line[len(_HEAD) : middle]
    told = _MIDDLE + hashlib.sha256(payload).hexdigest().encode() + _TAIL
    if line.startswith(_HEAD) and line[middle:] == told:
        return payload
    if not (line.startswith(_HEAD) and line.startswith(_MIDDLE, middle) and line.endswith(_TAIL)):
        raise LineError("torn or damaged: this is not a whole line of a cassette")
    raise LineError("damaged: the line does not match its own SHA-256")


def parse_answered(payload: bytes | str) -> Recorded:
    """The recording or outcome of a payload, its key derived again from the request it holds."""
    try:
        answered = _ANSWERED.validate_json(payload)
    except ValidationError as error:
        raise LineError(f"not a recording of this version of the harness: {_first(error)}") from error
    if _quick_key(payload) != answered.key and _key_anew(answered) != answered.key:
        raise LineError(f"the key {answered.key[:12]} is not the key of the request beside it")
    return answered


def _key_anew(answered: Recorded) -> str:
    try:
        return digest_key(answered.request)
    except ValueError as error:  # a number that JSON cannot carry
        raise LineError(f"its request has no key: {error}") from error


def trusted_answered(payload: bytes | str) -> Recorded:
    """The recording or outcome of a payload that was checked before."""
    return _ANSWERED.validate_json(payload)


def trusted_completion(key: str, payload: bytes) -> Completion | None:
    """The completion of a payload that was checked before; None when it is an outcome."""
    found = completion_json(key, payload)
    if found is None:
        answered = trusted_answered(payload)
        return answered.completion if isinstance(answered, Recording) else None
    return Completion.model_validate_json(found)


def completion_json(key: str, payload: bytes) -> bytes | None:
    """The completion in a payload that was checked before, as JSON; None when it cannot be told so quickly.

    In canonical JSON the key stands right behind the completion, and no text of it can look like that.
    """
    end, told = payload.find(_KEY), f'{key}","kind":"completion",'.encode()
    if not payload.startswith(told, end + len(_KEY)):  # some other name of a completion is `key` too
        end = payload.find(_KEY + told)
    return payload[len(_COMPLETION) : end] if end >= 0 and payload.startswith(_COMPLETION) else None


def _quick_key(payload: bytes | str) -> str | None:
    """The key from the canonical bytes themselves, four times quicker than writing them again.

    A hit proves the key, for the bytes hashed hold the request and nothing else; a miss proves nothing.
    """
    plain = payload.encode() if isinstance(payload, str) else payload
    found = _REQUEST.search(plain)
    if found is None:
        return None
    request = found[1] + f'"key_version":{KEY_VERSION},'.encode() + plain[found.end() : -1]
    return hashlib.sha256(request).hexdigest()


def recording_payload(key: str, request: bytes, origin: Origin, completion: Completion) -> bytes:
    """Canonical payload of a `Recording`, from its request as canonical JSON already."""
    head = _COMPLETION + canonical_json(completion) + f',"key":"{key}","kind":"completion"'.encode()
    return head + b',"origin":' + canonical_json(origin) + b',"request":' + request + b"}"


def check_key(payload: bytes, key: str) -> None:
    """Raise unless the key is the one of the request that the payload holds."""
    if _quick_key(payload) != key and parse_answered(payload).key != key:
        raise LineError(f"the key {key[:12]} is not the key of the request beside it")


def is_completion(payload: bytes) -> bool:
    """Whether a canonical payload is a recording, not an outcome."""
    return payload.startswith(_COMPLETION)


def message_hashes(payload: bytes) -> list[str]:
    """The hashes of the message texts that an answer's request holds.

    In canonical JSON they stand right behind the request's endpoint; no text can look like that, for it
    would have to hold a quotation mark without a backslash before it.
    """
    request = _REQUEST.search(payload)
    messages = None if request is None else _MESSAGES.match(payload, request.end())
    if messages is None:
        return [message.sha256 for message in trusted_answered(payload).request.messages]
    return [found.decode() for found in _SHA256.findall(messages[1])]


def parse_text(payload: bytes) -> TextRecord:
    """The message text of a payload, once it matches its hash."""
    try:
        record = TextRecord.model_validate_json(payload)
    except ValidationError as error:
        raise LineError(f"not a message text: {_first(error)}") from error
    if text_sha256(record.text) != record.sha256:
        raise LineError("the message text does not match its hash")
    return record


def text_payload(sha256: str, text: str) -> bytes:
    """Canonical payload of a message text."""
    return f'{{"sha256":"{sha256}","text":'.encode() + canonical_json(text) + b"}"


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
