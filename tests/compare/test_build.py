from __future__ import annotations

import dataclasses
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.compare import build, compare_verdicts
from harness.compare.estimates import shuffles_for
from harness.errors import StoreError
from harness.schema import Cell, Comparison, Row

if TYPE_CHECKING:
    from tests.compare.conftest import Bench, Kit, Said

REPEATS = ("4312", "4321", "4213")


def row(comparison: Comparison, row_id: str) -> Row:
    """The row of this id."""
    (found,) = [row for row in comparison.rows if row.row_id == row_id]
    return found


def three_repeats(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
    """Judge J of methods.md §1.5, which says the same under every rulebook."""
    return dict(zip("abcd", map(float, REPEATS[cell.repeat]), strict=True))


def test_a_judge_beside_six_people_gives_the_worked_numbers(kit: Kit) -> None:
    """A steady judge agrees with the six people of the specification by .3055556, case by case."""
    bench = kit.bench({"steady": kit.always("4312")}, people=kit.six_people(("one", "two", "three")))
    found = compare_verdicts(bench.source(), n_shuffles=99)
    steady = row(found, "judge:steady:hhh:base:fr")
    assert steady.tau_people.value == pytest.approx(11 / 36)
    assert [case.tau_people for case in steady.cases] == pytest.approx([11 / 36] * 3)
    assert steady.delta_people.value == pytest.approx(11 / 36 - 0.1)
    assert steady.retest.value == 1.0
    assert steady.tau_people.n == 3
    assert (steady.n_planned, steady.n_ranked) == (12, 12)


def test_the_reference_gives_the_worked_numbers(kit: Kit) -> None:
    """Human-human .1, the most to expect .55, the crowd ceiling and five medians, as specified."""
    cases = ("one", "two", "three")
    found = compare_verdicts(
        kit.bench({"steady": kit.always("4312")}, people=kit.six_people(cases)).source(), n_shuffles=0
    )
    assert found.reference.kind == "people"
    assert found.reference.n_annotators == 6
    assert found.reference.rulebook_ids == ("hhh",)
    assert found.reference.human_human.value == pytest.approx(0.1)
    assert found.reference.best_expected.value == pytest.approx(0.55)
    ceilings = [2 / 3, 5 / 9, 1 / 3, 1 / 3, 1 / 3, -1.0]
    assert found.reference.crowd_ceiling.value == pytest.approx(sum(ceilings) / 6)
    assert [len(case.medians) for case in found.cases] == [5, 5, 5]
    assert found.cases[0].human_human == pytest.approx(0.1)
    assert [interval.target for interval in found.reference.human_human.intervals] == ["T3", "T2"]


def test_leaving_one_person_out_gives_the_worked_numbers(kit: Kit) -> None:
    """Each person is held against the other five: .3, .3, .2333, .2333, .2333, -.7."""
    found = compare_verdicts(
        kit.bench({"steady": kit.always("4312")}, people=kit.six_people(("one",)), cases=("one",)).source(),
        n_shuffles=0,
    )
    people = [row for row in found.rows if row.kind == "person"]
    expected = [0.3, 0.3, 0.7 / 3, 0.7 / 3, 0.7 / 3, -0.7]
    assert [person.tau_people.value for person in people] == pytest.approx(expected)


def test_split_pairs_of_the_six_people(kit: Kit) -> None:
    """A pair is split when a third of the people stand on each side: with the six people 2 of 6."""
    # Who prefers the first to the second, by ranks 1234 1123 2133 1324 1222 4321: a-b 3:2 (one tie),
    # a-c 5:1, a-d 5:1, b-c 3:2, b-d 4:1, c-d 3:1. A third of six is two: a-b and b-c are split.
    bench = kit.bench({"steady": kit.always("4312")}, people=kit.six_people(("one",)), cases=("one",))
    assert compare_verdicts(bench.source(), n_shuffles=0).cases[0].split_pairs == pytest.approx(2 / 6)


def test_value_gap_and_retest_give_the_worked_numbers(kit: Kit) -> None:
    """Repeats 4312, 4321, 4213 beside the six people: retest .5555556, agreement .2870370, gap .0407407."""
    bench = kit.bench({"steady": three_repeats}, people=kit.six_people(("one", "two", "three")), repeats=3)
    found = row(compare_verdicts(bench.source(), n_shuffles=0), "judge:steady:hhh:base:fr")
    assert found.retest.value == pytest.approx(0.5555555556)
    assert found.tau_people.value == pytest.approx(0.2870370370)
    assert found.gap.value == pytest.approx(0.0407407407)
    assert found.gap.n == 3


def test_chance_correction_is_that_of_the_means(kit: Kit) -> None:
    """Alpha is the mean agreement minus the mean floor, over what the floor leaves."""
    bench = kit.bench({"tied": kit.always("3311")}, people=kit.six_people(("one", "two", "three")))
    found = row(compare_verdicts(bench.source(), n_shuffles=0), "judge:tied:hhh:base:fr")
    # The six people tie 0, 1, 1, 0, 3, 0 of 6 pairs; the judge ties 2 of 6: the floor is 5/36 * 1/3.
    assert found.floor.value == pytest.approx(5 / 108)
    assert found.tie_share.value == pytest.approx(1 / 3)
    assert found.tau_people.value is not None
    expected = (found.tau_people.value - 5 / 108) / (1 - 5 / 108)
    assert found.alpha_k.value == pytest.approx(expected)
    identity = 1 - 2 * (found.conflict.value or 0.0) - (found.hesitation.value or 0.0)
    assert identity == pytest.approx(found.tau_people.value)


@pytest.mark.parametrize("n_people", [1, 2])
def test_one_or_two_people_get_words(kit: Kit, n_people: int) -> None:
    """With one or two people judges are compared with them, and human-human figures are words."""
    people = kit.six_people(("one", "two", "three"))[: 3 * n_people]
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}, people=people).source(), n_shuffles=0)
    judge = row(found, "judge:j:hhh:base:fr")
    assert judge.tau_people.value is not None
    for estimate in (
        found.reference.human_human,
        found.reference.crowd_ceiling,
        found.reference.best_expected,
        judge.delta_people,
        judge.gap,
        row(found, "person:person-1").tau_people,
        found.components[0].human_disagreement,
    ):
        assert estimate.value is None
        assert estimate.undefined_because == "too_few_people"
        assert estimate.intervals == ()


