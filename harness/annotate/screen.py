"""A case as a person sees it in a terminal: wrapped lines, no control characters, letters that stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

import numpy as np

from harness.annotate.words import TIED, say
from harness.load.text import CONTROL
from harness.schema import Case, Language, Presentation, Proposal, Rulebook

_RULE = "─"


def presentation_for(case: Case, annotator_id: str, session: str) -> Presentation:
    """The order of the answers for one person: shuffled, and the same whenever it is asked for."""
    digest = hashlib.sha256(f"{session}\0{annotator_id}\0{case.case_id}".encode()).digest()
    order = np.random.default_rng(int.from_bytes(digest[:8], "big")).permutation(len(case.answers))
    names = tuple(case.answers[place].answer_id for place in order.tolist())
    slots = [chr(ord("A") + place) if len(names) <= 26 else str(place + 1) for place in range(len(names))]
    return Presentation(order=names, slots=tuple(slots))


def plain(text: str) -> str:
    """A text that cannot command a terminal."""
    return CONTROL.sub("�", text.replace("\r\n", "\n").replace("\t", "    "))


def case_lines(case: Case, shown: Presentation, language: Language, width: int) -> Iterable[str]:
    """The situation and its answers."""
    yield say("asked", language)
    yield from _wrapped(case.message[language], width, "  ")
    texts = {answer.answer_id: answer.text[language] for answer in case.answers}
    for slot, answer_id in zip(shown.slots, shown.order, strict=True):
        yield ""
        first, *rest = list(_wrapped(texts[answer_id], width, "    ")) or ["    "]
        yield f"{slot:>2}  {first.strip()}"
        yield from rest


def heading(text: str, width: int) -> str:
    """A line across the terminal."""
    title = f"{_RULE * 2} {plain(text)} "
    return title + _RULE * max(0, width - len(title))


def proposal_lines(
    proposal: Proposal, shown: Presentation, language: Language, names: tuple[str, str]
) -> Iterable[str]:
    """Who proposes, in the first line; then what, and how to keep or change it. `names`: judge, rulebook."""
    judge, rulebook = map(plain, names)
    yield say("proposed", language, judge=judge, rulebook=rulebook)
    grades = " · ".join(
        f"{slot} {proposal.grades[name]:g}" for slot, name in zip(shown.slots, shown.order, strict=True)
    )
    yield say("proposal", language, grades=grades)
    yield say("how_proposed", language, slot=shown.slots[1])


def rulebook_lines(rulebook: Rulebook, language: Language, width: int) -> Iterable[str]:
    """The rules in the base wording."""
    if not rulebook.rules:
        yield say("no_rules", language)
        return
    yield heading(say("rules", language, title=_local(rulebook.title, language)), width)
    yield from _wrapped(_local(rulebook.preamble["base"], language), width, "")
    for rule in rulebook.rules:
        first, *rest = list(_wrapped(_local(rule.text["base"], language), width, "    "))
        yield f"{rule.number:>2}. {first.strip()}"
        yield from rest


def order_words(grades: Mapping[str, float], shown: Presentation) -> str:
    """Letters from the best to the worst: `A = D > C > B`."""
    slot_of = dict(zip(shown.order, shown.slots, strict=True))
    tiers = [sorted(slot_of[name] for name in tier) for tier in tiers_of(grades)]
    return " > ".join(" = ".join(tier) for tier in tiers)


def ends(grades: Mapping[str, float], shown: Presentation, language: Language) -> tuple[str, str]:
    """The letters of the best answers and of the worst."""
    slot_of = dict(zip(shown.order, shown.slots, strict=True))
    first, *_, last = tiers_of(grades)
    best, worst = (TIED[language].join(sorted(slot_of[name] for name in tier)) for tier in (first, last))
    return best, worst


def tiers_of(grades: Mapping[str, float]) -> Sequence[Sequence[str]]:
    """Answer ids by grade, best first."""
    levels = sorted(set(grades.values()), reverse=True)
    return [[name for name, grade in grades.items() if grade == level] for level in levels]


def _local(text: Mapping[Language, str], language: Language) -> str:
    return text.get(language) or next(iter(text.values()))


def _wrapped(text: str, width: int, indent: str) -> Iterable[str]:
    for paragraph in plain(text).strip().split("\n"):
        yield from wrap(paragraph, width, initial_indent=indent, subsequent_indent=indent) or [""]
