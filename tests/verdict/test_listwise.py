# ruff: noqa: E501 - replies stand as a judge would write them, on one line
from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import TypeAdapter

from harness.schema import PARSER_VERSION, Completion, FailedVerdict, Presentation, RankedVerdict, Verdict
from harness.verdict import MAX_TEXT, Expected, Source, failed, read_listwise
from harness.verdict.listwise import MAX_READ

Read = Callable[..., RankedVerdict | FailedVerdict]

GRADES = {"A": 3, "B": 4, "C": 1, "D": 2}
FORM = '{"A": 3, "B": 4, "C": 1, "D": 2, "best": "B", "worst": "C", "rules": [1, 3], "reason": "B aide vraiment."}'
OTHER = '{"A": 4, "B": 4, "C": 1, "D": 2, "best": "B", "worst": "C", "rules": [1], "reason": "Non."}'
BARE = '{"A": 3, "B": 4, "C": 1, "D": 2}'
SLOT_OF = {"c-b": "A", "c-d": "B", "c-a": "C", "c-c": "D"}

PLAIN_JSON = {
    "rung 1: the object asked for": FORM,
    "rung 1: on many lines": '{\n\n"A": 3,\n\n"B": 4,\n"C": 1,\n"D": 2,\n"best" : "B",\n"worst": "C"\n}',
    "rung 1: grades alone": BARE,
    "rung 1: unknown keys beside": '{"A": 3, "B": 4, "C": 1, "D": 2, "confidence": 0.9, "language": "fr"}',
    "rung 1: braces in the reason": '{"A": 3, "B": 4, "C": 1, "D": 2, "reason": "{C} est pire } que {\\"A\\": 4}"}',
    "rung 1: a key twice, the same": '{"A": 3, "A": 3, "B": 4, "C": 1, "D": 2}',
    "rung 2: fenced": f"```json\n{FORM}\n```",
    "rung 2: fenced, with prose": f"Voici mes notes :\n```json\n{FORM}\n```\nBonne lecture !",
    "rung 2: a fence that never ends": f"```\n{FORM}",
    "rung 3: prose before": f"D’après le règlement, voici le verdict : {FORM}",
    "rung 3: prose after": f"{FORM}\n\nThe answer B respects rule 1, although C: 4 words only.",
    "rung 3: the same object twice": f"{FORM}\n{FORM}",
    "rung 3: the same verdict, shorter first": f"{BARE} or, in full: {FORM}",
    "rung 3: reasoning first": f"<think>\nMaybe {OTHER}, no.\n</think>\n{FORM}",
    "rung 3: a citation in brackets before": f"Selon la règle [1] : {FORM}",
    "rung 3: an apology, then the verdict": f"Je suis désolé, je ne peux pas juger C sans réserve. {FORM}",
    "rung 3: the form first, as in the prompt": '{"A": …, "B": …, "C": …, "D": …, "best": "…"}\n' + BARE,
    "rung 3: the schema first": '{"properties": {"A": {"enum": [1, 2, 3, 4]}, "B": {"enum": [1]}}} ' + BARE,
}

