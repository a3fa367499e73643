"""What a thousand cases cost: people, a judge, both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.costs import DEFAULT_SHARE, cost_lines
from harness.compare.crowd import build_crowd
from harness.compare.source import build_layout
from harness.compare.wages import REPORTED
from harness.schema import CostLine, Estimate, RankedVerdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

PRICE = {
    "usd_per_million_prompt_tokens": 3.0,
    "usd_per_million_completion_tokens": 15.0,
    "date": "2026-11-21",
    "source": "invented",
}
CASES = ("one", "two", "three")


def found(source: ComparisonSource) -> tuple[CostLine, ...]:
    """The table alone."""
    layout = build_layout(source)
    return cost_lines(layout, build_crowd(source.people, layout.cases))


def of(lines: Sequence[CostLine], who: str) -> list[CostLine]:
    """The lines of one kind."""
    return [line for line in lines if line.who == who]


def timed(votes: Sequence[RankedVerdict], seconds: float) -> list[RankedVerdict]:
    """The same votes, each of which took so long."""
    return [vote.model_copy(update={"seconds": seconds}) for vote in votes]


def study(kit: Kit, people: Sequence[RankedVerdict] = (), price: object = PRICE) -> ComparisonSource:
    """One judge with a price, one rulebook, four repeats on three cases; 2 s and 1100 tokens each."""
    specs = {"j": {"price": price}} if price is not None else {}
    made = kit.bench({"j": kit.always("4321")}, cases=CASES, rulebooks=("hhh",), specs=specs, people=people)
    return made.source()


def number(estimate: Estimate) -> float:
    """The value of an estimate that has one."""
    assert estimate.value is not None
    return estimate.value


def test_people_by_hand(kit: Kit) -> None:
    """Six people of 90 s a case: 150 hours for a thousand cases, at every reported wage."""
    lines = of(found(study(kit, timed(kit.six_people(CASES), 90.0))), "people")
    # 1000 cases x 6 people x 90 s / 3600 = 150 h
    assert {number(line.hours_per_1000) for line in lines} == {150.0}
    assert [number(line.usd_per_1000) for line in lines] == pytest.approx(
        [150 * wage for wage in (1, 1.32, 2, 3, 10, 12.5, 25)]
    )
    assert {line.per_case for line in lines} == {6.0}
    assert {line.usd_per_1000.n for line in lines} == {18}


def test_the_reported_wages_say_where_they_come_from() -> None:
    """TIME's billed 12.50 and paid 1.32 to 2 $/h, The Verge's 1 to 3 and 10 to 25, in both languages."""
    by_source = {
        name: sorted(wage.usd_per_hour for wage in REPORTED if name in wage.source["en"])
        for name in ("TIME, January 2023", "The Verge / New York Magazine, 2023")
    }
    assert by_source == {
        "TIME, January 2023": [1.32, 2.0, 12.5],
        "The Verge / New York Magazine, 2023": [1.0, 3.0, 10.0, 25.0],
    }
    assert all(wage.source.keys() == {"en", "fr"} for wage in REPORTED)


def test_a_judge_by_hand(kit: Kit) -> None:
    """1000 and 100 tokens at 3 and 15 $ a million, four repeats of 2 s: 18 $ and 2.2 hours."""
    (judge,) = found(study(kit))
    # one verdict: .003 + .0015 = .0045 $; four of them, a thousand times: 18 $; 8 s x 1000 = 2.22 h
    assert judge.who == "judge"
    assert number(judge.usd_per_1000) == pytest.approx(18.0)
    assert number(judge.hours_per_1000) == pytest.approx(8000 / 3600)
    assert judge.per_case == 4.0


def test_both_together_by_hand(kit: Kit) -> None:
    """The judge everywhere and people on a tenth, at what a client is billed: 18 + 187.5 $, 15 hours."""
    (both,) = of(found(study(kit, timed(kit.six_people(CASES), 90.0))), "semi_automatic")
    assert both.share_by_people == DEFAULT_SHARE == 0.1
    assert both.wage_usd_per_hour == 12.5
    assert number(both.usd_per_1000) == pytest.approx(18 + 0.1 * 150 * 12.5)
    assert number(both.hours_per_1000) == pytest.approx(15.0)


def test_a_stated_wage_comes_first_and_counts(kit: Kit) -> None:
    """The user's wages head the list and price the joint line instead of the billed one."""
    source = replace(study(kit, timed(kit.six_people(CASES), 90.0)), wages=(18.0,))
    lines = found(source)
    assert of(lines, "people")[0].wage_usd_per_hour == 18.0
    assert len(of(lines, "people")) == len(REPORTED) + 1
    assert [line.wage_usd_per_hour for line in of(lines, "semi_automatic")] == [18.0]


