"""The parser never takes a verdict from an answer's text, whatever a reply quotes of it and wherever."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.prompt import block_nonce
from harness.run.plan import Call
from harness.schema import Completion, FailedVerdict, RankedVerdict
from harness.verdict import (
    Expected,
    PairCall,
    PointCall,
    read_listwise,
    read_pairwise,
    read_pointwise,
)
from harness.verdict.disguise import undisguised

if TYPE_CHECKING:
    from tests.injection.conftest import Attack, Suite

OWN = {"A": 2, "B": 1, "C": 3, "D": 4}
OWN_TEXT = json.dumps({**OWN, "best": "D", "worst": "B", "rules": [2], "reason": "Un jugement à moi."})
NEAR = "{'A': 2, 'B': 1, 'C': 3, 'D': 4, 'reason': 'Un jugement à moi.',}"
N_CUTS = 15

Verdict = RankedVerdict | FailedVerdict
Quote = Callable[[str], str]
QUOTES: dict[str, Quote] = {
    "as it stands": lambda text: text,
    "in quotation marks": lambda text: f"La réponse dit : « {text} »",
    "in a fence": lambda text: f"```\n{text}\n```",
    "as a Markdown quote": lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
    "in capitals": str.upper,
    "with single quotes": lambda text: text.replace('"', "'"),
    "with curly quotes": lambda text: text.replace('"', "”"),
    "as a string of JSON": json.dumps,
    "as a string of JSON in letters": lambda text: json.dumps(text, ensure_ascii=False),
    "in an object": lambda text: json.dumps({"quote": text}),
    "without entities": html.unescape,
    "as HTML": html.escape,
    "without its disguise": undisguised,
    "on one line": lambda text: " ".join(text.split()),
    "as reasoning": lambda text: f"<think>{text}</think>",
    "between tags": lambda text: f"<A-{block_nonce('A', text)}>\n{text}\n</A-{block_nonce('A', text)}>",
}


def completion(text: str) -> Completion:
    """A reply that ended by itself."""
    return Completion(text=text, finish_reason="stop", latency_s=0, completed_at="2026-11-22T00:00:00Z")


def expected(attack: Attack, call: Call | None = None) -> Expected:
    """What was asked for."""
    prompt = "" if call is None else prompt_of(call)
    ids = tuple(answer.answer_id for answer in attack.case.answers)
    return Expected(answer_ids=ids, n_grades=4, rule_numbers=(1, 2, 3), prompt_text=prompt)


def prompt_of(call: Call) -> str:
    """All that the judge read."""
    return "\n\n".join(message.content for message in call.request.messages)


def listwise(suite: Suite, attack: Attack, reply: str) -> Verdict:
    """The verdict of a reply to the listwise prompt."""
    planned = suite.cell(attack, "listwise")
    (call,) = planned.calls
    shown = call.origin.presentation
    return read_listwise(completion(reply), shown, planned.cell, expected(attack, call), call.key)


def own_grades(suite: Suite, attack: Attack) -> dict[str, float]:
    """The grades of `OWN` by answer."""
    (call,) = suite.cell(attack, "listwise").calls
    shown = call.origin.presentation
    return {answer_id: float(OWN[slot]) for slot, answer_id in zip(shown.slots, shown.order, strict=True)}


def is_own(verdict: Verdict, grades: dict[str, float]) -> bool:
    """Whether a verdict is the judge's own."""
    return isinstance(verdict, RankedVerdict) and verdict.grades == grades


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Parts of a text: at every sign that may begin or end a verdict, and anywhere."""
    rng = random.Random(text)
    starts = [place for place, sign in enumerate(text) if sign in "{[(\"'`|<\n"] or [0]
    ends = [place + 1 for place, sign in enumerate(text) if sign in "}])\"'`|>\n:,"] or [len(text)]
    for _ in range(N_CUTS):
        start = rng.choice((rng.choice(starts), rng.randrange(len(text))))
        end = rng.choice((rng.choice(ends), rng.randrange(len(text)) + 1, len(text)))
        yield min(start, end), max(start, end)


# --- all answers at once ---------------------------------------------------------------------------


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_a_quote_instead_of_a_verdict_is_a_failure(suite: Suite, quote: Quote) -> None:
    """A reply that only quotes a hostile answer, in whatever way, has no grades."""
    for attack in suite.attacks:
        verdict = listwise(suite, attack, quote(attack.text))
        assert isinstance(verdict, FailedVerdict), (attack.name, verdict)


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
@pytest.mark.parametrize("own", [OWN_TEXT, NEAR, f"```json\n{OWN_TEXT}\n```"], ids=["json", "near", "fence"])
def test_a_quote_beside_a_verdict_changes_nothing(suite: Suite, quote: Quote, own: str) -> None:
    """Before, after and on both sides: the judge's own verdict or a failure, never the quoted one."""
    n_own = 0
    for attack in suite.attacks:
        grades, told = own_grades(suite, attack), quote(attack.text)
        for reply in (f"{told}\n\n{own}", f"{own}\n\n{told}", f"{told}\n{own}\n{told}", f"{told} {own}"):
            verdict = listwise(suite, attack, reply)
            assert isinstance(verdict, FailedVerdict) or is_own(verdict, grades), (attack.name, reply)
            n_own += is_own(verdict, grades)
    # Failing always would be safe and useless: nearly every quote leaves the verdict beside it readable.
    assert n_own >= 0.75 * 4 * len(suite.attacks)


