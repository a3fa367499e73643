from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.compare.crowd import build_crowd
from harness.compare.source import build_layout
from harness.compare.weights import MIN_CONFLICTS, MIN_SHARE_CASES, implied_weights
from harness.schema import ImpliedWeights, RankedVerdict, Rulebook

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

Criteria = Callable[[RankedVerdict], Mapping[str, str]]
"""From a verdict to grades by criterion, written as '4312' (answers a b c d)."""


def with_criteria(verdicts: tuple[RankedVerdict, ...], criteria: Criteria) -> tuple[RankedVerdict, ...]:
    """The same verdicts, with grades on criteria beside the overall ones."""
    found = []
    for verdict in verdicts:
        given = criteria(verdict)
        dimensions = {
            f"{verdict.cell.case_id}-{letter}": {name: int(grades[i]) for name, grades in given.items()}
            for i, letter in enumerate("abcd")
        }
        found.append(RankedVerdict.model_validate({**verdict.model_dump(), "dimensions": dimensions}))
    return tuple(found)


def weights(source: ComparisonSource) -> dict[str | None, ImpliedWeights]:
    """The records of a source, by row."""
    layout = build_layout(source)
    return {
        found.row_id: found for found in implied_weights(layout, build_crowd(source.people, layout.cases))
    }


def asked(kit: Kit, criteria: Criteria, **options: object) -> ComparisonSource:
    """A run of one judge that says 4312 and grades criteria too."""
    bench = kit.bench(options.pop("judges", {"steady": kit.always("4312")}), **options)  # type: ignore[arg-type]
    source = bench.source()
    ranked = tuple(verdict for verdict in source.verdicts if isinstance(verdict, RankedVerdict))
    return dataclasses.replace(source, verdicts=with_criteria(ranked, criteria))


ROW = "judge:steady:hhh:base:fr"


def test_conflicts_are_counted_once_a_pair(kit: Kit) -> None:
    """Helpful 4321 against harmless 1234 conflict in all six pairs of every case, four repeats or one."""
    source = asked(kit, lambda _: {"helpful": "4321", "harmless": "1234"})
    found = weights(source)[ROW]
    (conflict,) = found.conflicts
    assert (conflict.first, conflict.second) == ("helpful", "harmless")
    assert (conflict.n_conflicts, conflict.n_readings, conflict.n_cases) == (18, 72, 3)
    # The ranking a b d c follows helpful in five of six pairs, harmless in c-d.
    assert conflict.share_first.value == pytest.approx(5 / 6)
    (interval,) = conflict.share_first.intervals
    assert interval.n == 18
    assert interval.method.startswith("Jeffreys")
    assert interval.low < 5 / 6 < interval.high
    assert found.n_cases == 3
    assert found.stated == {}
    assert found.difference == {}


def test_too_few_conflicts_are_counted_and_not_told(kit: Kit) -> None:
    """Nine answer pairs in conflict: the count stands, the share does not."""
    # In each of three cases a-b, a-c and a-d conflict; both criteria tie the other three pairs.
    source = asked(kit, lambda _: {"helpful": "4222", "harmless": "1222"})
    (conflict,) = weights(source)[ROW].conflicts
    assert conflict.n_conflicts == 9 < MIN_CONFLICTS
    assert conflict.share_first.value is None
    assert conflict.share_first.n == 9
    assert conflict.share_first.undefined_because == "too_few_conflicts"


def test_agreement_with_each_criterion(kit: Kit) -> None:
    """4312 beside 4321: one conflict of six pairs, 1 - 2/6; beside 1111: 0; not asked: not there."""
    source = asked(kit, lambda _: {"helpful": "4321", "honest": "1111"})
    found = weights(source)[ROW].dimension_agreement
    assert found["helpful"].value == pytest.approx(2 / 3)
    assert found["honest"].value == pytest.approx(0.0)
    assert "harmless" not in found


def test_few_cases_give_no_shares(kit: Kit) -> None:
    """Three cases: every share reads too few cases, with the number of them."""
    source = asked(kit, lambda _: {"helpful": "4321", "honest": "1243", "harmless": "1324"})
    shares = weights(source)[ROW].shares
    assert set(shares) == {"helpful", "honest", "harmless"}
    for share in shares.values():
        assert (share.value, share.n, share.undefined_because) == (None, 3, "too_few_cases")


def varied(verdict: RankedVerdict) -> dict[str, str]:
    """Grades on three criteria that differ from case to case."""
    rng = np.random.default_rng(list(verdict.cell.case_id.encode()))
    return {
        name: "".join(str(grade) for grade in rng.permutation([1, 2, 3, 4]))
        for name in ("helpful", "honest", "harmless")
    }


