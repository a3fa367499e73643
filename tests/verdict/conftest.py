"""A judge's reply about four answers, read with everything else fixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.schema import Cell, Completion, FailedVerdict, Presentation, RankedVerdict
from harness.verdict import Expected, read_listwise

KEY = "0" * 64
ANSWER_IDS = ("c-a", "c-b", "c-c", "c-d")

Read = Callable[..., RankedVerdict | FailedVerdict]


@pytest.fixture(scope="session")
def cell() -> Cell:
    """Give the cell of one judge and case."""
    return Cell(
        annotator_id="j",
        annotator_kind="judge",
        case_id="c",
        rulebook_id="hhh",
        language="fr",
        protocol="listwise",
    )


@pytest.fixture(scope="session")
def expected() -> Expected:
    """Give what was asked for: four answers, grades 1 to 4, rules 1 to 5, an empty prompt."""
    return Expected(answer_ids=ANSWER_IDS, n_grades=4, rule_numbers=(1, 2, 3, 4, 5))


@pytest.fixture(scope="session")
def read(cell: Cell, expected: Expected) -> Read:
    """Give a reader of replies; the slots A to D show the answers b, d, a, c."""

    def read_reply(
        text: str, *, finish_reason: str = "stop", refusal: str | None = None, **asked: object
    ) -> object:
        completion = Completion(
            text=text,
            finish_reason=finish_reason,
            refusal=refusal,
            latency_s=0,
            completed_at="2026-11-21T00:00:00Z",
        )
        shown = Presentation(order=("c-b", "c-d", "c-a", "c-c"), slots=("A", "B", "C", "D"))
        return read_listwise(completion, shown, cell, replace(expected, **asked), KEY)  # type: ignore[arg-type]

    return read_reply  # type: ignore[return-value]
