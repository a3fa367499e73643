"""OpenAI-compatible servers, self-hosted ones above all, without litellm: the only file that imports aiohttp.

A call costs a twentieth of the processor time that it costs through litellm, and litellm is not imported.
What is asked, what is kept, and what a failure means are the same; so is the key of a recording.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness import __version__
from harness.judge.remote import MAX_REPLY_BYTES, TOO_LONG, TOTAL_TIMEOUT_FACTOR, RemoteJudge
from harness.judge.reply import Reply, plain_reply, wire_sha256
from harness.judge.translate import Failure, classify, classify_reply, no_answer
from harness.schema import Completion, Request

if TYPE_CHECKING:
    import aiohttp

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
PROVIDERS = frozenset({"openai", "hosted_vllm"})
"""What may stand before the model's name: where litellm too sends and hands on everything as it is."""

KEEP_ALIVE_S = 4.0
"""uvicorn, which most servers of models stand on, hangs up after five idle seconds."""

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    # Nothing to unpack: no work on a fast network, and no small reply that becomes a large one.
    "Accept-Encoding": "identity",
    "User-Agent": f"llm-judge-harness/{__version__}",
}


class DirectJudge(RemoteJudge):
    """Asks one OpenAI-compatible server: one request per call, no retries, no redirects, no proxy.

    Connections are kept open, as many as the preset's concurrency. Proxies, `.netrc` and cookies are not
    looked at; certificates are checked as the machine's own store says.
    """

    client = "aiohttp"
    _session: aiohttp.ClientSession | None = None

    async def complete(self, request: Request) -> Completion:
        """Ask once.

        Raises
        ------
        TransientJudgeError
            Timeout, rate limit, server error, dropped connection, half a reply; with any Retry-After.
        JudgeRejectedError
            This prompt would fail again: too long, invalid; or no token probabilities came, though asked for.
        JudgeUnavailableError
            Key, billing, unknown model, a parameter that the server does not take, or no such server.
        """
        url, key = self._url(), self._key()
        body = self._body(request)
        started = self._clock.monotonic()
        answer = await self._post(url, _write(body).encode("utf-8", "replace"), key)
        seen = self._circumstances(started, wire_sha256(body))
        if isinstance(answer, Failure):
            return self._failed(answer, key, seen)
        return self._read(answer, request, seen)

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, url: str, body: bytes, key: str) -> Reply | Failure:
        """A failure is returned, not raised: a chained foreign error might hold a key."""
        headers = {"Authorization": f"Bearer {key}"}
        try:
            asking = self._connected().post(url, data=body, headers=headers, allow_redirects=False)
            async with asking as response:
                received = await _bounded(response)
        except Exception as error:
            failure = classify(error, self._clock.now())
            if failure is None:
                raise
            return failure
        return self._meaning(response.status, response.headers, received)

    def _meaning(self, status: int, headers: Mapping[str, str], received: bytes | None) -> Reply | Failure:
        if received is None:
            return no_answer(TOO_LONG, status)
        if status != 200:
            return classify_reply(status, headers, received.decode("utf-8", "replace"), self._clock.now())
        return plain_reply(received)

    def _connected(self) -> aiohttp.ClientSession:
        """The session of this event loop; connections are opened when they are needed."""
        if self._session is None:
            import aiohttp  # 100 ms, which a run that finds everything recorded need not wait

            limits = self.spec.limits
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=limits.concurrency, keepalive_timeout=KEEP_ALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                timeout=aiohttp.ClientTimeout(
                    total=limits.timeout_s * TOTAL_TIMEOUT_FACTOR,
                    sock_connect=limits.timeout_s,
                    sock_read=limits.timeout_s,
                ),
            )
        return self._session

    def _body(self, request: Request) -> dict[str, object]:
        asked = self._asked(request)
        more = asked.pop("extra_body", None)
        return {
            "model": request.model_id.partition("/")[2],
            "messages": [{"role": one.role, "content": one.content} for one in request.messages],
            **{name: value for name, value in asked.items() if value is not None},
            **(more if isinstance(more, dict) else {}),
        }

    def _url(self) -> str:
        provider, _, name = self.spec.model_id.partition("/")
        if provider not in PROVIDERS or not name:
            raise self._unavailable(
                "transport: direct speaks the protocol of OpenAI only; write model_id: openai/NAME and the "
                "server's api_base, or leave transport out"
            )
        base = self.spec.api_base
        if base is None and provider != "openai":
            raise self._unavailable("transport: direct needs api_base, the URL of the server")
        if base is not None and not base.startswith(("http://", "https://")):
            raise self._unavailable(f"api_base must begin with http:// or https://, not {base!r}")
        return f"{(base or OPENAI_URL).rstrip('/')}/chat/completions"

    def _key(self) -> str:
        key = self._named_key() or os.environ.get(OPENAI_KEY, "").strip()
        if not key:
            raise self._unavailable(f"no key: set the environment variable {OPENAI_KEY}")
        return key


_write = json.JSONEncoder(ensure_ascii=False).encode


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    """The body, or None as soon as it is longer than any answer; what is left is not read."""
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > MAX_REPLY_BYTES:
            response.close()
            return None
    return bytes(received)
