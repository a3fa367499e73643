"""Secondary coefficients in rows, per case and of the reference; anonymous votes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import compare_verdicts
from harness.compare.coefficients import over_case_sums
from harness.compare.estimates import over_cases
from harness.schema import Comparison, RankedVerdict, Row
from harness.stats.coefficients import top1
from harness.stats.reliability import krippendorff_alpha_ordinal

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

People = Sequence[RankedVerdict]
THREE = ("one", "two", "three")
ABSENT = [float("nan")] * 4


def row(comparison: Comparison, row_id: str) -> Row:
    """The row of this id."""
    (found,) = [row for row in comparison.rows if row.row_id == row_id]
    return found


def compared(kit: Kit, grades: str, people: People | None = None, cases: Sequence[str] = THREE) -> Comparison:
    """One judge that always says the same, beside the six people of the specification."""
    votes = kit.six_people(THREE) if people is None else people
    bench = kit.bench({"j": kit.always(grades)}, people=votes, cases=cases)
    return compare_verdicts(bench.source(), n_shuffles=0)


def test_s1_s2_and_top1_of_the_judge_of_case_h(kit: Kit) -> None:
    """Judge 4312 beside case H: S1 and S2 from the pairs counted by hand, top-1 from who is best."""
    # 4312 orders a>b, a>c, a>d, b>c, b>d, d>c. By ranks, with C alike, D opposite of the strict pairs:
    # 1234: 5 1 · 1123: 4 1 · 2133: 4 1 · 1324: 4 2 · 1222: 3 0 · 4321: 1 5. In all C = 21, D = 10.
    found = row(compared(kit, "4312"), "judge:j:hhh:base:fr")
    assert found.s1.value == pytest.approx(21 / 36)
    assert found.s2.value == pytest.approx(21 / 31)
    # a is best for 1234, 1324, 1222; one of two best for 1123; not for 2133, 4321: (3 + 1/2) / 6.
    assert found.top1.value == pytest.approx(3.5 / 6)
    assert (found.s1.n, found.top1.n) == (3, 3)


def test_s2_counts_the_pairs_that_survive(kit: Kit) -> None:
    """S2's n is the number of pairs that neither side ties: 31 in each of 3 cases, for each of 4 repeats."""
    found = row(compared(kit, "4312"), "judge:j:hhh:base:fr")
    assert (found.s2.n, found.s2.unit) == (31 * 3 * 4, "pairs")
    assert [interval.n for interval in found.s2.intervals] == [3]


def test_cases_without_a_strict_pair_are_left_out_of_s2(kit: Kit) -> None:
    """A case in which everybody ties everything is undefined for S2, never 0, and the interval says so."""
    cases = (*THREE, "four")
    tied = [vote for person in "pqr" for vote in kit.votes(person, {"four": "2222"})]
    found = row(
        compared(kit, "4312", [*kit.six_people(THREE), *tied], cases=cases),
        "judge:j:hhh:base:fr",
    )
    assert found.s2.value == pytest.approx(21 / 31)
    assert [interval.n for interval in found.s2.intervals] == [3]
    assert found.s1.n == 4
    assert found.s1.value == pytest.approx(21 / 36 * 3 / 4)


def test_a_judge_that_ties_everything_has_no_s2(kit: Kit) -> None:
    """All tied: no strict pair, so S2 is words; S1 is the people's tie share 5/36, top-1 is chance."""
    found = row(compared(kit, "2222"), "judge:j:hhh:base:fr")
    assert (found.s2.value, found.s2.undefined_because, found.s2.n) == (None, "everything_tied", 0)
    assert found.s1.value == pytest.approx(5 / 36)
    assert found.top1.value == pytest.approx(1 / 4)


def test_nobody_to_compare_with_has_its_reason(kit: Kit) -> None:
    """Without people S1, S2 and top-1 say `no_people`."""
    found = row(compared(kit, "4312", ()), "judge:j:hhh:base:fr")
    assert {found.s1.undefined_because, found.s2.undefined_because, found.top1.undefined_because} == {
        "no_people"
    }


