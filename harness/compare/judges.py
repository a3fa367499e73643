"""Rows of judges, and of the panels that they form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import Crowd, View
from harness.compare.extras import judge_extras
from harness.compare.figures import CaseRankings, figures_of_cases
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import CaseRuns, Layout, Line
from harness.schema import PROTOCOLS, Case, Language, Protocol, Row
from harness.stats.arrays import FloatArray
from harness.stats.pairs import mid_ranks

TIED_WITHIN = 9
"""Decimals to which two mean mid-ranks of a panel must agree to be tied."""

Lengths = Mapping[tuple[str, Language], FloatArray]
"""(case_id, language) -> number of characters of each answer."""


def answer_lengths(cases: Sequence[Case]) -> Lengths:
    """Count the characters of every answer, in every language that all answers of a case have."""
    return {
        (case.case_id, language): np.array(
            [float(len(answer.text[language])) for answer in case.answers], dtype=np.float64
        )
        for case in cases
        for language in case.answers[0].text
        if all(language in answer.text for answer in case.answers)
    }


def judge_rows(layout: Layout, crowd: Crowd, n_shuffles: int) -> tuple[Row, ...]:
    """One row for every judge, rulebook, wording and language that was asked."""
    lengths = answer_lengths(layout.cases)
    timings = layout.source.timing_of
    rows = []
    for line in layout.lines:
        figures = figures_of_cases([_rankings(runs, line, crowd, lengths) for runs in line.cases])
        extras = judge_extras(line, timings, layout.seed, n_shuffles)
        rows.append(build_row(_identity(line), figures, Against(crowd), extras))
    return tuple(rows)


def panel_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """One row per panel, rulebook and language in which at least two of its judges answered, base wording.

    A panel is all judges of one protocol, or judges that the experiment names as one. Its ranking of a case
    is the mean over its members of their mean mid-ranks; equal means are tied. A member without a readable
    verdict on a case is left out there: `n_ranked` of `n_planned` members.
    """
    lengths = answer_lengths(layout.cases)
    return tuple(_panel_row(panel, crowd, lengths, layout) for panel in panels_of(layout))


@dataclass(frozen=True)
class PanelLines:
    """Judges that are read as one annotator, under one rulebook and in one language."""

    panel_id: str
    named: bool
    members: tuple[Line, ...]

    @property
    def protocol(self) -> Protocol | None:
        """How all of its judges are asked; None where they are asked in several ways."""
        protocols = {line.protocol for line in self.members}
        return self.members[0].protocol if len(protocols) == 1 else None


def panels_of(layout: Layout) -> tuple[PanelLines, ...]:
    """All judges of one protocol, then the experiment's named panels; only those with two judges or more."""
    named = layout.source.manifest.experiment.panels
    gathered: dict[tuple[str, str, Language], list[Line]] = {}
    for line in layout.lines:
        if line.key.wording == "base":
            names = [line.protocol, *(name for name, of in named.items() if line.key.judge_id in of)]
            for name in names:
                gathered.setdefault((name, line.key.rulebook_id, line.key.language), []).append(line)
    order = (*PROTOCOLS, *named)
    ordered = sorted(gathered.items(), key=lambda panel: _panel_place(panel[0], layout, order))
    return tuple(
        PanelLines(name, name in named, tuple(members))
        for (name, _, _), members in ordered
        if len(members) > 1
    )


def member_mean_ranks(runs: CaseRuns | None) -> FloatArray | None:
    """Mean mid-rank of each answer over a member's verdicts; None without a complete readable one."""
    if runs is None:
        return None
    complete = runs.grades[~np.isnan(runs.grades).any(axis=1)]
    return np.asarray(mid_ranks(complete).mean(axis=0)) if len(complete) else None


_Case = tuple[CaseRankings, View, FloatArray]
"""What a row says of a case, whom it is held against, and the lengths of the answers."""


def _rankings(runs: CaseRuns, line: Line, crowd: Crowd, lengths: Lengths) -> _Case:
    rankings = CaseRankings(
        runs.case_id, runs.answer_ids, runs.grades, n_planned=len(runs.planned), n_ranked=len(runs.ranked)
    )
    longest = lengths.get((runs.case_id, line.key.language), np.full(len(runs.answer_ids), np.nan))
    return rankings, crowd.view(runs.case_id), longest


def _identity(line: Line) -> Identity:
    key, spec = line.key, line.spec
    cells = [verdict.cell for runs in line.cases for verdict in runs.ranked]
    cells += [verdict.cell for runs in line.cases for verdict in runs.failed]
    return Identity(
        row_id=f"judge:{':'.join(key)}",
        kind="judge",
        annotator_id=key.judge_id,
        title=spec.title or spec.judge_id,
        simulated=any(cell.simulated for cell in cells) or spec.model_id.startswith("scripted/"),
        model_id=spec.model_id,
        protocol=spec.protocol,
        rulebook_id=key.rulebook_id,
        wording=key.wording,
        language=key.language,
    )


def _panel_place(
    panel: tuple[str, str, Language], layout: Layout, order: Sequence[str]
) -> tuple[int, int, int]:
    name, rulebook_id, language = panel
    languages = layout.languages
    return (
        languages.index(language) if language in languages else len(languages),
        order.index(name),
        layout.rulebook_ids.index(rulebook_id),
    )


def _panel_row(panel: PanelLines, crowd: Crowd, lengths: Lengths, layout: Layout) -> Row:
    members, key = panel.members, panel.members[0].key
    cases: list[_Case] = []
    for case in layout.cases:
        seen = [runs for line in members if (runs := line.of_case(case.case_id)) is not None]
        if seen:
            rankings = _panel_rankings(seen)
            longest = lengths.get((case.case_id, key.language), np.full(len(case.answers), np.nan))
            cases.append((rankings, crowd.view(case.case_id), longest))
    identity = Identity(
        row_id=f"panel:{panel.panel_id}:{key.rulebook_id}:{key.wording}:{key.language}",
        kind="panel",
        annotator_id=f"panel-{panel.panel_id}",
        title=f"{f'{panel.panel_id}: ' if panel.named else ''}panel of {len(members)} judges",
        simulated=any(_identity(line).simulated for line in members),
        protocol=panel.protocol,
        rulebook_id=key.rulebook_id,
        wording=key.wording,
        language=key.language,
    )
    return build_row(identity, figures_of_cases(cases), Against(crowd), Extras())


def _panel_rankings(seen: Sequence[CaseRuns]) -> CaseRankings:
    ranks = [found for runs in seen if (found := member_mean_ranks(runs)) is not None]
    answer_ids = seen[0].answer_ids
    grades = np.empty((0, len(answer_ids)))
    if ranks:
        grades = np.mean(ranks, axis=0, keepdims=True).round(TIED_WITHIN)
    return CaseRankings(seen[0].case_id, answer_ids, grades, n_planned=len(seen), n_ranked=len(ranks))
