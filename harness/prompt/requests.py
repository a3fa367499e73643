"""Messages -> the request of one call: parameters, and the schema of the reply where one is sent."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from harness.prompt.rendering import PromptSource
from harness.schema import DIMENSIONS, JudgeSpec, Message, Request, Rulebook

MAX_TOKEN_GRADE = 9
"""The highest grade that is surely one token."""

MAX_REASON_CHARACTERS = 120
MAX_RULES_CITED = 3


def reply_schema(
    slots: Sequence[str], source: PromptSource, *, bounded: bool, ends: bool = True
) -> dict[str, JsonValue]:
    """JSON schema of a reply with grades: flat, small integers, enums, one short string.

    `bounded` adds lengths, which a grammar honours and some providers' strict mode refuses.
    """
    grade: dict[str, JsonValue] = {"type": "integer", "enum": list(range(1, source.n_grades + 1))}
    slot: dict[str, JsonValue] = {"type": "string", "enum": list(slots)}
    properties: dict[str, JsonValue] = dict.fromkeys(slots, grade)
    if source.dimensions:
        properties |= {f"{name}_{dimension}": grade for name in slots for dimension in DIMENSIONS}
    if ends:
        properties |= {"best": slot, "worst": slot}
    if source.rulebook.rules:
        properties["rules"] = _rules_schema(source.rulebook, bounded=bounded)
    properties["reason"] = (
        {"type": "string", "maxLength": MAX_REASON_CHARACTERS} if bounded else {"type": "string"}
    )
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _rules_schema(rulebook: Rulebook, *, bounded: bool) -> dict[str, JsonValue]:
    numbers: list[JsonValue] = [rule.number for rule in rulebook.rules]
    schema: dict[str, JsonValue] = {"type": "array", "items": {"type": "integer", "enum": numbers}}
    if bounded:
        schema |= {"minItems": 1, "maxItems": MAX_RULES_CITED}
    return schema


def is_local(model_id: str) -> bool:
    """Whether a model runs in this process from a weights file."""
    return model_id.startswith(("local/", "gguf:"))


def is_pasted(model_id: str) -> bool:
    """Whether a person carries prompts to a chat window and pastes the replies back."""
    return model_id.startswith("pasted/")


def build_listwise_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    schema: dict[str, JsonValue],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of a call that grades, its schema sent by the mechanism that the preset names."""
    parameters = _sampling(spec)
    named: dict[str, JsonValue] = {"name": "verdict", "strict": True, "schema": schema}
    if spec.mechanism == "native":
        parameters["response_format"] = {"type": "json_schema", "json_schema": named}
    elif spec.mechanism == "tool":
        function: dict[str, JsonValue] = {"name": "verdict", "parameters": schema}
        parameters["tools"] = [{"type": "function", "function": function}]
        parameters["tool_choice"] = {"type": "function", "function": {"name": "verdict"}}
    return _request(spec, messages, parameters, repeat, runtime)


def build_pairwise_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    slots: Sequence[str],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of one pairwise call: next-token probabilities of the two slot names, or one word."""
    parameters = _sampling(spec)
    if spec.pair_reading == "word":
        return _request(spec, messages, parameters, repeat, runtime)
    parameters["candidates"] = list(slots)
    return _request(spec, messages, parameters, repeat, runtime).model_copy(update={"endpoint": "next_token"})


def build_grade_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    n_grades: int,
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of one pointwise call that is read as token probabilities, one candidate per grade."""
    parameters = _sampling(spec)
    parameters["candidates"] = [str(grade) for grade in range(1, n_grades + 1)]
    return _request(spec, messages, parameters, repeat, runtime).model_copy(update={"endpoint": "next_token"})


def _sampling(spec: JudgeSpec) -> dict[str, JsonValue]:
    if is_pasted(spec.model_id):
        return {}  # a chat window has settings, and nobody knows them
    asked: dict[str, JsonValue] = spec.sampling.model_dump(exclude_none=True)
    return asked | spec.extra_parameters


def _request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    parameters: dict[str, JsonValue],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    return Request(
        model_id=spec.model_id,
        service=spec.service or spec.api_base or "",
        endpoint="chat",
        messages=messages,
        parameters=parameters,
        repeat=repeat,
        runtime=runtime,
    )
