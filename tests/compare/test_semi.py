"""Ten cases graded by people, two hundred by a judge only: what a comparison makes of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.crowd import build_crowd
from harness.compare.semi import semi_automatic
from harness.compare.source import build_layout
from harness.schema import Case, Cell, RankedVerdict, SemiAutomatic
from harness.stats.agreement import tau_x
from harness.stats.pairs import mid_ranks
from harness.stats.ppi import powered_mean

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

LONGEST_FIRST = np.array([1.0, 2, 3, 4])
"""In French d is the longest of the four answers."""


def found(source: ComparisonSource) -> dict[tuple[str, str | None], SemiAutomatic]:
    """The panel alone, by quantity and system, for a run with one line."""
    layout = build_layout(source)
    rows = semi_automatic(layout, build_crowd(source.people, layout.cases))
    assert len({row.row_id for row in rows}) <= 1
    return {(row.quantity, row.system_id): row for row in rows}


def opinions(n_cases: int, noise: float, seed: int = 1) -> dict[str, np.ndarray]:
    """One order per case, with ties; noise 0 = what people think, more = a judge's reading of it."""
    truth = np.random.default_rng(7).normal([1.0, 0.5, 0, 0.3], 1, (n_cases, 4))
    seen = truth + noise * np.random.default_rng(seed).normal(size=truth.shape)
    grades = np.digitize(seen, [-0.5, 0.5, 1.5]) + 1.0
    return {f"case-{number}": row for number, row in enumerate(grades)}


def written(grades: np.ndarray) -> str:
    """Grades of a b c d as one word."""
    return "".join(str(int(grade)) for grade in grades)


