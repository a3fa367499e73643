from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.schema import Cell, Comparison, Components, Estimate, LeftOut, Verdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Reply, Said

FOUR = ("one", "two", "three", "four")


def only(found: Comparison) -> Components:
    """The breakdown, when there is just one."""
    (components,) = found.components
    return components


def share(components: Components, part: str) -> Estimate:
    """The share of one part."""
    (found,) = [share.share for share in components.shares if share.part == part]
    return found


def values(components: Components) -> dict[str, float | None]:
    """Every share, rounded."""
    return {
        part.part: None if part.share.value is None else round(part.share.value, 6)
        for part in components.shares
    }


def obeying(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
    """Turn its order round under `none`, whatever the slots."""
    grades = (4.0, 3, 2, 1) if cell.rulebook_id == "hhh" else (1.0, 2, 3, 4)
    return dict(zip("abcd", grades, strict=True))


def test_judges_that_only_look_at_slots_are_all_noise(kit: Kit) -> None:
    """Three judges that answer by slot: model, rule and reaction shares are 0, all of the noise is order."""
    judges = {"x": kit.by_slot("4321"), "y": kit.by_slot("1234"), "z": kit.by_slot("4321")}
    bench = kit.bench(judges, rulebooks=("hhh", "none", "placebo"), cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=199))
    assert found.complete_squares
    assert values(found) == {
        "model": 0.0,
        "rulebook": 0.0,
        "reaction": 0.0,
        "noise": 1.0,
        "order": 1.0,
        "residual": 0.0,
    }
    assert found.rulebook_test is not None
    assert found.rulebook_test.p == 1.0
    assert found.rulebook_test.shuffled_within == "case, judge and presentation"
    assert found.model_test is not None
    assert found.model_test.shuffled_within == "case, rulebook and presentation"


def test_judges_shown_other_squares_are_not_shuffled_within_presentations(kit: Kit) -> None:
    """Position p is not the same presentation for both, so judges are shuffled within the rulebook only."""
    source = kit.bench({"x": kit.by_slot("4321"), "y": kit.always("1234")}, cases=FOUR).source()
    latin = ("abcd", "bcda", "cdab", "dabc")

    def shown_in_latin_square(verdict: Verdict) -> Verdict:
        shown, cell = verdict.presentation, verdict.cell
        if shown is None or cell.annotator_id == "x":
            return verdict
        order = tuple(f"{cell.case_id}-{letter}" for letter in latin[cell.repeat])
        return verdict.model_copy(update={"presentation": shown.model_copy(update={"order": order})})

    other = replace(source, verdicts=tuple(map(shown_in_latin_square, source.verdicts)))
    found = only(compare_verdicts(other, n_shuffles=9))
    assert found.complete_squares
    assert found.model_test is not None
    assert found.model_test.shuffled_within == "case and rulebook"


def test_a_bent_slot_pattern_leaves_a_trace_in_the_model_share(kit: Kit) -> None:
    """Squares balance slots, not pairs of slots: of pattern 4312 a share of 1/35 looks like model."""
    # Over the square such a judge prefers a to b, b to c, c to d and d to a 3:1, the other pairs 2:2; the
    # monotone judges prefer nothing. Four pairs, two columns each, deviate by d = 1/4 in one judge of three:
    # V_M = 8 * (2/9) d^2 = 1/9. Noise: (4 + 4 + 4 * 2 * 1/4 + 2 * 2 * 1/3) / 3 = 34/9.
    judges = {"x": kit.by_slot("4321"), "y": kit.by_slot("1234"), "z": kit.by_slot("4312")}
    found = only(compare_verdicts(kit.bench(judges, cases=FOUR).source(), n_shuffles=0))
    assert share(found, "model").value == pytest.approx(1 / 35)
    assert share(found, "rulebook").value == share(found, "reaction").value == 0.0


def test_a_slot_judge_beside_a_content_judge(kit: Kit) -> None:
    """Of a content judge beside a slot judge, model is 3/11 and order 8/11, derived by hand."""
    # Per pair, thermometer columns (u, v). Content judge: always the same, (1,1) or (0,0), no variance.
    # Slot judge over the square: each pair 2:2, mean (1/2, 1/2), variance 4 * 1/4 / 3 = 1/3 per column,
    # 2/3 per pair. V_M = 2 columns * (1/4)^2 = 1/8 per pair. ms_res = 0, so nothing is taken off; noise =
    # mean of 0 and 2/3 = 1/3. Shares: 1/8 : 1/3 = 3 : 8.
    bench = kit.bench({"content": kit.always("4321"), "slot": kit.by_slot("4321")}, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=0))
    assert share(found, "model").value == pytest.approx(3 / 11)
    assert share(found, "noise").value == pytest.approx(8 / 11)
    assert share(found, "order").value == pytest.approx(8 / 11)
    assert share(found, "rulebook").value == pytest.approx(0.0)
    assert {part.part: part.variance for part in found.shares}["model"] == pytest.approx(1 / 8)
    assert found.model_test is None


