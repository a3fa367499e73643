from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.batch_provider import BatchProvider, Faults, serving
from tests.run.batch_bench import KEY, BatchBench

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
QUICK = ("--longest-pause", "0.05")


@pytest.fixture(autouse=True)
def provider(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchProvider]:
    """Give a provider, and an experiment of one judge that asks it."""
    monkeypatch.setenv("TEST_API_KEY", KEY)
    with serving(BatchProvider(Faults(n_looks=1))) as served:
        BatchBench(bench).judges(served, "judge")
        yield served


def test_one_command_does_everything(command: Command, provider: BatchProvider) -> None:
    """`run` submits, waits and collects; what it says on stdout is the summary, the rest is progress."""
    done = command("batch", "run", "mini", "-o", "run", *QUICK)
    assert done.code == 0
    assert done.out.splitlines() == [
        "run: 12 verdicts, 0 of them failed, 0 calls open",
        "submitted: 12 calls in 1 batch",
        "collected: 1 batch: 12 answers",
        "next: harness compare run",
    ]
    assert "judge: submitted: 12 calls as batch_1" in done.err
    again = command("batch", "run", "mini", "-o", "run", *QUICK)
    assert (again.code, len(provider.batches)) == (0, 1)


def test_step_by_step(command: Command, provider: BatchProvider) -> None:
    """Submit, look, collect: live asking is refused meanwhile, and each step says the next."""
    submitted = command("batch", "submit", "mini", "-o", "run")
    assert submitted.code == 0
    assert submitted.out.splitlines()[-1] == "next: harness batch collect run --wait"
    refused = command("run", "mini", "-o", "run")
    assert (refused.code, "would pay twice" in refused.err) == (1, True)
    looks = command("batch", "status", "run").out.splitlines()
    assert looks[0].startswith("judge: batch_1, 12 calls, submitted 20")
    assert looks[0].endswith("validating, 0 done")
    assert command("batch", "status", "run", "--offline").out.splitlines()[0].endswith("when last seen")
    collected = command("batch", "collect", "run", "--wait", *QUICK, "--json")
    facts = json.loads(collected.out)
    assert (collected.code, facts["verdicts"], facts["batches"]["collected"]["n_answers"]) == (0, 12, 12)
    (entry,) = json.loads(command("batch", "status", "run", "--json").out)
    assert (entry["state"], entry["alive"], entry["calls"]) == ("collected", False, 12)
    assert not provider.asked("POST /v1/chat/completions")


def test_collecting_too_early_leaves_it_alive(command: Command, provider: BatchProvider) -> None:
    """One look, no waiting: exit code 1, and what to do next."""
    provider.faults = Faults(n_looks=9)
    command("batch", "submit", "mini", "-o", "run", "-q")
    done = command("batch", "collect", "run", "-q")
    assert (done.code, done.err) == (1, "")
    assert "with the provider: 12 calls in 1 batch" in done.out


def test_cancelling_keeps_what_was_finished(command: Command, provider: BatchProvider) -> None:
    """The batch ends, its answers are collected; a second cancel finds nothing."""
    command("batch", "submit", "mini", "-o", "run", "-q")
    done = command("batch", "cancel", "run", "--batch", "batch_1")
    assert (done.code, done.out.startswith("batch_1: cancelling")) == (0, True)
    assert command("batch", "collect", "run", "-q").code == 0
    assert command("batch", "cancel", "run").out == "no batch is alive\n"
    assert command("batch", "cancel", "run", "--batch", "batch_1").code == 1


def test_a_batch_that_the_provider_forgot_is_given_up(command: Command, provider: BatchProvider) -> None:
    """Collecting says so; cancelling opens its calls again."""
    command("batch", "submit", "mini", "-o", "run", "-q")
    provider.batches.clear()
    done = command("batch", "collect", "run", "-q")
    assert (done.code, "does not know this batch" in done.out) == (1, True)
    assert "its calls are open again" in command("batch", "cancel", "run").out
    assert command("batch", "run", "mini", "-o", "run", "-q", *QUICK).code == 0


def test_status_without_batches(command: Command) -> None:
    """A run that never had any says so; a folder without a run is an error."""
    assert command("batch", "status", "run").code == 1
    command("run", "mini", "-o", "run", "-q")
    assert "no batch was ever submitted" in command("batch", "status", "run").out


def test_events_are_lines_for_programs(command: Command) -> None:
    """Each step of a batch is an event, and the summary is the last one."""
    done = command("batch", "run", "mini", "-o", "run", "-q", "--events", "-", *QUICK)
    events = [json.loads(line) for line in done.out.splitlines()]
    steps = [one["step"] for one in events if one["event"] == "batch"]
    assert steps == ["submitted", "status", "status", "collected"]
    assert events[-1]["event"] == "finished"


def test_the_file_of_requests_goes_when_it_is_over(command: Command) -> None:
    """Only the ledger stays: the requests are in the cassette."""
    command("batch", "run", "mini", "-o", "run", "-q", *QUICK)
    assert [path.name for path in Path("run/.batches").iterdir()] == ["ledger.jsonl"]
