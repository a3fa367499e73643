from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import compare_verdicts
from harness.compare.extras import share_of_circles, share_of_flips
from harness.schema import Cell, FailedVerdict, PairReading, RankedVerdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Said

CELL = Cell(annotator_id="j", annotator_kind="judge", case_id="one", rulebook_id="hhh", language="fr")


def pairwise(readings: dict[str, tuple[float, float]]) -> RankedVerdict:
    """A pairwise verdict on the answers a, b, c."""
    pairs = tuple(
        PairReading(first=pair[0], second=pair[1], p_first_shown_first=first, p_first_shown_second=second)
        for pair, (first, second) in readings.items()
    )
    return RankedVerdict(cell=CELL, grades={"a": 1.0, "b": 2.0, "c": 3.0}, pairs=pairs)


def test_a_flip_is_another_winner_in_the_other_order() -> None:
    """Two of three pairs name the other winner when turned round; a tie in one order names none."""
    verdict = pairwise({"ab": (0.9, 0.4), "ac": (0.7, 0.5), "bc": (0.6, 0.2)})
    assert share_of_flips(verdict) == pytest.approx(2 / 3)


def test_a_circle_is_an_intransitive_triple() -> None:
    """A beats b, b beats c, c beats a: the only triple runs in a circle; turned round one pair, none does."""
    assert share_of_circles(pairwise({"ab": (0.9, 0.9), "bc": (0.9, 0.9), "ac": (0.1, 0.1)})) == 1.0
    assert share_of_circles(pairwise({"ab": (0.9, 0.9), "bc": (0.9, 0.9), "ac": (0.9, 0.9)})) == 0.0
    assert np.isnan(share_of_circles(pairwise({"ab": (0.9, 0.9), "bc": (0.9, 0.9)})))


def test_pair_figures_need_pairs(kit: Kit) -> None:
    """A listwise judge has no flips by its nature, a pairwise one without pairs was not measured."""
    bench = kit.bench(
        {"x": kit.always("4321"), "y": kit.always("4321")}, specs={"y": {"protocol": "pairwise"}}, repeats=2
    )
    found = {row.row_id: row for row in compare_verdicts(bench.source(), n_shuffles=0).rows}
    assert found["judge:x:hhh:base:fr"].order_flips.undefined_because == "does_not_apply"
    assert found["judge:y:hhh:base:fr"].order_flips.undefined_because == "not_measured"
    assert found["judge:y:hhh:base:fr"].intransitive_triples.undefined_because == "not_measured"


def test_flips_are_averaged_over_verdicts_then_cases(kit: Kit) -> None:
    """Every case has equal weight, whatever its number of verdicts."""
    source = kit.bench(
        {"y": kit.always("4321")},
        specs={"y": {"protocol": "pairwise"}},
        repeats=2,
        cases=("one", "two", "three"),
    ).source()

    def pair(verdict: RankedVerdict | FailedVerdict) -> tuple[PairReading, ...]:
        flips = verdict.cell.case_id == "one" and verdict.cell.repeat == 0
        case_id = verdict.cell.case_id
        second = 0.1 if flips else 0.8
        return (
            PairReading(
                first=f"{case_id}-a",
                second=f"{case_id}-b",
                p_first_shown_first=0.9,
                p_first_shown_second=second,
            ),
        )

    verdicts = tuple(verdict.model_copy(update={"pairs": pair(verdict)}) for verdict in source.verdicts)
    found = compare_verdicts(dataclasses.replace(source, verdicts=verdicts), n_shuffles=0)
    flips = found.rows[0].order_flips
    assert flips.value == pytest.approx(1 / 6)
    assert flips.n == 3


@pytest.mark.parametrize(
    ("grades", "effects"), [("4321", (1.5, 0.5, -0.5, -1.5)), ("1234", (-1.5, -0.5, 0.5, 1.5))]
)
def test_a_slot_judge_shows_its_slots(kit: Kit, grades: str, effects: Sequence[float]) -> None:
    """First slot best: effects 1.5, .5, -.5, -1.5, and the smallest p that the shuffles allow or nearly."""
    found = (
        compare_verdicts(kit.bench({"j": kit.by_slot(grades)}).source(), n_shuffles=199).rows[0].slot_effect
    )
    assert found is not None
    assert found.slots == ("A", "B", "C", "D")
    assert found.effects == pytest.approx(effects)
    assert found.test is not None
    assert found.test.p < 0.05


def test_a_content_judge_has_no_slots(kit: Kit) -> None:
    """A judge that does not look at slots has effects of exactly 0 over whole squares."""
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}).source(), n_shuffles=19).rows[0].slot_effect
    assert found is not None
    assert found.effects == (0.0, 0.0, 0.0, 0.0)
    assert found.test is not None
    assert found.test.p == 1.0


def test_broken_squares_give_no_slot_effect(kit: Kit) -> None:
    """With one presentation missing in every case, slots and answers cannot be told apart."""

    def stumbling(cell: Cell, order: tuple[str, ...]) -> Said:
        return "truncated" if cell.repeat == 2 else dict(zip(order, (4.0, 3, 2, 1), strict=True))

    assert compare_verdicts(kit.bench({"j": stumbling}).source(), n_shuffles=0).rows[0].slot_effect is None
