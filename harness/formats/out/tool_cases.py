"""What annotation tools are given: one record per case, rulebook and language, with its rankings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.formats.out.base import Choices, Material
from harness.formats.out.choosing import first_votes, ranked, tiers
from harness.schema import Case, Language, RankedVerdict


@dataclass(frozen=True)
class ToolCase:
    """One case in one language under one rulebook, with everybody's first verdict on it."""

    case: Case
    rulebook_id: str
    language: Language
    people: tuple[RankedVerdict, ...]
    judges: tuple[RankedVerdict, ...]
    """The author's key among them, where it was asked for: a proposal, never a person's answer."""

    @property
    def record_id(self) -> str:
        """A name of its own for every record of an export."""
        return f"{self.case.case_id} {self.rulebook_id} {self.language}"

    @property
    def message(self) -> str:
        """What the user wrote."""
        return self.case.message[self.language]

    @property
    def texts(self) -> dict[str, str]:
        """Answer id -> text."""
        return {answer.answer_id: answer.text[self.language] for answer in self.case.answers}

    @property
    def simulated(self) -> bool:
        """Whether an answer in it comes from an invented person."""
        return any(verdict.cell.simulated for verdict in self.people)


def tool_cases(material: Material, choices: Choices, counts: Counter[str]) -> list[ToolCase]:
    """The records of an export; what is left out is counted.

    Raises
    ------
    HarnessError
        No case has its texts in a language that is wanted.
    """
    found = [one for one in _all(material, choices, counts) if _has_texts(one)]
    counts["textless"] = counts["records"] - len(found)
    counts["records"] = len(found)
    if not found:
        raise HarnessError(
            "no case has its texts in this language, and people cannot rank what they cannot read"
        )
    return found


def _all(material: Material, choices: Choices, counts: Counter[str]) -> list[ToolCase]:
    said = ranked(material.verdicts)
    firsts = first_votes(said)
    counts["later"] = len(said) - len(firsts)
    by_place: dict[tuple[str, str, Language], list[RankedVerdict]] = defaultdict(list)
    for verdict in firsts:
        cell = verdict.cell
        by_place[cell.case_id, cell.rulebook_id, choices.language or cell.language].append(verdict)
    if choices.who == "nobody":
        language = choices.language or material.case_set.languages[0]
        names = choices.rulebooks or ("hhh",)
        by_place.update({(one.case_id, name, language): [] for name in names for one in material.cases})
    cases = {case.case_id: case for case in material.cases}
    found = [
        _tool_case(cases[place[0]], place[1], place[2], verdicts) for place, verdicts in by_place.items()
    ]
    counts["records"] = len(found)
    return found


def _tool_case(case: Case, rulebook_id: str, language: Language, said: Sequence[RankedVerdict]) -> ToolCase:
    people = tuple(one for one in said if one.cell.annotator_kind == "person")
    others = tuple(one for one in said if one.cell.annotator_kind != "person")
    return ToolCase(case, rulebook_id, language, people, others)


def _has_texts(one: ToolCase) -> bool:
    return one.language in one.case.message and all(
        one.language in answer.text for answer in one.case.answers
    )


def ranks(verdict: RankedVerdict) -> dict[str, int]:
    """Answer id -> rank as these tools count it: 1 = best, equal ranks are a tie."""
    return {name: rank for rank, tier in enumerate(tiers(verdict.grades), start=1) for name in tier}


def person_name(verdict: RankedVerdict) -> str:
    """One person of one session: the same id in two sessions is two people; invented ones say so."""
    cell = verdict.cell
    who = cell.annotator_id if cell.session is None else f"{cell.session}/{cell.annotator_id}"
    return f"SIMULATED {who}" if cell.simulated else who


_SENTENCES = {
    "later": "Later votes, repeats and paraphrased rules, left out: {n}.",
    "textless": "Records left out because a text is missing in the language: {n}.",
}


def sentences(counts: Counter[str], words: Mapping[str, str] = _SENTENCES) -> list[str]:
    """What was left out or written otherwise, one sentence each."""
    return [text.format(n=f"{counts[name]:,}") for name, text in words.items() if counts[name]]
