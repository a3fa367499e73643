"""The same cases as prompts: what a judge of the harness is asked, and which pairs people put apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.errors import HarnessError, RulebookError
from harness.formats.out.base import Choices, Material
from harness.formats.out.choosing import first_votes
from harness.load.content import find_template, load_rulebook
from harness.prompt import PromptSource, Template, listwise_slots, render_listwise
from harness.schema import Case, Language, Message, Presentation, RankedVerdict, Rulebook

TEMPLATE = "listwise"
DEFAULT_RULEBOOK = "hhh"


@dataclass(frozen=True)
class AskedCase:
    """One case under one rulebook, as it is asked."""

    case: Case
    rulebook_id: str
    language: Language
    messages: tuple[Message, ...]
    slots: dict[str, str]
    """Slot -> answer id."""
    preferred: tuple[tuple[str, str], ...]
    """(better, worse) slots, where more people said so than said the contrary; empty = nobody is known."""
    n_people: int
    simulated: bool

    @property
    def name(self) -> str:
        """A name of its own in every export."""
        return f"{self.case.case_id} {self.rulebook_id} {self.language}"

    @property
    def preferences(self) -> str:
        """The pairs as one short text, `A>B,A>C`."""
        return ",".join(f"{better}>{worse}" for better, worse in self.preferred)


def asked_cases(material: Material, choices: Choices, counts: Counter[str]) -> list[AskedCase]:
    """Every case under every rulebook that is wanted; what cannot be asked is counted.

    Raises
    ------
    HarnessError
        Nothing can be asked: no texts, no rulebook, or no template in this language.
    """
    language = choices.language or material.case_set.languages[0]
    path = find_template(TEMPLATE, language)
    if path is None:
        raise HarnessError(f"there is no prompt template '{TEMPLATE}' in '{language}'")
    template = Template(path)
    found = []
    for rulebook in _rulebooks(material, choices, counts):
        for case in material.cases:
            if _can_be_asked(case, rulebook, language):
                found.append(_asked((case, rulebook, language), template, material, choices))
            else:
                counts["not_askable"] += 1
    counts["prompts"] = len(found)
    if not found:
        raise HarnessError(f"no case can be asked in '{language}': texts or rules are missing")
    return found


def sentences(counts: Counter[str]) -> list[str]:
    """What was left out, one sentence each."""
    words = {
        "not_askable": "Cases left out, without texts or rules in this language, or too long: {n}.",
        "unknown_rulebook": "Rulebooks left out, whose text is not at hand: {n}.",
    }
    return [text.format(n=f"{counts[name]:,}") for name, text in words.items() if counts[name]]


def _rulebooks(material: Material, choices: Choices, counts: Counter[str]) -> Iterator[Rulebook]:
    known = {one.rulebook_id: one for one in material.rulebooks}
    said = dict.fromkeys(one.cell.rulebook_id for one in material.verdicts)
    for name in choices.rulebooks or said or (DEFAULT_RULEBOOK,):
        try:
            yield known.get(name) or load_rulebook(name)
        except RulebookError:
            counts["unknown_rulebook"] += 1


def _can_be_asked(case: Case, rulebook: Rulebook, language: Language) -> bool:
    texts = [case.message, *(answer.text for answer in case.answers), rulebook.preamble.get("base", {})]
    texts += [rule.text.get("base", {}) for rule in rulebook.rules]
    n_answers = len(case.answers)
    return len(listwise_slots(n_answers)) == n_answers and all(language in text for text in texts)


def _asked(
    place: tuple[Case, Rulebook, Language], template: Template, material: Material, choices: Choices
) -> AskedCase:
    case, rulebook, language = place
    order = _drawn([answer.answer_id for answer in case.answers], choices.seed)
    shown = Presentation(order=tuple(order), slots=listwise_slots(len(order)))
    source = PromptSource(
        case=case,
        rulebook=rulebook,
        wording="base",
        language=language,
        n_grades=material.case_set.n_grades,
    )
    slots = dict(zip(shown.slots, shown.order, strict=True))
    people = [
        one
        for one in first_votes(material.people)
        if (one.cell.case_id, one.cell.rulebook_id) == (case.case_id, rulebook.rulebook_id)
    ]
    return AskedCase(
        *(case, rulebook.rulebook_id, language, render_listwise(template, source, shown), slots),
        preferred=tuple(_preferred(people, slots)),
        n_people=len(people),
        simulated=any(one.cell.simulated for one in people),
    )


def _drawn(names: Sequence[str], seed: int) -> list[str]:
    """An order that favours no place in the file, the same for the same seed."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())


def _preferred(people: Iterable[RankedVerdict], slots: dict[str, str]) -> Iterator[tuple[str, str]]:
    said = [verdict.grades for verdict in people]
    for one, other in combinations(slots, 2):
        first, second = slots[one], slots[other]
        gaps = [grades[first] - grades[second] for grades in said if first in grades and second in grades]
        balance = sum((gap > 0) - (gap < 0) for gap in gaps)
        if balance:
            yield (one, other) if balance > 0 else (other, one)
