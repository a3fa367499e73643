"""The projector in a real browser: read at eight metres, never scrolled, moved by nobody but the teacher."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from harness.schema.classroom import Move, OpenAll, SetPhase, SetStage, Show
from tests.browser.classroom.conftest import CASES, Classroom, Desk, violations

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Begun

SIZES = [(1280, 720), (1920, 1080)]
MIN_TEXT = 28
RUN = "local-judges"

SMALL_TEXT = """
(least) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, owner = node.parentElement;
    if (!node.data.trim()) continue;
    if (owner.closest('script, style, title, desc, .visually-hidden, .skip, [hidden]')) continue;
    const inside = owner.closest('details:not([open])');
    if (inside && !owner.closest('summary')) continue;
    const style = getComputedStyle(owner), box = owner.getBoundingClientRect();
    if (!box.width || style.visibility === 'hidden') continue;
    const scale = owner.closest('svg') ? owner.getScreenCTM().a : 1;
    const size = parseFloat(style.fontSize) * scale;
    if (size < least - 0.5) found.push(`${size.toFixed(1)}: ${node.data.trim().slice(0, 60)}`);
  }
  return found;
}
"""
CUT_OFF = """
() => [...document.querySelectorAll('.screen, .screen > *, .words, .progress, .lobby, .lobby__how')]
  .filter((one) => !one.matches('.screen__head') && one.scrollHeight > one.clientHeight + 2)
  .map((one) => `${one.className}: ${one.scrollHeight} in ${one.clientHeight}`)
