"""The noise ladder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.crowd import build_crowd
from harness.compare.ladder import noise_ladder
from harness.compare.source import build_layout
from harness.schema import Case, Cell, PairReading, Presentation, RankedVerdict, Rung, Verdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

TURNED = {"4321": "1234", "1234": "4321"}
JUDGES = ("Falcon", "ChatGPT", "GPT-4", "PaLM2")


def ladder_of(source: ComparisonSource) -> dict[tuple[str, str | None, str | None], Rung]:
    """Rungs by what differs, protocol and judge."""
    layout = build_layout(source)
    rungs = noise_ladder(layout, build_crowd(source.people, layout.cases))
    return {(rung.differs_in, rung.protocol, rung.judge_id): rung for rung in rungs}


def with_verdicts(source: ComparisonSource, verdicts: Sequence[Verdict]) -> ComparisonSource:
    """The same run with other verdicts."""
    return ComparisonSource(
        manifest=source.manifest,
        cases=source.cases,
        verdicts=tuple(verdicts),
        store_sha256=source.store_sha256,
        people=source.people,
    )


def test_each_rung_by_hand(kit: Kit) -> None:
    """A judge that turns its ranking round for one thing shows it on that rung and on no other."""
    turns = {"rulebook_id": "none", "wording": "paraphrase", "language": "en"}
    for turning, differs_in in zip(turns, ("rulebook", "paraphrase", "language"), strict=True):

        def reply(cell: Cell, _order: object, turning: str = turning) -> Mapping[str, float]:
            return kit.by_letter("1234" if getattr(cell, turning) == turns[turning] else "4321")

        bench = kit.bench({"one": reply}, wordings=("base", "paraphrase"), languages=("fr", "en"))
        found = ladder_of(bench.source())
        for rung in ("order", "rulebook", "paraphrase", "language"):
            whole = found[rung, "listwise", None]
            agreement = -1 if rung == differs_in else 1
            assert (whole.agreement.value, whole.changed.value) == (agreement, float(rung == differs_in))
            assert whole.agreement.n == 3


def test_exactly_one_thing_differs(kit: Kit) -> None:
    """Numbers of pairs are those of the design: everything else is the same on every rung."""
    bench = kit.bench(
        {"one": kit.always("4321"), "two": kit.always("4321")},
        rulebooks=("hhh", "none", "placebo"),
        wordings=("base", "paraphrase"),
        languages=("fr", "en"),
    )
    found = ladder_of(bench.source())
    cells = 3 * 2 * 2 * 4  # cases, wordings, languages, orders
    n_pairs = {key[0]: rung.n_verdict_pairs for key, rung in found.items() if key[2] is None}
    assert n_pairs == {
        "order": 3 * 2 * 3 * 2 * 2 * 6,  # cases, judges, rulebooks, wordings, languages; 4 orders: 6 pairs
        "paraphrase": 3 * 2 * 3 * 2 * 4,
        "language": 3 * 2 * 3 * 2 * 4,
        "rulebook": cells * 2 * 3,
        "judge": cells * 3,
    }
    assert found["judge", "listwise", "one"].n_verdict_pairs == cells * 3
    assert found["rulebook", "listwise", "one"].n_verdict_pairs == cells * 3


def test_the_same_presentation_again_is_the_rung_of_nothing(kit: Kit) -> None:
    """Repeats in the same order and slots compare as `nothing`; in other slot names as `labels`."""
    bench = kit.bench({"one": kit.always("4321")}, cases=("one",), rulebooks=("hhh",), repeats=2)
    source = bench.source()
    first, second = (verdict for verdict in source.verdicts if isinstance(verdict, RankedVerdict))
    again = second.model_copy(update={"presentation": first.presentation, "grades": _tied(second)})
    found = ladder_of(with_verdicts(source, (first, again)))
    assert list(found) == [("nothing", "listwise", None), ("nothing", "listwise", "one")]
    assert found["nothing", "listwise", None].agreement.value == 0
    assert found["nothing", "listwise", None].changed.value == 1
    assert first.presentation is not None
    other = Presentation(order=first.presentation.order, slots=("1", "2", "3", "4"))
    found = ladder_of(with_verdicts(source, (first, again.model_copy(update={"presentation": other}))))
    assert list(found) == [("labels", "listwise", None), ("labels", "listwise", "one")]


def _tied(verdict: RankedVerdict) -> dict[str, float]:
    return dict.fromkeys(verdict.grades, 2.0)


def test_an_unknown_presentation_stands_on_no_rung(kit: Kit) -> None:
    """Where nobody knows in which order answers were shown, more than one thing may differ."""
    source = kit.bench({"one": kit.always("4321"), "two": kit.always("1234")}).source()
    blind = [verdict.model_copy(update={"presentation": None}) for verdict in source.verdicts]
    assert ladder_of(with_verdicts(source, blind)) == {}


def test_failed_verdicts_are_no_verdicts(kit: Kit) -> None:
    """A judge that nobody can read is compared with nobody, and the other keeps its rungs."""
    source = kit.bench({"one": kit.always("4321"), "two": kit.failing("unparsable")}).source()
    found = ladder_of(source)
    assert {judge for _, _, judge in found} == {None, "one"}
    assert {rung for rung, _, _ in found} == {"order", "rulebook"}


def test_a_rule_is_compared_with_the_whole_rulebook_only(kit: Kit) -> None:
    """The rung of rules pairs a rulebook with itself less one rule, never two that each lack another."""

    def reply(cell: Cell, _order: object) -> Mapping[str, float]:
        return kit.by_letter("1234" if cell.rulebook_id == "hhh.without-2" else "4321")

    bench = kit.bench({"one": reply}, rulebooks=("hhh", "hhh.without-1", "hhh.without-2", "none"))
    found = ladder_of(bench.source())
    rule = found["rule", "listwise", None]
    assert (rule.n_verdict_pairs, rule.agreement.value, rule.changed.value) == (2 * 3 * 4, 0, 0.5)
    # whole rulebooks only: hhh and none
    assert found["rulebook", "listwise", None].n_verdict_pairs == 3 * 4
    assert found["rulebook", "listwise", None].agreement.value == 1


def pairwise(verdict: Verdict, wins: tuple[float, float]) -> RankedVerdict:
    """A pairwise verdict whose six pairs all have these two probabilities."""
    assert isinstance(verdict, RankedVerdict)
    names = sorted(verdict.grades)
    pairs = [
        PairReading(first=first, second=second, p_first_shown_first=wins[0], p_first_shown_second=wins[1])
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]
    return verdict.model_copy(update={"pairs": tuple(pairs), "presentation": None})


@pytest.mark.parametrize(
    ("wins", "agreement", "changed"),
    [((1.0, 0.0), -1, 1), ((1.0, 0.5), 0, 1), ((0.9, 0.6), 1, 0), ((0.5, 0.5), 1, 0)],
)
def test_a_pairwise_verdict_holds_both_orders(
    kit: Kit, wins: tuple[float, float], agreement: int, changed: int
) -> None:
    """Its order rung compares the two readings of each pair; repeats differ in the names of the slots."""
    bench = kit.bench({"one": kit.always("4321")}, repeats=3, specs={"one": {"protocol": "pairwise"}})
    source = bench.source()
    verdicts = [pairwise(verdict, wins) for verdict in source.verdicts]
    found = ladder_of(with_verdicts(source, verdicts))
    order = found["order", "pairwise", "one"]
    assert (order.agreement.value, order.changed.value) == (agreement, changed)
    assert order.n_verdict_pairs == len(verdicts)
    assert found["labels", "pairwise", None].n_verdict_pairs == 3 * 2 * 3
    assert found["labels", "pairwise", None].agreement.value == 1
    assert ("nothing", "pairwise", None) not in found


def test_one_llm_in_two_protocols_is_a_rung(kit: Kit) -> None:
    """Judges that share LLM and settings are compared across protocols, others are not."""
    specs: dict[str, dict[str, object]] = {
        "list": {"model_id": "vendor/m"},
        "pairs": {"model_id": "vendor/m", "protocol": "pairwise"},
        "other": {"model_id": "vendor/else", "protocol": "pairwise"},
    }
    judges = {"list": kit.always("4321"), "pairs": kit.always("1234"), "other": kit.always("4321")}
    found = ladder_of(kit.bench(judges, specs=specs, repeats=2).source())
    rung = found["protocol", None, "list"]
    # cases, rulebooks, two verdicts each way
    assert (rung.n_verdict_pairs, rung.agreement.value) == (3 * 2 * 2 * 2, -1)
    hotter: dict[str, dict[str, object]] = {
        **specs,
        "pairs": {**specs["pairs"], "sampling": {"temperature": 1.0}},
    }
    assert not any(key[0] == "protocol" for key in ladder_of(kit.bench(judges, specs=hotter).source()))


def test_two_people_agree_as_the_reference_says(kit: Kit) -> None:
    """The rung of two people is the reference's human_human, and a retest is the same person again."""
    cases = ("one", "two", "three")
    people = [*kit.six_people(cases), *kit.votes("person-1", {"one": "1234"}, repeat=1)]
    bench = kit.bench({"one": kit.always("4321")}, cases=cases, people=people)
    found = compare_verdicts(bench.source(), n_shuffles=0)
    rungs = {(rung.differs_in, rung.protocol): rung for rung in found.ladder}
    person = rungs["person", None]
    assert person.agreement.value == found.reference.human_human.value == pytest.approx(0.1)
    assert person.n_verdict_pairs == 3 * 15
    assert person.changed.value == pytest.approx(1 - 0.4222222, abs=1e-7)
    # person-1 said 4321 the first time
    assert (rungs["nothing", None].n_verdict_pairs, rungs["nothing", None].agreement.value) == (1, -1)


