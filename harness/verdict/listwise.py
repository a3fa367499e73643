"""One reply that grades every slot -> a verdict.

The reading ladder; the first rung that gives one grade for every slot wins, from 4 on marked as `repaired`:

1. the reply is a JSON object with the keys asked for;
2. the same inside a code fence;
3. the same before, after or between prose;
4. nearly JSON: single quotes, bare names, trailing commas, True/None (`lenient`);
5. other keys, shapes and numerals that mean the same (`form`);
6. lines of text, `A : 3` (`plain`): only when the reply holds no bracket and was not cut off, and the prompt
   itself holds nothing of the kind: otherwise a quoted answer would be taken for the judge's grade.

On no rung: text between the prompt's tags, an object or lines copied from the prompt (also where they stand
inside another object: `inside`), a leading block of reasoning. Never a choice: two readable objects that
differ, or a readable one beside a broken one with every slot in it, are `unparsable`. A reply that refuses,
or is cut off, but holds every grade is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from harness.errors import VerdictParseError
from harness.schema import Cell, Completion, Dimension, FailedVerdict, Flag, Presentation, RankedVerdict
from harness.verdict.echo import Echo, without_blocks, without_reasoning
from harness.verdict.form import Flaw, Form, FormReader
from harness.verdict.inside import check_inside
from harness.verdict.lenient import parse_lenient
from harness.verdict.outcome import (
    Source,
    check_unfiltered,
    clean,
    explain_unread,
    fail_unread,
    failed,
    is_cut_off,
    shorten,
)
from harness.verdict.plain import holds_mentions, mentioned, read_plain
from harness.verdict.plain_form import read_plain_form
from harness.verdict.spans import Span, find_spans, parse_strict

MAX_READ = 400_000
"""Characters of a reply that are read; three times what 32,768 tokens usually hold."""

MAX_OBJECTS = 50
"""Different objects in one reply; more is no verdict."""

MAX_REASON = 2_000


@dataclass(frozen=True)
class Expected:
    """What was asked for: the answers (in the order of the case file), the scale, the rules."""

    answer_ids: tuple[str, ...]
    n_grades: int
    rule_numbers: tuple[int, ...] = ()
    dimensions: bool = False
    prompt_text: str = ""


def read_listwise(
    completion: Completion, presentation: Presentation, cell: Cell, expected: Expected, key: str
) -> RankedVerdict | FailedVerdict:
    """The verdict of one listwise reply: grades per answer, or a failure of its kind with the raw text.

    Raises
    ------
    ValueError
        The presentation shows other answers than were expected: a fault of the caller, not of the judge.
    """
    if sorted(presentation.order) != sorted(expected.answer_ids):
        raise ValueError(f"presented {presentation.order}, expected {expected.answer_ids}")
    source = Source(completion.text, presentation, (key,))
    try:
        form = _read_reply(completion, presentation, expected)
    except VerdictParseError as error:
        return fail_unread(cell, error, source)
    if inverted := inverted_ends(form):
        best, worst = inverted
        message = (
            f"inverted: the best, {best}, has {form.grades[best]}, "
            f"the worst, {worst}, has {form.grades[worst]}"
        )
        by_slot = tuple(form.grades[slot] for slot in presentation.slots)
        return failed(cell, "inverted", message, source).model_copy(update={"slot_grades": by_slot})
    return _rank(form, cell, expected, source)


def inverted_ends(form: Form) -> tuple[str, str] | None:
    """The best and the worst slot where that one has the lower grade: such a form ranks nothing."""
    best, worst, grades = form.best, form.worst, form.grades
    return (best, worst) if best and worst and grades[best] < grades[worst] else None


def _read_reply(completion: Completion, presentation: Presentation, expected: Expected) -> Form:
    check_unfiltered(completion)
    echo = Echo(expected.prompt_text)
    reading = Reading(FormReader(presentation.slots, expected.n_grades), echo)
    found = reading.read(completion.text, may_be_plain=not is_cut_off(completion))
    if isinstance(found, Flaw):
        raise explain_unread(completion, found.message, echo)
    return found


class Reading:
    """One reply on its way up the ladder."""

    def __init__(self, reader: FormReader, echo: Echo) -> None:
        self.reader = reader
        self.echo = echo

    def read(self, text: str, *, may_be_plain: bool) -> Form | Flaw:
        """The form that the reply holds, or what is wrong with it."""
        plain = read_plain_form(text, self.reader.slots, self.reader.n_grades)
        if plain is not None and not self.echo.is_copy(plain.text):
            return plain.form
        return self._climb(text, may_be_plain=may_be_plain)

    def _climb(self, text: str, *, may_be_plain: bool) -> Form | Flaw:
        if not text.strip():
            return Flaw("the reply is empty", blocking=True)
        if len(text) > MAX_READ:
            return Flaw(f"{len(text)} characters; a verdict has {MAX_READ} at most", blocking=True)
        reply = without_reasoning(text)
        spans = list(islice(dict.fromkeys(find_spans(reply)), MAX_OBJECTS + 1))
        if len(spans) > MAX_OBJECTS:
            return Flaw(f"more than {MAX_OBJECTS} different objects", blocking=True)
        found = _agree([self._read_span(span) for span in spans])
        if isinstance(found, Form) or found.blocking:
            return found
        return self._read_lines(reply, found) if may_be_plain else found

    def _read_span(self, span: Span) -> Form | Flaw:
        tree = parse_strict(span)
        repaired = tree is None
        tree = parse_lenient(span) if tree is None else tree
        found = self._describe_broken(span) if tree is None else self.reader.read(tree)
        if (isinstance(found, Form) or found.blocking) and self.echo.is_copy(span.text):
            return Flaw("the only grades are copied from the prompt", blocking=False)
        if isinstance(found, Form) and tree is not None:
            found = check_inside(tree, found, self.reader, self.echo)
        if isinstance(found, Form) and repaired:
            return replace(found, is_repaired=True)
        return found

    def _describe_broken(self, span: Span) -> Flaw:
        """A broken object that gives every slot some number was meant as the verdict."""
        words = set(re.findall(r"[^\W_]+", span.text))
        meant = words.issuperset(self.reader.slots) and any(word.isdigit() for word in words)
        return Flaw("an object that is not JSON, nor nearly", blocking=meant)

    def _read_lines(self, reply: str, flaw: Flaw) -> Form | Flaw:
        text = self.echo.without_copied_lines(without_blocks(reply))
        slots = self.reader.slots
        if "{" in text or not all(slot.isalpha() for slot in slots):
            return flaw
        if any(holds_mentions(view, slots) for view in self.echo.views):
            if holds_mentions(text, slots):
                told = "the prompt holds text like “A: 4” too, so only an object would be read"
                return Flaw(told, blocking=True)
            return flaw
        found = read_plain(text, self.reader)
        if isinstance(found, Form) and self.echo.is_copy(mentioned(text, slots)):
            return Flaw("the only grades are copied from the prompt", blocking=False)
        return found


def _agree(readings: list[Form | Flaw]) -> Form | Flaw:
    """The one verdict that all objects give; differing ones are never chosen among."""
    forms = [reading for reading in readings if isinstance(reading, Form)]
    flaws = [reading for reading in readings if isinstance(reading, Flaw)]
    blocking = next((flaw for flaw in flaws if flaw.blocking), None)
    if not forms:
        return blocking or next(iter(flaws), Flaw("no grades in the reply", blocking=False))
    if blocking is not None or not _are_same(forms):
        return Flaw("several objects that differ; none is chosen", blocking=True)
    return max(reversed(forms), key=lambda form: (form.best is not None) + (form.worst is not None))


def _are_same(forms: list[Form]) -> bool:
    """Whether objects give one verdict: the same grades, no two slots named; reasons may differ."""
    bests = {form.best for form in forms if form.best is not None}
    worsts = {form.worst for form in forms if form.worst is not None}
    return all(form.grades == forms[0].grades for form in forms) and len(bests) <= 1 and len(worsts) <= 1


def _rank(form: Form, cell: Cell, expected: Expected, source: Source) -> RankedVerdict:
    assert source.presentation is not None, "a reply always has a presentation"
    answer_of = dict(zip(source.presentation.slots, source.presentation.order, strict=True))
    slots = dict(zip(source.presentation.order, source.presentation.slots, strict=True))
    slot_of = {answer_id: slots[answer_id] for answer_id in expected.answer_ids}
    return RankedVerdict(
        cell=cell,
        grades={answer_id: float(form.grades[slot]) for answer_id, slot in slot_of.items()},
        best=None if form.best is None else answer_of[form.best],
        worst=None if form.worst is None else answer_of[form.worst],
        reason=reason_of(form),
        rules_cited=rules_cited(form, expected),
        flags=flags_of(form, expected),
        dimensions=dimensions_of(form, expected, slot_of),
        presentation=source.presentation,
        completion_keys=source.keys,
    )


def rules_cited(form: Form, expected: Expected) -> tuple[int, ...]:
    """The rules that a form cites, as far as there are such rules."""
    return tuple([number for number in form.rules if number in expected.rule_numbers])


def dimensions_of(
    form: Form, expected: Expected, slot_of: Mapping[str, str]
) -> dict[str, dict[Dimension, int]]:
    """The dimension grades per answer, where they were asked for and told."""
    asked = form.dimensions if expected.dimensions else {}
    return {answer_id: asked[slot] for answer_id, slot in slot_of.items() if slot in asked}


def reason_of(form: Form) -> str | None:
    """The reason as a verdict keeps it."""
    return None if form.reason is None else clean(shorten(form.reason, MAX_REASON))


def flags_of(form: Form, expected: Expected) -> tuple[Flag, ...]:
    """What is odd about a form that could still be read."""
    best, worst, grades = form.best, form.worst, form.grades
    flags: list[Flag] = []
    if best is not None and grades[best] < max(grades.values()):
        flags.append("best_not_top")
    if worst is not None and grades[worst] > min(grades.values()):
        flags.append("worst_not_bottom")
    if not set(form.rules).issubset(expected.rule_numbers):
        flags.append("rules_unknown")
    if form.is_repaired:
        flags.append("repaired")
    return tuple(flags)