def test_chance_lines_of_the_secondary_coefficients(kit: Kit) -> None:
    """A random order has S1 half of the people's strict pairs, S2 .5 and top-1 1/k, without an interval."""
    random = row(compared(kit, "4312"), "baseline:random")
    assert random.s1.value == pytest.approx(31 / 36 / 2)
    assert (random.s2.value, random.s2.intervals, random.s2.unit) == (0.5, (), "pairs")
    assert (random.top1.value, random.top1.intervals) == (0.25, ())
    first_slot = row(compared(kit, "4312"), "baseline:first-slot")
    assert first_slot.s2.value == 0.5
    assert first_slot.top1.value == pytest.approx(0.25)


def test_secondary_coefficients_reach_person_rows(kit: Kit) -> None:
    """The sixth person of case H against the other five: S1 and top-1 by hand."""
    found = row(compared(kit, "4312"), "person:person-6")
    # 4321 puts the later answer first in every pair: only 2133 (b over a) and 1324 (c over b) do so once.
    others = ["1234", "1123", "2133", "1324", "1222"]
    alike = sum(rank[i] > rank[j] for rank in others for i in range(4) for j in range(i + 1, 4))
    assert alike == 2
    assert found.s1.value == pytest.approx(2 / 30)
    assert found.top1.value == 0.0


def test_reference_coefficients_of_case_h(kit: Kit) -> None:
    """Alpha ordinal on mid-ranks .1719687 in each case, W .2777778, as methods.md §1.5 has them."""
    found = compared(kit, "4312")
    assert [case.krippendorff_alpha for case in found.cases] == pytest.approx([0.1719687] * 3, abs=1e-7)
    assert [case.kendall_w for case in found.cases] == pytest.approx([0.2777778] * 3, abs=1e-7)
    assert found.reference.kendall_w.value == pytest.approx(0.2777778, abs=1e-7)
    assert (found.reference.kendall_w.n, found.reference.krippendorff_alpha.n) == (3, 3)


def uneven_people(kit: Kit) -> list[RankedVerdict]:
    """Five people who grade three cases differently, with holes."""
    given = {
        "p": {"one": "4312", "two": "1234", "three": "2211"},
        "q": {"one": "4213", "two": "1243", "three": "1221"},
        "r": {"one": "1432", "two": "22.1", "three": "4321"},
        "s": {"one": "4312", "two": "1134"},
        "t": {"three": "3311", "two": "4312"},
    }
    return [vote for who, grades in given.items() for vote in kit.votes(who, grades)]


def test_alpha_over_cases_is_that_of_all_units_together(kit: Kit) -> None:
    """The alpha of the reference is that of one table of all units, with holes, and so are its leave-outs."""
    tables = {
        "one": [[4, 3, 1, 2], [4, 2, 1, 3], [1, 4, 3, 2], [4, 3, 1, 2], ABSENT],
        "two": [[1, 2, 3, 4], [1, 2, 4, 3], [2.5, 2.5, np.nan, 1], [1.5, 1.5, 3, 4], [4, 3, 1, 2]],
        "three": [
            [3.5, 3.5, 1.5, 1.5],
            [1.5, 3.5, 3.5, 1.5],
            [4, 3, 2, 1],
            [np.nan] * 4,
            [3.5, 3.5, 1.5, 1.5],
        ],
    }
    found = compared(kit, "4312", uneven_people(kit)).reference.krippendorff_alpha
    cases = [np.array(table) for table in tables.values()]
    expected = over_cases(
        cases, lambda kept: krippendorff_alpha_ordinal(np.concatenate(kept, axis=1)), "no_variation"
    )
    assert found.value == pytest.approx(expected.value)
    assert found.intervals[0].low == pytest.approx(expected.intervals[0].low)
    assert found.intervals[0].high == pytest.approx(expected.intervals[0].high)
    assert found.intervals[0].target == "T3"


def test_w_takes_complete_rankings_only(kit: Kit) -> None:
    """An incomplete ranking is left out of W, and the others of the case still count."""
    with_hole = compared(kit, "4312", uneven_people(kit))
    without = [vote for vote in uneven_people(kit) if len(vote.grades) == 4]
    assert with_hole.cases[1].kendall_w == compared(kit, "4312", without).cases[1].kendall_w


