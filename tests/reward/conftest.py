"""Runs whose people have a taste that can be learned: the longer answer, and never a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.schema import Answer, Case, Cell, RankedVerdict
from harness.store.folder import RunFolder

SHIPPED = Path(__file__).resolve().parents[2] / "results" / "local-judges"
LETTERS = "abcd"

Taste = Callable[[str], float]


def made_case(number: int) -> Case:
    """A situation of its own with four answers of different lengths, one of them a refusal."""
    rng = np.random.default_rng(number)
    name = f"made-{number:02}"
    answers = []
    for letter, size in zip(LETTERS, rng.permutation([4, 9, 14, 22]), strict=True):
        words = " ".join(f"word{number}{letter}{place}" for place in range(size))
        refused = "I can't help with that: " if letter == LETTERS[number % 4] else ""
        answers.append(Answer(answer_id=f"{name}-{letter}", text={"en": f"{refused}{words}."}))
    return Case(
        case_id=name,
        title={"en": f"Situation {number}"},
        message={"en": f"What about matter number {number}?"},
        answers=tuple(answers),
    )


def long_and_willing(text: str) -> float:
    """What these people like."""
    return len(text.split()) / 4.0 - (6.0 if "can't" in text else 0.0)


def votes(cases: Sequence[Case], taste: Taste, n_people: int = 4, noise: float = 0.7) -> list[RankedVerdict]:
    """Each person ranks every case by the taste and some noise of his or her own."""
    found = []
    for who in range(n_people):
        rng = np.random.default_rng(100 + who)
        for case in cases:
            heard = [taste(answer.text["en"]) + noise * rng.gumbel() for answer in case.answers]
            places = np.argsort(np.argsort(heard))
            cell = Cell(
                annotator_id=f"person-{who}",
                annotator_kind="person",
                case_id=case.case_id,
                rulebook_id="hhh",
                language="en",
                simulated=True,
            )
            names = [answer.answer_id for answer in case.answers]
            grades = {name: float(place + 1) for name, place in zip(names, places, strict=True)}
            found.append(RankedVerdict(cell=cell, grades=grades))
    return found


def made_source(n_cases: int = 14, taste: Taste = long_and_willing, n_people: int = 4) -> ComparisonSource:
    """A run of made cases without a judge's verdict, and its people."""
    cases = tuple(made_case(number) for number in range(n_cases))
    manifest = RunFolder(SHIPPED).read_manifest()
    order = tuple(case.case_id for case in cases)
    case_set = manifest.case_set.model_copy(
        update={"set_id": "made", "languages": ("en",), "case_order": order}
    )
    return ComparisonSource(
        manifest=manifest.model_copy(update={"run_id": "made", "case_set": case_set}),
        cases=cases,
        verdicts=(),
        store_sha256="0" * 64,
        people=tuple(votes(cases, taste, n_people)),
    )


@pytest.fixture(scope="session")
def source() -> ComparisonSource:
    """Fourteen situations, four people."""
    return made_source()
