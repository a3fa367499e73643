"""Thousands of calls to a provider in trouble: what it really said, against what the run made of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.schema import FailedVerdict, JudgeSpec, RankedVerdict, Verdict
from harness.store import Cassette, RunFolder, WorkStore
from tests.faults.provider import ABSENT, FINAL, GOOD, RETRY_AFTER_S, TRANSIENT, grades

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.faults.conftest import Served

KEY = "sk-proj-RECOGNISABLE0123456789"
WORD = b"RECOGNISABLE"
VARIABLE = "LOOPBACK_CREDENTIAL"
"""Not named like a key, so that only the preset says that it is one."""
MAX_ATTEMPTS = 4
CONCURRENCY = 96
TIMEOUT_S = 10
RULEBOOKS = ("hhh", "none", "placebo", "caution-first", "comfort-first", "autonomy-first", "helpful-first")
N_PRESENTATIONS = 6
TRANSPORTS = ("litellm", "direct") if "transport" in JudgeSpec.model_fields else ("litellm",)

Serve = Callable[..., "Served"]


@dataclass(frozen=True)
class World:
    """A content folder, a provider, and the command line in a process of its own."""

    bench: Bench
    provider: Served

    def write(self, n_cases: int, transport: str) -> int:
        """Write cases and a judge; how many calls the run has."""
        names = [f"case-{number:03d}" for number in range(n_cases)]
        for name in names:
            self.bench.write_case(
                name, (f"Short, about {name}.", "A longer reply.", "The longest reply of all.")
            )
        for name in ("doctor", "garden"):
            (self.bench.root / f"cases/mini/{name}.yaml").unlink()
        case_set = (self.bench.root / "cases/mini/set.yaml").read_text("utf-8")
        listed = case_set.replace("[doctor, garden]", f"[{', '.join(names)}]")
        self.bench.write("cases/mini/set.yaml", listed)
        self.write_judge("hosted", "openai/test", CONCURRENCY, transport)
        self.bench.write_experiment("hosted", rulebooks=", ".join(RULEBOOKS))
        return n_cases * len(RULEBOOKS) * N_PRESENTATIONS

    def write_judge(self, judge_id: str, model_id: str, concurrency: int, transport: str) -> None:
        """Write a preset for the provider."""
        url = self.provider.url
        limits = f"{{max_attempts: {MAX_ATTEMPTS}, concurrency: {concurrency}, timeout_s: {TIMEOUT_S}}}"
        how = f"transport: {transport}\n" if transport != "litellm" else ""
        self.bench.write_judge(
            judge_id,
            model_id,
            f"api_base: {url}\nservice: loopback\napi_key_env: {VARIABLE}\nlimits: {limits}\n{how}",
        )

    def harness(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """`harness ARGUMENTS` with the key in its environment, and every logger told to speak."""
        talkative = {"LITELLM_LOG": "DEBUG", "OPENAI_LOG": "debug"}
        if arguments[0] == "run":
            talkative["PYTHONDEVMODE"] = "1"
        with subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments],
            env=os.environ | talkative | {VARIABLE: KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            told = process.communicate(timeout=900)
            return subprocess.CompletedProcess(process.args, process.returncode, *told)


@pytest.fixture
def world(bench: Bench, serve: Serve) -> World:
    """Give a world in which three calls of ten go wrong."""
    return World(bench, serve("provider", "--rate", "0.3", "--seed", "4"))


def prompt_of(cassette: Cassette, verdict: Verdict) -> str:
    """What the provider knows a verdict's call by."""
    (key,) = verdict.completion_keys
    recorded = cassette.find(key)
    assert recorded is not None
    return " ".join(message.sha256 for message in recorded.request.messages)


def expected_ending(lines: list[dict[str, Any]]) -> str:
    """What has to come of the answers that one prompt got."""
    *earlier, last = [line["kind"] for line in lines]
    assert set(earlier) <= set(TRANSIENT), "asked again after an answer"
    assert len(lines) <= MAX_ATTEMPTS
    if last in GOOD:
        return "ranked"
    if last in FINAL:
        return FINAL[last]
    assert len(lines) == MAX_ATTEMPTS, "given up too early"
    return "exhausted"