def test_without_people_the_judges_half_remains(kit: Kit) -> None:
    """Nobody to compare with: no agreement with people anywhere, but retest, shares and moves stand."""
    found = compare_verdicts(
        kit.bench({"j": kit.always("4321"), "k": kit.by_slot("4321")}).source(), n_shuffles=99
    )
    judge = row(found, "judge:j:hhh:base:fr")
    assert found.reference.kind == "none"
    for name in ("tau_people", "floor", "alpha_k", "conflict", "hesitation", "delta_people", "gap"):
        assert getattr(judge, name).undefined_because == "no_people"
    assert judge.retest.value == 1.0
    assert found.components[0].shares[0].share.value is not None
    assert found.moves[0].gap.value is not None
    assert found.moves[0].towards_people.undefined_because == "no_people"
    assert found.annotator_kinds == ("judge",)


def test_the_authors_key_is_a_row_and_no_class(kit: Kit) -> None:
    """Beside the author's key judges get an agreement, but nothing that needs several people."""
    key = kit.votes("author-key", dict.fromkeys(("one", "two", "three"), "2211"), annotator_kind="key")
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}, people=key).source(), n_shuffles=0)
    assert found.reference.kind == "key"
    judge = row(found, "judge:j:hhh:base:fr")
    # 4321 against 2211: four pairs alike, two tied in the key only.
    assert judge.tau_people.value == pytest.approx(4 / 6)
    assert judge.gap.undefined_because == judge.delta_people.undefined_because == "too_few_people"
    own = row(found, "key:author-key")
    assert own.kind == "key"
    assert own.tau_people.undefined_because == "does_not_apply"
    assert own.tie_share.value == pytest.approx(1 / 3)
    assert found.cases[0].medians == ((("one-a", "one-b"), ("one-c", "one-d")),)
    assert found.cases[0].n_people == 0
    assert found.annotator_kinds == ("judge", "key")


