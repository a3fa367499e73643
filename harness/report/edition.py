"""Everything that the report says in one language, built once for the page, the figures and the texts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.case_choice import is_long
from harness.report.case_figures import CasePart, case_parts
from harness.report.contrast import contrast_panel
from harness.report.figures.figure import Figure
from harness.report.findings import Finding, find
from harness.report.imported import ImportedPart, imported_part
from harness.report.judge_figures import heat_figure, slot_figure
from harness.report.long_sets import spread_figure
from harness.report.made_parts import FailuresPart, MadePart, failures_part, made_part
from harness.report.methods_part import MethodsPart, methods_part
from harness.report.move_figures import move_figures, shares_figure
from harness.report.panels.anchoring import anchoring_panels
from harness.report.panels.bias import bias_findings, bias_panel, bias_table
from harness.report.panels.boards import boards_panel
from harness.report.panels.canaries import canary_panels
from harness.report.panels.costs import costs_panel
from harness.report.panels.factors import factors_panel
from harness.report.panels.ladder import ladder_panel
from harness.report.panels.leave_out import leave_out_panel
from harness.report.panels.map import map_panel
from harness.report.panels.panel import Missing, Panel, say_missing
from harness.report.panels.people import people_panel
from harness.report.panels.replacement import replacement_panel, semi_panel
from harness.report.panels.rules import rules_panel
from harness.report.panels.weights import weights_panel
from harness.report.selection import Selection, select
from harness.report.table_view import TableView, table_view
from harness.report.voice import Voice, against_of
from harness.schema import Comparison, Components, Contrast, Language, Manifest

_SEVERAL = 2


@dataclass(frozen=True)
class Edition:
    """Everything that the page says in one language."""

    voice: Voice
    title: str
    eyebrow: str
    finding: Finding
    before: tuple[Panel, ...]
    table: TableView
    long_set: str
    spread: Figure | None
    heat: Figure
    cases: tuple[CasePart, ...]
    shares: tuple[Figure, ...]
    moves: tuple[Figure, ...]
    after: tuple[Panel, ...]
    missing: str
    failures: FailuresPart
    imported: ImportedPart | None
    made: MadePart
    methods: MethodsPart | None


def voice_for(comparison: Comparison, language: Language) -> Voice:
    """Give the voice that knows a comparison's rulebooks, and whom its judges are held against."""
    titles = comparison.reference.rulebook_titles | {
        one.rulebook_id: one.title for one in comparison.rulebooks
    }
    return Voice(language, titles, against_of(comparison.reference))


def edition(
    comparison: Comparison, manifest: Manifest, voice: Voice, contrast: Contrast | None = None
) -> Edition:
    """Build everything that the page says in one language."""
    selection = select(comparison)
    panels = optional_panels(comparison, selection, voice)
    before = [contrast_panel(contrast, voice, comparison)] if contrast else []
    return Edition(
        voice=voice,
        title=voice.local(comparison.run_title),
        eyebrow=voice.say("eyebrow", reference=voice.reference(comparison.reference)),
        finding=find(comparison, manifest, voice),
        before=(*before, *(part for part in panels[:1] if isinstance(part, Panel))),
        table=table_view(comparison, selection, voice),
        long_set=_long_set(comparison, selection, voice),
        spread=spread_figure(comparison, selection, voice) if is_long(comparison) else None,
        heat=heat_figure(comparison, selection, voice),
        cases=case_parts(comparison, selection, voice),
        shares=tuple(shares_figure(part, place, voice) for place, part in enumerate(_measured(comparison))),
        moves=move_figures(comparison, selection, voice),
        after=_after(comparison, selection, panels[1:], voice),
        missing=say_missing(_all(comparison, selection, voice), voice),
        failures=failures_part(comparison, voice),
        imported=imported_part(manifest, voice),
        made=made_part(comparison, manifest, voice),
        methods=methods_part(comparison, voice),
    )


def optional_panels(
    comparison: Comparison, selection: Selection, voice: Voice
) -> tuple[Panel | Missing, ...]:
    """Build the panels that may have nothing to show, the ladder first, in the order of the page."""
    return (
        ladder_panel(comparison, voice),
        rules_panel(comparison, voice),
        weights_panel(comparison, selection, voice),
        *canary_panels(comparison, selection, voice),
        boards_panel(comparison, selection, voice),
        map_panel(comparison, selection, voice),
        people_panel(comparison, voice),
        leave_out_panel(comparison, voice),
        replacement_panel(comparison, selection, voice),
        semi_panel(comparison, selection, voice),
        *anchoring_panels(comparison, voice),
        costs_panel(comparison, selection, voice),
        factors_panel(comparison, voice),
    )


def _after(
    comparison: Comparison, selection: Selection, panels: tuple[Panel | Missing, ...], voice: Voice
) -> tuple[Panel, ...]:
    """Rules and weights first, then the biases with the slots, then the rest."""
    known = [part for part in panels[:2] if isinstance(part, Panel)]
    rest = [part for part in panels[2:] if isinstance(part, Panel)]
    slots = slot_figure(selection, voice)
    biases = bias_panel(comparison, selection, slots, voice)
    return (*known, *([biases] if biases.wide or slots.svg is not None else []), *rest)


def _all(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[Panel | Missing, ...]:
    return (*_bare(comparison, selection, voice), *all_panels(comparison, selection, voice))


def _measured(comparison: Comparison) -> tuple[Components, ...]:
    """The components of which at least one share is known."""
    return tuple(
        part for part in comparison.components if any(one.share.value is not None for one in part.shares)
    )


def _why_no_shares(comparison: Comparison, voice: Voice) -> str:
    reasons = [one.share.undefined_because for part in comparison.components for one in part.shares]
    return voice.why(reasons[0] if reasons else "incomplete_grid")


def _bare(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[Missing, ...]:
    """The sections about rulebooks, orders and slots that have nothing to show, each with its reason."""
    missing = []
    if not _measured(comparison):
        missing.append(Missing(voice.say("shares_section"), _why_no_shares(comparison, voice)))
    if not move_figures(comparison, selection, voice):
        one = len({row.rulebook_id for row in selection.judges}) < _SEVERAL
        missing.append(Missing(voice.say("moves_section"), voice.why("one_rulebook" if one else None)))
    if all(row.slot_effect is None for row in selection.judges):
        missing.append(Missing(voice.say("slots_section"), voice.why(None)))
    return tuple(missing)


def all_panels(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[Panel | Missing, ...]:
    """Give every panel, or why it has nothing to show, the habits of judges among them."""
    panels = optional_panels(comparison, selection, voice)
    biases = bias_table(comparison, selection, voice)
    if isinstance(biases, Missing):
        return (*panels, biases)
    said = bias_findings(comparison, selection, voice)
    return (*panels, Panel(voice.say("bias_section"), said))


def _long_set(comparison: Comparison, selection: Selection, voice: Voice) -> str:
    if not is_long(comparison):
        return ""
    n_cases = voice.counted(len(comparison.cases), "cases")
    return voice.say("long_set", n_cases=n_cases, shown=voice.whole(len(selection.cases)))
