from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HttpRequest
from werkzeug import Response

from harness.cli.progress import LineProgress
from harness.judge.base import Judge
from harness.judge.build import live_judge
from harness.judge.clock import Clock
from harness.load.content import load_experiment
from harness.run.session import Finished, record_run, replay_run
from harness.schema import FailedVerdict, JudgeSpec, Recorder
from harness.store.folder import RunFolder
from harness.store.work import WorkStore

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

KEY = "sk-proj-0123456789abcdefINVENTED"
GRADES = '{"A": 4, "B": 2, "C": 1, "best": "A", "worst": "C", "reason": "Clear and careful."}'
Answered = tuple[int, dict[str, str], Any]


def said(text: str | None, finish_reason: str = "stop", **message: str) -> Answered:
    """A reply of an OpenAI-compatible server."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text} | message,
        "finish_reason": finish_reason,
    }
    usage = {"prompt_tokens": 700, "completion_tokens": 30, "total_tokens": 730}
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2030",
        "choices": [choice],
        "usage": usage,
    }
    return 200, {}, body


def refused(status: int, message: str, code: str = "", **headers: str) -> Answered:
    """An error of an OpenAI-compatible server."""
    return status, headers, {"error": {"message": message, "code": code}}


@dataclass(frozen=True)
class Fault:
    """What a server answers to the calls of one case, one after the other, and what has to come of it."""

    answers: list[Answered]
    ending: str
    """`ranked`, or the kind of failure."""

    @property
    def n_requests(self) -> int:
        """Every answer is fetched, and none twice."""
        return len(self.answers)


GOOD = said(GRADES)
FAULTS = {
    "fine": Fault([GOOD], "ranked"),
    "limited": Fault([refused(429, "slow down", **{"Retry-After": "7"}), GOOD], "ranked"),
    "broken": Fault([refused(500, "oops"), GOOD], "ranked"),
    "overloaded": Fault([refused(503, "busy"), refused(529, "still busy"), GOOD], "ranked"),
    "half-body": Fault([(200, {}, '{"id": "c", "choi'), GOOD], "ranked"),
    "page": Fault([(502, {}, "<html>bad gateway</html>"), GOOD], "ranked"),
    "down": Fault([refused(500, "down for good")] * 3, "exhausted"),
    "too-long": Fault([refused(400, f"too long, says {KEY}", "context_length_exceeded")], "rejected"),
    "blocked": Fault([refused(400, "blocked", "content_policy_violation")], "filtered"),
    "filter": Fault([said("", "content_filter")], "filtered"),
    "refusal-words": Fault([said("I’m sorry, but I can’t help with grading these answers.")], "refused"),
    "refusal-field": Fault([said(None, refusal="I can’t do that.")], "refused"),
    "cut": Fault([said(GRADES[:20], "length")], "truncated"),
    "cut-silently": Fault([said(GRADES[:20])], "unparsable"),
    "prose": Fault([said("All of them have their merits.")], "unparsable"),
    "empty": Fault([said("")], "unparsable"),
    "upside-down": Fault(
        [said(GRADES.replace('"best": "A", "worst": "C"', '"best": "C", "worst": "A"'))], "inverted"
    ),
    "fenced": Fault([said(f"Here is my verdict:\n```json\n{GRADES}\n```\nI hope it helps.")], "ranked"),
    "emoji": Fault([said(GRADES.replace("Clear", "👩🏽‍⚕️ \u05e9"))], "ranked"),
}
N_REQUESTS = sum(fault.n_requests for fault in FAULTS.values())


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@dataclass
class Provider:
    """A server that follows the script of each case, and a world in which time passes by waiting only."""

    server: HTTPServer
    n_requests: Counter[str] = field(default_factory=Counter)
    keys_seen: set[str] = field(default_factory=set)
    sleeps: list[float] = field(default_factory=list)
    cured: bool = False

    def answer(self, request: HttpRequest) -> Response:
        """The next answer of the case that the prompt is about."""
        found = re.search(r"What about the ([a-z-]+)\?", request.get_data(as_text=True))
        assert found is not None
        case_id = found[1]
        self.keys_seen.add(request.headers["Authorization"])
        script = [GOOD] if self.cured else FAULTS[case_id].answers
        status, headers, body = script[min(self.n_requests[case_id], len(script) - 1)]
        self.n_requests[case_id] += 1
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(text, status, headers, content_type="application/json")

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, and note how much."""
        self.sleeps.append(seconds)
        await asyncio.sleep(0)

    def live(self, spec: JudgeSpec, recorder: Recorder) -> Judge:
        """The judge that a real run gets, in this world."""
        return live_judge(
            spec,
            recorder,
            clock=Clock(monotonic=lambda: sum(self.sleeps), sleep=self.sleep),
            rng=random.Random(1),
        )

    def record(self, folder: Path) -> Finished:
        """Record the experiment as `harness run` does."""

        async def whole() -> Finished:
            with LineProgress(0.0) as progress:
                return await record_run(
                    load_experiment("mini"), RunFolder(folder), self.live, progress, asyncio.Event()
                )

        return asyncio.run(whole())