def test_two_people_get_words(kit: Kit) -> None:
    """Below three people there is a rung without figures, and a person's own retest keeps its own."""
    people = [*kit.votes("p", {"one": "4321"}), *kit.votes("q", {"one": "4321"})]
    found = ladder_of(kit.bench({"one": kit.always("4321")}, people=people).source())
    assert found["person", None, None].agreement.undefined_because == "too_few_people"


def test_of_anonymous_votes_nobody_is_asked_again(kit: Kit) -> None:
    """Where who voted is unknown, two votes under one name are no retest."""
    people = [*kit.six_people(("one",)), *kit.votes("person-1", {"one": "1234"}, repeat=1)]
    source = kit.bench({"one": kit.always("4321")}, people=people).source()
    layout = build_layout(
        ComparisonSource(source.manifest, source.cases, source.verdicts, "0", (), source.people, (), False)
    )
    rungs = noise_ladder(layout, build_crowd(source.people, layout.cases))
    assert ("nothing", None) not in {(rung.differs_in, rung.protocol) for rung in rungs}


# --- LLMBar --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llmbar(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Give the last results of every judge and prompt over the five subsets, as `<judge>/<prompt>`."""
    folder = shared / "data" / "llmbar" / "Dataset" / "LLMBar"
    if not folder.is_dir():
        pytest.skip("../shared/data/llmbar is not beside this clone")
    found: dict[str, list[dict[str, Any]]] = {}
    for subset in (
        "Natural",
        *(f"Adversarial/{name}" for name in ("Neighbor", "GPTInst", "GPTOut", "Manual")),
    ):
        for judge, prompt in product(JUDGES, ("Vanilla_NoRules", "Vanilla")):
            path = folder / subset / "evaluators" / judge / prompt / "result.json"
            read = json.loads(path.read_text(encoding="utf-8"))
            found.setdefault(f"{judge}/{prompt}", []).extend(entry["results"][-1] for entry in read)
    return found


