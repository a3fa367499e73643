"""Verdicts -> comparison: everything that the report shows, in one record."""

from __future__ import annotations

from typing import NamedTuple

from harness.compare.anchoring import anchoring
from harness.compare.apart import both, two_processors
from harness.compare.baselines import baseline_rows
from harness.compare.bias import biases
from harness.compare.canaries import canary_readings
from harness.compare.costs import cost_lines
from harness.compare.crowd import Crowd, build_crowd
from harness.compare.estimates import shuffles_for
from harness.compare.factors import factor_components
from harness.compare.facts import case_facts, failure_lines, rulebook_facts
from harness.compare.judges import judge_rows, panel_rows
from harness.compare.ladder import noise_ladder
from harness.compare.leaderboards import leaderboards
from harness.compare.learned import learned_rows
from harness.compare.map import opinion_map
from harness.compare.methods import method_notes
from harness.compare.moves import factor_shifts, rulebook_moves
from harness.compare.panels import panel_parts
from harness.compare.parts import build_components
from harness.compare.people_panel import people_panel
from harness.compare.persons import member_rows
from harness.compare.reference import reference_of
from harness.compare.replacement import replacements
from harness.compare.rule_effects import rule_effects
from harness.compare.semi import semi_automatic
from harness.compare.source import ComparisonSource, Layout, build_layout
from harness.compare.weights import implied_weights
from harness.schema import (
    PARSER_VERSION,
    AnnotatorKind,
    Bias,
    CaseFacts,
    Comparison,
    Components,
    OpinionMap,
    Row,
    RulebookMove,
    Rung,
)
from harness.store.verdict_table import VerdictTable

APART_FROM = 20_000
"""Verdicts from which on a second processor saves more than it costs to hand its results over."""


def compare_verdicts(source: ComparisonSource, *, n_shuffles: int | None = None) -> Comparison:
    """Compare a run's judges with people, with the author's key, or with each other only.

    The same source gives the same comparison to the byte: random numbers come from the experiment's seed
    and the purpose they serve. `n_shuffles` = 0 leaves the shuffle tests out, None is `shuffles_for` the run.
    Raises StoreError when verdicts disagree with the manifest or the cases.
    """
    if n_shuffles is None:
        n_shuffles = shuffles_for(source.table.n_verdicts)
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases, people_known=source.people_known)
    own, whole = both(
        lambda: _by_case(layout, crowd, n_shuffles),
        lambda: _over_cases(layout, crowd, n_shuffles),
        apart=source.table.n_verdicts >= APART_FROM and two_processors(),
    )
    failures = failure_lines(layout)
    proposed = anchoring(layout, n_shuffles)
    experiment = source.manifest.experiment
    comparison = Comparison(
        run_id=source.manifest.run_id,
        run_title=experiment.title,
        case_set_id=source.manifest.case_set.set_id,
        store_sha256=source.store_sha256,
        parser_version=_parser_version(source.table),
        seed=experiment.seed,
        n_verdicts=source.table.n_verdicts,
        n_failed=len(failures),
        simulated=any(row.simulated for row in own.rows) or any(one.simulated for one in proposed),
        reference=reference_of(crowd, source),
        cases=own.cases,
        rows=own.rows,
        components=whole.components,
        moves=own.moves,
        factors=factor_shifts(layout),
        failures=failures,
        annotator_kinds=_kinds(layout, crowd),
        rulebooks=rulebook_facts(layout),
        ladder=whole.ladder,
        rule_effects=rule_effects(layout, crowd, n_shuffles),
        factor_components=factor_components(layout, n_shuffles),
        weights=implied_weights(layout, crowd),
        biases=own.biases,
        canaries=canary_readings(layout),
        leaderboards=leaderboards(layout, crowd),
        people_panel=people_panel(layout, crowd, n_shuffles),
        replacements=replacements(layout, crowd),
        panel_parts=panel_parts(layout, crowd),
        semi_automatic=semi_automatic(layout, crowd),
        opinion_map=whole.opinion_map,
        costs=cost_lines(layout, crowd),
        anchoring=proposed,
    )
    return comparison.model_copy(update={"methods": method_notes(comparison)})


class _OverCases(NamedTuple):
    """What is said over all cases together: little to hand over, long to compute."""

    components: tuple[Components, ...]
    ladder: tuple[Rung, ...]
    opinion_map: OpinionMap


def _over_cases(layout: Layout, crowd: Crowd, n_shuffles: int) -> _OverCases:
    return _OverCases(
        build_components(layout, crowd, n_shuffles),
        noise_ladder(layout, crowd),
        opinion_map(layout, crowd),
    )


class _ByCase(NamedTuple):
    """What holds something of every case, and what takes as long as the rest of the other half."""

    rows: tuple[Row, ...]
    cases: tuple[CaseFacts, ...]
    moves: tuple[RulebookMove, ...]
    biases: tuple[Bias, ...]


def _by_case(layout: Layout, crowd: Crowd, n_shuffles: int) -> _ByCase:
    rows = (
        *judge_rows(layout, crowd, n_shuffles),
        *panel_rows(layout, crowd),
        *member_rows(layout, crowd),
        *learned_rows(layout, crowd),
        *baseline_rows(layout, crowd),
    )
    moves = rulebook_moves(layout, crowd)
    return _ByCase(rows, case_facts(layout, crowd), moves, biases(layout, crowd))


def _parser_version(table: VerdictTable) -> int:
    return PARSER_VERSION if table.parser_version is None else table.parser_version


def _kinds(layout: Layout, crowd: Crowd) -> tuple[AnnotatorKind, ...]:
    found: dict[AnnotatorKind, bool] = {
        "judge": bool(layout.lines),
        "person": crowd.kind == "people",
        "key": crowd.kind == "key" or bool(crowd.other_keys),
    }
    return tuple(kind for kind, occurs in found.items() if occurs)
