from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import pytest

from harness.cli.events import EventLog
from harness.cli.progress import BarProgress, LineProgress
from harness.cli.tally import Tally, duration
from harness.schema import (
    Completion,
    JudgeSpec,
    MessageDigest,
    Origin,
    Outcome,
    Presentation,
    Price,
    RequestDigest,
    Usage,
)

if TYPE_CHECKING:
    from harness.run.calls import Call
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
PRICE = Price(
    usd_per_million_prompt_tokens=1.0,
    usd_per_million_completion_tokens=2.0,
    date="2026-11-21",
    source="invented",
)
PAID = JudgeSpec(judge_id="paid", model_id="openai/x", price=PRICE)
UNPRICED = JudgeSpec(judge_id="unpriced", model_id="openai/y")
ANSWER = Completion(
    text="A",
    finish_reason="stop",
    usage=Usage(prompt_tokens=1000, completion_tokens=500),
    latency_s=0.25,
    completed_at="2030-05-01T12:00:00Z",
)


class Hands:
    """A steady clock that a test turns."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        """The seconds that it shows."""
        return self.s


@pytest.fixture
def hands() -> Hands:
    """Give a clock that stands still."""
    return Hands()


def outcome(reason: Literal["exhausted", "rejected"] = "exhausted") -> Outcome:
    """A call that failed."""
    shown = Presentation(order=("c-a", "c-b"), slots=("A", "B"))
    origin = Origin(
        judge_id="paid",
        case_id="c",
        rulebook_id="hhh",
        wording="base",
        language="en",
        protocol="listwise",
        repeat=0,
        template_id="listwise.en",
        presentation=shown,
    )
    request = RequestDigest(
        model_id="openai/x",
        service="",
        endpoint="chat",
        messages=(MessageDigest(role="user", sha256="0" * 64),),
        parameters={},
        repeat=0,
        runtime={},
    )
    return Outcome(
        key="0" * 64,
        request=request,
        origin=origin,
        reason=reason,
        message="HTTP 503",
        attempts=5,
        ended_at="2030-05-01T12:00:00Z",
    )


def test_a_judge_in_one_line_by_hand(hands: Hands) -> None:
    """120 of 480 done, 20 of them recorded: 100 in two minutes are 50 a minute, 360 left 7.2 minutes."""
    tally = Tally(hands)
    tally.price(PAID)
    tally.start({"paid": 480})
    hands.s += 120
    for _ in range(20):
        tally.add("paid", ANSWER, recorded=True)
    for _ in range(97):
        tally.add("paid", ANSWER, recorded=False)
    for _ in range(3):
        tally.add("paid", outcome(), recorded=False)
    tally.retried("paid")
    # 97 answers of 1,000 prompt tokens at 1 and 500 reply tokens at 2 dollars a million
    assert pytest.approx(0.194) == 97 * 0.002
    assert tally.line() == "paid 120/480, 3 failed, 20 recorded, 1 retries, 50/min, $0.1940, 7 min left"


def test_an_unknown_price_is_said_and_never_zero(hands: Hands) -> None:
    """Without a price the money is unknown; what is recorded costs nothing again."""
    tally = Tally(hands)
    for spec in (PAID, UNPRICED):
        tally.price(spec)
    tally.start({"paid": 2, "unpriced": 2})
    tally.add("paid", ANSWER, recorded=True)
    tally.add("unpriced", ANSWER, recorded=False)
    assert tally.line() == "paid 1/2, 1 recorded; unpriced 1/2, price unknown"


def test_no_rate_is_guessed_from_the_first_moment(hands: Hands) -> None:
    """In the first second, and of recorded calls alone, there is neither a rate nor a time left."""
    tally = Tally(hands)
    tally.start({"paid": 10})
    tally.add("paid", outcome(), recorded=False)
    hands.s += 0.9
    assert (tally.per_min("paid"), tally.seconds_left("paid")) == (None, None)
    hands.s += 59.1
    assert (tally.per_min("paid"), tally.seconds_left("paid")) == (1.0, 540.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (90, "2 min"),
        (5400, "1 h 30 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    """A time is said in the unit that fits it."""
    assert duration(seconds) == words


def test_a_line_now_and_then(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    """One line every ten seconds and one at the end, on stderr, whatever happens in between."""
    with LineProgress(10.0, hands) as progress:
        progress.started({"paid": 100})
        for second in range(25):
            hands.s = 100.0 + second
            progress.ended("paid", ANSWER, recorded=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [f"paid {n}/100, {n} recorded" for n in (11, 21, 25)]


def test_a_run_that_only_waits_says_so(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    """Failed attempts count as news too."""
    with LineProgress(10.0, hands) as progress:
        progress.started({"paid": 9})
        hands.s += 11
        progress.retried("paid", 1, 30.0, "HTTP 503")
        assert capsys.readouterr().err == "paid 0/9, 1 retries\n"


def test_a_pipe_gets_no_control_characters(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    """A provider's words cannot move the cursor, colour the terminal or begin a new line."""
    with LineProgress(float("inf"), hands) as progress:
        progress.stopped(("paid",), "HTTP 401\x1b[31m\r\nbad\x07 key\u202e")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()


