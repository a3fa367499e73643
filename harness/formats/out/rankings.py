"""`rankings`: one verdict per line, with its tiers, best first."""

from __future__ import annotations

from pydantic import JsonValue

from harness.formats.out.base import Choices, Lines, Material, Writer, Written
from harness.formats.out.choosing import left_out, n_failed, ranked, tiers
from harness.formats.out.registry import SUMMARIES
from harness.schema import RankedVerdict

_HOW = """\
`ranking` holds tiers of answer ids, best first; ids in one tier are tied. `grades` are as they were entered,
1 = worst. `phase` 1 is the first vote, alone; `repeat` counts how often the same was asked again."""


def write_rankings(material: Material, choices: Choices) -> Written:  # noqa: ARG001 - every writer's form
    """Every verdict that could be read."""
    rows = [ranking_row(verdict) for verdict in ranked(material.verdicts)]
    failed = n_failed(material.verdicts)
    return Written(
        files=(Lines("rankings.jsonl", rows),),
        counts={"rankings": len(rows), "failed": failed},
        notes=tuple(left_out("Verdicts that failed and rank nothing, left out", failed)),
        how_to_read=_HOW,
    )


def ranking_row(verdict: RankedVerdict) -> dict[str, JsonValue]:
    """One verdict as plain JSON, the same fields in every row."""
    cell = verdict.cell
    return {
        "case_id": cell.case_id,
        "ranking": [list(tier) for tier in tiers(verdict.grades)],
        "grades": [{"answer_id": name, "grade": grade} for name, grade in verdict.grades.items()],
        "annotator_id": cell.annotator_id,
        "annotator_kind": cell.annotator_kind,
        "simulated": cell.simulated,
        "rulebook_id": cell.rulebook_id,
        "wording": cell.wording,
        "language": cell.language,
        "session": cell.session,
        "phase": cell.phase,
        "repeat": cell.repeat,
        "seconds": verdict.seconds,
        "shown": list(verdict.presentation.order) if verdict.presentation is not None else [],
        "reason": verdict.reason,
    }


WRITER = Writer("rankings", SUMMARIES["rankings"], write_rankings)
