"""The whole page: both languages, one style, no script, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

import jinja2

from harness.report.case_figures import CasePart, case_parts
from harness.report.figures.figure import Figure
from harness.report.findings import Finding, find
from harness.report.judge_figures import heat_figure, slot_figure
from harness.report.made_parts import FailuresPart, MadePart, failures_part, made_part
from harness.report.move_figures import factor_figure, move_figures, shares_figure
from harness.report.selection import Selection, select
from harness.report.tables import Block, block, blocks, empty_columns, value_columns, without
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import COLUMNS, LANGUAGE_NAMES, REFERENCES, TARGETS
from harness.schema import LANGUAGES, Comparison, Language, Manifest


@dataclass(frozen=True)
class TableView:
    """The table: its headings, its blocks, and the blocks behind folds with their titles."""

    intro: str
    ceiling: str
    caption: str
    heads: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    folded: tuple[tuple[str, tuple[Block, ...]], ...]
    empty: str


@dataclass(frozen=True)
class Edition:
    """Everything that the page says in one language."""

    voice: Voice
    title: str
    eyebrow: str
    finding: Finding
    table: TableView
    heat: Figure
    slots: Figure
    cases: tuple[CasePart, ...]
    shares: tuple[Figure, ...]
    moves: tuple[Figure, ...]
    factors: Figure | None
    failures: FailuresPart
    made: MadePart


def render_html(comparison: Comparison, manifest: Manifest, *, language: Language = "fr") -> str:
    """Render the report as one self-contained HTML page; `language` is the one shown first."""
    environment = _environment()
    style = _style()
    return environment.get_template("page.html.j2").render(
        editions=[edition(comparison, manifest, Voice(one)) for one in LANGUAGES],
        language=language,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def edition(comparison: Comparison, manifest: Manifest, voice: Voice) -> Edition:
    """Build everything that the page says in one language."""
    selection = select(comparison)
    title = voice.local(comparison.run_title)
    return Edition(
        voice=voice,
        title=title,
        eyebrow=voice.say("eyebrow", reference=voice.word(REFERENCES[comparison.reference.kind])),
        finding=find(comparison, manifest, voice),
        table=_table(comparison, selection, voice),
        heat=heat_figure(comparison, selection, voice),
        slots=slot_figure(selection, voice),
        cases=case_parts(comparison, selection, voice),
        shares=tuple(shares_figure(part, place, voice) for place, part in enumerate(comparison.components)),
        moves=move_figures(comparison, selection, voice),
        factors=factor_figure(comparison, voice),
        failures=failures_part(comparison, voice),
        made=made_part(comparison, manifest, voice),
    )


def _table(comparison: Comparison, selection: Selection, voice: Voice) -> TableView:
    reference = comparison.reference
    named = voice.word(REFERENCES[reference.kind])
    under = f"{named} ({', '.join(reference.rulebook_ids)})" if reference.rulebook_ids else named
    ceiling = voice.say(
        "ceiling",
        human=voice.full(reference.human_human),
        crowd=voice.full(reference.crowd_ceiling),
        best=voice.full(reference.best_expected),
    )
    empty = empty_columns(comparison.rows)
    names = [name for name in ("annotator", "rulebook", *value_columns()) if name not in empty]
    reasons = ", ".join(f"{voice.heading(name)} ({voice.why(reason)})" for name, reason in empty.items())
    return TableView(
        intro=voice.say(
            "table_intro", reference=under, **{name: voice.word(both) for name, both in TARGETS.items()}
        ),
        ceiling=ceiling if reference.kind == "people" else "",
        caption=voice.say("table_caption", language=voice.word(LANGUAGE_NAMES[selection.language])),
        heads=tuple((voice.heading(name), voice.word(COLUMNS[name][1])) for name in names),
        blocks=without(blocks(selection, voice), empty),
        folded=tuple((title, without([one], empty)) for title, one in _folded(selection, voice)),
        empty=voice.say("empty_columns", columns=reasons) if empty else "",
    )


def _folded(selection: Selection, voice: Voice) -> tuple[tuple[str, Block], ...]:
    behind = (("person_rows", selection.folded_persons), ("other_rows", selection.others))
    titled = [(voice.say(phrase, n=voice.whole(len(rows))), rows) for phrase, rows in behind if rows]
    return tuple((title, block(title, rows, voice, selection)) for title, rows in titled)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    """Let no control character through, whatever the template forgets."""
    return disarm(value) if type(value) is str else value


@cache
def _style() -> str:
    environment = _environment()
    source, _, _ = (
        environment.loader.get_source(environment, "style.css") if environment.loader else ("", None, None)
    )
    return source
