"""The edition in one file, in a real browser: without a server, a network or a mouse."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.classroom.assets import script
from harness.classroom.codes import ALPHABET
from harness.classroom.content import Shelf
from harness.classroom.file_edition import build_files, frame
from harness.classroom.replycodes import Reply, decode, encode
from harness.classroom.sheets import blank_sheets
from harness.load.people import read_people
from harness.schema.classroom import ClassSettings
from tests.browser.classroom.conftest import CASES, Keyboard, n_pages, sideways, small_targets, violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from harness.schema import Language
    from tests.browser.classroom.conftest import Desk

pytestmark = pytest.mark.slow

LANGUAGES: tuple[Language, ...] = ("fr", "en")
SCREENS = ("start", "case-1", "case-6", "recap", "teacher")
BEGIN = {"fr": "Commencer", "en": "Begin"}
SETTINGS = ClassSettings(case_ids=CASES, rulebooks=("hhh", "caution-first"))
CONTENT = Shelf().of(SETTINGS)
FRAME = frame(CONTENT)
VECTORS = Path(__file__).parents[2] / "classroom" / "pupil" / "reply_codes.json"


NATIVE = {1: ("Space",), 2: ("ArrowRight",), 3: ("ArrowLeft", "ArrowLeft"), 4: ("ArrowLeft",)}
"""What a browser's own radio group needs from its first cell, nothing chosen."""


def _grade_all(page: Page, grade_of: Callable[[int, int], int]) -> None:
    for case in range(1, 7):
        page.evaluate(f"location.hash = 'case-{case}'")
        page.wait_for_selector(f"#case-{case}", state="visible")
        for place, card in enumerate(page.locator(f"#case-{case} .answer").all()):
            card.locator("label").nth(grade_of(case, place) - 1).click()


def _code(page: Page) -> str:
    page.evaluate("location.hash = 'recap'")
    return page.inner_text("#reply-code")


def test_the_file_asks_for_nothing_and_says_nothing(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """One request, the file itself, and no complaint, not even from its own security policy."""
    desk = device()
    desk.page.goto(file_editions["fr"].as_uri())
    _grade_all(desk.page, lambda case, place: 1 + (case + place) % 4)
    assert desk.complaints == []
    assert [one for one in desk.requests if not one.startswith("file:")] == []


def _grade_by_keyboard(keyboard: Keyboard, grades: list[int], way: str) -> None:
    """Grade four cards, the focus in the first; it ends on the way to the next case."""
    for grade in grades:
        if way == "digits":
            keyboard.press(str(grade), "Enter")
        else:
            # the second Tab goes past the button that takes the grade back
            keyboard.press(*NATIVE[grade], "Tab", "Tab")
    if way != "digits":
        keyboard.press("Tab")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["browser's own keys", "digits"])