def test_everyone_agreeing_that_nothing_differs_is_words(kit: Kit) -> None:
    """All people tie all answers: no variation for alpha, everything tied for W, not 1."""
    people = [vote for who in "pqr" for vote in kit.votes(who, dict.fromkeys(THREE, "2222"))]
    reference = compared(kit, "4312", people).reference
    assert reference.krippendorff_alpha.undefined_because == "no_variation"
    assert reference.kendall_w.undefined_because == "everything_tied"


def test_two_people_get_words_for_alpha_and_w(kit: Kit) -> None:
    """Below three people neither coefficient is shown, over all cases nor in one."""
    found = compared(kit, "4312", kit.six_people(THREE)[:6])
    assert found.reference.krippendorff_alpha.undefined_because == "too_few_people"
    assert found.reference.kendall_w.undefined_because == "too_few_people"
    assert (found.cases[0].kendall_w, found.cases[0].krippendorff_alpha) == (None, None)


def test_one_pass_over_sums_is_the_jackknife_over_cases() -> None:
    """The quick jackknife gives the value and interval of leaving out one case after the other."""
    parts = np.random.default_rng(4).normal(2.0, 0.3, (9, 2))
    slow = over_cases(list(parts), lambda kept: float(np.divide(*np.sum(kept, axis=0))), "not_measured")
    quick = over_case_sums(parts, lambda sums: np.asarray(sums[..., 0] / sums[..., 1]), "not_measured")
    assert quick.value == pytest.approx(slow.value)
    assert quick.intervals[0].low == pytest.approx(slow.intervals[0].low)
    assert quick.intervals[0].n == slow.intervals[0].n == 9


def anonymous(kit: Kit, people: People) -> Comparison:
    """The same comparison, when nobody knows who voted."""
    source = kit.bench({"j": kit.always("4312")}, people=people).source()
    return compare_verdicts(dataclasses.replace(source, people_known=False), n_shuffles=0)


def test_anonymous_votes_make_no_person_rows(kit: Kit) -> None:
    """When ids are slots there is no row per person, no leave-one-out and no interval for other people."""
    named, nameless = compared(kit, "4312"), anonymous(kit, kit.six_people(THREE))
    assert [found.row_id for found in nameless.rows if found.kind == "person"] == []
    assert nameless.reference.people_known is False
    assert [interval.target for interval in nameless.reference.human_human.intervals] == ["T3"]
    assert nameless.reference.human_human.value == named.reference.human_human.value
    judge = "judge:j:hhh:base:fr"
    assert row(nameless, judge).tau_people == row(named, judge).tau_people


def test_two_anonymous_votes_have_an_agreement(kit: Kit) -> None:
    """Two votes a case may come from a hundred people: human-human is computed on pairs of votes."""
    votes = kit.six_people(THREE)[:6]
    assert anonymous(kit, votes).reference.human_human.value == pytest.approx(5 / 6)
    assert compared(kit, "4312", votes).reference.human_human.value is None


def test_an_authors_key_is_never_anonymous(kit: Kit) -> None:
    """The key keeps its row when the votes of the source are called anonymous: its author is known."""
    key = kit.votes("author-key", dict.fromkeys(THREE, "2211"), annotator_kind="key")
    found = anonymous(kit, key)
    assert [found.row_id for found in found.rows if found.kind == "key"] == ["key:author-key"]
    assert found.reference.people_known is True


def test_top1_in_the_row_is_the_mean_of_the_stack(kit: Kit) -> None:
    """The row's top-1 is the mean of `harness.stats.coefficients.top1` over people and cases."""
    ranks = np.array(
        [[-float(rank) for rank in who] for who in ("1234", "1123", "2133", "1324", "1222", "4321")]
    )
    found = row(compared(kit, "3321"), "judge:j:hhh:base:fr")
    assert found.top1.value == pytest.approx(float(top1([3.0, 3, 2, 1], ranks).mean()))