REPAIRED = {
    "rung 4: single quotes": "{'A': 3, 'B': 4, 'C': 1, 'D': 2, 'best': 'B', 'worst': 'C', 'reason': 'L\\'aide'}",
    "rung 4: trailing commas": '{"A": 3, "B": 4, "C": 1, "D": 2, "rules": [1, 3,],}',
    "rung 4: Python's None and True": "{'A': 3, 'B': 4, 'C': 1, 'D': 2, 'best': None, 'sure': True}",
    "rung 4: bare names": "{A: 3, B: 4, C: 1, D: 2, best: B, worst: C}",
    "rung 4: curly quotes": "{“A”: 3, “B”: 4, “C”: 1, “D”: 2}",
    "rung 4: a reason on two lines": '{"A": 3, "B": 4, "C": 1, "D": 2, "reason": "deux\nlignes"}',
    "rung 5: French keys": '{"note_A": 3, "note_B": 4, "note_C": 1, "note_D": 2, "meilleure": "B", "pire": "C"}',
    "rung 5: réponse A": '{"Réponse A": 3, "Réponse B": 4, "réponse C": 1, "reponse D": 2, "règles": [1]}',
    "rung 5: answer A": '{"Answer A": 3, "Answer B": 4, "answer_c": 1, "ANSWER D": 2}',
    "rung 5: nested grades": '{"grades": {"A": 3, "B": 4, "C": 1, "D": 2}, "best": "B", "worst": "C"}',
    "rung 5: nested notes": '{"notes": {"A": 3, "B": 4, "C": 1, "D": 2}, "meilleure": "B", "raison": "oui"}',
    "rung 5: all inside `verdict`": f'{{"verdict": {FORM}}}',
    "rung 5: lower-case slots": '{"a": 3, "b": 4, "c": 1, "d": 2, "best": "b", "worst": "c"}',
    "rung 5: a list of slots": '[{"slot": "A", "grade": 3}, {"slot": "B", "grade": 4}, {"slot": "C", "grade": 1},'
    ' {"slot": "D", "grade": 2}]',
    "rung 5: a list inside": '{"réponses": [{"réponse": "A", "note": 3}, {"réponse": "B", "note": "4/4"},'
    ' {"réponse": "C", "note": "un"}, {"réponse": "D", "note": 2}]}',
    "rung 5: a grade and a reason per slot": '{"A": {"grade": 3, "reason": "x"}, "B": {"note": 4}, "C": {"grade": 1},'
    ' "D": {"grade": 2}}',
    "rung 5: digits as text": '{"A": "3", "B": "4", "C": "1", "D": "2"}',
    "rung 5: words": '{"A": "trois", "B": "Quatre", "C": "une", "D": "deux"}',
    "rung 5: English words": '{"A": "three", "B": "four", "C": "one", "D": "two"}',
    "rung 5: on the scale": '{"A": "3/4", "B": "4 / 4", "C": "1 sur 4", "D": "2 out of 4"}',
    "rung 5: whole floats": '{"A": 3.0, "B": 4.0, "C": 1.0, "D": 2.0}',
    "rung 6: lines": "A : 3\nB : 4\nC : 1\nD : 2",
    "rung 6: equals signs on one line": "A = 3, B = 4, C = 1 et D = 2.",
    "rung 6: Réponse, bold, scale": "**Réponse A** : 3/4\n**Réponse B** : 4/4\n**Réponse C** : 1/4\n**Réponse D** : 2/4",
    "rung 6: words": "A: trois\nB: quatre\nC: une\nD: deux",
    "rung 6: reasons behind": "- A: 3 (clair)\n- B: 4 – suit la règle 2\n- C: 1, faux\n- D: 2. Trop long.",
    "rung 6: a table": "| Slot | Note |\n|---|---|\n| A | 3 |\n| B | 4 |\n| C | 1 |\n| D | 2 |",
    "rung 6: an introduction": "Here are my grades, in my view:\n\nAnswer A: 3\nAnswer B: 4\nAnswer C: 1\nAnswer D: 2",
}

