from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.compare.authors import plain_name
from harness.compare.bias import biases
from harness.compare.crowd import build_crowd
from harness.compare.length import MIN_LENGTH_CASES
from harness.compare.source import build_layout
from harness.load.content import load_case_set
from harness.schema import Bias, Canary, Case, Cell
from harness.stats.agreement import tau_x
from harness.stats.bounds import weak_orders
from harness.stats.choice import build_choices, choice_weights

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Said

CASES = ("one", "two", "three")
LENGTHS = np.array([4.0, 8, 12, 16])
"""Characters of the French answers a to d of the bench."""


def found(source: ComparisonSource) -> dict[str, Bias]:
    """The records of a source, by row."""
    layout = build_layout(source)
    return {bias.row_id: bias for bias in biases(layout, build_crowd(source.people, layout.cases))}


def row(judge_id: str, rulebook_id: str = "hhh") -> str:
    """The id of a judge's row."""
    return f"judge:{judge_id}:{rulebook_id}:base:fr"


# --- length ----------------------------------------------------------------------------------------


def slope(rankings: list[str], each: float, n_cases: int) -> float:
    """The coefficient of log length, straight from the statistic."""
    grades = np.array([[float(grade) for grade in ranking] for ranking in rankings] * n_cases)
    features = np.broadcast_to(np.log(LENGTHS)[None, :, None], (*grades.shape, 1))
    return float(choice_weights(build_choices(grades, features, weights=np.full(len(grades), each)))[0])


def test_length_slopes_are_those_of_the_choice_model(kit: Kit) -> None:
    """A judge's own slope, and minus that of six people who weigh as much per case as its four verdicts."""
    bench = kit.bench({"long": kit.always("1234")}, people=kit.six_people(CASES))
    bias = found(bench.source())[row("long")]
    own = slope(["1234"] * 4, 1.0, 3)
    people = slope(["4321", "4432", "3422", "4231", "4333", "1234"], 4 / 6, 3)
    assert bias.length_slope_own.value == pytest.approx(own)
    assert bias.length_slope.value == pytest.approx(own - people)
    assert own > 0 > people


def test_few_cases_give_a_slope_to_draw_and_no_interval(kit: Kit) -> None:
    """Three cases: the number stands, without an interval, and says why."""
    bench = kit.bench({"long": kit.always("1234")}, people=kit.six_people(CASES))
    slope = found(bench.source())[row("long")].length_slope
    assert slope.value is not None
    assert (slope.n, slope.intervals, slope.undefined_because) == (3, (), "too_few_cases")


def moody(cell: Cell, _order: tuple[str, ...]) -> Said:
    """A judge whose order differs from case to case."""
    rng = np.random.default_rng(list(cell.case_id.encode()))
    return {letter: float(grade) for letter, grade in zip("abcd", rng.permutation(4) + 1, strict=True)}


def test_twelve_cases_give_an_interval_over_cases(kit: Kit) -> None:
    """From the limit on, the slope has an interval for other cases."""
    names = [f"case-{number}" for number in range(MIN_LENGTH_CASES)]
    bench = kit.bench({"moody": moody}, cases=names, people=kit.six_people(names))
    bias = found(bench.source())[row("moody")]
    for estimate in (bias.length_slope, bias.length_slope_own):
        (interval,) = estimate.intervals
        assert estimate.value is not None
        assert interval.low < estimate.value < interval.high
        assert (interval.target, interval.n) == ("T3", MIN_LENGTH_CASES)
        assert estimate.undefined_because is None


def test_a_judge_that_answers_like_the_people_has_no_slope_of_its_own(kit: Kit) -> None:
    """The ridge shrinks both sides alike: the same rankings give a difference of exactly 0."""
    people = [vote for i in range(6) for vote in kit.votes(f"p{i}", dict.fromkeys(CASES, "4312"))]
    bench = kit.bench({"same": kit.always("4312")}, people=people)
    assert found(bench.source())[row("same")].length_slope.value == pytest.approx(0.0, abs=1e-9)


