"""The cases as people graded them, and the verdicts that failed."""

from __future__ import annotations

import numpy as np

from harness.compare.coefficients import case_alpha, case_w
from harness.compare.crowd import Crowd
from harness.compare.estimates import tidy, tidy_or_none
from harness.compare.figures import named_medians
from harness.compare.source import Layout, answer_ids
from harness.schema import Answer, Case, CaseFacts, FailedVerdict, FailureLine, Localised, RulebookFacts
from harness.stats.arrays import FloatArray
from harness.stats.pairs import pair_signs

MAX_TEXT = 300
"""Characters of a failed reply that the comparison repeats; the store has the rest."""
NO_TEXT: Localised = {"fr": "(texte absent des fichiers importés)", "en": "(no text in the imported files)"}
SIDES = 3
"""A pair is split when at least one in three stands on each side."""


def case_facts(layout: Layout, crowd: Crowd) -> tuple[CaseFacts, ...]:
    """Describe every case of the run: its texts, and the people's (or the key's) orders."""
    return tuple(_facts(case, crowd) for case in layout.cases)


def failure_lines(layout: Layout) -> tuple[FailureLine, ...]:
    """List every failed verdict, in plan order, with the beginning of what came back."""
    return tuple(_failure(verdict) for verdict in layout.source.table.failed)


def split_pairs(grades: FloatArray) -> float:
    """Share of the pairs of answers with at least a third of the people on each side; NaN if none ranked.

    A tie stands on neither side, but is counted among the people who ranked the pair.
    """
    signs, missing = pair_signs(grades)
    n_people = (~missing).sum(axis=0)
    above, below = (signs > 0).sum(axis=0), (signs < 0).sum(axis=0)
    ranked = n_people > 0
    if not ranked.any():
        return float("nan")
    split = (SIDES * above >= n_people) & (SIDES * below >= n_people)
    return float(np.mean(split[ranked]))


def _facts(case: Case, crowd: Crowd) -> CaseFacts:
    others = crowd.view(case.case_id).others
    return CaseFacts(
        case_id=case.case_id,
        title=case.title,
        message=case.message or NO_TEXT,
        answers={answer.answer_id: answer.text or _unwritten(answer) for answer in case.answers},
        n_people=len(others) if crowd.kind == "people" else 0,
        human_human=tidy_or_none(crowd.human_human_of(case.case_id)),
        split_pairs=tidy(split_pairs(others)) if crowd.enough and len(others) else None,
        medians=named_medians(others, answer_ids(case)) if len(others) else (),
        kendall_w=tidy_or_none(case_w(crowd, case.case_id)),
        krippendorff_alpha=tidy_or_none(case_alpha(crowd, case.case_id)),
    )


def _unwritten(answer: Answer) -> Localised:
    """What stands for an answer without a text: who wrote it, where that is known."""
    name = answer.author_model_id
    return {language: f"{name} {words}" for language, words in NO_TEXT.items()} if name else NO_TEXT


def _failure(verdict: FailedVerdict) -> FailureLine:
    cell = verdict.cell
    return FailureLine(
        annotator_id=cell.annotator_id,
        case_id=cell.case_id,
        rulebook_id=cell.rulebook_id,
        wording=cell.wording,
        language=cell.language,
        repeat=cell.repeat,
        failure=verdict.failure,
        message=verdict.message,
        text=verdict.text[:MAX_TEXT],
    )


def rulebook_facts(layout: Layout) -> tuple[RulebookFacts, ...]:
    """The rulebooks that the run names, as far as they are known here, in the report's order."""
    known = {rulebook.rulebook_id: rulebook for rulebook in layout.source.rulebooks}
    return tuple(
        RulebookFacts(
            rulebook_id=rulebook_id,
            title=known[rulebook_id].title,
            role=known[rulebook_id].role,
            rules={rule.number: (rule.criterion, rule.text["base"]) for rule in known[rulebook_id].rules},
            stated_weights=known[rulebook_id].stated_weights,
        )
        for rulebook_id in layout.rulebook_ids
        if rulebook_id in known
    )
