"""A judge behind HTTP that obeys a simple rule and counts: `python provider.py LATENCY_MS`.

It prints its port. A POST is answered after the latency with grades that depend on the question alone:
whoever asks again hears the same. A GET tells how many were asked, how many differ, and the most at one time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections import Counter
from itertools import permutations

ORDERS = list(permutations((1, 2, 3, 4)))
SLOTS = "ABCD"


class Seen:
    """What was asked so far."""

    asked: Counter[str] = Counter()
    n_at_once = 0
    most_at_once = 0


def reply(body: bytes) -> bytes:
    """Grades of four slots, drawn from the question."""
    order = ORDERS[int(hashlib.sha256(body).hexdigest(), 16) % len(ORDERS)]
    grades = dict(zip(SLOTS, order, strict=True))
    best, worst = max(grades, key=grades.__getitem__), min(grades, key=grades.__getitem__)
    verdict = {**grades, "best": best, "worst": worst, "rules": [], "reason": "drawn"}
    message = {"role": "assistant", "content": json.dumps(verdict)}
    return json.dumps(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "drawn",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340},
        }
    ).encode()


async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, latency_s: float) -> None:
    """Answer what comes over one connection."""
    while head := await _head(reader):
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        body = await reader.readexactly(length)
        answer = await _post(body, latency_s) if head.startswith(b"POST") else _told()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
        )
        writer.write(answer)
        await writer.drain()
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def _post(body: bytes, latency_s: float) -> bytes:
    Seen.asked[hashlib.sha256(body).hexdigest()] += 1
    Seen.n_at_once += 1
    Seen.most_at_once = max(Seen.most_at_once, Seen.n_at_once)
    await asyncio.sleep(latency_s)
    Seen.n_at_once -= 1
    return reply(body)


def _told() -> bytes:
    asked = Seen.asked
    return json.dumps(
        {"n_asked": asked.total(), "n_questions": len(asked), "most_at_once": Seen.most_at_once}
    ).encode()


async def main(latency_s: float) -> None:
    """Serve until killed."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve_one(reader, writer, latency_s)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads the port
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 1000))
