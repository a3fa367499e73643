"""Judges of a lesson as its screens show them: under whole rulebooks, in one language, each with a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.classroom.judges import Judged
from harness.compare.class_judges import Panel
from harness.load.content import load_rulebooks
from harness.load.experiments import RULEBOOKS
from harness.load.roots import known_ids
from harness.report.words import IN_PAIRS
from harness.schema import JudgeSpec, Language, Rulebook, Verdict
from harness.schema.ablation import ablated_rule


def shown_panel(judged: Judged, language: Language) -> Panel:
    """Keep base wording and whole rulebooks, in the lesson's language where a judge was asked in it."""
    shown = [one for one in judged.verdicts if _is_shown(one)]
    names = judge_names([judge.spec for judge in judged.judges], language)
    return Panel(tuple(_in_one_language(shown, language)), names)


def judge_names(specs: Sequence[JudgeSpec], language: Language) -> dict[str, str]:
    """Their title, with the way of asking where it is unusual; their id where two titles are the same."""
    titles = {spec.judge_id: spec.title or spec.judge_id for spec in specs}
    for spec in specs:
        if spec.protocol == "pairwise":
            titles[spec.judge_id] = f"{titles[spec.judge_id]} ({IN_PAIRS[language]})"
    counts = Counter(titles.values())
    return {judge_id: title if counts[title] == 1 else judge_id for judge_id, title in titles.items()}


def rulebooks_at_hand(names: Iterable[str]) -> dict[str, Rulebook]:
    """Those of these rulebooks that have a file: a recorded run may have used one that is gone."""
    known = known_ids(RULEBOOKS)
    return {one.rulebook_id: one for one in load_rulebooks([name for name in names if name in known])}


def _is_shown(verdict: Verdict) -> bool:
    return verdict.cell.wording == "base" and ablated_rule(verdict.cell.rulebook_id) is None


def _in_one_language(verdicts: Sequence[Verdict], language: Language) -> list[Verdict]:
    """Each judge and rulebook in the lesson's language where it has one, else in the first that it has."""
    chosen: dict[tuple[str, str], Language] = {}
    for one in verdicts:
        who = (one.cell.annotator_id, one.cell.rulebook_id)
        if who not in chosen or one.cell.language == language:
            chosen[who] = one.cell.language
    return [
        one for one in verdicts if chosen[one.cell.annotator_id, one.cell.rulebook_id] == one.cell.language
    ]
