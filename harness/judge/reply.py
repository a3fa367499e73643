"""A provider's reply as plain JSON -> Completion fields; nothing here knows litellm."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from harness.schema import Usage, canonical_json, text_sha256

Reply = Mapping[str, JsonValue]

_ENDED_ITSELF = frozenset({"stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete", "finished"})


def reply_choice(reply: Reply) -> Reply:
    """The first choice; empty if there is none."""
    choices = reply.get("choices")
    return _mapping(choices[0]) if isinstance(choices, list) and choices else {}


def reply_text(choice: Reply, *, tool: bool) -> str:
    """The text of the message, or the arguments of the tool call that was asked for."""
    message = _mapping(choice.get("message"))
    calls = message.get("tool_calls")
    if tool and isinstance(calls, list) and calls:
        arguments = _mapping(_mapping(calls[0]).get("function")).get("arguments")
        return arguments if isinstance(arguments, str) else json.dumps(arguments)
    return _string(message.get("content")) or ""


def reply_refusal(choice: Reply) -> str | None:
    """The provider's own refusal field, where it has one."""
    message = _mapping(choice.get("message"))
    extra = _mapping(message.get("provider_specific_fields"))
    return _string(message.get("refusal")) or _string(extra.get("refusal"))


def reply_finish_reason(choice: Reply) -> str:
    """Why the text ended, in the common words (stop, length, content_filter), else in the provider's own.

    litellm calls every reason it does not know "stop"; the provider's own word is then beside it.
    """
    common = _string(choice.get("finish_reason")) or "missing"
    native = _string(_mapping(choice.get("provider_specific_fields")).get("native_finish_reason"))
    if common == "stop" and native and native.lower() not in _ENDED_ITSELF:
        return native
    return common


def reply_usage(reply: Reply) -> Usage:
    """Tokens as the provider counted them."""
    usage = _mapping(reply.get("usage"))
    prompt_tokens, completion_tokens = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)


def reply_field(reply: Reply, name: str) -> str | None:
    """A text field of the reply, or None."""
    return _string(reply.get(name))


def candidate_probabilities(choice: Reply, candidates: Sequence[str]) -> dict[str, float] | None:
    """Probability of each candidate as the next token, or None if the reply holds no token probabilities.

    A candidate's probability is the sum over the tokens that are the candidate up to white space (`A`, ` A`).
    It is not scaled to sum to 1: how much fell on the candidates together is itself worth knowing. A
    candidate outside the tokens that were listed gets 0.
    """
    content = _mapping(choice.get("logprobs")).get("content")
    if not isinstance(content, list) or not content:
        return None
    first = _mapping(content[0])
    listed = first.get("top_logprobs")
    if not isinstance(listed, list) or not listed:
        return None
    by_token: dict[str, float] = {}
    for entry in [first, *map(_mapping, listed)]:
        token, logprob = entry.get("token"), entry.get("logprob")
        if isinstance(token, str) and isinstance(logprob, (int, float)):
            by_token[token] = math.exp(logprob)
    return {
        candidate: min(1.0, sum(p for token, p in by_token.items() if token.strip() == candidate))
        for candidate in candidates
    }


def wire_sha256(body: object) -> str | None:
    """SHA-256 of the canonical JSON of the body that is sent, or None where it is no plain JSON."""
    try:
        plain = json.loads(body) if isinstance(body, (str, bytes)) else body
        if not isinstance(plain, dict):
            return None
        extra = plain.get("extra_body") or {}
        sent = {name: value for name, value in plain.items() if name != "extra_body"} | extra
        return text_sha256(canonical_json(sent).decode())
    except (TypeError, ValueError):
        return None


def _mapping(value: JsonValue) -> Reply:
    return value if isinstance(value, dict) else {}


def _string(value: JsonValue) -> str | None:
    """A text that a file can hold: JSON can spell half a character (a cut emoji), UTF-8 cannot."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) and value else None


def _count(usage: Reply, name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and value >= 0 else None
