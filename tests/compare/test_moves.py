from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.load.content import load_rulebook
from harness.schema import Cell, Comparison, RulebookMove

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Said

CASES = ("one", "two", "three")
RULEBOOKS = ("hhh", "none", "placebo", "caution-first")


def move(found: Comparison, rulebook_id: str, judge_id: str = "j") -> RulebookMove:
    """The move of one rulebook."""
    (one,) = [move for move in found.moves if move.rulebook_id == rulebook_id and move.judge_id == judge_id]
    return one


def obeying(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
    """Swap the two best under the placebo, turn everything round under caution-first."""
    grades = {"placebo": (3.0, 4, 2, 1), "caution-first": (1.0, 2, 3, 4)}.get(
        cell.rulebook_id, (4.0, 3, 2, 1)
    )
    return dict(zip("abcd", grades, strict=True))


def test_a_rulebook_that_turns_orders_round_moves_as_far_as_can_be(kit: Kit) -> None:
    """The gap to no rules is 2 for a reversal, 1/3 for one swapped pair, and the placebo's is taken off."""
    found = compare_verdicts(kit.bench({"j": obeying}, rulebooks=RULEBOOKS).source(), n_shuffles=0)
    assert [move.rulebook_id for move in found.moves] == ["hhh", "placebo", "caution-first"]
    assert move(found, "hhh").gap.value == 0.0
    # one pair of six reversed: 2 columns of 12 differ by 1, / P: 2/6
    assert move(found, "placebo").gap.value == pytest.approx(1 / 3)
    assert move(found, "caution-first").gap.value == pytest.approx(2.0)
    assert move(found, "caution-first").net_gap.value == pytest.approx(2.0 - 1 / 3)
    assert move(found, "hhh").net_gap.value == pytest.approx(-1 / 3)
    assert move(found, "placebo").net_gap.undefined_because == "does_not_apply"


def test_slots_are_no_move(kit: Kit) -> None:
    """A judge that only looks at slots is moved by no rulebook: its gap is 0, not less than nothing."""
    found = compare_verdicts(kit.bench({"j": kit.by_slot("4321")}).source(), n_shuffles=0)
    assert move(found, "hhh").gap.value == 0.0
    assert [case.gap for case in move(found, "hhh").cases] == [0.0, 0.0, 0.0]


def test_only_common_presentations_are_put_side_by_side(kit: Kit) -> None:
    """Repeats that one side lacks stay out: the gap is the mean product of the common differences."""
    rankings = {"hhh": ("4321", "4321", "3421"), "none": ("1234", "2134", "4312")}

    def toy(cell: Cell, order: tuple[str, ...]) -> Said:
        # Repeat 0 is never asked under hhh, repeat 3 never under none.
        place = cell.repeat - (1 if cell.rulebook_id == "hhh" else 0)
        return kit.by_letter(rankings[cell.rulebook_id][place]) if 0 <= place < 3 else None

    found = compare_verdicts(kit.bench({"j": toy}, cases=("one",), repeats=4).source(), n_shuffles=0)
    # Two repeats are common (1 and 2): pairs (4321, 2134) and (4321, 4312) in the same presentations.
    # Columns differ: d1 and d2 with mean dbar: gap = (|dbar|^2 - var / 2) / P = <d1, d2> / P.
    # (4321, 2134): ac, ad, bc, bd, cd reversed; (4321, 4312): cd reversed. They share cd: 2 columns / 6.
    assert move(found, "hhh").gap.value == pytest.approx(2 / 6)


def test_a_missing_placebo_is_said(kit: Kit) -> None:
    """Without a placebo the net gap is words; without `none` there is no move at all."""
    found = compare_verdicts(kit.bench({"j": obeying}).source(), n_shuffles=0)
    assert move(found, "hhh").net_gap.undefined_because == "not_measured"
    without = compare_verdicts(kit.bench({"j": obeying}, rulebooks=("hhh", "placebo")).source(), n_shuffles=0)
    assert without.moves == ()


def test_towards_people_is_the_difference_of_agreements(kit: Kit) -> None:
    """Turning everything round moves by twice the agreement; p is exact over cases."""
    six = tuple(f"case-{number}" for number in range(6))
    bench = kit.bench(
        {"j": obeying}, rulebooks=RULEBOOKS, cases=six, people=kit.votes("p", dict.fromkeys(six, "4321"))
    )
    found = compare_verdicts(bench.source(), n_shuffles=0)
    caution = move(found, "caution-first")
    assert caution.towards_people.value == -2.0
    assert [case.towards_people for case in caution.cases] == [-2.0] * 6
    # six cases, all the same way: 2 of 64 sign patterns are as extreme
    assert caution.sign_flip_p == pytest.approx(2 / 64)
    assert move(found, "hhh").towards_people.value == 0.0
    assert move(found, "hhh").sign_flip_p == 1.0


def test_five_cases_are_too_few_for_the_sign_flip_test(kit: Kit) -> None:
    """2 / 2^5 is above .05: no outcome could speak, so there is no p."""
    five = tuple(f"case-{number}" for number in range(5))
    bench = kit.bench(
        {"j": obeying}, rulebooks=RULEBOOKS, cases=five, people=kit.votes("p", dict.fromkeys(five, "4321"))
    )
    caution = move(compare_verdicts(bench.source(), n_shuffles=0), "caution-first")
    assert caution.sign_flip_p is None
    assert caution.towards_people.value == -2.0


def test_asked_once_a_gap_is_unknown(kit: Kit) -> None:
    """One verdict per side: noise unknown, no gap; the direction towards people stands."""
    bench = kit.bench({"j": obeying}, repeats=1, people=kit.votes("p", dict.fromkeys(CASES, "4321")))
    found = compare_verdicts(bench.source(), n_shuffles=0)
    assert move(found, "hhh").gap.undefined_because == "too_few_runs"
    assert move(found, "hhh").towards_people.value == 0.0


def test_wording_and_language_are_factors_of_their_own(kit: Kit) -> None:
    """A judge that reverses in English and swaps a pair in the paraphrase moves by 2 and by 1/3."""

    def wavering(cell: Cell, order: tuple[str, ...]) -> Said:
        if cell.language == "en":
            return kit.by_letter("1234")
        return kit.by_letter("3421" if cell.wording == "paraphrase" else "4321")

    bench = kit.bench(
        {"j": wavering}, rulebooks=("hhh",), wordings=("base", "paraphrase"), languages=("fr", "en")
    )
    factors = {shift.factor: shift for shift in compare_verdicts(bench.source(), n_shuffles=0).factors}
    assert factors["paraphrase"].gap.value == pytest.approx(1 / 3)
    assert factors["language"].gap.value == pytest.approx(2.0)
    assert len(factors) == 2


def test_a_single_wording_and_language_has_no_factors(kit: Kit) -> None:
    """What was not varied is not reported as having moved by nothing."""
    assert compare_verdicts(kit.bench({"j": obeying}).source(), n_shuffles=0).factors == ()


def test_roles_come_from_the_rulebooks_not_from_their_names(kit: Kit) -> None:
    """A rulebook of role none is what the others are held against, whatever it is called."""
    renamed = {"bare": "none", "filler": "placebo", "hhh": "hhh", "caution-first": "caution-first"}

    def under_other_names(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
        return obeying(cell.model_copy(update={"rulebook_id": renamed[cell.rulebook_id]}), order)

    source = kit.bench({"j": under_other_names}, rulebooks=tuple(renamed)).source()
    assert compare_verdicts(source, n_shuffles=0).moves == ()
    rulebooks = tuple(
        load_rulebook(usual).model_copy(update={"rulebook_id": name})
        for name, usual in renamed.items()
        if usual in ("none", "placebo")
    )
    found = compare_verdicts(replace(source, rulebooks=rulebooks), n_shuffles=0)
    assert [one.rulebook_id for one in found.moves] == ["filler", "hhh", "caution-first"]
    assert move(found, "caution-first").net_gap.value == pytest.approx(2.0 - 1 / 3)
    assert move(found, "filler").net_gap.undefined_because == "does_not_apply"


def test_the_own_role_wins_over_the_usual_name(kit: Kit) -> None:
    """A treatment that is called `placebo` is no placebo: nothing is taken off."""
    treatment = load_rulebook("placebo").model_copy(update={"role": "treatment"})
    source = kit.bench({"j": obeying}, rulebooks=RULEBOOKS).source()
    found = compare_verdicts(replace(source, rulebooks=(treatment,)), n_shuffles=0)
    assert move(found, "caution-first").net_gap.undefined_because == "not_measured"
    assert move(found, "placebo").net_gap.undefined_because == "not_measured"


def test_sign_flips_are_corrected_over_the_rulebooks_of_a_judge(kit: Kit) -> None:
    """Holm over one judge's rulebooks: with 3 of them the smallest p of six cases becomes 3 · 2/64."""
    cases = ("one", "two", "three", "four", "five", "six")
    bench = kit.bench({"j": obeying, "k": obeying}, cases, RULEBOOKS, people=kit.six_people(cases))
    found = compare_verdicts(bench.source(), n_shuffles=0)
    assert move(found, "caution-first").sign_flip_p == 2 / 64
    assert move(found, "caution-first").sign_flip_holm_p == pytest.approx(3 * 2 / 64)
    assert move(found, "hhh").sign_flip_holm_p == 1
    few = compare_verdicts(kit.bench({"j": obeying}, rulebooks=RULEBOOKS).source(), n_shuffles=0)
    assert move(few, "hhh").sign_flip_holm_p is None
