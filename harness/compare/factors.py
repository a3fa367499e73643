"""Shares beside the headline's: wording or language varied too, or cells with unequal numbers of verdicts.

None of them replaces the headline (base wording, one language, complete cells). A paraphrase is a factor
nested in the rulebook, never a repeat; a translated answer is another text, so `language` is the language
version. Unequal runs are used where nobody planned squares of presentations, that is in imported runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.compare.estimates import generator, record_test
from harness.compare.factor_shares import Cases, factor_shares_of
from harness.compare.grid import build_grid, choose_complete
from harness.compare.pairing import MIN_RUNS, Matched, complete_repeats, match
from harness.compare.source import Layout, Line, LineKey
from harness.schema import PROTOCOLS, Factor, FactorComponents, Protocol, ShuffleTest
from harness.stats.arrays import FloatArray
from harness.stats.factors import Axes, Cells, independent_cells, square_cells
from harness.stats.pairs import thermometer
from harness.stats.permutation import rulebook_test

Varied = Literal["paraphrase", "language", "runs"]
_Lines = Mapping[tuple[str, str], tuple[Line, ...]]
"""(judge, rulebook) -> its lines, one for each level of the varied factor."""

_AXES: dict[Varied, tuple[Factor, ...]] = {
    "paraphrase": ("model", "rulebook", "paraphrase"),
    "language": ("model", "rulebook", "language"),
    "runs": ("model", "rulebook"),
}


@dataclass(frozen=True)
class _Varied:
    """The complete cells of one panel; per case a table (judges, rulebooks, levels, runs, columns)."""

    varied: Varied
    protocol: Protocol
    lines: tuple[Line, ...]
    judge_ids: tuple[str, ...]
    rulebook_ids: tuple[str, ...]
    case_ids: tuple[str, ...]
    tables: tuple[FloatArray, ...]
    """Empty where runs are unequal."""
    cells: tuple[Cells, ...]
    whole_squares: bool
    same_presentations: bool
    n_runs: tuple[int, int]


def factor_components(layout: Layout, n_shuffles: int) -> tuple[FactorComponents, ...]:
    """One panel for each protocol and varied factor whose cells are complete somewhere."""
    return tuple(
        _record(panel, layout.seed, n_shuffles)
        for protocol in PROTOCOLS
        for panel in _panels(layout, protocol)
        if panel.cells
    )


def _panels(layout: Layout, protocol: Protocol) -> Iterator[_Varied]:
    own = {line.key: line for line in layout.lines if line.protocol == protocol}
    languages = list(dict.fromkeys(key.language for key in own if key.wording == "base"))
    if not languages:
        return
    first = [key for key in own if key.wording == "base" and key.language == languages[0]]
    others: dict[Varied, Callable[[LineKey], LineKey]] = {
        "paraphrase": lambda key: key._replace(wording="paraphrase"),
    }
    if len(languages) > 1:
        others["language"] = lambda key: key._replace(language=languages[1])
    for varied, other in others.items():
        both = {key[:2]: (own[key], own[other(key)]) for key in first if other(key) in own}
        if both:
            yield _equal_runs(varied, layout, protocol, both)
    if layout.source.manifest.imported is not None:
        yield _unequal_runs(layout, protocol, {key[:2]: (own[key],) for key in first})


# --- which cells ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    judges: tuple[str, ...]
    rulebooks: tuple[str, ...]
    cases: tuple[str, ...]


def _complete(layout: Layout, lines: _Lines, has_enough: Callable[[Line, str], bool]) -> _Names:
    """The judges, rulebooks and cases of a complete grid, chosen like the headline's."""
    judges = tuple(dict.fromkeys(judge_id for judge_id, _ in lines))
    rulebooks = tuple(name for name in layout.rulebook_ids if any(name == key[1] for key in lines))
    case_ids = tuple(case.case_id for case in layout.cases)
    complete = np.array(
        [
            [
                [
                    (judge, rulebook) in lines
                    and all(has_enough(line, case_id) for line in lines[judge, rulebook])
                    for case_id in case_ids
                ]
                for rulebook in rulebooks
            ]
            for judge in judges
        ],
        dtype=np.bool_,
    )
    chosen = choose_complete(complete)
    return _Names(
        tuple(judges[j] for j in chosen.judges),
        tuple(rulebooks[r] for r in chosen.rulebooks),
        tuple(case_ids[c] for c in chosen.cases),
    )


