"""Canonical JSON (RFC 8785) and the key of a request."""

from __future__ import annotations

import hashlib
from typing import cast

import rfc8785
from pydantic import BaseModel

from harness.schema.call import KEY_VERSION, MessageDigest, Request, RequestDigest


def canonical_json(value: object) -> bytes:
    """Canonical JSON of a record or of plain JSON data: same content, same bytes (RFC 8785)."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return rfc8785.dumps(cast("dict[str, object]", plain))  # type: ignore[arg-type]


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest_request(request: Request) -> RequestDigest:
    """The request with each message text replaced by its hash."""
    messages = tuple(
        MessageDigest(role=message.role, sha256=text_sha256(message.content)) for message in request.messages
    )
    return RequestDigest(messages=messages, **request.model_dump(mode="json", exclude={"messages"}))


def request_key(request: Request) -> str:
    """SHA-256 of the canonical JSON of everything that decides the completion."""
    return digest_key(digest_request(request))


def digest_key(digest: RequestDigest) -> str:
    """The same key, from a recorded request: a cassette line can be verified without its texts."""
    content = {"key_version": KEY_VERSION, **digest.model_dump(mode="json")}
    return hashlib.sha256(canonical_json(content)).hexdigest()
