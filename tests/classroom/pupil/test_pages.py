"""Pages of pupils as they are written: whole, alone, and without what must not be known."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from harness.classroom.assets import STATIC, asset, asset_url, assets, modules, script
from harness.classroom.content import Shelf
from harness.classroom.file_edition import build_file, build_files, inlined
from harness.classroom.pupil_pages import debrief_fragment, pupil_page
from harness.classroom.rendering import data_block, render
from harness.classroom.sheets import blank_sheets, order_words, own_sheet
from harness.classroom.texts import words
from harness.report.typography import typeset
from harness.schema.classroom import ClassSession, ClassSettings, ClassState

if TYPE_CHECKING:
    from harness.classroom.content import LessonContent
    from harness.schema import Language, Rulebook

LANGUAGES: tuple[Language, ...] = ("fr", "en")
CASES = ("ibuprofen", "screens", "poison-novel", "language", "antidepressant", "poem")
HALVES = ("hhh", "caution-first")
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
HOSTILE = "</script><script>alert(1)</script>\u2028 & <b>"


def _settings(language: Language = "fr", *, simulated: bool = False) -> ClassSettings:
    return ClassSettings(language=language, case_ids=CASES, rulebooks=HALVES, simulated=simulated)


def _content(language: Language = "fr") -> LessonContent:
    return Shelf().of(_settings(language))


def _session(language: Language = "fr", *, simulated: bool = False) -> ClassSession:
    return ClassSession(
        session_id="s1",
        code="7KQX",
        settings=_settings(language, simulated=simulated),
        state=ClassState(phases=dict.fromkeys(CASES, "open"), stage="cases"),
        seed=7,
        created_at="2026-11-23T08:00:00+00:00",
        expires_at="2026-11-24T08:00:00+00:00",
    )


def _view(content: LessonContent) -> dict[str, Any]:
    return {
        "session_id": "s1",
        "version": 3,
        "stage": "cases",
        "simulated": False,
        "pseudonym": {"animal": 44, "number": 7},
        "rulebook_id": "hhh",
        "front": "ibuprofen",
        "phases": dict.fromkeys(CASES, "open"),
        "cards": {case_id: list(reversed(ids)) for case_id, ids in content.answers.items()},
        "ballots": [{"case_id": "poem", "vote": 1, "grades": {"poem-a": 4, "poem-b": 1, "poem-d": 4}}],
        "second_vote": True,
    }


def _page(language: Language = "fr", *, simulated: bool = False) -> str:
    content = _content(language)
    session = _session(language, simulated=simulated)
    return pupil_page(session, _view(content), content.case_set, content.cases, content.rulebook("hhh"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_every_text_and_nothing_that_primes(language: Language) -> None:
    """All answers are there; commentary, author's key, conflict and the other rulebook are not."""
    content, page = _content(language), _page(language)
    said = words(language)
    for case in content.cases:
        assert case.commentary is not None
        assert case.commentary[language][:25] not in page
        assert case.conflict is not None
        assert case.conflict[language] not in page
        assert page.count(f'data-answer="{case.answers[0].answer_id}"') == 1
    assert "caution-first" not in page
    assert content.rulebook("hhh").title[language] not in page
    assert said("pupil.begin") in page


def test_cards_follow_the_pupils_order_and_letters_stay() -> None:
    """Shown D to A, the first card is answer D and is called D."""
    page = _page()
    cards = re.findall(r'data-answer="(ibuprofen-.)">\s*<h3>Réponse (.)<', page)
    assert cards == [(f"ibuprofen-{letter}", letter.upper()) for letter in "dcba"]


def test_the_page_is_light() -> None:
    """Page, style and script of a pupil are at most 40 KB gzip."""
    parts = [
        _page().encode(),
        *(asset(name).content for name in ("base.css", "pupil.css", "pupil.js", "icon.svg")),
    ]
    assert sum(len(gzip.compress(part)) for part in parts) <= 40_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_have_no_inline_script_or_style(language: Language) -> None:
    """What a policy of `default-src 'self'` forbids is not there: style attributes, handlers, inline code."""
    for page in (_page(language), render("room.html.j2", language, base_url="http://x", qr=lambda url: url)):
        assert not re.search(r"\sstyle=|\son\w+=|<style", page)
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


