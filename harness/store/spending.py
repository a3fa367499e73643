"""What a shared run may spend in one sitting and has spent: one account for all workers."""

from __future__ import annotations

from dataclasses import dataclass

from harness.schema import Record, Stops
from harness.schema.ceilings import Spent, reached_ceiling


@dataclass(frozen=True)
class Spending:
    """What a worker asks for, and what the answers took that came to it since it last asked."""

    n_calls: int
    n_tokens: float = 0.0
    usd: float = 0.0


@dataclass(frozen=True)
class Grant:
    """How many of the requests that were asked for may be made, and what is in the way of the rest."""

    n_calls: int
    reached: str = ""


class Account(Record):
    """The ceilings of a sitting, and what was spent under them; one worker at a time changes it."""

    stops: Stops = Stops()
    n_calls: int = 0
    n_tokens: float = 0.0
    usd: float = 0.0
    first_at: float | None = None
    """When the first request was allowed, by the store's clock."""

    def after(self, asked: Spending, now: float) -> tuple[Account, Grant]:
        """Charge what was taken, then allow requests as far as the ceilings do.

        Requests are counted before they are made, so that they never exceed their ceiling. Tokens and money
        are known afterwards: what is in flight when their ceiling is reached comes on top, and nothing else.
        """
        first_at = now if self.first_at is None else self.first_at
        charged = self.model_copy(
            update={
                "n_tokens": self.n_tokens + asked.n_tokens,
                "usd": self.usd + asked.usd,
                "first_at": first_at,
            }
        )
        reached = charged.reached(now)
        most = self.stops.max_calls
        left = asked.n_calls if most is None else max(0, most - self.n_calls)
        n_calls = 0 if reached else min(asked.n_calls, left)
        after = charged.model_copy(update={"n_calls": self.n_calls + n_calls})
        return after, Grant(n_calls, reached or after.reached(now))

    def reached(self, now: float) -> str:
        """Which ceiling is reached, for people; nothing where none is."""
        seconds = 0.0 if self.first_at is None else now - self.first_at
        return reached_ceiling(Spent(self.n_calls, self.n_tokens, self.usd, seconds), self.stops)
