"""What every hosted judge has in common, whichever way its requests travel: litellm or direct."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

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
)
from harness.judge.translate import Failure
from harness.schema import Completion, JudgeSpec, Request
from harness.schema.small import small_copy

N_TOP_TOKENS = 20
TOTAL_TIMEOUT_FACTOR = 1.5
"""A timeout is for silence; a server that trickles bytes is cut off after so many of them."""

MAX_REPLY_BYTES = 4_000_000
"""No reply within the greatest `max_tokens` comes near; what is longer is no answer and is not kept."""

TOO_LONG = f"a reply of more than {MAX_REPLY_BYTES:,} bytes, which is no answer to what was asked"

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


@cache
def versions_of(package: str) -> dict[str, str]:
    """The client's version and Python's; looked up once, because it means reading a file."""
    return {package: version(package), "python": platform.python_version()}


class RemoteJudge:
    """Keys, parameters, and what a reply or a failure means; a subclass does the asking.

    A prompt that the provider blocks by its content policy, whether as a finish reason or as an error, is a
    `Completion` with the finish reason `content_filter` and no text: it is that provider's answer to this
    prompt, a finding of its own kind (`filtered`), recorded and replayed like any other answer and not asked
    again. An error outcome could only say `rejected`, which would mix it with prompts that are too long.
    """

    client = ""
    """The package that carries the requests."""

    def __init__(self, spec: JudgeSpec, clock: Clock = SYSTEM_CLOCK) -> None:
        self.spec = spec
        self._clock = clock

    def runtime(self) -> dict[str, JsonValue]:
        """Nothing: what runs the model is the provider's affair."""
        return {}

    def _named_key(self) -> str | None:
        """The key in the variable that the preset names, else `NO_KEY` for a server of one's own, else None.

        Raises
        ------
        JudgeUnavailableError
            The variable is not set, or holds what cannot be a key.
        """
        name = self.spec.api_key_env
        if name is None:
            return NO_KEY if self.spec.api_base is not None else None
        key = os.environ.get(name, "").strip()
        if not key:
            raise self._unavailable(f"the environment variable {name} is not set; it must hold the key")
        if not (key.isascii() and key.isprintable()):
            raise self._unavailable(
                f"the environment variable {name} holds signs that no key has; set it anew"
            )
        return key

    def _asked(self, request: Request) -> dict[str, object]:
        """The parameters to send.

        Raises
        ------
        JudgeUnavailableError
            One of them is reserved.
        """
        asked: dict[str, object] = dict(request.parameters)
        if request.endpoint == "next_token":
            asked.pop("candidates", None)
            asked |= {"logprobs": True, "top_logprobs": N_TOP_TOKENS, "max_tokens": 1}
        reserved = sorted(RESERVED_PARAMETERS & set(asked))
        if reserved:
            raise self._unavailable(f"extra_parameters may not hold {', '.join(reserved)}")
        if not {"max_tokens", "max_completion_tokens"} & set(asked):
            # litellm would put a model's greatest possible number there, some servers a very small one.
            asked["max_tokens"] = self.spec.sampling.max_tokens
        return asked

    def _circumstances(self, started: float, wire_sha256: str | None) -> Completion:
        """A completion without its content."""
        return Completion(
            text="",
            finish_reason="content_filter",
            latency_s=max(0.0, self._clock.monotonic() - started),
            completed_at=self._clock.stamp(),
            versions=versions_of(self.client),
            wire_sha256=wire_sha256,
        )

    def _read(self, reply: Reply, request: Request, seen: Completion) -> Completion:
        choice = reply_choice(reply)
        found: dict[str, object] = {
            "text": reply_text(choice, tool="tools" in request.parameters),
            "finish_reason": reply_finish_reason(choice),
            "refusal": reply_refusal(choice),
            "model_echo": reply_field(reply, "model"),
            "fingerprint": reply_field(reply, "system_fingerprint"),
            "usage": reply_usage(reply),
            "versions": versions_of(self.client),
        }
        if request.endpoint == "next_token":
            found["probabilities"] = self._probabilities(choice, request.parameters)
        return small_copy(seen, found)

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

    def _failed(self, failure: Failure, key: str | None, seen: Completion) -> Completion:
        if failure.kind == "filtered":
            return seen
        message = redact(f"{self._name()}: {failure}", secret_values() | ({key} if key else set()))
        judge_id = self.spec.judge_id
        if failure.kind == "transient":
            raise TransientJudgeError(
                message,
                judge_id=judge_id,
                retry_after_s=failure.retry_after_s,
                overloaded=failure.overloaded,
            )
        if failure.kind == "rejected":
            raise JudgeRejectedError(message, judge_id=judge_id)
        remedy = "check the key, the account, and the preset's model_id and parameters"
        raise JudgeUnavailableError(
            f"{message} ({remedy})", judge_id=judge_id, whole_account=failure.whole_account
        )

    def _unavailable(self, message: str) -> JudgeUnavailableError:
        return JudgeUnavailableError(f"{self._name()}: {message}", judge_id=self.spec.judge_id)

    def _name(self) -> str:
        return f"{self.spec.judge_id} ({self.spec.model_id})"