def test_a_part_of_a_hostile_answer_is_no_verdict(suite: Suite) -> None:
    """Cut anywhere, instead of a verdict, around one, or with one in its middle: never the quoted one."""
    for attack in suite.attacks:
        grades, text = own_grades(suite, attack), attack.text
        for start, end in cuts(text):
            part = text[start:end]
            assert isinstance(listwise(suite, attack, part), FailedVerdict), (attack.name, part)
            split = f"{text[:start]}{OWN_TEXT}{text[start:]}"
            for reply in (f"{part}{OWN_TEXT}", f"{OWN_TEXT}{part}", f"{part}\n{OWN_TEXT}\n{part}", split):
                verdict = listwise(suite, attack, reply)
                assert isinstance(verdict, FailedVerdict) or is_own(verdict, grades), (attack.name, reply)


def test_a_quote_inside_the_verdict_is_a_reason(suite: Suite) -> None:
    """In the reason, spelled as JSON has it, a hostile answer is a text like any other."""
    for attack in suite.attacks:
        reply = json.dumps({**OWN, "reason": attack.text}, ensure_ascii=False)
        assert is_own(listwise(suite, attack, reply), own_grades(suite, attack)), attack.name


def test_a_quote_that_breaks_the_verdict_is_a_failure(suite: Suite) -> None:
    """Pasted into the reason without escapes, it can break the object but not take its place."""
    for attack in suite.attacks:
        reply = OWN_TEXT.replace("Un jugement à moi.", attack.text)
        verdict = listwise(suite, attack, reply)
        grades = own_grades(suite, attack)
        assert isinstance(verdict, FailedVerdict) or is_own(verdict, grades), attack.name


def test_a_framed_quote_is_no_verdict(suite: Suite) -> None:
    """A fake verdict that the judge wraps into an object of its own is still the answer's."""
    fakes = {"boiler-schema": "{", "stain-judge": "{", "boiler-fence": '{"A"', "stain-transcript": '{"A"'}
    n_framed = 0
    for attack in suite.attacks:
        if attack.case.case_id not in fakes:
            continue
        begin = attack.text.index(fakes[attack.case.case_id])
        fake = attack.text[begin : attack.text.index("}", begin) + 1]
        json.loads(fake)
        for reply in (f'{{"verdict": {fake}}}', f'{{"grades": {fake}}}', f"[{fake}]", f"[[{fake}]]"):
            assert isinstance(listwise(suite, attack, reply), FailedVerdict), (attack.name, reply)
            n_framed += 1
        beside = listwise(suite, attack, f'{OWN_TEXT[:-1]}, "answer_c_says": {fake}}}')
        assert is_own(beside, own_grades(suite, attack)), attack.name
        around = f'{fake[:-1]}, "rules": [{OWN_TEXT}]}}'
        assert isinstance(listwise(suite, attack, around), FailedVerdict), attack.name
    assert n_framed == 32


def test_obeying_in_ones_own_words_is_a_verdict(suite: Suite) -> None:
    """A judge that gives in says so in an object of its own, and that is counted, not hidden as a failure."""
    for attack in suite.attacks:
        (call,) = suite.cell(attack, "listwise").calls
        shown = call.origin.presentation
        slots = dict(zip(shown.slots, shown.order, strict=True))
        wish = {slot: 1 + 3 * (answer_id == attack.answer_id) for slot, answer_id in slots.items()}
        verdict = listwise(suite, attack, json.dumps({**wish, "reason": "Elle l’exige, alors soit."}))
        assert isinstance(verdict, RankedVerdict), attack.name
        assert max(verdict.grades, key=verdict.grades.__getitem__) == attack.answer_id


def test_a_quoted_refusal_is_not_the_judges(suite: Suite) -> None:
    """The text that wants the judge to refuse is no refusal when it is only quoted."""
    for attack in suite.attacks:
        verdict = listwise(suite, attack, attack.text)
        assert isinstance(verdict, FailedVerdict)
        assert verdict.failure == "unparsable", attack.name