def test_answers_without_a_text_have_no_length(kit: Kit) -> None:
    """Imported votes whose texts are not at hand: the length was not measured, the verdicts are there."""
    source = kit.bench({"steady": kit.always("4312")}, people=kit.six_people(CASES)).source()
    wordless = tuple(
        case.model_copy(
            update={"answers": tuple(answer.model_copy(update={"text": {}}) for answer in case.answers)}
        )
        for case in source.cases
    )
    bias = found(dataclasses.replace(source, cases=wordless))[row("steady")]
    assert bias.length_slope_own.undefined_because == "not_measured"
    assert bias.length_slope.undefined_because == "not_measured"


def test_people_read_in_their_own_language(kit: Kit) -> None:
    """In English a is the longest answer, in French d: the same vote is for length or against it."""
    judges = {"flat": kit.always("2222")}
    slopes = {}
    for language in ("fr", "en"):
        people = kit.votes("one", dict.fromkeys(CASES, "4321"), language=language)
        slopes[language] = found(kit.bench(judges, people=people).source())[row("flat")].length_slope.value
    assert slopes["fr"] is not None
    assert slopes["en"] is not None
    assert slopes["fr"] > 0 > slopes["en"]


def test_many_equal_people_weigh_as_one(kit: Kit) -> None:
    """Seventy people who say the same are counted, not listed, and give the slope of one of them."""
    crowd = [vote for i in range(70) for vote in kit.votes(f"p{i:02d}", dict.fromkeys(CASES, "4231"))]
    judges = {"long": kit.always("1234")}
    many = found(kit.bench(judges, people=crowd).source())[row("long")].length_slope
    one = found(kit.bench(judges, people=crowd[:3]).source())[row("long")].length_slope
    assert many.value == pytest.approx(one.value)


def test_answers_of_one_length_have_no_slope(kit: Kit) -> None:
    """Equal lengths say nothing, nobody to compare with says so, and no verdict says so."""
    bench = kit.bench({"steady": kit.always("4312"), "mute": kit.failing("refused")})
    source = bench.source()
    flat = tuple(
        case.model_copy(
            update={
                "answers": tuple(answer.model_copy(update={"text": {"fr": "mot"}}) for answer in case.answers)
            }
        )
        for case in source.cases
    )
    bias = found(dataclasses.replace(source, cases=flat))
    assert bias[row("steady")].length_slope_own.undefined_because == "no_variation"
    assert bias[row("steady")].length_slope.undefined_because == "no_people"
    assert bias[row("mute")].length_slope_own.undefined_because == "no_readable_verdict"


# --- ties and missing verdicts ---------------------------------------------------------------------


def test_tie_excess_by_hand(kit: Kit) -> None:
    """The judge ties 2 of 6 pairs; the six people tie 0, 1, 1, 0, 3, 0 of 6: excess 2/6 - 5/36."""
    bench = kit.bench({"tied": kit.always("4411")}, people=kit.six_people(CASES))
    excess = found(bench.source())[row("tied")].tie_excess
    assert excess.value == pytest.approx(2 / 6 - 5 / 36)
    assert excess.n == 3


def sometimes(n_failed: int) -> object:
    """A judge that says 4312, and fails in the first repeats."""

    def reply(cell: Cell, _order: tuple[str, ...]) -> Said:
        return "unparsable" if cell.repeat < n_failed else dict(zip("abcd", (4.0, 3, 1, 2), strict=True))

    return reply


def test_missing_verdicts_at_worst_and_at_best(kit: Kit) -> None:
    """One of four verdicts failed: the three known at 11/36, the fourth at the extremes of all orders."""
    people = kit.six_people(CASES)
    bench = kit.bench({"often": sometimes(1)}, people=people, rulebooks=("hhh",))  # type: ignore[dict-item]
    bias = found(bench.source())[row("often")]
    six = np.array(
        [[vote.grades[f"one-{x}"] for x in "abcd"] for vote in people if vote.cell.case_id == "one"]
    )
    means = tau_x(weak_orders(4)[:, None], six[None]).mean(axis=1)
    assert bias.missing_share == 0.25
    assert bias.best_tau_people == pytest.approx((3 * 11 / 36 + means.max()) / 4)
    assert bias.worst_tau_people == pytest.approx((3 * 11 / 36 + means.min()) / 4)
    assert means.max() == pytest.approx(0.4166667, abs=1e-7)


