"""The methods page: the statistics that this comparison used, in the words of their own docstrings."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import Comparison


@dataclass(frozen=True)
class MethodText:
    """One statistic: its name, what it is, how it is computed, where it comes from."""

    name: str
    summary: str
    notes: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class MethodsPart:
    """The statistics, and a title that counts them."""

    title: str
    intro: str
    methods: tuple[MethodText, ...]


def methods_part(comparison: Comparison, voice: Voice) -> MethodsPart | None:
    """List the statistics, or nothing for a comparison that does not name them."""
    if not comparison.methods:
        return None
    return MethodsPart(
        title=voice.say("methods_fold", n=voice.whole(len(comparison.methods))),
        intro=voice.say("methods_intro"),
        methods=tuple(
            MethodText(
                disarm(note.name.removeprefix("harness.stats.")),
                disarm(note.summary),
                disarm(note.notes),
                tuple(disarm(one) for one in note.references),
            )
            for note in comparison.methods
        ),
    )
