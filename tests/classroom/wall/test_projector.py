"""The wall: which pages there are at each moment, and that no page gives away what comes later."""

from __future__ import annotations

import pytest

from harness.classroom.closing import ShownClosing, load_closing, shown_closing
from harness.classroom.payslip import payslip
from harness.classroom.projector import Page, Wall, pages, render_page
from harness.classroom.scenes import Lesson
from harness.compare.classroom import case_picture
from tests.classroom.wall.conftest import CASES, LessonOf

VIEW = {
    "code": "K7QP",
    "n_pupils": 31,
    "progress": {name: {"1": {"n": 30, "n_complete": 27}, "2": {"n": 9, "n_complete": 8}} for name in CASES},
}


def _kinds(lesson: Lesson, n_parts: int = 0) -> list[str]:
    return [page.kind for page in pages(lesson, n_parts)]


def _html(lesson: Lesson, number: int = 0) -> str:
    def closing() -> ShownClosing:
        shown = load_closing()
        agreement = case_picture(lesson.grades("screens")).pairs_agreeing
        return shown_closing(shown, payslip((), shown.wages), agreement, lesson.language)

    wall = Wall(VIEW, "http://192.168.1.5:8000/j/K7QP", lambda url: f"[{url}]", closing)
    return render_page(lesson, wall, number).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("closed", ["rules"]),
        ("open", ["progress", "rules"]),
        ("locked", ["locked"]),
        ("class", ["grades", "agreement"]),
        ("commentary", ["commentary", "grades", "agreement"]),
        ("talk", ["talk"]),
        ("second", ["second"]),
        ("judges", ["judges", "moved", "heat", "stability", "map"]),
        ("employer", ["employer", "judges"]),
    ],
)
def test_each_phase_has_its_pages(lesson_of: LessonOf, phase: str, expected: list[str]) -> None:
    """The wall follows the phase of the case in front, the answer to its question first."""
    assert _kinds(lesson_of(phase=phase)) == expected


def test_while_a_case_is_open_only_progress_is_shown(lesson_of: LessonOf) -> None:
    """With every case open the wall counts who is done with each, and shows no grade."""
    html = _html(lesson_of(phase="open"))
    assert "27/31 ont classé la situation 3" in html
    assert "<svg" not in html


def test_with_one_case_open_its_progress_is_large(lesson_of: LessonOf) -> None:
    """A class that is walked through one case reads one number."""
    html = _html(lesson_of(phases={**dict.fromkeys(CASES, "closed"), "screens": "open"}, case_id="screens"))
    assert "<strong>27/31</strong>" in html
    assert "ont classé la situation 2" in html


def test_a_hidden_split_hides_both_rulebooks(lesson_of: LessonOf) -> None:
    """With two employers in one room the wall shows neither's rules before the debrief."""
    split = ("hhh", "caution-first")
    assert "rules" not in _kinds(lesson_of(phase="closed", rulebooks=split))
    assert "rules" not in _kinds(lesson_of(phase="open", rulebooks=split))
    for phase in ("closed", "open", "class", "judges", "employer"):
        lesson = lesson_of(phase=phase, rulebooks=split)
        assert all("prudence" not in _html(lesson, number) for number in range(len(pages(lesson))))


def test_the_debrief_comes_before_the_halves(lesson_of: LessonOf) -> None:
    """In the debrief the first page says that there were two employers; the bars of each case follow."""
    lesson = lesson_of(phase="done", stage="debrief", debriefed=True, rulebooks=("hhh", "caution-first"))
    assert pages(lesson)[0] == Page("debrief")
    assert [page.case_id for page in pages(lesson)[1:]] == list(CASES)
    html = _html(lesson)
    assert "La prudence d’abord" in html
    assert "6 élèves" in html


@pytest.mark.parametrize("stage", ["debrief", "closing", "ended"])
def test_after_the_cases_the_teacher_still_chooses_what_is_shown(lesson_of: LessonOf, stage: str) -> None:
    """Halves of every case, or a picture of the judges: what was chosen stands instead of the stage."""
    told = {"phase": "done", "stage": stage, "debriefed": True, "rulebooks": ("hhh", "caution-first")}
    assert [page.case_id for page in pages(lesson_of(screen="split", **told))] == list(CASES)
    assert _kinds(lesson_of(screen="heat", **told)) == ["heat"]
    few = lesson_of(n=4, screen="split", **told)
    assert _kinds(few) == ["few"]
    assert "moins de 5" in _html(few)


def test_fewer_than_five_answers_are_a_page_of_words(lesson_of: LessonOf) -> None:
    """Where the class is too small to be shown, the wall says so and draws nothing."""
    lesson = lesson_of(n=4, phase="class")
    assert _kinds(lesson) == ["few"]
    html = _html(lesson)
    assert "moins de 5" in html
    assert "<svg" not in html


def test_the_teacher_s_choice_is_shown_where_the_phase_allows_it(lesson_of: LessonOf) -> None:
    """A chosen screen stands alone; one that would come too early becomes words."""
    assert _kinds(lesson_of(phase="judges", screen="heat")) == ["heat"]
    assert _kinds(lesson_of(phase="open", screen="grades")) == ["few"]


def test_a_page_beyond_the_last_is_the_last(lesson_of: LessonOf) -> None:
    """Whoever leafs too far stays on the last page, and a page before the first is the first."""
    lesson = lesson_of(phase="class")
    assert 'data-page="1"' in _html(lesson, 99)
    assert 'data-page="0"' in _html(lesson, -5)


def test_the_lobby_says_where_to_go(lesson_of: LessonOf) -> None:
    """Address, QR code, code and how many are there stand on the first page of a lesson."""
    html = _html(lesson_of(stage="lobby", phase="closed"))
    for text in ("192.168.1.5:8000", "[http://192.168.1.5:8000/j/K7QP]", "K7QP", "31 personnes sont là"):
        assert text in html


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_closing_section_has_a_page_for_each_part_and_the_payslip(
    lesson_of: LessonOf, language: str
) -> None:
    """Three parts with their sources, then the payslip; where nothing was recorded, the page says so."""
    lesson = lesson_of(stage="closing", phase="done", language=language)
    assert _kinds(lesson, 3) == ["closing", "closing", "closing", "payslip"]
    assert "Ouyang et al. 2022" in _html(lesson, 0)
    assert {"fr": "n’est installé", "en": "are installed"}[language] in _html(lesson, 2)
    assert {"fr": "Votre fiche de paie", "en": "Your payslip"}[language] in _html(lesson, 3)


def test_numbers_and_their_file_stand_behind_every_figure(lesson_of: LessonOf) -> None:
    """Each figure carries its table and the address of its CSV, for this case."""
    html = _html(lesson_of(phase="class", case_id="screens"))
    assert "<table" in html
    assert "/api/s/figure/grades.csv?case_id=screens" in html