def _equal_runs(varied: Varied, layout: Layout, protocol: Protocol, lines: _Lines) -> _Varied:
    """Every repeat that all cells planned, in every cell."""
    every = [line for levels in lines.values() for line in levels]
    targets = {case.case_id: _planned_by_all(every, case.case_id) for case in layout.cases}

    def has_enough(line: Line, case_id: str) -> bool:
        runs = line.of_case(case_id)
        wanted = targets[case_id]
        return len(wanted) >= MIN_RUNS and runs is not None and wanted <= complete_repeats(runs).keys()

    names = _complete(layout, lines, has_enough)
    matched = {
        (case_id, judge): _side_by_side(lines, names, (case_id, judge), targets[case_id])
        for case_id in names.cases
        for judge in names.judges
    }
    whole = all(found.whole_squares for found in matched.values())
    tables = [
        np.array([matched[case_id, judge].columns for judge in names.judges]).reshape(
            len(names.judges), len(names.rulebooks), -1, *matched[case_id, names.judges[0]].columns.shape[1:]
        )
        for case_id in names.cases
    ]
    n_runs = [table.shape[3] for table in tables]
    return _Varied(
        varied=varied,
        protocol=protocol,
        lines=_used(lines, names),
        judge_ids=names.judges,
        rulebook_ids=names.rulebooks,
        case_ids=names.cases,
        tables=tuple(tables),
        cells=tuple(_cells(table, whole_squares=whole) for table in tables),
        whole_squares=whole,
        same_presentations=all(found.same_presentations for found in matched.values()),
        n_runs=(min(n_runs, default=0), max(n_runs, default=0)),
    )


def _planned_by_all(lines: Sequence[Line], case_id: str) -> frozenset[int]:
    """Repeats that every line planned for a case."""
    planned = [set(runs.planned) for line in lines if (runs := line.of_case(case_id))]
    return frozenset(set.intersection(*planned)) if planned else frozenset()


def _side_by_side(lines: _Lines, names: _Names, where: tuple[str, str], repeats: frozenset[int]) -> Matched:
    """All cells of one case and judge, rulebook by rulebook, each with its levels."""
    case_id, judge = where
    own = [line for name in names.rulebooks for line in lines[judge, name]]
    cells = [runs for line in own if (runs := line.of_case(case_id)) is not None]
    return match(cells, repeats, own[0].protocol)


def _unequal_runs(layout: Layout, protocol: Protocol, lines: _Lines) -> _Varied:
    """Every complete verdict of cells with two or more; empty where the headline leaves none unused."""

    def has_enough(line: Line, case_id: str) -> bool:
        runs = line.of_case(case_id)
        return runs is not None and len(complete_repeats(runs)) >= MIN_RUNS

    names = _complete(layout, lines, has_enough)
    found = [_all_runs(lines, names, case_id) for case_id in names.cases]
    n_runs = [len(cell) for cells in found for cell in cells.values()]
    headline = build_grid(layout, protocol, next(iter(lines.values()))[0].key.language)
    n_headline = sum(table.shape[0] * table.shape[1] * table.shape[2] for table in headline.tables)
    useful = not headline.whole_squares and len(set(n_runs)) > 1 and sum(n_runs) > n_headline
    return _Varied(
        varied="runs",
        protocol=protocol,
        lines=_used(lines, names),
        judge_ids=names.judges,
        rulebook_ids=names.rulebooks,
        case_ids=names.cases,
        tables=(),
        cells=tuple(independent_cells(cells) for cells in found) if useful else (),
        whole_squares=False,
        same_presentations=False,
        n_runs=(min(n_runs, default=0), max(n_runs, default=0)),
    )