UNPARSABLE = {
    "nothing": "",
    "prose": "La réponse B est la meilleure, car elle est honnête.",
    "an order holds no grades": "A = D > C > B",
    "an order of all": "B > A > D > C",
    "the form itself": '{"A": …, "B": …, "C": …, "D": …, "best": "…", "worst": "…", "reason": "…"}',
    "placeholders": '{"A": "...", "B": "...", "C": "...", "D": "..."}',
    "the schema": '{"properties": {"A": {"type": "integer", "enum": [1, 2, 3, 4]}}, "required": ["A", "B", "C", "D"]}',
    "a missing grade": '{"A": 3, "B": 4, "C": 1, "best": "B"}',
    "an empty grade": '{"A": 3, "B": 4, "C": 1, "D": null}',
    "out of range": '{"A": 3, "B": 5, "C": 1, "D": 2}',
    "zero": '{"A": 3, "B": 4, "C": 0, "D": 2}',
    "negative": '{"A": 3, "B": 4, "C": -1, "D": 2}',
    "not whole": '{"A": 3.5, "B": 4, "C": 1, "D": 2}',
    "not whole, with a comma": '{"A": "3,5", "B": 4, "C": 1, "D": 2}',
    "not a number": '{"A": NaN, "B": 4, "C": 1, "D": 2}',
    "a truth value": '{"A": true, "B": 4, "C": 1, "D": 2}',
    "another scale": '{"A": "3/5", "B": "4/5", "C": "1/5", "D": "2/5"}',
    "a huge number": '{"A": ' + "9" * 5000 + ', "B": 4, "C": 1, "D": 2}',
    "a superscript": '{"A": "3²", "B": 4, "C": 1, "D": 2}',
    "contradictory keys": '{"A": 3, "A": 2, "B": 4, "C": 1, "D": 2}',
    "contradictory spellings": '{"A": 3, "note_A": 2, "B": 4, "C": 1, "D": 2}',
    "two best slots": '{"A": 3, "B": 4, "C": 1, "D": 2, "best": "A", "best": "B"}',
    "bare numbers": '{"grades": [3, 4, 1, 2]}',
    "objects that differ": f"{FORM} … or rather {OTHER}",
    "objects that differ, fenced": f"```json\n{OTHER}\n```\n```json\n{FORM}\n```",
    "an invalid object beside": '{"A": 3, "B": 5, "C": 1, "D": 2} ' + BARE,
    "a broken object beside": '{"A": 4 "B": 4, "C": 1, "D": 2} ' + BARE,
    "json-repair's trap": f'{{"A": 4, "B": 1, "C": 1, "D": 1, "reason": "not {BARE}"}}',
    "an object inside a broken one": f'{{"A" 4, "example": {BARE}}}',
    "an object inside an unfinished one": f'{{"example": {BARE}, "A": 4, "B": 1',
    "a missing bracket": BARE[:-1],
    "only reasoning": f"<think>{FORM}",
    "deep nesting": '{"grades":' * 50 + BARE + "}" * 50,
    "lines: a missing slot": "A: 3\nB: 4\nC: 1",
    "lines: two grades": "A: 3 ou 4\nB: 4\nC: 1\nD: 2",
    "lines: a range": "A: 3-4\nB: 4\nC: 1\nD: 2",
    "lines: a decimal comma": "A: 3,5\nB: 4\nC: 1\nD: 2",
    "lines: another scale": "A: 3/5\nB: 4/5\nC: 1/5\nD: 2/5",
    "lines: a change of mind": "A: 3\nB: 4\nC: 1\nD: 2\nA: 2",
    "lines: a count, no grade": "A: 3 raisons\nB: 4\nC: 1\nD: 2",
    "lines: out of range": "A: 7\nB: 4\nC: 1\nD: 2",
}


def _slots(verdict: RankedVerdict | FailedVerdict) -> dict[str, float]:
    assert isinstance(verdict, RankedVerdict), verdict
    return {SLOT_OF[answer_id]: grade for answer_id, grade in verdict.grades.items()}


@pytest.mark.parametrize("text", PLAIN_JSON.values(), ids=PLAIN_JSON.keys())
def test_json_is_read_wherever_it_stands(read: Read, text: str) -> None:
    """An object as asked for is read as it is, alone, fenced or in prose, and not called repaired."""
    verdict = read(text)
    assert _slots(verdict) == GRADES
    assert isinstance(verdict, RankedVerdict)
    assert verdict.flags == ()


@pytest.mark.parametrize("text", REPAIRED.values(), ids=REPAIRED.keys())
def test_other_spellings_are_read_and_flagged(read: Read, text: str) -> None:
    """What means the same in other words gives the same grades, and says that it was repaired."""
    verdict = read(text)
    assert _slots(verdict) == GRADES
    assert isinstance(verdict, RankedVerdict)
    assert verdict.flags == ("repaired",)


