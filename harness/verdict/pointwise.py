"""Replies that grade one answer each -> a ranking with ties.

The reading ladder is the listwise one, for a form with one grade. Understood besides, and marked as repaired:
`{"grade": 3}` or `{"note": 3}`, and a reply that is nothing but a grade, since only one answer is meant. From
token probabilities the grade is the expected one, Σ g·p(g) / Σ p(g).

An answer without a grade fails the verdict: a ranking of the others would be another ranking.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import VerdictParseError
from harness.schema import Cell, Completion, FailedVerdict, Flag, Outcome, Presentation, RankedVerdict
from harness.verdict.echo import Echo, without_blocks, without_reasoning
from harness.verdict.form import GRADE_NAMES, Entries, Flaw, Form, FormReader, name_of
from harness.verdict.listwise import MAX_REASON, Expected, Reading
from harness.verdict.outcome import (
    Source,
    check_unfiltered,
    clean,
    explain_unread,
    fail_unread,
    is_cut_off,
    shorten,
)
from harness.verdict.words import read_number

GRADE_DIGITS = 2
"""Digits of an expected grade: answers closer than that are tied, as the two of a pair are."""

MIN_MASS = 0.5
"""Probability that must lie on the grades; with less, the judge was saying something else."""

_AROUND = " \t\r\n\"'`*_.!()[]{}«»“”‘’"
_WORD = re.compile(r"\w+")
_TINY = 2
"""Words that may stand in a prompt by chance: "il y a 3 réponses" holds those of {"A": 3}."""


@dataclass(frozen=True)
class PointCall:
    """One answer as asked, and how that call ended."""

    completion: Completion | Outcome
    presentation: Presentation
    key: str
    prompt_text: str = ""
    """What this call showed; the `prompt_text` of what is expected counts for nothing here."""


@dataclass(frozen=True)
class PointGrade:
    """What one call says of its answer."""

    grade: float
    form: Form | None = None
    """None when it was read from token probabilities."""


def read_pointwise(
    calls: Sequence[PointCall], cell: Cell, expected: Expected
) -> RankedVerdict | FailedVerdict:
    """The verdict of one call per answer; a missing or unreadable answer fails it, with that answer's kind.

    Raises
    ------
    ValueError
        Two calls show the same answer, or one shows several: a fault of the caller.
    """
    call_of = {call.presentation.order[0]: call for call in calls}
    if len(call_of) != len(calls) or any(len(call.presentation.order) != 1 for call in calls):
        raise ValueError("each call shows one answer, and each answer is shown once")
    keys = tuple(call_of[one].key for one in expected.answer_ids if one in call_of)
    read: dict[str, PointGrade] = {}
    for answer_id in expected.answer_ids:
        call = call_of.get(answer_id)
        try:
            read[answer_id] = _read_call(call, expected)
        except VerdictParseError as error:
            told = VerdictParseError(f"answer {answer_id}: {error}", reason=error.reason)
            shown = None if call is None else call.presentation
            return fail_unread(cell, told, Source(error.text, shown, keys))
    return _rank(read, cell, expected, keys)


def _read_call(call: PointCall | None, expected: Expected) -> PointGrade:
    if call is None:
        raise VerdictParseError("there is no completion", reason="exhausted")
    if isinstance(call.completion, Outcome):
        raise VerdictParseError(call.completion.message, reason=call.completion.reason)
    if call.completion.probabilities is not None:
        return PointGrade(read_expected_grade(call.completion, expected.n_grades))
    form = read_lone_form(call, call.completion, expected.n_grades)
    return PointGrade(float(form.grades[call.presentation.slots[0]]), form)


def read_expected_grade(completion: Completion, n_grades: int) -> float:
    """The expected grade under the probabilities of the grades as next token.

    Raises
    ------
    VerdictParseError
        The grades hold less than half of the probability, or one is missing or no probability.
    """
    check_unfiltered(completion)
    told = completion.probabilities or {}
    shares = [told.get(str(grade), math.nan) for grade in range(1, n_grades + 1)]
    if not all(0 <= share <= 1 for share in shares):
        message = f"no probabilities of the grades 1 to {n_grades}: {str(told)[:200]}"
        raise VerdictParseError(message, text=completion.text)
    mass = math.fsum(shares)
    if mass < MIN_MASS:
        message = (
            f"only {mass:.3f} of the probability lies on the grades 1 to {n_grades}; {MIN_MASS} is needed"
        )
        raise VerdictParseError(message, text=completion.text)
    mean = math.fsum(grade * share for grade, share in enumerate(shares, start=1)) / mass
    return round(mean, GRADE_DIGITS)


def read_lone_form(call: PointCall, completion: Completion, n_grades: int) -> Form:
    """The form of a reply that grades one answer.

    Raises
    ------
    VerdictParseError
        Its `reason` says how it cannot be read: refused, filtered, truncated, unparsable.
    """
    check_unfiltered(completion)
    echo = _LoneEcho(call.prompt_text)
    reader = _LoneReader(call.presentation.slots, n_grades)
    is_whole = not is_cut_off(completion)
    found = Reading(reader, echo).read(completion.text, may_be_plain=is_whole)
    if isinstance(found, Flaw) and not found.blocking and is_whole:
        found = _read_bare(completion.text, reader) or found
    if isinstance(found, Flaw):
        raise explain_unread(completion, found.message, echo)
    return found


def _read_bare(text: str, reader: FormReader) -> Form | None:
    """A reply that is a grade and nothing else."""
    bare = without_blocks(without_reasoning(text)).strip(_AROUND)
    number = read_number(bare, reader.n_grades)
    slot = reader.slots[0]
    if number is None or reader.describe_wrong(slot, [number]):
        return None
    return Form(grades={slot: number.whole or 0}, is_repaired=True)


class _LoneReader(FormReader):
    """Reads objects that may call the only grade `grade`, `note`, `score`."""

    def visit_other(self, key: str, entered: object, entries: Entries, depth: int) -> None:
        if name_of(key) in GRADE_NAMES and read_number(entered, self.n_grades) is not None:
            entries.is_repaired = True
            self.add_grade(entries, self.slots[0], entered)
        else:
            super().visit_other(key, entered, entries, depth)


class _LoneEcho(Echo):
    """A form of two words is a copy only where the prompt holds it sign by sign."""

    def is_copy(self, fragment: str) -> bool:
        copied = super().is_copy(fragment)
        if not copied or len(_WORD.findall(fragment)) > _TINY:
            return copied
        return "".join(fragment.split()) in "".join(self.prompt_text.split())


def _rank(
    read: dict[str, PointGrade], cell: Cell, expected: Expected, keys: tuple[str, ...]
) -> RankedVerdict:
    forms = {answer_id: one.form for answer_id, one in read.items() if one.form is not None}
    cited = dict.fromkeys(number for form in forms.values() for number in form.rules)
    told = {
        answer_id: next(iter(form.dimensions.values()), {})
        for answer_id, form in forms.items()
        if expected.dimensions
    }
    return RankedVerdict(
        cell=cell,
        grades={answer_id: one.grade for answer_id, one in read.items()},
        reason=_reasons(forms),
        rules_cited=tuple(number for number in cited if number in expected.rule_numbers),
        flags=_flags(forms, expected),
        dimensions={answer_id: graded for answer_id, graded in told.items() if graded},
        completion_keys=keys,
    )


def _reasons(forms: dict[str, Form]) -> str | None:
    """One line per answer, since every call gave a reason of its own."""
    lines = [f"{answer_id}: {form.reason}" for answer_id, form in forms.items() if form.reason]
    return clean(shorten("\n".join(lines), MAX_REASON)) if lines else None


def _flags(forms: dict[str, Form], expected: Expected) -> tuple[Flag, ...]:
    read = forms.values()
    seen: dict[Flag, bool] = {
        "rules_unknown": any(number not in expected.rule_numbers for form in read for number in form.rules),
        "repaired": any(form.is_repaired for form in read),
    }
    return tuple(flag for flag, is_raised in seen.items() if is_raised)
