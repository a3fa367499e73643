"""Figures of a lesson: what each says, and that nothing is drawn before its phase."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from harness.classroom.said import Said
from harness.classroom.scenes import Drawn, figure, my_figure, other_employer
from harness.report.classroom.sheet import BIG, SMALL, Sheet
from harness.report.classroom.whole_screens import map_figure
from harness.report.figures.figure import Figure
from harness.schema import OpinionMap
from harness.schema.class_pictures import MapPicture
from harness.schema.panels import MapPoint
from tests.classroom.wall.conftest import CASES, LessonOf

SCREENS: tuple[Drawn, ...] = get_args(Drawn)


def test_the_nearest_judge_is_named_in_the_title(lesson_of: LessonOf) -> None:
    """Whose order the class shares is said in the title, and all judges stand in the table, nearest first."""
    found = figure(lesson_of(phase="judges"), "judges", "screens")
    assert "Près juge le plus comme nous" in found.title
    assert [row[0] for row in found.table.rows] == ["La classe", "Près", "Loin", "Muet"]
    assert "aucun verdict lisible" in found.table.rows[3][1]


def test_a_judge_that_turns_round_under_another_employer_is_counted(lesson_of: LessonOf) -> None:
    """One of the two readable judges has another order under the other rulebook."""
    found = figure(lesson_of(phase="employer"), "employer", "screens")
    assert "1 sur 2 juges" in found.title.replace("\u00a0", " ")


def test_the_heat_map_says_where_judges_part(lesson_of: LessonOf) -> None:
    """The title gives both ends of the agreement on the case where judges are farthest apart."""
    found = figure(lesson_of(phase="judges"), "heat", "screens")
    assert "se séparent le plus" in found.title
    assert len(found.table.rows) == 4
    assert len(found.table.heads) == 1 + len(CASES) + 3


def test_steady_judges_agree_with_themselves(lesson_of: LessonOf) -> None:
    """A judge that says the same twice has 1.0 with itself; one that cannot be read says so in words."""
    rows = {row[0]: row for row in figure(lesson_of(phase="judges"), "stability", "screens").table.rows}
    assert rows["Près"][len(CASES) + 1] == "1,00"
    assert rows["Muet"][len(CASES) + 1] == "trop peu de répétitions"


def _words(found: Figure) -> str:
    return " ".join([found.title, found.svg or "", *(cell for row in found.table.rows for cell in row)])


@pytest.mark.parametrize("phase", ["open", "locked"])
@pytest.mark.parametrize("screen", SCREENS)
def test_before_its_phase_a_figure_holds_nothing_of_the_class_or_the_judges(
    lesson_of: LessonOf, screen: Drawn, phase: str
) -> None:
    """While grades are taken, no screen gives a count, an order or a judge away, whatever it is asked."""
    said = _words(figure(lesson_of(phase=phase), screen, "screens"))
    assert not re.search(r"Près|Loin|Muet", said)
    assert not re.search(r"[A-D]\s?[>=]", said)
    assert "12" not in re.sub(r"<[^>]*>", " ", said)


@pytest.mark.parametrize("screen", SCREENS)
def test_before_the_second_vote_ends_no_judge_is_shown(lesson_of: LessonOf, screen: Drawn) -> None:
    """The class has seen its own grades by then, and nothing of the judges or of what talking changed."""
    found = figure(lesson_of(phase="second"), screen, "screens")
    assert not re.search(r"Près|Loin|Muet", _words(found))
    if screen == "moved":
        assert "Trop peu d’élèves ont voté deux fois" in found.title


@pytest.mark.parametrize(("n", "shown"), [(1, False), (4, False), (5, True)])
def test_what_talking_changed_in_few_is_not_shown(lesson_of: LessonOf, n: int, shown: bool) -> None:
    """Many voted, but only a few of them twice: what those few changed is in no drawing, table or title."""
    lesson = lesson_of(phase="judges")
    twice = {f"pupil-{number}" for number in range(n)}
    kept = [
        one for one in lesson.said.verdicts(CASES) if one.cell.phase == 1 or one.cell.annotator_id in twice
    ]
    alone = [
        one.model_copy(update={"cell": one.cell.model_copy(update={"annotator_id": f"late-{place}"})})
        for place, one in enumerate(lesson.said.verdicts(CASES))
        if one.cell.phase == 2 and one.cell.annotator_id not in twice
    ]
    said = Said(
        lesson.content,
        lesson.session.settings.rulebooks,
        lambda case_id: [one for one in (*kept, *alone) if one.cell.case_id == case_id],
    )
    found = figure(replace(lesson, said=said), "moved", CASES[0])
    assert (found.svg is not None) == shown
    digits = [cell for row in found.table.rows for cell in row[1:] if any(sign.isdigit() for sign in cell)]
    assert bool(digits) == shown
    assert shown or str(n) in found.title


@pytest.mark.parametrize(("n", "drawn"), [(7, False), (8, True)])
def test_a_map_is_drawn_from_eight_points_up(lesson_of: LessonOf, n: int, drawn: bool) -> None:
    """Seven pupils and judges are a list from nearest to farthest; eight a map, beside noise."""
    points = tuple(MapPoint(kind="person", title="", x=float(number), y=0.0) for number in range(n))
    found = OpinionMap(points=points, n_cases=6, inertia=0.7, null_inertia=0.4, stability=0.9, shown=True)
    shown = map_figure(MapPicture(n=n, plane=found), lesson_of(phase="judges").showing(BIG))
    assert ((shown.svg or "").count("<circle") >= n) == drawn
    words = shown.caption + " ".join(cell for row in shown.table.rows for cell in row)
    assert {"30", "60"} <= set(re.findall(r"\d+", words)) or not drawn


def test_judges_of_a_case_not_judged_yet_are_in_no_figure_of_the_whole_session(lesson_of: LessonOf) -> None:
    """Only cases whose judges were revealed are columns of the heat map."""
    lesson = lesson_of(phase="open", phases={**dict.fromkeys(CASES, "open"), "screens": "judges"})
    found = figure(lesson, "heat", "screens")
    assert [head for head in found.table.heads if head.startswith("2.")]
    assert not [head for head in found.table.heads if head.startswith("1.")]


def test_the_other_half_s_employer_is_not_shown_before_the_debrief(lesson_of: LessonOf) -> None:
    """With a hidden split the screen of another employer takes a third one, until the class knows."""
    hidden = lesson_of(phase="employer", rulebooks=("hhh", "helpful-first"))
    assert other_employer(hidden) is None
    told = lesson_of(phase="employer", rulebooks=("hhh", "helpful-first"), debriefed=True)
    assert other_employer(told) == "helpful-first"


def test_halves_are_shown_after_the_debrief_only(lesson_of: LessonOf) -> None:
    """Two rows of bars per answer once the class knows of both employers, none before."""
    split = {"rulebooks": ("hhh", "caution-first"), "phase": "done"}
    before = figure(lesson_of(**split), "split", "screens")
    after = figure(lesson_of(**split, debriefed=True, stage="debrief"), "split", "screens")
    assert all(row[-1] == "0" for row in before.table.rows)
    assert [row[-1] for row in after.table.rows] == ["6"] * 8
    never_shown = lesson_of(**{**split, "phase": "locked"}, debriefed=True, stage="debrief")
    assert [row[-1] for row in figure(never_shown, "split", "screens").table.rows] == ["6"] * 8


def test_a_pupil_s_own_order_names_the_closest_judge(lesson_of: LessonOf) -> None:
    """A pupil who orders as one judge does reads its name; before the judges' phase, no judge at all."""
    found = my_figure(lesson_of(phase="judges"), "pupil-1", "screens")
    assert found.title.startswith("Le juge le plus proche de vous")
    assert "Près (accord 1,00)" in found.title
    early = my_figure(lesson_of(phase="class"), "pupil-1", "screens")
    assert [row[0] for row in early.table.rows] == ["Moi", "La classe"]