def study(kit: Kit, n_both: int = 10, n_only: int = 200, n_people: int = 3) -> ComparisonSource:
    """People grade the first cases, a judge all of them, once."""
    cases = tuple(f"case-{number}" for number in range(n_both + n_only))
    judge = opinions(len(cases), 0.5)

    def reply(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
        return kit.by_letter(written(judge[cell.case_id]))

    people: list[RankedVerdict] = []
    for who in range(n_people):
        own = opinions(len(cases), 0.3, seed=10 + who)
        people += kit.votes(f"p{who}", {case_id: written(own[case_id]) for case_id in cases[:n_both]})
    return kit.bench({"j": reply}, cases=cases, rulebooks=("hhh",), repeats=1, people=people).source()


def with_authors(case: Case) -> Case:
    """The same case, whose answers say who wrote them: x wrote a, y the rest."""
    answers = tuple(
        answer.model_copy(update={"author_model_id": "x" if answer.answer_id.endswith("-a") else "y"})
        for answer in case.answers
    )
    return case.model_copy(update={"answers": answers})


def test_ten_cases_by_people_and_two_hundred_by_the_judge(kit: Kit) -> None:
    """Estimate and interval are those of the formula, narrower than people's alone, and hold the truth."""
    row = found(study(kit))["longest_answer", None]
    judge = opinions(210, 0.5)
    by_judge = [float(tau_x(grades, LONGEST_FIRST)) for grades in judge.values()]
    people = [opinions(210, 0.3, seed=10 + who) for who in range(3)]
    by_people = [
        float(np.mean([tau_x(own[f"case-{case}"], LONGEST_FIRST) for own in people])) for case in range(10)
    ]
    expected = powered_mean(by_people, by_judge[:10], by_judge[10:], small_sample=True)
    assert (row.n_both, row.n_judge_only, row.random_sample) == (10, 200, None)
    assert row.people_only.value == pytest.approx(np.mean(by_people))
    assert row.combined.value == pytest.approx(expected.value)
    (interval,) = row.combined.intervals
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert (interval.target, interval.n) == ("T3", 10)
    assert row.tuning == pytest.approx(expected.tuning)
    (alone,) = row.people_only.intervals
    assert interval.high - interval.low < alone.high - alone.low
    assert row.cases_worth is not None
    assert row.cases_worth > 10
    truth = np.mean([tau_x(grades, LONGEST_FIRST) for grades in opinions(210, 0.0).values()])
    assert interval.low < truth < interval.high


def test_ten_cases_are_an_illustration(kit: Kit) -> None:
    """Below thirty cases graded by both the estimate says so beside its interval; with thirty it stands."""
    few, enough = found(study(kit)), found(study(kit, n_both=30, n_only=20))
    assert {row.combined.undefined_because for row in few.values()} == {"too_few_cases"}
    assert all(row.combined.intervals for row in few.values())
    assert {row.combined.undefined_because for row in enough.values()} == {None}


def test_ties_stay_a_share(kit: Kit) -> None:
    """The share of ties and its interval lie between 0 and 1."""
    row = found(study(kit))["tie_share", None]
    assert row.combined.value is not None
    (interval,) = row.combined.intervals
    assert 0 <= interval.low <= row.combined.value <= interval.high <= 1


def test_systems_when_their_authors_are_known(kit: Kit) -> None:
    """Each system's mean mid-rank, its answers averaged; nothing where an author is unknown."""
    source = study(kit)
    assert {quantity for quantity, _ in found(source)} == {"longest_answer", "tie_share"}
    known = found(replace(source, cases=tuple(with_authors(case) for case in source.cases)))
    x, y = known["system_mid_rank", "x"], known["system_mid_rank", "y"]
    people = [opinions(210, 0.3, seed=10 + who) for who in range(3)]
    own = [np.mean([mid_ranks(one[f"case-{case}"])[0] for one in people]) for case in range(10)]
    assert x.people_only.value == pytest.approx(np.mean(own))
    # the four mid-ranks of a case sum to 10: a's, and three times the mean of b, c and d
    assert y.people_only.value == pytest.approx((10 - np.mean(own)) / 3)
    assert x.combined.value != x.people_only.value


def test_a_sample_that_is_not_random_is_refused(kit: Kit) -> None:
    """Cases that were chosen allow no estimate for the others; a random sample is passed on as such."""
    source = study(kit)
    for row in found(replace(source, random_sample=False)).values():
        assert row.combined.undefined_because == "not_random_sample"
        assert row.combined.value is row.tuning is row.cases_worth is None
        assert row.people_only.value is not None
    assert found(replace(source, random_sample=True))["tie_share", None].random_sample is True


def test_two_cases_by_people_give_no_combination(kit: Kit) -> None:
    """Two cases graded by people say too little to combine anything with."""
    row = found(study(kit, n_both=2, n_only=20))["longest_answer", None]
    assert row.combined.value is None
    assert row.combined.undefined_because == "too_few_cases"


def test_nothing_without_judge_only_cases(kit: Kit) -> None:
    """When people graded everything, or nobody graded anything, there is nothing to combine."""
    assert found(study(kit, n_both=10, n_only=0)) == {}
    assert found(study(kit, n_both=10, n_only=2)) == {}
    assert found(study(kit, n_people=0)) == {}


def test_the_language_that_was_read_decides_which_is_longest(kit: Kit) -> None:
    """A person who read English is held against English lengths, the French judge against French ones."""
    source = study(kit, n_both=3, n_only=5, n_people=0)
    votes = kit.votes("p", dict.fromkeys(("case-0", "case-1", "case-2"), "4321"), language="en")
    row = found(replace(source, people=tuple(votes)))["longest_answer", None]
    assert row.people_only.value == 1.0


def test_the_comparison_holds_the_panel(kit: Kit) -> None:
    """A whole comparison of ten and two hundred cases carries the panel, one row per figure."""
    compared = compare_verdicts(study(kit), n_shuffles=0)
    assert [row.quantity for row in compared.semi_automatic] == ["longest_answer", "tie_share"]
    assert {row.row_id for row in compared.semi_automatic} <= {row.row_id for row in compared.rows}