def test_a_rulebook_that_turns_every_order_round_is_everything(kit: Kit) -> None:
    """Two judges that reverse their order under the other rules: rulebook 100 %, no reaction, smallest p."""
    bench = kit.bench({"x": obeying, "y": obeying}, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=199))
    assert values(found)["rulebook"] == 1.0
    assert values(found)["reaction"] == 0.0
    assert found.rulebook_test is not None
    assert found.rulebook_test.p == pytest.approx(1 / 200)
    # V_R = |mu_1 - mu_2|^2 / 4 = 2P / 4, so V / P is 1/2: where two reversed people would lie.
    assert {part.part: part.variance for part in found.shares}["rulebook"] == pytest.approx(0.5)


def test_one_judge_obeying_is_half_reaction(kit: Kit) -> None:
    """One judge obeys and one does not: model, rulebook and reaction are a third each."""
    # Means per column: obeying 1, 0; steady 1, 1. Judge means 1/2, 1; rulebook means 1, 1/2; grand 3/4:
    # V_M = V_R = (1/4)^2; the crossed rest is 1/4 in every cell as well.
    bench = kit.bench({"x": obeying, "y": kit.always("4321")}, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=0))
    assert [share(found, part).value for part in ("model", "rulebook", "reaction")] == pytest.approx(
        [1 / 3] * 3
    )


def test_intervals_say_which_question_they_answer(kit: Kit) -> None:
    """Shares carry an interval for other cases (T3) and one for asking again (T1), with their n."""
    bench = kit.bench({"content": kit.always("4321"), "slot": kit.by_slot("4321")}, cases=FOUR)
    model = share(only(compare_verdicts(bench.source(), n_shuffles=0)), "model")
    assert [(interval.target, interval.n) for interval in model.intervals] == [("T3", 4), ("T1", 4)]
    few = kit.bench({"content": kit.always("4321"), "slot": kit.by_slot("4321")}, cases=("one", "two"))
    model = share(only(compare_verdicts(few.source(), n_shuffles=0)), "model")
    assert [interval.target for interval in model.intervals] == ["T1"]
    assert model.undefined_because == "too_few_cases"


def test_with_one_judge_model_and_reaction_are_words(kit: Kit) -> None:
    """One judge: nothing is said about models; the rulebook share stands."""
    found = only(compare_verdicts(kit.bench({"x": obeying}, cases=FOUR).source(), n_shuffles=19))
    assert share(found, "model").undefined_because == "one_judge"
    assert share(found, "reaction").undefined_because == "one_judge"
    assert share(found, "rulebook").value == 1.0
    assert found.model_test is None
    assert found.rulebook_test is not None


def test_with_one_rulebook_order_cannot_be_told_from_noise(kit: Kit) -> None:
    """One rulebook: rulebook, reaction and order are words; model and noise stand."""
    bench = kit.bench({"x": obeying, "y": kit.by_slot("4321")}, rulebooks=("hhh",), cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=19))
    for part in ("rulebook", "reaction", "order", "residual"):
        assert share(found, part).undefined_because == "one_rulebook"
    assert share(found, "noise").value is not None
    assert found.rulebook_test is None


def test_asked_once_noise_is_unknown(kit: Kit) -> None:
    """With one verdict per cell no share is printed: what is noise cannot be known."""
    bench = kit.bench({"x": obeying, "y": kit.always("4321")}, repeats=1, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=0))
    assert {part.share.undefined_because for part in found.shares} == {"too_few_runs"}
    assert found.n_runs == 1


def test_judgements_that_never_differ_have_no_shares(kit: Kit) -> None:
    """When no two judgements differ there is nothing to divide."""
    bench = kit.bench({"x": kit.always("4321"), "y": kit.always("4321")}, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=0))
    assert share(found, "model").undefined_because == "no_variation"


def test_part_of_a_square_is_no_square(kit: Kit) -> None:
    """Two of four presentations do not cancel what slots do: runs count as independent, order is not told."""
    bench = kit.bench({"x": obeying, "y": kit.by_slot("4321")}, repeats=2, cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=19))
    assert not found.complete_squares
    assert share(found, "order").undefined_because == "not_measured"
    assert found.rulebook_test is not None
    assert found.rulebook_test.shuffled_within == "case and judge"


def test_pairwise_and_listwise_are_never_pooled(kit: Kit) -> None:
    """Each protocol has its own shares; a pairwise repeat is a label pair, the same under every rulebook."""
    bench = kit.bench(
        {"x": obeying, "y": kit.always("4321")}, specs={"y": {"protocol": "pairwise"}}, repeats=3, cases=FOUR
    )
    listwise, pairwise = compare_verdicts(bench.source(), n_shuffles=19).components
    assert (listwise.protocol, listwise.judge_ids) == ("listwise", ("x",))
    assert (pairwise.protocol, pairwise.judge_ids) == ("pairwise", ("y",))
    assert pairwise.complete_squares
    assert pairwise.rulebook_test is not None
    assert pairwise.rulebook_test.shuffled_within == "case, judge and label pair"


