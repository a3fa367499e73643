"""Reply codes: everything comes back, and nothing mistyped passes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.classroom.codes import ALPHABET
from harness.classroom.replycodes import (
    CodeFrame,
    Reply,
    ReplyCodeError,
    decode,
    encode,
    frame_of,
    read_codes,
)
from harness.load.content import load_case_set

VECTORS = json.loads((Path(__file__).parent / "reply_codes.json").read_text(encoding="utf-8"))
ANSWERS = "abcd"


def _frame() -> CodeFrame:
    case_set, cases = load_case_set("annotator")
    return frame_of(case_set.set_id, case_set.n_grades, cases, ("hhh", "caution-first"))


FRAME = _frame()
CODES = [row["code"] for row in VECTORS["rows"]]

replies = st.builds(
    Reply,
    tag=st.text(ALPHABET, min_size=4, max_size=4),
    vote=st.sampled_from([1, 2]),
    rulebook_id=st.sampled_from(FRAME.rulebooks),
    grades=st.fixed_dictionaries(
        {
            case_id: st.dictionaries(st.sampled_from(answers), st.integers(1, 4))
            for case_id, answers in FRAME.cases
        }
    ),
)


def test_the_table_of_codes_is_what_python_writes() -> None:
    """The table that the page's script is tested with says what this module says."""
    assert VECTORS["frame"]["digest"] == FRAME.digest
    for row in VECTORS["rows"]:
        reply = Reply(row["tag"], row["vote"], row["rulebook_id"], row["grades"])
        assert encode(reply, FRAME) == row["code"]
        assert decode(row["code"], FRAME) == reply


@given(replies)
def test_a_reply_comes_back_whole(reply: Reply) -> None:
    """Grades, blanks, vote, rulebook and tag survive, in five groups of four."""
    code = encode(reply, FRAME)
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4, 4]
    assert decode(code.lower().replace("-", " "), FRAME) == reply


@pytest.mark.parametrize("code", CODES[:4])
def test_every_single_wrong_sign_is_refused(code: str) -> None:
    """No code with one sign replaced by another is read."""
    signs = code.replace("-", "")
    for place, right in enumerate(signs):
        for wrong in set(ALPHABET) - {right}:
            with pytest.raises(ReplyCodeError) as caught:
                decode(signs[:place] + wrong + signs[place + 1 :], FRAME)
            assert caught.value.trouble == "check"


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_neighbours_is_refused(code: str) -> None:
    """No code with two different neighbours swapped is read."""
    signs = code.replace("-", "")
    for place in range(len(signs) - 1):
        swapped = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]
        if swapped != signs:
            with pytest.raises(ReplyCodeError):
                decode(swapped, FRAME)


@given(
    replies,
    st.tuples(st.integers(0, 19), st.integers(0, 19)),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_two_wrong_signs_are_refused(reply: Reply, places: tuple[int, int], shifts: tuple[int, int]) -> None:
    """A code below 31 signs with any two wrong signs is never read as another reply."""
    signs = list(encode(reply, FRAME).replace("-", ""))
    for place, shift in zip(places, shifts, strict=True):
        signs[place] = ALPHABET[(ALPHABET.index(signs[place]) + shift) % 31]
    if "".join(signs) != encode(reply, FRAME).replace("-", ""):
        with pytest.raises(ReplyCodeError):
            decode("".join(signs), FRAME)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        pytest.param("BVNM-888G", "length", id="too short"),
        pytest.param(CODES[0].replace("B", "0", 1), "sign", id="a sign that is not used"),
    ],
)
def test_what_is_wrong_is_said(text: str, trouble: str) -> None:
    """A refusal names its reason, for which the pages have words."""
    with pytest.raises(ReplyCodeError) as caught:
        decode(text, FRAME)
    assert caught.value.trouble == trouble


def test_a_code_of_another_lesson_is_refused() -> None:
    """Other cases, another order of cases or other rulebooks make another digest."""
    others = [
        replace(FRAME, set_id="values"),
        replace(FRAME, cases=FRAME.cases[::-1]),
        replace(FRAME, rulebooks=("hhh", "comfort-first")),
    ]
    for other in others:
        with pytest.raises(ReplyCodeError) as caught:
            decode(CODES[0], other)
        assert caught.value.trouble == "other_set"


def test_a_payload_beyond_the_last_is_refused() -> None:
    """A well-formed code that no page can have written is no reply."""
    one = replace(FRAME, rulebooks=("hhh",))
    second_half = encode(Reply("2222", 1, "b", {}), replace(FRAME, rulebooks=("a", "b")))
    body = second_half.replace("-", "")[:16]
    forged = next(
        code
        for first in ALPHABET
        for last in ALPHABET
        if not _fails_check(code := body + one.digest + first + last, one)
    )
    with pytest.raises(ReplyCodeError) as caught:
        decode(forged, one)
    assert caught.value.trouble == "range"


def _fails_check(code: str, frame: CodeFrame) -> bool:
    try:
        decode(code, frame)
    except ReplyCodeError as error:
        return error.trouble == "check"
    return False


def test_pasted_lines_are_read_one_by_one() -> None:
    """Names around a code, repeats and unreadable lines are told apart; the last code of a pupil counts."""
    first = decode(CODES[0], FRAME)
    changed = encode(replace(first, grades={}), FRAME)
    text = f"Jean {CODES[0]}\n\n  {CODES[0].lower()} merci\nrien\n{CODES[1][:-1]}2\n{CODES[2]}\n{changed}"
    pasted = read_codes(text, FRAME)
    assert [reply.tag for reply in pasted.replies] == [CODES[2][:4], CODES[0][:4]]
    assert [(bad.line, bad.trouble) for bad in pasted.bad] == [(4, "no_code"), (5, "check")]
    assert pasted.n_again == 1
    assert pasted.replaced == (first.tag,)


def test_longer_lessons_have_longer_codes() -> None:
    """Twenty-four cases still give groups of four, and every grade comes back."""
    cases = tuple((f"case-{n}", tuple(f"case-{n}-{letter}" for letter in ANSWERS)) for n in range(24))
    frame = CodeFrame(set_id="long", n_grades=4, rulebooks=("hhh",), cases=cases)
    grades = {case_id: {answer: 1 + n % 4 for n, answer in enumerate(answers)} for case_id, answers in cases}
    reply = Reply("ABCD", 2, "hhh", grades)
    assert frame.length % 4 == 0
    assert decode(encode(reply, frame), frame) == reply


def test_ballots_hold_only_cases_with_a_grade() -> None:
    """A case that was left blank makes no ballot."""
    reply = Reply("ABCD", 2, "hhh", {"poem": {"poem-a": 3}, "screens": {}})
    assert [(one.case_id, one.vote, one.grades) for one in reply.ballots("p1")] == [
        ("poem", 2, {"poem-a": 3})
    ]
