"""What a stranger must know first: which set this is, who judged, and with whom the judges are compared."""

from __future__ import annotations

from harness.report.headline import count_of
from harness.report.reference_words import count_reference, span_of
from harness.report.selection import judge_titles, select
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import Comparison, Manifest

_MOST_NAMES = 6
_MOST_RULEBOOKS = 4

Fact = tuple[str, str]


def about(comparison: Comparison, manifest: Manifest | None, voice: Voice) -> tuple[Fact, ...]:
    """Name the set, the judges, the instructions and the reference: a heading and a text each."""
    facts = {
        "about_set": _set(comparison, manifest, voice),
        "about_judges": _judges(comparison, voice),
        "about_reference": _reference(comparison, voice),
    }
    return tuple((voice.say(name), text) for name, text in facts.items() if text)


def _set(comparison: Comparison, manifest: Manifest | None, voice: Voice) -> str:
    sizes = [len(case.answers) for case in comparison.cases]
    n_cases = voice.counted(len(sizes), "cases")
    if not sizes:
        return ""
    counted = voice.say("about_size", n_cases=n_cases, each=span_of(min(sizes), max(sizes), voice))
    origin = manifest.imported.provenance if manifest and manifest.imported else None
    source = voice.say("about_source", source=disarm(origin.source)) if origin and origin.source else ""
    return " ".join(filter(None, [counted, source]))


def _judges(comparison: Comparison, voice: Voice) -> str:
    named = judge_titles(comparison, voice)
    asked = {row.annotator_id: named[row.annotator_id] for row in select(comparison).judges}
    if not asked:
        return ""
    rulebooks = dict.fromkeys(row.rulebook_id for row in select(comparison).judges if row.rulebook_id)
    titles = [voice.rulebook(one) for one in rulebooks]
    count = count_of("n_judges", len(asked), voice)
    under = count_of("n_rulebooks", len(titles), voice)
    return voice.say(
        "about_judged",
        n_judges=count,
        names=_some(list(dict.fromkeys(asked.values())), _MOST_NAMES),
        n_rulebooks=under,
        rulebooks=_some(titles, _MOST_RULEBOOKS),
    )


def _some(names: list[str], most: int) -> str:
    between = "; " if any("," in name for name in names) else ", "
    return between.join(names[:most]) + (f"{between}…" if len(names) > most else "")


def _reference(comparison: Comparison, voice: Voice) -> str:
    reference = comparison.reference
    if voice.against == "published":
        return voice.say("about_published")
    counted = count_reference(comparison, voice)
    if reference.kind != "people" or not reference.rulebook_ids:
        return counted
    told = ", ".join(voice.rulebook(one) for one in reference.rulebook_ids)
    return voice.say("about_told", count=counted, rulebooks=told)
