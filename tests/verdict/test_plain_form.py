"""The quick way of reading a plain reply gives what the whole ladder gives, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.schema import Cell, Completion, FailedVerdict, Presentation, RankedVerdict
from harness.verdict import Expected, PointCall, listwise, read_pointwise
from harness.verdict.disguise import _USUAL, digits, is_undisguised, squeezed
from harness.verdict.echo import Echo, digits_told, digits_written
from harness.verdict.plain_form import MOST_CHARACTERS, read_plain_form
from tests.verdict.test_fuzz import replies

Read = Callable[..., RankedVerdict | FailedVerdict]

SLOTS = tuple("ABCD")
GRADES = st.integers(0, 5) | st.sampled_from(["3", "trois", 2.0, 2.5, True, None, [3], 10**20, -1])
SLOT_NAMES = st.sampled_from(["A", "B", "D", "a", "E", "Réponse A", "", None, 1, ["A"]])
RULES = st.lists(st.integers(-1, 9) | st.sampled_from(["1", 2.0, None, [1], True]), max_size=4) | SLOT_NAMES
REASONS = st.sampled_from(
    [" clear ", "", "\n", "B: 4", 'a "quote"', "<A-1a2b3c4d>", "{A: 3}", "é²٣", None, 3]
)
DIMENSIONS = [f"{slot}_{name}" for slot in "ABE" for name in ("helpful", "honest", "Harmless")]
OTHERS = st.sampled_from(
    [*DIMENSIONS, "note_A", "a", "grades", "meilleure", "rule", "confidence", "A", "best"]
)


@st.composite
def told(draw: st.DrawFn) -> str:
    """Give an object much like the one asked for, with keys left out, doubled, or of another kind."""
    pairs: list[tuple[str, object]] = [(slot, draw(st.integers(1, 4))) for slot in SLOTS]
    pairs += [("best", draw(st.sampled_from(SLOTS))), ("worst", draw(st.sampled_from(SLOTS)))]
    pairs += [("rules", draw(st.lists(st.integers(1, 6), max_size=3))), ("reason", draw(REASONS))]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(pairs)))
        named = draw(st.sampled_from(["A", "D", "best", "worst", "rules", "reason"]) | OTHERS)
        kinds = {"best": SLOT_NAMES, "worst": SLOT_NAMES, "rules": RULES, "reason": REASONS}
        pairs[place : place + draw(st.integers(0, 1))] = [(named, draw(kinds.get(named, GRADES)))]
    written = draw(st.sampled_from([True, False]))
    entries = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=written)}" for key, value in pairs)
    around = draw(st.sampled_from([("", ""), (" ", "\n"), ("```json\n", "\n```"), ("So: ", ""), ("", "{}")]))
    return f"{around[0]}{{{', '.join(entries)}}}{around[1]}"


@contextmanager
def the_whole_ladder() -> Iterator[None]:
    """Read every reply the long way."""
    with patch.object(listwise, "read_plain_form", lambda *_: None):
        yield


PROMPTS = st.sampled_from(["", "Grade 1 to 4: 3 4 1 2", '{"A": 3, "B": 4, "C": 1, "D": 2}', "É ﬁ\u200b 3412"])


@given(text=told() | replies, prompt=PROMPTS)
def test_every_verdict_is_that_of_the_whole_ladder(read: Read, text: str, prompt: str) -> None:
    """Grades, names, rules, reason, dimensions, flags and failures are the same, whatever a judge writes."""
    asked = {"dimensions": True, "prompt_text": prompt}
    found = read(text, **asked)
    with the_whole_ladder():
        assert found == read(text, **asked)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(text=told() | replies, prompt=PROMPTS | told())
def test_so_are_many_more(read: Read, text: str, prompt: str) -> None:
    """The same, for long."""
    found = read(text, dimensions=True, prompt_text=prompt)
    with the_whole_ladder():
        assert found == read(text, dimensions=True, prompt_text=prompt)


@given(text=told() | replies, prompt=PROMPTS)
def test_so_is_a_reply_about_one_answer(cell: Cell, text: str, prompt: str) -> None:
    """Where only one slot is graded, the quick way gives what the ladder gives too."""
    completion = Completion(text=text, finish_reason="stop", latency_s=0, completed_at="")
    call = PointCall(completion, Presentation(order=("c-a",), slots=("A",)), "0" * 64, prompt)
    expected = Expected(answer_ids=("c-a",), n_grades=4, rule_numbers=(1, 2), dimensions=True)
    found = read_pointwise([call], cell, expected)
    with the_whole_ladder():
        assert found == read_pointwise([call], cell, expected)


@pytest.mark.parametrize("slots", ["AB", "ABCD", "ABCDEFGHIJ", "X", "12"])
def test_the_form_asked_for_is_read_the_quick_way(slots: str) -> None:
    """The very object that judges are asked for, with spaces around it, is no case for the ladder."""
    grades = {slot: 1 + place % 4 for place, slot in enumerate(slots)}
    told = {**grades, "best": slots[-1], "worst": slots[0], "rules": [2, 1, 2], "reason": " clear "}
    plain = read_plain_form(f"\n {json.dumps(told)} \n", slots, 4)
    assert plain is not None
    assert plain.text == json.dumps(told)
    form = plain.form
    assert (form.grades, form.best, form.worst) == (grades, slots[-1], slots[0])
    assert (form.rules, form.reason, form.dimensions, form.is_repaired) == ((2, 1), "clear", {}, False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"A": 1, "B": 2, "A": 1}', id="twice"),
        pytest.param('{"A": 1, "B": 5}', id="beyond the scale"),
        pytest.param('{"A": 1, "B": true}', id="no number"),
        pytest.param('{"A": 1}', id="a slot missing"),
        pytest.param('{"A": 1, "B": 2, "best": "b"}', id="small letter"),
        pytest.param('{"A": 1, "B": 2, "reason": "\\u0041"}', id="escape"),
        pytest.param('{"A": 1, "B": 2, "reason": "{"}', id="brace in a text"),
        pytest.param('{"A": 1, "B": 2, "note": 3}', id="another key"),
        pytest.param('{"A": 1, "B": 2} {"A": 1, "B": 2}', id="two objects"),
        pytest.param('I say {"A": 1, "B": 2}', id="prose"),
        pytest.param('{"A": 1, "B": 2, "reason": "' + "x" * MOST_CHARACTERS + '"}', id="long"),
    ],
)
def test_anything_else_is_left_to_the_ladder(text: str) -> None:
    """What could be read in another way is not read here."""
    assert read_plain_form(text, "AB", 4) is None


def test_slots_with_names_of_their_own_are_left_to_the_ladder() -> None:
    """A slot whose name the ladder reads as another, or as none, has no quick way."""
    assert read_plain_form('{"Note A": 1, "B": 2}', ("Note A", "B"), 4) is None


@pytest.mark.parametrize("copied", ["whole", "re-quoted", "cut"])
def test_a_copied_form_is_no_verdict(read: Read, copied: str) -> None:
    """A flat object that stands in the prompt is refused the quick way as it is the long way."""
    form = '{"A": 3, "B": 4, "C": 1, "D": 2, "reason": "x"}'
    prompts = {"whole": form, "re-quoted": form.replace('"', "'"), "cut": f"He wrote 7{form}9 once."}
    verdict = read(form, prompt_text=prompts[copied])
    assert isinstance(verdict, FailedVerdict)
    assert "copied" in verdict.message


# --- copies, told by their digits alone ----------------------------------------------------------------


@st.composite
def prompts_and_fragments(draw: st.DrawFn) -> tuple[list[str], str]:
    """Give messages of a prompt, and something that may stand in it, in other words."""
    pieces = st.sampled_from(
        ["A", "b: 3", "4", "é", " ", ", ", '"', "<A-1a2b3c4d>", "</A-1a2b3c4d>", "²", "12", "&"]
    )
    messages = draw(st.lists(st.lists(pieces, max_size=12).map("".join), min_size=1, max_size=3))
    whole = "\n\n".join(messages)
    start = draw(st.integers(0, len(whole)))
    cut = whole[start : draw(st.integers(start, len(whole)))]
    changed = draw(
        st.sampled_from([cut, cut.upper(), cut.replace(" ", ""), f"{cut}1", cut.replace('"', "'")])
    )
    return messages, draw(st.sampled_from([changed, *draw(st.lists(pieces, max_size=3))]))


@settings(max_examples=400)
@given(prompts_and_fragments())
def test_digits_never_clear_a_copy(told: tuple[list[str], str]) -> None:
    """Where the digits say that nothing was copied, the whole comparison says so too."""
    messages, fragment = told
    seen = [digits_told(message) for message in messages]
    assume(None not in seen)
    written = digits_written(fragment)
    if written is not None and written not in "".join(one or "" for one in seen):
        assert not Echo("\n\n".join(messages)).is_copy(fragment)


def test_digits_clear_what_holds_others() -> None:
    """The quick answer is given where digits differ, and not where they follow each other in the prompt."""
    told = digits_told("Case 91? Grade 1 to 4. <A-12345678>x</A-12345678>")
    assert told == "9114"
    assert digits_written('{"A": 3, "B": 4}') == "34"
    assert digits_written('{"A": 1, "B": 4}') == "14"
    assert digits_written('{"A": 3, "B": 4, "reason": "\u200b"}') is None
    assert digits_told("Case\u200b 91") is None


@given(st.text(st.from_regex(f"[{_USUAL}]", fullmatch=True), max_size=20))
def test_digits_are_those_of_the_squeezed_text(text: str) -> None:
    """Of undisguised texts, the digits alone are the same before and after form is taken away."""
    assume(is_undisguised(text))
    assert digits(text) == digits(squeezed(text))
