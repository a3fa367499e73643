"""What a worker keeps of every call: that it begins, each failed attempt, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.errors import JudgeRejectedError, JudgeUnavailableError
from harness.scale.leased import HeldLease
from harness.scale.purse import Purse
from harness.schema import Attempt, Completion, JudgeSpec, Outcome, Request, request_key
from harness.store.shared import (
    Lease,
    SharedCall,
    SharedStore,
    attempt_row,
    begun_row,
    ended_row,
)


@dataclass
class Worked:
    """What a worker did."""

    n_ended: int = 0
    n_failed: int = 0
    n_leases: int = 0
    n_lost_leases: int = 0


class Keeper:
    """A recorder over the shared store, for calls that are held under leases.

    With a purse, every attempt is allowed by the account of the run before it is made.
    """

    def __init__(
        self, store: SharedStore, specs: Mapping[str, JudgeSpec], purse: Purse | None, worked: Worked
    ) -> None:
        self._store = store
        self._specs = specs
        self._purse = purse
        self._worked = worked
        self._held: dict[str, tuple[SharedCall, HeldLease]] = {}
        self._n_failed: Counter[str] = Counter()

    def hold(self, calls: Iterable[SharedCall], held: HeldLease) -> None:
        """Calls that may be asked from now on."""
        self._held |= {call.key: (call, held) for call in calls}

    def let_go(self, keys: Iterable[str]) -> None:
        """Calls that nobody here asks any more."""
        for key in keys:
            del self._held[key]
            self._n_failed.pop(key, None)

    def stop(self, judge_id: str) -> None:
        """Ask nothing more of a judge, under whichever lease."""
        for _, held in self._held.values():
            if held.lease.judge_id == judge_id:
                held.stop.set()

    def held(self, request: Request) -> HeldLease:
        """The lease of a call."""
        return self._held[request_key(request)][1]

    async def begin(self, request: Request) -> None:
        """Say durably that a call is about to be made.

        Raises
        ------
        NotAskedError
            A ceiling of the run is reached.
        JudgeUnavailableError
            The lease may be another's by now.
        """
        call, held = self._held[request_key(request)]
        if self._purse is not None:
            await self._purse.take(call.judge_id)
        if not held.is_valid():
            held.lost = True
            held.stop.set()
            raise JudgeUnavailableError(f"{call.judge_id}: the lease of this bucket is over")
        await self._store.write([begun_row(call, held.lease)])

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep a completion in the shared store: only then it counts."""
        key = request_key(request)
        lease = self._lease(key)
        if self._purse is not None:
            self._purse.charge(self._specs[lease.judge_id], request, completion)
        await self._store.write([ended_row(key, lease, completion)])
        self._worked.n_ended += 1

    async def record_attempt(self, attempt: Attempt) -> None:
        """Keep a failed attempt, and be allowed the next one, if there will be one; else NotAskedError."""
        lease = self._lease(attempt.key)
        await self._store.write([attempt_row(attempt, lease)])
        self._n_failed[attempt.key] += 1
        is_last = self._n_failed[attempt.key] >= self._specs[lease.judge_id].limits.max_attempts
        if self._purse is not None and not is_last and attempt.error != JudgeRejectedError.__name__:
            await self._purse.take(lease.judge_id)

    async def keep_outcome(self, outcome: Outcome, _: Request) -> None:
        """Keep that a call ended without an answer."""
        await self._store.write([ended_row(outcome.key, self._lease(outcome.key), outcome)])
        self._worked.n_ended += 1
        self._worked.n_failed += 1

    async def settle(self) -> None:
        """Tell the account what the last answers took."""
        if self._purse is not None:
            await self._purse.settle()

    def _lease(self, key: str) -> Lease:
        return self._held[key][1].lease
