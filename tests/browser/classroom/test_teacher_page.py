"""The teacher's pages in a real browser: desk, entry without devices, another device, narrow screens."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from harness.classroom.content import Shelf
from harness.classroom.file_edition import frame
from harness.classroom.replycodes import Reply, encode
from harness.schema.classroom import ClassSettings, OpenAll, SetPhase
from tests.browser.classroom.conftest import CASES, Classroom, violations, watched
from tests.browser.classroom.teaching import (
    LAPTOP,
    RUN,
    TWO,
    WALL,
    Class,
    Hands,
    Look,
    enter,
    join,
    open_new,
    open_wall,
    press,
)
from tests.browser.conftest import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

    from harness.classroom.lesson import Begun
    from harness.schema import Language
    from tests.browser.classroom.conftest import Desk

pytestmark = pytest.mark.slow

LANGUAGES: tuple[Language, ...] = ("fr", "en")
NARROW = {"width": 320, "height": 640}
JOINT = "\n".join(
    f'{{"case": {n}, "A": {a}, "B": {b}, "C": {c}, "D": {d}}}'
    for n, (a, b, c, d) in enumerate(
        [(3, 2, 1, 4), (1, 2, 3, 3), (4, 3, 2, 1), (2, 2, 1, 4), (1, 1, 1, 2), (4, 1, 3, 2)], 1
    )
)
KEY = "teachers-own-key-123456"


def _until(classroom: Classroom, begun: Begun, *phases: str, case_id: str = CASES[0]) -> None:
    for phase in phases:
        classroom.move(begun, SetPhase.model_validate({"case_id": case_id, "phase": phase}))


def _said(page: Page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('#said').textContent.includes(words)", arg=words)


def _graded(classroom: Classroom, **settings: object) -> Begun:
    """A lesson whose class has graded the first two cases."""
    begun = classroom.begin("fr", **settings)
    classroom.move(begun, OpenAll())
    pupils = Class(classroom, begun)
    pupils.join(12)
    for case_id in CASES[:2]:
        pupils.vote(case_id)
    return begun


# --- the cockpit -------------------------------------------------------------------------------------------


def test_one_move_back_and_no_further(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """Undo takes a move back on every screen; at the beginning there is nothing to take back."""
    begun = classroom.begin("fr")
    page = enter(classroom, begun, device(viewport=LAPTOP))
    phone = join(classroom, begun, device())
    assert page.get_attribute("#undo", "aria-disabled") == "true"
    press(page, "next", "#stage-cases[aria-current=step]")
    phone.wait_for_selector("[data-when=cases]", state="visible")
    press(page, "undo", "#stage-lobby[aria-current=step]")
    _said(page, "annulé")
    phone.wait_for_selector("[data-when=lobby]", state="visible")
    press(page, "next", "#stage-cases[aria-current=step]")
    press(page, "phase-locked", "#phase-locked[aria-current=step]")
    press(page, "phase-open", "#phase-open[aria-current=step]")


def test_a_vote_does_not_reopen_after_its_results(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """Once the class saw its grades, the button of the vote is dead, and pressing it changes nothing."""
    begun = _graded(classroom)
    _until(classroom, begun, "locked", "class")
    page = enter(classroom, begun, device(viewport=LAPTOP))
    assert page.get_attribute("#phase-open", "aria-disabled") == "true"
    page.locator("#phase-open").click(force=True)
    page.click("#next")
    page.wait_for_selector("#phase-commentary[aria-current=step]")


def test_two_cockpits_do_not_overtake_each_other(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """A link opens the cockpit on another device; of two presses on one state, one counts and one is told."""
    begun = _graded(classroom)
    desk, other = device(viewport=LAPTOP), device()
    page = enter(classroom, begun, desk)
    page.click("#other-device summary")
    page.click("#make-link")
    page.wait_for_selector("#made-link-qr svg")
    link = page.inner_text("#made-link-url")
    assert link.startswith(classroom.url)
    other.page.goto(link)
    other.page.wait_for_selector(".cockpit")
    assert "k=" not in other.page.url
    other.page.route("**/events*", lambda route: route.abort())
    other.page.route("**/version*", lambda route: route.abort())
    other.page.reload()
    other.page.wait_for_selector(".cockpit")
    press(page, "next", "#phase-locked[aria-current=step]")
    other.page.click("#next")
    _said(other.page, "Un autre appareil")
    other.page.wait_for_selector("#phase-locked[aria-current=step]")
    assert page.locator("#phase-locked[aria-current=step]").count() == 1


def test_a_wrong_link_opens_nothing(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """A stranger at the cockpit sees a door, no code; a wrong secret is said, the right one pasted opens."""
    begun = classroom.begin("fr")
    page = device().page
    page.goto(f"{classroom.url}/t/{begun.session.session_id}")
    page.wait_for_selector("form#enter")
    assert begun.session.code not in page.content()
    page.fill("[name=link]", f"{classroom.url}/t/{begun.session.session_id}#k=wrong")
    page.click("form#enter button")
    _said(page, "n’ouvre pas")
    page.fill("[name=link]", f"{classroom.url}/t/{begun.session.session_id}#k={begun.teacher_token}")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cockpit")


def test_progress_moves_no_focus(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """While the class grades the counts grow; whatever the teacher has the focus on keeps it."""
    begun = classroom.begin("fr")
    classroom.move(begun, OpenAll())
    page = enter(classroom, begun, device(viewport=LAPTOP))
    page.focus("#phase-locked")
    pupils = Class(classroom, begun)
    pupils.join(6)
    pupils.vote(CASES[0])
    page.wait_for_function("() => document.querySelector('#c-1').textContent === '6'")
    assert page.evaluate("() => document.activeElement.id") == "phase-locked"
    page.keyboard.press("Enter")
    page.wait_for_selector("#phase-locked[aria-current=step]")
    assert page.evaluate("() => document.activeElement.id") == "phase-locked"
    assert page.locator("#few").is_hidden()


# --- the judges desk ---------------------------------------------------------------------------------------


def test_a_pasted_judge_appears_on_the_wall(
    classroom: Classroom, device: Callable[..., Desk], shots: Path
) -> None:
    """Prompt out, reply in, by keyboard; what is understood is shown and confirmed; the wall has it."""
    begun = _graded(classroom)
    desk = device(viewport=LAPTOP)
    page, hands = enter(classroom, begun, desk), Hands(desk.page)
    page.goto(f"{page.url}/desk")
    hands.type("[name=model_name]", "Le Chat")
    hands.keys("Enter")
    page.wait_for_selector("#prompt-0")
    assert page.input_value("#prompt-0").count("ibuprof")
    hands.to("#reply-0")
    page.keyboard.insert_text(f"Voici mes notes :\n{JOINT}")
    hands.press("#prompts .card .button--primary")
    page.wait_for_selector(".understood td")
    cells = page.locator(".understood td").all_inner_texts()
    assert cells[0].replace("\u00a0", " ") == "A 3 · B 2 · C 1 · D 4"
    assert len(cells) == 6
    page.screenshot(path=shots / "teacher-desk-understood.png", full_page=True)
    assert page.locator("#desk-judges tr").count() == 0
    hands.press(".understood .button--primary")
    page.wait_for_selector("#desk-judges tr >> text=Le Chat")
    _until(classroom, begun, "locked", "class", "judges")
    wall = open_wall(classroom, begun, device(viewport=WALL))
    wall.wait_for_selector(".screen--judges h1:has-text('Le Chat')")
    assert hands.unseen == []
    assert desk.complaints == []


def test_a_reply_that_cannot_be_read_is_kept_for_nobody(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """A reply without grades says for each case that nothing was understood."""
    begun = _graded(classroom)
    page = enter(classroom, begun, device(viewport=LAPTOP))
    page.goto(f"{page.url}/desk")
    page.fill("[name=model_name]", "Le Chat")
    page.select_option("[name=together]", "no")
    page.click("#paste .button--primary")
    page.wait_for_selector("#prompt-5")
    page.fill("#reply-0", "<img src=x onerror=alert(1)> Quelle belle classe !")
    page.locator("#prompts .card .button--primary").first.click()
    page.wait_for_selector(".understood td")
    assert "illisible" in page.inner_text(".understood td").lower()
    assert page.locator(".understood img").count() == 0


@pytest.fixture
def scripted_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the desk a preset whose provider is a script."""
    folder = tmp_path / "prompts" / "judges"
    folder.mkdir(parents=True)
    told = "judge_id: lent\ntitle: Lent judge\nmodel_id: scripted/longest\napi_key_env: LENT_KEY\n"
    (folder / "lent.yaml").write_text(told, encoding="utf-8")
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path))