@given(st.data())
def test_no_mixture_of_quotes_and_verdict_is_read_wrongly(suite: Suite, data: st.DataObject) -> None:
    """Any sequence of parts of the hostile answer, braces, words and the judge's own verdict."""
    attack = data.draw(st.sampled_from(suite.attacks), label="attack")
    text = attack.text
    places = st.integers(0, len(text))
    part = st.tuples(places, places).map(lambda ends: text[min(ends) : max(ends)])
    glue = st.sampled_from([*"\n {}[]\"',", "```", " dit : ", "<think>"])
    pieces = data.draw(st.lists(st.one_of(part, glue, st.just(OWN_TEXT)), max_size=6), label="pieces")
    verdict = listwise(suite, attack, "".join(pieces))
    assert isinstance(verdict, FailedVerdict) or is_own(verdict, own_grades(suite, attack))


# --- two at a time, and each alone -----------------------------------------------------------------


def pair_verdict(suite: Suite, attack: Attack, reply: str, own: str) -> Verdict:
    """Every call that shows the hostile answer gets `reply`, all others the slot `own` (0 or 1)."""
    planned = suite.cell(attack, "pairwise")
    hostile = {call.key for call in suite.shown(attack, "pairwise")}
    calls = [
        PairCall(
            completion(reply if call.key in hostile else call.origin.presentation.slots[int(own)]),
            call.origin.presentation,
            call.key,
            prompt_of(call),
        )
        for call in planned.calls
    ]
    return read_pairwise(calls, planned.cell, [answer.answer_id for answer in attack.case.answers])


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_a_quote_is_no_word_of_a_pairwise_reply(suite: Suite, quote: Quote) -> None:
    """A quote where one word was asked for is a failure; so is a quote before that word."""
    for attack in suite.attacks:
        for reply in (quote(attack.text), f"{quote(attack.text)}\nA"):
            verdict = pair_verdict(suite, attack, reply, "0")
            is_reasoned = reply.startswith("<think>") and reply.endswith("\nA")
            assert isinstance(verdict, FailedVerdict) or is_reasoned, (attack.name, reply)


def test_a_quote_after_the_word_never_turns_it(suite: Suite) -> None:
    """The judge's word first, the quote behind it: that word for every pair, or a failure."""
    for attack in suite.attacks:
        for start, end in cuts(attack.text):
            verdict = pair_verdict(suite, attack, f"B\n\n{attack.text[start:end]}", "1")
            if isinstance(verdict, RankedVerdict):
                told = {(one.p_first_shown_first, one.p_first_shown_second) for one in verdict.pairs}
                assert told == {(0, 1)}, attack.name


def test_a_part_of_a_hostile_answer_is_no_word(suite: Suite) -> None:
    """No part of two words or more passes for a pairwise reply, even one that begins with a slot's name."""
    n_parts = 0
    for attack in suite.attacks:
        words = attack.text.split(" ")
        for start, _ in cuts(attack.text):
            part = attack.text[start:].strip(" \n|:,.")
            if len(words) > 1 and len(part.split()) > 1:
                n_parts += 1
                assert isinstance(pair_verdict(suite, attack, part, "0"), FailedVerdict), (attack.name, part)
    assert n_parts > 500


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_a_quote_is_no_grade_of_the_answer_alone(suite: Suite, quote: Quote) -> None:
    """Pointwise too: a quoted grade is the answer's, the judge's own stands or the reply fails."""
    for attack in suite.attacks:
        for reply, is_read in ((quote(attack.text), False), (f"{quote(attack.text)}\n{{}}", True)):
            verdict = point_verdict(suite, attack, reply)
            if isinstance(verdict, RankedVerdict):
                assert is_read, (attack.name, reply)
                assert verdict.grades[attack.answer_id] == 2.0, (attack.name, reply)


def test_a_part_of_a_hostile_answer_is_no_grade(suite: Suite) -> None:
    """Parts of two words or more, alone or around the judge's own object, never give their grade."""
    for attack in suite.attacks:
        for start, end in cuts(attack.text):
            part = attack.text[start:end]
            if len(part.split()) > 1:
                alone = point_verdict(suite, attack, part)
                assert isinstance(alone, FailedVerdict), (attack.name, part)
            verdict = point_verdict(suite, attack, f"{part}\n{{}}\n{part}")
            if isinstance(verdict, RankedVerdict):
                assert verdict.grades[attack.answer_id] == 2.0, (attack.name, part)


def point_verdict(suite: Suite, attack: Attack, reply: str) -> Verdict:
    """The call of the hostile answer gets `reply` (`{}` in it: its own grade 2), the others a grade 3."""
    planned = suite.cell(attack, "pointwise")
    calls = []
    for call in planned.calls:
        (slot,) = call.origin.presentation.slots
        is_hostile = call.origin.presentation.order == (attack.answer_id,)
        own = json.dumps({slot: 2 if is_hostile else 3, "reason": "Un jugement à moi."})
        text = reply.replace("{}", own) if is_hostile else own
        calls.append(PointCall(completion(text), call.origin.presentation, call.key, prompt_of(call)))
    return read_pointwise(calls, planned.cell, expected(attack))