def test_a_pupil_finishes_by_keyboard_in_a_hundred_keystrokes(
    device: Callable[..., Desk], file_editions: dict[str, Path], language: str, way: str
) -> None:
    """From the opened file to a code that holds 24 grades: at most 100 keys, by either way."""
    page = device().page
    page.goto(file_editions[language].as_uri())
    keyboard = Keyboard(page)
    page.locator("#start h1").focus()
    keyboard.tab_to(BEGIN[language])
    keyboard.press("Enter")
    rng = random.Random(3)
    for case in range(1, 7):
        page.wait_for_selector(f"#case-{case}", state="visible")
        grades = [rng.randint(1, 4) for _ in range(4)] if case > 1 else [2, 4, 1, 4]
        keyboard.press("Tab")
        _grade_by_keyboard(keyboard, grades, way)
        keyboard.press("Enter")
        if case == 1:
            page.wait_for_selector("#confirm[open]")
            keyboard.press("Enter")
    page.wait_for_selector("#recap", state="visible")
    reply = decode(page.inner_text("#reply-code"), FRAME)
    assert sum(len(grades) for grades in reply.grades.values()) == 24
    assert sorted(reply.grades["ibuprofen"].values()) == [1, 2, 4, 4]
    assert keyboard.n <= 100


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(
    device: Callable[..., Desk], file_editions: dict[str, Path], language: str, scheme: str, shots: Path
) -> None:
    """No violation of WCAG 2.2 AA or of best practice on any screen or dialog, light or dark."""
    page = device(color_scheme=scheme).page
    page.goto(file_editions[language].as_uri())
    found = []
    for name in SCREENS:
        if name == "recap":
            _grade_all(page, lambda case, place: 1 + (case * place) % 4)
        page.evaluate(f"location.hash = '{name}'")
        page.wait_for_selector(f"#{name}", state="visible")
        if name == "teacher":
            page.fill("#codes", "\n".join([*_codes(8), "rien"]))
            page.click("#read")
        found += [f"{name}: {one}" for one in violations(page)]
        page.screenshot(path=shots / f"file-{language}-{scheme}-{name}.png", full_page=True)
    page.evaluate("location.hash = 'case-2'")
    page.click("[data-open=rules]")
    found += [f"rules: {one}" for one in violations(page)]
    page.screenshot(path=shots / f"file-{language}-{scheme}-rules.png")
    assert found == []


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_fits_and_can_be_tapped(
    device: Callable[..., Desk], file_editions: dict[str, Path], language: str, width: int, shots: Path
) -> None:
    """At 320 px (1280 px at 400 %) nothing scrolls sideways; every target has 44 px."""
    page = device(viewport={"width": width, "height": 640}).page
    page.goto(file_editions[language].as_uri())
    _grade_all(page, lambda case, place: 1 + (case + 2 * place) % 4)
    for name in SCREENS:
        page.evaluate(f"location.hash = '{name}'")
        page.wait_for_selector(f"#{name}", state="visible")
        if name == "teacher":
            page.fill("#codes", "\n".join(_codes(8)))
            page.click("#read")
        assert sideways(page) <= 0, name
        assert small_targets(page) == [], name
        page.screenshot(path=shots / f"file-{language}-{width}-{name}.png", full_page=True)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_forced_colours_still_show_what_is_chosen(
    device: Callable[..., Desk], file_editions: dict[str, Path], colours: str, shots: Path
) -> None:
    """With the system's own colours the chosen cell differs from the others, and focus can be seen."""
    page = device(forced_colors="active", color_scheme=colours, reduced_motion="reduce").page
    page.goto(file_editions["fr"].as_uri() + "#case-1")
    card = page.locator("#case-1 .answer").first
    card.locator("label").nth(2).click()
    ground = "one => getComputedStyle(one).backgroundColor"
    cells = [cell.evaluate(ground) for cell in card.locator("label > span").all()]
    assert cells[2] not in {cells[0], cells[1], cells[3]}
    page.keyboard.press("ArrowRight")
    outline = card.locator("label > span").nth(3).evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    page.screenshot(path=shots / f"file-forced-{colours}.png")


def test_the_sentence_says_the_order(device: Callable[..., Desk], file_editions: dict[str, Path]) -> None:
    """Ties and blanks are said as they were entered, and a grade can be taken back."""
    page = device().page
    page.goto(file_editions["fr"].as_uri() + "#case-1")
    sentence = page.locator("#case-1 .sentence")
    assert sentence.inner_text() == "Aucune réponse notée pour l’instant."
    for letter, grade in zip("ABCD", (4, 1, 2, 4), strict=True):
        page.locator(f"[data-answer=ibuprofen-{letter.lower()}] label").nth(grade - 1).click()
    assert sentence.inner_text() == "A = D > C > B — A et D ex æquo en tête"
    page.locator("[data-answer=ibuprofen-d] .take-back").click()
    assert sentence.inner_text() == "A > C > B — A en tête (sans note\u00a0: D)"
    assert page.inner_text("#progress") == "Réponses remplies\u00a0: 3 / 24"
    page.locator("[data-answer=ibuprofen-a] input").first.focus()
    page.keyboard.press("Delete")
    assert page.inner_text("#progress") == "Réponses remplies\u00a0: 2 / 24"


