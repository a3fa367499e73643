"""Judges as one annotator, and without each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.crowd import build_crowd
from harness.compare.panel_frames import to_panel_frame
from harness.compare.panels import panel_parts
from harness.compare.source import build_layout
from harness.schema import Cell, PanelPart, WithoutJudge
from harness.stats.agreement import tau_x

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Reply

CASES = ("one", "two", "three")


def named(source: ComparisonSource, **panels: tuple[str, ...]) -> ComparisonSource:
    """Name panels in the experiment of a run."""
    experiment = source.manifest.experiment.model_copy(update={"panels": panels})
    return replace(source, manifest=source.manifest.model_copy(update={"experiment": experiment}))


def found(source: ComparisonSource) -> tuple[PanelPart, ...]:
    """The panel parts alone."""
    layout = build_layout(source)
    return panel_parts(layout, build_crowd(source.people, layout.cases))


def run(kit: Kit, judges: Mapping[str, Reply], **more: object) -> ComparisonSource:
    """A run of three cases under one rulebook, whose one person says 4321 everywhere."""
    people = kit.votes("person", dict.fromkeys(CASES, "4321"))
    fields: dict[str, Any] = {"cases": CASES, "rulebooks": ("hhh",), "people": people} | more
    return kit.bench(judges, **fields).source()


def by_judge(part: PanelPart) -> dict[str, WithoutJudge]:
    """The panel without each judge."""
    return {one.judge_id: one for one in part.without}


def test_who_carries_a_panel_by_hand(kit: Kit) -> None:
    """Two judges say 4321 like the people, one says 1234: the panel says 4321 whoever leaves but one.

    Mean mid-ranks of all three: (4+4+1)/3 = 3, 8/3, 7/3, 2: the people's order, tau 1. Without a good judge
    4321 and 1234 average to 2.5 everywhere: all tied against strict, tau 0, so a good judge carries 1.
    Without the bad one: tau 1, it carries nothing, and its tau with the others is -1.
    """
    source = run(kit, {"a": kit.always("4321"), "b": kit.always("4321"), "z": kit.always("1234")})
    (part,) = found(source)
    assert (part.panel_id, part.judge_ids, part.rulebook_id) == ("listwise", ("a", "b", "z"), "hhh")
    assert part.tau_people.value == 1.0
    lines = by_judge(part)
    assert [lines[judge].tau_people.value for judge in "abz"] == [0.0, 0.0, 1.0]
    assert [lines[judge].carried.value for judge in "abz"] == [1.0, 1.0, 0.0]
    assert [lines[judge].tau_others.value for judge in "abz"] == [0.0, 0.0, -1.0]


def test_of_two_judges_the_other_is_left(kit: Kit) -> None:
    """A panel of two without one is the other judge's own agreement with people."""
    source = run(kit, {"a": kit.always("4312"), "b": kit.always("1243")})
    comparison = compare_verdicts(source, n_shuffles=0)
    own = {row.annotator_id: row.tau_people.value for row in comparison.rows if row.kind == "judge"}
    lines = by_judge(comparison.panel_parts[0])
    assert lines["a"].tau_people.value == own["b"]
    assert lines["b"].tau_people.value == own["a"]


def test_the_whole_panel_is_the_row_of_the_table(kit: Kit) -> None:
    """The figure of the whole panel is that of its row, interval and all, with people who disagree."""
    judges = {"a": kit.by_slot("4321"), "b": kit.always("4231"), "c": kit.always("2143")}
    source = run(kit, judges, people=kit.six_people(CASES), rulebooks=("hhh", "none"))
    comparison = compare_verdicts(source, n_shuffles=0)
    rows = [row.tau_people for row in comparison.rows if row.kind == "panel"]
    assert [part.tau_people for part in comparison.panel_parts] == rows
    assert len(rows) == 2


def test_a_named_panel_is_an_annotator_of_its_own(kit: Kit) -> None:
    """Any judges can be one annotator: a row with the panel's name, and the panel without each of them."""
    judges = {name: kit.always(grades) for name, grades in (("a", "4321"), ("b", "4312"), ("z", "1234"))}
    comparison = compare_verdicts(named(run(kit, judges), pair=("a", "z")), n_shuffles=0)
    assert [part.panel_id for part in comparison.panel_parts] == ["listwise", "pair"]
    row = next(row for row in comparison.rows if row.annotator_id == "panel-pair")
    assert row.row_id == "panel:pair:hhh:base:fr"
    assert "pair: panel of 2 judges" in row.title
    assert row.tau_people.value == 0.0
    assert comparison.panel_parts[1].judge_ids == ("a", "z")