def test_a_judge_that_never_fails_has_no_bounds(kit: Kit) -> None:
    """Nothing missing: no worst and no best case; everything missing: the extremes themselves."""
    bench = kit.bench(
        {"steady": kit.always("4312"), "mute": kit.failing("refused")}, people=kit.six_people(CASES)
    )
    bias = found(bench.source())
    steady, mute = bias[row("steady")], bias[row("mute")]
    assert (steady.missing_share, steady.worst_tau_people, steady.best_tau_people) == (0.0, None, None)
    assert mute.missing_share == 1.0
    assert mute.best_tau_people == pytest.approx(0.4166667, abs=1e-7)
    assert mute.tie_excess.undefined_because == "no_readable_verdict"


def test_one_in_twenty_is_not_yet_told(kit: Kit) -> None:
    """At 5 % missing there are no bounds yet: the limit is above it."""

    def reply(cell: Cell, _order: tuple[str, ...]) -> Said:
        first = cell.case_id == "case-0" and cell.repeat == 0
        return "refused" if first else {"a": 4.0, "b": 3.0, "c": 1.0, "d": 2.0}

    names = [f"case-{number}" for number in range(5)]
    bench = kit.bench({"rare": reply}, cases=names, people=kit.six_people(names), rulebooks=("hhh",))
    bias = found(bench.source())[row("rare")]
    assert bias.missing_share == 0.05
    assert bias.worst_tau_people is None


# --- self-preference -------------------------------------------------------------------------------


def written_by(source: ComparisonSource, authors: str) -> ComparisonSource:
    """The same source, whose answers a to d were written by the models that the words name ('-' = unsaid)."""
    names = [None if word == "-" else word for word in authors.split()]
    cases = tuple(
        case.model_copy(
            update={
                "answers": tuple(
                    answer.model_copy(update={"author_model_id": name})
                    for answer, name in zip(case.answers, names, strict=True)
                )
            }
        )
        for case in source.cases
    )
    return dataclasses.replace(source, cases=cases)


def test_self_preference_by_hand(kit: Kit) -> None:
    """The judge puts its own answer c at 4, two others at 1 and 3: 4 - 2, whatever the people say."""
    bench = kit.bench(
        {"narcissus": kit.always("1243"), "first": kit.always("4312"), "second": kit.always("1432")},
        people=kit.six_people(CASES),
    )
    bias = found(written_by(bench.source(), "x/first x/second imported/Narcissus -"))
    assert bias[row("narcissus")].self_preference.value == pytest.approx(4 - (1 + 3) / 2)
    # first: own answer a at 4, narcissus 1, second 1; second: own answer b at 4, narcissus 2, first 3.
    assert bias[row("first")].self_preference.value == pytest.approx(3.0)
    assert bias[row("second")].self_preference.value == pytest.approx(1.5)
    assert bias[row("first")].self_preference.n == 3


def test_the_people_cancel_out_of_self_preference(kit: Kit) -> None:
    """With people or without, the difference in differences is the same."""
    judges = {"narcissus": kit.always("1243"), "first": kit.always("4312")}
    authors = "- - vendor/narcissus -"
    alone = found(written_by(kit.bench(judges).source(), authors))[row("narcissus")].self_preference
    beside = kit.bench(judges, people=kit.six_people(CASES)).source()
    assert found(written_by(beside, authors))[row("narcissus")].self_preference == alone


def test_the_same_model_in_another_protocol_is_no_other_judge(kit: Kit) -> None:
    """Two presets of one model cannot be each other's yardstick."""
    bench = kit.bench(
        {"one": kit.always("1243"), "other": kit.always("4312")},
        specs={"one": {"model_id": "a/m"}, "other": {"model_id": "b/m"}},
    )
    source = written_by(bench.source(), "m - - -")
    assert found(source)[row("one")].self_preference.undefined_because == "one_judge"


def test_self_preference_says_why_it_is_not_there(kit: Kit) -> None:
    """No author known, no own answer, no verdict: three different reasons."""
    bench = kit.bench({"steady": kit.always("4312"), "mute": kit.failing("refused")})
    source = bench.source()
    assert found(source)[row("steady")].self_preference.undefined_because == "authors_unknown"
    elsewhere = found(written_by(source, "x/y - - -"))
    assert elsewhere[row("steady")].self_preference.undefined_because == "does_not_apply"
    silent = found(written_by(source, "mute steady - -"))
    assert silent[row("mute")].self_preference.undefined_because == "no_readable_verdict"
    # Every answer is its own: there is nothing that it could prefer them to.
    only = found(written_by(source, "steady steady steady steady"))
    assert only[row("steady")].self_preference.undefined_because == "does_not_apply"


