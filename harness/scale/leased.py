"""A judge under a lease: every call is announced before it is made, and none is made after the lease."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from harness.judge.base import Judge
from harness.prompt import is_local
from harness.schema import Completion, Request
from harness.store.shared import Lease


@dataclass
class HeldLease:
    """A lease in use."""

    lease: Lease
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    valid_until: float = 0.0
    """By this machine's steady clock, counted from before the lease was asked for."""
    lost: bool = False
    asking: set[asyncio.Task[Completion]] = field(default_factory=set)

    def is_valid(self) -> bool:
        """Whether nobody else can hold it."""
        return not self.lost and time.monotonic() < self.valid_until


class Leases(Protocol):
    """Knows under which lease a call is asked."""

    def held(self, request: Request) -> HeldLease:
        """The lease of a call."""
        ...

    async def begin(self, request: Request) -> None:
        """Keep durably that a call is about to be made; raise JudgeUnavailableError where it must not be."""
        ...


class LeasedJudge:
    """Announces every call before it is made, and stays open from bucket to bucket.

    What is announced is never more than what may be in flight: a lost worker leaves no longer a list.
    """

    def __init__(self, inner: Judge, leases: Leases) -> None:
        self.spec = inner.spec
        self.inner = inner
        self._leases = leases
        self._places = asyncio.Semaphore(inner.spec.limits.concurrency)

    async def complete(self, request: Request) -> Completion:
        """Ask; a caller that gives up does not stop a call that was allowed, or is paid for already."""
        async with self._places:
            asking = asyncio.create_task(self._begin_and_ask(request))
            self._leases.held(request).asking.add(asking)
            return await asyncio.shield(asking)

    async def _begin_and_ask(self, request: Request) -> Completion:
        await self._leases.begin(request)
        return await self.inner.complete(request)

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of what runs the inner judge."""
        return self.inner.runtime()

    async def aclose(self) -> None:
        """Free the memory of a local model; another bucket may be using a remote judge's connections."""
        if is_local(self.spec.model_id):
            await self.inner.aclose()
