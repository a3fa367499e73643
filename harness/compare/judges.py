"""Rows of judges, and of the panels that they form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.extras import judge_extras
from harness.compare.figures import Beside, Rankings, row_figures
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import CaseRuns, Layout, Line, answer_ids
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
        figures = row_figures(
            _rankings(line), beside_cases(_cases_of(line), line.key.language, crowd, lengths)
        )
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


def beside_cases(
    cases: Sequence[tuple[str, tuple[str, ...]]], language: Language, crowd: Crowd, lengths: Lengths
) -> list[Beside]:
    """What a row in one language is held against, in cases with these ids and answers."""
    found = []
    for case_id, names in cases:
        longest = lengths.get((case_id, language))
        unknown = np.full(len(names), np.nan) if longest is None else longest
        found.append(Beside(crowd.view(case_id), unknown))
    return found


def _cases_of(line: Line) -> list[tuple[str, tuple[str, ...]]]:
    return [(runs.case_id, runs.answer_ids) for runs in line.cases]


def _rankings(line: Line) -> Rankings:
    return Rankings(
        case_ids=[runs.case_id for runs in line.cases],
        answer_ids=[runs.answer_ids for runs in line.cases],
        n_planned=[len(runs.planned) for runs in line.cases],
        n_ranked=[runs.n_ranked for runs in line.cases],
        blocks=[(block.places, block.grades) for block in line.blocks],
    )


def _identity(line: Line) -> Identity:
    key, spec = line.key, line.spec
    return Identity(
        row_id=f"judge:{':'.join(key)}",
        kind="judge",
        annotator_id=key.judge_id,
        title=spec.title or spec.judge_id,
        simulated=line.simulated or spec.model_id.startswith("scripted/"),
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
    rankings = _panel_rankings(members, layout)
    cases = [*zip(rankings.case_ids, rankings.answer_ids, strict=True)]
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
    figures = row_figures(rankings, beside_cases(cases, key.language, crowd, lengths))
    return build_row(identity, figures, Against(crowd), Extras())


def _panel_rankings(members: Sequence[Line], layout: Layout) -> Rankings:
    n_cases = len(layout.cases)
    n_asked = np.bincount(np.concatenate([line.numbers for line in members]), minlength=n_cases)
    n_ranked, asked = np.zeros(n_cases, dtype=np.int64), np.flatnonzero(n_asked)
    blocks = []
    for ranks in panel_ranks(members, n_cases).values():
        there = (~np.isnan(ranks[..., 0])).sum(axis=0)
        n_ranked += there
        seen = np.flatnonzero(there)
        blocks.append((np.searchsorted(asked, seen), panel_order(ranks[:, seen])[:, None]))
    cases = [layout.cases[number] for number in asked.tolist()]
    return Rankings(
        case_ids=[case.case_id for case in cases],
        answer_ids=[answer_ids(case) for case in cases],
        n_planned=n_asked[asked].tolist(),
        n_ranked=n_ranked[asked].tolist(),
        blocks=blocks,
    )


def panel_ranks(members: Sequence[Line], n_cases: int) -> dict[int, FloatArray]:
    """Mean mid-ranks of every member, by number of answers: (n_members, n_cases, n_answers).

    NaN where a member has no complete readable verdict, and in cases with another number of answers.
    """
    found: dict[int, FloatArray] = {}
    for place, line in enumerate(members):
        for block in line.blocks:
            width = block.grades.shape[2]
            whole = found.setdefault(width, np.full((len(members), n_cases, width), np.nan))
            whole[place, line.numbers[block.places]] = _mean_ranks(block.grades)
    return dict(sorted(found.items()))


def panel_order(ranks: FloatArray) -> FloatArray:
    """Mean over the members that ranked a case, of shape (n_cases, n_answers); NaN where none did."""
    there = ~np.isnan(ranks[..., 0])
    total = np.where(there[..., None], ranks, 0.0).sum(axis=0)
    n_there = there.sum(axis=0)[:, None]
    mean = np.full_like(total, np.nan)
    np.divide(total, n_there, out=mean, where=n_there > 0)
    return np.asarray(mean.round(TIED_WITHIN))


def _mean_ranks(grades: FloatArray) -> FloatArray:
    """Mean mid-ranks over the complete verdicts of each case; NaN where there is none."""
    if not np.isnan(grades).any():
        return np.asarray(mid_ranks(grades).mean(axis=1))
    complete = [own[~np.isnan(own).any(axis=1)] for own in grades]
    nothing = np.full(grades.shape[2], np.nan)
    return np.array([mid_ranks(own).mean(axis=0) if len(own) else nothing for own in complete])