def test_worst_and_best_stand_above_digits_only(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """Each card is one native radio group with the cells 1 2 3 4; the words stand above the row."""
    page = device().page
    page.goto(file_editions["fr"].as_uri() + "#case-1")
    for card in page.locator("#case-1 .answer").all():
        assert card.locator("label > span").all_inner_texts() == ["1", "2", "3", "4"]
        assert card.locator(".grades__ends").inner_text().split() == ["PIRE", "MEILLEURE"]
        names = {radio.get_attribute("name") for radio in card.locator("input[type=radio]").all()}
        assert names == {card.get_attribute("data-answer")}


def test_the_meaning_of_the_scale_is_confirmed_once(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """After the first case with an order the page asks once; `no` leads back to the cards, `yes` goes on."""
    page = device().page
    page.goto(file_editions["fr"].as_uri() + "#case-1")
    for letter, grade in zip("ABCD", (2, 1, 3, 4), strict=True):
        page.locator(f"[data-answer=ibuprofen-{letter.lower()}] label").nth(grade - 1).click()
    page.click("#case-1 [data-next]")
    expected = "Vous dites\u00a0: D est la MEILLEURE, B la PIRE. C’est bien cela\u202f?"
    assert page.inner_text("#confirm-words") == expected
    page.click("[data-answer-no]")
    assert page.is_visible("#case-1")
    page.click("#case-1 [data-next]")
    page.click("[data-answer-yes]")
    page.wait_for_selector("#case-2", state="visible")
    for card in page.locator("#case-2 .answer").all():
        card.locator("label").nth(1).click()
    page.locator("#case-2 .answer").first.locator("label").nth(3).click()
    page.click("#case-2 [data-next]")
    page.wait_for_selector("#case-3", state="visible")
    assert not page.is_visible("#confirm")


def test_a_reload_keeps_everything_and_a_new_pupil_finds_nothing(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """The code is the same after a reload; clearing gives another pupil a fresh page and tag."""
    page = device().page
    page.goto(file_editions["fr"].as_uri())
    _grade_all(page, lambda case, place: 1 + (case + place) % 4)
    first = _code(page)
    page.reload()
    assert _code(page) == first
    assert sum(len(one) for one in decode(first, FRAME).grades.values()) == 24
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("location.hash = 'start'")
    page.click("#new-pupil")
    page.wait_for_function("() => document.querySelectorAll('input:checked').length === 0")
    again = decode(_code(page), FRAME)
    assert not any(again.grades.values())
    assert again.tag != first[:4]


def test_the_second_vote_is_another_code_of_the_same_pupil(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """Grades of both votes stay apart; the first four signs are the same; `keep` copies a case."""
    page = device().page
    page.goto(file_editions["fr"].as_uri())
    _grade_all(page, lambda _case, place: 4 if place == 0 else 1)
    first = _code(page)
    page.click("#second-vote")
    empty = decode(page.inner_text("#reply-code"), FRAME)
    assert (empty.vote, empty.tag, any(empty.grades.values())) == (2, first[:4], False)
    page.evaluate("location.hash = 'case-1'")
    page.click("#case-1 [data-keep-button]")
    second = decode(_code(page), FRAME)
    assert second.grades["ibuprofen"] == decode(first, FRAME).grades["ibuprofen"]
    page.click("#second-vote")
    assert page.inner_text("#reply-code") == first


def test_both_rulebooks_are_drawn_and_only_one_is_read(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """Chance gives each opened file one half's rules; the code says which, the page does not."""
    seen: Counter[str | None] = Counter()
    for _ in range(12):
        page = device().page
        page.goto(file_editions["fr"].as_uri())
        shown = page.locator("#start [data-rulebook]:visible")
        assert shown.count() == 1
        name = shown.get_attribute("data-rulebook")
        assert decode(_code(page), FRAME).rulebook_id == name
        seen[name] += 1
    assert set(seen) <= set(FRAME.rulebooks)


def test_the_script_writes_and_reads_the_same_codes_as_python(device: Callable[..., Desk]) -> None:
    """The table of codes that Python passes is passed by the page's script, and so are its refusals."""
    page = device().page
    page.goto("about:blank")
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    said = page.evaluate(
        "([source, table]) => { const found = new Function(source + '; return {encodeReply, decodeReply}')();"
        " return table.rows.map(row => [found.encodeReply(row, table.frame),"
        " found.decodeReply(row.code, table.frame).reply]) }",
        [script("codec.js"), vectors],
    )
    for row, (code, reply) in zip(vectors["rows"], said, strict=True):
        assert code == row["code"]
        assert reply == {key: row[key] for key in ("tag", "vote", "rulebook_id", "grades")}


def test_the_script_refuses_every_slip(device: Callable[..., Desk]) -> None:
    """Every single wrong sign and every swap of neighbours of a code is refused by the page's script too."""
    page = device().page
    page.goto("about:blank")
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    signs = vectors["rows"][0]["code"].replace("-", "")
    slips = [
        signs[:at] + other + signs[at + 1 :] for at in range(20) for other in ALPHABET if other != signs[at]
    ] + [
        signs[:at] + signs[at + 1] + signs[at] + signs[at + 2 :]
        for at in range(19)
        if signs[at] != signs[at + 1]
    ]
    troubles = page.evaluate(
        "([source, frame, slips]) => { const found = new Function(source + '; return decodeReply')();"
        " return slips.map(one => found(one, frame).trouble) }",
        [script("codec.js"), vectors["frame"], slips],
    )
    assert set(troubles) == {"check"}


@pytest.mark.parametrize("text", ["BVNM888G9EWRSSMMRRVK", "A" * 37, "Z9" * 30])
def test_the_drawn_code_is_a_true_qr_code(device: Callable[..., Desk], text: str) -> None:
    """Module by module what segno draws, in all three sizes."""
    segno: Any = pytest.importorskip("segno")
    page = device().page
    page.goto("about:blank")
    rows = page.evaluate(
        "([source, text]) => new Function(source + '; return qrRows')()(text)", [script("qr.js"), text]
    )
    expected = segno.make(text, error="m", mode="alphanumeric", mask=0, boost_error=False, micro=False)
    assert [[int(dark) for dark in row] for row in rows] == [list(row) for row in expected.matrix]


def test_a_text_that_does_not_fit_gets_no_drawing(device: Callable[..., Desk]) -> None:
    """More signs than the largest size holds, or other signs: no picture instead of a wrong one."""
    page = device().page
    page.goto("about:blank")
    for text in ("A" * 62, "ünïcode"):
        source = "([source, text]) => new Function(source + '; return qrRows')()(text)"
        assert page.evaluate(source, [script("qr.js"), text]) is None


def test_pasted_codes_become_bars_and_a_table(
    device: Callable[..., Desk], file_editions: dict[str, Path], tmp_path: Path
) -> None:
    """The counts are those of the codes, and `--people` reads the downloaded table unchanged."""
    page = device(viewport={"width": 1000, "height": 800}).page
    page.goto(file_editions["fr"].as_uri() + "#teacher")
    codes = _codes(9)
    page.fill("#codes", "\n".join(f"Élève {n} : {code}" for n, code in enumerate(codes)))
    page.click("#read")
    assert page.locator("#read-bad li").count() == 0
    replies = [decode(code, FRAME) for code in codes]
    first = page.locator("#read-bars table").first
    for place, answer_id in enumerate(CONTENT.answers["ibuprofen"]):
        counts = Counter(reply.grades["ibuprofen"].get(answer_id, 0) for reply in replies)
        cells = first.locator("tbody tr").nth(place).locator("td").all_inner_texts()[1:6]
        assert cells == [str(counts[grade]) for grade in (1, 2, 3, 4, 0)]
    page.fill("#export-session", "2026-11-23 B")
    with page.expect_download() as download:
        page.click("#export-save")
    path = tmp_path / "class.csv"
    download.value.save_as(path)
    verdicts, problems = read_people(path, CONTENT.case_set, CONTENT.cases)
    assert problems == []
    said = {(one.cell.annotator_id, one.cell.case_id): dict(one.grades) for one in verdicts}
    assert said == {
        (reply.annotator_id, case_id): {answer: float(grade) for answer, grade in grades.items()}
        for reply in replies
        for case_id, grades in reply.grades.items()
        if grades
    }
    assert {one.cell.session for one in verdicts} == {"2026-11-23-b"}


def test_fewer_than_five_pupils_are_not_shown(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """Four codes give a table to keep and no bars that would point at somebody."""
    page = device().page
    page.goto(file_editions["en"].as_uri() + "#teacher")
    page.fill("#codes", "\n".join(_codes(4)))
    page.click("#read")
    assert page.locator("#read-bars table").count() == 0
    assert page.is_visible("#export")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pupils_own_sheet_is_at_most_two_pages(
    device: Callable[..., Desk], file_editions: dict[str, Path], language: str, tmp_path: Path
) -> None:
    """Printed, the file shows the pupil's orders and code on one or two pages of A4."""
    page = device().page
    page.goto(file_editions[language].as_uri())
    _grade_all(page, lambda case, place: 1 + (case + place) % 4)
    page.evaluate("location.hash = 'recap'")
    assert n_pages(page) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_blank_sheet_is_two_pages(device: Callable[..., Desk], language: Language, tmp_path: Path) -> None:
    """Rules, six cases and 24 rows of cells: one sheet of paper, both sides, for each half of the class."""
    path = tmp_path / "sheets.html"
    path.write_text(blank_sheets(SETTINGS, CONTENT, language), encoding="utf-8")
    desk = device()
    desk.page.goto(path.as_uri())
    assert n_pages(desk.page) <= 2 * len(CONTENT.rulebooks)
    assert desk.complaints == []


@pytest.mark.parametrize("half", [0, 1])
def test_the_file_of_a_half_writes_codes_of_that_half(
    device: Callable[..., Desk], tmp_path: Path, half: int, shots: Path
) -> None:
    """The code of a half's own file says the right employer, and both files keep apart in one browser."""
    desk = device()
    for name, page in build_files(SETTINGS, CONTENT, "fr").items():
        (tmp_path / f"class{name}.html").write_text(page, encoding="utf-8")
    for number in (2 - half, 1 + half):
        desk.page.goto((tmp_path / f"class-{number}.html").as_uri())
        _grade_all(desk.page, lambda case, place: 1 + (case + place) % 4)
        assert violations(desk.page) == []
    reply = decode(_code(desk.page), FRAME)
    assert reply.rulebook_id == FRAME.rulebooks[half]
    assert sum(len(one) for one in reply.grades.values()) == 24
    assert desk.complaints == []
    desk.page.screenshot(path=shots / f"file-half-{half + 1}.png", full_page=True)


def test_without_a_store_the_page_works_and_says_so(
    device: Callable[..., Desk], file_editions: dict[str, Path]
) -> None:
    """A browser that forbids keeping anything still gives a code; the page warns about closing it."""
    desk = device()
    desk.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('forbidden'); } })"
    )
    desk.page.goto(file_editions["fr"].as_uri())
    assert desk.page.is_visible("#link")
    _grade_all(desk.page, lambda _case, place: place + 1)
    assert sum(len(one) for one in decode(_code(desk.page), FRAME).grades.values()) == 24
    assert desk.complaints == []


def _codes(n: int) -> list[str]:
    rng = random.Random(n)
    codes = []
    for number in range(n):
        grades = {
            case_id: {answer: rng.randint(1, 4) for answer in answers if rng.random() < 0.9}
            for case_id, answers in FRAME.cases
        }
        tag = "".join(rng.choice(ALPHABET) for _ in range(4))
        codes.append(encode(Reply(tag, 1, FRAME.rulebooks[number % 2], grades), FRAME))
    return codes
