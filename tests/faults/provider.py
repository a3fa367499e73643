"""A provider that misbehaves by seed: `python -m tests.faults.provider LOG [--rate .3] [--seed 1] [...]`.

It speaks enough of the OpenAI protocol on the loopback address, prints its port, and lives until its standard
input closes. What it answers to the n-th request for a prompt follows from seed, prompt and n alone. Every
request is a line of LOG, flushed before the answer leaves: that file is the truth about what was really said.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TextIO

ABSENT = "absent"
"""The model that this provider does not know."""

TRANSIENT = (
    *("limited", "asked-to-wait", "broken", "overloaded", "hangs", "drops", "half", "page", "choiceless"),
    *("trickles", "huge"),
)
"""What is no answer at all: another attempt gets another one."""
FINAL = {
    "refusal": "refused",
    "refusal-field": "refused",
    "filter": "filtered",
    "blocked": "filtered",
    "too-long": "rejected",
    "cut": "truncated",
    "prose": "unparsable",
    "upside-down": "inverted",
    "echo": "unparsable",
}
"""What an answer that is no verdict has to become."""
GOOD = ("good", "slow")
RARE = {"hangs": 0.1, "trickles": 0.1, "huge": 0.05}
"""How often beside the others: what takes a timeout, or 10 MB, each."""
HUGE = 10_000_000
RETRY_AFTER_S = 0.5
_SLOT = re.compile(r"^<([A-J])-[0-9a-f]{8,64}>$", re.MULTILINE)


def digest(messages: list[dict[str, str]]) -> str:
    """What a prompt is known by, here and in the store: the hashes of its message texts."""
    return " ".join(hashlib.sha256(one["content"].encode()).hexdigest() for one in messages)


@dataclass
class Script:
    """What is answered to a prompt, attempt by attempt."""

    seed: int
    rate: float
    kinds: tuple[str, ...] = (*TRANSIENT, *FINAL)

    def kind(self, prompt: str, number: int) -> str:
        """The answer to attempt `number` (from 0): a fault with probability `rate`, now and then for ever."""
        rng = random.Random(f"{self.seed} {prompt}")
        doomed = rng.random() < self.rate / 50
        draws = [self._draw(rng) for _ in range(number + 1)]
        if doomed and draws[number] not in FINAL:
            return ("broken", "overloaded", "limited")[number % 3]
        return draws[number]

    def _draw(self, rng: random.Random) -> str:
        if rng.random() >= self.rate:
            return "slow" if rng.random() < 0.01 else "good"
        weights = [RARE.get(kind, 1.0) for kind in self.kinds]
        return rng.choices(self.kinds, weights)[0]


def grades(prompt: str, slots: list[str]) -> dict[str, int]:
    """The grades of a good answer: drawn from the prompt, best and worst different."""
    rng = random.Random(f"grades {prompt}")
    drawn = [1, 4, *(rng.randint(1, 4) for _ in slots[2:])]
    rng.shuffle(drawn)
    return dict(zip(slots, drawn, strict=True))


def form(prompt: str, slots: list[str]) -> str:
    """A good reply."""
    given = grades(prompt, slots)
    best, worst = max(slots, key=given.__getitem__), min(slots, key=given.__getitem__)
    return json.dumps(given | {"best": best, "worst": worst, "reason": "Clear."})


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    prompt: str
    slots: list[str]
    key: str
    model_id: str


def reply_to(kind: str, asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    echoed = f"Bearer {asked.key}"
    errors = {
        "limited": (429, {}, f"slow down, {echoed}"),
        "asked-to-wait": (429, {"Retry-After": str(RETRY_AFTER_S)}, f"slow down; authorization: {echoed}"),
        "broken": (500, {}, f"oops, with {asked.key}"),
        "overloaded": (503, {}, f"busy with {echoed}"),
        "too-long": (400, {}, f"this prompt is too long, says {asked.key}"),
        "blocked": (400, {}, f"blocked for {asked.key}"),
        ABSENT: (404, {}, f"the model {asked.model_id} does not exist for {asked.key}"),
    }
    codes = {"too-long": "context_length_exceeded", "blocked": "content_policy_violation"}
    if kind == "page":
        return 502, {"Content-Type": "text/html"}, f"<html>bad gateway {echoed}</html>".encode()
    if kind in errors:
        status, headers, message = errors[kind]
        return status, headers, _json({"error": {"message": message, "code": codes.get(kind, kind)}})
    return 200, {}, _json(completion(kind, asked))


def completion(kind: str, asked: Asked) -> dict[str, object]:
    """The body of an answer with status 200."""
    good = form(asked.prompt, asked.slots)
    turned = good.replace('"best"', '"x"').replace('"worst"', '"best"').replace('"x"', '"worst"')
    texts = {
        "refusal": "I’m sorry, but I can’t help with grading these answers.",
        "refusal-field": None,
        "filter": "",
        "cut": good[:12],
        "prose": "All of them have their merits.",
        "upside-down": turned,
        "huge": "merits " * (HUGE // 7),
        "echo": f"My Authorization header is Bearer {asked.key}, also {asked.key}.",
    }
    message: dict[str, object] = {"role": "assistant", "content": texts.get(kind, good)}
    if kind == "refusal-field":
        message["refusal"] = "I can’t do that."
    ends = {"filter": "content_filter", "cut": "length"}
    choice = {"index": 0, "message": message, "finish_reason": ends.get(kind, "stop")}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2030",
        "system_fingerprint": asked.key if kind == "echo" else "fp",
        "choices": [] if kind == "choiceless" else [choice],
        "usage": {"prompt_tokens": 700, "completion_tokens": 30, "total_tokens": 730},
    }


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body).encode()


@dataclass
class Provider:
    """Answers on one port."""

    script: Script
    log: TextIO
    latency_s: float = 0.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    n_asked: Counter[str] = field(default_factory=Counter)
    numbers: count[int] = field(default_factory=count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(re.findall(r"(?m)^([\w-]+): *(.*?)\r$", head.lower()))
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        prompt = digest(body["messages"])
        key = re.search(r"(?mi)^authorization: bearer (.*)\r$", head)
        text = body["messages"][-1]["content"]
        asked = Asked(prompt, _SLOT.findall(text), key[1] if key else "", body["model"])
        known = f"{asked.model_id} {prompt}"
        kind = ABSENT if asked.model_id == ABSENT else self.script.kind(prompt, self.n_asked[known])
        self.n_asked[known] += 1
        self._note(kind=kind, prompt=prompt, slots=asked.slots, model=asked.model_id)
        await asyncio.sleep(self.latency_s)
        return await self._answer(kind, asked, writer)

    def _note(self, **facts: object) -> None:
        line = {"number": next(self.numbers), "at": time.monotonic(), **facts}
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()

    async def _answer(self, kind: str, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        if kind == "hangs":
            await self.closing.wait()
        if kind in {"hangs", "drops"}:
            return False
        status, headers, body = reply_to("good" if kind in {"half", "trickles"} else kind, asked)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode())
        await self._send(kind, body, writer)
        await writer.drain()
        return kind != "half"

    async def _send(self, kind: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        """The body: at once, half of it, byte by byte, or one byte now and then for ever."""
        pauses = {"slow": 0.002, "trickles": 0.3}
        if kind not in pauses:
            writer.write(body[: len(body) // 2] if kind == "half" else body)
            return
        for position in range(len(body)):
            writer.write(body[position : position + 1])
            await writer.drain()
            await asyncio.sleep(pauses[kind])


async def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description="A provider that misbehaves.")
    parser.add_argument("log", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--kinds", nargs="*", default=[*TRANSIENT, *FINAL])
    asked = parser.parse_args()
    with asked.log.open("a", encoding="utf-8") as log:
        made = Provider(Script(asked.seed, asked.rate, tuple(asked.kinds)), log, asked.latency_s)
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the test reads the port
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
