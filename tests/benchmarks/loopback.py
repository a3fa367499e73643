"""A provider for benchmarks, to be run as a process of its own: `python loopback.py LATENCY_MS`.

It prints its port and answers every chat request after the latency with the same verdict. It reads HTTP by
hand, so that it takes as little as possible of the processor that is shared with whoever is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

VERDICT = {"A": 4, "B": 1, "C": 2, "D": 3, "best": "A", "worst": "B", "reason": "clear"}
REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "bench-2030-05-01",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": json.dumps(VERDICT)},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340},
}
BODY = json.dumps(REPLY).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
LENGTH = b"content-length:"


class Seen:
    """What arrived so far; shown to whoever asks with GET."""

    n_requests = 0
    first_at = 0.0


class Provider(asyncio.Protocol):
    """One connection; a client sends its next request only after it read the last answer."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._received = b""
        if head.startswith(b"GET"):
            self._tell()
            return
        Seen.first_at = Seen.first_at or time.time()
        Seen.n_requests += 1
        asyncio.get_running_loop().call_later(self._latency_s, self._write, ANSWER)

    def _tell(self) -> None:
        seen = json.dumps([Seen.n_requests, Seen.first_at]).encode()
        self._write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(seen) + seen)
        Seen.n_requests, Seen.first_at = 0, 0.0

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


def _length(head: bytes) -> int:
    lines = (line for line in head.lower().split(b"\r\n") if line.startswith(LENGTH))
    return int(next(lines, LENGTH + b"0")[len(LENGTH) :])


async def serve(latency_s: float) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Provider(latency_s), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads the port
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) / 1000))
