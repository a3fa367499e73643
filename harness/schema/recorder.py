"""What judges may ask of a store, without knowing one."""

from __future__ import annotations

from typing import Protocol

from harness.schema.call import Attempt, Completion, Outcome, Recording, Request


class Lookup(Protocol):
    """Finds what was recorded."""

    def find(self, key: str) -> Recording | Outcome | None:
        """The recording or the terminal outcome under a key, or None."""
        ...

    def explain_miss(self, request: Request) -> str:
        """Name the nearest recorded key and the field in which it differs."""
        ...


class Recorder(Protocol):
    """Keeps what came back; returns only when it is durable."""

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep a completion under the request's key; the first one wins."""
        ...

    async def record_attempt(self, attempt: Attempt) -> None:
        """Keep a failed attempt; it never answers a look-up."""
        ...
