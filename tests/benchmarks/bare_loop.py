"""What others do, to be run as a process of its own: `python bare_loop.py litellm|aiohttp URL N IN_FLIGHT`.

A loop over prompts with so many in flight, and nothing else: nothing is read, nothing is kept.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

N_CHARACTERS = 1_200
PARAMETERS = {"temperature": 0.0, "max_tokens": 400}


def _messages(number: int) -> list[dict[str, str]]:
    text = f"{number} " + "Which answer is better, and why? " * 40
    return [
        {"role": "system", "content": text[:600]},
        {"role": "user", "content": text[: N_CHARACTERS - 600]},
    ]


async def _gather(ask: Callable[[int], Awaitable[object]], n_calls: int, n_in_flight: int) -> None:
    numbers = iter(range(n_calls))

    async def work() -> None:
        for number in numbers:
            await ask(number)

    await asyncio.gather(*(work() for _ in range(n_in_flight)))


async def _litellm(url: str, n_calls: int, n_in_flight: int) -> None:
    # As ours starts it: no look-ups on the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_OFFLINE_MODE"] = "true"
    import litellm

    async def ask(number: int) -> object:
        return await litellm.acompletion(
            model="openai/bench",
            messages=_messages(number),
            api_base=url,
            api_key="no-key",
            max_retries=0,
            **PARAMETERS,
        )

    await _gather(ask, n_calls, n_in_flight)


async def _aiohttp(url: str, n_calls: int, n_in_flight: int) -> None:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=n_in_flight)) as session:

        async def ask(number: int) -> object:
            body = {"model": "bench", "messages": _messages(number), **PARAMETERS}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                return await reply.json()

        await _gather(ask, n_calls, n_in_flight)


if __name__ == "__main__":
    client = {"litellm": _litellm, "aiohttp": _aiohttp}[sys.argv[1]]
    asyncio.run(client(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
