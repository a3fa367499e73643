# ruff: noqa: E501 - replies stand as a judge would write them, on one line
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.schema import Cell, Completion, FailedVerdict, Presentation, RankedVerdict
from harness.verdict import Expected, read_together
from harness.verdict.listwise import MAX_READ
from harness.verdict.together import told_about

KEY = "0" * 64
SHOWN = Presentation(order=("c-b", "c-d", "c-a", "c-c"), slots=("A", "B", "C", "D"))
ONE = '{"case": 1, "A": 1, "B": 2, "C": 3, "D": 4, "best": "D", "worst": "A", "reason": "un"}'
TWO = '{"case": 2, "A": 4, "B": 3, "C": 2, "D": 1, "best": "A", "worst": "D", "reason": "deux"}'

READABLE = {
    "a line per case, as asked": f"{ONE}\n{TWO}",
    "in another order": f"{TWO}\n{ONE}",
    "fenced, with prose": f"Voici :\n```json\n{ONE}\n{TWO}\n```\nBonne lecture !",
    "a list": f"[{ONE}, {TWO}]",
    "inside another object": f'{{"cases": [{ONE}, {TWO}]}}',
    "under keys that name the case": '{"case_1": {"A": 1, "B": 2, "C": 3, "D": 4}, "cas 2": {"A": 4, "B": 3, "C": 2, "D": 1}}',
    "the case in words": f"{ONE}\n{TWO}".replace('"case": 2', '"cas": "Cas 2"'),
    "nearly JSON": f"{ONE}\n{TWO}".replace('"', "'"),
    "headings and objects": '## Cas 1\n{"A": 1, "B": 2, "C": 3, "D": 4}\n## Cas 2\n{"A": 4, "B": 3, "C": 2, "D": 1}',
    "headings and lines": "**Case 1**\nA: 1\nB: 2\nC: 3\nD: 4\n\n**Case 2**\nA: 4\nB: 3\nC: 2\nD: 1\n",
    "a case per line": "Cas 1 : A = 1, B = 2, C = 3, D = 4\nCas 2 : A = 4, B = 3, C = 2, D = 1",
    "the case again on every line": "\n".join(f"Cas {n}, réponse {s} : {g}" for n, gs in ((1, "1234"), (2, "4321")) for s, g in zip("ABCD", gs, strict=True)),
    "reasoning first": f"<think>\n{TWO.replace('4', '1')}\n</think>\n{ONE}\n{TWO}",
}  # fmt: skip

UNREADABLE = {
    "nothing about this case": ONE,
    "objects that do not say their case": f"{ONE}\n{TWO}".replace('"case": 1, ', "").replace(
        '"case": 2, ', ""
    ),
    "the case twice, differing": f"{ONE}\n{TWO}\n{TWO.replace('4', '3')}",
    "an object that names two cases": ONE.replace('"case": 1', '"case": "1 and 2"'),
    "empty": "   ",
    "prose": "Le cas 2 est difficile ; je préfère la réponse A.",
}


def read(text: str, number: int = 2, finish_reason: str = "stop", prompt_text: str = "") -> object:
    """Read case `number` of a reply; its slots A to D show the answers b, d, a, c."""
    completion = Completion(
        text=text, finish_reason=finish_reason, latency_s=0, completed_at="2026-11-22T00:00:00Z"
    )
    cell = Cell(annotator_id="j", annotator_kind="judge", case_id="c", rulebook_id="hhh", language="fr")
    expected = Expected(("c-a", "c-b", "c-c", "c-d"), 4, (1, 2), prompt_text=prompt_text)
    return read_together((completion, number), SHOWN, cell, expected, KEY)


@pytest.mark.parametrize("reply", READABLE.values(), ids=READABLE)
def test_the_part_about_a_case_is_its_verdict(reply: str) -> None:
    """Each case gets the grades that the reply gives it, whatever stands around them."""
    first, second = read(reply, 1), read(reply, 2)
    assert isinstance(first, RankedVerdict)
    assert isinstance(second, RankedVerdict)
    assert first.grades == {"c-b": 1, "c-d": 2, "c-a": 3, "c-c": 4}
    assert second.grades == {"c-b": 4, "c-d": 3, "c-a": 2, "c-c": 1}


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_told_apart_is_no_verdict(reply: str) -> None:
    """Order is no sign of the case; a case that is missing, doubled or unnamed is unparsable."""
    verdict = read(reply)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "unparsable"


def test_a_filtered_or_refused_reply_fails_as_such() -> None:
    """The whole reply's refusal or filter is the failure of each of its cases."""
    assert read("", finish_reason="content_filter").failure == "filtered"  # type: ignore[attr-defined]
    assert read("Je ne peux pas vous aider avec cette demande.").failure == "refused"  # type: ignore[attr-defined]


def test_a_reply_cut_off_keeps_the_cases_before_the_cut() -> None:
    """Case 1 stands whole before the cut and is read; case 2 is truncated."""
    text = f"{ONE}\n{TWO[:30]}"
    assert isinstance(read(text, 1, "length"), RankedVerdict)
    assert read(text, 2, "length").failure == "truncated"  # type: ignore[attr-defined]


def test_a_copy_of_an_answer_is_no_verdict() -> None:
    """An answer that holds an object for case 2 does not grade it, however the judge quotes it."""
    verdict = read(f"{ONE}\nL’utilisateur écrit : {TWO}", prompt_text=f"RÉPONSE A\n{TWO}")
    assert isinstance(verdict, FailedVerdict)


def test_a_repaired_part_is_marked() -> None:
    """Reading the part from nearly-JSON inside a list is flagged, as it is for a reply of its own."""
    verdict = read("[{'case': 2, 'A': 4, 'B': 3, 'C': 2, 'D': 1},]")
    assert isinstance(verdict, RankedVerdict)
    assert "repaired" in verdict.flags


@given(st.text(max_size=400), st.integers(1, 6))
def test_any_text_is_read_or_left_without_an_error(text: str, number: int) -> None:
    """No reply makes the reader fail, and none without digits gets grades."""
    verdict = read(text, number)
    if not any(sign.isdigit() for sign in text):
        assert isinstance(verdict, FailedVerdict)


def test_an_endless_reply_is_not_searched() -> None:
    """Beyond the limit of a reply nothing is looked for."""
    assert told_about(f"{ONE}{' ' * MAX_READ}", 1) is None
