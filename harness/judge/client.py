"""Every hosted LLM and every OpenAI-compatible server, through litellm: the only file that imports it."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import JsonValue

from harness.errors import JudgeRejectedError, JudgeUnavailableError, TransientJudgeError
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.judge.redact import redact, secret_values
from harness.judge.reply import (
    Reply,
    candidate_probabilities,
    reply_choice,
    reply_field,
    reply_finish_reason,
    reply_refusal,
    reply_text,
    reply_usage,
    wire_sha256,
)
from harness.judge.translate import Failure, classify
from harness.schema import Completion, JudgeSpec, Request

N_TOP_TOKENS = 20
TOTAL_TIMEOUT_FACTOR = 1.5
"""litellm's timeout is for silence; a server that trickles bytes is cut off after so many of them."""

NO_KEY = "no-key"
"""Sent to a server whose preset names no key: never the key that the environment holds for someone else."""

RESERVED_PARAMETERS = frozenset(
    """
    additional_drop_params api_base api_key api_version base_url cache caching
    context_window_fallback_dict custom_llm_provider drop_params extra_headers fallbacks
    headers logger_fn max_retries messages mock_response mock_timeout mock_tool_calls model
    model_list n num_retries organization retry_policy stream timeout
    """.split()  # noqa: SIM905 - 27 names read better without quotes
)
"""They would change who answers, how often we ask, or what is sent unseen: no preset may pass them."""

_open_judges: set[int] = set()