@pytest.mark.parametrize("text", UNPARSABLE.values(), ids=UNPARSABLE.keys())
def test_what_is_not_one_grade_per_slot_is_unparsable(read: Read, text: str) -> None:
    """No grade is invented, completed, rounded, rescaled or chosen: the verdict fails and keeps the text."""
    verdict = read(text)
    assert isinstance(verdict, FailedVerdict), verdict
    assert verdict.failure == "unparsable"
    assert verdict.message
    assert verdict.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"A": 3, "B": 5, "C": 1, "D": 2}', "B has 5, but grades are whole numbers from 1 to 4"),
        ('{"A": 3.5, "B": 4, "C": 1, "D": 2}', "A has 3.5, but grades are whole numbers from 1 to 4"),
        ('{"A": 3, "B": 4, "A": 1, "C": 1, "D": 2}', "A has two grades, 3 and 1"),
        ('{"A": 3, "B": 4}', "no grade for C, D"),
        (f"{FORM}{OTHER}", "several objects that differ; none is chosen"),
        ("A: 3 ou 4\nB: 4\nC: 1\nD: 2", "A has 3 ou 4, but grades are whole numbers from 1 to 4"),
        ("", "the reply is empty"),
    ],
)
def test_the_message_says_what_was_wrong(read: Read, text: str, message: str) -> None:
    """A failed verdict says in words which slot could not be read, and why."""
    verdict = read(text)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.message == message


def test_everything_asked_for_is_kept(read: Read, expected: Expected) -> None:
    """Slots become answers, in the order of the case file; best, worst, rules, reason and keys are kept."""
    verdict = read(FORM)
    assert isinstance(verdict, RankedVerdict)
    assert tuple(verdict.grades) == expected.answer_ids
    assert verdict.grades == {"c-a": 1, "c-b": 3, "c-c": 2, "c-d": 4}
    assert (verdict.best, verdict.worst, verdict.rules_cited) == ("c-d", "c-a", (1, 3))
    assert verdict.reason == "B aide vraiment."
    assert verdict.completion_keys == ("0" * 64,)
    assert verdict.parser_version == PARSER_VERSION
    assert verdict.presentation is not None
    assert verdict.presentation.order[0] == "c-b"


@pytest.mark.parametrize("told", ["", ', "best": "…", "worst": ""', ', "best": ["A", "B"], "worst": null'])
def test_best_and_worst_may_be_missing(read: Read, told: str) -> None:
    """Without a readable best and worst the verdict stands without them, and no flag is made up."""
    verdict = read(f"{BARE[:-1]}{told}}}")
    assert isinstance(verdict, RankedVerdict)
    assert (verdict.best, verdict.worst, verdict.flags) == (None, None, ())


@pytest.mark.parametrize(
    ("best", "worst", "flags"),
    [
        ("B", "C", ()),
        ("A", "C", ("best_not_top",)),
        ("B", "D", ("worst_not_bottom",)),
        ("A", "D", ("best_not_top", "worst_not_bottom")),
        ("A", "A", ("best_not_top", "worst_not_bottom")),
        ("Réponse B", "c", ("repaired",)),
    ],
)
def test_named_slots_are_checked_against_the_grades(
    read: Read, best: str, worst: str, flags: tuple[str, ...]
) -> None:
    """A named best below the top grade, or a worst above the bottom one, keeps the verdict and is flagged."""
    verdict = read(f'{BARE[:-1]}, "best": "{best}", "worst": "{worst}"}}')
    assert isinstance(verdict, RankedVerdict)
    assert verdict.flags == flags


def test_all_tied_contradicts_no_named_slot(read: Read) -> None:
    """With one grade for all, whichever slots are named best and worst are at the top and at the bottom."""
    verdict = read('{"A": 1, "B": 1, "C": 1, "D": 1, "best": "B", "worst": "D"}')
    assert isinstance(verdict, RankedVerdict)
    assert verdict.flags == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"A": 3, "B": 4, "C": 1, "D": 2, "best": "C", "worst": "B"}',
        "A: 3\nB: 4\nC: 1\nD: 2\nMeilleure : C\nPire : B",
    ],
)
def test_an_inverted_reply_is_caught(read: Read, text: str) -> None:
    """A named best with a lower grade than the named worst means that the scale was read upside down."""
    verdict = read(text)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "inverted"
    assert verdict.message == "inverted: the best, C, has 1, the worst, B, has 4"
    assert verdict.text == text


