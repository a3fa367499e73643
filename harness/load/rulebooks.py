"""One rulebook file, checked: numbers in order, every wording in every language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.errors import Problem
from harness.load.cases import MAX_CHARACTERS
from harness.load.yaml import Place, Reading, read_located
from harness.schema import WORDINGS, Localised, Rulebook, Wording
from harness.schema.ablation import ablated_rule


def read_rulebook(path: Path) -> tuple[Rulebook | None, list[Problem]]:
    """Read one rulebook without raising: the record where the file holds one, and every problem."""
    reading = read_located(path, Rulebook)
    rulebook = reading.record
    if rulebook is None:
        return None, list(reading.problems)
    problems = [
        *_check_id(reading, rulebook),
        *_check_numbers(reading, rulebook),
        *_check_wordings(reading, rulebook),
        *_check_texts(reading, rulebook),
    ]
    return rulebook, problems


def _check_id(reading: Reading[Rulebook], rulebook: Rulebook) -> list[Problem]:
    path = reading.document.path
    if ablated_rule(rulebook.rulebook_id) is not None:
        words = f"'{rulebook.rulebook_id}' is how a rulebook without one rule is named; choose another id"
        return [reading.problem(("rulebook_id",), words)]
    if rulebook.rulebook_id == path.stem:
        return []
    words = f"'{rulebook.rulebook_id}' stands in {path.name}; the id and the file's name must be the same"
    return [reading.problem(("rulebook_id",), words)]


def _check_numbers(reading: Reading[Rulebook], rulebook: Rulebook) -> list[Problem]:
    problems = [
        reading.problem(
            ("rules", position, "number"),
            f"must be {position + 1} (rules count 1, 2, 3 ...), found {rule.number}",
        )
        for position, rule in enumerate(rulebook.rules)
        if rule.number != position + 1
    ]
    if rulebook.role == "none" and rulebook.rules:
        problems.append(reading.problem(("rules",), "must be empty ([]) in a rulebook whose role is none"))
    if rulebook.role != "none" and not rulebook.rules:
        words = (
            f"is empty; only a rulebook whose role is none has no rules, and this one's is {rulebook.role}"
        )
        problems.append(reading.problem(("rules",), words))
    return problems


def _check_wordings(reading: Reading[Rulebook], rulebook: Rulebook) -> list[Problem]:
    worded = list(_worded(rulebook))
    wordings = [name for name in WORDINGS if name == "base" or any(name in texts for _, texts in worded)]
    return [
        reading.problem((*place, wording), "is missing; every text of a rulebook needs the same wordings")
        for place, texts in worded
        for wording in wordings
        if wording not in texts
    ]


def _check_texts(reading: Reading[Rulebook], rulebook: Rulebook) -> list[Problem]:
    texts = list(_localised(rulebook))
    languages = list(dict.fromkeys(language for _, versions in texts for language in versions))
    problems = []
    for place, versions in texts:
        for language in languages:
            if language not in versions:
                words = "is missing; every text of a rulebook needs the same languages"
                problems.append(reading.problem((*place, language), words))
        for language, text in versions.items():
            if len(text) > MAX_CHARACTERS:
                words = f"has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read"
                problems.append(reading.problem((*place, language), words))
    return problems


def _worded(rulebook: Rulebook) -> Iterator[tuple[Place, dict[Wording, Localised]]]:
    yield ("preamble",), rulebook.preamble
    for position, rule in enumerate(rulebook.rules):
        yield ("rules", position, "text"), rule.text


def _localised(rulebook: Rulebook) -> Iterator[tuple[Place, Localised]]:
    yield ("title",), rulebook.title
    yield ("summary",), rulebook.summary
    for place, worded in _worded(rulebook):
        for wording, texts in worded.items():
            yield (*place, wording), texts
