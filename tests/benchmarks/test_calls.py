"""What 2,000 calls take, start of Python included: ours through litellm and directly, bare loops, a rerun.

The provider answers after 50 ms and lives in a process of its own; 64 calls are in flight, so that the ideal
is 1.56 s. Ours reads every verdict, has every answer on the disk before it counts, and writes the run folder;
the bare loops keep nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

Measure = Callable[[Callable[[], float]], float]
Say = Callable[[str], None]

HERE = Path(__file__).parent
N_CASES = 500
N_CALLS = 4 * N_CASES
N_IN_FLIGHT = 64
LATENCY_MS = 50
ROUNDS = 3
WORDS = ("calm", "clear", "kind", "short", "plain", "warm", "brief", "frank")


@dataclass(frozen=True)
class Took:
    """What one whole process took."""

    seconds: float
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.cpu_s:.2f} s of processor, {self.peak_mb:.0f} MB)"


def _whole_process(arguments: list[str], cwd: Path, **environment: str) -> Took:
    started = time.perf_counter()
    command = [sys.executable, *arguments]
    # As an installed package has it: nothing is compiled anew at every start.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, cwd=cwd, env=variables | environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    seconds = time.perf_counter() - started
    return Took(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _best(rounds: list[Took]) -> Took:
    return min(rounds, key=lambda took: took.seconds)


@pytest.fixture
def url() -> Iterator[str]:
    """A provider on loopback, in a process of its own."""
    command = [sys.executable, str(HERE / "loopback.py"), str(LATENCY_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        process.kill()


def _seen(url: str) -> tuple[int, float]:
    """Requests since it was last asked, and when the first one arrived."""
    with urllib.request.urlopen(url) as reply:  # noqa: S310 - our own server
        n_requests, first_at = json.load(reply)
    return n_requests, first_at


def _write(folder: Path, name: str, content: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _case(number: int) -> dict[str, object]:
    name = f"case-{number:04d}"
    texts = [" ".join(WORDS[(number + k * j) % 8] for j in range(6 + 2 * k)) for k in range(4)]
    answers = [{"answer_id": f"{name}-{'abcd'[k]}", "text": {"en": text}} for k, text in enumerate(texts)]
    return {
        "case_id": name,
        "title": {"en": "Many"},
        "conflict": {"en": "none"},
        "stakes": "subtle",
        "message": {"en": f"Case {number}?"},
        "answers": answers,
    }


def _write_content(folder: Path, url: str) -> None:
    """500 cases of four answers, and one judge for each way."""
    both = {"en": "Many"}
    cases = [_case(number) for number in range(N_CASES)]
    described = {"set_id": "many", "title": both, "description": both, "languages": ["en"], "n_grades": 4}
    order = {"case_order": [case["case_id"] for case in cases]}
    provenance = {"provenance": {"kind": "invented", "date": "2026-11-21"}}
    _write(folder, "cases/many/set.json", described | order | provenance)
    for case in cases:
        _write(folder, f"cases/many/{case['case_id']}.json", case)
    for way in ("litellm", "direct"):
        limits = {"limits": {"concurrency": N_IN_FLIGHT}, "mechanism": "text", "transport": way}
        judge = {"judge_id": way, "model_id": "openai/bench", "api_base": url} | limits
        _write(folder, f"prompts/judges/{way}.json", judge)
        for name, case_set in (("many", "many"), ("few", "annotator")):
            part = {"part_id": "all", "judges": [way], "rulebooks": ["none"], "languages": ["en"]}
            title = {"experiment_id": f"{name}-{way}", "title": both, "case_set": case_set, "seed": 1}
            _write(folder, f"prompts/experiments/{name}-{way}.json", title | {"parts": [part]})


def _run(folder: Path, experiment: str, target: str) -> Took:
    arguments = ["-m", "harness", "run", experiment, "-o", target, "--quiet"]
    return _whole_process(arguments, folder, HARNESS_CONTENT=str(folder))


def _bare(folder: Path, client: str, url: str) -> Took:
    return _whole_process([str(HERE / "bare_loop.py"), client, url, str(N_CALLS), str(N_IN_FLIGHT)], folder)


def _check(folder: Path, target: str) -> None:
    """Every verdict is there and was read."""
    verdicts = (folder / target / "verdicts.jsonl").read_text().splitlines()
    assert len(verdicts) == N_CALLS
    assert not [line for line in verdicts if '"grades"' not in line]


def test_two_thousand_calls(measured: Measure, url: str, tmp_path: Path, say: Say) -> None:
    """Whole processes, in turns, so that each round compares what the machine was like at that time."""
    _write_content(tmp_path, url)
    took: dict[str, list[Took]] = {name: [] for name in ("aiohttp", "bare", "litellm", "direct", "rerun")}

    def rounds() -> float:
        for number in range(ROUNDS):
            took["aiohttp"].append(_bare(tmp_path, "aiohttp", url))
            took["bare"].append(_bare(tmp_path, "litellm", url))
            _seen(url)
            for way in ("litellm", "direct"):
                took[way].append(_run(tmp_path, f"many-{way}", f"{way}-{number}"))
                assert _seen(url)[0] == N_CALLS
                _check(tmp_path, f"{way}-{number}")
            took["rerun"].append(_run(tmp_path, "many-direct", f"direct-{number}"))
            assert _seen(url)[0] == 0
        return _best(took["direct"]).seconds

    measured(rounds)
    beside = [ours.seconds / bare.seconds for ours, bare in zip(took["litellm"], took["bare"], strict=True)]
    work = [ours.cpu_s / bare.cpu_s for ours, bare in zip(took["litellm"], took["bare"], strict=True)]
    names = {
        "aiohttp": "bare aiohttp loop",
        "bare": "bare litellm loop",
        "litellm": "ours through litellm",
        "direct": "ours, transport: direct",
        "rerun": "ours, all recorded",
    }
    say(f"{N_CALLS:,} calls, {N_IN_FLIGHT} in flight, {LATENCY_MS} ms each; best of {ROUNDS} rounds:")
    for name, words in names.items():
        say(f"  {words}: {_best(took[name])}")
    say(f"  ours through litellm beside the bare loop, median: {median(beside):.2f} x in time")
    say(f"  and {median(work):.2f} x in time of the processor")


def test_the_first_request(measured: Measure, url: str, tmp_path: Path, say: Say) -> None:
    """From the start of the command to the arrival of its first request, for the shipped cases."""
    _write_content(tmp_path, url)
    waited: list[float] = []

    def rounds() -> float:
        for number in range(ROUNDS + 1):
            started = time.time()
            _run(tmp_path, "few-direct", f"few-{number}")
            waited.append(_seen(url)[1] - started)
        return min(waited)

    measured(rounds)
    say(f"first request with transport: direct, best of {ROUNDS}: {min(waited[1:]):.2f} s after the start")