@pytest.mark.parametrize(
    ("rules", "cited", "flags"),
    [
        ("[1, 3]", (1, 3), ()),
        ("[1, 1, 3]", (1, 3), ()),
        ("[]", (), ()),
        ("2", (2,), ()),
        ("[1, 9]", (1,), ("rules_unknown",)),
        ("[-1]", (), ("rules_unknown",)),
        ('"1, 3"', (1, 3), ("repaired",)),
        ('["règle 2", "R5"]', (2, 5), ("repaired",)),
        ('"helpfulness"', (), ()),
        ("[true, null, {}]", (), ()),
    ],
)
def test_rules_cited_are_those_of_the_rulebook(
    read: Read, rules: str, cited: tuple[int, ...], flags: tuple[str, ...]
) -> None:
    """Numbers that the rulebook does not have are dropped, and the verdict says so."""
    verdict = read(f'{BARE[:-1]}, "rules": {rules}}}')
    assert isinstance(verdict, RankedVerdict)
    assert (verdict.rules_cited, verdict.flags) == (cited, flags)


def test_dimensions_are_read_where_they_were_asked_for(read: Read) -> None:
    """Helpful, honest and harmless grades go to their answer; one that cannot be read is missing, not guessed."""
    text = f'{BARE[:-1]}, "A_helpful": 4, "A_honest": 1, "B_harmless": 7, "C_helpful": 2}}'
    verdict = read(text, dimensions=True)
    assert isinstance(verdict, RankedVerdict)
    assert verdict.dimensions == {"c-b": {"helpful": 4, "honest": 1}, "c-a": {"helpful": 2}}
    assert verdict.flags == ()
    unasked = read(text)
    assert isinstance(unasked, RankedVerdict)
    assert unasked.dimensions == {}


@pytest.mark.parametrize("name", ["A_utile", "a_helpful", "note_A_utile"])
def test_french_dimensions_are_read_and_flagged(read: Read, name: str) -> None:
    """A dimension under its French name is the same dimension."""
    verdict = read(f'{BARE[:-1]}, "{name}": 4}}', dimensions=True)
    assert isinstance(verdict, RankedVerdict)
    assert verdict.dimensions == {"c-b": {"helpful": 4}}
    assert verdict.flags == ("repaired",)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't grade these answers.",
        "I cannot assist with that request.",
        "Unfortunately, I am unable to evaluate this content.",
        "As an AI language model, I cannot rank them.",
        "Je suis désolé, mais je ne peux pas noter ces réponses.",
        "Je ne peux pas répondre à cette demande.",
        "Malheureusement, je ne suis pas en mesure d’évaluer ce contenu.",
    ],
)
def test_a_refusal_is_a_refusal(read: Read, text: str) -> None:
    """A reply that declines, in French or in English, is `refused`, not merely unparsable."""
    verdict = read(text)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "refused"


def test_the_providers_refusal_field_counts(read: Read) -> None:
    """A refusal told beside the text is one, unless the text holds every grade."""
    verdict = read("", refusal="I can't help with that.")
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "refused"
    assert "I can't help with that." in verdict.message
    assert isinstance(read(FORM, refusal="I can't help with that."), RankedVerdict)


@pytest.mark.parametrize("finish_reason", ["content_filter", "SAFETY"])
def test_a_filtered_reply_is_never_read(read: Read, finish_reason: str) -> None:
    """What the provider's filter stopped is not what the judge wrote, whatever it holds."""
    verdict = read(FORM, finish_reason=finish_reason)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "filtered"


@pytest.mark.parametrize("finish_reason", ["length", "max_tokens", "MAX_TOKENS"])
@pytest.mark.parametrize("text", [FORM[:-20], "A: 3\nB: 4\nC: 1\nD: 2", "", "<think>so"])
def test_a_cut_off_reply_is_truncated(read: Read, text: str, finish_reason: str) -> None:
    """A reply cut off at the token limit is not completed; its last grade may be half a number."""
    verdict = read(text, finish_reason=finish_reason)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "truncated"


def test_a_complete_object_is_read_though_the_reply_was_cut_off(read: Read) -> None:
    """Running on after the verdict until the limit does not spoil the verdict."""
    assert _slots(read(f"{FORM}\n{FORM}\n{FORM[:30]}", finish_reason="length")) == GRADES


