"""Arbitrary replies: no crash, and no grade that the reply does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.schema import FailedVerdict, RankedVerdict
from harness.verdict.words import NUMBER_WORDS, fold

Read = Callable[..., RankedVerdict | FailedVerdict]

PIECES = [
    *(
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ":",
        ",",
        " ",
        "\n",
        "=",
        "/",
        "|",
        "\\",
        "```json\n",
        "```",
        "…",
        "“",
        "”",
    ),
    *(
        "A",
        "B",
        "C",
        "D",
        "a",
        "best",
        "worst",
        "note_",
        "grades",
        "slot",
        "grade",
        "Réponse ",
        "rules",
        "reason",
    ),
    *(
        "1",
        "2",
        "3",
        "4",
        "5",
        "3.5",
        "-1",
        "3/4",
        "trois",
        "deux",
        "one",
        "null",
        "True",
        "None",
        "NaN",
        "1e9",
    ),
    *('"A": 3, ', '"B": 4, ', '"C": 1, ', '"D": 2', '{"A": 3, "B": 4, "C": 1, "D": 2}', "A: 3\n", "B = 4, "),
    *("C: 1\n", "D: 2", "<A-1a2b3c4d>", "</A-1a2b3c4d>", "<think>", "</think>", "\ud7ff", "\x00", "²", "٣"),
]
FORM = '{"A": 3, "B": 4, "C": 1, "D": 2, "best": "B", "worst": "C", "rules": [1], "reason": "x"}'


@st.composite
def mutated_forms(draw: st.DrawFn) -> str:
    """Give a good reply with a few pieces put in or taken out."""
    text = draw(
        st.sampled_from([FORM, "A: 3\nB: 4\nC: 1\nD: 2", "{'A': 'trois', 'B': '4/4', 'c': 1, 'D': 2}"])
    )
    for _ in range(draw(st.integers(1, 4))):
        place, width = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
        text = text[:place] + draw(st.sampled_from(["", *PIECES])) + text[place + width :]
    return text


replies = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join), mutated_forms()
)


def _check(read: Read, text: str) -> None:
    verdict = read(text, dimensions=True)
    if isinstance(verdict, FailedVerdict):
        assert verdict.failure in {"unparsable", "refused", "inverted"}
        return
    present = {int(digits) for digits in re.findall(r"[0-9]+", text)}
    present |= {NUMBER_WORDS[word] for word in re.findall(r"[a-z]+", fold(text)) if word in NUMBER_WORDS}
    assert set(verdict.grades.values()) <= present
    assert set(verdict.rules_cited) <= present
    assert all(slot in text.upper() for slot in "ABCD")
    assert all(grade in {1, 2, 3, 4} for grade in verdict.grades.values())


@given(text=replies)
@example(text=FORM)
def test_no_reply_crashes_or_gives_a_grade_that_is_not_in_it(read: Read, text: str) -> None:
    """Whatever a judge writes is read or fails; every grade, slot and rule stands in the text."""
    _check(read, text)


@pytest.mark.slow
@settings(max_examples=2_000)
@given(text=replies)
def test_many_replies(read: Read, text: str) -> None:
    """The same, for long."""
    _check(read, text)


@given(
    grades=st.lists(st.integers(1, 4), min_size=4, max_size=4), before=st.text("Aab ,.:\n\"'é", max_size=40)
)
def test_a_form_is_read_as_it_was_written(read: Read, grades: list[int], before: str) -> None:
    """Prose around an object never changes its grades."""
    slots = dict(zip("ABCD", grades, strict=True))
    text = before + "{" + ", ".join(f'"{slot}": {grade}' for slot, grade in slots.items()) + "}" + before
    verdict = read(text)
    assert isinstance(verdict, RankedVerdict)
    assert [verdict.grades[answer_id] for answer_id in ("c-b", "c-d", "c-a", "c-c")] == grades
