"""Invented pupils, for a teacher who wants to see every screen beforehand; marked as such everywhere."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from harness.classroom import admission, codes
from harness.classroom.cards import rulebook_for
from harness.classroom.content import LessonContent
from harness.classroom.store.base import ClassStore, Credentials
from harness.errors import GradeRefusedError
from harness.schema import Case
from harness.schema.classroom import Ballot, ClassSession, Vote

NOISE = 0.9
"""Spread of a pupil's grades around what most find, in grades."""
EMPLOYER = 0.7
"""Spread of what another employer changes, in grades."""
P_MOVES = 0.35
"""How often talking moves a grade one step towards the class."""
_KINDS: tuple[tuple[Literal["usual", "contrary", "careless", "hasty"], float], ...] = (
    ("usual", 0.74),
    ("contrary", 0.10),
    ("careless", 0.06),
    ("hasty", 0.10),
)

Said = dict[str, dict[str, int]]
"""case_id -> answer_id -> grade."""


@dataclass(frozen=True)
class Invented:
    """What one invented pupil says, in each vote."""

    said: Mapping[Vote, Said]
    seconds: Mapping[str, float]


def invent(session: ClassSession, content: LessonContent, n_pupils: int, seed: int) -> tuple[Invented, ...]:
    """Invent pupils: most grade around the author's key, some against it, some carelessly, some leave gaps.

    The same session, number and seed invent the same pupils. Raises GradeRefusedError where the session is no
    rehearsal: an invented pupil among people would be a lie.
    """
    if not session.settings.simulated:
        raise GradeRefusedError("no_rehearsal", "invented pupils exist in rehearsals only")
    if not 1 <= n_pupils <= admission.MAX_PUPILS:
        raise GradeRefusedError("invalid", f"1 to {admission.MAX_PUPILS} pupils can be invented")
    # not the session's own seed: a rehearsal looks the same every time
    rng = random.Random(f"rehearsal/{seed}")
    rulebooks = [
        rulebook_for(session.settings.rulebooks, session.seed, number) for number in range(1, n_pupils + 1)
    ]
    tastes = {name: _taste(content.cases, name, session.settings.rulebooks, seed) for name in set(rulebooks)}
    first = [_grade_all(content, tastes[rulebook], rng) for rulebook in rulebooks]
    second = _talked(first, content, rng) if session.settings.second_vote else [{} for _ in first]
    return tuple(
        Invented({1: alone, 2: talked}, {case_id: _seconds(rng) for case_id in content.answers})
        for alone, talked in zip(first, second, strict=True)
    )


def fill(store: ClassStore, session: ClassSession, invented: Iterable[Invented]) -> None:
    """Put invented pupils and their ballots into a session."""
    make = partial(admission.new_pupil, session, entry="rehearsal")
    for one in invented:
        credentials = Credentials(codes.digest(codes.new_token()), codes.digest(codes.new_token()))
        pupil = store.add_pupil(session.session_id, make, credentials)
        ballots = [
            Ballot(
                pupil_id=pupil.pupil_id,
                case_id=case_id,
                vote=vote,
                grades=grades,
                seconds=one.seconds[case_id],
            )
            for vote, said in one.said.items()
            for case_id, grades in said.items()
            if grades
        ]
        store.put_ballots(session.session_id, ballots)


def _taste(cases: Sequence[Case], rulebook_id: str, rulebooks: Sequence[str], seed: int) -> dict[str, float]:
    """What most find of each answer under a rulebook: around the author's key, shifted by the employer."""
    taste: dict[str, float] = {}
    for case in cases:
        key = case.author_key or tuple((answer.answer_id,) for answer in case.answers)
        n_steps = max(len(key) - 1, 1)
        for place, tier in enumerate(key):
            for answer_id in tier:
                shift = random.Random(f"{seed}/{rulebook_id}/{answer_id}").gauss(0, EMPLOYER)
                usual = 4 - 3 * place / n_steps
                taste[answer_id] = usual + (shift if rulebook_id != rulebooks[0] else 0.0)
    return taste


def _grade_all(content: LessonContent, taste: Mapping[str, float], rng: random.Random) -> Said:
    kind = rng.choices([name for name, _ in _KINDS], [share for _, share in _KINDS])[0]
    # the hasty stop before the end, and skip an answer here and there
    n_cases = len(content.cases) if kind != "hasty" else rng.randint(1, len(content.cases))
    said: Said = {}
    for case_id, answer_ids in list(content.answers.items())[:n_cases]:
        said[case_id] = {
            answer_id: _grade(kind, taste[answer_id], content.case_set.n_grades, rng)
            for answer_id in answer_ids
            if kind != "hasty" or rng.random() > 0.15
        }
    return said


def _grade(kind: str, found: float, n_grades: int, rng: random.Random) -> int:
    if kind == "careless":
        return rng.randint(1, n_grades)
    middle = 5 - found if kind == "contrary" else found
    # taste runs from 1 to 4, whatever the set's scale
    scaled = 1 + (middle + rng.gauss(0, NOISE) - 1) * (n_grades - 1) / 3
    return min(max(round(scaled), 1), n_grades)


def _talked(first: Sequence[Said], content: LessonContent, rng: random.Random) -> list[Said]:
    """The second vote: now and then a grade moves one step towards the class's mean."""
    means: dict[str, float] = {}
    for case_id, answer_ids in content.answers.items():
        for answer_id in answer_ids:
            given = [said[case_id][answer_id] for said in first if answer_id in said.get(case_id, {})]
            means[answer_id] = sum(given) / len(given) if given else 0.0
    return [
        {
            case_id: {name: _moved(grade, means[name], rng) for name, grade in grades.items()}
            for case_id, grades in said.items()
        }
        for said in first
    ]


def _moved(grade: int, mean: float, rng: random.Random) -> int:
    if rng.random() > P_MOVES or abs(mean - grade) < 0.5:
        return grade
    return grade + (1 if mean > grade else -1)


def _seconds(rng: random.Random) -> float:
    """Between twenty seconds and some minutes, as people take."""
    return round(min(max(rng.lognormvariate(4.1, 0.5), 12.0), 600.0), 1)
