from __future__ import annotations

import inspect
import os
import sys
from datetime import UTC, datetime
from types import ModuleType

import pytest

from harness.judge.redact import MASK, redact, secret_values
from harness.judge.reply import wire_sha256
from harness.judge.translate import BY_STATUS, CERTAIN, WORDS, classify, parse_retry_after

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def litellm() -> ModuleType:
    """Give litellm as the client imports it."""
    from harness.judge.client import load_litellm

    module: ModuleType = load_litellm()
    return module


def test_every_litellm_exception_has_its_place(litellm: ModuleType) -> None:
    """When litellm grows or loses an exception class, somebody has to decide what it means."""
    found = {
        name
        for module in (litellm, sys.modules["litellm.exceptions"])
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, BaseException)
    }
    assert found == set(CERTAIN) | set(BY_STATUS)
    assert not set(CERTAIN) & set(BY_STATUS)
    assert len(found) == 32


def test_classes_of_other_families_are_translated_too(litellm: ModuleType) -> None:
    """Six of litellm's classes derive from no openai class; they are recognised all the same."""
    guardrail = litellm.exceptions.GuardrailRaisedException(message="blocked")
    budget = litellm.exceptions.BudgetExceededError(current_cost=2.0, max_budget=1.0)
    kinds = [getattr(classify(error, NOON), "kind", None) for error in (guardrail, budget)]
    assert kinds == ["rejected", "unavailable"]


@pytest.mark.parametrize("name", ["InternalServerError", "APIConnectionError", "AuthenticationError"])
def test_a_missing_key_is_known_by_its_words(litellm: ModuleType, name: str) -> None:
    """The class for a missing key differs by route; the words tell."""
    words = "The api_key client option must be set either by passing api_key"
    error = getattr(litellm, name)(message=words, llm_provider="openai", model="test")
    failure = classify(error, NOON)
    assert failure is not None
    assert failure.kind == "unavailable"


def test_words_inside_a_reply_decide_nothing(litellm: ModuleType) -> None:
    """A half reply that litellm quotes in its error may hold any words; it is still a broken transport."""
    message = (
        "Unable to get json response - line 1, Original Response: {'text': 'content_filter insufficient_quota"
    )
    error = litellm.APIConnectionError(message=message, llm_provider="anthropic", model="test")
    failure = classify(error, NOON)
    assert failure is not None
    assert failure.kind == "transient"


@pytest.mark.parametrize("error", [TypeError("bug"), KeyError("bug"), AttributeError("bug")])
def test_our_own_mistakes_are_not_translated(error: Exception) -> None:
    """A bug is raised as the bug it is, not filed as a provider's failure."""
    assert classify(error, NOON) is None


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError("reset"), OSError("no route")])
def test_bare_network_errors_may_pass(error: Exception) -> None:
    """Errors of the system's own network calls may be asked again."""
    failure = classify(error, NOON)
    assert failure is not None
    assert failure.kind == "transient"


def test_words_are_lower_case() -> None:
    """Words are compared in lower case, so a capital in the table would never match."""
    assert all(phrase == phrase.lower() for phrase in WORDS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", 12.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Wed, 01 May 2030 12:01:00 GMT", 60.0),
        ("Wed, 01 May 2030 14:01:00 +0200", 60.0),
        ("Tue, 30 Apr 2030 12:00:00 GMT", 0.0),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("later", None),
    ],
)
def test_reads_retry_after(value: str, expected: float | None) -> None:
    """Seconds and HTTP dates are read; what is neither is not guessed at."""
    assert parse_retry_after(value, NOON) == expected


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Incorrect API key provided: sk-proj-abc123456789. See docs", "abc123456789"),
        ("Authorization: Bearer abc.def-ghi123", "abc.def-ghi123"),
        ('{"api_key": "0123456789abcdef"}', "0123456789abcdef"),
        ("https://host/v1?key=AIzaSyA1234567890abcdef&x=1", "AIzaSyA1234567890abcdef"),
        ("http://user:hunter22@host/v1", "hunter22"),
        ("the value plainvalue99 was refused", "plainvalue99"),
    ],
)
def test_keys_are_masked(text: str, gone: str) -> None:
    """Key shapes, named keys, keys in URLs and known values all disappear from a message."""
    masked = redact(text, {"plainvalue99"})
    assert gone not in masked
    assert MASK in masked


def test_ordinary_words_stay() -> None:
    """A message without keys is handed on unchanged."""
    text = "HTTP 429, RateLimitError: Limit 10000 tokens per min. Try again in 6s; risk-free: task-oriented"
    assert redact(text) == text


def test_finds_the_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables named like keys are known as secrets; others, and values too short to be keys, are not."""
    monkeypatch.setattr(os, "environ", {})
    environ = {"A_API_KEY": "longenough1", "B_TOKEN": "short", "HOME": "/home/somebody"}
    assert secret_values(environ) == {"longenough1"}


def test_a_body_that_is_no_json_has_no_hash() -> None:
    """What cannot be seen as plain JSON gets no hash rather than a wrong one."""
    assert wire_sha256(object()) is None
    assert wire_sha256("no json") is None
    assert wire_sha256({"a": object()}) is None
    assert wire_sha256('{"b": 1, "a": 2}') == wire_sha256({"a": 2, "extra_body": {"b": 1}})
