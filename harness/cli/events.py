"""What happens in a run, one JSON object a line, for programs; described in docs/running.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

from harness.judge.budget import cost_usd
from harness.run.calls import Call
from harness.run.execute import Ended
from harness.schema import Completion, JudgeSpec, Outcome

Now = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EventLog:
    """Writes every event at once, so that a reader sees it when it happens."""

    def __init__(self, stream: IO[str], now: Now = _utc_now) -> None:
        self._stream = stream
        self._now = now
        self._specs: dict[str, JudgeSpec] = {}

    def write(self, event: str, **fields: object) -> None:
        """Write one event."""
        at = self._now().isoformat(timespec="milliseconds")
        self._stream.write(json.dumps({"event": event, "at": at, **fields}, ensure_ascii=False) + "\n")
        self._stream.flush()

    def priced(self, spec: JudgeSpec) -> None:
        """Remember what a judge's tokens cost."""
        self._specs[spec.judge_id] = spec

    def started(self, n_calls: dict[str, int]) -> None:
        """Write how many calls each judge has."""
        self.write("started", calls=n_calls)

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: Call | None = None) -> None:
        """Write how a call ended."""
        if isinstance(ended, Outcome):
            where = {"case_id": ended.origin.case_id, "key": ended.key}
            how: dict[str, object] = {"outcome": ended.reason, "message": ended.message, **where}
        else:
            where = {} if call is None else {"case_id": call.case_id, "key": call.key}
            how = {"outcome": "answered", **self._took(judge_id, ended, recorded=recorded), **where}
        self.write("call", judge_id=judge_id, recorded=recorded, attempts=ended.attempts, **how)

    def _took(self, judge_id: str, completion: Completion, *, recorded: bool) -> dict[str, object]:
        spec = self._specs.get(judge_id)
        usd = None if spec is None else cost_usd(spec, completion.usage)
        return {
            "latency_s": completion.latency_s,
            "prompt_tokens": completion.usage.prompt_tokens,
            "completion_tokens": completion.usage.completion_tokens,
            # What is recorded was paid for before.
            "usd": 0.0 if recorded else usd,
        }

    def retried(self, judge_id: str, attempt: int, wait_s: float, message: str) -> None:
        """Write that an attempt failed, and when the next one comes."""
        self.write("retry", judge_id=judge_id, attempt=attempt, wait_s=round(wait_s, 3), message=message)

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Write who was given up, and why."""
        self.write("stopped", judge_ids=list(judge_ids), message=message)

    def interrupted(self) -> None:
        """Write that Ctrl-C came."""
        self.write("interrupted")