@pytest.mark.usefixtures("scripted_preset")
def test_a_judge_is_asked_with_the_teachers_key(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """The key leaves the field at once and is kept nowhere; the judge joins the others and the wall."""
    begun = _graded(classroom)
    desk = device(viewport=LAPTOP)
    page = enter(classroom, begun, desk)
    page.goto(f"{page.url}/desk")
    page.select_option("[name=judge_id]", "lent")
    page.fill("[name=api_key]", KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk-judges tr >> text=Lent judge")
    assert page.input_value("[name=api_key]") == ""
    assert page.locator("#desk-judges td").nth(1).inner_text() == "6"
    kept = [path for path in classroom.data.rglob("*") if path.is_file()]
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]
    _until(classroom, begun, "locked", "class", "judges")
    wall = open_wall(classroom, begun, device(viewport=WALL))
    wall.wait_for_selector(".screen--judges h1:has-text('Lent judge')")
    assert desk.complaints == []


# --- without devices ---------------------------------------------------------------------------------------


def test_paper_sheets_are_typed_with_digits_alone(
    classroom: Classroom, device: Callable[..., Desk], shots: Path
) -> None:
    """24 digits and Enter are a sheet; six sheets are a class that the wall shows; the last is corrected."""
    begun = classroom.begin("fr", rulebooks=TWO)
    classroom.move(begun, OpenAll())
    desk = device(viewport=LAPTOP)
    page = enter(classroom, begun, desk)
    page.goto(f"{page.url}/entry")
    page.locator("#sheet input[data-answer]").first.focus()
    rng = random.Random(1)
    for n_sheets in range(1, 7):
        page.keyboard.type("".join(str(rng.randint(1, 4)) for _ in range(24)))
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('#said').textContent.includes('24')")
        page.wait_for_function(
            "() => document.activeElement.matches('#sheet input') && !document.activeElement.value"
        )
        page.evaluate("() => { document.querySelector('#said').textContent = '' }")
        assert len(classroom.grades(begun)) == n_sheets * 6
    page.click("#sheet-correct")
    page.keyboard.type("0")
    page.screenshot(path=shots / "teacher-entry-sheet.png", full_page=True)
    page.click("#sheet .button--primary")
    page.wait_for_function("() => document.querySelector('#said').textContent.includes('23')")
    assert len(classroom.grades(begun)) == 36
    _until(classroom, begun, "locked", "class")
    open_wall(classroom, begun, device(viewport=WALL)).wait_for_selector(".screen--grades")
    assert desk.complaints == []


def test_hands_in_the_air_become_bars(classroom: Classroom, device: Callable[..., Desk], shots: Path) -> None:
    """Counts typed for a case come to the wall as bars, without any device; they are there after a reload."""
    begun = classroom.begin("fr")
    classroom.move(begun, OpenAll())
    desk = device(viewport=LAPTOP)
    page = enter(classroom, begun, desk)
    page.goto(f"{page.url}/entry")
    page.select_option("#hands [name=case_id]", CASES[1])
    fields = page.locator(f"#hands [data-case={CASES[1]}] input")
    for place in range(16):
        fields.nth(place).fill(str(1 + place % 7))
    assert page.inner_text(f"#hands [data-case={CASES[1]}] output >> nth=0") == "10"
    page.click("#hands .button--primary")
    _said(page, "nregistr")
    page.reload()
    page.select_option("#hands [name=case_id]", CASES[1])
    assert page.locator(f"#hands [data-case={CASES[1]}] input").first.input_value() == "1"
    page.screenshot(path=shots / "teacher-entry-hands.png", full_page=True)
    _until(classroom, begun, "locked", "class", case_id=CASES[1])
    wall = open_wall(classroom, begun, device(viewport=WALL))
    wall.wait_for_selector(".screen--grades svg")
    assert desk.complaints == []


def test_reply_codes_of_the_file_are_pasted(
    classroom: Classroom, device: Callable[..., Desk], shots: Path
) -> None:
    """Codes of the stand-alone file, with chatter around them: read once each, a mistyped one is named."""
    begun = classroom.begin("fr", rulebooks=TWO)
    classroom.move(begun, OpenAll())
    codes = _codes(6)
    wrong = codes[0][:-1] + ("2" if codes[0][-1] != "2" else "3")
    desk = device(viewport=LAPTOP)
    page = enter(classroom, begun, desk)
    page.goto(f"{page.url}/entry")
    page.fill("#codes [name=text]", "\n".join([*(f"Zoé : {code}" for code in codes), codes[1], wrong]))
    page.click("#codes .button--primary")
    page.wait_for_selector("#codes-found li")
    lines = page.locator("#codes-found li").all_inner_texts()
    assert lines[0].startswith("6 codes")
    assert any(line.startswith("Ligne 8") for line in lines)
    assert len(classroom.grades(begun)) == 36
    page.screenshot(path=shots / "teacher-entry-codes.png", full_page=True)
    assert desk.complaints == []


def _codes(n_pupils: int) -> list[str]:
    content = Shelf().of(ClassSettings(case_ids=CASES, rulebooks=TWO))
    rng, told = random.Random(2), frame(content)
    return [
        encode(
            Reply(
                tag=f"ABC{'23456789'[number]}",
                vote=1,
                rulebook_id=TWO[number % 2],
                grades={
                    case_id: {answer_id: rng.randint(1, 4) for answer_id in answer_ids}
                    for case_id, answer_ids in told.cases
                },
            ),
            told,
        )
        for number in range(n_pupils)
    ]


# --- every page, as it looks -------------------------------------------------------------------------------


LOOKS: dict[str, dict[str, object]] = {
    "narrow": {"viewport": NARROW},
    "dark": {"viewport": NARROW, "color_scheme": "dark"},
    "forced": {"viewport": NARROW, "forced_colors": "active", "reduced_motion": "reduce"},
    "wide": {"viewport": LAPTOP},
}


@pytest.mark.parametrize(
    ("language", "looks"),
    [("fr", "narrow"), ("en", "narrow"), ("fr", "dark"), ("en", "forced"), ("fr", "wide")],
)
def test_every_page_of_the_teacher_is_accessible(
    classroom: Classroom, device: Callable[..., Desk], language: Language, looks: str, shots: Path
) -> None:
    """320 px wide, dark, forced colours without movement: axe finds nothing, nothing is too wide or small."""
    desk = device(**LOOKS[looks])
    look, page = Look(shots, f"teacher-{language}-{looks}"), open_new(classroom, desk, language)
    page.locator("details.card summary").first.click()
    look(page, "new")
    begun = classroom.begin(language, rulebooks=TWO, runs=(RUN,), simulated=True, title="2de B")
    page.goto(f"{classroom.url}/t/{begun.session.session_id}")
    look(page, "enter")
    page.goto("about:blank")
    enter(classroom, begun, desk)
    look(page, "lobby")
    _cockpit(classroom, begun, page, look)
    _other_pages(page, look)
    assert look.found == []
    assert desk.complaints == []


def _cockpit(classroom: Classroom, begun: Begun, page: Page, look: Look) -> None:
    """The cockpit in every phase of a case and every stage of a lesson."""
    press(page, "next", "#stage-cases[aria-current=step]")
    classroom.do(lambda lessons: lessons.rehearse(begun.session.session_id, 24))
    for phase in ("open", "locked", "class", "commentary", "talk", "second", "judges", "employer", "done"):
        if phase != "open":
            press(page, "next", f"#phase-{phase}[aria-current=step]")
        look(page, phase)
    page.click("#other-device summary")
    page.click("#make-link")
    page.wait_for_selector("#made-link-qr svg")
    look(page, "link")
    for stage in ("debrief", "closing", "ended"):
        press(page, f"stage-{stage}", f"#stage-{stage}[aria-current=step]")
        look(page, stage)


def _other_pages(page: Page, look: Look) -> None:
    """Desk with a prompt and a reading, entry, keep, print."""
    root = page.url.split("#")[0]
    page.goto(f"{root}/desk")
    page.fill("[name=model_name]", "Le Chat")
    page.click("#paste .button--primary")
    page.fill("#reply-0", JOINT)
    page.locator("#prompts .card .button--primary").first.click()
    page.wait_for_selector(".understood td")
    look(page, "desk")
    page.locator(".understood .button--primary").click()
    page.wait_for_selector("#desk-judges tr")
    look(page, "desk-kept")
    for name in ("entry", "keep", "print", "sheets"):
        page.goto(f"{root}/{name}")
        look(page, name)
        assert "SIMUL" in page.inner_text("body"), name


# --- networks ----------------------------------------------------------------------------------------------


@pytest.fixture
def salle(browser: Browser) -> Iterator[Callable[[], Desk]]:
    """Devices that find the classroom under `salle.test`, over plain HTTP."""
    other = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--host-resolver-rules=MAP salle.test 127.0.0.1"],
    )
    yield lambda: watched(other.new_context())
    other.close()


