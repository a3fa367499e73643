"""The closing section: every figure sourced and dated, both languages, a payslip of the class's work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.classroom.closing import (
    SHIPPED,
    closing_fragment,
    load_closing,
    published_agreement,
    shown_closing,
)
from harness.classroom.payslip import payslip
from harness.classroom.values_part import value_answers
from harness.errors import InputError
from harness.schema import LANGUAGES, Estimate
from harness.schema.classroom import Ballot, Wage

AGREED = Estimate(value=0.71, n=31, unit="people")


def _ballot(pupil: str, seconds: float | None, n: int = 4) -> Ballot:
    grades = {f"c-{letter}": 2 for letter in "abcd"[:n]}
    return Ballot(pupil_id=pupil, case_id="c", grades=grades, seconds=seconds)


def _wage(per_hour: float) -> Wage:
    return Wage(
        wage_id="w", title={"en": "W"}, per_hour=per_hour, currency="USD", source="S", date="2023-01-18"
    )


def test_every_text_stands_in_both_languages_and_every_figure_has_its_source() -> None:
    """The shipped file says everything in French and English; every number has source, address and date."""
    closing = load_closing()
    figures = [figure for part in closing.parts for figure in part.figures]
    texts = [closing.title, *(part.title for part in closing.parts), *(part.text for part in closing.parts)]
    texts += [figure.text for figure in figures] + [wage.title for wage in closing.wages]
    assert all(set(text) == set(LANGUAGES) for text in texts)
    sources = [(one.source, one.date, one.url) for one in figures]
    sources += [(wage.source, wage.date, wage.url) for wage in closing.wages]
    assert all(all(found) for found in sources)


def test_professional_agreement_is_that_of_the_paper() -> None:
    """The two figures that the class is set beside are 72.6 ± 1.5 % and 77.3 ± 1.3 % (Ouyang et al. 2022)."""
    found = [(one.value, one.plus_minus) for one in published_agreement(load_closing())]
    assert found == [(0.726, 0.015), (0.773, 0.013)]


def test_a_payslip_by_hand() -> None:
    """Two pupils, an hour and a half, 10 $ an hour: 15 $ for the class, 7.50 $ each, 8 judgements."""
    slip = payslip([_ballot("a", 3600.0), _ballot("b", 1800.0)], [_wage(10.0)])
    assert (slip.n_judgements, slip.n_pupils, slip.hours) == (8, 2, 1.5)
    assert (slip.lines[0].for_the_class, slip.lines[0].per_pupil) == (15.0, 7.5)


def test_untimed_work_is_counted_and_not_paid_by_guess() -> None:
    """A typed sheet adds judgements and no time; without any time there is no amount."""
    mixed = payslip([_ballot("a", 3600.0), _ballot("b", None, n=3)], [_wage(10.0)])
    assert (mixed.n_judgements, mixed.n_timed, mixed.n_ballots) == (7, 1, 2)
    assert mixed.lines[0].per_pupil == 10.0
    assert payslip([_ballot("b", None)], [_wage(10.0)]).lines[0].for_the_class is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_class_s_own_numbers_stand_beside_the_published_ones(language: str) -> None:
    """Own agreement and payslip are in the section; amounts are written as the language writes them."""
    spoken = LANGUAGES[0] if language == "fr" else LANGUAGES[1]
    closing = load_closing()
    shown = shown_closing(closing, payslip([_ballot("a", 1800.0)], closing.wages), AGREED, spoken)
    html = closing_fragment(shown, spoken).replace("\u00a0", " ").replace("\u202f", " ")
    assert {"fr": "71 %", "en": "71%"}[language] in html
    assert {"fr": "6,25 $", "en": "$6.25"}[language] in html
    assert "Ouyang et al. 2022" in html
    assert {"fr": "rien n’est donc montré", "en": "so none are shown"}[language] in html


def test_too_few_pupils_have_no_agreement_of_their_own() -> None:
    """Where the class is too small, the section says so instead of a number."""
    nobody = Estimate(value=None, n=0, unit="people", undefined_because="too_few_people")
    shown = shown_closing(load_closing(), payslip((), ()), nobody, "en")
    assert "too few pupils" in shown.parts[0].own


def test_a_teacher_s_own_file_is_taken_and_its_mistakes_are_named(tmp_path: Path) -> None:
    """`closing.yaml` in the data folder replaces the shipped one; a figure without a source is refused."""
    assert load_closing(tmp_path) == load_closing()
    own = tmp_path / SHIPPED.name
    own.write_text(SHIPPED.read_text(encoding="utf-8").replace("12.02", "13.5"), encoding="utf-8")
    assert load_closing(tmp_path).wages[-1].per_hour == 13.5
    lines = [
        line for line in own.read_text(encoding="utf-8").splitlines() if "source: TIME, 2023" not in line
    ]
    own.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"closing\.yaml:\d+: .*source"):
        load_closing(tmp_path)


def test_nothing_is_said_of_value_laden_cases_without_recordings(tmp_path: Path) -> None:
    """No folder, an empty one, and one with a run of other cases give no answers of judges."""
    assert value_answers([tmp_path / "missing"], "fr") == ()
    assert value_answers([tmp_path], "fr") == ()


def test_judges_of_one_maker_are_no_lesson_about_companies(tmp_path: Path, root: Path) -> None:
    """Two recorded models of one company are not shown; were one of another's, both cases would be."""
    run = tmp_path / "recorded"
    run.mkdir()
    for name in ("manifest.json", "verdicts.jsonl"):
        shutil.copy(root / "results" / "local-values" / name, run)
    assert value_answers([tmp_path], "en") == ()
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    other = next(
        one for one in manifest["judges"] if one["spec"]["judge_id"] == "qwen2.5-coder-0.5b-pairwise"
    )
    other["spec"]["maker"] = "Somebody else"
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shown = value_answers([tmp_path], "en")
    assert {one.maker for one in shown} == {"Alibaba", "Somebody else"}
    assert len({one.case for one in shown}) == 2
    assert all(one.best and one.date == "2026-11-22" for one in shown)
