"""The finding and the table as Markdown, to paste into a document."""

from __future__ import annotations

import re

from harness.report.brief import panel_lines
from harness.report.edition import voice_for
from harness.report.findings import find
from harness.report.imported import imported_part
from harness.report.selection import select
from harness.report.tables import Line, blocks, value_columns
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import COLUMNS
from harness.schema import Comparison, Language, Manifest

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render_markdown(
    comparison: Comparison, language: Language = "fr", *, manifest: Manifest | None = None
) -> str:
    """Render the finding, what to know, the table in front, and what the data cannot say."""
    voice = voice_for(comparison, language)
    finding = find(comparison, manifest, voice)
    lines = [
        f"# {escaped(voice.local(comparison.run_title))}",
        "\n".join(f"- {escaped(voice.fact(name, text))}" for name, text in finding.about),
        f"**{escaped(finding.headline)}**",
        *(escaped(line) for line in finding.basis),
        f"## {voice.say('to_know')}",
        "\n".join(f"- {escaped(caveat)}" for caveat in finding.caveats),
        f"## {voice.say('table_title')}",
        _table(comparison, voice),
        f"## {voice.say('panels_head')}",
        "\n".join(f"- {escaped(line)}" for line in panel_lines(comparison, voice)),
        f"## {voice.say('can_say')}" if finding.possible else "",
        "\n".join(f"- {escaped(line)}" for line in finding.possible),
        f"## {voice.say('cannot_say')}",
        "\n".join(f"- {escaped(limit)}" for limit in finding.limits),
        *_imported(manifest, voice),
    ]
    return "\n\n".join(line for line in lines if line) + "\n"


def _imported(manifest: Manifest | None, voice: Voice) -> tuple[str, ...]:
    """Where imported verdicts come from, their licence, and what happened while reading them."""
    part = imported_part(manifest, voice) if manifest is not None else None
    if part is None:
        return ()
    facts = [f"- {escaped(voice.fact(name, fact))}" for name, fact in part.facts]
    notes = [f"- {escaped(note)}" for note in part.notes]
    titles = (f"## {voice.say('import_section')}", f"### {escaped(part.notes_title)}" if notes else "")
    return (titles[0], "\n".join(facts), titles[1], "\n".join(notes))


def escaped(text: str) -> str:
    """Make a text stand for itself in Markdown, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(disarm(text).splitlines()))


def _table(comparison: Comparison, voice: Voice) -> str:
    heads = [voice.word(COLUMNS[name][0]) for name in ("annotator", "rulebook", *value_columns())]
    rules = ["---", "---", *["---:"] * (len(heads) - 2)]
    lines = [line for block in blocks(select(comparison), voice) for line in block.lines]
    return "\n".join([_row(heads), _row(rules), *(_row(_cells(line)) for line in lines)])


def _cells(line: Line) -> list[str]:
    cells = [" ".join([cell.text, *cell.small[:1]]) for cell in line.cells]
    return [escaped(text) for text in (line.name, line.rulebook, *cells)]


def _row(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"
