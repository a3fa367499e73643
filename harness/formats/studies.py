"""What the readers of published studies share: their folder, their judges and instructions, who made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from harness.formats.base import Place
from harness.formats.reading import clean_text, fail, one_path
from harness.schema import (
    Answer,
    Case,
    CaseSet,
    Criterion,
    JudgeSpec,
    Language,
    Localised,
    Protocol,
    Provenance,
    Rule,
    Rulebook,
)

ENGLISH: Language = "en"
LONGEST_TITLE = 80
UNKNOWN_TEXT = "The text of this instruction is not in the authors' files."
UNSTATED = "unstated"
"""Rulebook under which verdicts stand when the files do not say what was asked."""

Role = Literal["reference", "none", "placebo", "treatment"]


def study_folder(paths: Sequence[Path], marker: str, inside: Sequence[str] = ()) -> Path:
    """The folder that holds `marker`: the one that was named, or one of these places inside it.

    Raises ImportFormatError when it is in none of them.
    """
    path = one_path(paths, "a folder")
    candidates = (path, *(path / place for place in inside))
    found = next((candidate for candidate in candidates if (candidate / marker).exists()), None)
    if found is None:
        fail(Place(path), "", f"holds no {marker}; name the folder of the data set")
    return found


def study_provenance(source: str, date: str, note: str) -> Provenance:
    """Origin, date of the revision, and licence of a published data set."""
    return Provenance(kind="imported", date=date, source=source, note=note)


def study_judge(judge_id: str, name: str, title: str, protocol: Protocol) -> JudgeSpec:
    """A judge that somebody else asked; `imported/NAME` is no model that can be called."""
    return JudgeSpec(judge_id=judge_id, model_id=f"imported/{name}", title=title, protocol=protocol)


def study_rulebook(
    rulebook_id: str, role: Role, texts: tuple[str, str], rules: Sequence[str], provenance: Provenance
) -> Rulebook:
    """An instruction as the authors gave it: (title, preamble), and its rules in their order."""
    title, preamble = texts
    return Rulebook(
        rulebook_id=rulebook_id,
        title=english(title),
        summary=english(title),
        role=role,
        preamble={"base": english(preamble or UNKNOWN_TEXT)},
        rules=tuple(
            Rule(number=number, criterion=_OTHER, text={"base": english(text)})
            for number, text in enumerate(rules, start=1)
        ),
        provenance=provenance,
    )


_OTHER: Criterion = "other"


def unstated_rulebook(provenance: Provenance) -> Rulebook:
    """The rulebook of verdicts whose instruction is not in the files; nobody knows whether it had rules."""
    texts = ("An instruction that is not in the files", UNKNOWN_TEXT)
    return study_rulebook(UNSTATED, "none", texts, (), provenance)


def english(text: str) -> Localised:
    """A text that its authors wrote in English."""
    return {ENGLISH: clean_text(text)}


def short_title(text: str) -> str:
    """The first words of a message, on one line."""
    line = " ".join(clean_text(text).split()) or "(empty)"
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def study_case(
    case_id: str, message: str, answers: Iterable[Answer], *, title: str = "", key: Sequence[str] = ()
) -> Case:
    """One case; `key` names the answers of the authors' gold label, best first."""
    told = clean_text(message)
    return Case(
        case_id=case_id,
        title=english(title or short_title(message)),
        message=english(told) if told.strip() else {},
        answers=tuple(answers),
        author_key=tuple((answer_id,) for answer_id in key) or None,
    )


def study_set(set_id: str, titles: tuple[str, str], cases: Sequence[Case], provenance: Provenance) -> CaseSet:
    """The set of all cases; `titles` are its title and its description."""
    title, description = titles
    return CaseSet(
        set_id=set_id,
        title=english(title),
        description=english(description),
        languages=(ENGLISH,),
        n_grades=max(len(case.answers) for case in cases),
        case_order=tuple(case.case_id for case in cases),
        provenance=provenance,
    )


def counted(counts: Mapping[str, int], words: str) -> tuple[str, ...]:
    """One sentence that lists counts, largest first; nothing when all are zero."""
    told = [f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count]
    return (f"{words}: {', '.join(told)}.",) if told else ()
