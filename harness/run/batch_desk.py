"""What all judges of one batch sitting share: the ledger, the time, the limits, and who hears of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.errors import JudgeUnavailableError
from harness.judge.batch_terms import batch_terms
from harness.judge.budget import Budget, cost_usd
from harness.judge.clock import SYSTEM_CLOCK, Clock, sleep_unless
from harness.judge.limits import CHARACTERS_PER_TOKEN, estimate_tokens
from harness.judge.provider import Providers
from harness.schema import JudgeSpec, Request, Stops, Usage
from harness.schema.batch import BatchNote, BatchState, BatchTally, BatchTerms
from harness.store.batches import BatchLedger

FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 300.0
PAUSE_GROWTH = 1.5

Step = Literal["submitted", "found", "status", "collected", "lost", "trouble", "left"]


@dataclass(frozen=True)
class BatchNews:
    """One thing that happened to a batch, for whoever shows it."""

    step: Step
    judge_id: str
    name: str
    words: str
    """A whole line for people."""
    facts: Mapping[str, object] = field(default_factory=dict)


Tell = Callable[[BatchNews], None]


@dataclass
class BatchReport:
    """What a sitting did, for its summary."""

    n_batches: int = 0
    """Submitted in this sitting."""
    n_submitted: int = 0
    """Requests in them."""
    n_found: int = 0
    """Batches of an interrupted sitting that were found with the provider, not created again."""
    n_uploaded_again: int = 0
    """Files that may lie with the provider twice, for a sitting was interrupted in their upload; unpaid."""
    n_maybe_twice: int = 0
    """Batches created again where the server cannot list what an unanswered attempt created."""
    n_over_limits: int = 0
    """Calls that a limit of the sitting left open."""
    left: dict[str, str] = field(default_factory=dict)
    """Judge that batches are not offered for -> why."""
    tallies: list[BatchTally] = field(default_factory=list)

    def totals(self) -> dict[str, int]:
        """The tallies of all batches that were collected, added up."""
        totals: Counter[str] = Counter()
        for tally in self.tallies:
            totals.update(tally.model_dump())
        return dict(totals)


@dataclass(frozen=True)
class Pace:
    """How often a batch is looked at: soon at first, then less and less often."""

    longest_s: float = LONGEST_PAUSE_S

    def pause_s(self, n_looks: int) -> float:
        """Seconds to wait after look number `n_looks` (from 1)."""
        return min(self.longest_s, FIRST_PAUSE_S * PAUSE_GROWTH ** min(n_looks - 1, 64))


class Allowance:
    """The ceilings of a sitting before anything is submitted: only calls that fit even at their dearest.

    What a batch costs is known a day later, so that every call is taken to use the longest reply it allows.
    What was let through stands in the budget, which calls that are asked live share.
    """

    def __init__(self, stops: Stops | None, budget: Budget | None = None) -> None:
        self._stops = stops or Stops()
        self.budget = budget or Budget.of(self._stops)

    def takes(self, spec: JudgeSpec, request: Request, terms: BatchTerms) -> bool:
        """Whether one more call fits; if so it is counted."""
        prompt = sum(len(message.content) for message in request.messages) / CHARACTERS_PER_TOKEN
        n_tokens = estimate_tokens(request, spec.sampling.max_tokens)
        usage = Usage(prompt_tokens=round(prompt), completion_tokens=round(n_tokens - prompt))
        usd = (cost_usd(spec, usage) or 0.0) * (1.0 if terms.price_factor is None else terms.price_factor)
        budget, stops = self.budget, self._stops
        after = (
            (budget.n_calls + 1, stops.max_calls),
            (budget.n_tokens + n_tokens, stops.max_tokens),
            (budget.usd + usd, stops.max_usd),
        )
        if any(most is not None and amount > most for amount, most in after):
            return False
        budget.n_calls += 1
        budget.n_tokens += n_tokens
        budget.usd += usd
        return True


@dataclass
class Desk:
    """What the lanes of a sitting share."""

    ledger: BatchLedger
    halt: asyncio.Event
    tell: Tell
    allowance: Allowance
    clock: Clock = SYSTEM_CLOCK
    pace: Pace = field(default_factory=Pace)
    max_minutes: float | None = None
    max_requests: int | None = None
    """Fewer requests per batch than the provider allows."""
    max_bytes: int | None = None
    report: BatchReport = field(default_factory=BatchReport)
    providers: Providers = field(default_factory=Providers)

    def __post_init__(self) -> None:
        self._started = self.clock.monotonic()

    def terms(self, spec: JudgeSpec) -> BatchTerms:
        """What one batch of a judge may hold and costs."""
        return batch_terms(spec)

    def room(self, spec: JudgeSpec) -> tuple[int, int]:
        """Most requests and most bytes of one batch of a judge."""
        terms = self.terms(spec)
        return (
            min(terms.max_requests, self.max_requests or terms.max_requests),
            min(terms.max_bytes, self.max_bytes or terms.max_bytes),
        )

    def note(self, name: str, state: BatchState, **facts: object) -> None:
        """Write a step into the ledger before anything else happens."""
        noted = {"name": name, "state": state, "at": self.clock.stamp()} | facts
        self.ledger.note(BatchNote.model_validate(noted))

    def check_account(self, spec: JudgeSpec) -> None:
        """Raise JudgeUnavailableError where the judge's account was refused already."""
        why = self.providers.of(spec).closed(spec.api_key_env)
        if why is not None:
            raise JudgeUnavailableError(why, judge_id=spec.judge_id)

    def close_account(self, spec: JudgeSpec, message: str) -> None:
        """Let no other judge of this account submit."""
        self.providers.of(spec).close(spec.api_key_env, message)

    async def pause(self, seconds: float) -> bool:
        """Wait, but no longer than the sitting lasts; whether it goes on."""
        if self.max_minutes is not None:
            left_s = self._started + self.max_minutes * 60 - self.clock.monotonic()
            if left_s <= seconds:
                await sleep_unless(self.clock, max(0.0, left_s), self.halt)
                return False
        return await sleep_unless(self.clock, seconds, self.halt)