def llmbar_verdicts(found: Mapping[str, list[dict[str, Any]]]) -> Iterator[RankedVerdict]:
    """Every vote that could be read, one verdict per presentation; `winner` is in the original order."""
    for judge, (prompt, rulebook) in product(JUDGES, (("Vanilla_NoRules", "none"), ("Vanilla", "rules"))):
        for place, told in enumerate(found[f"{judge}/{prompt}"]):
            case_id = f"c{place}"
            names = (f"{case_id}-a", f"{case_id}-b")
            for repeat, swap in enumerate(("swap = False", "swap = True")):
                winner = told[swap]["winner"]
                if winner is None:
                    continue
                cell = Cell(
                    annotator_id=judge.lower(),
                    annotator_kind="judge",
                    case_id=case_id,
                    rulebook_id=rulebook,
                    language="en",
                    protocol="listwise",
                    repeat=repeat,
                )
                order = names if repeat == 0 else names[::-1]
                yield RankedVerdict(
                    cell=cell,
                    grades={names[0]: 3.0 - float(winner), names[1]: float(winner)},
                    presentation=Presentation(order=order, slots=("a", "b")),
                )


@pytest.fixture(scope="module")
def llmbar_ladder(
    llmbar: dict[str, list[dict[str, Any]]],
) -> dict[tuple[str, str | None, str | None], Rung]:
    """Give the ladder of LLMBar: 419 cases of two answers, four judges, two rulebooks, two orders."""
    from tests.compare.conftest import Bench

    case_ids = [f"c{place}" for place in range(419)]
    bench = Bench(
        {judge.lower(): lambda _cell, _order: None for judge in JUDGES},
        cases=case_ids,
        rulebooks=("none", "rules"),
        repeats=2,
        languages=("en",),
        letters="ab",
    )
    cases: tuple[Case, ...] = tuple(bench.case(case_id) for case_id in case_ids)
    verdicts = tuple(llmbar_verdicts(llmbar))
    return ladder_of(ComparisonSource(bench.manifest(), cases, verdicts, "0" * 64))


