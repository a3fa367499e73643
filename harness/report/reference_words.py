"""What is said of those whom judges are held against: how many, how alike, and whose votes do not count."""

from __future__ import annotations

from harness.report.numbers import NO_BREAK
from harness.report.prose_words import VOTES_ASIDE
from harness.report.voice import Voice, against_of, preferred
from harness.report.words import UNSTATED
from harness.schema import Comparison, Estimate, Manifest, Reference

_HARDLY = 0.1
"""Agreement less than this above chance is hardly any, however many cases there are."""


def count_reference(comparison: Comparison, voice: Voice) -> str:
    """Count the people, with how many graded a case where not all did; or the votes of nobody knows whom."""
    reference = comparison.reference
    if reference.kind != "people":
        return voice.reference(reference)
    each = [case.n_people for case in comparison.cases if case.n_people]
    spread = [min(each, default=0), max(each, default=0)]
    told = span_of(spread[0], spread[1], voice)
    if against_of(reference) == "votes":
        return voice.say("count_votes", n=voice.whole(sum(each)), each=told)
    n_people = voice.counted(reference.n_annotators, "people")
    if not each or min(each) == reference.n_annotators:
        return n_people
    return voice.say("count_people", n_people=n_people, each=told)


def say_reference(comparison: Comparison, manifest: Manifest | None, voice: Voice) -> list[str]:
    """Say whom judges are compared with, and which of their votes are left aside."""
    reference = comparison.reference
    imported = manifest is not None and manifest.imported is not None
    if reference.kind == "key" and (imported or reference.published_key):
        return [voice.say("reference_their_key")]
    if reference.kind != "people":
        return [voice.say(f"reference_{reference.kind}")]
    people = voice.say(
        "reference_people",
        count=count_reference(comparison, voice),
        human=voice.plain(reference.human_human),
    )
    return list(filter(None, [people, _told_otherwise(comparison, voice), *_aside(reference, voice)]))


def span_of(low: int, high: int, voice: Voice) -> str:
    """Give two counts as one where they are equal: `22`, `1 to 5`."""
    if low == high:
        return voice.whole(low)
    return voice.say("from_to", low=voice.whole(low), high=voice.whole(high))


def _told_otherwise(comparison: Comparison, voice: Voice) -> str:
    """Say that people and judges had other instructions, where no rulebook is common to both."""
    theirs = comparison.reference.rulebook_ids
    judged = dict.fromkeys(row.rulebook_id for row in comparison.rows if row.kind == "judge")
    names = [one for one in judged if one is not None]
    if not theirs or not names or (set(theirs) & set(names)) - set(UNSTATED):
        return ""
    if set(theirs) <= set(UNSTATED):
        return voice.say("told_unknown")
    people, judges = (", ".join(voice.rulebook(one) for one in some) for some in (theirs, names))
    return voice.say("told_otherwise", people=people, judges=judges)


def hardly_agree(reference: Reference) -> bool:
    """Whether the interval of the people's own agreement holds what chance would give, or lies below."""
    span = preferred(reference.human_human)
    floor = reference.human_floor.value
    return span is not None and floor is not None and span.low <= floor


def say_hardly(comparison: Comparison, voice: Voice) -> str:
    """Warn before anything else when people agree with each other no more than chance makes them."""
    reference = comparison.reference
    human, floor = reference.human_human.value, reference.human_floor.value
    if not hardly_agree(reference) or human is None or floor is None:
        return ""
    said = "people_hardly_agree" if human < floor + _HARDLY else "people_near_chance"
    return voice.say(
        said, human=_short(reference.human_human, voice), floor=voice.estimate(reference.human_floor)
    )


def _short(estimate: Estimate, voice: Voice) -> str:
    span = preferred(estimate)
    return f"τₓ{NO_BREAK}={NO_BREAK}{voice.estimate(estimate)}" + (
        f" {voice.interval(span)}" if span is not None else ""
    )


def _aside(reference: Reference, voice: Voice) -> list[str]:
    kept = reference.votes_aside
    reasons = [f"{voice.whole(count)} {voice.word(VOTES_ASIDE[why])}" for why, count in kept.items() if count]
    if not reasons:
        return []
    separator = " ; " if voice.language == "fr" else "; "
    return [voice.say("votes_aside", n=voice.whole(sum(kept.values())), list=separator.join(reasons))]