def follows_helpful(kit: Kit, n_cases: int) -> ComparisonSource:
    """Many cases; the ranking is that of helpful."""
    names = [f"case-{number}" for number in range(n_cases)]
    source = asked(kit, varied, cases=names, rulebooks=("hhh",), repeats=2)
    verdicts = []
    for verdict in source.verdicts:
        assert isinstance(verdict, RankedVerdict)
        grades = {name: float(given["helpful"]) for name, given in verdict.dimensions.items()}
        verdicts.append(verdict.model_copy(update={"grades": grades}))
    return dataclasses.replace(source, verdicts=tuple(verdicts))


def stating(weights: Mapping[str, float]) -> Rulebook:
    """The rulebook `hhh`, which states numbers."""
    return Rulebook.model_validate(
        {
            "rulebook_id": "hhh",
            "title": {"fr": "HHH"},
            "summary": {"fr": "HHH"},
            "role": "reference",
            "preamble": {"base": {"fr": "Notez."}},
            "rules": [],
            "stated_weights": weights,
            "provenance": {"kind": "invented", "date": "2026-11-21"},
        }
    )


def test_a_judge_that_follows_one_criterion_gives_it_the_share(kit: Kit) -> None:
    """From 24 cases on: helpful takes nearly all, with an interval over cases, and minus what is stated."""
    source = follows_helpful(kit, MIN_SHARE_CASES)
    rulebook = stating({"helpful": 0.2, "honest": 0.4, "harmless": 0.4})
    found = weights(dataclasses.replace(source, rulebooks=(rulebook,)))[ROW]
    share = found.shares["helpful"]
    assert share.value is not None
    assert share.value > 0.85
    assert share.n == MIN_SHARE_CASES
    assert [interval.target for interval in share.intervals] == ["T3"]
    assert sum(one.value or 0.0 for one in found.shares.values()) == pytest.approx(1.0)
    assert found.stated["helpful"] == 0.2
    difference = found.difference["helpful"]
    assert difference.value == pytest.approx(share.value - 0.2)
    assert difference.intervals[0].low == pytest.approx(share.intervals[0].low - 0.2)
    assert found.halo["helpful"] is not None
    assert found.halo["helpful"] < 2
    # In every conflict with another criterion the ranking follows helpful.
    assert found.conflicts[0].share_first.value == 1.0


def test_one_case_less_gives_no_share(kit: Kit) -> None:
    """The limit is where it is said to be, and the difference to stated weights has the same reason."""
    source = follows_helpful(kit, MIN_SHARE_CASES - 1)
    rulebook = stating({"helpful": 1.0})
    found = weights(dataclasses.replace(source, rulebooks=(rulebook,)))[ROW]
    assert found.shares["helpful"].undefined_because == "too_few_cases"
    assert found.difference["helpful"].undefined_because == "too_few_cases"


def test_criteria_that_copy_each_other_have_no_halo_figure(kit: Kit) -> None:
    """Two equal criteria cannot be told apart, and criteria that never vary weigh nothing."""
    found = weights(asked(kit, lambda _: {"helpful": "4321", "honest": "4321"}))[ROW]
    assert found.halo == {"helpful": None, "honest": None}
    flat = weights(asked(kit, lambda _: {"helpful": "1111", "honest": "2222"}))[ROW]
    assert flat.shares["helpful"].undefined_because == "no_variation"
    assert flat.halo == {"helpful": None, "honest": None}


def test_people_are_read_together(kit: Kit) -> None:
    """The people's criteria make one record without a row; a person who graded none is left out of it."""
    bench = kit.bench({"steady": kit.always("4312")}, people=kit.six_people(("one", "two", "three")))
    source = bench.source()
    people = with_criteria(source.people[:-3], lambda _: {"helpful": "4321", "harmless": "1234"})
    found = weights(dataclasses.replace(source, people=(*people, *source.people[-3:])))
    assert list(found) == [None]
    (conflict,) = found[None].conflicts
    assert (conflict.n_conflicts, conflict.n_readings) == (18, 90)
    assert found[None].rulebook_id == "hhh"
    # The first five people of the worked case, ranks 1234 1123 2133 1324 1222: wins of `first better` over 6
    # pairs are 6, 5 1/2, 4 1/2, 5 and 4 1/2 (ties a half).
    assert conflict.share_first.value == pytest.approx((6 + 5.5 + 4.5 + 5 + 4.5) / 30)


def test_nobody_asked_gives_no_record(kit: Kit) -> None:
    """Verdicts without grades on criteria have no implied weights."""
    assert weights(kit.bench({"steady": kit.always("4312")}).source()) == {}