def check_verdicts(run: RunFolder, provider: Served) -> Counter[str]:
    """Every verdict is what the provider's last answer to its prompt says, grade by grade; none twice."""
    cassette, said = Cassette.read(run.cassette_path), provider.said()
    verdicts, timings = run.read_verdicts(), run.read_timing()
    prompts = [prompt_of(cassette, verdict) for verdict in verdicts]
    assert len(set(prompts)) == len(prompts)
    assert set(prompts) == set(said)
    endings: Counter[str] = Counter()
    for verdict, timing, prompt in zip(verdicts, timings, prompts, strict=True):
        ending = verdict.failure if isinstance(verdict, FailedVerdict) else "ranked"
        assert ending == expected_ending(said[prompt]), (said[prompt], verdict)
        assert timing.attempts == len(said[prompt])
        if isinstance(verdict, RankedVerdict):
            assert verdict.presentation is not None
            slot_of = dict(zip(verdict.presentation.order, verdict.presentation.slots, strict=True))
            given = {slot_of[answer_id]: grade for answer_id, grade in verdict.grades.items()}
            assert given == grades(prompt, said[prompt][-1]["slots"])
        endings[ending] += 1
    return endings


def check_waiting(provider: Served) -> int:
    """Whoever was asked to wait came back no earlier; how many were."""
    waits = [
        after["at"] - before["at"]
        for lines in provider.said().values()
        for before, after in pairwise(lines)
        if before["kind"] == "asked-to-wait"
    ]
    assert all(waited >= RETRY_AFTER_S for waited in waits)
    return len(waits)


def places_that_tell(key: bytes, folder: Path) -> list[str]:
    """Every file under a folder that holds some bytes."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and key in path.read_bytes()]


def check_world(world: World, n_calls: int) -> dict[str, object]:
    """Run, replay, resume, compare and report; what was seen."""
    first = world.harness("run", "mini", "-o", "run")
    run = RunFolder(Path("run"))
    assert first.returncode == 3, first.stderr[-2000:]  # finished, some verdicts failed
    endings = check_verdicts(run, world.provider)
    assert endings.total() == n_calls
    n_waited = check_waiting(world.provider)
    kinds = Counter(line["kind"] for line in world.provider.requests())
    with WorkStore(run.work_path, read_only=True) as store:
        # Every request that was no answer is one row, and so is every rejection.
        assert len(store.attempts()) == sum(kinds[kind] for kind in (*TRANSIENT, "too-long"))
    said = [first, world.harness("replay", "run", "-o", "again")]
    assert Path("again/verdicts.jsonl").read_bytes() == run.verdicts_path.read_bytes()
    said.append(world.harness("run", "mini", "-o", "run"))
    check_resumed(world, run, endings["exhausted"] + endings["rejected"], kinds)
    said += [world.harness("compare", "run", "--reference", "none"), world.harness("report", "run")]
    assert [done.returncode for done in said] == [3, 0, 3, 0, 0], [done.stderr[-500:] for done in said]
    assert places_that_tell(WORD, Path.cwd()) == []
    assert not any(WORD in done.stdout + done.stderr for done in said)
    return {"kinds": dict(kinds), "endings": dict(endings), "asked to wait": n_waited}


def check_resumed(world: World, run: RunFolder, n_again: int, kinds: Counter[str]) -> None:
    """A resume asks again what was exhausted or rejected, and nothing else."""
    now = Counter(line["kind"] for line in world.provider.requests())
    assert n_again <= (now - kinds).total() <= n_again * MAX_ATTEMPTS
    assert len(run.read_verdicts()) == len(world.provider.said())


@pytest.mark.parametrize("transport", TRANSPORTS[-1:])
def test_every_call_ends_as_what_was_said(world: World, transport: str) -> None:
    """Of 84 calls, a third of them in trouble: none lost, doubled or invented, and no key told anywhere."""
    check_world(world, world.write(2, transport))


@pytest.mark.parametrize("transport", TRANSPORTS[-1:])
def test_an_unknown_model_stops_its_judge_only(world: World, transport: str) -> None:
    """A wrong model id is told with its status; its calls stay open, the other judge's end, no key told."""
    n_calls = world.write(2, transport)
    world.write_judge("lost", f"openai/{ABSENT}", 4, transport)
    lost = "- {part_id: second, judges: [lost], rulebooks: [none], languages: [en]}\n"
    world.bench.write_experiment("hosted", rulebooks=", ".join(RULEBOOKS), extra=lost)
    done = world.harness("run", "mini", "-o", "run")
    assert done.returncode == 1
    assert f"{2 * N_PRESENTATIONS} calls open".encode() in done.stdout
    assert b"given up: lost (openai/absent): HTTP 404" in done.stdout
    assert 1 <= len(world.provider.said(ABSENT)) <= 4
    assert check_verdicts(RunFolder(Path("run")), world.provider).total() == n_calls
    assert places_that_tell(WORD, Path.cwd()) == []
    assert WORD not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_five_thousand_calls_end_as_what_was_said(
    world: World, transport: str, record_property: Callable[[str, object], None]
) -> None:
    """The same of 5,040."""
    seen = check_world(world, world.write(120, transport))
    record_property("seen", seen)
    print(seen)  # noqa: T201 - the figures of docs/reliability.md, shown by pytest -s
