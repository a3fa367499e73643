"""Every page and every message of the site, in both languages: nothing for axe, nothing too wide or small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import StoreError
from harness.schema.classroom import OpenAll
from tests.browser.classroom.conftest import PHONE, Classroom, running_classroom
from tests.browser.classroom.every_page import MESSAGES, PAGES
from tests.browser.classroom.teaching import LAPTOP, TWO, WALL, Look, enter, join, open_new, open_wall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Begun
    from tests.browser.classroom.conftest import Desk
    from tests.browser.classroom.every_page import Who

pytestmark = pytest.mark.slow
SIZES = {"projector": WALL, "teacher": LAPTOP, "host": LAPTOP}


@pytest.fixture(scope="module", params=["fr", "en"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A server whose pages are all in one language."""
    with running_classroom(tmp_path_factory.mktemp("classroom"), request.param) as running:
        yield running


def _open(here: Classroom, begun: Begun, desk: Desk, who: Who) -> Page:
    """Let somebody in; whoever nobody knows is in already."""
    if who == "host":
        return open_new(here, desk, here.language)
    if who == "pupil":
        return join(here, begun, desk)
    if who == "projector":
        return open_wall(here, begun, desk)
    return enter(here, begun, desk) if who == "teacher" else desk.page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible(
    here: Classroom, device: Callable[..., Desk], shots: Path, path: str
) -> None:
    """As whoever may see it: no violation, no small target, no scrolling sideways, no word on the console."""
    begun = here.begin(here.language, rulebooks=TWO)
    here.move(begun, OpenAll())
    here.crowd(begun, 6)
    who = PAGES[path]
    desk = device(viewport=SIZES.get(who, PHONE))
    page = _open(here, begun, desk, who)
    address = path.format(session_id=begun.session.session_id, code=begun.session.code)
    page.goto(here.url + address)
    page.wait_for_selector(".screen h1" if who == "projector" else "h1")
    assert page.get_attribute("html", "lang") == here.language
    look = Look(shots, f"every-{here.language}")
    look(page, path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "home")
    assert look.found == []
    assert desk.complaints == []


@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_is_accessible(
    here: Classroom,
    device: Callable[..., Desk],
    shots: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    """A page that is gone, closed, to be waited for or broken: said in words, with a way back."""
    begun = here.begin(here.language)
    desk = device(viewport={"width": 320, "height": 640})
    page = desk.page
    address = f"/e/{begun.session.session_id}" if key == "closed" else "/p/no-such-lesson"
    if key == "trouble":

        async def broken(_: str) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(here.lessons, "session", broken)
    if key == "wait":
        address = "/j/2222"
        while (answer := page.goto(here.url + address)) is not None and answer.status != 429:
            pass
    page.goto(here.url + address)
    assert page.locator("main a[href='/']").count() == 1
    look = Look(shots, f"message-{here.language}")
    look(page, key)
    assert look.found == []