def test_a_named_panel_may_mix_protocols(kit: Kit) -> None:
    """Judges that are asked differently can sit in one panel; its protocol is then none."""
    specs = {"b": {"protocol": "pairwise"}}
    judges = {"a": kit.always("4321"), "b": kit.always("4321")}
    comparison = compare_verdicts(named(run(kit, judges, specs=specs), mixed=("a", "b")), n_shuffles=0)
    (part,) = comparison.panel_parts
    assert (part.panel_id, part.judge_ids) == ("mixed", ("a", "b"))
    (row,) = [row for row in comparison.rows if row.kind == "panel"]
    assert row.protocol is None


def test_a_judge_that_cannot_be_read_is_left_out_where_it_failed(kit: Kit) -> None:
    """`carried` pairs the cases in which both panels have an order; who never answered carries nothing."""

    def fails_once(cell: Cell, _order: tuple[str, ...]) -> dict[str, float] | str:
        return "refused" if cell.case_id == "one" else kit.by_letter("4321")

    judges = {"a": fails_once, "b": kit.failing("unparsable")}
    (part,) = found(run(kit, judges))
    lines = by_judge(part)
    assert part.tau_people.n == 2
    assert (lines["b"].carried.value, lines["b"].carried.n) == (0.0, 2)
    assert lines["a"].tau_people.value is None
    assert lines["a"].carried.value is None
    assert lines["b"].tau_others.undefined_because == "no_readable_verdict"


def test_without_people_the_judges_are_still_beside_each_other(kit: Kit) -> None:
    """Nobody to agree with is no number and a reason; how far each judge is from the others is a number."""
    source = run(kit, {"a": kit.always("4321"), "b": kit.always("4321")}, people=())
    (part,) = found(source)
    assert part.tau_people.undefined_because == "no_people"
    assert by_judge(part)["a"].carried.undefined_because == "no_people"
    assert by_judge(part)["a"].tau_others.value == 1.0


def test_one_judge_is_no_panel(kit: Kit) -> None:
    """Nothing is left out of one."""
    assert found(run(kit, {"a": kit.always("4321")})) == ()


@pytest.mark.parametrize("seed", range(5))
def test_random_panels_agree_with_a_loop(kit: Kit, seed: int) -> None:
    """Stacked over cases, the figures are those of a plain loop over cases, judges and people."""
    rng = np.random.default_rng(seed)
    cases = tuple(f"case-{number}" for number in range(5))
    said = {
        (judge, case): "".join(map(str, rng.integers(1, 5, 4))) for judge in ("a", "b", "c") for case in cases
    }
    judges = {
        judge: (lambda cell, _order, judge=judge: kit.by_letter(said[judge, cell.case_id])) for judge in "abc"
    }
    people = {who: {case: "".join(map(str, rng.integers(1, 5, 4))) for case in cases} for who in ("p", "q")}
    del people["q"]["case-3"]
    votes = [vote for who, given in people.items() for vote in kit.votes(who, given)]
    (part,) = found(run(kit, judges, cases=cases, people=votes))

    def order(names: str, case: str) -> np.ndarray:
        rows = np.array([[float(sign) for sign in said[name, case]] for name in names])
        ranks = [(row[:, None] > row).sum(1) + ((row[:, None] == row).sum(1) + 1) / 2 for row in rows]
        return np.asarray(np.mean(ranks, axis=0).round(9))

    def tau(names: str) -> list[float]:
        return [
            float(
                np.mean(
                    [
                        float(tau_x(order(names, case), [float(sign) for sign in given[case]]))
                        for given in people.values()
                        if case in given
                    ]
                )
            )
            for case in cases
        ]

    assert part.tau_people.value == pytest.approx(np.mean(tau("abc")))
    for judge, rest in (("a", "bc"), ("b", "ac"), ("c", "ab")):
        line = by_judge(part)[judge]
        assert line.tau_people.value == pytest.approx(np.mean(tau(rest)))
        assert line.carried.value == pytest.approx(np.mean(np.subtract(tau("abc"), tau(rest))))
        beside = [float(tau_x(order(judge, case), order(rest, case))) for case in cases]
        assert line.tau_others.value == pytest.approx(np.mean(beside))


def test_the_table_has_a_line_per_judge_left_out(kit: Kit) -> None:
    """`harness compare --table leave-one-judge-out` prints each panel without each judge."""
    source = run(kit, {"a": kit.always("4321"), "b": kit.always("1234")})
    frame = to_panel_frame(compare_verdicts(source, n_shuffles=0), "leave-one-judge-out")
    assert list(frame["judge_id"]) == ["a", "b"]
    assert list(frame["carried"]) == [1.0, -1.0]
