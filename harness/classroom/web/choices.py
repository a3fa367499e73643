"""What a new lesson can be made of: case sets, rulebooks, recorded runs."""

from __future__ import annotations

import asyncio
from typing import Any

from harness.classroom.desk import RecordedRun, recorded_runs
from harness.classroom.judges import run_roots
from harness.load.content import load_case_set, load_rulebooks
from harness.load.roots import known_case_sets
from harness.schema import Case, Language, Localised

RETENTIONS_H = (1, 4, 24, 72, 168, 720)
"""Hours that the form offers; the command line takes any."""
MOST_CASES = 24
PRESET_CASES = 6
FIRST_SET = "annotator"


async def lesson_choices(language: Language) -> dict[str, Any]:
    """The choices as plain values in one language; read in a thread, for files are read."""
    return await asyncio.to_thread(_choices, language)


def _choices(language: Language) -> dict[str, Any]:
    names = sorted(known_case_sets(), key=lambda name: (name != FIRST_SET, name))
    rulebooks = [
        {
            "rulebook_id": one.rulebook_id,
            "title": _in(one.title, language),
            "summary": _in(one.summary, language),
        }
        for one in load_rulebooks()
    ]
    return {"sets": [_set(name, language) for name in names], "rulebooks": rulebooks}


def _set(name: str, language: Language) -> dict[str, Any]:
    case_set, cases = load_case_set(name)
    return {
        "set_id": case_set.set_id,
        "title": _in(case_set.title, language),
        "description": _in(case_set.description, language),
        "languages": list(case_set.languages),
        "cases": [_case(case, language) for case in cases],
        "preset": len(cases) if len(cases) <= MOST_CASES else PRESET_CASES,
        "runs": shown_runs(case_set.set_id, language),
    }


def _case(case: Case, language: Language) -> dict[str, Any]:
    conflict = _in(case.conflict, language) if case.conflict else None
    return {"case_id": case.case_id, "title": _in(case.title, language), "conflict": conflict}


def shown_runs(case_set: str, language: Language) -> list[dict[str, Any]]:
    """Recorded runs of a case set, newest first, as plain values."""
    return [_run(run, language) for run in recorded_runs(run_roots(), case_set)]


def _run(run: RecordedRun, language: Language) -> dict[str, Any]:
    return {
        "name": run.name,
        "title": _in(run.title, language),
        "judges": run.judges,
        "n_verdicts": run.n_verdicts,
        "date": run.created_at[:10],
    }


def _in(texts: Localised, language: Language) -> str:
    """A text in a language, or in the one that it has."""
    return texts.get(language) or next(iter(texts.values()))
