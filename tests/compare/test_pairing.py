"""Lines laid side by side for many cases at once are laid as case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare.grid import build_grid
from harness.compare.pairing import complete_repeats, match, shift_gap, shift_gaps
from harness.compare.repeats import complete_bits, match_lines, planned_by_each, shapes_of
from harness.compare.source import build_layout

if TYPE_CHECKING:
    from harness.compare.source import Layout
    from harness.schema import Cell
    from tests.compare.conftest import Kit

CASES = tuple(f"case-{number}" for number in range(12))


def noisy(kit: Kit, seed: int, n_bad: int) -> Layout:
    """Judges that answer at random; some verdicts fail, leave an answer out, or were never asked."""
    rng = np.random.default_rng(seed)

    def reply(_cell: Cell, _order: tuple[str, ...]) -> dict[str, float] | str | None:
        grades = dict(zip("abcd", rng.integers(1, 5, 4).astype(float).tolist(), strict=True))
        odd = int(rng.integers(0, 100))
        if odd < n_bad:
            return (None, "refused", {name: grades[name] for name in "abc"})[odd % 3]
        return grades

    judges = {"x": reply, "y": reply}
    bench = kit.bench(judges, cases=CASES, rulebooks=("hhh", "none", "placebo"), repeats=4)
    return build_layout(bench.source())


@pytest.mark.parametrize(("seed", "n_bad"), [(1, 0), (2, 10), (3, 40), (4, 90)])
def test_gaps_of_lines_are_those_of_their_cases(kit: Kit, seed: int, n_bad: int) -> None:
    """Whatever failed, was half graded or never asked: each case has the gap that it has by itself."""
    layout = noisy(kit, seed, n_bad)
    for one in layout.lines:
        for other in (line for line in layout.lines if line.key.judge_id == one.key.judge_id):
            found = shift_gaps(one, other, len(layout.cases))
            sides = [(one.of_case(case.case_id), other.of_case(case.case_id)) for case in layout.cases]
            alone = [shift_gap(a, b, "listwise") if a and b else np.nan for a, b in sides]
            assert found == pytest.approx(np.array(alone), nan_ok=True, abs=1e-12)


@pytest.mark.parametrize(("seed", "n_bad"), [(1, 0), (5, 6), (6, 30)])
def test_repeats_as_bits_are_the_repeats(kit: Kit, seed: int, n_bad: int) -> None:
    """Planned by every line, and readable in full: the bits of a case are its sets of repeats."""
    layout = noisy(kit, seed, n_bad)
    planned = planned_by_each(layout.lines, len(layout.cases))
    for number, case in enumerate(layout.cases):
        sets = [set(runs.planned) for line in layout.lines if (runs := line.of_case(case.case_id))]
        assert as_set(planned[number]) == set.intersection(*sets)
        for line in layout.lines:
            runs = line.of_case(case.case_id)
            assert runs is not None
            complete = as_set(complete_bits(line, len(layout.cases))[number])
            assert complete == complete_repeats(runs).keys()


def as_set(bits: int) -> set[int]:
    """The numbers of the bits that are set."""
    return {bit for bit in range(8) if int(bits) >> bit & 1}


@pytest.mark.parametrize(("seed", "n_bad"), [(1, 0), (7, 8)])
def test_tables_of_a_grid_are_those_of_its_cases(kit: Kit, seed: int, n_bad: int) -> None:
    """Each table holds what `match` lays side by side for one case and judge."""
    layout = noisy(kit, seed, n_bad)
    grid = build_grid(layout, "listwise", "fr")
    assert len(grid.tables) == len(grid.case_ids) > 0
    for case_id, table in zip(grid.case_ids, grid.tables, strict=True):
        for judge_id, cells in zip(grid.judge_ids, table, strict=True):
            lines = [line for line in layout.lines if line.key.judge_id == judge_id]
            runs = [line.of_case(case_id) for line in lines if line.key.rulebook_id in grid.rulebook_ids]
            known = [one for one in runs if one is not None]
            assert (match(known, range(4), "listwise").columns == cells).all()


def test_many_repeats_are_numbers_of_python(kit: Kit) -> None:
    """More repeats than a number of 64 bits holds are counted all the same."""
    bench = kit.bench({"x": kit.by_slot("4321"), "y": kit.always("1234")}, repeats=70)
    layout = build_layout(bench.source())
    planned = planned_by_each(layout.lines, len(layout.cases))
    assert planned.tolist() == [2**70 - 1] * len(layout.cases)
    lines = [line for line in layout.lines if line.key.judge_id == "x"]
    numbers = np.arange(len(layout.cases))
    assert [*shapes_of(lines[0], numbers, planned)] == [(70, 4)]
    assert match_lines(lines, numbers, planned, (70, 4)).columns.shape == (3, 2, 70, 12)