def test_the_key_beside_people_is_held_against_them(kit: Kit) -> None:
    """When people and the author's key are there, people are the reference and the key is one more row."""
    cases = ("one", "two", "three")
    key = kit.votes("author-key", dict.fromkeys(cases, "4312"), annotator_kind="key")
    bench = kit.bench({"j": kit.always("4321")}, people=[*kit.six_people(cases), *key])
    found = compare_verdicts(bench.source(), n_shuffles=0)
    assert found.reference.n_annotators == 6
    assert row(found, "key:author-key").tau_people.value == pytest.approx(11 / 36)


def test_the_same_source_gives_the_same_bytes(kit: Kit) -> None:
    """A comparison is deterministic to the byte, also when people come in another order."""
    people = kit.six_people(("one", "two", "three"))
    source = kit.bench({"j": kit.by_slot("4321"), "k": three_repeats}, people=people, repeats=3).source()
    first = compare_verdicts(source, n_shuffles=199).model_dump_json()
    shuffled = list(source.people)
    random.Random(3).shuffle(shuffled)
    again = compare_verdicts(dataclasses.replace(source, people=tuple(shuffled)), n_shuffles=199)
    assert again.model_dump_json() == first


def test_another_process_gives_the_same_bytes(kit: Kit, root: Path) -> None:
    """No order of a set or a dict enters: another hash seed gives the same comparison."""
    program = (
        "import sys; sys.path.insert(0, 'tests/compare'); import conftest as c\n"
        "from harness.compare import compare_verdicts\n"
        "b = c.Bench({'j': c.by_slot('4321'), 'k': c.always('4312')}, people=c.six_people(('one', 'two')))\n"
        "sys.stdout.write(compare_verdicts(b.source(), n_shuffles=99).model_dump_json())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] != b""


def test_relabelling_answers_changes_no_number(kit: Kit) -> None:
    """In whatever order the file lists the answers, every figure is the same."""
    people = kit.six_people(("one", "two", "three"))
    judges = {"j": kit.by_slot("4321"), "k": three_repeats}
    plain = kit.bench(judges, people=people, repeats=3)
    turned = dataclasses.replace(plain, letters="cadb")

    def numbers(bench: Bench) -> list[Any]:
        found = compare_verdicts(bench.source(), n_shuffles=0)
        rows = [
            row.model_dump(exclude={"cases": {"__all__": {"mid_ranks", "medians"}}}) for row in found.rows
        ]
        shares = [part.model_dump() for part in found.components]
        return [rows, shares, [move.model_dump() for move in found.moves], found.reference.model_dump()]

    assert numbers(plain) == numbers(turned)


def unreadable_at(case_id: str) -> Callable[[Cell, tuple[str, ...]], Said]:
    """A judge that stumbles over one case."""

    def reply(cell: Cell, order: tuple[str, ...]) -> Said:
        return "unparsable" if cell.case_id == case_id else dict(zip("abcd", (4.0, 3, 2, 1), strict=True))

    return reply


def test_failures_are_counted_and_shown_in_part(kit: Kit) -> None:
    """A failed verdict is in no mean; it is counted by kind, and shown with the first 300 characters."""
    people = kit.six_people(("one", "two", "three"))
    found = compare_verdicts(kit.bench({"j": unreadable_at("two")}, people=people).source(), n_shuffles=0)
    judge = row(found, "judge:j:hhh:base:fr")
    assert judge.failures == {"unparsable": 4}
    assert (judge.n_planned, judge.n_ranked) == (12, 8)
    assert judge.tau_people.n == 2
    assert judge.tau_people.intervals == ()
    assert judge.tau_people.undefined_because == "too_few_cases"
    assert judge.cases[1].tau_people is None
    assert judge.cases[1].mid_ranks == {}
    assert found.n_failed == len(found.failures) == 8
    assert {len(line.text) for line in found.failures} == {300}
    assert [line.repeat for line in found.failures[:4]] == [0, 1, 2, 3]


def test_a_judge_that_nobody_could_read_has_reasons_not_numbers(kit: Kit) -> None:
    """Without one readable verdict every figure is a reason."""
    found = compare_verdicts(
        kit.bench({"j": kit.failing("refused")}, people=kit.six_people(("one",))).source(),
        n_shuffles=9,
    )
    judge = row(found, "judge:j:hhh:base:fr")
    for name in ("tau_people", "retest", "tie_share", "tau_longest", "delta_people", "gap"):
        assert getattr(judge, name).undefined_because == "no_readable_verdict"
    assert judge.slot_effect is None
    assert found.components[0].shares[0].share.undefined_because == "incomplete_grid"


def test_open_calls_count_as_planned(kit: Kit) -> None:
    """A call that was never answered is missing from the coverage, as the plan knows it."""
    bench = kit.bench({"j": lambda cell, _order: None if cell.repeat == 3 else kit.by_letter("4321")})
    judge = row(compare_verdicts(bench.source(), n_shuffles=0), "judge:j:hhh:base:fr")
    assert (judge.n_planned, judge.n_ranked) == (12, 9)


def test_incomplete_people_count_on_the_pairs_they_share(kit: Kit) -> None:
    """Who ranked three answers is compared on three pairs; who ranked nothing of a case is not there."""
    people = [
        *kit.votes("p1", {"one": "321."}),
        *kit.votes("p2", {"one": "4321"}),
        *kit.votes("p3", {"two": "4321"}),
    ]
    found = compare_verdicts(
        kit.bench({"j": kit.always("2341")}, people=people, cases=("one", "two")).source(), n_shuffles=0
    )
    judge = row(found, "judge:j:hhh:base:fr")
    # p1: abc reversed: -1; p2: abc reversed, d last: 3 of 6 alike, 3 opposite: 0. Case two: 0.
    assert [case.tau_people for case in judge.cases] == pytest.approx([-0.5, 0.0])
    assert judge.tau_people.value == pytest.approx(-0.25)
    assert [case.n_people for case in found.cases] == [2, 1]
    # Only p1 and p2 share a case: 3 pairs alike.
    assert found.reference.human_human.value == pytest.approx(1.0)
    assert found.reference.human_human.n == 1


def test_first_votes_of_one_rulebook_count(kit: Kit) -> None:
    """Second votes never count; under several rulebooks a person counts once, with the employer's."""
    people = [
        *kit.votes("p1", {"one": "4321"}),
        *kit.votes("p1", {"one": "1234"}, phase=2),
        *kit.votes("p1", {"one": "1234"}, rulebook_id="caution-first"),
        *kit.votes("p2", {"one": "4321"}, session="monday"),
        *kit.votes("p2", {"one": "4321"}, session="friday"),
    ]
    found = compare_verdicts(
        kit.bench({"j": kit.always("4321")}, people=people, cases=("one",)).source(), n_shuffles=0
    )
    assert found.reference.n_annotators == 3
    assert found.reference.rulebook_ids == ("hhh",)
    assert row(found, "judge:j:hhh:base:fr").tau_people.value == 1.0
    assert [row.annotator_id for row in found.rows if row.kind == "person"] == [
        "p1",
        "friday/p2",
        "monday/p2",
    ]


def test_a_persons_repeat_is_a_retest_and_no_second_person(kit: Kit) -> None:
    """A case that a person grades twice tells how far that person agrees with himself or herself."""
    people = [*kit.six_people(("one",)), *kit.votes("person-1", {"one": "1234"}, repeat=1)]
    found = compare_verdicts(
        kit.bench({"j": kit.always("4321")}, people=people, cases=("one",)).source(), n_shuffles=0
    )
    assert found.reference.human_human.value == pytest.approx(0.1)
    assert row(found, "person:person-1").retest.value == -1.0
    assert row(found, "person:person-2").retest.undefined_because == "too_few_runs"


def test_rows_begin_with_the_base_wording_in_the_first_language(kit: Kit) -> None:
    """Lines are sorted by wording, language, judge and rulebook; then panels, people, baselines."""
    bench = kit.bench(
        {"j": kit.always("4321"), "k": kit.always("4312")},
        languages=("en", "fr"),
        wordings=("paraphrase", "base"),
        rulebooks=("none", "hhh"),
        cases=("one",),
        people=kit.votes("p", {"one": "4321"}),
    )
    found = compare_verdicts(bench.source(), n_shuffles=0)
    told = [row.row_id for row in found.rows]
    assert told[:5] == [
        "judge:j:none:base:fr",
        "judge:j:hhh:base:fr",
        "judge:k:none:base:fr",
        "judge:k:hhh:base:fr",
        "judge:j:none:base:en",
    ]
    assert [row.kind for row in found.rows] == ["judge"] * 16 + ["panel"] * 4 + ["person"] + ["baseline"] * 4
    assert len(set(told)) == len(told)


def test_the_panel_takes_the_mean_of_mean_mid_ranks(kit: Kit) -> None:
    """A panel's ranking is the mean over judges of their mean mid-ranks, and equal means are tied."""
    bench = kit.bench(
        {"j": kit.always("4321"), "k": kit.always("3421")}, people=kit.six_people(("one", "two", "three"))
    )
    panel = row(compare_verdicts(bench.source(), n_shuffles=0), "panel:listwise:hhh:base:fr")
    assert panel.cases[0].medians == ((("one-a", "one-b"), ("one-c",), ("one-d",)),)
    assert panel.tie_share.value == pytest.approx(1 / 6)
    assert (panel.cases[0].n_ranked, panel.cases[0].n_planned) == (2, 2)
    # One of the five medians of §1.5: with the six people 5/6, 1, 2/3, 1/2, 1/3, -5/6.
    assert panel.tau_people.value == pytest.approx(5 / 12)


def test_one_judge_is_no_panel(kit: Kit) -> None:
    """A panel needs two judges of one protocol."""
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}).source(), n_shuffles=0)
    assert [row for row in found.rows if row.kind == "panel"] == []


