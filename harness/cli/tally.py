"""What a run has come to so far: calls per judge, their rate, their price, and the time left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from harness.judge.budget import cost_usd
from harness.run.execute import Ended
from harness.schema import Completion, JudgeSpec, Outcome

_FEW_SECONDS = 1.0
"""Before that a rate is chance."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Tally:
    """Calls per judge: all, done, failed, recorded before; and what the others took."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.n_calls: dict[str, int] = {}
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.recorded: Counter[str] = Counter()
        self.retries: Counter[str] = Counter()
        self.usd: dict[str, float | None] = {}
        self._specs: dict[str, JudgeSpec] = {}
        self._told: set[str] = set()
        self._now = now
        self._started = now()

    def price(self, spec: JudgeSpec) -> None:
        """Know what a judge's tokens cost."""
        self._specs[spec.judge_id] = spec

    def start(self, n_calls: dict[str, int]) -> None:
        """Count from here."""
        self.n_calls = n_calls
        self._started = self._now()

    def add(self, judge_id: str, ended: Ended, *, recorded: bool) -> None:
        """Count one call."""
        self.done[judge_id] += 1
        self.failed[judge_id] += isinstance(ended, Outcome)
        self.recorded[judge_id] += recorded
        if not recorded and isinstance(ended, Completion):
            self._charge(judge_id, ended)

    def _charge(self, judge_id: str, completion: Completion) -> None:
        spec = self._specs.get(judge_id)
        usd = None if spec is None else cost_usd(spec, completion.usage)
        before = self.usd.get(judge_id, 0.0)
        # One call of unknown price makes the whole sum unknown.
        self.usd[judge_id] = None if usd is None or before is None else before + usd

    def retried(self, judge_id: str) -> None:
        """Count one failed attempt."""
        self.retries[judge_id] += 1

    def is_news(self, message: str) -> bool:
        """Whether these words are said for the first time."""
        is_new = message not in self._told
        self._told.add(message)
        return is_new

    def per_min(self, judge_id: str) -> float | None:
        """Calls a minute that were really asked; None while it is too early to say."""
        n_asked = self.done[judge_id] - self.recorded[judge_id]
        passed_s = self._now() - self._started
        return n_asked * 60 / passed_s if n_asked and passed_s >= _FEW_SECONDS else None

    def seconds_left(self, judge_id: str) -> float | None:
        """At the rate so far; None when nothing is left, or nobody can say."""
        n_left = self.n_calls.get(judge_id, 0) - self.done[judge_id]
        rate = self.per_min(judge_id)
        return n_left * 60 / rate if n_left and rate else None

    def notes(self, judge_id: str) -> Iterator[str]:
        """What there is to say about a judge besides how many calls are done."""
        counts = ((self.failed, "failed"), (self.recorded, "recorded"), (self.retries, "retries"))
        for count, word in counts:
            if count[judge_id]:
                yield f"{count[judge_id]:,} {word}"
        rate, left = self.per_min(judge_id), self.seconds_left(judge_id)
        if rate is not None:
            yield f"{rate:,.0f}/min"
        if (usd := self.usd.get(judge_id, 0.0)) is None:
            yield "price unknown"
        elif usd:
            yield f"${usd:,.4f}" if usd < 1 else f"${usd:,.2f}"
        if left is not None:
            yield f"{duration(left)} left"

    def line(self) -> str:
        """All judges in one line."""
        return "; ".join(
            ", ".join((f"{judge_id} {self.done[judge_id]:,}/{n_calls:,}", *self.notes(judge_id)))
            for judge_id, n_calls in self.n_calls.items()
        )


def duration(seconds: float) -> str:
    """A time in the unit that fits it.

    Examples
    --------
    >>> duration(40), duration(200), duration(7300), duration(200_000)
    ('40 s', '3 min', '2 h 2 min', '2 d 8 h')
    """
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    whole = round(seconds / _MINUTE)
    if seconds < _DAY:
        return f"{whole // 60} h {whole % 60} min"
    return f"{whole // 1440} d {round(whole % 1440 / 60)} h"
