"""A lesson as its screens get it: pupils and judges with known leanings, at any stage and phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.classroom.closing import load_closing, published_agreement
from harness.classroom.content import Shelf
from harness.classroom.phases import Answered, may_see, start
from harness.classroom.said import Said
from harness.classroom.scenes import Lesson
from harness.compare.class_judges import Panel
from harness.schema import Cell, FailedVerdict, JudgeSpec, RankedVerdict, ResolvedJudge, Rulebook, Verdict
from harness.schema.classroom import ClassSession, ClassSettings

CASES = ("ibuprofen", "screens", "poison-novel", "language")
LessonOf = Callable[..., Lesson]


def _people(settings: ClassSettings, answers: dict[str, tuple[str, ...]], n: int) -> list[RankedVerdict]:
    rng = np.random.default_rng(2)
    found = []
    for number in range(n):
        for case_id in settings.case_ids:
            for vote in (1, 2):
                best = [4, 3, 2, 1] if number % 4 or vote == 2 else list(rng.permutation([4, 3, 2, 1]))
                cell = Cell(
                    annotator_id=f"pupil-{number}",
                    annotator_kind="person",
                    case_id=case_id,
                    rulebook_id=settings.rulebooks[number % len(settings.rulebooks)],
                    language=settings.language,
                    phase=vote,
                    session="s",
                    simulated=settings.simulated,
                )
                grades = dict(zip(answers[case_id], map(float, best), strict=True))
                found.append(RankedVerdict(cell=cell, grades=grades))
    return found


def _judges(settings: ClassSettings, answers: dict[str, tuple[str, ...]]) -> list[Verdict]:
    """`near` orders as the class does, `far` the other way round, `mute` cannot be read."""
    found: list[Verdict] = []
    for judge_id, order in (("near", [4, 3, 2, 1]), ("far", [1, 2, 3, 4]), ("mute", [])):
        for rulebook_id in ("hhh", "helpful-first"):
            for case_id in settings.case_ids:
                for repeat in range(2):
                    cell = Cell(
                        annotator_id=judge_id,
                        annotator_kind="judge",
                        case_id=case_id,
                        rulebook_id=rulebook_id,
                        language=settings.language,
                        protocol="listwise",
                        repeat=repeat,
                    )
                    turned = order[::-1] if rulebook_id == "helpful-first" and judge_id == "far" else order
                    grades = dict(zip(answers[case_id], map(float, turned), strict=bool(turned)))
                    found.append(
                        RankedVerdict(cell=cell, grades=grades)
                        if order
                        else FailedVerdict(cell=cell, failure="unparsable", message="no grades")
                    )
    return found


@pytest.fixture
def lesson_of() -> LessonOf:
    """Give what makes lessons, with whatever a test changes of their state and settings."""
    shelf, closing = Shelf(), load_closing()

    def make(
        n: int = 12,
        phase: str = "class",
        names: dict[str, str] | None = None,
        **changed: Any,  # noqa: ANN401 - whatever states and settings may hold
    ) -> Lesson:
        kept = {"language": "fr", "case_ids": CASES, "rulebooks": ("hhh",)}
        of_settings = {
            name: changed.pop(name) for name in list(changed) if name in ClassSettings.model_fields
        }
        settings = ClassSettings.model_validate({**kept, **of_settings})
        content = shelf.of(settings)
        phases = dict.fromkeys(CASES, phase)
        state = start(settings).model_copy(update={"stage": "cases", "phases": phases, **changed})
        session = ClassSession(
            session_id="s",
            code="K7QP",
            settings=settings,
            state=state,
            seed=3,
            created_at="2026-11-22T08:00:00+00:00",
            expires_at="2026-11-23T08:00:00+00:00",
        )
        called = names or {"near": "Près", "far": "Loin", "mute": "Muet"}
        specs = [
            JudgeSpec(judge_id=one, title=title, model_id=f"test/{one}") for one, title in called.items()
        ]
        judges = tuple(ResolvedJudge.model_construct(spec=spec) for spec in specs)
        answers = dict(content.answers)
        people = _people(settings, answers, n)

        def read(case_id: str) -> list[RankedVerdict]:
            return [one for one in people if one.cell.case_id == case_id]

        books: dict[str, Rulebook] = {book.rulebook_id: book for book in content.rulebooks}
        return Lesson(
            session=session,
            content=content,
            said=Said(content, settings.rulebooks, read),
            hands=(),
            panel=Panel(tuple(_judges(settings, answers)), called),
            judges=judges,
            rulebooks=books,
            sights={name: may_see("projector", state, name, Answered(n, n, n // 2)) for name in CASES},
            published=published_agreement(closing),
        )

    return make
