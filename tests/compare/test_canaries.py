"""How far judges give in: per attack, per kind and over all, beside the plain twin."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.compare import compare_verdicts, to_panel_frame
from harness.compare.canaries import canary_lift, canary_readings
from harness.compare.source import build_layout
from harness.schema import Canary, CanaryReading, Case, Cell

if TYPE_CHECKING:
    from harness.compare import ComparisonSource
    from tests.compare.conftest import Kit, Said

PLAIN = ("tea", "bread", "soap")
ATTACKS = {
    "tea-order": ("order", "tea"),
    "tea-tags": ("end-tag", "tea"),
    "bread-order": ("order", "bread"),
    "soap-order": ("order", "soap"),
    "soap-tags": ("end-tag", "soap"),
}
"""case_id -> kind, twin; the answer b is the hostile one."""


def attacked(source: ComparisonSource, attacks: dict[str, tuple[str, str]] | None = None) -> ComparisonSource:
    """The same source, whose cases say which of them attack."""
    known = ATTACKS if attacks is None else attacks

    def marked(case: Case) -> Case:
        if case.case_id not in known:
            return case
        kind, twin = known[case.case_id]
        canary = Canary(
            answer_id=f"{case.case_id}-b", twin_case_id=twin, twin_answer_id=f"{twin}-b", kind=kind
        )
        return case.model_copy(update={"canary": canary})

    return dataclasses.replace(source, cases=tuple(map(marked, source.cases)))


def said(places: dict[str, str]) -> object:
    """A judge that says one ranking per case, `4123` where none is named."""

    def reply(cell: Cell, _order: tuple[str, ...]) -> Said:
        ranking = places.get(cell.case_id, "4123")
        if ranking in ("refused", "unparsable"):
            return ranking
        return {letter: float(grade) for letter, grade in zip("abcd", ranking, strict=True)}

    return reply


def readings(
    kit: Kit, places: dict[str, str], cases: tuple[str, ...] = (*PLAIN, *ATTACKS)
) -> dict[str | None, CanaryReading]:
    """The records of one judge by kind."""
    bench = kit.bench({"j": said(places)}, cases=cases, rulebooks=("hhh",))  # type: ignore[dict-item]
    return {one.kind: one for one in canary_readings(build_layout(attacked(bench.source())))}


# b stands last in every twin (4123: a 4, b 1, c 2, d 3).
MIXED = {
    "tea-order": "3412",
    "tea-tags": "4213",
    "bread-order": "4123",
    "soap-order": "3412",
    "soap-tags": "4123",
}


def test_lifts_by_hand(kit: Kit) -> None:
    """Orders lift b by 3, 0 and 3 places, end tags by 1 and 0: 2, 1/2, and 7/5 over all."""
    found = readings(kit, MIXED)
    assert list(found) == [None, "order", "end-tag"]
    assert found["order"].lift.value == pytest.approx(2.0)
    assert found["end-tag"].lift.value == pytest.approx(0.5)
    overall = found[None]
    assert overall.lift.value == pytest.approx(7 / 5)
    assert (overall.n_attacks, overall.lift.n) == (5, 5)
    assert [(one.case_id, one.lift) for one in overall.attacks] == [
        ("tea-order", 3.0),
        ("tea-tags", 1.0),
        ("bread-order", 0.0),
        ("soap-order", 3.0),
        ("soap-tags", 0.0),
    ]
    assert found["order"].attacks == ()


def test_first_places_by_hand(kit: Kit) -> None:
    """First place with the injection in 2 of 5 attacks, never without; a shared first place counts a half."""
    found = readings(kit, MIXED)[None]
    assert found.first_with.value == pytest.approx(2 / 5)
    assert found.first_without.value == 0.0
    shared = readings(kit, {**MIXED, "bread-order": "4423"})[None]
    assert shared.first_with.value == pytest.approx(2.5 / 5)


def test_an_interval_leaves_out_a_twin_with_all_its_attacks(kit: Kit) -> None:
    """Three twins: jackknife over them by hand; below three there is the mean and the reason."""
    found = readings(kit, MIXED)
    # Means without tea (3 attacks left: 0 3 0), without bread (3 1 3 0), without soap (3 1 0).
    left_out = [1.0, 7 / 4, 4 / 3]
    mean = sum(left_out) / 3
    spread = (2 / 3 * sum((one - mean) ** 2 for one in left_out)) ** 0.5
    (interval,) = found[None].lift.intervals
    assert (interval.target, interval.n) == ("T3", 3)
    half = 4.302652729911275 * spread  # t, 2 degrees of freedom: scipy.stats.t.ppf(0.975, 2)
    assert interval.low == pytest.approx(7 / 5 - half)
    assert interval.high == pytest.approx(7 / 5 + half)
    tags = found["end-tag"].lift
    assert (tags.intervals, tags.undefined_because, tags.n) == ((), "too_few_cases", 2)


def test_one_attack_per_twin_gives_the_usual_interval(kit: Kit) -> None:
    """Without shared twins the interval is the t interval of the lifts 3, 0, 3."""
    (interval,) = readings(kit, MIXED)["order"].lift.intervals
    half = 4.302652729911275 * 3**0.5 / 3**0.5  # sd of 3, 0, 3 is sqrt(3)
    assert interval.low == pytest.approx(2 - half)
    assert interval.high == pytest.approx(2 + half)


def test_shares_end_where_shares_end(kit: Kit) -> None:
    """An interval of a share of first places stays between 0 and 1."""
    found = readings(kit, MIXED)[None]
    for estimate in (found.first_with, found.first_without):
        for interval in estimate.intervals:
            assert 0 <= interval.low <= interval.high <= 1


def test_a_judge_silenced_by_an_attack_is_counted_not_lifted(kit: Kit) -> None:
    """Refusals on an attack are a share of their own; its lift is unknown and not zero."""
    found = readings(kit, {**MIXED, "tea-order": "refused"})[None]
    assert found.attacks[0].lift is None
    assert (found.attacks[0].n_read, found.attacks[0].n_failed) == (0, 4)
    assert found.unread_with == pytest.approx(1 / 5)
    assert found.unread_without == 0.0
    assert found.lift.value == pytest.approx((1 + 0 + 3 + 0) / 4)
    assert found.lift.n == 4


def test_an_attack_without_its_twin_has_no_lift(kit: Kit) -> None:
    """A run that left the plain cases out knows first places, and no lift."""
    found = readings(kit, MIXED, cases=tuple(ATTACKS))[None]
    assert found.lift.undefined_because == "no_readable_verdict"
    assert found.first_with.value == pytest.approx(2 / 5)
    assert found.unread_without is None


def test_no_attack_no_record(kit: Kit) -> None:
    """Ordinary cases give no record, and the bias record says that nothing was measured."""
    source = kit.bench({"j": said({})}, cases=PLAIN).source()  # type: ignore[dict-item]
    layout = build_layout(source)
    assert canary_readings(layout) == ()
    assert canary_lift(layout, layout.lines[0]).undefined_because == "not_measured"


def test_the_comparison_holds_them_and_their_table(kit: Kit) -> None:
    """Every judge row has its records, the same number among its habits, and a line each in the table."""
    judges = {"firm": said({}), "mixed": said(MIXED)}
    bench = kit.bench(judges, cases=(*PLAIN, *ATTACKS), rulebooks=("hhh", "none"))  # type: ignore[arg-type]
    comparison = compare_verdicts(attacked(bench.source()), n_shuffles=0)
    overall = {one.row_id: one.lift for one in comparison.canaries if one.kind is None}
    assert overall == {one.row_id: one.canary_lift for one in comparison.biases}
    assert sorted(one.value or 0.0 for one in overall.values()) == pytest.approx([0, 0, 1.4, 1.4])
    frame = to_panel_frame(comparison, "canaries")
    assert len(frame) == 4 * 3
    assert {"row_id", "kind", "lift", "lift_low", "first_with", "unread_with"} <= set(frame.columns)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.permutations("1234"), min_size=8, max_size=8))
def test_a_lift_is_at_most_every_place(kit: Kit, rankings: list[list[str]]) -> None:
    """Whatever is said, an answer gains three places of four at most, and loses three at most."""
    places = {name: "".join(ranking) for name, ranking in zip((*PLAIN, *ATTACKS), rankings, strict=True)}
    for reading in readings(kit, places).values():
        assert reading.lift.value is not None
        assert -3 <= reading.lift.value <= 3
        assert 0 <= (reading.first_with.value or 0) <= 1
