"""Payloads that are put together, or taken apart, without writing or reading the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.schema import Message, Outcome, Recording, canonical_json, digest_request, request_key
from harness.schema.key import key_frame
from harness.store.lines import (
    LineError,
    check_key,
    is_completion,
    message_hashes,
    parse_answered,
    recording_payload,
    trusted_completion,
)
from tests.store.conftest import Calls

LIKE_A_PAYLOAD = (
    '","key":"{key}","kind":"completion","origin":{"a":1},"request":{"endpoint":"chat","messages":[]',
    '\\","request":{"endpoint":"chat","messages":[{"role":"user","sha256":"' + "0" * 64 + '"}]',
    '{"completion":{"text":"',
)
TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(LIKE_A_PAYLOAD)


def recorded(text: str, contents: list[str]) -> Recording:
    """The recording of a reply to messages with these contents."""
    messages = tuple(Message(role="user", content=content) for content in contents)
    request = Calls().request(messages=messages, parameters={"temperature": 0.0, text: [text, 1e-9]})
    key = request_key(request)
    told = text.replace("{key}", key)
    return Recording(
        key=key, request=digest_request(request), origin=Calls().origin(), completion=Calls().completion(told)
    )


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_a_payload_put_together_is_the_canonical_record(text: str, contents: list[str]) -> None:
    """From its parts a recording gets the bytes that canonical JSON gives the whole."""
    whole = recorded(text, contents)
    messages = tuple(Message(role="user", content=content) for content in contents)
    asked = Calls().request(messages=messages, parameters={"temperature": 0.0, text: [text, 1e-9]})
    request = key_frame(asked).digest_json(messages)
    assert recording_payload(whole.key, request, whole.origin, whole.completion) == canonical_json(whole)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_parts_are_found_where_they_stand(text: str, contents: list[str]) -> None:
    """Neither a reply nor a parameter that looks like a payload is taken for a part of it."""
    whole = recorded(text, contents)
    payload = canonical_json(whole)
    assert is_completion(payload)
    assert trusted_completion(whole.key, payload) == whole.completion
    assert message_hashes(payload) == [message.sha256 for message in whole.request.messages]
    check_key(payload, whole.key)


def test_an_outcome_has_messages_and_no_completion(calls: Calls) -> None:
    """An outcome is told from a completion, whatever its message says."""
    outcome: Outcome = calls.outcome(1, f'{{"completion":{{,"key":"{calls.outcome(1).key}"')
    payload = canonical_json(outcome)
    assert not is_completion(payload)
    assert trusted_completion(outcome.key, payload) is None
    assert message_hashes(payload) == [message.sha256 for message in outcome.request.messages]


def test_a_key_that_is_not_the_request_s_is_refused(calls: Calls) -> None:
    """A payload under another key than that of its request is damaged."""
    payload = canonical_json(calls.recording(1))
    with pytest.raises(LineError, match="is not the key of the request"):
        check_key(payload, calls.recording(2).key)


@pytest.mark.parametrize("odd", [b"1e999", b"5" * 70], ids=["infinite", "too-large"])
def test_a_number_that_json_cannot_carry_is_a_damaged_line(calls: Calls, odd: bytes) -> None:
    """A request with such a number has no key: the line is refused in words."""
    payload = canonical_json(calls.recording(1))
    spoilt = payload.replace(b'"temperature":0', b'"temperature":' + odd, 1)
    assert spoilt != payload
    with pytest.raises(LineError, match="has no key"):
        parse_answered(spoilt)
