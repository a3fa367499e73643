"""What the judges of one provider share: places, requests and tokens a minute, pauses, a closed account."""

from __future__ import annotations

import asyncio
from collections import deque

from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import JudgeSpec, Limits

LONGEST_PAUSE_S = 300.0


def provider_name(spec: JudgeSpec) -> str:
    """Whose limits a judge shares: its `service`, else its `api_base`, else the prefix of its `model_id`.

    Examples
    --------
    >>> provider_name(JudgeSpec(judge_id="gpt", model_id="openai/gpt-4o"))
    'openai'
    >>> provider_name(JudgeSpec(judge_id="own", model_id="openai/qwen", api_base="http://gpu:8000/v1"))
    'http://gpu:8000/v1'
    """
    return spec.service or spec.api_base or spec.model_id.partition("/")[0]


class Bucket:
    """A rate a minute, spread evenly: what one request uses up is paid off in time before the next starts.

    There is no burst at the start, or the first minute would see nearly twice the rate.
    """

    def __init__(self, per_min: float, clock: Clock) -> None:
        self.per_min = per_min
        self._per_s = per_min / 60.0
        self._clock = clock
        self._free_at = clock.monotonic()

    def take(self, amount: float) -> float:
        """Reserve an amount; the seconds to wait before using it."""
        now = self._clock.monotonic()
        starts_at = max(now, self._free_at)
        self._free_at = starts_at + amount / self._per_s
        return starts_at - now

    def give_back(self, amount: float) -> None:
        """Correct an estimate: what was reserved too much, or a negative amount for too little."""
        self._free_at -= amount / self._per_s


class Gate:
    """Places with a provider, as many as it bears: half as many after a 429, slowly more after answers.

    Whoever waits is let in judge by judge, in turn, so that a judge with many calls does not keep out one
    with few. 429s of calls that began before the last cut say nothing new and cut no further.
    """

    def __init__(self, n_places: int) -> None:
        self.most = n_places
        self.allowed = float(n_places)
        self.n_held = 0
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._n_entered = 0
        self._n_before_cut = 0

    async def enter(self, judge_id: str) -> int:
        """Wait for a place; the number of this entry."""
        if self._waiting or self.n_held >= int(self.allowed):
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(judge_id, deque()).append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self.leave()  # it was let in, and no longer wants to
                raise
        else:
            self.n_held += 1
        self._n_entered += 1
        return self._n_entered

    def leave(self) -> None:
        """Give a place back."""
        self.n_held -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self.n_held < int(self.allowed) and self._waiting:
            judge_id = next(iter(self._waiting))
            queue = self._waiting.pop(judge_id)
            place = queue.popleft()
            if queue:  # behind all others
                self._waiting[judge_id] = queue
            if not place.done():
                self.n_held += 1
                place.set_result(None)

    def overloaded(self, entry: int) -> None:
        """The provider said that it is asked too much, to the call of this entry."""
        if entry > self._n_before_cut:
            self.allowed = max(1.0, self.allowed / 2)
            self._n_before_cut = self._n_entered

    def answered(self) -> None:
        """An answer came: a place more after as many answers as there are places."""
        if self.allowed < self.most:
            self.allowed = min(float(self.most), self.allowed + 1.0 / self.allowed)
            self._let_in()

    def tighten(self, n_places: int) -> None:
        """Allow no more places than this."""
        self.most = min(self.most, n_places)
        self.allowed = min(self.allowed, float(self.most))


class Provider:
    """One provider as all its judges see it; the smallest limit that any of them states holds for all."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self.gate = Gate(Limits().concurrency)
        self.requests: Bucket | None = None
        self.tokens: Bucket | None = None
        self.paused_until = clock.monotonic()
        self._clock = clock
        self._stated = False
        self._closed: dict[str | None, str] = {}

    def admit(self, limits: Limits) -> None:
        """Take the limits of one more judge into account; a default gives way to what is stated."""
        if "concurrency" in limits.model_fields_set:
            if self._stated:
                self.gate.tighten(limits.concurrency)
            else:
                self.gate = Gate(limits.concurrency)
            self._stated = True
        self.requests = self._tighter(self.requests, limits.requests_per_min)
        self.tokens = self._tighter(self.tokens, limits.tokens_per_min)

    def _tighter(self, bucket: Bucket | None, per_min: float | None) -> Bucket | None:
        if per_min is None or (bucket is not None and bucket.per_min <= per_min):
            return bucket
        return Bucket(per_min, self._clock)

    def reserve(self, n_tokens: float) -> float:
        """Reserve one request of so many tokens; the seconds to wait before making it."""
        asked = ((self.requests, 1.0), (self.tokens, n_tokens))
        return max((bucket.take(amount) for bucket, amount in asked if bucket), default=0.0)

    def pause(self, seconds: float) -> None:
        """Ask nothing for so long, five minutes at most."""
        until = self._clock.monotonic() + min(seconds, LONGEST_PAUSE_S)
        self.paused_until = max(self.paused_until, until)

    def close(self, account: str | None, message: str) -> None:
        """The account is refused (key, billing): none of its judges asks again."""
        self._closed.setdefault(account, message)

    def closed(self, account: str | None) -> str | None:
        """Why nothing can be asked for this account; the name of its key's variable stands for it."""
        return self._closed.get(account)


class Providers:
    """The providers of one run, each known by its name."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._by_name: dict[str, Provider] = {}

    def of(self, spec: JudgeSpec) -> Provider:
        """The provider of a judge, which from now on keeps to that judge's limits too."""
        name = provider_name(spec)
        provider = self._by_name.setdefault(name, Provider(self._clock))
        provider.admit(spec.limits)
        return provider
