"""A provider's reply as plain JSON -> Completion fields; nothing here knows litellm."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from harness.judge.translate import Failure, classify_said, no_answer
from harness.schema import Usage, canonical_json

Reply = Mapping[str, JsonValue]

COMMON_REASONS = {
    **dict.fromkeys(("stop", "stop_sequence", "end_turn", "COMPLETE", "ERROR", "eos_token", "eos"), "stop"),
    **dict.fromkeys(("STOP", "FINISH_REASON_UNSPECIFIED", "MALFORMED_FUNCTION_CALL"), "stop"),
    **dict.fromkeys(("TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "network_error"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "compaction", "MAX_TOKENS"), "length"),
    **dict.fromkeys(("tool_calls", "tool_use"), "tool_calls"),
    "function_call": "function_call",
    **dict.fromkeys(("content_filter", "content_filtered", "refusal", "ERROR_TOXIC"), "content_filter"),
    **dict.fromkeys(("SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST"), "content_filter"),
    **dict.fromkeys(("PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"), "content_filter"),
    **dict.fromkeys(("IMAGE_PROHIBITED_CONTENT", "sensitive", "guardrail_intervened"), "content_filter"),
}
"""Why a text ended, as servers write it -> the common words; litellm's own table, which a test compares."""

_THOUGHT = re.compile(
    r"<(?:think|thinking|budget:thinking)>.*?</(?:think|thinking|budget:thinking)>(.*)", re.DOTALL
)
_LARGEST_COUNT = 2**53 - 1
_ENDED_ITSELF = frozenset({"stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete", "finished"})


def plain_reply(body: bytes) -> Reply | Failure:
    """The reply in the body of an HTTP 200 of an OpenAI-compatible server, as litellm hands replies on.

    A common word for why the text ended stands beside the server's own; thoughts that stand in the text
    before the answer are no part of it; an error under the status 200 is the failure that it speaks of.
    """
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return no_answer("the reply is no JSON, or half of it")
    if not isinstance(reply, dict):
        return no_answer("the reply is no JSON object")
    if reply.get("error"):
        return classify_said(reply["error"])
    choice = reply_choice(reply)
    if not isinstance(choice.get("message"), dict):
        return no_answer("the reply holds no choice with a message")
    return {**reply, "choices": [_common_choice(choice, _mapping(choice["message"]))]}


def _common_choice(choice: Reply, message: Reply) -> dict[str, JsonValue]:
    reason = _string(choice.get("finish_reason")) or _string(choice.get("finish_details")) or "stop"
    if reason == "stop" and message.get("tool_calls"):
        reason = "tool_calls"
    return {
        **choice,
        "message": {**message, "content": _without_thoughts(message)},
        "finish_reason": COMMON_REASONS.get(reason, "stop"),
        "provider_specific_fields": {"native_finish_reason": reason},
    }


def _without_thoughts(message: Reply) -> JsonValue:
    content = message.get("content")
    if not isinstance(content, str) or {"reasoning_content", "reasoning"} & message.keys():
        return content
    thought = _THOUGHT.match(content)
    return thought[1] if thought else content


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
        return (_string(arguments) or "") if isinstance(arguments, str | None) else json.dumps(arguments)
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
    """Tokens as the provider counted them; litellm writes 0 and 0 where it was told nothing."""
    usage = _mapping(reply.get("usage"))
    prompt_tokens, completion_tokens = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if not prompt_tokens and not completion_tokens:
        return Usage()
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
        if isinstance(token, str) and isinstance(logprob, (int, float)) and not math.isnan(logprob):
            by_token[token] = math.exp(min(0.0, logprob))
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
        if "extra_body" in plain:
            extra = plain["extra_body"] or {}
            plain = {name: value for name, value in plain.items() if name != "extra_body"} | extra
        return hashlib.sha256(canonical_json(plain)).hexdigest()
    except (TypeError, ValueError):
        return None


def _mapping(value: JsonValue) -> Reply:
    return value if isinstance(value, dict) else {}


def _string(value: JsonValue) -> str | None:
    """A text that a file can hold: JSON can spell half a character (a cut emoji), UTF-8 cannot."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) and value else None


def _count(usage: Reply, name: str) -> int | None:
    value = usage.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST_COUNT else None
