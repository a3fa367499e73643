"""Which judges, rulebooks and cases form a complete grid, and what had to be left out for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.pairing import complete_repeats
from harness.compare.repeats import RepeatBits, complete_bits, match_lines, planned_by_each, shapes_of
from harness.compare.source import CaseRuns, Layout, Line
from harness.schema import FailureReason, Gap, Language, LeftOut, Protocol
from harness.stats.arrays import BoolArray, FloatArray, IntArray

ENOUGH = 0.5
"""Share of the cases that must be complete before judges or rulebooks stop being left out."""

_Lines = Mapping[tuple[str, str], Line]


@dataclass(frozen=True)
class Grid:
    """A complete grid: every judge answered every case under every rulebook in every repeat."""

    judge_ids: tuple[str, ...]
    rulebook_ids: tuple[str, ...]
    case_ids: tuple[str, ...]
    tables: tuple[FloatArray, ...]
    """One per case: thermometers of shape (n_judges, n_rulebooks, n_runs, 2 * n_pairs)."""
    whole_squares: bool
    same_for_judges: bool
    """Whole squares, and position p is the same presentation for every judge."""
    left_out: tuple[LeftOut, ...]

    @property
    def n_runs(self) -> int:
        """Fewest verdicts that any case has per judge and rulebook; 0 without a case."""
        return min((table.shape[2] for table in self.tables), default=0)


@dataclass(frozen=True)
class Chosen:
    """Places of the judges, rulebooks and cases of a complete grid."""

    judges: tuple[int, ...]
    rulebooks: tuple[int, ...]
    cases: tuple[int, ...]

    @property
    def n_cells(self) -> int:
        """Cells of the grid."""
        return len(self.judges) * len(self.rulebooks) * len(self.cases)


def build_grid(layout: Layout, protocol: Protocol, language: Language) -> Grid:
    """Choose the complete grid of one protocol, base wording, one language.

    A cell is complete when every repeat that all its neighbours planned has a readable, full verdict;
    see `choose_complete`.
    """
    lines = {
        (line.key.judge_id, line.key.rulebook_id): line
        for line in layout.lines
        if line.protocol == protocol and line.key.wording == "base" and line.key.language == language
    }
    judges = tuple(dict.fromkeys(judge_id for judge_id, _ in lines))
    rulebooks = tuple(name for name in layout.rulebook_ids if any(name == key[1] for key in lines))
    targets = planned_by_each([*lines.values()], len(layout.cases))
    asked = np.flatnonzero(targets != 0)
    complete = np.zeros((len(judges), len(rulebooks), len(asked)), dtype=np.bool_)
    for (judge_id, rulebook_id), line in lines.items():
        missing = targets & ~complete_bits(line, len(layout.cases)).astype(targets.dtype)
        there = np.isin(asked, line.numbers)
        complete[judges.index(judge_id), rulebooks.index(rulebook_id)] = (missing[asked] == 0) & there
    chosen = choose_complete(complete)
    names = _Names(judges, rulebooks, tuple(layout.cases[number].case_id for number in asked.tolist()))
    kept = asked[list(chosen.cases)]
    own = [[lines.get((judges[j], rulebooks[r])) for r in chosen.rulebooks] for j in chosen.judges]
    tables, whole, same = _tables(own, kept, targets[kept])
    return Grid(
        judge_ids=tuple(judges[i] for i in chosen.judges),
        rulebook_ids=tuple(rulebooks[i] for i in chosen.rulebooks),
        case_ids=tuple(layout.cases[number].case_id for number in kept.tolist()),
        tables=tables,
        whole_squares=whole,
        same_for_judges=same,
        left_out=_left_out(lines, names, chosen, complete),
    )


@dataclass(frozen=True)
class _Names:
    judges: tuple[str, ...]
    rulebooks: tuple[str, ...]
    cases: tuple[str, ...]


def choose_complete(complete: BoolArray) -> Chosen:
    """Choose a complete grid from what is complete, of shape (judges, rulebooks, cases).

    Cases are interchangeable, judges and rulebooks are not. So a case is left out for everybody when any of
    its cells is incomplete; but while fewer than half of the cases would remain, the judge or rulebook with
    the largest share of incomplete cells is left out first (of equals the one whose leaving keeps more cells,
    then the last). If that never reaches half of the cases, the largest grid met on the way stands.
    """
    n_judges, n_rulebooks, n_cases = complete.shape
    chosen = _with_cases(complete, tuple(range(n_judges)), tuple(range(n_rulebooks)))
    best = chosen
    while len(chosen.cases) < ENOUGH * n_cases and (len(chosen.judges) > 1 or len(chosen.rulebooks) > 1):
        chosen = max(_one_less(complete, chosen), key=lambda option: option[0])[1]
        if chosen.n_cells > best.n_cells:
            best = chosen
    return chosen if len(chosen.cases) >= ENOUGH * n_cases else best


def _one_less(complete: BoolArray, chosen: Chosen) -> list[tuple[tuple[float, int, int, int], Chosen]]:
    """Every grid with one judge or rulebook less, with the reasons for it (the greatest is taken)."""
    inside = complete[np.ix_(chosen.judges, chosen.rulebooks)]
    options = []
    for axis, members in enumerate((chosen.judges, chosen.rulebooks)):
        if len(members) < 2:
            continue
        missing = 1.0 - inside.mean(axis=tuple({0, 1, 2} - {axis}))
        for position, member in enumerate(members):
            rest = tuple(other for other in members if other != member)
            judges, rulebooks = (rest, chosen.rulebooks) if axis == 0 else (chosen.judges, rest)
            smaller = _with_cases(complete, judges, rulebooks)
            reasons = (round(float(missing[position]), 9), smaller.n_cells, axis, member)
            options.append((reasons, smaller))
    return options


def _with_cases(complete: BoolArray, judges: tuple[int, ...], rulebooks: tuple[int, ...]) -> Chosen:
    kept = complete[np.ix_(judges, rulebooks)].all(axis=(0, 1))
    return Chosen(judges, rulebooks, tuple(int(case) for case in np.flatnonzero(kept)))


def _tables(
    lines: Sequence[Sequence[Line | None]], cases: IntArray, targets: RepeatBits
) -> tuple[tuple[FloatArray, ...], bool, bool]:
    """One table per case; whether all are whole squares; whether these are the same for every judge.

    `lines` of the chosen judges, rulebook by rulebook. Cases of one shape are laid out together.
    """
    tables: list[FloatArray] = [np.empty(0)] * len(cases)
    whole, same = len(cases) > 0, True
    asked = [[line for line in own if line is not None] for own in lines]
    shapes = shapes_of(asked[0][0], cases, targets) if len(cases) else {}
    for (n_runs, n_answers), places in shapes.items():
        found = [match_lines(own, cases[places], targets[places], (n_runs, n_answers)) for own in asked]
        together = np.stack([one.columns for one in found], axis=1)
        for place, table in zip(places.tolist(), together, strict=True):
            tables[place] = table
        whole = whole and all(one.whole_squares for one in found)
        same = same and all((one.shown == found[0].shown).all() for one in found)
    return tuple(tables), whole, whole and same


def _left_out(lines: _Lines, names: _Names, chosen: Chosen, complete: BoolArray) -> tuple[LeftOut, ...]:
    """Name every judge, rulebook and cell that was left out, and what was missing there."""
    told = []
    for j, judge_id in enumerate(names.judges):
        if j not in chosen.judges:
            cells = _cells(lines, names, judge_id=judge_id)
            told.append(_missing(cells, complete[j]).model_copy(update={"judge_id": judge_id}))
    for r, name in enumerate(names.rulebooks):
        if r not in chosen.rulebooks:
            cells = _cells(lines, names, rulebook_id=name)
            told.append(_missing(cells, complete[:, r]).model_copy(update={"rulebook_id": name}))
    inside = complete[np.ix_(chosen.judges, chosen.rulebooks)]
    for c, case_id in enumerate(names.cases):
        for j, r in np.argwhere(~inside[:, :, c]):
            judge_id, name = names.judges[chosen.judges[j]], names.rulebooks[chosen.rulebooks[r]]
            line = lines.get((judge_id, name))
            cell = [line.of_case(case_id) if line is not None else None]
            where = {"judge_id": judge_id, "rulebook_id": name, "case_id": case_id}
            told.append(_missing(cell, inside[j, r, c]).model_copy(update=where))
    return tuple(told)


def _cells(
    lines: _Lines, names: _Names, judge_id: str | None = None, rulebook_id: str | None = None
) -> list[CaseRuns | None]:
    judges = names.judges if judge_id is None else (judge_id,)
    rulebooks = names.rulebooks if rulebook_id is None else (rulebook_id,)
    wanted = [lines.get((judge, rulebook)) for judge in judges for rulebook in rulebooks]
    return [line.of_case(case_id) if line is not None else None for line in wanted for case_id in names.cases]


def _missing(cells: Sequence[CaseRuns | None], complete: BoolArray) -> LeftOut:
    """Count what is missing in some cells."""
    failures: Counter[FailureReason] = Counter()
    gaps: Counter[Gap] = Counter()
    for runs in cells:
        if runs is None:
            gaps["never_asked"] += 1
            continue
        failures.update(verdict.failure for verdict in runs.failed)
        gaps["still_open"] += len(runs.planned) - runs.n_ranked - runs.n_failed
        gaps["answers_ungraded"] += runs.n_ranked - len(complete_repeats(runs))
    return LeftOut(
        n_incomplete=int((~complete).sum()),
        n_cells=complete.size,
        failures={reason: failures[reason] for reason in sorted(failures)},
        gaps={gap: n for gap, n in sorted(gaps.items()) if n > 0},
    )
