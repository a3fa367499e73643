"""Request -> what the runtime is asked, and its reply -> Completion; pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from harness.errors import JudgeError, JudgeRejectedError, TransientJudgeError
from harness.judge.local.marks import without_marks
from harness.schema import Completion, Request, Usage

N_TOP_TOKENS = 40
"""Candidates are looked for among this many most probable tokens; one that is not there has probability 0."""

_COMPACT: dict[str, JsonValue] = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


def build_body(request: Request) -> dict[str, Any]:
    """The body of one chat completion.

    A JSON schema becomes a grammar that allows no white space between tokens: left free, small models fill
    a third of their reply with it.
    """
    parameters = dict(request.parameters)
    parameters.pop("candidates", None)
    schema = _schema(parameters.pop("response_format", None))
    messages = [{**one.model_dump(), "content": without_marks(one.content)} for one in request.messages]
    body: dict[str, Any] = {"messages": messages, **parameters}
    if schema is not None:
        body["grammar"] = compact_grammar(schema)
    if request.endpoint == "next_token":
        body |= {"max_tokens": 1, "logprobs": True, "top_logprobs": N_TOP_TOKENS}
    return body


def compact_grammar(schema: dict[str, JsonValue]) -> str:
    """Grammar of the JSON texts that fit a schema, written without white space, properties in a fixed order.

    The order is that of `required`, then of the alphabet, and not the schema's own: the key of a request is
    made of canonical JSON, which sorts properties, and a small model's reply depends on their order.
    """
    properties, required = schema.get("properties"), schema.get("required", [])
    if isinstance(properties, dict) and isinstance(required, list):
        first = [name for name in required if isinstance(name, str) and name in properties]
        order = [*first, *sorted(properties.keys() - set(first))]
        schema = {**schema, "properties": {name: properties[name] for name in order}}
    return "%llguidance {}\nstart: %json " + json.dumps(
        {**schema, "x-guidance": _COMPACT}, ensure_ascii=False
    )


def _schema(response_format: JsonValue) -> dict[str, JsonValue] | None:
    match response_format:
        case {"type": "json_schema", "json_schema": {"schema": dict() as schema}}:
            return schema
        case None:
            return None
        case _:
            raise JudgeRejectedError("a local model takes response_format json_schema, or none")


@dataclass(frozen=True)
class Circumstances:
    """What the reply itself does not say."""

    latency_s: float
    completed_at: str
    versions: dict[str, str]
    wire_sha256: str


def read_completion(request: Request, reply: dict[str, Any], circumstances: Circumstances) -> Completion:
    """The completion in a reply.

    Raises
    ------
    JudgeRejectedError
        The prompt does not fit the model's context, or the request is invalid.
    TransientJudgeError
        The runtime failed.
    """
    if "error" in reply:
        raise failure_of(reply["error"])
    choice = reply["choices"][0]
    usage = reply["usage"]
    text = choice["message"]["content"] or ""
    _check_schema_was_used(request, text)
    return Completion(
        text=text,
        finish_reason=choice["finish_reason"],
        probabilities=_probabilities(request, choice),
        model_echo=request.model_id,
        usage=Usage(prompt_tokens=usage["prompt_tokens"], completion_tokens=usage["completion_tokens"]),
        latency_s=circumstances.latency_s,
        completed_at=circumstances.completed_at,
        versions=circumstances.versions,
        wire_sha256=circumstances.wire_sha256,
    )


def _check_schema_was_used(request: Request, text: str) -> None:
    # A schema that the runtime cannot compile is dropped without a word, and the model writes freely.
    schema = _schema(request.parameters.get("response_format"))
    if schema is not None and schema.get("type") == "object" and text and not '{"'.startswith(text[:2]):
        raise JudgeRejectedError("the local runtime cannot enforce this JSON schema; it ignored it")


def failure_of(error: dict[str, Any]) -> JudgeError:
    """The error that the runtime's own error object stands for."""
    message = str(error.get("message", error))
    if 400 <= int(error.get("code", 500)) < 500:
        return JudgeRejectedError(f"the local model cannot take this prompt: {message}")
    return TransientJudgeError(f"the local model failed: {message}")


def _probabilities(request: Request, choice: dict[str, Any]) -> dict[str, float] | None:
    if request.endpoint != "next_token":
        return None
    candidates = request.parameters.get("candidates")
    if not isinstance(candidates, list):
        raise JudgeRejectedError("a next_token request names its candidates in parameters.candidates")
    top = choice["logprobs"]["content"][0]["top_logprobs"]
    return candidate_probabilities([str(name) for name in candidates], _pairs(top))


def _pairs(top: Sequence[dict[str, Any]]) -> Iterable[tuple[str, float]]:
    return ((entry["token"], entry["logprob"]) for entry in top)


def candidate_probabilities(candidates: Sequence[str], top: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Probability of each candidate as next token, with and without a space before it added up."""
    found = dict.fromkeys(candidates, 0.0)
    for token, logprob in top:
        if token.strip() in found:
            found[token.strip()] += math.exp(logprob)
    return found
