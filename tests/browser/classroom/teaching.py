"""A lesson as those in the room see it: who teaches, the wall, a class that grades, one open phone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.classroom.lesson import Begun
from harness.schema.classroom import Edit
from tests.browser.classroom.conftest import HOST_SECRET, sideways, small_targets, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Lessons
    from harness.schema.classroom import Ballot, Vote
    from tests.browser.classroom.conftest import Classroom, Desk

RUN = "local-judges"
"""The recorded run that comes with the project."""
TWO = ("hhh", "caution-first")
WALL = {"width": 1280, "height": 720}
LAPTOP = {"width": 1366, "height": 768}


def enter(classroom: Classroom, begun: Begun, desk: Desk, origin: str | None = None) -> Page:
    """Open the cockpit by its link."""
    page = desk.page
    page.goto(f"{origin or classroom.url}/t/{begun.session.session_id}#k={begun.teacher_token}")
    page.wait_for_selector(".cockpit")
    _forget_the_door(desk)
    return page


def _forget_the_door(desk: Desk) -> None:
    """A page that asks for a secret is answered as 401, which the console notes; anything else stays."""
    desk.complaints[:] = [one for one in desk.complaints if "401 (Unauthorized)" not in one]


def open_wall(classroom: Classroom, begun: Begun, desk: Desk, origin: str | None = None) -> Page:
    """Open the projector by its link."""
    key = classroom.lessons.projector_key(begun.session)
    desk.page.goto(f"{origin or classroom.url}/e/{begun.session.session_id}?k={key}")
    desk.page.wait_for_selector(".screen")
    return desk.page


def join(classroom: Classroom, begun: Begun, desk: Desk, origin: str | None = None) -> Page:
    """Scan the QR code with a phone, tap once."""
    page = desk.page
    page.goto(f"{origin or classroom.url}/j/{begun.session.code}")
    page.click("form[data-ask='/api/join'] button")
    page.wait_for_url("**/p/*")
    page.wait_for_selector("#start", state="visible")
    return page


def open_new(classroom: Classroom, desk: Desk, language: str = "fr") -> Page:
    """Open the form of a new lesson by the link that the terminal prints."""
    desk.page.goto(f"{classroom.url}/new?lang={language}#k={HOST_SECRET}")
    desk.page.wait_for_selector("form#new")
    _forget_the_door(desk)
    return desk.page


def press(page: Page, name: str, after: str) -> None:
    """Press a button of the cockpit and wait until the page shows that the move was made."""
    page.click(f"#{name}")
    page.wait_for_selector(after)


def grade_case(page: Page, number: int, grades: tuple[int, ...]) -> None:
    """Grade the answers of a case as they stand on a phone, and wait until they are kept."""
    page.evaluate("name => { location.hash = name }", f"case-{number}")
    page.wait_for_selector(f"#case-{number}", state="visible")
    cards = page.locator(f"#case-{number} .answer")
    for place, grade in enumerate(grades):
        cards.nth(place).locator("label").nth(grade - 1).click()


@dataclass
class Class:
    """Pupils whose devices nobody looks at; they keep their tokens, so that they can vote twice."""

    classroom: Classroom
    begun: Begun
    tokens: list[str] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    n_sent: int = 0

    def join(self, n_pupils: int) -> None:
        """Let pupils in."""
        code = self.begun.session.code
        for _ in range(n_pupils):
            self.tokens.append(self.classroom.do(lambda lessons: lessons.join(code)).token)

    def vote(self, case_id: str, vote: Vote = 1) -> None:
        """Let everybody grade a case."""
        for token in self.tokens:
            self.n_sent += 1
            edit = self._edit(case_id, vote)
            self.classroom.do(self._sending(token, edit))

    def _edit(self, case_id: str, vote: Vote) -> Edit:
        answer_ids = self.classroom.lessons.content(self.begun.session).answers[case_id]
        grades: dict[str, int | None] = {answer_id: self.rng.randint(1, 4) for answer_id in answer_ids}
        return Edit(page=f"class{self.n_sent:06d}", number=1, case_id=case_id, vote=vote, grades=grades)

    def _sending(self, token: str, edit: Edit) -> Callable[[Lessons], Coroutine[Any, Any, Ballot]]:
        return lambda lessons: lessons.save(self.begun.session.session_id, token, edit)


def begun_of(classroom: Classroom, session_id: str) -> Begun:
    """A lesson that somebody began in a browser; its teacher's secret stays there."""
    return Begun(classroom.do(lambda lessons: lessons.session(session_id)), "")


class Look:
    """Somebody who looks at pages, takes pictures, and writes down what is wrong."""

    def __init__(self, shots: Path, prefix: str) -> None:
        self.shots, self.prefix = shots, prefix
        self.found: list[str] = []

    def __call__(self, page: Page, name: str) -> None:
        """Look at a page as it stands now."""
        wrong = [*violations(page), *small_targets(page)]
        if sideways(page) > 0:
            wrong.append("scrolls sideways")
        self.found += [f"{name}: {one}" for one in wrong]
        page.screenshot(path=self.shots / f"{self.prefix}-{name}.png", full_page=True)


FOCUS = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return {name: 'body', shown: true};
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight;
  const y = Math.max(1, Math.min(box.top + box.height / 2, innerHeight - 1));
  const there = document.elementFromPoint(box.left + box.width / 2, y);
  const free = !there || one.contains(there) || there.contains(one);
  return {name: one.outerHTML.slice(0, 90), shown: outlined && inside && free};
}
"""


class Hands:
    """A teacher without a mouse: every step is a key, and wherever the focus is, it can be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.n = 0
        self.unseen: list[str] = []

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.n += 1

    def to(self, selector: str) -> None:
        """Go on with Tab until something has the focus."""
        for _ in range(140):
            if self.page.evaluate("what => document.activeElement.matches(what)", selector):
                return
            self.keys("Tab")
            focus = self.page.evaluate(FOCUS)
            if not focus["shown"]:
                self.unseen.append(focus["name"])
        raise AssertionError(f"no way by Tab to {selector}")

    def press(self, selector: str, after: str | None = None) -> None:
        """Go to a button or link, press it, and wait for what it brings."""
        self.to(selector)
        self.keys("Enter")
        if after:
            self.page.wait_for_selector(after)

    def type(self, selector: str, text: str) -> None:
        """Go to a field and type."""
        self.to(selector)
        self.page.keyboard.type(text)

    def choose(self, selector: str, value: str) -> None:
        """Go to a list and walk down to a value."""
        self.to(selector)
        for _ in range(20):
            if self.page.input_value(selector) == value:
                return
            self.keys("ArrowDown")
        raise AssertionError(f"no {value!r} in {selector}")