@cache
def _litellm() -> Any:  # noqa: ANN401 - a module of thousands of names, followed by no type checker
    """Import litellm, once, so that it neither looks anything up on the network nor prints."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_OFFLINE_MODE"] = "true"
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # Below errors it logs prompts and bodies, and a word for each finish reason that it does not know.
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    return litellm


class LitellmJudge:
    """Asks one hosted LLM: one request per call, no retries, no dropped parameters.

    A prompt that the provider blocks by its content policy, whether as a finish reason or as an error, is a
    `Completion` with the finish reason `content_filter` and no text: it is that provider's answer to this
    prompt, a finding of its own kind (`filtered`), recorded and replayed like any other answer and not asked
    again. An error outcome could only say `rejected`, which would mix it with prompts that are too long.
    """

    def __init__(self, spec: JudgeSpec, clock: Clock = SYSTEM_CLOCK) -> None:
        self.spec = spec
        self._clock = clock

    def runtime(self) -> dict[str, JsonValue]:
        """Nothing: what runs the model is the provider's affair."""
        return {}

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
        key = self._key(_litellm())
        wire = _Wire()
        arguments = self._arguments(request, key) | {"logger_fn": wire}
        started = self._clock.monotonic()
        reply = await self._ask(arguments)
        seen = self._circumstances(max(0.0, self._clock.monotonic() - started), wire)
        if isinstance(reply, Failure):
            return self._failed(reply, key, seen)
        return self._read(reply, request, seen)

    async def aclose(self) -> None:
        """Close litellm's connections, when no other judge of this process still needs them."""
        if id(self) not in _open_judges:
            return
        _open_judges.discard(id(self))
        if not _open_judges:
            await _close_connections(_litellm())

    async def _ask(self, arguments: dict[str, object]) -> Reply | Failure:
        """A failure is returned, not raised: a chained foreign error might hold a key."""
        _open_judges.add(id(self))
        try:
            async with asyncio.timeout(self.spec.limits.timeout_s * TOTAL_TIMEOUT_FACTOR):
                response = await _litellm().acompletion(**arguments)
            reply: Reply = response.model_dump(warnings=False)
        except Exception as error:
            failure = classify(error, self._clock.now())
            if failure is None:
                raise
            return failure
        return reply

    def _key(self, litellm: Any) -> str | None:  # noqa: ANN401
        """The key to send, or None where litellm finds it by its own convention."""
        name = self.spec.api_key_env
        if name is not None:
            if not os.environ.get(name, "").strip():
                raise self._unavailable(f"the environment variable {name} is not set; it must hold the key")
            return os.environ[name].strip()
        if self.spec.api_base is not None:
            return NO_KEY
        missing = litellm.validate_environment(model=self.spec.model_id)["missing_keys"]
        # Other names (a region, an access key id) have stand-ins that litellm does not look at here.
        needed = [variable for variable in missing if variable.endswith(("_API_KEY", "_TOKEN"))]
        if needed:
            raise self._unavailable(f"no key: set the environment variable {' or '.join(needed)}")
        return None

    def _arguments(self, request: Request, key: str | None) -> dict[str, object]:
        asked: dict[str, object] = dict(request.parameters)
        if request.endpoint == "next_token":
            asked.pop("candidates", None)
            asked |= {"logprobs": True, "top_logprobs": N_TOP_TOKENS, "max_tokens": 1}
        reserved = sorted(RESERVED_PARAMETERS & set(asked))
        if reserved:
            raise self._unavailable(f"extra_parameters may not hold {', '.join(reserved)}")
        if not {"max_tokens", "max_completion_tokens"} & set(asked):
            # litellm would put a model's greatest possible number there.
            asked["max_tokens"] = self.spec.sampling.max_tokens
        where = {"api_base": self.spec.api_base, "api_key": key}
        asked |= {name: value for name, value in where.items() if value is not None}
        return asked | {
            "model": request.model_id,
            "messages": [message.model_dump() for message in request.messages],
            "timeout": self.spec.limits.timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,
        }

    def _read(self, reply: Reply, request: Request, seen: Completion) -> Completion:
        choice = reply_choice(reply)
        found: dict[str, object] = {
            "text": reply_text(choice, tool="tools" in request.parameters),
            "finish_reason": reply_finish_reason(choice),
            "refusal": reply_refusal(choice),
            "model_echo": reply_field(reply, "model"),
            "fingerprint": reply_field(reply, "system_fingerprint"),
            "usage": reply_usage(reply),
        }
        if request.endpoint == "next_token":
            found["probabilities"] = self._probabilities(choice, request.parameters)
        return seen.model_copy(update=found)

    def _probabilities(self, choice: Reply, parameters: Mapping[str, JsonValue]) -> dict[str, float]:
        candidates = parameters.get("candidates")
        names = [str(name) for name in candidates] if isinstance(candidates, list) else []
        probabilities = candidate_probabilities(choice, names)
        if probabilities is None:
            raise JudgeRejectedError(
                f"{self._name()}: the provider returned no token probabilities (logprobs); "
                "set pair_reading: word in the judge's preset",
                judge_id=self.spec.judge_id,
            )
        return probabilities

    def _circumstances(self, latency_s: float, wire: _Wire) -> Completion:
        """A completion without its content."""
        return Completion(
            text="",
            finish_reason="content_filter",
            latency_s=latency_s,
            completed_at=self._clock.stamp(),
            versions={"litellm": version("litellm"), "python": platform.python_version()},
            wire_sha256=wire.sha256,
        )

    def _failed(self, failure: Failure, key: str | None, seen: Completion) -> Completion:
        if failure.kind == "filtered":
            return seen
        message = redact(f"{self._name()}: {failure}", secret_values() | ({key} if key else set()))
        judge_id = self.spec.judge_id
        if failure.kind == "transient":
            raise TransientJudgeError(message, judge_id=judge_id, retry_after_s=failure.retry_after_s)
        if failure.kind == "rejected":
            raise JudgeRejectedError(message, judge_id=judge_id)
        remedy = "check the key, the account, and the preset's model_id and parameters"
        raise JudgeUnavailableError(f"{message} ({remedy})", judge_id=judge_id)

    def _unavailable(self, message: str) -> JudgeUnavailableError:
        return JudgeUnavailableError(f"{self._name()}: {message}", judge_id=self.spec.judge_id)

    def _name(self) -> str:
        return f"{self.spec.judge_id} ({self.spec.model_id})"


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
