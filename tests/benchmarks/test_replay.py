"""From 100,000 recorded verdicts to comparison.json, as a user does it: two commands."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Measure = Callable[[Callable[[], float]], float]

N_CASES = 1_000
JUDGES = ("longest", "first-slot", "random", "tied", "obeys")
RULEBOOKS = ("hhh", "none", "placebo", "helpful-first", "caution-first")
WORDS = ("calm", "clear", "kind", "short", "plain", "warm", "brief", "frank")


def _write_content(folder: Path) -> None:
    cases = folder / "cases" / "many"
    cases.mkdir(parents=True)
    (folder / "prompts" / "judges").mkdir(parents=True)
    (folder / "prompts" / "experiments").mkdir()
    both = {"en": "Many"}
    names = [f"case-{number:04d}" for number in range(N_CASES)]
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


def _harness(folder: Path, *arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        check=True,
        cwd=folder,
        env=os.environ | {"HARNESS_CONTENT": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def test_replay_of_100_000_verdicts(measured: Measure, tmp_path: Path, say: Callable[[str], None]) -> None:
    """Two commands on 1,000 cases x 5 simulated judges x 5 rulebooks x 4 presentations."""
    _write_content(tmp_path)
    recorded = _harness(tmp_path, "run", "many", "-o", "run", "-q")
    replayed = measured(lambda: _harness(tmp_path, "replay", "run", "-q"))
    compared = _harness(tmp_path, "compare", "run", "--json")
    n_verdicts = sum(1 for _ in (tmp_path / "run" / "verdicts.jsonl").open("rb"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    say(
        f"{n_verdicts:,} simulated verdicts: recorded {recorded:.0f} s; replayed {replayed:.1f} s "
        f"({n_verdicts / replayed:,.0f}/s); compared {compared:.1f} s; peak memory {peak:,.0f} MB"
    )
