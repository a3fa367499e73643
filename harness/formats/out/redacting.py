"""Free text of an export without what is personal: the names of its own people, and what a search finds.

Free text is what cases say (titles, messages, answers), what a set says of itself, the rules of rulebooks,
and the reasons of verdicts. Ids are no free text: pseudonyms are for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from harness.formats.out.base import Material, Redaction
from harness.formats.redact import Searcher, Span, merged, replaced
from harness.schema import (
    Case,
    CaseSet,
    Language,
    Manifest,
    Provenance,
    RankedVerdict,
    Rule,
    Rulebook,
    Verdict,
)

MIN_NAME = 3
"""Shorter names of people are not looked for: "A" or "p1" stands in texts for other things."""

V = TypeVar("V", RankedVerdict, Verdict)
Swap = Callable[[str, str], str]
"""A text and its language -> the text that may leave."""


@dataclass
class _Swapping:
    """Replaces what is found; the same text is searched and counted once."""

    names: re.Pattern[str] | None
    searcher: Searcher | None
    counts: Counter[str] = field(default_factory=Counter)
    done: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, text: str, language: str) -> str:
        """The text without what is personal in it."""
        known = self.done.get((text, language))
        if known is not None:
            return known
        found = [] if self.searcher is None else self.searcher.spans(text, language)
        if self.names is not None:
            found += [Span(*match.span(), "NAME") for match in self.names.finditer(text)]
        spans = merged(found)
        self.counts.update(span.kind for span in spans)
        shown = self.done[text, language] = replaced(text, spans)
        return shown


def redacted(material: Material, known: Iterable[str], searcher: Searcher | None) -> Material:
    """The material with its free text searched for known names and, with a searcher, for the rest.

    Raises
    ------
    HarnessError
        The library is not installed, or a text cannot be searched.
    """
    swap = _Swapping(_names(known), searcher)
    tools = {} if searcher is None else searcher.tools()
    changed = replace(
        material,
        manifest=_manifest(material.manifest, swap),
        case_set=_case_set(material.case_set, swap),
        cases=tuple(_case(one, swap) for one in material.cases),
        people=tuple(_verdict(one, swap) for one in material.people),
        judges=tuple(_verdict(one, swap) for one in material.judges),
        keys=tuple(_verdict(one, swap) for one in material.keys),
        rulebooks=tuple(_rulebook(one, swap) for one in material.rulebooks),
    )
    return replace(changed, redaction=Redaction(dict(swap.counts), len(swap.done), tools))


def _names(known: Iterable[str]) -> re.Pattern[str] | None:
    """Every name as a whole word, just as it is written; the longest first."""
    kept = sorted((name for name in set(known) if len(name) >= MIN_NAME), key=len, reverse=True)
    if not kept:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, kept))})(?!\w)")


def _texts(texts: Mapping[Language, str], swap: Swap) -> dict[Language, str]:
    return {language: swap(text, language) for language, text in texts.items()}


def _provenance(one: Provenance, swap: Swap) -> Provenance:
    told = {name: text for name in ("source", "note") if (text := getattr(one, name)) is not None}
    return one.model_copy(update={name: swap(text, "en") for name, text in told.items()})


def _manifest(manifest: Manifest, swap: Swap) -> Manifest:
    """What the run says of its origin stands on the card."""
    told = manifest.imported
    if told is None:
        return manifest
    notes = tuple(swap(note, "en") for note in told.notes)
    origin = _provenance(told.provenance, swap) if told.provenance is not None else None
    return manifest.model_copy(
        update={"imported": told.model_copy(update={"notes": notes, "provenance": origin})}
    )


def _case_set(one: CaseSet, swap: Swap) -> CaseSet:
    return one.model_copy(
        update={
            "title": _texts(one.title, swap),
            "description": _texts(one.description, swap),
            "provenance": _provenance(one.provenance, swap),
        }
    )


def _case(case: Case, swap: Swap) -> Case:
    answers = tuple(one.model_copy(update={"text": _texts(one.text, swap)}) for one in case.answers)
    texts = {"title": _texts(case.title, swap), "message": _texts(case.message, swap)}
    return case.model_copy(update={**texts, "answers": answers})


def _rulebook(one: Rulebook, swap: Swap) -> Rulebook:
    preamble = {wording: _texts(texts, swap) for wording, texts in one.preamble.items()}
    rules = tuple(_rule(rule, swap) for rule in one.rules)
    return one.model_copy(update={"preamble": preamble, "rules": rules})


def _rule(rule: Rule, swap: Swap) -> Rule:
    return rule.model_copy(
        update={"text": {wording: _texts(texts, swap) for wording, texts in rule.text.items()}}
    )


def _verdict(verdict: V, swap: Swap) -> V:
    """A reply that could not be read is text too, but no format holds it."""
    reason = getattr(verdict, "reason", None)
    return verdict.model_copy(update={"reason": swap(reason, verdict.cell.language)}) if reason else verdict