def test_cost_and_time_per_thousand(kit: Kit) -> None:
    """Money is tokens times the judge's price; an unknown price is unknown, a local judge costs time only."""
    price = {
        "usd_per_million_prompt_tokens": 3.0,
        "usd_per_million_completion_tokens": 10.0,
        "date": "2026-11-21",
        "source": "invented",
    }
    bench = kit.bench(
        {"paid": kit.always("4321"), "unknown": kit.always("4321"), "small": kit.always("4321")},
        specs={"paid": {"price": price}, "small": {"model_id": "local/small"}},
    )
    found = compare_verdicts(bench.source(), n_shuffles=0)
    paid, unknown, small = (row(found, f"judge:{name}:hhh:base:fr") for name in ("paid", "unknown", "small"))
    # 1000 x (1000 prompt tokens x 3 + 100 x 10) / 1e6
    assert paid.usd_per_1000.value == pytest.approx(4.0)
    assert (paid.usd_per_1000.n, paid.usd_per_1000.unit) == (12, "verdicts")
    assert unknown.usd_per_1000.undefined_because == "price_unknown"
    assert small.usd_per_1000.undefined_because == "does_not_apply"
    assert small.seconds_per_1000.value == pytest.approx(2000.0)


def test_without_timings_time_is_unknown(kit: Kit) -> None:
    """A missing timing file is no time of zero."""
    source = dataclasses.replace(kit.bench({"j": kit.always("4321")}).source(), timings=())
    judge = row(compare_verdicts(source, n_shuffles=0), "judge:j:hhh:base:fr")
    assert judge.seconds_per_1000.undefined_because == "not_measured"


