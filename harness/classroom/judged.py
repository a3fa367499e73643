"""Judges of a lesson: those of recorded runs and those of its desk, as one panel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

from harness.classroom.scenes import Judged
from harness.compare.class_judges import Panel
from harness.errors import HarnessError
from harness.load.content import load_rulebook
from harness.report.words import IN_PAIRS
from harness.schema import JudgeSpec, Language, Manifest, Rulebook, Verdict
from harness.schema.ablation import ablated_rule
from harness.schema.classroom import ClassSettings
from harness.store.folder import RunFolder


def gather_judged(folders: Iterable[RunFolder], settings: ClassSettings) -> Judged:
    """Read what the judges of these runs said about the lesson's cases, under whole rulebooks, base wording.

    A judge that answered in the lesson's language is shown in it, any other in the language it has. Where
    two runs hold the same judge under the same rulebook on the same case, the first run counts.

    Raises
    ------
    StoreError
        A run cannot be read.
    """
    manifests, kept, taken = [], [], set[tuple[str, str, str]]()
    for folder in folders:
        manifests.append(folder.read_manifest())
        own = [one for one in folder.read_small_verdicts() if _is_shown(one, settings)]
        kept += [one for one in _in_one_language(own, settings.language) if _key(one) not in taken]
        taken |= {_key(one) for one in own}
    if not manifests or not kept:
        return Judged(Panel((), {}))
    joined = _joined(manifests, settings)
    names = judge_names([judge.spec for judge in joined.judges], settings.language)
    panel = Panel(tuple(kept), names)
    return Judged(panel, joined, _rulebooks(panel.rulebook_ids))


def judge_names(specs: Sequence[JudgeSpec], language: Language) -> dict[str, str]:
    """Their title, with the way of asking where it is unusual; their id where two titles are the same."""
    titles = {spec.judge_id: spec.title or spec.judge_id for spec in specs}
    for spec in specs:
        if spec.protocol == "pairwise":
            titles[spec.judge_id] = f"{titles[spec.judge_id]} ({IN_PAIRS[language]})"
    counts = Counter(titles.values())
    return {judge_id: title if counts[title] == 1 else judge_id for judge_id, title in titles.items()}


def _is_shown(verdict: Verdict, settings: ClassSettings) -> bool:
    cell = verdict.cell
    whole = ablated_rule(cell.rulebook_id) is None
    return cell.case_id in settings.case_ids and cell.wording == "base" and whole


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


def _key(verdict: Verdict) -> tuple[str, str, str]:
    cell = verdict.cell
    return cell.annotator_id, cell.rulebook_id, cell.case_id


def _joined(manifests: Sequence[Manifest], settings: ClassSettings) -> Manifest:
    """One manifest with every judge and every part of the plan."""
    judges = {judge.spec.judge_id: judge for manifest in reversed(manifests) for judge in manifest.judges}
    ordered = {judge.spec.judge_id: judge for manifest in manifests for judge in manifest.judges}
    parts = tuple(part for manifest in manifests for part in manifest.experiment.parts)
    first = manifests[0]
    experiment = first.experiment.model_copy(update={"parts": parts})
    order = tuple(case_id for case_id in first.case_set.case_order if case_id in settings.case_ids)
    case_set = first.case_set.model_copy(update={"case_order": order or settings.case_ids})
    return first.model_copy(
        update={
            "experiment": experiment,
            "case_set": case_set,
            "judges": tuple(judges[judge_id] for judge_id in ordered),
        }
    )


def _rulebooks(names: Iterable[str]) -> dict[str, Rulebook]:
    """Those that are at hand: a recorded run may have used one that is gone."""
    found = {}
    for name in names:
        with suppress(HarnessError):
            found[name] = load_rulebook(name)
    return found