def test_one_reason_is_said_once(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit that ends every judge's calls is one piece of news."""
    with LineProgress(float("inf"), hands) as progress:
        for judge_id in ("paid", "unpriced"):
            progress.stopped((judge_id,), "the limit of 5 requests (max_calls) is reached")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_bars_show_the_same_notes(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal the last state of every judge is drawn, with its counts and notes."""
    with BarProgress(hands) as progress:
        progress.priced(PAID)
        progress.started({"paid": 3})
        progress.ended("paid", ANSWER, recorded=False)
        progress.ended("paid", outcome(), recorded=False)
        progress.retried("paid", 1, 2.0, "HTTP 503")
        progress.stopped(("paid",), "HTTP 401 [red]")
    said = capsys.readouterr().err
    assert "2/3 1 failed, 1 retries, $0.0020" in said
    assert "stopped paid: HTTP 401 [red]" in said


# --- events ----------------------------------------------------------------------------------------


KEY = "1" * 64


class Asked(NamedTuple):
    """What an event says of a call."""

    case_id: str
    key: str


def test_every_event_by_hand() -> None:
    """Each event is one JSON object on one line, with its name, its time and the documented fields."""
    stream = io.StringIO()
    log = EventLog(stream, lambda: datetime(2030, 5, 1, 12, tzinfo=UTC))
    log.priced(PAID)
    log.started({"paid": 2})
    log.ended("paid", ANSWER, recorded=False)
    log.ended("paid", ANSWER, recorded=True, call=cast("Call", Asked("poem", KEY)))
    log.ended("unpriced", ANSWER, recorded=False)
    log.ended("paid", outcome("rejected"), recorded=False)
    log.retried("paid", 2, 1.23456, "HTTP 503")
    log.stopped(("paid",), "HTTP 401")
    log.interrupted()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {event.pop("at") for event in events} == {"2030-05-01T12:00:00.000+00:00"}
    took = {"latency_s": 0.25, "prompt_tokens": 1000, "completion_tokens": 500}
    call = {"event": "call", "judge_id": "paid", "recorded": False, "attempts": 1, "outcome": "answered"}
    assert events == [
        {"event": "started", "calls": {"paid": 2}},
        {**call, **took, "usd": 0.002},
        {**call, **took, "recorded": True, "usd": 0.0, "case_id": "poem", "key": KEY},
        {**call, **took, "judge_id": "unpriced", "usd": None},
        {
            **call,
            "attempts": 5,
            "outcome": "rejected",
            "message": "HTTP 503",
            "case_id": "c",
            "key": "0" * 64,
        },
        {"event": "retry", "judge_id": "paid", "attempt": 2, "wait_s": 1.235, "message": "HTTP 503"},
        {"event": "stopped", "judge_ids": ["paid"], "message": "HTTP 401"},
        {"event": "interrupted"},
    ]


def test_every_event_is_described() -> None:
    """docs/running.md names every event that can be written."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "running.md").read_text(encoding="utf-8")
    for event in ("started", "call", "retry", "stopped", "interrupted", "finished"):
        assert f"| `{event}` |" in page


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """Give a bench with one scripted judge: 24 calls."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    return bench


def test_events_on_stdout_are_all_that_is_there(mini: Bench, command: Command) -> None:
    """With `--events -` every line of stdout is an event, and the last one is the summary."""
    done = command("run", "mini", "-o", "run", "--events", "-")
    assert done.code == 0
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [event["event"] for event in events] == ["started"] + ["call"] * 24 + ["finished"]
    assert (events[-1]["verdicts"], events[-1]["open_calls"]) == (24, 0)
    calls = events[1:-1]
    assert len({call["key"] for call in calls}) == 24
    assert {call["case_id"] for call in calls} == {"doctor", "garden"}
    assert {call["judge_id"] for call in calls} == {"script-longest"}


def test_events_of_two_sittings_stand_in_one_file(mini: Bench, command: Command) -> None:
    """A resumed run goes on in the same file; what was recorded is told as recorded."""
    assert command("run", "mini", "-o", "run", "--max-calls", "5", "--events", "events.jsonl").code == 1
    assert command("run", "mini", "-o", "run", "--events", "events.jsonl").code == 0
    events = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    first = [event["event"] for event in events].index("finished") + 1
    assert sum(event["event"] == "call" for event in events[:first]) <= 5
    assert sum(event.get("recorded", False) for event in events[first:]) == 5
    assert "stopped" in [event["event"] for event in events[:first]]


def test_a_limit_ends_the_sitting_and_the_next_one_goes_on(
    mini: Bench, command: Command, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """As many requests as allowed are made; the rest stays open, and ends as in a run without a limit."""
    command("run", "mini", "-o", "whole")
    done = command("run", "mini", "-o", "run", "--max-calls", "10")
    assert done.code == 1
    assert done.out.splitlines()[1] == (
        "given up: script-longest: the limit of 10 requests (max_calls) is reached"
    )
    assert done.out.splitlines()[0].endswith("14 calls open")
    assert command("run", "mini", "-o", "run", "--max-calls", "100").code == 0
    assert contents(Path("run")) == contents(Path("whole"))


def test_limits_of_the_experiment_are_not_part_of_what_is_asked(mini: Bench, command: Command) -> None:
    """They end a sitting, give way to the command line, and may change without making another run."""
    path = mini.root / "prompts/experiments/mini.yaml"
    plain = path.read_text()
    path.write_text(plain.replace("seed: 7", "seed: 7\nstops: {max_calls: 4}"))
    done = command("run", "mini", "-o", "run")
    assert "the limit of 4 requests" in done.out
    done = command("run", "mini", "-o", "run", "--max-calls", "6")
    assert "the limit of 6 requests" in done.out
    assert done.out.splitlines()[0].endswith("14 calls open")
    path.write_text(plain)
    assert command("run", "mini", "-o", "run").code == 0
    assert command("run", "mini", "-o", "run", "--replay").code == 0


def test_money_is_not_limited_where_a_price_is_unknown(mini: Bench, command: Command) -> None:
    """The run is refused before anything is asked or written, and says what to do; scripts are free."""
    assert command("run", "mini", "-o", "free", "--max-usd", "1").code == 0
    mini.write_judge("hosted", "openai/x")
    mini.write_experiment("script-longest", "hosted")
    done = command("run", "mini", "-o", "run", "--max-usd", "1")
    assert done.code == 1
    assert "the price of every judge, and hosted has none: write `price:`" in done.err
    assert not Path("run").exists()