def test_a_verdict_that_disagrees_with_the_manifest_is_refused(kit: Kit) -> None:
    """A judge, case or answer that the run does not know is an error, never a row."""
    source = kit.bench({"j": kit.always("4321")}).source()
    stranger = source.verdicts[0].model_copy(
        update={"cell": source.verdicts[0].cell.model_copy(update={"annotator_id": "x"})}
    )
    with pytest.raises(StoreError, match="'x', which is not in the manifest"):
        compare_verdicts(dataclasses.replace(source, verdicts=(stranger,)))
    with pytest.raises(StoreError, match="'one', which is not among the cases"):
        compare_verdicts(dataclasses.replace(source, cases=source.cases[1:]))
    odd = source.verdicts[0].model_copy(update={"grades": {"one-z": 1.0}})
    with pytest.raises(StoreError, match="'one-z', which the case has not"):
        compare_verdicts(dataclasses.replace(source, verdicts=(odd,)))


def test_a_run_without_verdicts_is_still_a_comparison(kit: Kit) -> None:
    """People alone make a comparison: their rows, the baselines, and no judges."""
    source = kit.bench({"j": kit.always("4321")}, people=kit.six_people(("one", "two", "three"))).source()
    found = compare_verdicts(dataclasses.replace(source, verdicts=(), timings=()), n_shuffles=9)
    assert [row.kind for row in found.rows] == ["person"] * 6 + ["baseline"] * 4
    assert found.components == ()
    assert found.n_verdicts == 0


