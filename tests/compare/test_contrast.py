"""Two runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.compare.contrast import contrast_comparisons
from harness.schema import Comparison

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three")


def compared(kit: Kit, judges: dict[str, str], cases: tuple[str, ...] = CASES) -> Comparison:
    """Compare judges that always say the same with three people who all say 1234."""
    people = [vote for name in ("p", "q", "r") for vote in kit.votes(name, dict.fromkeys(cases, "1234"))]
    replies = {name: kit.always(grades) for name, grades in judges.items()}
    return compare_verdicts(kit.bench(replies, cases=cases, people=people).source(), n_shuffles=0)


@pytest.fixture
def before(kit: Kit) -> Comparison:
    """Judge j says the opposite of everybody; judge k is asked here only."""
    return compared(kit, {"j": "4321", "k": "1234"})


@pytest.fixture
def after(kit: Kit) -> Comparison:
    """Judge j now says what everybody says."""
    return compared(kit, {"j": "1234", "m": "1234"})


def test_a_difference_is_second_minus_first_on_the_shared_cases(
    before: Comparison, after: Comparison
) -> None:
    """From tau -1 to tau 1 in every case is a difference of exactly 2."""
    found = contrast_comparisons(before, after)
    one = next(row for row in found.rows if row.row_id == "judge:j:hhh:base:fr")
    assert (one.first.value, one.second.value, one.difference.value) == (-1, 1, 2)
    assert one.difference.n == found.n_shared_cases == 3


def test_rows_of_one_run_only_are_named(before: Comparison, after: Comparison) -> None:
    """A judge that only one of the runs asked is listed, not compared."""
    found = contrast_comparisons(before, after)
    assert "judge:k:hhh:base:fr" in found.only_first
    assert "judge:m:hhh:base:fr" in found.only_second
    assert not {row.row_id for row in found.rows} & {*found.only_first, *found.only_second}


def test_nothing_differs_between_a_run_and_itself(before: Comparison) -> None:
    """Every difference is 0, and there is nothing to warn of."""
    found = contrast_comparisons(before, before)
    assert {row.difference.value for row in found.rows} == {0}
    assert found.warnings == ()


def test_what_differs_beside_the_judges_is_said(kit: Kit, before: Comparison) -> None:
    """Fewer cases and other people are named, because a difference may come from there."""
    other = compared(kit, {"j": "4321"}, cases=("one", "two"))
    assert contrast_comparisons(before, other).warnings == ("cases",)
    alone = compare_verdicts(kit.bench({"j": kit.always("4321")}).source(), n_shuffles=0)
    assert "reference_kind" in contrast_comparisons(before, alone).warnings
