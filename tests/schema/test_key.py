from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from harness.schema import Message, Request, canonical_json, digest_key, digest_request, request_key
from harness.schema.base import Record
from harness.schema.key import KeyFrame, canonical_chunks, key_frame

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_json_is_that_of_rfc8785(value: JsonValue) -> None:
    """Whatever plain JSON data it is, the bytes are those of the reference implementation."""
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        # RFC 8785, section 3.2.2 and appendix B
        ({"b": 1.0, "a": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27]}, None),
        ({"literals": [None, True, False]}, b'{"literals":[null,true,false]}'),
        ([-0.0, 0.0, 7.0], b"[0,0,7]"),
        ([0.0001, 0.00001, 1e-7], b"[0.0001,0.00001,1e-7]"),
        ([1e15, 9007199254740992.0, 1e21, 0.1], b"[1000000000000000,9007199254740992,1e+21,0.1]"),
        ('\u20ac$\u000f\u000aA\'B"\\"/\x7f', b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\"/\x7f"'),
        # by UTF-16 code units the emoji comes before the ligature, by code points after it
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'.encode()),
    ],
)
def test_numbers_strings_and_order(value: JsonValue, written: bytes | None) -> None:
    """Where the standard library would write otherwise, the canonical form stands."""
    expected = b'{"a":[333333333.3333333,1e+30,4.5,0.002,1e-27],"b":1}' if written is None else written
    assert canonical_json(value) == expected


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), "\ud83d", {1: "a"}, {b"a": 1}]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    """NaN, integers too large for a double, half a character, names that are no strings."""
    with pytest.raises((rfc8785.CanonicalizationError, AttributeError, TypeError)):
        canonical_json([value])


def test_a_record_is_its_plain_content() -> None:
    """A record and its own JSON have the same canonical form."""
    request = Request(
        model_id="openai/x",
        service="",
        endpoint="chat",
        messages=(Message(role="user", content="Émoi 🙂"),),
        parameters={"temperature": 0.0, "top_p": 0.95},
        repeat=0,
    )
    assert canonical_json(request) == rfc8785.dumps(json.loads(request.model_dump_json()))


PARAMETERS = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


@given(st.lists(st.text(), min_size=1, max_size=3), PARAMETERS, PARAMETERS, st.integers(0, 9))
def test_the_key_is_the_hash_of_every_field(
    texts: list[str], parameters: dict[str, JsonValue], runtime: dict[str, JsonValue], repeat: int
) -> None:
    """The key is what its definition says, from a request and from its digest alike."""
    request = Request(
        model_id="openai/x",
        service="own",
        endpoint="chat",
        messages=tuple(Message(role="user", content=text) for text in texts),
        parameters=parameters,
        repeat=repeat,
        runtime=runtime,
    )
    hashed = [{"role": "user", "sha256": hashlib.sha256(text.encode()).hexdigest()} for text in texts]
    content = {"key_version": 1, **request.model_dump(mode="json"), "messages": hashed}
    expected = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    assert request_key(request) == expected
    assert digest_key(digest_request(request)) == expected
    other = request.model_copy(update={"messages": (Message(role="system", content="other"),)})
    assert KeyFrame(other).key(request.messages) == expected


def test_messages_stand_between_the_settings_of_a_key() -> None:
    """A key is put together of three blocks, so no field of a request may sort before its messages."""
    assert sorted({"key_version", *Request.model_fields})[:3] == ["endpoint", "key_version", "messages"]


class Leaf(Record):
    """A small record."""

    number: float
    text: str = "é"


class Tree(Record):
    """A record with records, in an order that is not that of the alphabet."""

    rows: tuple[Leaf, ...]
    alone: Leaf | None = None
    named: dict[int, str] = {}
    empty: tuple[Leaf, ...] = ()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)), st.text())
def test_a_record_written_in_pieces_is_the_same_record(numbers: list[float], text: str) -> None:
    """However large, the pieces together are the canonical JSON of the whole."""
    leaves = tuple(Leaf(number=number, text=text) for number in numbers)
    tree = Tree(rows=leaves, alone=leaves[0] if leaves else None, named={2: text})
    expected = outcome(canonical_json, tree)
    assert outcome(lambda one: b"".join(canonical_chunks(one)), tree) == expected


def outcome(write: Callable[[Record], bytes], record: Record) -> bytes | type[Exception]:
    """What was written, or how that failed."""
    try:
        return write(record)
    except rfc8785.CanonicalizationError as error:
        return type(error)


@pytest.mark.parametrize("text", ["\x001e-7", "\x00", "\\u00001e-7", '"\x005.0"'])
def test_no_text_is_taken_for_a_number(text: str) -> None:
    """A text that looks like the stand-in of a small number stays a text, with such a number beside it."""
    for value in ([text], [text, 1e-7], {"a": 3e-9, "b": [text, 1e300]}):
        assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_requests_share_a_frame_only_with_their_very_parameters() -> None:
    """Calls of one plan share the work; what differs in anything but its messages has a key of its own."""
    messages = (Message(role="user", content="Which?"),)
    first = Request(
        model_id="m", service="", endpoint="chat", messages=messages, parameters={"seed": 1}, repeat=0
    )
    other = (Message(role="user", content="Why?"),)
    assert key_frame(first.model_copy(update={"messages": other})) is key_frame(first)
    changes: list[dict[str, object]] = [
        {"parameters": {"seed": 2}},
        {"repeat": 1},
        {"service": "s"},
        {"model_id": "n"},
        {"endpoint": "next_token"},
        {"runtime": {"threads": 1}},
    ]
    copies = [first.model_copy(update=change) for change in changes]
    assert len({request_key(one) for one in [first, *copies]}) == len(changes) + 1
    for one in copies:
        assert request_key(one) == digest_key(digest_request(one)) == KeyFrame(one).key(messages)
