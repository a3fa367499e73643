"""What a call costs beside its latency: ours, bare litellm, raw HTTP, against a server without latency."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from harness.judge.build import live_judge
from harness.schema import JudgeSpec, Limits, Message, Origin, Presentation, Request, Sampling
from harness.store.work import WorkStore

Measure = Callable[[Callable[[], float]], float]

N_CALLS = 400
N_IN_FLIGHT = 16
REPLY = json.dumps({"A": 4, "B": 1, "C": 2, "D": 3, "best": "A", "worst": "B", "reason": "clear"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer at once."""
        self.rfile.read(int(self.headers["Content-Length"]))
        choice = {"index": 0, "message": {"role": "assistant", "content": REPLY}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340}
        body = json.dumps(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": "test",
                "choices": [choice],
                "usage": usage,
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    """A server on loopback that answers without latency."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()


def _messages(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"{number} " + "word " * 240}]


async def _gather(ask: Callable[[int], Any]) -> float:
    numbers = iter(range(N_CALLS))

    async def work() -> None:
        for number in numbers:
            await ask(number)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(N_IN_FLIGHT)))
    return (time.perf_counter() - started) / N_CALLS


async def _raw(url: str) -> float:
    async with aiohttp.ClientSession() as session:

        async def ask(number: int) -> None:
            body = {"model": "test", "messages": _messages(number)}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                await reply.json()

        return await _gather(ask)


async def _bare(url: str) -> float:
    import litellm

    async def ask(number: int) -> None:
        await litellm.acompletion(
            model="openai/test",
            messages=_messages(number),
            api_base=url,
            api_key="none",
            max_retries=0,
            max_tokens=100,
        )

    await ask(-1)
    return await _gather(ask)


async def _ours(url: str, folder: Path) -> float:
    spec = JudgeSpec(
        judge_id="bench",
        model_id="openai/test",
        api_base=url,
        api_key_env="BENCH_API_KEY",
        limits=Limits(concurrency=N_IN_FLIGHT),
        sampling=Sampling(max_tokens=100),
    )
    origin = Origin(
        judge_id="bench",
        case_id="case",
        rulebook_id="hhh",
        wording="base",
        language="en",
        protocol="listwise",
        repeat=0,
        template_id="listwise.en",
        presentation=Presentation(order=("a", "b"), slots=("A", "B")),
    )
    with WorkStore(folder / ".work.sqlite", lambda _: origin) as store:
        judge = live_judge(spec, store)

        async def ask(number: int) -> None:
            await judge.complete(
                Request(
                    model_id=spec.model_id,
                    service="",
                    endpoint="chat",
                    messages=(Message(role="user", content=_messages(number)[0]["content"]),),
                    parameters={"max_tokens": 100},
                    repeat=0,
                )
            )

        await ask(-1)
        seconds = await _gather(ask)
        await judge.aclose()
    return seconds


def test_a_call_beside_bare_litellm(
    measured: Measure,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[str], None],
) -> None:
    """One process, one server, three clients in turn; ours also limits, retries and records durably."""
    monkeypatch.setenv("BENCH_API_KEY", "none")
    ours = measured(lambda: asyncio.run(_ours(url, tmp_path)))
    bare = asyncio.run(_bare(url))
    raw = asyncio.run(_raw(url))
    say(
        f"per call, {N_CALLS} calls, {N_IN_FLIGHT} in flight, no latency: raw HTTP {raw * 1e3:.2f} ms; "
        f"litellm {bare * 1e3:.2f} ms; ours, recorded durably {ours * 1e3:.2f} ms ({ours / bare:.2f} x that)"
    )
