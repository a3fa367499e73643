"""Answers are verified part by part as strictly as in one piece."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.schema import Recording, canonical_json
from harness.schema.key import digest_key
from harness.store import plain_answers
from harness.store.lines import LineError, parse_answered
from harness.store.plain_answers import AnswerCheck, Answered
from tests.store.conftest import Calls
from tests.store.test_lines import TEXTS, recorded


def in_one_piece(payload: bytes) -> Answered | str:
    """What parsing the whole payload says: its key and texts, or why it is refused."""
    try:
        answered = parse_answered(payload)
    except LineError as error:
        return str(error)
    needed = answered.request.messages if isinstance(answered, Recording) else ()
    return Answered(answered.key.encode(), tuple(message.sha256.encode() for message in needed))


def in_parts(check: AnswerCheck, payload: bytes) -> Answered | str:
    """The same, part by part."""
    try:
        return check.check(payload)
    except LineError as error:
        return str(error)


@pytest.fixture
def only_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a payload is parsed as a whole."""

    def refuse(_: bytes) -> Recording:
        raise AssertionError("parsed as a whole")

    monkeypatch.setattr(plain_answers, "parse_answered", refuse)


@pytest.mark.usefixtures("only_parts")
def test_what_our_writers_write_is_verified_in_parts(calls: Calls) -> None:
    """A recording in canonical JSON is never parsed as a whole, and its texts are told."""
    check = AnswerCheck()
    for number in range(3):
        recording = calls.recording(number)
        needed = tuple(message.sha256.encode() for message in recording.request.messages)
        expected = Answered(recording.key.encode(), needed)
        assert check.check(canonical_json(recording)) == expected


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_texts_that_look_like_payloads_change_nothing(text: str, contents: list[str]) -> None:
    """A reply or a parameter that looks like a part of a payload is not cut there."""
    payload = canonical_json(recorded(text, contents))
    assert in_parts(AnswerCheck(), payload) == in_one_piece(payload)


def test_an_outcome_is_parsed_as_a_whole(calls: Calls) -> None:
    """How a call ended without a completion needs no text."""
    outcome = calls.outcome(1)
    assert AnswerCheck().check(canonical_json(outcome)) == Answered(outcome.key.encode(), ())


PIECES = [
    *('"', "{", "}", "[", "]", ",", ":", "\\", "0", "-1", "null", '"x"', "é", "1e999", "true", " "),
    *('"key":"x",', ',"messages":[]', ',"request":{}', ',"a":1', "g", "user", "robot", "completion"),
]


@st.composite
def damage(draw: st.DrawFn) -> Callable[[str], str]:
    """Give a change of a payload: something put in, taken out, or put elsewhere."""
    at, width = draw(st.floats(0, 1)), draw(st.integers(0, 3))
    piece = draw(st.sampled_from(["", *PIECES]))

    def changed(text: str) -> str:
        place = round(at * len(text))
        return text[:place] + piece + text[place + width :]

    return changed


CHECK = AnswerCheck()
"""One for all: what is remembered of good payloads must not let bad ones through."""


def _rekeyed(text: str) -> bytes:
    """The payload under the key of the request that it holds by now, as far as it holds one."""
    try:
        plain = json.loads(text)
        request = Recording.model_validate({**plain, "key": "0" * 64}).request
        before = plain["key"]
        return text.replace(f'"key":"{before}"', f'"key":"{digest_key(request)}"').encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        return text.encode()


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 2), changes=st.lists(damage(), max_size=2), rekeyed=st.booleans())
def test_damage_is_found_as_in_one_piece(
    number: int, changes: list[Callable[[str], str]], *, rekeyed: bool
) -> None:
    """Accepted or refused, and in which words: parts and the whole agree, also under a key made to fit."""
    text = canonical_json(Calls().recording(number)).decode()
    for change in changes:
        text = change(text)
    payload = _rekeyed(text) if rekeyed else text.encode()
    assert in_parts(CHECK, payload) == in_one_piece(payload)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"attempts":1', '"attempts":0', id="completion"),
        pytest.param('"case_id":"doctor"', '"case_id":"Doctor!"', id="origin"),
        pytest.param('"role":"user"', '"role":"robot"', id="message"),
        pytest.param('"repeat":0,"runtime"', '"repeat":"x","runtime"', id="request"),
        pytest.param('"max_tokens":400', '"max_tokens":401', id="key"),
        pytest.param('"kind":"completion"', '"kind":"rumour"', id="kind"),
    ],
)
def test_each_part_is_verified(calls: Calls, old: str, new: str) -> None:
    """One wrong word in any part of a payload is named, after any number of good payloads."""
    check = AnswerCheck()
    good = canonical_json(calls.recording(1))
    check.check(good)
    bad = good.replace(old.encode(), new.encode())
    assert bad != good
    with pytest.raises(LineError):
        check.check(_rekeyed(bad.decode()) if "max_tokens" not in old else bad)


def test_a_member_that_stands_twice_is_parsed_as_a_whole(calls: Calls) -> None:
    """Which of two lists of messages counts is the parser's affair, not that of whoever cuts."""
    text = canonical_json(calls.recording(1)).decode()
    payload = _rekeyed(text.replace(',"model_id"', ',"messages":[],"model_id"'))
    assert in_parts(AnswerCheck(), payload) == in_one_piece(payload)


def test_few_frames_are_remembered(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests differ, only so many of their frames are kept, and all are verified."""
    monkeypatch.setattr(plain_answers, "_MOST_REMEMBERED", 2)
    check = AnswerCheck()
    for repeat in [*range(5), *range(5)]:
        recording = calls.recording(1, repeat=repeat)
        assert check.check(canonical_json(recording)).key == recording.key.encode()
