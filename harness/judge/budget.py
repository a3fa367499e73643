"""Hard stops: a ceiling on requests, tokens, money and wall time that all judges of a run share."""

from __future__ import annotations

from harness.errors import NotAskedError
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import JudgeSpec, Stops, Usage
from harness.schema.ceilings import Spent, reached_ceiling


def is_free(spec: JudgeSpec) -> bool:
    """Whether no provider is paid: a script, or a model in this process."""
    return spec.model_id.startswith(("scripted/", "local/", "gguf:"))


def cost_usd(spec: JudgeSpec, usage: Usage) -> float | None:
    """What a completion cost, or None where a price or a count is unknown: never zero for that."""
    if is_free(spec):
        return 0.0
    price = spec.price
    if price is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return (
        usage.prompt_tokens * price.usd_per_million_prompt_tokens
        + usage.completion_tokens * price.usd_per_million_completion_tokens
    ) / 1e6


class Budget:
    """Ceilings of one sitting, looked at before every request.

    Every attempt counts as a request. Tokens and money are known only afterwards, so that what is in flight
    when a ceiling is reached comes on top, and nothing else. Where a provider does not tell the tokens of an
    answer, they are estimated, never taken for none.
    """

    def __init__(
        self,
        max_calls: int | None = None,
        max_seconds: float | None = None,
        *,
        max_tokens: int | None = None,
        max_usd: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Set the ceilings; absent = none. The time runs from the first request."""
        self.n_calls = 0
        self.n_tokens = 0.0
        self.usd = 0.0
        minutes = None if max_seconds is None else max_seconds / 60
        self._stops = Stops(max_calls=max_calls, max_tokens=max_tokens, max_usd=max_usd, max_minutes=minutes)
        self._clock = clock
        self._started: float | None = None

    @classmethod
    def of(cls, stops: Stops, clock: Clock = SYSTEM_CLOCK) -> Budget:
        """The budget that an experiment or the command line sets."""
        seconds = None if stops.max_minutes is None else stops.max_minutes * 60
        return cls(stops.max_calls, seconds, max_tokens=stops.max_tokens, max_usd=stops.max_usd, clock=clock)

    def spend(self, judge_id: str) -> None:
        """Count one request.

        Raises
        ------
        NotAskedError
            A ceiling is reached; the request must not be made.
        """
        now = self._clock.monotonic()
        self._started = now if self._started is None else self._started
        spent = Spent(self.n_calls, self.n_tokens, self.usd, now - self._started)
        reached = reached_ceiling(spent, self._stops)
        if reached:
            raise NotAskedError(f"the limit of {reached} is reached", judge_id=judge_id)
        self.n_calls += 1

    def charge(self, spec: JudgeSpec, usage: Usage) -> None:
        """Count what a completion took; its usage is told or estimated."""
        self.n_tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        self.usd += cost_usd(spec, usage) or 0.0
