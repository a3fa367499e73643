"""A worker's hand in the account of the run: no request is made that all workers together may not make."""

from __future__ import annotations

import asyncio

from harness.errors import NotAskedError
from harness.judge.budget import cost_usd
from harness.judge.limits import estimate_usage
from harness.schema import Completion, JudgeSpec, Request
from harness.store.shared import SharedStore
from harness.store.spending import Grant, Spending


class Purse:
    """Asks the account for requests, as many at a time as wait, and tells it what answers took.

    A request that follows an answer is asked for after the answer was charged. So when a ceiling of tokens or
    money is reached, what all workers had in flight comes on top, and nothing else.
    """

    def __init__(self, store: SharedStore) -> None:
        """A run without ceilings is asked nothing."""
        self._store = store
        self._waiting: list[asyncio.Future[str]] = []
        self._asking: asyncio.Task[None] | None = None
        self._n_tokens = 0.0
        self._usd = 0.0

    async def take(self, judge_id: str) -> None:
        """Be allowed one request.

        Raises
        ------
        NotAskedError
            A ceiling is reached; the request must not be made.
        StoreError
            The account cannot be reached.
        """
        allowed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append(allowed)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        reached = await allowed
        if reached:
            raise NotAskedError(f"the limit of {reached} is reached", judge_id=judge_id)

    def charge(self, spec: JudgeSpec, request: Request, completion: Completion) -> None:
        """Count what a completion took; where the provider does not tell, it is estimated."""
        told = (completion.usage.prompt_tokens, completion.usage.completion_tokens)
        usage = estimate_usage(request, completion) if None in told else completion.usage
        self._n_tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        self._usd += cost_usd(spec, usage) or 0.0

    async def settle(self) -> None:
        """Tell the account of the last answers."""
        if self._n_tokens or self._usd:
            await self._spend(0)

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                grant = await self._spend(len(asked))
            except Exception as error:  # noqa: BLE001 - who waits would wait for ever
                for allowed in asked:
                    if not allowed.done():
                        allowed.set_exception(error)
            else:
                _tell(asked, grant)
        self._asking = None

    async def _spend(self, n_calls: int) -> Grant:
        spending = Spending(n_calls, self._n_tokens, self._usd)
        self._n_tokens = self._usd = 0.0
        return await asyncio.to_thread(self._store.spend, spending)


def _tell(asked: list[asyncio.Future[str]], grant: Grant) -> None:
    for number, allowed in enumerate(asked):
        if not allowed.done():
            allowed.set_result("" if number < grant.n_calls else grant.reached)
