"""Every hosted LLM and every OpenAI-compatible server, through litellm: the only file that imports it."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from harness.judge.remote import (
    MAX_REPLY_BYTES,
    NO_KEY,
    RESERVED_PARAMETERS,
    TOO_LONG,
    TOTAL_TIMEOUT_FACTOR,
    RemoteJudge,
)
from harness.judge.reply import Reply, reply_choice, reply_text, wire_sha256
from harness.judge.translate import Failure, classify, no_answer
from harness.schema import Completion, Request

__all__ = ["NO_KEY", "RESERVED_PARAMETERS", "LitellmJudge"]

_open_judges: set[int] = set()


@cache
def load_litellm() -> Any:  # noqa: ANN401 - a module of thousands of names, followed by no type checker
    """Import litellm, once, so that it neither looks anything up on the network nor prints."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_OFFLINE_MODE"] = "true"
    before = gc.get_threshold()
    gc.set_threshold(0)  # a fifth of the import would go into looking through what it loads
    try:
        import litellm
    finally:
        gc.set_threshold(*before)
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # Below errors it logs prompts and bodies, and a word for each finish reason that it does not know.
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    # Half a million objects that stay as long as the process: no collection need look through them again.
    gc.freeze()
    return litellm


class LitellmJudge(RemoteJudge):
    """Asks one hosted LLM: one request per call, no retries, no dropped parameters."""

    client = "litellm"

    async def complete(self, request: Request) -> Completion:
        """Ask once.

        Raises
        ------
        TransientJudgeError
            Timeout, rate limit, server error, dropped connection, half a reply; with any Retry-After.
        JudgeRejectedError
            This prompt would fail again: too long, invalid; or no token probabilities came, though asked for.
        JudgeUnavailableError
            Key, billing, unknown model, or a parameter that this provider does not take.
        """
        key = self._key(load_litellm())
        wire = _Wire()
        arguments = self._arguments(request, key) | {"logger_fn": wire}
        started = self._clock.monotonic()
        reply = await self._ask(arguments)
        seen = self._circumstances(started, wire.sha256)
        if isinstance(reply, Failure):
            return self._failed(reply, key, seen)
        return self._read(reply, request, seen)

    async def aclose(self) -> None:
        """Close litellm's connections, when no other judge of this process still needs them."""
        if id(self) not in _open_judges:
            return
        _open_judges.discard(id(self))
        if not _open_judges:
            await _close_connections(load_litellm())

    def _opened(self) -> Any:  # noqa: ANN401
        """litellm, whose connections are closed when the last judge that used them is."""
        _open_judges.add(id(self))
        return load_litellm()

    async def _ask(self, arguments: dict[str, object]) -> Reply | Failure:
        """A failure is returned, not raised: a chained foreign error might hold a key."""
        litellm = self._opened()
        try:
            async with asyncio.timeout(self.spec.limits.timeout_s * TOTAL_TIMEOUT_FACTOR):
                response = await litellm.acompletion(**arguments)
            reply: Reply = response.model_dump(warnings=False)
        except Exception as error:
            failure = classify(error, self._clock.now())
            if failure is None:
                raise
            return failure
        return reply if _size(reply) <= MAX_REPLY_BYTES else no_answer(TOO_LONG)

    def _key(self, litellm: Any) -> str | None:  # noqa: ANN401
        """The key to send, or None where litellm finds it by its own convention."""
        key = self._named_key()
        if key is not None:
            return key
        missing = litellm.validate_environment(model=self.spec.model_id)["missing_keys"]
        # Other names (a region, an access key id) have stand-ins that litellm does not look at here.
        needed = [variable for variable in missing if variable.endswith(("_API_KEY", "_TOKEN"))]
        if needed:
            raise self._unavailable(f"no key: set the environment variable {' or '.join(needed)}")
        return None

    def _arguments(self, request: Request, key: str | None) -> dict[str, object]:
        where = {"api_base": self.spec.api_base, "api_key": key}
        named = {name: value for name, value in where.items() if value is not None}
        return {
            **self._asked(request),
            **named,
            "model": request.model_id,
            "messages": [{"role": one.role, "content": one.content} for one in request.messages],
            "timeout": self.spec.limits.timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,
        }


def _size(reply: Reply) -> int:
    """Characters of the reply that could be kept; litellm reads whatever comes."""
    return len(reply_text(reply_choice(reply), tool=True)) + len(reply_text(reply_choice(reply), tool=False))


async def _close_connections(litellm: Any) -> None:  # noqa: ANN401
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    # Not flush(): it waits for ever for a worker whose event loop is gone.
    await GLOBAL_LOGGING_WORKER.clear_queue()
    clients = litellm.in_memory_llm_clients_cache
    await litellm.close_litellm_async_clients()
    for client in list(clients.cache_dict.values()):
        # litellm looks for `aclose`; the openai library's clients call it `close`.
        if inspect.iscoroutinefunction(getattr(client, "close", None)):
            await client.close()
    # The cache knows event loops by their address, which the next loop may get again.
    clients.flush_cache()


class _Wire:
    """Sees the body that litellm sends; keeps only its hash."""

    def __init__(self) -> None:
        self.sha256: str | None = None

    def __call__(self, call: Mapping[str, Any]) -> None:
        if call.get("log_event_type") == "pre_api_call":
            self.sha256 = wire_sha256((call.get("additional_args") or {}).get("complete_input_dict"))