def test_a_pupil_without_grades_is_told_so(lesson_of: LessonOf) -> None:
    """Nobody's order is made up for a pupil who graded nothing."""
    found = my_figure(lesson_of(phase="judges"), "somebody-else", "screens")
    assert found.title == "Vous n’avez pas noté ce cas"


def test_too_few_pupils_are_told_in_words(lesson_of: LessonOf) -> None:
    """Fewer than five pupils: no bar and no consensus of the class, on any sheet."""
    for sheet in (BIG, SMALL):
        found = figure(lesson_of(n=4), "grades", "screens", sheet)
        assert found.title == "Personne n’a encore noté ce cas"
    assert "Trop peu" in figure(lesson_of(n=4), "agreement", "screens").title


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("sheet", [BIG, SMALL])
def test_drawings_obey_the_content_policy_and_hostile_names(
    lesson_of: LessonOf, screen: Drawn, sheet: Sheet
) -> None:
    """No style, script or link in a drawing, and a judge's name is text wherever it stands."""
    names = {"near": "<script>alert(1)</script>", "far": '"><img src=x onerror=y>', "mute": "M"}
    found = figure(
        lesson_of(phase="employer", names=names), screen, "screens", BIG if sheet is BIG else SMALL
    )
    assert "<script" not in (found.svg or "")
    assert "<img" not in (found.svg or "")
    assert not re.search(r'\s(style|on\w+|href)="', found.svg or "")