@pytest.fixture
def provider(bench: Bench, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Give a provider, a case for each of its faults, and a judge that asks it."""
    for case_id in FAULTS:
        bench.write_case(case_id, ("Short.", "A longer reply.", "The longest reply of all."))
    for name in ("doctor", "garden"):
        (bench.root / f"cases/mini/{name}.yaml").unlink()
    case_set = (bench.root / "cases/mini/set.yaml").read_text()
    bench.write("cases/mini/set.yaml", case_set.replace("[doctor, garden]", f"[{', '.join(FAULTS)}]"))
    monkeypatch.setenv("HOSTED_API_KEY", KEY)
    write_judge(bench, "hosted", httpserver, "HOSTED_API_KEY")
    bench.write_experiment("hosted", rulebooks="none", more=", repeats: 1")
    made = Provider(httpserver)
    httpserver.expect_request("/v1/chat/completions").respond_with_handler(made.answer)
    return made


def write_judge(bench: Bench, judge_id: str, server: HTTPServer, variable: str) -> None:
    """Write a preset for the server, with its key in an environment variable."""
    bench.write_judge(
        judge_id,
        "openai/test",
        f"api_base: {server.url_for('/v1')}\nservice: loopback\napi_key_env: {variable}\n"
        "limits: {max_attempts: 3, concurrency: 4}\n",
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def endings(finished: Finished) -> dict[str, str]:
    """How each case ended."""
    return {
        one.cell.case_id: one.failure if isinstance(one, FailedVerdict) else one.outcome
        for one in finished.verdicts
    }


def test_every_call_ends_as_what_it_is(
    provider: Provider,
    contents: Callable[[Path], dict[str, bytes]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each kind of trouble: right ending, right number of requests, no key told, and a replay."""
    with caplog.at_level(logging.DEBUG):
        finished = provider.record(Path("run"))
        loose = files(Path("run"))
    assert endings(finished) == {case_id: fault.ending for case_id, fault in FAULTS.items()}
    assert (finished.n_open, dict(finished.stops)) == (0, {})
    assert dict(provider.n_requests) == {case_id: fault.n_requests for case_id, fault in FAULTS.items()}
    # Whoever was sent away for seven seconds came back after seven, and nobody came back at once.
    assert [pause for pause in provider.sleeps if 7 <= pause <= 8]
    assert len(provider.sleeps) >= sum(fault.n_requests - 1 for fault in FAULTS.values())
    # The key went to the provider, and nowhere else.
    assert provider.keys_seen == {f"Bearer {KEY}"}
    told = "".join(capfd.readouterr()) + caplog.text
    assert "INVENTED" not in told
    assert [name for name, content in loose.items() if b"INVENTED" in content] == []
    attempts = {
        one.cell.case_id: timing.attempts
        for one, timing in zip(finished.verdicts, finished.timings, strict=True)
    }
    assert attempts == {case_id: fault.n_requests for case_id, fault in FAULTS.items()}
    # Offline, the same bytes.
    before = contents(Path("run"))
    with LineProgress(float("inf")) as progress:
        replayed = asyncio.run(replay_run(RunFolder(Path("run")), RunFolder(Path("again")), progress))
    assert contents(Path("again")) == before
    assert replayed.verdicts == finished.verdicts
    assert sum(provider.n_requests.values()) == N_REQUESTS


def test_every_failed_attempt_is_kept_apart(provider: Provider) -> None:
    """Failed attempts have rows of their own, with the error's name, and never stand in the cassette."""
    provider.record(Path("run"))
    with WorkStore(Path("run/.work.sqlite"), read_only=True) as store:
        attempts = Counter(one.error for one in store.attempts())
    n_failed = {"TransientJudgeError": 0, "JudgeRejectedError": 1}
    for fault in FAULTS.values():
        n_failed["TransientJudgeError"] += fault.n_requests - (fault.ending not in {"exhausted"})
    assert dict(attempts) == n_failed
    cassette = "".join(path.read_text("utf-8") for path in Path("run/cassette").glob("*.jsonl"))
    assert "still busy" not in cassette


def test_a_resume_asks_only_what_may_have_changed(provider: Provider) -> None:
    """Once the provider works, exhausted and rejected calls are asked again; what it said before stays."""
    provider.record(Path("run"))
    provider.n_requests.clear()
    provider.cured = True
    finished = provider.record(Path("run"))
    assert dict(provider.n_requests) == {"down": 1, "too-long": 1}
    expected = {case_id: fault.ending for case_id, fault in FAULTS.items()}
    assert endings(finished) == expected | {"down": "ranked", "too-long": "ranked"}


def test_a_wrong_key_stops_one_judge_and_is_not_told(
    provider: Provider, bench: Bench, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A judge whose key is refused stays open with a clear word; the other one finishes; no key is told."""
    provider.cured = True
    wrong = "sk-proj-fedcba9876543210INVENTED"
    monkeypatch.setenv("OTHER_API_KEY", wrong)
    write_judge(bench, "other", provider.server, "OTHER_API_KEY")
    bench.write_experiment("other", "hosted", rulebooks="none", more=", repeats: 1")
    body = refused(401, f"Incorrect API key provided: {wrong}.", "invalid_api_key")[2]
    provider.server.clear()
    provider.server.expect_request(
        "/v1/chat/completions", headers={"Authorization": f"Bearer {wrong}"}
    ).respond_with_json(body, status=401)
    provider.server.expect_request("/v1/chat/completions").respond_with_handler(provider.answer)
    finished = provider.record(Path("run"))
    hosted = [one for one in finished.verdicts if one.cell.annotator_id == "hosted"]
    assert [one.outcome for one in hosted] == ["ranked"] * len(FAULTS)
    # Where both judges ask the same, the answer serves both; all else of the first one stays open.
    assert 2 * len(FAULTS) - finished.n_open == len(finished.verdicts) < 1.5 * len(FAULTS)
    assert list(finished.stops) == ["other"]
    assert "HTTP 401" in finished.stops["other"]
    assert "check the key" in finished.stops["other"]
    told = "".join(capfd.readouterr()) + finished.stops["other"]
    assert "INVENTED" not in told
    assert [name for name, content in files(Path("run")).items() if b"INVENTED" in content] == []


def test_half_a_letter_is_kept_as_a_mark(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that was cut in the middle of an emoji is recorded and read, and does not end the run."""
    half = Fault([said(GRADES.replace("Clear", "\ud83d Clear"))], "ranked")
    monkeypatch.setitem(FAULTS, "fine", half)
    assert endings(provider.record(Path("run")))["fine"] == "ranked"


def test_a_missing_key_is_exit_1_with_the_name_of_the_variable(
    provider: Provider, command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key nothing is sent, every call stays open, and the variable to set is named."""
    monkeypatch.delenv("HOSTED_API_KEY")
    done = command("run", "mini", "-o", "run")
    assert done.code == 1
    assert f"0 verdicts, 0 of them failed, {len(FAULTS)} calls open" in done.out
    assert "given up: hosted (openai/test): the environment variable HOSTED_API_KEY is not set" in done.out
    assert "the same command asks the open calls" in done.out
    assert provider.n_requests.total() == 0