@pytest.mark.parametrize(("judge", "changed"), [("gpt-4", 0.104), ("chatgpt", 0.088), ("falcon", 0.089)])
def test_published_llmbar_changes_by_adding_the_rules(
    llmbar_ladder: dict[tuple[str, str | None, str | None], Rung], judge: str, changed: float
) -> None:
    """In the same order, adding LLMBar's three rules changes the share of verdicts that was recomputed."""
    found = llmbar_ladder["rulebook", "listwise", judge].changed
    assert found.n == 419
    assert found.value == pytest.approx(changed, abs=0.0006)


def test_published_llmbar_palm2_differs_by_its_unparsed_verdicts(
    llmbar: dict[str, list[dict[str, Any]]],
    llmbar_ladder: dict[tuple[str, str | None, str | None], Rung],
) -> None:
    """.132 counts a verdict that could not be read as changed; verdict with verdict it is .120."""
    rung = llmbar_ladder["rulebook", "listwise", "palm2"]
    assert (rung.n_verdict_pairs, rung.changed.n) == (820, 411)
    assert rung.changed.value == pytest.approx(0.1204, abs=5e-5)
    sides = zip(llmbar["PaLM2/Vanilla_NoRules"], llmbar["PaLM2/Vanilla"], strict=True)
    different = [
        without[swap]["winner"] != with_rules[swap]["winner"]
        for without, with_rules in sides
        for swap in ("swap = False", "swap = True")
    ]
    assert sum(different) / len(different) == pytest.approx(0.132, abs=0.0006)


def test_llmbar_order_and_judge_move_more_than_rules(
    llmbar_ladder: dict[tuple[str, str | None, str | None], Rung],
) -> None:
    """Swapping the judge, the order and the rules move very different shares of the verdicts."""
    changed = {
        rung: llmbar_ladder[rung, "listwise", None].changed.value for rung in ("judge", "order", "rulebook")
    }
    assert changed["judge"] is not None
    assert changed["order"] is not None
    assert changed["rulebook"] is not None
    assert changed["judge"] > 0.3
    assert changed["order"] > 3 * changed["rulebook"]
