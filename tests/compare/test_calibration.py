"""Which judge to choose: what the choice rests on, what it promises, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.compare import ComparisonSource, calibration
from harness.compare.calibration import CalibrationAsked, calibrate
from harness.errors import HarnessError
from harness.schema import Case, Cell, FailedVerdict

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = tuple(f"case-{number}" for number in range(8))


def told_apart(source: ComparisonSource, texts: Mapping[str, str] | None = None) -> ComparisonSource:
    """The same run with other words in every case."""
    return replace(
        source, cases=tuple(_with_words(case, (texts or {}).get(case.case_id)) for case in source.cases)
    )


def _with_words(case: Case, word: str | None) -> Case:
    said = word or case.case_id
    answers = tuple(
        answer.model_copy(
            update={"text": {name: f"{said} {answer.answer_id} {text}" for name, text in answer.text.items()}}
        )
        for answer in case.answers
    )
    return case.model_copy(update={"message": {"fr": said, "en": said}, "answers": answers})


def run(kit: Kit) -> ComparisonSource:
    """Two judges and a person who says 4321: `good` agrees in seven of eight cases, `bad` never."""

    def good(cell: Cell, _order: tuple[str, ...]) -> Mapping[str, float]:
        return kit.by_letter("1234" if cell.case_id == CASES[0] else "4321")

    bench = kit.bench(
        judges={"bad": kit.always("1234"), "good": good},
        cases=CASES,
        rulebooks=("hhh",),
        people=kit.votes("someone", dict.fromkeys(CASES, "4321")),
    )
    return told_apart(bench.source())


def test_the_better_judge_is_chosen_and_its_worth_told(kit: Kit) -> None:
    """By hand: `good` has tau (7 - 1) / 8 and wins without any one case, so choosing embellishes nothing."""
    found = calibrate([run(kit)], CalibrationAsked(most_judges=1))
    (choosing,) = found.choosing
    assert choosing.chosen == "good:hhh:base:fr"
    assert choosing.naive.value == pytest.approx(0.75)
    assert choosing.honest.value == pytest.approx(0.75)
    assert choosing.optimism.value == 0
    assert found.without_choosing.value == pytest.approx(-0.125)
    assert [(one.setting.judge_ids, one.n_chosen) for one in found.candidates] == [
        (("good",), 8),
        (("bad",), 0),
    ]
    assert found.n_groups == found.n_blocks == 8


def test_panels_are_settings_too(kit: Kit) -> None:
    """Two judges make three settings; their panel ties everything they contradict each other on."""
    found = calibrate([run(kit)], CalibrationAsked(most_judges=2))
    assert [one.n_settings for one in found.choosing] == [2, 3]
    panel = next(one for one in found.candidates if len(one.setting.judge_ids) == 2)
    # Alike in case 0 (tau -1); elsewhere all tied: tau_x of a tied order with a strict one is 0.
    assert panel.tau_people.value == pytest.approx(-1 / 8)
    assert panel.setting.verdicts_per_case == 8


def test_cases_on_one_text_are_left_out_together(kit: Kit) -> None:
    """Cases that share their words stand in one group."""
    source = told_apart(run(kit), dict.fromkeys(CASES[:4], "the same"))
    cases = tuple(
        case.model_copy(update={"message": {"fr": "the same"}}) if case.case_id in CASES[:4] else case
        for case in source.cases
    )
    found = calibrate([replace(source, cases=cases)], CalibrationAsked())
    assert (found.n_cases, found.n_groups) == (8, 5)


def test_a_judge_that_nobody_can_read_is_no_candidate(kit: Kit) -> None:
    """Too few readable verdicts: named, with their number; fewer are enough when that is asked for."""

    def half(cell: Cell, _order: tuple[str, ...]) -> Mapping[str, float] | str:
        return "unparsable" if cell.case_id in CASES[:4] else kit.by_letter("4321")

    bench = kit.bench(
        judges={"good": kit.always("4321"), "half": half},
        cases=CASES,
        rulebooks=("hhh",),
        people=kit.votes("someone", dict.fromkeys(CASES, "4321")),
    )
    source = told_apart(bench.source())
    assert isinstance(source.verdicts[-32], FailedVerdict)
    found = calibrate([source], CalibrationAsked())
    assert [(one.setting.judge_ids, one.n_ranked) for one in found.left_out] == [(("half",), 4)]
    assert found.choosing[-1].n_settings == 1
    assert found.lead is None
    assert calibrate([source], CalibrationAsked(least_coverage=0.5)).left_out == ()


def test_several_runs_are_chosen_among_together(kit: Kit) -> None:
    """The same judge in two runs is two settings, told apart by the run."""
    first = run(kit)
    manifest = first.manifest.model_copy(update={"run_id": "later"})
    found = calibrate([first, replace(first, manifest=manifest)], CalibrationAsked(most_judges=1))
    assert found.choosing[0].n_settings == 4
    assert {one.setting.run_ids for one in found.candidates} == {("bench",), ("later",)}


def test_the_people_s_rulebook_is_chosen_under(kit: Kit) -> None:
    """Judges under other rules than the people's take part only when asked for by name."""
    source = run(kit)
    both = kit.bench(
        judges={"good": kit.always("4321")}, cases=CASES, rulebooks=("hhh", "none"), people=source.people
    )
    apart = told_apart(both.source())
    own = calibrate([apart], CalibrationAsked())
    other = calibrate([apart], CalibrationAsked(rulebook_id="none"))
    assert {one.setting.rulebook_id for one in own.candidates} == {"hhh"}
    assert {one.setting.rulebook_id for one in other.candidates} == {"none"}


def test_what_cannot_be_chosen_is_refused_in_words(kit: Kit) -> None:
    """Nobody's grades, other texts, an unknown rulebook, too few cases or texts: each says what to do."""
    source = run(kit)
    with pytest.raises(HarnessError, match="--people"):
        calibrate([replace(source, people=())], CalibrationAsked())
    with pytest.raises(HarnessError, match="other words"):
        calibrate([source, told_apart(source, {CASES[2]: "else"})], CalibrationAsked())
    with pytest.raises(HarnessError, match=r"hhh \(fr\)"):
        calibrate([source], CalibrationAsked(rulebook_id="nowhere"))
    with pytest.raises(HarnessError, match="1 texts"):
        calibrate(
            [
                kit.bench(
                    judges={"a": kit.always("4321")}, people=kit.six_people(("one", "two", "three"))
                ).source()
            ],
            CalibrationAsked(),
        )
    with pytest.raises(HarnessError, match="choosing needs 3"):
        calibrate([replace(source, people=source.people[:2])], CalibrationAsked())


def test_more_settings_than_cases_could_tell_apart_are_refused(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many panels are counted before anything is computed, and the way out is named."""
    monkeypatch.setattr(calibration, "MAX_SETTINGS", 2)
    assert calibrate([run(kit)], CalibrationAsked(most_judges=1)).choosing[0].n_settings == 2
    with pytest.raises(HarnessError, match=r"3 settings are more than 2.*--max-panel"):
        calibrate([run(kit)], CalibrationAsked(most_judges=2))


def test_the_same_runs_give_the_same_choice(kit: Kit) -> None:
    """Blocks and shuffles come from the experiment's seed."""
    assert calibrate([run(kit)], CalibrationAsked()) == calibrate([run(kit)], CalibrationAsked())