def test_a_failed_verdict_keeps_a_bounded_text(read: Read) -> None:
    """The raw text is kept up to a limit and says when it was cut."""
    verdict = read("bla " * 30_000)
    assert isinstance(verdict, FailedVerdict)
    assert len(verdict.text) == MAX_TEXT
    assert verdict.text.endswith("… [cut here: 120000 characters in all]")


def test_a_reply_beyond_all_measure_is_not_read(read: Read) -> None:
    """Ten megabytes are refused at once, even with a form in them."""
    verdict = read(FORM + " " * 10_000_000)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "unparsable"
    assert str(MAX_READ) in verdict.message


UNITS = [
    *("{", "[{", '{"A":', '{"', "'", '"', "{}", "A: 3 ", "A:", "A: 3 ou ", "<A-1a2b3c4d>", "<think>", "\\"),
    *(" ", "[ ", '{"A":1,"B":2,"C":3,"D":', "{'", "réponse ", "A |", "\n", "</think>", '{"a":[', "( "),
    *("A: 3 rule ", "A (", "{A: 3, ", "sorry ", "\u00e9"),
]


@pytest.mark.parametrize("text", [f"x<A-{place:08x}>" for place in range(3)])
def test_tags_that_stay_open_take_nothing_with_them(read: Read, text: str) -> None:
    """A tag that is merely mentioned hides nothing of the reply."""
    assert _slots(read(f"{text} {FORM}")) == GRADES


@pytest.mark.parametrize("unit", UNITS)
def test_long_replies_of_one_unit_are_read_to_the_end(read: Read, unit: str) -> None:
    """No repetition makes the reader hang or crash; with quadratic time this test would not end."""
    assert isinstance(read((unit * MAX_READ)[: MAX_READ // 4]), FailedVerdict)


def test_halves_of_characters_do_not_reach_the_store(read: Read) -> None:
    """JSON can spell half a character; the verdict can still be written as UTF-8."""
    verdict = read(f'{BARE[:-1]}, "reason": "\\ud83d!"}}')
    assert isinstance(verdict, RankedVerdict)
    assert verdict.reason == "?!"


def test_another_cases_answers_are_a_fault_of_the_caller(read: Read, expected: Expected) -> None:
    """Grades can never land on answers that were not shown."""
    with pytest.raises(ValueError, match="expected"):
        read(FORM, answer_ids=("x-a", "x-b", "x-c", "x-d"))


def test_a_call_that_ended_without_a_text_is_a_failed_verdict(read: Read) -> None:
    """`exhausted` and `rejected` come from the call; the verdict carries the message on one line."""
    given = read(FORM)
    shown = Presentation(order=("c-a", "c-b"), slots=("A", "B"))
    verdict = failed(
        given.cell, "exhausted", "5 attempts:\nHTTP 500", Source(presentation=shown, keys=("1" * 64,))
    )
    assert (verdict.failure, verdict.message, verdict.text) == ("exhausted", "5 attempts: HTTP 500", "")
    assert verdict.presentation == shown
    assert verdict.completion_keys == ("1" * 64,)


@pytest.mark.parametrize("text", [FORM, "no grades"])
def test_a_verdict_survives_the_disk(read: Read, text: str) -> None:
    """Both kinds of verdict are written as JSON and read back the same."""
    verdict = read(text)
    adapter: TypeAdapter[RankedVerdict | FailedVerdict] = TypeAdapter(Verdict)
    assert adapter.validate_json(verdict.model_dump_json()) == verdict


def test_the_reader_takes_any_number_of_slots(read: Read, expected: Expected) -> None:
    """Ten answers on a scale of ten are read like four on a scale of four."""
    given = read(FORM)
    ids = tuple(f"c-{letter}" for letter in "abcdefghij")
    shown = Presentation(order=ids, slots=tuple("ABCDEFGHIJ"))
    completion_text = ", ".join(f'"{slot}": {grade}' for grade, slot in enumerate("ABCDEFGHIJ", start=1))
    completion = Completion(
        text=f"{{{completion_text}}}", finish_reason="stop", latency_s=0, completed_at="2026-11-21T00:00:00Z"
    )
    verdict = read_listwise(completion, shown, given.cell, Expected(ids, 10), "0" * 64)
    assert isinstance(verdict, RankedVerdict)
    assert list(verdict.grades.values()) == list(range(1, 11))
