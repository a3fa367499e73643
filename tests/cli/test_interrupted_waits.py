from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer

from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
PATH = "/v1/chat/completions"
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "test",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": '{"A": 1, "B": 2, "C": 3}'},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@pytest.fixture
def hosted(bench: Bench, httpserver: HTTPServer) -> Bench:
    """Give a bench with a judge behind the loopback server and a scripted one."""
    where = f"api_base: {httpserver.url_for('/v1')}\nservice: loopback\ntransport: direct\n"
    bench.write_judge("hosted", "openai/test", f"{where}limits: {{concurrency: 2}}\n")
    bench.write_scripts("longest")
    bench.write_experiment("hosted", "script-longest", rulebooks="hhh")
    return bench


def events_until(stream: Iterator[str], name: str) -> list[dict[str, object]]:
    """Events as they are written, to the first of this name."""
    seen: list[dict[str, object]] = []
    for line in stream:
        seen.append(json.loads(line))
        if seen[-1]["event"] == name:
            return seen
    raise AssertionError(f"no event {name} in {seen}")


def interrupt(n_signals: int) -> tuple[int, list[dict[str, object]], str]:
    """`harness run mini` until a call waits for its next attempt, then Ctrl-C: exit code, events, stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", "mini", "-o", "run", "--events", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        seen = events_until(iter(process.stdout), "retry")
        process.send_signal(signal.SIGINT)
        if n_signals == 2:
            seen += events_until(iter(process.stdout), "interrupted")
            process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, [*seen, *map(json.loads, rest.splitlines())], said


@pytest.mark.parametrize("n_signals", [1, 2])
def test_ctrl_c_does_not_wait_for_a_next_attempt(
    hosted: Bench, httpserver: HTTPServer, command: Command, n_signals: int
) -> None:
    """A provider says "come back in five minutes": Ctrl-C ends the run at once; what is open resumes."""
    httpserver.expect_request(PATH).respond_with_json({}, 503, {"Retry-After": "300"})
    code, events, said = interrupt(n_signals)
    waits = [event["wait_s"] for event in events if event["event"] == "retry"]
    assert all(isinstance(wait, float) and 300 <= wait <= 301 for wait in waits)
    assert "Traceback" not in said
    assert len(httpserver.log) <= 2
    if n_signals == 1:
        assert code == 1
        last = events[-1]
        assert (last["event"], last["interrupted"], last["stopped"]) == ("finished", True, {})
        assert "finishing what is in flight" in said
    httpserver.clear()
    httpserver.expect_request(PATH).respond_with_json(ANSWER)
    assert command("run", "mini", "-o", "run", "--quiet").code == 0
    assert len(httpserver.log) == 12
    assert len(RunFolder(Path("run")).read_verdicts()) == 24


def test_a_wrong_key_stops_one_provider_and_the_others_go_on(
    hosted: Bench, httpserver: HTTPServer, command: Command
) -> None:
    """Two judges of one account: one request or two tell that the key is wrong, and say so in plain words."""
    httpserver.expect_request(PATH).respond_with_json({"error": {"message": "wrong key"}}, 401)
    where = f"api_base: {httpserver.url_for('/v1')}\nservice: loopback\ntransport: direct\n"
    for name in ("hosted", "second"):
        hosted.write_judge(name, "openai/test", f"{where}limits: {{concurrency: 1}}\n")
    hosted.write_experiment("hosted", "second", "script-longest", rulebooks="hhh")
    done = command("run", "mini", "-o", "run")
    assert done.code == 1
    assert len(httpserver.log) == 1
    assert "wrong key (check the key, the account" in done.out
    assert "24 calls open" in done.out
    judged = {one.cell.annotator_id for one in RunFolder(Path("run")).read_verdicts()}
    assert judged == {"script-longest"}


def test_a_limit_of_money_is_kept_to_within_the_calls_in_flight(
    hosted: Bench, httpserver: HTTPServer, command: Command
) -> None:
    """Ten tokens a call at a dollar each: 45 dollars are reached with the fifth call, and one more flies."""
    httpserver.expect_request(PATH).respond_with_json(ANSWER)
    price = (
        "price: {usd_per_million_prompt_tokens: 1000000, usd_per_million_completion_tokens: 1000000,"
        " date: '2026-11-21', source: invented}\n"
    )
    where = f"api_base: {httpserver.url_for('/v1')}\nservice: loopback\ntransport: direct\n"
    hosted.write_judge("hosted", "openai/test", f"{where}{price}limits: {{concurrency: 2}}\n")
    hosted.write_experiment("hosted", rulebooks="hhh")
    done = command("run", "mini", "-o", "run", "--max-usd", "45")
    assert done.code == 1
    assert "the limit of 45 dollars (max_usd) is reached" in done.out
    assert 5 <= len(httpserver.log) <= 6
    assert command("run", "mini", "-o", "run", "--max-usd", "500").code == 0
    assert len(httpserver.log) == 12