"""
OUTSIDE = """
() => {
  const right = innerWidth + 1, bottom = innerHeight + 1;
  return [...document.querySelectorAll('.screen h1, .screen p, .screen text, .screen td, .screen li')]
    .filter((one) => !one.closest('details'))
    .map((one) => ({ box: one.getBoundingClientRect(), words: one.textContent.trim().slice(0, 50) }))
    .filter(({ box }) => box.width && (box.right > right || box.bottom > bottom || box.left < -1))
    .map(({ box, words }) => `${words}: ${Math.round(box.right)}, ${Math.round(box.bottom)}`);
}
"""


def _open(classroom: Classroom, begun: Begun, desk: Desk) -> Page:
    key = classroom.lessons.projector_key(begun.session)
    desk.page.goto(f"{classroom.url}/e/{begun.session.session_id}?k={key}")
    desk.page.wait_for_selector(".screen")
    return desk.page


def _wait_for(page: Page, kind: str) -> None:
    page.wait_for_selector(f".screen--{kind}")


def _walk(case_id: str) -> Iterator[tuple[Move, str]]:
    """The moves of a whole lesson, and the first page that the wall shows after each."""
    yield OpenAll(), "progress"
    for phase, kind in (
        ("locked", "locked"),
        ("class", "grades"),
        ("commentary", "commentary"),
        ("talk", "talk"),
        ("second", "second"),
        ("judges", "judges"),
        ("employer", "employer"),
    ):
        yield SetPhase.model_validate({"case_id": case_id, "phase": phase}), kind
    yield Show(screen="heat"), "heat"
    yield SetStage(stage="debrief"), "debrief"
    yield SetStage(stage="closing"), "closing"
    yield SetStage(stage="ended"), "ended"


def complaints_of(page: Page, size: tuple[int, int]) -> list[str]:
    """Say what cannot be read at eight metres on a page of the wall as it stands now."""
    least = MIN_TEXT * size[1] / SIZES[0][1]
    found: list[str] = page.evaluate(SMALL_TEXT, least)
    found += page.evaluate(CUT_OFF)
    found += page.evaluate(OUTSIDE)
    scrolls = page.evaluate("() => document.documentElement.scrollHeight - innerHeight")
    return found + ([f"scrolls by {scrolls}"] if scrolls > 0 else [])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_of_a_lesson_can_be_read_at_eight_metres(
    classroom: Classroom,
    device: Callable[..., Desk],
    shots: Path,
    language: str,
    size: tuple[int, int],
) -> None:
    """On each page: nothing below 28 px at 720 lines, nothing cut off or scrolled; axe finds nothing."""
    begun = classroom.begin(
        language=language,  # type: ignore[arg-type]
        rulebooks=("hhh", "caution-first"),
        runs=(RUN,),
        simulated=True,
    )
    desk = device(viewport={"width": size[0], "height": size[1]})
    page = _open(classroom, begun, desk)
    found = {"lobby": [*complaints_of(page, size), *violations(page)]}
    for move, kind in _walk(CASES[1]):
        if kind == "locked":
            classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 31))
        classroom.move(begun, move)
        _wait_for(page, kind)
        for number in range(int(page.locator(".screen").get_attribute("data-pages") or 1)):
            if number:
                page.keyboard.press("ArrowRight")
                page.wait_for_selector(f'.screen[data-page="{number}"]')
            name = f"{kind}-{number}"
            page.screenshot(path=shots / f"wall-{language}-{size[0]}-{name}.png")
            found[name] = complaints_of(page, size)
            found[name] += violations(page) if size == SIZES[0] else []
    assert [f"{name}: {wrong}" for name, wrongs in found.items() for wrong in wrongs] == []
    assert desk.complaints == []


def test_the_wall_is_light_and_asks_nobody_else(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """Page, style, scripts and first screen weigh at most 150 KB, all from this server."""
    begun = classroom.begin()
    desk = device(viewport={"width": 1280, "height": 720})
    weights: list[int] = []
    desk.page.on("response", lambda answer: weights.append(int(answer.headers.get("content-length", "0"))))
    _open(classroom, begun, desk)
    assert {url.split("/")[2] for url in desk.requests} == {classroom.url.split("/")[2]}
    assert 0 < sum(weights) <= 150_000


def test_the_arrow_keys_leaf_and_never_move_the_lesson(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """Right and left go through the pages of the moment; the lesson stays where the teacher left it."""
    begun = classroom.begin(simulated=True, second_vote=False)
    classroom.move(begun, OpenAll())
    classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 8))
    for phase in ("locked", "class"):
        classroom.move(begun, SetPhase.model_validate({"case_id": CASES[0], "phase": phase}))
    page = _open(classroom, begun, device(viewport={"width": 1280, "height": 720}))
    before = classroom.do(lambda lessons: lessons.state(begun.session.session_id))
    for key, kind in (
        ("ArrowRight", "agreement"),
        ("ArrowRight", "agreement"),
        ("ArrowLeft", "grades"),
        ("ArrowLeft", "grades"),
    ):
        page.keyboard.press(key)
        _wait_for(page, kind)
    assert classroom.do(lambda lessons: lessons.state(begun.session.session_id)) == before


def test_while_people_answer_the_wall_counts_by_itself(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """Nobody touches the projector: the number of those who are done grows while they send."""
    begun = classroom.begin()
    classroom.move(begun, OpenAll())
    page = _open(classroom, begun, device(viewport={"width": 1280, "height": 720}))
    classroom.crowd(begun, 3)
    page.wait_for_selector("text=3/3 ont classé la situation 1")


def test_the_numbers_open_by_keyboard_and_can_be_taken_home(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """The table under a figure opens with Enter, closes with Escape, and its CSV holds the same lines."""
    begun = classroom.begin(simulated=True)
    classroom.move(begun, OpenAll())
    classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 8))
    for phase in ("locked", "class"):
        classroom.move(begun, SetPhase.model_validate({"case_id": CASES[0], "phase": phase}))
    page = _open(classroom, begun, device(viewport={"width": 1280, "height": 720}))
    page.locator(".numbers summary").focus()
    page.keyboard.press("Enter")
    rows = page.locator(".numbers tbody tr")
    assert rows.count() == 4
    with page.expect_download() as taken:
        page.locator(".numbers a[download]").click()
    text = taken.value.path().read_text(encoding="utf-8-sig")
    assert len(text.strip().splitlines()) == 5
    page.keyboard.press("Escape")
    assert not rows.first.is_visible()


def test_a_rate_that_somebody_types_changes_the_payslip(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """The editable wage of the payslip is computed anew in the page, with nothing sent anywhere."""
    begun = classroom.begin(simulated=True)
    classroom.move(begun, OpenAll())
    classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 8))
    classroom.move(begun, SetStage(stage="closing"))
    desk = device(viewport={"width": 1280, "height": 720})
    page = _open(classroom, begun, desk)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    _wait_for(page, "payslip")
    row = page.locator("tr", has=page.locator(".payslip__rate"))
    before, n_requests = _amount(row.locator("[data-amount]").inner_text()), len(desk.requests)
    page.locator(".payslip__rate").fill("24.04")
    assert _amount(row.locator("[data-amount]").inner_text()) == pytest.approx(2 * before, abs=0.02)
    assert not [url for url in desk.requests[n_requests:] if "version" not in url and "events" not in url]


def _amount(text: str) -> float:
    digits = re.sub(r"[^\d,.]", "", text).replace(",", ".")
    return float(digits)