def test_the_share_that_keeps_the_sharpness(kit: Kit) -> None:
    """With thirty cases by both, people's share is what the prediction-powered estimate asks for."""
    cases = tuple(f"case-{n}" for n in range(90))
    said = {case_id: ("4321", "1234", "2243", "3142")[place % 4] for place, case_id in enumerate(cases)}
    votes = timed(kit.votes("p", {case_id: said[case_id] for case_id in cases[:30]}), 60.0)
    made = kit.bench(
        {"j": lambda cell, _order: kit.by_letter(said[cell.case_id])},
        cases=cases,
        rulebooks=("hhh",),
        repeats=1,
        people=votes,
    )
    compared = compare_verdicts(made.source(), n_shuffles=0)
    worth = [row.cases_worth for row in compared.semi_automatic if row.cases_worth is not None]
    (both,) = of(compared.costs, "semi_automatic")
    assert len(worth) == 2
    assert both.share_by_people == pytest.approx(30 / min(worth))
    assert both.share_by_people != DEFAULT_SHARE


def test_a_time_that_nobody_took_is_no_price(kit: Kit) -> None:
    """Without recorded seconds people, and people beside a judge, have the reason instead of a number."""
    lines = found(study(kit, kit.six_people(CASES)))
    for line in (*of(lines, "people"), *of(lines, "semi_automatic")):
        assert line.usd_per_1000.undefined_because == line.hours_per_1000.undefined_because == "time_unknown"


def test_a_judge_without_a_price(kit: Kit) -> None:
    """Alone and beside people the price is unknown; the hours of people stand."""
    lines = found(study(kit, timed(kit.six_people(CASES), 90.0), price=None))
    (judge,), (both,) = of(lines, "judge"), of(lines, "semi_automatic")
    assert judge.usd_per_1000.undefined_because == both.usd_per_1000.undefined_because == "price_unknown"
    assert number(both.hours_per_1000) == pytest.approx(15.0)


def test_a_local_judge_costs_time_only(kit: Kit) -> None:
    """A local model has no price, and beside it only people are paid."""
    source = kit.bench(
        {"j": kit.always("4321")},
        cases=CASES,
        rulebooks=("hhh",),
        specs={"j": {"model_id": "local/small"}},
        people=timed(kit.six_people(CASES), 90.0),
    ).source()
    lines = found(source)
    (judge,), (both,) = of(lines, "judge"), of(lines, "semi_automatic")
    assert judge.usd_per_1000.undefined_because == "does_not_apply"
    assert judge.hours_per_1000.value is not None
    assert number(both.usd_per_1000) == pytest.approx(187.5)


def test_only_judges_without_people(kit: Kit) -> None:
    """Against the author's key, or nobody, there is nobody to pay."""
    assert {line.who for line in found(study(kit))} == {"judge"}


def test_people_per_case_are_those_who_came(kit: Kit) -> None:
    """Two people on one case and one on another are one and a half per case; a third case costs nothing."""
    votes = timed([*kit.votes("p", {"one": "4321", "two": "4321"}), *kit.votes("q", {"one": "1234"})], 60.0)
    line = of(found(study(kit, votes)), "people")[0]
    assert line.per_case == 1.5
    assert number(line.hours_per_1000) == pytest.approx(1000 * 1.5 * 60 / 3600)


@pytest.mark.parametrize("repeats", [1, 4])
def test_repeats_are_paid(kit: Kit, repeats: int) -> None:
    """A judge that is asked more often per case costs so much more."""
    made = kit.bench(
        {"j": kit.always("4321")},
        cases=CASES,
        rulebooks=("hhh",),
        repeats=repeats,
        specs={"j": {"price": PRICE}},
    )
    (judge,) = found(made.source())
    assert number(judge.usd_per_1000) == pytest.approx(4.5 * repeats)
