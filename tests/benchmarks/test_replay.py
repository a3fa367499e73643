"""From recorded verdicts to comparison.json and a report, as a user does it, in several sizes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.judge.scripted import ScriptedJudge
from harness.load.content import load_experiment
from harness.run.content import Content, gather_content
from harness.run.plan import plan_cells
from harness.schema import (
    Experiment,
    Manifest,
    Message,
    Recording,
    ResolvedJudge,
    canonical_json,
    digest_request,
)
from harness.store.folder import RunFolder
from harness.store.lines import pack, text_payload
from harness.store.shards import write_shards

Measure = Callable[[Callable[[], float]], float]

SIZES = (10, 100, 1_000)
"""Cases; each is a hundred verdicts."""
MILLION = 10_000
NO_MILLION = "HARNESS_BENCH_NO_MILLION"
"""Set this variable to leave the million out: it takes a quarter of an hour, 2 GB of disk and of memory."""
JUDGES = ("longest", "first-slot", "random", "tied", "obeys")
RULEBOOKS = ("hhh", "none", "placebo", "helpful-first", "caution-first")
WORDS = ("calm", "clear", "kind", "short", "plain", "warm", "brief", "frank")


def _write_content(folder: Path, n_cases: int) -> None:
    cases = folder / "cases" / "many"
    cases.mkdir(parents=True)
    (folder / "prompts" / "judges").mkdir(parents=True)
    (folder / "prompts" / "experiments").mkdir()
    both = {"en": "Many"}
    names = [f"case-{number:04d}" for number in range(n_cases)]
    provenance = {"kind": "invented", "date": "2026-11-21"}
    many = {"set_id": "many", "title": both, "description": both, "languages": ["en"], "n_grades": 4}
    (cases / "set.json").write_text(json.dumps(many | {"case_order": names, "provenance": provenance}))
    for number, name in enumerate(names):
        texts = [" ".join(WORDS[(number + k * j) % 8] for j in range(20 + 5 * k)) for k in range(4)]
        answers = [{"answer_id": f"{name}-{'abcd'[k]}", "text": {"en": text}} for k, text in enumerate(texts)]
        tiers = [[answer["answer_id"]] for answer in answers]
        case = {
            "case_id": name,
            "title": both,
            "conflict": both,
            "stakes": "subtle",
            "message": {"en": f"Case {number}?"},
        }
        (cases / f"{name}.json").write_text(json.dumps(case | {"answers": answers, "author_key": tiers}))
    for name in JUDGES:
        spec = {"judge_id": name, "model_id": f"scripted/{name}", "limits": {"concurrency": 64}}
        (folder / "prompts" / "judges" / f"{name}.json").write_text(json.dumps(spec))
    part = {"part_id": "all", "judges": JUDGES, "rulebooks": RULEBOOKS, "languages": ["en"]}
    experiment = {"experiment_id": "many", "title": both, "case_set": "many", "seed": 1, "parts": [part]}
    (folder / "prompts" / "experiments" / "many.json").write_text(json.dumps(experiment))


async def _record(folder: Path) -> None:
    """Recordings of simulated (scripted) judges, the bytes that `harness run` exports, without its store."""
    experiment = load_experiment("many")
    content = gather_content(experiment)
    run = RunFolder(folder / "run")
    run.write_manifest(_manifest(experiment, content))
    judges = {name: ScriptedJudge(spec) for name, spec in content.judges.items()}
    answers: dict[str, bytes] = {}
    texts: dict[str, Message] = {}
    for cell in plan_cells(experiment, content, {name: {} for name in judges}):
        for call in cell.calls:
            completion = await judges[cell.spec.judge_id].complete(call.request)
            request = digest_request(call.request)
            texts.update(zip((one.sha256 for one in request.messages), call.messages, strict=True))
            recording = Recording(key=call.key, request=request, origin=call.origin, completion=completion)
            answers[call.key] = canonical_json(recording)
    write_shards(
        run.cassette_path,
        (pack(answers[key]) for key in sorted(answers)),
        (pack(text_payload(sha256, texts[sha256].content)) for sha256 in sorted(texts)),
    )


def _elsewhere(record: Callable[[Path], Coroutine[None, None, None]], folder: Path) -> None:
    """In a process of its own: the peaks of commands begin with what this process has in memory."""
    process = get_context("fork").Process(target=lambda: asyncio.run(record(folder)))
    process.start()
    process.join()
    assert process.exitcode == 0


def _manifest(experiment: Experiment, content: Content) -> Manifest:
    return Manifest(
        run_id="run",
        created_at="2026-11-22T00:00:00+00:00",
        harness_version="0",
        experiment=experiment,
        case_set=content.case_set,
        judges=tuple(ResolvedJudge(spec=spec) for spec in content.judges.values()),
        files=content.files,
        versions={},
    )


class Took(NamedTuple):
    """What a whole process took."""

    seconds: float
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s (processor {self.cpu_s:.1f} s, {self.peak_mb:,.0f} MB)"


_SMALLER: dict[int, dict[str, Took]] = {}
"""Number of verdicts -> what the commands took, of the sizes measured so far."""


def _growth(n_verdicts: int, took: dict[str, Took]) -> str:
    """Processor time of each verdict beyond the size before: always the same where cost is linear."""
    before = max((n for n in _SMALLER if n < n_verdicts), default=None)
    if before is None:
        return ""
    more = n_verdicts - before
    each = {name: (one.cpu_s - _SMALLER[before][name].cpu_s) / more for name, one in took.items()}
    told = ", ".join(f"{name} {1e6 * seconds:.0f}" for name, seconds in each.items())
    return f"; microseconds of each verdict beyond {before:,}: {told}"


def _harness(folder: Path, *arguments: str) -> Took:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=folder,
        env=os.environ | {"HARNESS_CONTENT": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return Took(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


@pytest.mark.parametrize(
    "n_cases",
    [
        *SIZES,
        pytest.param(
            MILLION,
            marks=pytest.mark.skipif(bool(os.environ.get(NO_MILLION)), reason=f"{NO_MILLION} is set"),
        ),
    ],
)
def test_recorded_verdicts_to_a_report(
    measured: Measure,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[str], None],
    n_cases: int,
) -> None:
    """Commands on n cases x 5 simulated judges x 5 rulebooks x 4 presentations, one after the other."""
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path))
    _write_content(tmp_path, n_cases)
    _elsewhere(_record, tmp_path)
    took = {"replay": _harness(tmp_path, "replay", "run", "-q")}
    measured(lambda: took.setdefault("compare", _harness(tmp_path, "compare", "run", "--json")).seconds)
    # A report finds the comparison that `compare` kept.
    took["report"] = _harness(tmp_path, "report", "run")
    n_verdicts = sum(1 for _ in (tmp_path / "run" / "verdicts.jsonl").open("rb"))
    assert n_verdicts == 100 * n_cases
    parts = "; ".join(f"{name} {one}" for name, one in took.items())
    whole = sum(one.seconds for one in took.values())
    say(f"{n_verdicts:,} simulated verdicts: {parts}; together {whole:.1f} s{_growth(n_verdicts, took)}")
    _SMALLER[n_verdicts] = took
    shutil.rmtree(tmp_path / "run")  # a million are 2 GB, and temporary folders stay
