"""The teacher's pages in a real browser: by keyboard alone, at 320 pixels, live, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from harness.schema.classroom import OpenAll, SetPhase
from tests.browser.classroom.conftest import (
    HOST_SECRET,
    Classroom,
    Desk,
    Keyboard,
    sideways,
    small_targets,
    violations,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Begun

pytestmark = pytest.mark.slow
NARROW = {"width": 320, "height": 700}
WIDE = {"width": 1280, "height": 800}
PAGES = {"cockpit": "", "desk": "/desk", "entry": "/entry", "keep": "/keep", "print": "/print"}
LAST_MOVES = 70
"""More than any lesson of six cases has."""


@pytest.fixture
def enter(classroom: Classroom, device: Callable[..., Desk]) -> Callable[..., Desk]:
    """Give what lets the teacher of a lesson in, on a device."""

    def open_cockpit(begun: Begun, **options: object) -> Desk:
        desk = device(viewport=WIDE, **options) if "viewport" not in options else device(**options)
        desk.page.goto(f"{classroom.url}/t/{begun.session.session_id}#k={begun.teacher_token}")
        desk.page.wait_for_selector("#now")
        assert "#" not in desk.page.url
        desk.complaints.clear()  # the entrance was a 401 until the secret was exchanged
        return desk

    return open_cockpit


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_accessible_and_fits(
    classroom: Classroom, enter: Callable[..., Desk], shots: Path, language: str
) -> None:
    """At 320 px each page has nothing for axe, nothing beyond its edge, no small target, a silent console."""
    begun = classroom.begin(language, rulebooks=("hhh", "comfort-first"), runs=("local-judges",))  # type: ignore[arg-type]
    classroom.move(begun, OpenAll())
    classroom.crowd(begun, 12)
    classroom.move(begun, SetPhase(case_id="poem", phase="locked"), SetPhase(case_id="poem", phase="class"))
    desk = enter(begun, viewport=NARROW, bypass_csp=True)
    for name, path in PAGES.items():
        desk.page.goto(f"{classroom.url}/t/{begun.session.session_id}{path}")
        desk.page.screenshot(path=shots / f"teacher-{name}-{language}.png", full_page=True)
        assert violations(desk.page) == [], name
        assert sideways(desk.page) <= 0, name
        assert small_targets(desk.page) == [] or name == "print", name
    assert desk.complaints == []


def _stage(page: Page) -> str:
    """What the cockpit says is the present stage."""
    return (page.get_attribute("[id^=stage-][aria-current]", "id") or "").removeprefix("stage-")


def test_a_whole_lesson_by_keyboard(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """Tab and Enter begin a lesson and walk it to its end; the focus stays on the large button."""
    desk = device(viewport=WIDE)
    page = desk.page
    page.goto(f"{classroom.url}/new#k={HOST_SECRET}")
    page.wait_for_selector("#new")
    keyboard = Keyboard(page)
    page.focus("[name=retention_h]")
    keyboard.tab_to("Commencer la séance")
    keyboard.press("Enter")
    page.wait_for_selector("#next")
    keyboard.press("Tab")  # from the page itself, whose words hold those of every button
    keyboard.tab_to("Ouvrir les situations")
    for version in range(2, LAST_MOVES):
        keyboard.press("Enter")
        page.wait_for_selector(f".cockpit[data-version='{version}']")
        if _stage(page) == "ended":
            break
        assert page.evaluate("() => document.activeElement.id") == "next"
    assert _stage(page) == "ended"


def test_a_sheet_is_typed_with_its_digits(classroom: Classroom, enter: Callable[..., Desk]) -> None:
    """Twenty-four digits and Enter keep a sheet, and the next one begins; a correction loads the last."""
    begun = classroom.begin("en")
    desk = enter(begun)
    page = desk.page
    page.goto(f"{classroom.url}/t/{begun.session.session_id}/entry")
    page.focus("#sheet input[data-answer]")
    page.keyboard.type("1234" * 5 + "12 4")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said:has-text('23')")
    assert page.evaluate("() => document.activeElement.dataset.answer") == "ibuprofen-a"
    page.click("#sheet-correct")
    assert page.input_value("#sheet input[data-answer]") == "1"
    kept = classroom.grades(begun)
    assert sum(len(grades) for grades in kept.values()) == 23
    assert desk.complaints == []


def test_two_devices_of_one_teacher_follow_each_other(
    classroom: Classroom, enter: Callable[..., Desk]
) -> None:
    """A move made on one device is drawn on the other at once, and pupils are counted live."""
    begun = classroom.begin("en")
    one, two = enter(begun), enter(begun)
    one.page.click("#next")
    two.page.wait_for_selector(".cockpit[data-version='2']")
    classroom.crowd(begun, 3)
    two.page.wait_for_selector("#n-1:has-text('3')")
    two.page.click("#undo")
    one.page.wait_for_selector("#stage-lobby[aria-current]")


def test_a_restart_is_said_and_survived(classroom: Classroom, enter: Callable[..., Desk]) -> None:
    """While the server is away the page says so; when it is back, the lesson goes on where it stood."""
    begun = classroom.begin("en")
    desk = enter(begun)
    classroom.stop()
    desk.page.wait_for_selector("#said:has-text('does not answer')", timeout=60_000)
    classroom.start()
    desk.page.wait_for_selector("#said:has-text('answers again')", timeout=60_000)
    desk.page.click("#next")
    desk.page.wait_for_selector(".cockpit[data-version='2']")
