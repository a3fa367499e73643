"""Every picture that a teacher can choose for the wall, as it looks there; what a wall weighs and asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.schema.classroom import SCREENS, OpenAll, Screen, SetPhase, SetStage, Show
from tests.browser.classroom.conftest import CASES, Classroom, violations
from tests.browser.classroom.teaching import RUN, TWO, WALL, open_wall
from tests.browser.classroom.test_wall import complaints_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Begun
    from harness.schema import Language
    from tests.browser.classroom.conftest import Desk

pytestmark = pytest.mark.slow

LATER = ("/events", "/version")
"""What a wall listens to once it stands."""
PHASES = ("locked", "class", "commentary", "talk", "second", "judges", "employer")
CHOSEN = tuple(screen for screen in SCREENS if screen not in ("auto", "split"))


def _judged(classroom: Classroom, language: Language, **settings: object) -> Begun:
    """A rehearsal that has come to the other employer of its third case, with both votes."""
    begun = classroom.begin(language, runs=(RUN,), simulated=True, **settings)
    classroom.move(begun, OpenAll())
    classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 24))
    for phase in PHASES:
        classroom.move(begun, SetPhase.model_validate({"case_id": CASES[2], "phase": phase}))
        if phase == "second":
            classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 24))
    return begun


def _show(classroom: Classroom, begun: Begun, page: Page, screen: Screen) -> None:
    classroom.move(begun, Show(screen=screen))
    page.wait_for_selector(f".screen--{screen}[data-page='0']")


@pytest.mark.parametrize(
    ("language", "looks"),
    [
        ("fr", {}),
        ("en", {}),
        ("fr", {"forced_colors": "active", "reduced_motion": "reduce"}),
        ("en", {"color_scheme": "dark"}),
    ],
)
def test_every_picture_that_can_be_chosen_can_be_read(
    classroom: Classroom,
    device: Callable[..., Desk],
    language: Language,
    looks: dict[str, str],
    shots: Path,
) -> None:
    """Nothing under 28 px, cut off or scrolled; nothing for axe; SIMULATED on each; a silent console."""
    begun = _judged(classroom, language, rulebooks=TWO)
    desk = device(viewport=WALL, **looks)
    page, found = open_wall(classroom, begun, desk), []
    for screen in (*CHOSEN, "split"):
        if screen == "split":
            classroom.move(begun, SetStage(stage="debrief"))
        _show(classroom, begun, page, screen)
        assert "SIMUL" in page.inner_text(".simulated")
        found += [f"{screen}: {one}" for one in (*complaints_of(page, (1280, 720)), *violations(page))]
        name = "-".join(["picture", language, *looks.values(), screen])
        page.screenshot(path=shots / f"{name}.png")
    assert found == []
    assert desk.complaints == []


def test_the_heaviest_lesson_is_light_and_asks_nobody_else(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """Loaded in front of its fullest picture a wall takes at most 150 KB and six requests, all of its own."""
    begun = _judged(classroom, "fr")
    for screen in ("judges", "map", "employer"):
        classroom.move(begun, Show(screen=screen))
        desk = device(viewport=WALL)
        weights = _weighed(desk.page)
        open_wall(classroom, begun, desk).wait_for_selector(f".screen--{screen}")
        loaded = {url.split("?")[0] for url in desk.requests if not url.split("?")[0].endswith(LATER)}
        print(f"{screen}: {sum(weights)} B in {len(loaded)} files")  # noqa: T201 - a figure for -s
        assert 0 < sum(weights) <= 150_000
        assert len(loaded) <= 6
        assert {url.split("/")[2] for url in desk.requests} == {classroom.url.split("/")[2]}


def _weighed(page: Page) -> list[int]:
    """Weigh what a page loads from now on."""
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(int(answer.headers.get("content-length", "0"))))
    return weights


def test_without_its_key_a_wall_shows_nothing(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """A pupil who guesses the projector's address, or its key, gets neither page nor picture."""
    begun, page = _judged(classroom, "fr"), device().page
    root, name = classroom.url, begun.session.session_id
    for path in (f"/e/{name}", f"/e/{name}?k=guess", f"/api/{name}/fragment/projector"):
        answer = page.request.get(root + path)
        assert answer.status in (401, 403)
        assert "Qwen" not in answer.text()


def test_a_restart_is_said_and_survived(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """While the server is away the wall keeps its picture and says so; afterwards it follows again."""
    begun = _judged(classroom, "fr")
    page = open_wall(classroom, begun, device(viewport=WALL))
    page.wait_for_selector(".screen--employer")
    classroom.stop()
    page.wait_for_selector("#link", state="visible", timeout=60_000)
    assert page.locator(".screen--employer").count() == 1
    classroom.start()
    page.wait_for_selector("#link", state="hidden", timeout=60_000)
    _show(classroom, begun, page, "grades")