def test_a_simulated_lesson_says_so() -> None:
    """The banner stands on the page, the file and the sheets."""
    settings = _settings(simulated=True)
    assert "SIMULÉ." in _page(simulated=True)
    assert "SIMULÉ." in build_file(settings, _content(), "fr")
    assert "SIMULÉ." in blank_sheets(settings, _content(), "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_needs_nothing_else_and_allows_nothing_else(language: Language) -> None:
    """Its policy allows exactly the style and the script that are in it, by their digests."""
    page = build_file(_settings(language), _content(language), language)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    for block in (r"<style>(.*?)</style>", r'<script type="module">(.*?)</script>'):
        inside = re.search(block, page, re.DOTALL)
        assert inside is not None
        digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "import " not in re.sub(r"//.*", "", script("file.js"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_of_a_half_knows_nothing_of_the_other(language: Language) -> None:
    """Neither rules nor name of the other employer, nor that the page could read codes, are in its source."""
    settings, content = _settings(language), _content(language)
    pages = build_files(settings, content, language)
    assert list(pages) == ["-1", "-2", "-teacher"]
    for half, other in ((0, 1), (1, 0)):
        own, others = content.rulebooks[half], content.rulebooks[other]
        page = html.unescape(pages[f"-{half + 1}"])
        assert typeset(own.rules[0].text["base"][language], language) in page
        for rule in {rule.text["base"][language] for rule in others.rules} - _texts(own, language):
            assert typeset(rule, language) not in page
        assert others.title[language] not in page
        assert f'"{others.rulebook_id}"' not in page
        assert 'id="teacher"' not in page
    for book in content.rulebooks:
        assert book.title[language] in html.unescape(pages["-teacher"])
    one = settings.model_copy(update={"rulebooks": HALVES[:1]})
    assert list(build_files(one, Shelf().of(one), language)) == [""]


def _texts(book: Rulebook, language: Language) -> set[str]:
    return {rule.text["base"][language] for rule in book.rules}


def test_the_file_holds_no_commentary() -> None:
    """Every pupil has the whole file, so it holds nothing that primes them."""
    page = build_file(_settings(), _content(), "fr")
    for case in _content().cases:
        assert case.commentary is not None
        assert case.commentary["fr"][:25] not in page


def test_nothing_inlined_can_end_its_block() -> None:
    """A script that says `</script>` is refused instead of breaking the page."""
    with pytest.raises(ValueError, match="two parts"):
        inlined("const a = '</script>';")


def test_data_cannot_end_the_block_it_stands_in() -> None:
    """Hostile text stays data, and comes back as it was."""
    block = str(data_block({"text": HOSTILE}))
    assert not re.search(r"[<>&\u2028]", block)
    assert json.loads(block) == {"text": HOSTILE}


def test_content_of_cases_is_escaped() -> None:
    """HTML in a case is shown as text."""
    content = _content()
    case = content.cases[0]
    hostile = case.model_copy(update={"message": {"fr": HOSTILE, "en": HOSTILE}})
    cases = (hostile, *content.cases[1:])
    page = pupil_page(_session(), _view(content), content.case_set, cases, content.rulebook("hhh"))
    assert "<script>alert" not in page
    assert "&lt;/script&gt;" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_debrief_shows_both_employers_and_which_was_ones_own(language: Language) -> None:
    """Both titles, both rules, and the mark on one of them."""
    content = _content(language)
    page = debrief_fragment(content.rulebooks, "caution-first", language)
    assert [page.count(book.title[language]) for book in content.rulebooks] == [1, 1]
    assert page.count(words(language)("pupil.debrief_own")) == 1


def test_the_own_sheet_says_the_last_vote() -> None:
    """Orders are said in letters; a case without grades says so."""
    content = _content()
    view = _view(content)
    view["ballots"].append({"case_id": "poem", "vote": 2, "grades": {"poem-c": 3, "poem-a": 1}})
    page = own_sheet(_session(), view, content.cases, {})
    assert "C &gt; A" in page
    assert page.count(words("fr")("sheet.nothing")) == 5


def test_orders_keep_ties_and_leave_blanks_out() -> None:
    """A and D tie on top; C was not graded and is not there."""
    case = _content().case("poem")
    assert order_words(case, {"poem-a": 4, "poem-b": 1, "poem-d": 4}, "fr") == "A = D > B"


def test_blank_sheets_hold_one_sheet_per_rulebook() -> None:
    """Two halves: two sheets, marked A and B, each with 24 rows of cells."""
    page = blank_sheets(_settings(), _content(), "fr")
    assert page.count('<article class="sheet">') == 2
    assert page.count('class="sheet__cells"') == 48
    linked = blank_sheets(_settings(), _content(), "fr", standalone=False)
    assert "<style" not in linked
    assert asset_url("sheet.css") in linked


def test_a_script_is_joined_from_its_modules_in_order() -> None:
    """Each module once, the imported first, and no import or export left."""
    order = modules("pupil.js")
    assert order[-1] == "pupil.js"
    assert len(set(order)) == len(order)
    assert order.index("entry.js") < order.index("cases.js")
    assert not re.search(r"^(?:import|export) ", script("pupil.js"), re.MULTILINE)


@pytest.mark.parametrize("name", ["pupil.js", "file.js", "join.js", "room.js"])
def test_no_two_modules_of_a_script_declare_the_same_name(name: str) -> None:
    """Joined into one scope, the modules do not get in each other's way."""
    declared = [
        found
        for one in modules(name)
        for found in DECLARED.findall((STATIC / one).read_text(encoding="utf-8"))
    ]
    assert sorted(declared) == sorted(set(declared))


def test_names_of_assets_change_with_their_content() -> None:
    """An asset may be kept for ever under its name, which holds the digest of what it serves."""
    for hashed, one in assets().items():
        digest = hashlib.sha256(one.content).hexdigest()[:12]
        assert hashed == one.hashed_name
        assert digest in hashed
        assert gzip.decompress(one.gzipped) == one.content
