"""`kill -9` at random moments of runs that ask a real server; the server counts what is asked twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.schema import JudgeSpec
from harness.store import WorkStore

if TYPE_CHECKING:
    from tests.conftest import Bench, Done
    from tests.faults.conftest import Served

FROZEN = Path(__file__).with_name("frozen.py")
CONCURRENCY = {"steady": 8, "other": 4}
N_CASES = 6
N_CALLS = N_CASES * 3 * 6 * len(CONCURRENCY)
LATENCY_S = 0.02
LONGEST_LIFE_S = 120.0
TRANSPORT = "transport: direct\n" if "transport" in JudgeSpec.model_fields else ""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

Call = tuple[str, str]
"""Model and prompt: what the provider knows a call by."""
Serve = Callable[..., "Served"]
Command = Callable[..., "Done"]
Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def provider(bench: Bench, serve: Serve) -> Served:
    """Give a provider that always answers after a moment, and an experiment of two judges that ask it."""
    served = serve("provider", "--latency-s", str(LATENCY_S))
    names = [f"case-{number}" for number in range(N_CASES)]
    for name in names:
        bench.write_case(name, (f"About {name}.", "A longer reply.", "The longest reply of all."))
    for name in ("doctor", "garden"):
        (bench.root / f"cases/mini/{name}.yaml").unlink()
    case_set = (bench.root / "cases/mini/set.yaml").read_text("utf-8")
    bench.write("cases/mini/set.yaml", case_set.replace("[doctor, garden]", f"[{', '.join(names)}]"))
    for judge_id, concurrency in CONCURRENCY.items():
        bench.write_judge(
            judge_id,
            f"openai/{judge_id}",
            f"api_base: {served.url}\nservice: {judge_id}\n{TRANSPORT}"
            f"limits: {{concurrency: {concurrency}}}\n",
        )
    bench.write_experiment(*CONCURRENCY, rulebooks="hhh, none, placebo")
    return served


@dataclass
class Series:
    """One run that is killed again and again, and what the provider saw in each of its lives."""

    folder: Path
    provider: Served
    rng: random.Random
    lives: list[set[Call]] = field(default_factory=list)
    kept: list[set[Call]] = field(default_factory=list)
    """For each kill, the calls whose answers were on the disk."""
    phases: Counter[str] = field(default_factory=Counter)

    def kill_once(self) -> bool:
        """Let the run live until a random moment, then kill it with all it started; False: it was over."""
        before = len(self.provider.requests())
        with self._process() as process:
            self._wait(process, before)
            alive = process.poll() is None
            if alive:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(0.1)  # what was already sent is still read by the provider
        self._note(before)
        self.kept.append(_recorded(self.folder))
        if alive:
            when = "after its last call" if self._whole() else "among its calls"
            self.phases[when if self.lives[-1] else "before its first call"] += 1
        return alive

    def finish(self) -> int:
        """Let the run live to its end; its exit code."""
        before = len(self.provider.requests())
        with self._process() as process:
            code = process.wait(LONGEST_LIFE_S)
        self._note(before)
        return code

    def _process(self) -> subprocess.Popen[bytes]:
        arguments = ["run", "mini", "-o", str(self.folder), "--quiet"]
        return subprocess.Popen(
            [sys.executable, str(FROZEN), *arguments], start_new_session=True, stdout=subprocess.DEVNULL
        )

    def _wait(self, process: subprocess.Popen[bytes], before: int) -> None:
        """Wait for some number of calls, and a little; or, one time in four, for some time."""
        by_time = self.rng.random() < 0.25
        n_left = N_CALLS - len(set().union(*self.lives))
        n_calls = 0 if by_time else self.rng.randint(1, max(1, n_left))
        pause_s = self.rng.uniform(0, 2.0 if by_time else 0.05)
        while process.poll() is None and len(self.provider.requests()) - before < n_calls:
            time.sleep(0.01)
        until = time.monotonic() + pause_s
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)

    def _note(self, before: int) -> None:
        lines = self.provider.requests()[before:]
        seen = {(line["model"], line["prompt"]) for line in lines}
        assert len(seen) == len(lines), "asked twice in one life"
        self.lives.append(seen)

    def _whole(self) -> bool:
        return len(set().union(*self.lives)) == N_CALLS

    def repeats(self) -> list[int]:
        """For each life, how many of its calls a later life made again."""
        later = [set[Call]().union(*self.lives[n + 1 :]) for n in range(len(self.lives))]
        return [len(seen & after) for seen, after in zip(self.lives, later, strict=True)]


def check_series(series: Series, n_kills: int, command: Command) -> None:
    """Kill, resume to the end, and look at what was kept and what was paid for twice."""
    for _ in range(n_kills):
        if not series.kill_once():
            break
    assert series.finish() == 0
    assert len(set().union(*series.lives)) == N_CALLS
    assert max(series.repeats()) <= sum(CONCURRENCY.values())
    for number, kept in enumerate(series.kept, start=1):
        assert kept.isdisjoint(set().union(*series.lives[number:])), "asked again for what was kept"
    assert command("compare", series.folder, "--reference", "none").code == 0


def _recorded(folder: Path) -> set[Call]:
    """Calls whose answers a killed run kept; its store opens, whatever happened to the process."""
    if not (folder / ".work.sqlite").exists():
        return set()
    with WorkStore(folder / ".work.sqlite") as store:
        return {
            (one.request.model_id.partition("/")[2], " ".join(text.sha256 for text in one.request.messages))
            for one in store.recordings()
        }


def check_kills(
    provider: Served, n_kills: int, n_per_run: int, tools: tuple[Command, Contents]
) -> dict[str, Any]:
    """Runs that are killed several times each, against one that nobody killed; what was seen."""
    command, contents = tools
    whole = Series(Path("whole/run"), provider, random.Random(0))
    assert whole.finish() == 0
    assert command("compare", whole.folder, "--reference", "none").code == 0
    expected = contents(whole.folder)
    assert {"verdicts.jsonl", "comparison.json"} <= set(expected)
    repeats: list[int] = []
    phases: Counter[str] = Counter()
    for number in count():
        if phases.total() >= n_kills:
            break
        series = Series(Path(f"killed-{number}/run"), provider, random.Random(number))
        check_series(series, min(n_per_run, n_kills - phases.total()), command)
        assert contents(series.folder) == expected
        repeats += series.repeats()
        phases += series.phases
    most = max(repeats)
    return {"runs": number, "kills": dict(phases), "made twice": sum(repeats), "most after one kill": most}


def test_a_run_killed_twice_ends_as_if_nothing_had_happened(
    provider: Served, command: Command, contents: Contents
) -> None:
    """Two kills: the same bytes, and no more calls twice than were in flight."""
    check_kills(provider, 2, 2, (command, contents))


@pytest.mark.slow
def test_fifty_kills(provider: Served, command: Command, contents: Contents) -> None:
    """Fifty kills at random moments of ten runs and more: always the same bytes, comparison included."""
    seen = check_kills(provider, 50, 5, (command, contents))
    assert sum(seen["kills"].values()) == 50
    print(seen)  # noqa: T201 - the figures of docs/reliability.md, shown by pytest -s
