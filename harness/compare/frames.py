"""A comparison as pandas tables, and tables as CSV, JSON, Markdown or Parquet; pandas is loaded here only.

Every estimate becomes six columns: its value under its own name, then `_low`, `_high` and `_target` of its
first interval, `_n`, and `_undefined` (why there is no number, or no interval).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from harness.compare.cells import escaped_json, markdown_cell, spreadsheet_frame
from harness.schema import (
    CaseReading,
    Comparison,
    Components,
    Estimate,
    FailureReason,
    Flag,
    Row,
    RulebookMove,
)

if TYPE_CHECKING:
    import pandas as pd

FrameKind = Literal["csv", "json", "markdown", "parquet"]
FRAME_KINDS: tuple[FrameKind, ...] = get_args(FrameKind)

Field = str | float | int | bool | None
_IDENTITY = (
    *("row_id", "kind", "annotator_id", "title", "simulated", "model_id", "protocol"),
    *("rulebook_id", "wording", "language", "n_planned", "n_ranked"),
)
_ESTIMATES = (
    *("tau_people", "floor", "alpha_k", "conflict", "hesitation", "delta_people", "gap", "retest"),
    *(
        "tie_share",
        "s1",
        "s2",
        "top1",
        "order_flips",
        "intransitive_triples",
        "tau_longest",
        "usd_per_1000",
        "seconds_per_1000",
    ),
)


def to_frame(comparison: Comparison) -> pd.DataFrame:
    """Give the table: one line per judge and rulebook, panel, person or key, and baseline."""
    return frame_of([_row_fields(row) for row in comparison.rows])


def to_case_frame(comparison: Comparison) -> pd.DataFrame:
    """Give one line per row of the table and case, with its order (first median, and how many there are)."""
    return frame_of(
        [{**_who(row), **_case_fields(reading)} for row in comparison.rows for reading in row.cases]
    )


def to_move_frame(comparison: Comparison) -> pd.DataFrame:
    """Give what each rulebook moved: one line per judge and rulebook (no case_id), then one per case."""
    return frame_of([fields for move in comparison.moves for fields in _move_fields(move)])


def to_share_frame(comparison: Comparison) -> pd.DataFrame:
    """Give the shares: one line per protocol and part, and the people's disagreement as part `human`."""
    return frame_of([fields for found in comparison.components for fields in _component_fields(found)])


def table_bytes(frame: pd.DataFrame, kind: FrameKind) -> bytes:
    """Write a table in one of four formats; text is UTF-8 with line feeds, Parquet needs pyarrow.

    In CSV a text that a spreadsheet would calculate has an apostrophe before it.
    """
    if kind == "parquet":
        return frame.to_parquet(index=False) or b""
    if kind == "csv":
        return spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n").encode()
    if kind == "json":
        text = frame.to_json(orient="records", force_ascii=False, double_precision=10)
        plain = json.dumps(json.loads(text or "[]"), ensure_ascii=False, indent=1)
        return (escaped_json(plain) + "\n").encode()
    return markdown(frame).encode()


def markdown(frame: pd.DataFrame, digits: int = 3) -> str:
    """Write a table as Markdown, without further packages; numbers rounded, what is missing left empty."""
    lines = [list(frame.columns), ["---"] * len(frame.columns)]
    records = json.loads(frame.to_json(orient="values", force_ascii=False, double_precision=10) or "[]")
    lines += [[_cell(field, digits) for field in record] for record in records]
    return "".join("| " + " | ".join(fields) + " |\n" for fields in lines)


def frame_of(records: Sequence[dict[str, Field]]) -> pd.DataFrame:
    """Make a table of lines."""
    import pandas as pd

    return pd.DataFrame.from_records(list(records)).convert_dtypes()


def _cell(field: Field, digits: int) -> str:
    if field is None:
        return ""
    if isinstance(field, float):
        return f"{field:.{digits}f}"
    return markdown_cell(str(field))


def estimate_fields(name: str, estimate: Estimate) -> dict[str, Field]:
    """Write an estimate as its six columns."""
    interval = estimate.intervals[0] if estimate.intervals else None
    return {
        name: estimate.value,
        f"{name}_low": interval.low if interval else None,
        f"{name}_high": interval.high if interval else None,
        f"{name}_target": interval.target if interval else None,
        f"{name}_n": estimate.n,
        f"{name}_undefined": estimate.undefined_because,
    }


def _who(row: Row) -> dict[str, Field]:
    return {name: getattr(row, name) for name in _IDENTITY if name not in ("n_planned", "n_ranked")}


def _row_fields(row: Row) -> dict[str, Field]:
    fields: dict[str, Field] = {name: getattr(row, name) for name in _IDENTITY}
    reasons: tuple[FailureReason, ...] = get_args(FailureReason)
    flags: tuple[Flag, ...] = get_args(Flag)
    fields.update({f"failed_{reason}": row.failures.get(reason, 0) for reason in reasons})
    fields.update({f"flag_{flag}": row.flags.get(flag, 0) for flag in flags})
    for name in _ESTIMATES:
        fields.update(estimate_fields(name, getattr(row, name)))
    effect = row.slot_effect
    fields["slot_effect"] = (
        json.dumps(dict(zip(effect.slots, effect.effects, strict=True))) if effect else None
    )
    fields["slot_effect_p"] = effect.test.p if effect and effect.test else None
    return fields


def _case_fields(reading: CaseReading) -> dict[str, Field]:
    return {
        "case_id": reading.case_id,
        "n_ranked": reading.n_ranked,
        "n_planned": reading.n_planned,
        "tau_people": reading.tau_people,
        "gap": reading.gap,
        "order": _order(reading.medians[0]) if reading.medians else None,
        "n_orders": len(reading.medians),
        "mid_ranks": json.dumps(reading.mid_ranks) if reading.mid_ranks else None,
    }


def _order(tiers: Sequence[Sequence[str]]) -> str:
    return " > ".join(" = ".join(tier) for tier in tiers)


def _move_fields(move: RulebookMove) -> list[dict[str, Field]]:
    who: dict[str, Field] = {
        "judge_id": move.judge_id,
        "protocol": move.protocol,
        "rulebook_id": move.rulebook_id,
        "wording": move.wording,
        "language": move.language,
    }
    overall = {
        **who,
        "case_id": None,
        **estimate_fields("gap", move.gap),
        **estimate_fields("net_gap", move.net_gap),
        **estimate_fields("towards_people", move.towards_people),
        "sign_flip_p": move.sign_flip_p,
    }
    return [overall, *({**who, **dict(case)} for case in move.cases)]


def _component_fields(found: Components) -> list[dict[str, Field]]:
    grid: dict[str, Field] = {
        "protocol": found.protocol,
        "wording": found.wording,
        "language": found.language,
        "n_judges": len(found.judge_ids),
        "n_rulebooks": len(found.rulebook_ids),
        "n_cases": len(found.case_ids),
        "n_runs": found.n_runs,
    }
    tests = {"model": found.model_test, "rulebook": found.rulebook_test}
    lines: list[dict[str, Field]] = []
    for part in found.shares:
        test = tests.get(part.part)
        fields = estimate_fields("share", part.share)
        again = next((interval for interval in part.share.intervals if interval.target == "T1"), None)
        fields["share_t1_low"] = again.low if again else None
        fields["share_t1_high"] = again.high if again else None
        lines.append(
            {**grid, "part": part.part, **fields, "variance": part.variance, "p": test.p if test else None}
        )
    human = found.human_disagreement
    lines.append(
        {**grid, "part": "human", "variance": human.value, "share_undefined": human.undefined_because}
    )
    return lines