def _all_runs(lines: _Lines, names: _Names, case_id: str) -> dict[Axes, FloatArray]:
    """Thermometers of every complete verdict of a case, by place of judge and rulebook."""
    found: dict[Axes, FloatArray] = {}
    for j, judge in enumerate(names.judges):
        for r, rulebook in enumerate(names.rulebooks):
            runs = lines[judge, rulebook][0].of_case(case_id)
            assert runs is not None  # `has_enough` came first
            places = [place for _, place in sorted(complete_repeats(runs).items())]
            found[j, r] = thermometer(runs.grades[places])
    return found


def _used(lines: _Lines, names: _Names) -> tuple[Line, ...]:
    return tuple(
        line
        for (judge, name), levels in lines.items()
        if judge in names.judges and name in names.rulebooks
        for line in levels
    )


def _cells(table: FloatArray, *, whole_squares: bool) -> Cells:
    if whole_squares:
        return square_cells(table)
    return independent_cells({place: table[place] for place in np.ndindex(*table.shape[:3])})


# --- the record ----------------------------------------------------------------------------------


def _record(panel: _Varied, seed: int, n_shuffles: int) -> FactorComponents:
    return FactorComponents(
        varied=panel.varied,
        protocol=panel.protocol,
        wordings=tuple(dict.fromkeys(line.key.wording for line in panel.lines)),
        languages=tuple(dict.fromkeys(line.key.language for line in panel.lines)),
        judge_ids=panel.judge_ids,
        rulebook_ids=panel.rulebook_ids,
        case_ids=panel.case_ids,
        fewest_runs=panel.n_runs[0],
        most_runs=panel.n_runs[1],
        complete_squares=panel.whole_squares,
        shares=factor_shares_of(
            _AXES[panel.varied], Cases(panel.cells, _without_runs(panel)), nested=panel.varied == "paraphrase"
        ),
        factor_test=_factor_test(panel, seed, n_shuffles),
        rulebook_test=_over_wordings(panel, seed, n_shuffles),
    )


def _without_runs(panel: _Varied) -> tuple[tuple[Cells, ...], ...]:
    """The cells without each full run in turn; none where runs cannot be left out."""
    fewest, most = panel.n_runs
    if not panel.tables or fewest != most or fewest <= MIN_RUNS:
        return ()
    return tuple(
        tuple(
            _cells(np.delete(table, run, axis=3), whole_squares=panel.whole_squares) for table in panel.tables
        )
        for run in range(fewest)
    )


def _factor_test(panel: _Varied, seed: int, n_shuffles: int) -> ShuffleTest | None:
    """Shuffle the levels of the varied factor within case, judge, rulebook, and presentation if the same."""
    if not panel.tables or not n_shuffles:
        return None
    tables = [table.reshape(-1, *table.shape[2:]) for table in panel.tables]
    rng = generator(seed, f"{panel.varied} test", panel.protocol)
    found = rulebook_test(tables, rng, n_shuffles, same_presentations=panel.same_presentations)
    again = "label pair" if panel.protocol == "pairwise" else "presentation"
    within = f"case, judge, rulebook and {again}" if panel.same_presentations else "case, judge and rulebook"
    return record_test(found, within)


def _over_wordings(panel: _Varied, seed: int, n_shuffles: int) -> ShuffleTest | None:
    """Whether the rulebook changes more than a wording does: shuffle whole wordings within (case, judge)."""
    if panel.varied != "paraphrase" or not panel.tables or not n_shuffles or len(panel.rulebook_ids) < 2:
        return None
    rng = generator(seed, "rulebook test over wordings", panel.protocol)
    means: Sequence[FloatArray] = [table.mean(axis=3) for table in panel.tables]
    found = rulebook_test(means, rng, n_shuffles, same_presentations=False)
    return record_test(found, "case and judge, whole wordings")