def test_simulated_verdicts_mark_the_comparison(kit: Kit) -> None:
    """One invented person, or a scripted fake among the judges, and the whole comparison says so."""
    cases = ("one", "two", "three")
    plain = kit.bench({"j": kit.always("4321")}, people=kit.six_people(cases))
    assert not compare_verdicts(plain.source(), n_shuffles=0).simulated
    invented = [*plain.people, *kit.votes("p", {"one": "4321"}, simulated=True)]
    found = compare_verdicts(dataclasses.replace(plain, people=invented).source(), n_shuffles=0)
    assert found.simulated
    assert found.reference.simulated
    fake = dataclasses.replace(plain, specs={"j": {"model_id": "scripted/first"}})
    assert compare_verdicts(fake.source(), n_shuffles=0).simulated


def test_an_interval_ends_where_the_figure_must(kit: Kit) -> None:
    """No interval of an agreement goes beyond 1, whatever the three cases say."""
    people = kit.votes("p", {"one": "4321", "two": "4321", "three": "4312"})
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}, people=people).source(), n_shuffles=0)
    (interval,) = row(found, "judge:j:hhh:base:fr").tau_people.intervals
    # 1, 1, 2/3: mean 8/9, standard error 1/9, t with 2 degrees of freedom 4.3027
    assert interval.low == pytest.approx(8 / 9 - 4.302652729911275 / 9)
    assert interval.high == 1.0
    assert (interval.method, interval.n) == ("t over cases", 3)


@pytest.mark.parametrize(
    ("n_verdicts", "expected"),
    [(0, 9_999), (576, 9_999), (10_000, 9_999), (20_000, 4_999), (100_000, 999), (1_000_000, 999)],
)
def test_large_runs_are_shuffled_less_often(n_verdicts: int, expected: int) -> None:
    """Up to 10,000 verdicts 9,999 times, then in proportion, and never less than 999 times."""
    assert shuffles_for(n_verdicts) == expected


def test_who_names_a_number_of_shuffles_gets_it(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where none is named does the size of the run decide; the record tells the number either way."""
    source = kit.bench({"x": kit.always("4321"), "y": kit.always("1234")}).source()
    monkeypatch.setattr(build, "shuffles_for", lambda _n_verdicts: 49)
    for asked, expected in ((None, 49), (99, 99)):
        tests = [part.model_test for part in compare_verdicts(source, n_shuffles=asked).components]
        assert [test.n_shuffles for test in tests if test is not None] == [expected]
