"""What every panel is made of, and the one line for those that have nothing to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.figures.figure import Figure
from harness.report.tables import Block, PlainTable
from harness.report.voice import Voice


@dataclass(frozen=True)
class TitledTable:
    """A small table that stands open: a finding as title, what it shows, the numbers."""

    title: str
    caption: str
    table: PlainTable


@dataclass(frozen=True)
class WideTable:
    """A table with intervals below its numbers, built like the main one."""

    caption: str
    heads: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Fold:
    """What stands behind a fold."""

    title: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[TitledTable, ...] = ()


@dataclass(frozen=True)
class Panel:
    """One section of the page."""

    heading: str
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    wide: WideTable | None = None
    tables: tuple[TitledTable, ...] = ()
    folds: tuple[Fold, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """What the panel says in one sentence each, for places without figures."""
        figures = [one.title for one in self.figures]
        tables = [one.title for one in self.tables]
        return (*figures, *tables) if figures or tables else self.notes


@dataclass(frozen=True)
class Missing:
    """A panel that has nothing to show, and why."""

    heading: str
    why: str


def say_missing(parts: Iterable[Panel | Missing], voice: Voice) -> str:
    """Say in one line what was not measured here and why; nothing when everything was."""
    missing = [part for part in parts if isinstance(part, Missing)]
    if not missing:
        return ""
    names = " ; " if voice.language == "fr" else "; "
    return voice.say(
        "not_measured_here",
        list=names.join(f"{part.heading[:1].lower()}{part.heading[1:]} ({part.why})" for part in missing),
    )
