"""What each rule does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from harness.cli.joint import compare_folder
from harness.compare import compare_verdicts, to_frame
from harness.compare.source import build_layout
from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.judge.scripted import ScriptedJudge, read_request
from harness.load.content import load_experiment, load_rulebook
from harness.run.extend import ablated_experiment
from harness.run.session import record_run
from harness.schema import Cell, Comparison, Completion, JudgeSpec, Recorder, Request, RuleEffect
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Reply
    from tests.conftest import Bench

VARIANTS = ("hhh", "hhh.without-1", "hhh.without-2", "none")
SIX = ("one", "two", "three", "four", "five", "six")


def effects(comparison: Comparison) -> dict[int, RuleEffect]:
    """Effects by rule of a comparison with one judge and one rulebook that was ablated."""
    return {effect.rule: effect for effect in comparison.rule_effects}


def obeys_rule_2(kit: Kit) -> Reply:
    """A judge that turns its ranking round where rule 2 stands."""

    def reply(cell: Cell, _order: object) -> Mapping[str, float]:
        has_rule = cell.rulebook_id in ("hhh", "hhh.without-1")
        return kit.by_letter("4321" if has_rule else "1234")

    return reply


def test_the_rule_that_is_obeyed_is_found(kit: Kit) -> None:
    """Without the rule the ranking turns round, and only there: gap 2, the smallest p, towards the people."""
    people = kit.six_people(SIX)
    bench = kit.bench({"one": obeys_rule_2(kit)}, cases=SIX, rulebooks=VARIANTS, people=people)
    found = effects(compare_verdicts(bench.source(), n_shuffles=499))
    assert sorted(found) == [1, 2]
    # both sides consistent (1 + 1) / 2, between them -1
    assert (found[2].gap.value, found[1].gap.value) == (2, 0)
    assert found[2].test is not None
    assert found[1].test is not None
    assert (found[2].test.p, found[1].test.p) == (1 / 500, 1)
    assert (found[2].holm_p, found[1].holm_p) == (2 / 500, 1)
    assert found[2].test.shuffled_within == "case and presentation"
    # people of case H prefer a to d: 4321 agrees with them by +x, 1234 by -x
    agreement = compare_verdicts(bench.source(), n_shuffles=0).rows[0].tau_people.value
    assert agreement is not None
    assert agreement > 0
    assert found[2].towards_people.value == pytest.approx(2 * agreement)
    assert found[1].towards_people.value == 0


def test_variants_enter_nothing_else(kit: Kit) -> None:
    """Rows, shares, moves and facts are those of the same run without variants."""
    judges = {"one": obeys_rule_2(kit), "two": kit.by_slot("4321")}
    with_variants = compare_verdicts(kit.bench(judges, cases=SIX, rulebooks=VARIANTS).source(), n_shuffles=99)
    without = compare_verdicts(
        kit.bench(judges, cases=SIX, rulebooks=("hhh", "none")).source(), n_shuffles=99
    )
    for name in ("rows", "components", "moves", "factors", "rulebooks", "reference", "cases"):
        assert getattr(with_variants, name) == getattr(without, name)
    assert set(to_frame(with_variants)["rulebook_id"].dropna()) == {"hhh", "none"}
    assert with_variants.n_verdicts == 2 * without.n_verdicts
    assert without.rule_effects == ()


def test_a_slot_only_judge_shows_no_rule(kit: Kit) -> None:
    """A judge that looks at slots only has gap 0 and p = 1 for every rule."""
    bench = kit.bench({"one": kit.by_slot("4321")}, cases=SIX, rulebooks=VARIANTS)
    for effect in compare_verdicts(bench.source(), n_shuffles=99).rule_effects:
        assert effect.test is not None
        assert (effect.gap.value, effect.test.p, effect.holm_p) == (0, 1, 1)
        assert effect.towards_people.undefined_because == "no_people"


def test_each_judge_rulebook_wording_and_language_is_a_family(kit: Kit) -> None:
    """Holm corrects over the rules of one judge and rulebook in one wording and language, no further."""
    judges = {"one": obeys_rule_2(kit), "two": obeys_rule_2(kit)}
    bench = kit.bench(judges, cases=SIX, rulebooks=VARIANTS, languages=("fr", "en"))
    found = compare_verdicts(bench.source(), n_shuffles=199).rule_effects
    assert len(found) == 2 * 2 * 2
    assert {effect.holm_p for effect in found if effect.rule == 2} == {2 / 200}


def test_what_is_missing_is_said(kit: Kit) -> None:
    """A side that cannot be read, one verdict only, no tests wanted, no whole rulebook: words or nothing."""

    def deaf(cell: Cell, _order: object) -> Mapping[str, float] | str:
        return "unparsable" if cell.rulebook_id == "hhh.without-1" else kit.by_letter("4321")

    bench = kit.bench({"one": deaf}, rulebooks=VARIANTS, people=kit.six_people(("one",)))
    found = effects(compare_verdicts(bench.source(), n_shuffles=99))
    assert found[1].gap.undefined_because == "no_readable_verdict"
    assert found[1].towards_people.undefined_because == "no_readable_verdict"
    assert (found[1].test, found[1].holm_p) == (None, None)
    assert found[2].gap.value == 0
    once = kit.bench({"one": kit.always("4321")}, rulebooks=VARIANTS, repeats=1)
    found = effects(compare_verdicts(once.source(), n_shuffles=0))
    assert found[1].gap.undefined_because == "too_few_runs"
    assert found[1].test is None
    alone = kit.bench({"one": kit.always("4321")}, rulebooks=("hhh.without-1", "none"))
    assert compare_verdicts(alone.source(), n_shuffles=0).rule_effects == ()


def test_planned_variants_that_were_never_asked_are_counted_as_planned(kit: Kit) -> None:
    """With the rulebook at hand, the layout knows which variants a part that ablates asks for."""
    source = kit.bench({"one": kit.always("4321")}, rulebooks=("hhh", "hhh.without-1")).source()
    (part,) = source.manifest.experiment.parts
    asked = part.model_copy(update={"rulebooks": ("hhh",), "ablate_rules": True, "repeats": 6})
    experiment = source.manifest.experiment.model_copy(update={"parts": (asked,)})
    manifest = source.manifest.model_copy(update={"experiment": experiment})
    layout = build_layout(replace(source, manifest=manifest, rulebooks=(load_rulebook("hhh"),)))
    (line,) = layout.ablated
    assert line.cases[0].planned == tuple(range(6))
    assert layout.rulebook_ids == ("hhh",)


# --- from the command line's side: plan, ask, record, compare -------------------------------------


class _Obedient:
    """Grades the shortest answer best where the prompt has the rule of this number, else the longest."""

    def __init__(self, spec: JudgeSpec, rule: int) -> None:
        self.spec = spec
        self._rule = rule
        self._inner = ScriptedJudge(spec)

    async def complete(self, request: Request) -> Completion:
        completion = await self._inner.complete(request)
        if not re.search(rf"^{self._rule}\. ", request.messages[0].content, re.MULTILINE):
            return completion
        shown = read_request(request)
        told = json.loads(completion.text)
        for slot in shown.texts:
            told[slot] = shown.n_grades + 1 - told[slot]
        told["best"], told["worst"] = told["worst"], told["best"]
        return completion.model_copy(update={"text": json.dumps(told)})

    def runtime(self) -> dict[str, JsonValue]:
        return {}

    async def aclose(self) -> None:
        return None


class _Silent:
    """No progress."""

    def started(self, n_calls: dict[str, int]) -> None: ...

    def ended(self, judge_id: str, ended: object, *, recorded: bool, call: object = None) -> None: ...

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None: ...


def test_a_judge_that_obeys_one_rule_end_to_end(bench: Bench) -> None:
    """Planned, asked, recorded, read and compared: rule 3 of `hhh` is found, the other rules are not."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    for name in ("attic", "baker", "cellar", "diner"):
        bench.write_case(name, ("Yes.", "That is a longer reply.", "This reply is by far the longest."))
    set_file = bench.root / "cases/mini/set.yaml"
    set_file.write_text(
        set_file.read_text().replace("[doctor, garden]", "[doctor, garden, attic, baker, cellar, diner]")
    )
    folder = RunFolder(Path("run"))

    def live(spec: JudgeSpec, recorder: Recorder) -> Judge:
        return RecordingJudge(_Obedient(spec, rule=3), recorder)

    experiment = ablated_experiment(load_experiment("mini"))
    asyncio.run(record_run(experiment, folder, live, _Silent(), asyncio.Event()))
    found = effects(compare_folder(folder))
    assert sorted(found) == [rule.number for rule in load_rulebook("hhh").rules]
    assert found[3].gap.value == pytest.approx(2)
    assert found[3].holm_p is not None
    assert found[3].holm_p < 0.01
    assert all(effect.gap.value == 0 and effect.holm_p == 1 for rule, effect in found.items() if rule != 3)
