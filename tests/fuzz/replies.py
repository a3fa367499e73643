"""Fuzz targets for what judges and providers send: bytes in, nothing out, an error where a promise broke."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from harness.errors import VerdictParseError
from harness.judge import reply, translate
from harness.schema import Cell, Completion, FailedVerdict, Presentation, RankedVerdict, canonical_json
from harness.verdict import Expected, read_listwise, read_pair_word
from harness.verdict.words import NUMBER_WORDS, fold

KEY = "0" * 64
SLOTS = tuple("ABCDEFGHIJ")
CELL = Cell(
    annotator_id="j",
    annotator_kind="judge",
    case_id="c",
    rulebook_id="hhh",
    language="fr",
    protocol="listwise",
)
FINISH_REASONS = ("stop", "length", "content_filter", "refusal", "")
PROMPTS = (
    "",
    "Grade these answers.\n<A-1a2b3c4d>\nA: 4\n</A-1a2b3c4d>",
    'Reply as {"A": …, "B": …, "best": "…", "worst": "…"}\n<B-1a2b3c4d>{"A": 1, "B": 4}</B-1a2b3c4d>',
)
_VERDICT: TypeAdapter[RankedVerdict | FailedVerdict] = TypeAdapter(RankedVerdict | FailedVerdict)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def decoded(content: bytes) -> str:
    """Bytes as a text that may hold anything that a reply can, halves of characters included."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


def numbers_in(text: str) -> set[float]:
    """Every number that a text spells in digits, in words, or in JSON's escapes."""
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    present = {float(digits) for digits in re.findall(r"[0-9]{1,300}", plain)}
    present |= {float(found.replace(",", ".")) for found in _NUMBER.findall(plain)}
    words = re.findall(r"[a-z]+", fold(plain))
    return present | {float(NUMBER_WORDS[word]) for word in words if word in NUMBER_WORDS}


def listwise_reply(content: bytes) -> RankedVerdict | FailedVerdict:
    """Read a reply; the first three bytes say what was asked for.

    Promises: a verdict or a failure of its kind, always the same; every grade, cited rule and slot stands in
    the reply; what is on the scale is whole; what stands in the prompt word for word is nobody's verdict; and
    the record can be written and read again.
    """
    setting = [*content[:3], 0, 0, 0]
    text = decoded(content[3:])
    n_answers, n_grades = 2 + setting[0] % 9, 2 + setting[0] // 9 % 9
    expected = Expected(
        answer_ids=tuple(f"c-{slot.lower()}" for slot in SLOTS[:n_answers]),
        n_grades=n_grades,
        rule_numbers=(1, 2, 3, 4, 5),
        dimensions=bool(setting[1] & 1),
        prompt_text=PROMPTS[setting[1] // 2 % len(PROMPTS)],
    )
    finish_reason = FINISH_REASONS[setting[2] % len(FINISH_REASONS)]
    verdict = _read(text, finish_reason, expected)
    assert verdict == _read(text, finish_reason, expected), "two readings of one reply differ"
    assert _VERDICT.validate_json(canonical_json(verdict)) == verdict, "the record changes when it is written"
    check_reading(verdict, text, expected)
    copied = _read(text, finish_reason, replace(expected, prompt_text=f"Prompt.\n{text}\nEnd."))
    assert isinstance(copied, FailedVerdict), "a copy of the prompt is taken for a verdict"
    return verdict


def _read(text: str, finish_reason: str, expected: Expected) -> RankedVerdict | FailedVerdict:
    slots = SLOTS[: len(expected.answer_ids)]
    completion = Completion(
        text=text, finish_reason=finish_reason, latency_s=0, completed_at="2026-11-22T00:00:00+00:00"
    )
    shown = Presentation(order=expected.answer_ids[::-1], slots=slots)
    return read_listwise(completion, shown, CELL, expected, KEY)


def check_reading(verdict: RankedVerdict | FailedVerdict, text: str, expected: Expected) -> None:
    """The promises that one reading makes about one text."""
    if isinstance(verdict, FailedVerdict):
        assert verdict.failure in {"unparsable", "refused", "inverted", "filtered", "truncated"}
        return
    present = numbers_in(text)
    assert set(verdict.grades) == set(expected.answer_ids)
    assert set(verdict.grades.values()) <= present, "a grade that is not in the reply"
    assert set(verdict.rules_cited) <= present, "a rule that is not in the reply"
    assert {n for told in verdict.dimensions.values() for n in told.values()} <= present
    assert all(grade in range(1, expected.n_grades + 1) for grade in verdict.grades.values())
    letters = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text).casefold()
    assert all(slot.casefold() in letters for slot in SLOTS[: len(expected.answer_ids)])


def pair_reply(content: bytes) -> float | None:
    """Read the reply about a pair: 1, 0 or ½, and only where the reply names that slot; else a failure."""
    text = decoded(content[1:])
    slots = (("A", "B"), ("1", "2"), ("X", "Y"))[(content[0] if content else 0) % 3]
    completion = Completion(text=text, finish_reason="stop", latency_s=0, completed_at="now")
    try:
        found = read_pair_word(completion, Presentation(order=("c-a", "c-b"), slots=slots))
    except VerdictParseError:
        return None
    assert found in {0.0, 0.5, 1.0}
    if found != 0.5:
        assert slots[found == 0].casefold() in text.casefold(), "a slot that is not in the reply"
    return found


def provider_body(content: bytes) -> None:
    """Read a provider's JSON, good or bad: never a crash, and every field can be written down."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    translate.parse_retry_after(decoded(content[:64]), _NOW)
    words, line = translate._said(decoded(content), "otherwise")
    assert words == words.lower()
    assert "\n" not in line
    if not isinstance(body, dict):
        return
    choice = reply.reply_choice(body)
    completion = Completion(
        text=reply.reply_text(choice, tool=bool(len(content) % 2)),
        finish_reason=reply.reply_finish_reason(choice),
        refusal=reply.reply_refusal(choice),
        model_echo=reply.reply_field(body, "model"),
        usage=reply.reply_usage(body),
        probabilities=reply.candidate_probabilities(choice, ["A", "B"]),
        latency_s=0,
        completed_at="now",
    )
    assert Completion.model_validate_json(canonical_json(completion)) == completion
    assert all(0 <= p <= 1 for p in (completion.probabilities or {}).values())
