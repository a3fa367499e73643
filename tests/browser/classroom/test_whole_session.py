"""A whole lesson by keyboard: what teacher, wall and phone show at each step; what nobody is told early."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from harness.schema.classroom import SCREENS, CasePhase, OpenAll, SetPhase, SetStage
from tests.browser.classroom.conftest import CASES, Classroom
from tests.browser.classroom.teaching import (
    LAPTOP,
    RUN,
    TWO,
    WALL,
    Class,
    Hands,
    begun_of,
    grade_case,
    join,
    open_new,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from playwright.sync_api import Page

    from harness.classroom.lesson import Begun
    from harness.schema import Language
    from tests.browser.classroom.conftest import Desk

pytestmark = pytest.mark.slow

LANGUAGES: tuple[Language, ...] = ("fr", "en")
N_CLASS = 14
JUDGE = "Qwen"
"""A word of the recorded judges' names that stands in no text of the cases."""


class Room:
    """The three screens of a lesson, step by step."""

    def __init__(self, hands: Hands, wall: Page, phone: Page, shots: Path, language: str) -> None:
        self.hands, self.wall, self.phone = hands, wall, phone
        self.shots, self.language = shots, language
        self.n = 0

    def step(self, wall: str, phone: str | None = None, press: str = "#next") -> None:
        """Press a button by keyboard; the wall and the phone follow by themselves."""
        cockpit = self.hands.page
        before = cockpit.get_attribute(".cockpit", "data-version")
        self.hands.press(press, f".cockpit:not([data-version='{before}'])")
        self.wall.wait_for_selector(f".screen--{wall}")
        if phone:
            self.phone.wait_for_selector(phone)
        self.n += 1
        for name, page in (("teacher", cockpit), ("wall", self.wall), ("pupil", self.phone)):
            page.screenshot(path=self.shots / f"session-{self.language}-{self.n:02d}-{wall}-{name}.png")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_teacher_runs_a_whole_lesson_by_keyboard(
    classroom: Classroom, device: Callable[..., Desk], language: Language, shots: Path
) -> None:
    """From the form of a new lesson to its deletion without a mouse; wall and phone show each step."""
    desk, phone = device(viewport=LAPTOP, accept_downloads=True), device()
    hands = Hands(open_new(classroom, desk, language))
    begun = _begin(classroom, hands, language)
    wall = _open_the_wall(hands)
    page = join(classroom, begun, phone)
    assert page.locator("#start [data-when=lobby]").is_visible()
    pupils = Class(classroom, begun)
    pupils.join(N_CLASS)
    hands.page.wait_for_function(
        f"() => document.querySelector('#n-pupils').textContent.includes('{N_CLASS + 1}')"
    )
    room = Room(hands, wall, page, shots, language)
    _first_case(room, classroom, pupils)
    _second_case(room, pupils)
    _screens(room)
    _end(room)
    _take_away(hands)
    _delete(hands, begun, page, classroom)
    assert hands.unseen == []
    assert desk.complaints == []


def _begin(classroom: Classroom, hands: Hands, language: str) -> Begun:
    hands.type("[name=title]", "2de B, jeudi")
    hands.choose("[name=rulebook_2]", TWO[1])
    hands.to(f"[name=runs][value={RUN}]")
    if not hands.page.is_checked(f"[name=runs][value={RUN}]"):
        hands.keys("Space")
    hands.press("form#new .button--large", ".cockpit")
    begun = begun_of(classroom, hands.page.url.rsplit("/", 1)[1])
    settings = begun.session.settings
    assert (settings.language, settings.rulebooks, settings.title) == (language, TWO, "2de B, jeudi")
    assert RUN in settings.runs
    assert settings.case_ids == CASES
    return begun


def _open_the_wall(hands: Hands) -> Page:
    with hands.page.expect_popup() as opened:
        hands.press(".top__pages a[target=_blank]")
    wall = opened.value
    wall.set_viewport_size(WALL)  # type: ignore[arg-type]
    wall.wait_for_selector(".screen--lobby")
    assert "k=" not in wall.url
    return wall