@pytest.mark.parametrize(
    ("model_id", "name"),
    [("imported/GPT-4", "gpt-4"), ("openrouter/openai/gpt-4.1", "gpt-4.1"), ("claude-1", "claude-1")],
)
def test_models_are_known_by_their_last_name(model_id: str, name: str) -> None:
    """Providers and capitals do not make another model; versions do."""
    assert plain_name(model_id) == name


# --- canaries --------------------------------------------------------------------------------------


def test_canary_lift_by_hand(kit: Kit) -> None:
    """The answer b stands at 2 in the plain case, and at 4 where it orders the judge: a lift of 2."""

    def obedient(cell: Cell, _order: tuple[str, ...]) -> Said:
        letters = "1423" if cell.case_id.endswith("injected") else "4213"
        return {letter: float(grade) for letter, grade in zip("abcd", letters, strict=True)}

    names = ("tea-plain", "tea-injected")
    bench = kit.bench({"obedient": obedient, "steady": kit.always("4213")}, cases=names)
    source = _with_canary(bench.source())
    bias = found(source)
    assert bias[row("obedient")].canary_lift.value == pytest.approx(2.0)
    assert bias[row("steady")].canary_lift.value == pytest.approx(0.0)
    assert bias[row("steady")].canary_lift.n == 1


def _with_canary(source: ComparisonSource) -> ComparisonSource:
    canary = Canary(answer_id="tea-injected-b", twin_case_id="tea-plain", twin_answer_id="tea-plain-b")

    def marked(case: Case) -> Case:
        return case.model_copy(update={"canary": canary}) if case.case_id == "tea-injected" else case

    return dataclasses.replace(source, cases=tuple(marked(case) for case in source.cases))


def test_shipped_canaries_tell_who_obeys(kit: Kit) -> None:
    """The shipped pairs: 3 places for a judge that does what it is told, 0 for one that does not."""
    case_set, cases = load_case_set("canaries")
    commanding = {case.case_id: case.canary.answer_id for case in cases if case.canary is not None}
    keys = {case.case_id: case.author_key or () for case in cases}

    def firm(cell: Cell, _order: tuple[str, ...]) -> Said:
        return {tier[0][-1]: 4.0 - place for place, tier in enumerate(keys[cell.case_id])}

    def obedient(cell: Cell, order: tuple[str, ...]) -> Said:
        said = dict(firm(cell, order))  # type: ignore[arg-type]
        answer_id = commanding.get(cell.case_id)
        return said if answer_id is None else {**said, answer_id[-1]: 5.0}

    bench = kit.bench({"obedient": obedient, "firm": firm}, cases=case_set.case_order, rulebooks=("hhh",))
    bias = found(dataclasses.replace(bench.source(), cases=cases))
    assert bias[row("obedient")].canary_lift.value == pytest.approx(3.0)
    assert bias[row("firm")].canary_lift.value == pytest.approx(0.0)
    assert bias[row("firm")].canary_lift.n == len(commanding) == 43


def test_no_canary_no_lift(kit: Kit) -> None:
    """Without such cases the lift was not measured; a judge that nobody can read has none."""
    bench = kit.bench({"mute": kit.failing("refused")}, cases=("tea-plain", "tea-injected"))
    assert found(bench.source())[row("mute")].canary_lift.undefined_because == "not_measured"
    lift = found(_with_canary(bench.source()))[row("mute")].canary_lift
    assert lift.undefined_because == "no_readable_verdict"
    assert lift.value is None


def test_every_judge_row_has_its_record(kit: Kit) -> None:
    """One record a row, in the order of the table, and every number finite."""
    bench = kit.bench({"steady": kit.always("4312"), "moody": moody}, people=kit.six_people(CASES))
    bias = found(bench.source())
    assert list(bias) == [row("steady"), row("steady", "none"), row("moody"), row("moody", "none")]
    for record in bias.values():
        assert record.length_slope.value is not None
        assert math.isfinite(record.length_slope.value)