def test_an_insecure_origin_is_enough_to_teach(classroom: Classroom, salle: Callable[[], Desk]) -> None:
    """Under a name of the school's network: enter, move, type a sheet, paste a reply; the wall follows."""
    begun, origin = classroom.begin("fr"), f"http://salle.test:{classroom.port}"
    desk, board = salle(), salle()
    page, wall = enter(classroom, begun, desk, origin), open_wall(classroom, begun, board, origin)
    assert page.evaluate("() => window.isSecureContext") is False
    press(page, "next", "#stage-cases[aria-current=step]")
    wall.wait_for_selector(".screen--progress")
    page.goto(f"{origin}/t/{begun.session.session_id}/entry")
    page.locator("#sheet input[data-answer]").first.focus()
    page.keyboard.type("1234" * 6)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#said').textContent.includes('24')")
    page.goto(f"{origin}/t/{begun.session.session_id}/desk")
    page.fill("[name=model_name]", "Le Chat")
    page.click("#paste .button--primary")
    page.wait_for_selector("#prompt-0")
    assert desk.complaints == []
    assert board.complaints == []
    asked = {url.split("/")[2] for url in desk.requests + board.requests}
    assert asked == {f"salle.test:{classroom.port}"}


def test_a_cut_link_is_said_and_comes_back(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """While the server is away the cockpit says so and a press does nothing; it says when it may go on."""
    begun = _graded(classroom)
    desk = device(viewport=LAPTOP)
    page = enter(classroom, begun, desk)
    desk.context.set_offline(True)
    page.click("#next")
    _said(page, "ne répond pas")
    assert page.locator("#phase-locked[aria-current=step]").count() == 0
    desk.context.set_offline(False)
    page.wait_for_selector("#said:has-text('répond de nouveau')")
    press(page, "next", "#phase-locked[aria-current=step]")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_lesson_that_is_deleted_is_said_to_be_gone_everywhere(
    classroom: Classroom, device: Callable[..., Desk], shots: Path, language: Language
) -> None:
    """Wall, phone and the teacher's other device say that the lesson is no more, and stop trying again."""
    begun = classroom.begin(language)
    desks = [device(), device(viewport=WALL), device(viewport=LAPTOP)]
    phone = join(classroom, begun, desks[0])
    wall = open_wall(classroom, begun, desks[1])
    cockpit = enter(classroom, begun, desks[2])
    classroom.do(lambda lessons: lessons.delete(begun.session.session_id))
    phone.wait_for_selector("#gone h1", state="visible")
    wall.wait_for_selector(".screen--gone h1")
    cockpit.wait_for_selector("a.button[href='/']")
    assert wall.locator("#link:visible").count() == 0
    assert phone.locator("#link:visible, #bar:visible").count() == 0
    for name, page in (("phone", phone), ("wall", wall), ("cockpit", cockpit)):
        assert violations(page) == [], name
        page.screenshot(path=shots / f"gone-{language}-{name}.png")
    n_asked = len(desks[1].requests)
    wall.keyboard.press("ArrowRight")
    wall.wait_for_timeout(5_000)
    assert len(desks[1].requests) == n_asked


def test_two_devices_of_one_teacher_follow_each_other(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """A move made on one device is drawn on the other at once, and pupils are counted live."""
    begun = classroom.begin()
    one = enter(classroom, begun, device(viewport=LAPTOP))
    two = enter(classroom, begun, device(viewport=LAPTOP))
    one.click("#next")
    two.wait_for_selector(".cockpit[data-version='2']")
    classroom.crowd(begun, 3)
    two.wait_for_selector("#n-1:has-text('3')")
    two.click("#undo")
    one.wait_for_selector("#stage-lobby[aria-current]")


def test_a_restart_is_said_and_survived(classroom: Classroom, device: Callable[..., Desk]) -> None:
    """While the server is away the page says so; when it is back, the lesson goes on where it stood."""
    begun = classroom.begin()
    page = enter(classroom, begun, device(viewport=LAPTOP))
    classroom.stop()
    page.wait_for_selector("#said:has-text('ne répond pas')", timeout=60_000)
    classroom.start()
    page.wait_for_selector("#said:has-text('répond de nouveau')", timeout=60_000)
    page.click("#next")
    page.wait_for_selector(".cockpit[data-version='2']")


def test_buffered_events_delay_a_reveal_by_six_seconds_at_most(
    classroom: Classroom, device: Callable[..., Desk]
) -> None:
    """A proxy keeps every event back: by the pages' own clocks all three see a move within six seconds."""
    begun = _graded(classroom)
    _until(classroom, begun, "locked")
    seen = {
        "phone": (join, "#case-1 [data-reveal] h2"),
        "wall": (open_wall, ".screen--grades"),
        "cockpit": (enter, "#phase-class[aria-current=step]"),
    }
    pages = {}
    for name, (open_it, _) in seen.items():
        desk = device(viewport=LAPTOP)
        desk.page.route("**/events*", _keep_back)
        desk.page.clock.install()
        pages[name] = open_it(classroom, begun, desk)
        desk.page.clock.run_for(4000)
    _until(classroom, begun, "class")
    for name, page in pages.items():
        assert _seconds_until(page, seen[name][1]) <= 6, name


def _keep_back(_: Route) -> None:
    """Answer nothing, ever."""


def _seconds_until(page: Page, selector: str) -> int:
    for second in range(60):
        if page.locator(selector).count():
            return second
        page.clock.run_for(1000)
        page.wait_for_timeout(300)
    raise AssertionError(f"{selector} never comes")
