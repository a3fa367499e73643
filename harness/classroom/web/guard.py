"""What every request must look like before any route sees it, and what every answer carries.

Who asks is never decided by where a request comes from: each right is a secret in a cookie that belongs to
one host name. A name that an attacker's page points at this machine (DNS rebinding) therefore brings no
cookie and no right, so that any well-formed Host is taken by default: classes reach a laptop under addresses
and names that nobody knows in advance. With a public address only that name, and those given, are taken.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.classroom.web.options import WebOptions

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:"
)
ALWAYS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that goes no further: status, code and words."""

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: int | None = None) -> None:
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        super().__init__(message)


class Guard:
    """ASGI: hosts, origins, kinds and sizes of bodies on the way in; security headers on the way out."""

    def __init__(self, app: ASGIApp, options: WebOptions) -> None:
        self._app = app
        self._options = options
        public = urlsplit(options.public_url).hostname if options.public_url else None
        self._hosts = frozenset(name.lower() for name in (public, *options.hosts) if name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].endswith("/events"):
            # Routes answer GET; a HEAD is the same without its body, which the server itself leaves out.
            scope = {**scope, "method": "GET"}
        try:
            limit = self._examine(scope)
            body = await _whole_body(scope, receive, limit)
        except Refusal as refusal:
            await _answer(refusal, _with_headers(send))
            return
        await self._app(scope, body, _with_headers(send))

    def _examine(self, scope: Scope) -> int:
        """Raise Refusal, or give the number of bytes that the body may have."""
        headers = Headers(scope=scope)
        self._check_host(headers, scope["path"])
        if scope["method"] not in SAFE_METHODS:
            self._check_writer(headers)
        desk = "/desk/" in scope["path"]
        limits = self._options.limits
        return limits.desk_body_bytes if desk else limits.body_bytes

    def _check_host(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "").lower()
        if HOST.fullmatch(host) is None:
            raise Refusal(400, "invalid", "the Host header names no host")
        if self._hosts and path != "/health" and _name_of(host) not in self._hosts:
            raise Refusal(421, "invalid", "this server is not reached under that name")

    def _check_writer(self, headers: Headers) -> None:
        """Only this site's own pages write: a form or script of another site cannot send such a request."""
        origin, host = headers.get("origin"), headers.get("host", "").lower()
        expected = {host, self._options.public_netloc}
        if origin is not None and urlsplit(origin.lower()).netloc not in expected:
            raise Refusal(403, "not_yours", "the request comes from another site's page")
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Refusal(403, "not_yours", "the request comes from another site's page")
        if headers.get("x-classroom") != "1":
            raise Refusal(403, "not_yours", "the header X-Classroom: 1 is missing")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "invalid", "a request that changes something carries application/json")


def _name_of(host: str) -> str:
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


async def _whole_body(scope: Scope, receive: Receive, limit: int) -> Receive:
    """The body, read up to its limit before any route is entered; raises Refusal when it is larger."""
    if scope["method"] in SAFE_METHODS:
        return receive
    announced = Headers(scope=scope).get("content-length")
    if announced is not None and (not announced.isascii() or not announced.isdigit()):
        raise Refusal(400, "invalid", "the Content-Length header is no number")
    if announced is not None and int(announced) > limit:
        raise Refusal(413, "too_large", f"a body may have {limit} bytes")
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _replayed(message, receive)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise Refusal(413, "too_large", f"a body may have {limit} bytes")
        more = message.get("more_body", False)
    return _replayed({"type": "http.request", "body": b"".join(parts), "more_body": False}, receive)


def _replayed(first: Message, receive: Receive) -> Receive:
    pending = [first]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers


async def _answer(refusal: Refusal, send: Send) -> None:
    """Answer a refused request and end its connection: its body may not have been read."""
    body = json.dumps({"error": refusal.code, "message": str(refusal)}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
