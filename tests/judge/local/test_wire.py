from __future__ import annotations

import json
import math
from typing import Any

import pytest

from harness.errors import JudgeRejectedError, TransientJudgeError
from harness.judge.local.wire import (
    N_TOP_TOKENS,
    Circumstances,
    build_body,
    candidate_probabilities,
    compact_grammar,
    read_completion,
)
from harness.schema import Message, Request

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"B": {"type": "integer"}, "A": {"type": "integer"}},
}
CIRCUMSTANCES = Circumstances(1.5, "2030-05-01T12:00:00+00:00", {"xllamacpp": "1"}, "0" * 64)


def _request(**changes: Any) -> Request:  # noqa: ANN401 - any field of a request
    fields: dict[str, Any] = {
        "model_id": "local/tiny",
        "service": "",
        "endpoint": "chat",
        "messages": (Message(role="system", content="Règles"), Message(role="user", content="Cas")),
        "parameters": {"temperature": 0.0, "seed": 0, "max_tokens": 300},
        "repeat": 0,
    }
    return Request(**{**fields, **changes})


def _reply(text: str = "A", **choice: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a choice
    chosen = {"message": {"content": text}, "finish_reason": "stop", **choice}
    return {"choices": [chosen], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


def test_parameters_pass_as_they_are() -> None:
    """Messages and sampling parameters reach the runtime unchanged."""
    body = build_body(_request())
    assert body == {
        "messages": [{"role": "system", "content": "Règles"}, {"role": "user", "content": "Cas"}],
        "temperature": 0.0,
        "seed": 0,
        "max_tokens": 300,
    }


def test_schema_becomes_a_grammar_without_white_space() -> None:
    """The schema is enforced by a grammar that allows no white space and changes nothing else."""
    named = {"name": "verdict", "strict": True, "schema": SCHEMA}
    body = build_body(_request(parameters={"response_format": {"type": "json_schema", "json_schema": named}}))
    head, _, written = body["grammar"].partition("start: %json ")
    grammar = json.loads(written)
    assert head == "%llguidance {}\n"
    assert grammar.pop("x-guidance")["whitespace_flexible"] is False
    assert grammar == SCHEMA
    assert "response_format" not in body


def test_order_of_the_reply_is_in_the_key() -> None:
    """Properties come in the order of `required`, which the key keeps, whatever the order of `properties`."""
    names = ("z", "b", "a")
    written: dict[str, Any] = {name: {"type": "integer"} for name in names}
    schema: dict[str, Any] = {"type": "object", "properties": written, "required": ["b", "z"]}
    grammar = json.loads(compact_grammar(schema).partition("start: %json ")[2])
    assert list(grammar["properties"]) == ["b", "z", "a"]
    turned = {**schema, "properties": {name: written[name] for name in reversed(names)}}
    assert compact_grammar(turned) == compact_grammar(schema)


def test_other_response_formats_are_refused() -> None:
    """A response format that would be silently ignored is refused."""
    with pytest.raises(JudgeRejectedError, match="json_schema"):
        build_body(_request(parameters={"response_format": {"type": "json_object"}}))


def test_next_token_asks_for_one_token_and_its_alternatives() -> None:
    """A next-token request generates one token and lists the most probable ones; candidates stay here."""
    request = _request(endpoint="next_token", parameters={"candidates": ["A", "B"], "max_tokens": 9})
    body = build_body(request)
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, N_TOP_TOKENS)
    assert "candidates" not in body


def test_completion_is_what_came_back() -> None:
    """Text, finish reason and counts are the runtime's; the model is named by its id, never by a path."""
    completion = read_completion(_request(), {**_reply("Bien"), "model": "/home/me/tiny.gguf"}, CIRCUMSTANCES)
    assert (completion.text, completion.finish_reason, completion.model_echo) == (
        "Bien",
        "stop",
        "local/tiny",
    )
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)
    assert completion.probabilities is None
    assert completion.latency_s == 1.5


@pytest.mark.parametrize(
    ("text", "used"),
    [
        pytest.param('{"A":1}', True, id="compact"),
        pytest.param("{", True, id="truncated"),
        pytest.param("", True, id="empty"),
        pytest.param("Hello! How can I", False, id="prose"),
        pytest.param('{\n  "A": 1}', False, id="written freely"),
    ],
)
def test_schema_that_was_dropped_is_noticed(text: str, used: bool) -> None:
    """A reply that the grammar could not have produced is refused: the runtime dropped the schema."""
    named = {"name": "verdict", "schema": SCHEMA}
    request = _request(parameters={"response_format": {"type": "json_schema", "json_schema": named}})
    if used:
        assert read_completion(request, _reply(text), CIRCUMSTANCES).text == text
    else:
        with pytest.raises(JudgeRejectedError, match="cannot enforce"):
            read_completion(request, _reply(text), CIRCUMSTANCES)


def test_probabilities_of_the_candidates() -> None:
    """Each candidate gets the probability of its token, with and without a space before it; absent = 0."""
    top = [("A", math.log(0.5)), ("B", math.log(0.25)), (" A", math.log(0.125)), ("AB", math.log(0.1))]
    assert candidate_probabilities(["A", "B", "X"], top) == pytest.approx({"A": 0.625, "B": 0.25, "X": 0.0})


def test_next_token_completion_carries_probabilities() -> None:
    """A next-token reply gives the candidates' probabilities in the request's order."""
    top = [{"token": "B", "logprob": math.log(0.75)}, {"token": "A", "logprob": math.log(0.2)}]
    reply = _reply("B", finish_reason="length", logprobs={"content": [{"top_logprobs": top}]})
    request = _request(endpoint="next_token", parameters={"candidates": ["A", "B"]})
    probabilities = read_completion(request, reply, CIRCUMSTANCES).probabilities
    assert probabilities is not None
    assert list(probabilities) == ["A", "B"]
    assert probabilities == pytest.approx({"A": 0.2, "B": 0.75})


def test_next_token_without_candidates_is_refused() -> None:
    """Asking for probabilities of nothing is an invalid request."""
    with pytest.raises(JudgeRejectedError, match="candidates"):
        read_completion(_request(endpoint="next_token"), _reply(), CIRCUMSTANCES)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(400, JudgeRejectedError, id="too long"),
        pytest.param(500, TransientJudgeError, id="runtime failed"),
    ],
)
def test_errors_in_replies_are_raised(code: int, kind: type[Exception]) -> None:
    """The runtime returns its errors as replies; here they become ours, with its words."""
    with pytest.raises(kind, match="exceeds the available context"):
        read_completion(
            _request(), {"error": {"code": code, "message": "exceeds the available context"}}, CIRCUMSTANCES
        )