def _first_case(room: Room, classroom: Classroom, pupils: Class) -> None:
    """All phases of a case with the large button; both votes; undo, and back again."""
    phone, told = room.phone, Secrets(classroom, pupils.begun).commentary[0]
    room.step("progress", "[data-when=cases]:visible")
    grade_case(phone, 1, (4, 1, 2, 4))
    for case_id in CASES[:2]:
        pupils.vote(case_id)
    room.wall.wait_for_selector(f"text={N_CLASS + 1}/{N_CLASS + 1}")
    room.step("locked", "#case-1 fieldset:disabled")
    assert "<svg" not in phone.content()
    room.step("grades", "#case-1 [data-reveal] svg")
    assert told not in phone.content() + room.wall.content()
    room.hands.press("#undo", "#phase-locked[aria-current=step]")
    room.wall.wait_for_selector(".screen--locked")
    phone.wait_for_selector("#case-1 [data-reveal] svg", state="hidden")
    room.step("grades", "#case-1 [data-reveal] svg")
    room.step("commentary", "#case-1 .commentary")
    assert told[:12] in phone.inner_text("#case-1 .commentary")
    room.step("talk")
    room.step("second", "#case-1 fieldset:enabled")
    phone.click("#case-1 [data-keep-button]")
    pupils.vote(CASES[0], 2)
    assert JUDGE not in phone.content()
    room.step("judges", f"#case-1 [data-reveal] >> text={JUDGE}")
    room.step("employer")
    room.step("heat")


def _second_case(room: Room, pupils: Class) -> None:
    """The next case; what a lesson leaves out is skipped with the buttons of the phases."""
    room.step("progress")
    assert pupils.tokens
    room.step("locked", "#case-2 fieldset:disabled", press="#phase-locked")
    room.step("grades", press="#phase-class")
    room.step("judges", press="#phase-judges")


def _screens(room: Room) -> None:
    """Each picture on the wall that this moment allows."""
    for screen in ("agreement", "judges", "heat", "map", "stability", "grades"):
        room.step(screen, press=f"#screen-{screen}")
    refused = room.hands.page.locator("#screen-split")
    assert refused.get_attribute("aria-disabled") == "true"


def _end(room: Room) -> None:
    room.step("debrief", "#debrief h2", press="#stage-debrief")
    room.step("split", press="#screen-split")
    room.step("closing", "#end h2", press="#stage-closing")
    room.step("ended", press="#stage-ended")
    assert room.hands.page.locator("#next").count() == 0


def _take_away(hands: Hands) -> None:
    """Every export is downloaded by keyboard and can be read."""
    hands.press(".top__pages a[href$='/keep']", "form#delete")
    taken: dict[str, bytes] = {}
    for name in ("export.csv?separator=;", "export.csv?separator=,", "export.json", "export.zip"):
        with hands.page.expect_download() as download:
            hands.press(f"a[href$='{name}']")
        taken[name] = download.value.path().read_bytes()
    for sign in ";,":
        lines = taken[f"export.csv?separator={sign}"].decode("utf-8-sig").splitlines()
        assert sign in lines[0]
        assert len(lines) > N_CLASS
    assert json.loads(taken["export.json"])
    names = zipfile.ZipFile(io.BytesIO(taken["export.zip"])).namelist()
    assert any(name.endswith("manifest.json") for name in names)


def _delete(hands: Hands, begun: Begun, phone: Page, classroom: Classroom) -> None:
    """The lesson goes with its code typed; the phone says so, and nothing of it is there."""
    hands.type("#delete [name=code]", begun.session.code)
    hands.keys("Enter")
    hands.page.wait_for_url(lambda url: "/t/" not in url)
    phone.reload()
    assert phone.request.get(f"{classroom.url}/api/{begun.session.session_id}/pupil").status in (401, 404)
    left = classroom.do(lambda lessons: lessons.sessions())
    assert begun.session.session_id not in {one.session_id for one in left}


# --- what nobody is told early ---------------------------------------------------------------------------

ORDER: tuple[CasePhase, ...] = (
    "open",
    "locked",
    "class",
    "commentary",
    "talk",
    "second",
    "judges",
    "employer",
)
"""The phases of a case, in which more and more is told."""


