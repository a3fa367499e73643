"""A batch as its provider describes it, from the objects of litellm and the openai library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue

from harness.judge.translate import Failure, classify_said

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass(frozen=True)
class RemoteBatch:
    """A batch as its provider describes it."""

    batch_id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    n_done: int | None = None
    """Requests that were answered or failed; None: not told."""
    created_at: float | None = None
    ended_at: float | None = None
    failures: tuple[Failure, ...] = ()
    """Why the whole batch failed, where it did."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ENDED

    @property
    def seconds(self) -> float:
        """How long it took, where its provider says so."""
        if self.created_at is None or self.ended_at is None:
            return 0.0
        return max(0.0, self.ended_at - self.created_at)


def read_batch(batch: Any) -> RemoteBatch:  # noqa: ANN401 - litellm's or openai's object
    """What an object of theirs says; a field that it lacks is unknown."""
    plain: dict[str, JsonValue] = batch.model_dump(warnings=False)
    status = str(plain.get("status") or "unknown")
    return RemoteBatch(
        batch_id=str(plain["id"]),
        status=status,
        output_file_id=_text(plain.get("output_file_id")),
        error_file_id=_text(plain.get("error_file_id")),
        n_done=_n_done(plain.get("request_counts")),
        created_at=_number(plain.get("created_at")),
        ended_at=_number(plain.get(f"{status}_at")),
        failures=tuple(_failures(plain.get("errors"))),
    )


def _failures(errors: JsonValue) -> list[Failure]:
    listed = errors.get("data") if isinstance(errors, dict) else None
    return [_failure(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _failure(error: dict[str, JsonValue]) -> Failure:
    said = classify_said(error)
    code, line = error.get("code"), error.get("line")
    place = f"line {line}: " if isinstance(line, int) else ""
    return replace(said, name=str(code or "an error of the batch"), detail=f"{place}{said.detail}")


def _n_done(counts: JsonValue) -> int | None:
    if not isinstance(counts, dict):
        return None
    told = [counts.get("completed"), counts.get("failed")]
    known = [count for count in told if isinstance(count, int)]
    return sum(known) if known else None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
