"""Case + rulebook + presentation -> the messages of one call."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from harness.errors import CaseError, Problem, RulebookError
from harness.prompt.template import ROLES, Role, Template
from harness.schema import (
    DIMENSIONS,
    Case,
    Language,
    Localised,
    Message,
    Presentation,
    Record,
    Rulebook,
    Wording,
    canonical_json,
)

LISTWISE_SLOTS = tuple("ABCDEFGHIJ")
PAIR_SLOTS: tuple[tuple[str, str], ...] = (("A", "B"), ("1", "2"), ("X", "Y"))
"""Slot names of a pairwise call; repeat r uses pair r, because a repeat must vary what should not matter."""

POINT_SLOTS = ("A", "X", "Q")
"""Name of the only slot of a pointwise call; repeat r uses name r. No digit: the grades are digits."""

TIE_WORDS: dict[Language, str] = {"fr": "égalité", "en": "tie"}
_NONCE_LENGTHS = (8, 16, 32, 64)


class PromptSource(Record):
    """What one prompt is rendered from, whoever the judge is."""

    case: Case
    rulebook: Rulebook
    wording: Wording
    language: Language
    n_grades: int
    dimensions: bool = False


class KeptMessages:
    """The messages of many prompts, each block rendered once for everything that it does not read.

    A block is known by its template, by the very records that its variables come from, which never change
    and are kept with it, and by the others of its variables. When there is no more room, what is kept stays:
    plans go through the same cases again and again.
    """

    def __init__(self, most_characters: int = 100_000_000) -> None:
        self._messages: dict[tuple[object, ...], tuple[Message, PromptSource]] = {}
        self._room = most_characters

    def message(self, prompt: _Prompt, role: Role) -> Message:
        """One message of a prompt, rendered if need be."""
        key = _block_key(prompt, role)
        found = self._messages.get(key)
        if found is not None:
            return found[0]
        message = prompt.template.render_block(role, prompt.variables())
        if len(message.content) <= self._room:
            self._room -= len(message.content)
            self._messages[key] = message, prompt.source
        return message


class _Prompt(NamedTuple):
    """All that one prompt is rendered from."""

    template: Template
    source: PromptSource
    presentation: Presentation
    others: dict[str, object]
    """The variables that neither rulebook nor case have."""

    def render(self, kept: KeptMessages | None) -> tuple[Message, ...]:
        """Its messages; what is kept is not rendered again."""
        if kept is None:
            return self.template.render(self.variables())
        return tuple([kept.message(self, role) for role in ROLES])

    def variables(self) -> dict[str, object]:
        """All that its template may ask for."""
        return _variables(self.source, self.presentation) | self.others


def _block_key(prompt: _Prompt, role: Role) -> tuple[object, ...]:
    template, source, shown, others = prompt
    reads = template.reads[role]
    rulebook = (id(source.rulebook), source.wording) if reads.rulebook else None
    case = (id(source.case), shown.order, shown.slots) if reads.case else None
    told = [others.get(name, _ABSENT) for name in reads.others]
    return (template, role, source.language, rulebook, case, *told)


_ABSENT = object()


def listwise_slots(n_answers: int) -> tuple[str, ...]:
    """Slot names of a listwise call: A, B, C, ..."""
    return LISTWISE_SLOTS[:n_answers]


def render_listwise(
    template: Template, source: PromptSource, presentation: Presentation, kept: KeptMessages | None = None
) -> tuple[Message, ...]:
    """The messages of a listwise call."""
    others = _scale(source) | {"reply_form": reply_form(presentation.slots, source)}
    return _Prompt(template, source, presentation, others).render(kept)


def render_together(
    template: Template, shown: Sequence[tuple[PromptSource, Presentation]]
) -> tuple[Message, ...]:
    """The messages of one call about several cases, under one rulebook; they are numbered from 1."""
    cases = []
    for number, (source, presentation) in enumerate(shown, start=1):
        case = _case_variables(source, presentation)
        form = reply_form(presentation.slots, source)
        cases.append({**case, "number": number, "reply_form": f'{{"case": {number}, {form[1:]}'})
    first, _ = shown[0]
    variables = _rulebook_variables(first)
    variables |= {"cases": cases, "n_grades": first.n_grades, "dimensions": first.dimensions}
    return template.render(variables)


def render_pairwise(
    template: Template,
    source: PromptSource,
    presentation: Presentation,
    kept: KeptMessages | None = None,
    *,
    allow_tie: bool,
) -> tuple[Message, ...]:
    """The messages of one pairwise call; `presentation` holds two answers."""
    others: dict[str, object] = {"tie_word": TIE_WORDS[source.language] if allow_tie else None}
    return _Prompt(template, source, presentation, others).render(kept)


def render_pointwise(
    template: Template,
    source: PromptSource,
    presentation: Presentation,
    kept: KeptMessages | None = None,
    *,
    as_form: bool,
) -> tuple[Message, ...]:
    """The messages of one pointwise call; `presentation` holds one answer, `as_form` asks for an object."""
    form = reply_form(presentation.slots, source, ends=False) if as_form else None
    return _Prompt(template, source, presentation, _scale(source) | {"reply_form": form}).render(kept)


def _scale(source: PromptSource) -> dict[str, object]:
    return {"n_grades": source.n_grades, "dimensions": source.dimensions}


def _variables(source: PromptSource, presentation: Presentation) -> dict[str, object]:
    return _rulebook_variables(source) | _case_variables(source, presentation)


def _rulebook_variables(source: PromptSource) -> dict[str, object]:
    rulebook = source.rulebook
    rules = [{"number": rule.number, "text": _rulebook_text(source, rule.text)} for rule in rulebook.rules]
    return {"preamble": _rulebook_text(source, rulebook.preamble), "rules": rules}


def _case_variables(source: PromptSource, presentation: Presentation) -> dict[str, object]:
    case = source.case
    texts = {answer.answer_id: _case_text(source, answer.text) for answer in case.answers}
    blocks = [
        _block(slot, texts[answer_id])
        for slot, answer_id in zip(presentation.slots, presentation.order, strict=True)
    ]
    message = _block("message", _case_text(source, case.message))
    return {"message": message, "blocks": blocks, "slots": presentation.slots}


def _case_text(source: PromptSource, texts: Localised) -> str:
    if source.language not in texts:
        path = Path("cases", f"{source.case.case_id}.yaml")
        raise CaseError([Problem(path, None, "", f"has no text in '{source.language}'; translate it")])
    return texts[source.language].strip()


def _rulebook_text(source: PromptSource, worded: dict[Wording, Localised]) -> str:
    text = worded.get(source.wording, {}).get(source.language)
    if text is None:
        path = Path("prompts", "rulebooks", f"{source.rulebook.rulebook_id}.yaml")
        words = f"has no wording '{source.wording}' in '{source.language}'; write it, or ask for another"
        raise RulebookError([Problem(path, None, "", words)])
    return text.strip()


def _block(slot: str, text: str) -> dict[str, str]:
    nonce = block_nonce(slot, text)
    return {"slot": slot, "text": text, "open": f"<{slot}-{nonce}>", "close": f"</{slot}-{nonce}>"}


def block_nonce(slot: str, text: str) -> str:
    """A tag that the text cannot close: derived from its slot and the text itself.

    Derived, not random, or every replay would miss. The tag grows until the text does not hold it: to break
    out, a text would have to contain its own SHA-256.
    """
    # Canonical JSON of ["block", slot, text].
    named = b'["block",' + canonical_json(slot) + b"," + canonical_json(text) + b"]"
    full = hashlib.sha256(named).hexdigest()
    for length in _NONCE_LENGTHS:
        if full[:length] not in text:
            return full[:length]
    return full


def reply_form(slots: Sequence[str], source: PromptSource, *, ends: bool = True) -> str:
    """The form of the reply as shown in the prompt; placeholders only, so that an echo is never a verdict.

    `ends`: with the best and the worst slot named, which a single answer has not.
    """
    return _reply_form(tuple(slots), source.dimensions, bool(source.rulebook.rules), ends)


@lru_cache(maxsize=256)
def _reply_form(slots: tuple[str, ...], dimensions: bool, rules: bool, ends: bool) -> str:
    fields = [f'"{slot}": …' for slot in slots]
    if dimensions:
        fields += [f'"{slot}_{dimension}": …' for slot in slots for dimension in DIMENSIONS]
    if ends:
        fields += ['"best": "…"', '"worst": "…"']
    if rules:
        fields.append('"rules": […]')
    fields.append('"reason": "…"')
    return "{" + ", ".join(fields) + "}"


def as_one_text(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The same as one message of the user: what is copied into a chat window, sign for sign."""
    return (Message(role="user", content="\n\n".join(message.content for message in messages)),)


def describe_messages(messages: Sequence[Message]) -> str:
    """The messages as text, for `harness prompt`."""
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)
