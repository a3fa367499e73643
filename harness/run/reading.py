"""How calls ended -> verdicts in plan order, and what each verdict took."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

from harness.run.content import Content
from harness.run.execute import Ended
from harness.run.plan import Call, PlannedCell
from harness.schema import Completion, Outcome, Verdict, VerdictTiming
from harness.schema.small import small_copy
from harness.verdict import (
    Expected,
    PairCall,
    PointCall,
    Source,
    failed,
    read_listwise,
    read_pairwise,
    read_pointwise,
    read_together,
)

SECONDS_BETWEEN_READINGS = 0.01
CELLS_AT_A_TIME = 20
"""So few that an answer which arrives meanwhile waits two milliseconds at most."""


@dataclass(frozen=True)
class Read:
    """Verdicts in plan order; a cell with an open call has none."""

    verdicts: tuple[Verdict, ...]
    timings: tuple[VerdictTiming, ...]
    n_open: int
    """Calls that have not ended."""


class CellReader:
    """Reads every cell whose calls have all ended; the first ones while others are still asked."""

    def __init__(self, plan: tuple[PlannedCell, ...], content: Content) -> None:
        self._plan = plan
        self._content = content
        self._n_passed = 0
        self._verdicts: list[Verdict] = []
        self._timings: list[VerdictTiming] = []

    @asynccontextmanager
    async def ahead(self, ended: Mapping[str, Ended]) -> AsyncIterator[None]:
        """Read on as long as calls are asked: while providers think, the processor has nothing to do."""
        reading = asyncio.create_task(self._read_on(ended))
        try:
            yield
        finally:
            reading.cancel()
            # What went wrong goes wrong again when the rest is read.
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_on(self, ended: Mapping[str, Ended]) -> None:
        while self._n_passed < len(self._plan):
            await asyncio.sleep(SECONDS_BETWEEN_READINGS)
            for planned in self._plan[self._n_passed : self._n_passed + CELLS_AT_A_TIME]:
                if not self._read(planned, ended):
                    break
                self._n_passed += 1

    def finish(self, ended: Mapping[str, Ended]) -> Read:
        """Read the rest; a cell with an open call is left out."""
        for planned in islice(self._plan, self._n_passed, None):
            self._read(planned, ended)
            self._n_passed += 1
        n_open = sum(call.key not in ended for planned in self._plan for call in planned.calls)
        return Read(tuple(self._verdicts), tuple(self._timings), n_open)

    def _read(self, planned: PlannedCell, ended: Mapping[str, Ended]) -> bool:
        endings = [ended.get(call.key) for call in planned.calls]
        whole = [one for one in endings if one is not None]
        if len(whole) < len(endings):
            return False
        verdict = small_copy(read_cell(planned, self._content, whole))
        self._timings.append(timing_of(len(self._verdicts), whole))
        self._verdicts.append(verdict)
        return True


def read_cell(planned: PlannedCell, content: Content, ended: list[Ended]) -> Verdict:
    """The verdict of one cell, from how its calls ended."""
    answer_ids = tuple(answer.answer_id for answer in content.cases[planned.cell.case_id].answers)
    if planned.spec.protocol == "pairwise":
        calls = [
            PairCall(one, call.presentation, call.key, _prompt_text(call))
            for one, call in zip(ended, planned.calls, strict=True)
        ]
        return read_pairwise(calls, planned.cell, answer_ids)
    if planned.spec.protocol == "pointwise":
        points = [
            PointCall(one, call.presentation, call.key, _prompt_text(call))
            for one, call in zip(ended, planned.calls, strict=True)
        ]
        return read_pointwise(points, planned.cell, _expected(planned, content, answer_ids))
    (only,), (call,) = ended, planned.calls
    if isinstance(only, Outcome):
        source = Source("", call.presentation, (call.key,))
        return failed(planned.cell, only.reason, only.message, source)
    expected = _expected(planned, content, answer_ids)
    together = call.frame.grid.together
    if together:
        number = 1 + together.index(planned.cell.case_id)
        return read_together((only, number), call.presentation, planned.cell, expected, call.key)
    return read_listwise(only, call.presentation, planned.cell, expected, call.key)


def _expected(planned: PlannedCell, content: Content, answer_ids: tuple[str, ...]) -> Expected:
    call = planned.calls[0]
    rulebook = content.rulebooks[planned.cell.rulebook_id]
    return Expected(
        answer_ids=answer_ids,
        n_grades=content.case_set.n_grades,
        rule_numbers=tuple(rule.number for rule in rulebook.rules),
        dimensions=planned.dimensions,
        prompt_text=_prompt_text(call),
    )


def _prompt_text(call: Call) -> str:
    """What a reply may have copied; people's grades of other cases are no text that a reply quotes."""
    return "\n\n".join(message.content for message in call.messages if message.role != "assistant")


def timing_of(position: int, ended: list[Ended]) -> VerdictTiming:
    """What the verdict at this line took."""
    completions = [one for one in ended if isinstance(one, Completion)]
    return VerdictTiming(
        position=position,
        latency_s=_seconds(completions),
        attempts=sum(one.attempts for one in ended),
        prompt_tokens=_total([one.usage.prompt_tokens for one in completions]),
        completion_tokens=_total([one.usage.completion_tokens for one in completions]),
    )


def _seconds(completions: list[Completion]) -> float | None:
    """Time the calls took together; how long a batch waited says nothing about the judge."""
    if any(one.batch_id is not None for one in completions):
        return None
    return round(math.fsum(one.latency_s for one in completions), 4)


def _total(counts: list[int | None]) -> int | None:
    """A sum, or None as soon as one count was not told: half a bill is no bill."""
    told = [count for count in counts if count is not None]
    return sum(told) if counts and len(told) == len(counts) else None
