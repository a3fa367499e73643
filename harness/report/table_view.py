"""The table of rows as the page shows it: marks above, blocks, folds, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.panels.panel import WideTable
from harness.report.reference_words import hardly_agree
from harness.report.secondary import group_line, secondary_table
from harness.report.selection import Selection
from harness.report.tables import Block, block, blocks, empty_columns, value_columns, without
from harness.report.voice import Voice, with_cut
from harness.report.words import COLUMNS, LANGUAGE_NAMES, TARGETS
from harness.schema import Comparison, Estimate

_MOST_FOLDED = 80


@dataclass(frozen=True)
class TableView:
    """The table: its headings, its blocks, and the blocks behind folds with their titles."""

    intro: str
    marks: tuple[str, ...]
    caption: str
    heads: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    folded: tuple[tuple[str, tuple[Block, ...]], ...]
    secondary: WideTable | None
    empty: str


def table_view(comparison: Comparison, selection: Selection, voice: Voice) -> TableView:
    """Build the table of a comparison."""
    reference = comparison.reference
    named = voice.reference(reference)
    # A key that came with the data was made under its publishers' instruction, which is none of ours.
    ids = () if reference.published_key else reference.rulebook_ids
    asked = ", ".join(voice.rulebook(one) for one in ids)
    empty = empty_columns(comparison.rows)
    names = [name for name in ("annotator", "rulebook", *value_columns()) if name not in empty]
    reasons = ", ".join(f"{voice.heading(name)} ({voice.why(reason)})" for name, reason in empty.items())
    targets = {name: voice.word(both) for name, both in TARGETS.items()}
    return TableView(
        intro=voice.say("table_intro", reference=f"{named} ({asked})" if asked else named, **targets),
        marks=_marks(comparison, voice),
        caption=voice.say("table_caption", language=voice.word(LANGUAGE_NAMES[selection.language])),
        heads=tuple((voice.heading(name), voice.word(COLUMNS[name][1])) for name in names),
        blocks=without(blocks(selection, voice), empty),
        folded=tuple((title, without([one], empty)) for title, one in _folded(selection, voice)),
        secondary=secondary_table(selection, voice),
        empty=voice.say("empty_columns", columns=reasons) if empty else "",
    )


def _marks(comparison: Comparison, voice: Voice) -> tuple[str, ...]:
    """What people reach among themselves: the ceiling to read the table by."""
    reference = comparison.reference
    if reference.kind != "people":
        return ()
    ceiling = voice.say(
        "ceiling",
        human=_mark(reference.human_human, voice),
        crowd=_mark(reference.crowd_ceiling, voice),
        best=_mark(reference.best_expected, voice),
    )
    known = reference.human_human.value is not None and not hardly_agree(reference)
    lines = [ceiling, voice.say("ceiling_rows") if known else "", group_line(reference, voice)]
    return tuple(filter(None, lines))


def _mark(estimate: Estimate, voice: Voice) -> str:
    return (
        voice.full(estimate) if estimate.value is not None else f"– ({voice.why(estimate.undefined_because)})"
    )


def _folded(selection: Selection, voice: Voice) -> tuple[tuple[str, Block], ...]:
    behind = (("person_rows", selection.folded_persons), ("other_rows", selection.others))
    titled = [
        (
            with_cut(
                voice.say(phrase, n=voice.whole(len(rows))), min(len(rows), _MOST_FOLDED), len(rows), voice
            ),
            rows,
        )
        for phrase, rows in behind
        if rows
    ]
    return tuple((title, block(title, rows[:_MOST_FOLDED], voice, selection)) for title, rows in titled)