def test_paraphrases_and_the_second_language_are_left_to_themselves(kit: Kit) -> None:
    """Shares are those of the base wording in the first language, whatever else was asked."""
    small = kit.bench({"x": obeying, "y": kit.by_slot("4321")})
    large = kit.bench(
        {"x": obeying, "y": kit.by_slot("4321")}, wordings=("base", "paraphrase"), languages=("fr", "en")
    )
    assert compare_verdicts(small.source(), n_shuffles=0).components == (
        compare_verdicts(large.source(), n_shuffles=0).components
    )


def test_human_disagreement_lies_on_the_same_axis(kit: Kit) -> None:
    """Two people who agree by .1 differ by .45 on the axis of the variances, interval turned with it."""
    found = compare_verdicts(
        kit.bench({"x": obeying}, cases=FOUR, people=kit.six_people(FOUR)).source(), n_shuffles=0
    )
    human = only(found).human_disagreement
    assert human.value == pytest.approx(0.45)
    assert all(interval.low <= 0.45 <= interval.high for interval in human.intervals)


def test_a_case_with_a_gap_is_left_out_for_everybody(kit: Kit) -> None:
    """One unreadable verdict takes its case out of the shares, and the comparison says why."""

    def stumbling(cell: Cell, order: tuple[str, ...]) -> Said:
        stumbles = cell.case_id == "two" and cell.rulebook_id == "none" and cell.repeat == 1
        return "truncated" if stumbles else dict(zip(order, (4.0, 3, 2, 1), strict=True))

    found = only(
        compare_verdicts(kit.bench({"x": stumbling, "y": obeying}, cases=FOUR).source(), n_shuffles=0)
    )
    assert found.case_ids == ("one", "three", "four")
    assert found.judge_ids == ("x", "y")
    assert found.left_out == (
        LeftOut(
            judge_id="x",
            rulebook_id="none",
            case_id="two",
            n_incomplete=1,
            n_cells=1,
            failures={"truncated": 1},
        ),
    )


def test_a_judge_that_cannot_be_read_is_left_out_first(kit: Kit) -> None:
    """An unreadable judge costs the others no case."""
    judges: dict[str, Reply] = {
        "mute": lambda _cell, _order: "unparsable",
        "x": obeying,
        "y": kit.always("4321"),
    }
    found = only(compare_verdicts(kit.bench(judges, cases=FOUR).source(), n_shuffles=0))
    assert found.judge_ids == ("x", "y")
    assert found.case_ids == FOUR
    assert found.left_out == (
        LeftOut(judge_id="mute", n_incomplete=8, n_cells=8, failures={"unparsable": 32}),
    )


def test_two_unreadable_judges_are_left_out_as_well(kit: Kit) -> None:
    """Leaving out goes on until something is complete, one judge at a time."""
    mute = kit.failing("unparsable")
    found = only(
        compare_verdicts(kit.bench({"m": mute, "n": mute, "x": obeying}, cases=FOUR).source(), n_shuffles=0)
    )
    assert found.judge_ids == ("x",)
    assert len(found.left_out) == 2


def test_a_rulebook_that_only_one_judge_was_asked_under_is_left_out(kit: Kit) -> None:
    """A half-recorded rulebook does not take the others down with it."""

    def half(cell: Cell, order: tuple[str, ...]) -> Said:
        return None if cell.rulebook_id == "placebo" else kit.by_letter("4321")

    bench = kit.bench({"x": obeying, "half": half}, rulebooks=("hhh", "none", "placebo"), cases=FOUR)
    found = only(compare_verdicts(bench.source(), n_shuffles=0))
    assert found.judge_ids == ("x", "half")
    assert found.rulebook_ids == ("hhh", "none")
    assert found.left_out == (
        LeftOut(rulebook_id="placebo", n_incomplete=4, n_cells=8, gaps={"never_asked": 4}),
    )


def test_pre_registered_tests_are_corrected_together(kit: Kit) -> None:
    """Holm over the model and rulebook tests of both protocols, those that exist."""

    def obeys(cell: Cell, _order: object) -> dict[str, float]:
        return kit.by_letter("4321" if cell.rulebook_id == "hhh" else "1234")

    judges = {"a": obeys, "b": obeys, "p": kit.always("4321")}
    bench = kit.bench(judges, repeats=3, specs={"p": {"protocol": "pairwise"}})
    listwise, pairwise = compare_verdicts(bench.source(), n_shuffles=199).components
    # one judge in pairs: no model test there; three tests in all, rulebook 1/200, the others 1
    assert (listwise.rulebook_test, pairwise.model_test) != (None, None)
    assert listwise.rulebook_holm_p == pytest.approx(3 / 200)
    assert (listwise.model_holm_p, pairwise.rulebook_holm_p, pairwise.model_holm_p) == (1, 1, None)
    untested = compare_verdicts(bench.source(), n_shuffles=0).components
    assert all(found.rulebook_holm_p is None for found in untested)