class Secrets:
    """What must not be read anywhere before its phase, as words that stand in no other text."""

    def __init__(self, classroom: Classroom, begun: Begun) -> None:
        content = classroom.lessons.content(begun.session)
        case, language = content.case(CASES[0]), begun.session.settings.language
        assert case.commentary is not None
        self.commentary = [case.commentary[language][:30]]
        self.other_cases = [
            text[language][:30] for one in content.cases[1:] if (text := one.commentary) is not None
        ]
        self.judges = ["Qwen", "qwen", "Llama", "llama", "gemma", "Gemma", "smollm", "SmolLM", "judge_id"]
        self.results = ["<svg", '"mean"', "consensus", "n = 1", "n\u202f=\u202f1"]
        """Pictures of a class are drawings, and each bar says of how many it speaks."""
        self.rulebooks = [book.title[language] for book in content.rulebooks]

    def until(self, phase: CasePhase) -> list[str]:
        """What is secret while the first case is in a phase; the other cases are open all the time."""
        place = ORDER.index(phase)
        found = list(self.other_cases)
        found += self.results if place < ORDER.index("class") else []
        found += self.commentary if place < ORDER.index("commentary") else []
        return found + (self.judges if place < ORDER.index("judges") else [])


def _addresses(page: Page, root: str, session_id: str) -> Iterable[str]:
    """Every address of the site that can be read, as its own description lists them, filled in."""
    described: dict[str, Any] = page.request.get(f"{root}/api/openapi.json").json()
    for path, ways in described["paths"].items():
        if (
            "get" not in ways
            or path.endswith("/events")
            or path.startswith(("/static", "/room", "/api/room"))
        ):
            continue
        for screen in SCREENS if "{screen}" in path else ("",):
            known = path.replace("{session_id}", session_id).replace("{screen}", screen)
            for case_id in CASES[:2] if "case" in path or screen else ("",):
                yield f"{root}{known}" + (f"?case_id={case_id}" if case_id else "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_address_tells_a_pupil_anything_early(
    classroom: Classroom, device: Callable[..., Desk], language: Language
) -> None:
    """A pupil reads every address of the site in every phase: nothing is told before its time."""
    begun = classroom.begin(language, rulebooks=TWO, runs=(RUN,))
    classroom.move(begun, OpenAll())
    page, pupils = join(classroom, begun, device()), Class(classroom, begun)
    pupils.join(12)
    for case_id in CASES[:2]:
        pupils.vote(case_id)
    secrets, early, told = Secrets(classroom, begun), [], ""
    for phase in ORDER:
        if phase != "open":
            classroom.move(begun, SetPhase(case_id=CASES[0], phase=phase))
        if phase == "second":
            pupils.vote(CASES[0], 2)
        texts = _all_texts(page, classroom.url, begun.session.session_id)
        early += [
            f"{phase} {address}: {secret}"
            for address, text in texts.items()
            for secret in secrets.until(phase)
            if secret in text
        ]
        told = "".join(texts.values())
    assert early == []
    for known in (secrets.commentary[0], JUDGE, "<svg"):
        assert known in told, "what was to be kept secret would not have been found here either"


def _all_texts(page: Page, root: str, session_id: str) -> dict[str, str]:
    found = {}
    for address in _addresses(page, root, session_id):
        answer = page.request.get(address, headers={"X-Classroom": "1"})
        assert answer.status < 500, address
        found[address.removeprefix(root)] = answer.text()
    page.reload()
    page.wait_for_selector("#start", state="attached")
    return {**found, "the page itself": page.content()}


def test_the_other_half_is_a_secret_until_the_debrief(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """Until the judges of another employer are shown, no address names the rules of the other half."""
    begun = classroom.begin("fr", rulebooks=TWO)
    page = join(classroom, begun, device())
    view = page.request.get(f"{classroom.url}/api/{begun.session.session_id}/pupil").json()
    other = next(book for book in TWO if book != view["rulebook_id"])
    title = classroom.lessons.content(begun.session).rulebook(other).title["fr"]
    classroom.move(begun, OpenAll())
    for phase in ("open", "locked", "class"):
        if phase != "open":
            classroom.move(begun, SetPhase.model_validate({"case_id": CASES[0], "phase": phase}))
        for address, text in _all_texts(page, classroom.url, begun.session.session_id).items():
            assert title not in text, address
            assert f'"{other}"' not in text, address
    classroom.move(begun, SetStage(stage="debrief"))
    assert title in "".join(_all_texts(page, classroom.url, begun.session.session_id).values())
