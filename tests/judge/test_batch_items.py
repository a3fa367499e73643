from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge.batch_items import Items, request_line
from harness.judge.batch_terms import batch_terms, why_no_batches
from harness.judge.translate import Failure
from harness.load.content import load_judges
from harness.schema import JudgeSpec

NOW = datetime(2030, 5, 1, tzinfo=UTC)


def read(**line: object) -> object:
    """What one line about the request `k` says."""
    items = Items()
    items.add(json.dumps({"custom_id": "k"} | line).encode())
    return items.answer("k", NOW)


def kind(found: object) -> str:
    """The kind of a failure."""
    assert isinstance(found, Failure)
    return found.kind


def test_a_request_is_one_line_under_its_key() -> None:
    """The key comes back as custom id; line breaks and halves of characters stay inside the line."""
    line = request_line("f" * 64, {"messages": [{"role": "user", "content": "a\nb é \ud83d"}]})
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line)["custom_id"] == "f" * 64


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": {"message": "x", "code": "context_length_exceeded"}}, "rejected"),
        (400, {"error": {"message": "x", "code": "content_policy_violation"}}, "filtered"),
        (401, {"error": {"message": "x"}}, "unavailable"),
        (429, {"error": {"message": "x"}}, "transient"),
        (429, {"error": {"message": "x", "code": "insufficient_quota"}}, "unavailable"),
        (500, None, "transient"),
        (200, {"choices": []}, "transient"),
        (200, None, "transient"),
        (200, "text", "transient"),
        ("200", {}, "transient"),
        (True, {}, "transient"),
    ],
)
def test_a_status_means_what_it_means_live(status: object, body: object, expected: str) -> None:
    """The rules of live calls hold for the answers of a batch."""
    assert kind(read(response={"status_code": status, "body": body}, error=None)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"response": None, "error": {"code": "batch_expired", "message": "x"}}, "transient"),
        ({"response": None, "error": {"code": "insufficient_quota", "message": "x"}}, "unavailable"),
        ({"response": None, "error": "busy"}, "transient"),
        ({"response": None, "error": None}, "transient"),
        ({}, "transient"),
    ],
)
def test_a_line_without_an_answer_is_a_failure(line: dict[str, object], expected: str) -> None:
    """Nothing is taken for an answer that is none."""
    assert kind(read(**line)) == expected


def test_the_first_of_two_lines_counts() -> None:
    """The others are counted."""
    lines = [{"custom_id": "k", "error": {"code": code}} for code in ("batch_expired", "insufficient_quota")]
    items = Items()
    items.add(b"\n".join(json.dumps(line).encode() for line in lines))
    assert (kind(items.answer("k", NOW)), items.n_duplicates) == ("transient", 1)
    assert items.answer("somebody", NOW) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_inventing_an_answer(content: bytes) -> None:
    """What is no line about a request is counted as unreadable."""
    items = Items()
    items.add(content)
    assert all(isinstance(items.answer(name, NOW), Failure) for name in items.lines)
    n_lines = sum(bool(line.strip()) for line in content.split(b"\n"))
    assert items.n_unreadable + items.n_duplicates + len(items.lines) == n_lines


@pytest.mark.parametrize(
    ("model_id", "api_base", "words"),
    [
        ("openai/gpt-4o", None, None),
        ("openai/own", "http://gpu:8000/v1", None),
        ("hosted_vllm/own", "http://gpu:8000/v1", None),
        ("hosted_vllm/own", None, "would go to OpenAI"),
        ("anthropic/claude", None, "cannot create one"),
        ("gemini/flash", None, "Google AI Studio"),
        ("azure/gpt", None, "another judge"),
        ("mistral/small", None, "openai/NAME"),
        ("local/small", None, "here"),
        ("scripted/random", None, "here"),
        ("pasted/chat", None, "here"),
        ("gguf:/openai/x.gguf", None, "here"),
    ],
)
def test_who_has_batches(model_id: str, api_base: str | None, words: str | None) -> None:
    """Known before anything is uploaded, with the reason."""
    why = why_no_batches(JudgeSpec(judge_id="judge", model_id=model_id, api_base=api_base))
    assert (why is None) if words is None else (why is not None and words in why)


def test_only_openai_is_known_to_cost_half(root: Path) -> None:
    """An unknown price stays unknown; the facts have a date and a source."""
    own = JudgeSpec(judge_id="own", model_id="openai/own", api_base="http://gpu:8000/v1")
    assert batch_terms(own).price_factor is None
    terms = batch_terms(JudgeSpec(judge_id="gpt", model_id="openai/gpt-4o"))
    assert (terms.price_factor, terms.max_requests, terms.max_bytes) == (0.5, 50_000, 200_000_000)
    assert terms.source.startswith("https://")
    offered = [spec.judge_id for spec in load_judges(None) if why_no_batches(spec) is None]
    assert "openai-gpt" in offered
