from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.report import render_html
from harness.schema import Comparison, Language, Manifest

Make = Callable[..., Comparison]
WalkPage = Callable[[str], Any]
HOSTILE = "</title></style><script>alert(1)</script>\u202egnp.exe <b onclick='x'>{{ 7*7 }}\x00"


@pytest.fixture(params=["usual", "undefined", "hundred"])
def page(request: pytest.FixtureRequest, manifest: Manifest) -> str:
    """The page of a usual comparison, of one without numbers, and of one with a hundred rows."""
    fixture = {"usual": "comparison", "undefined": "undefined_comparison", "hundred": "hundred_rows"}[
        request.param
    ]
    return render_html(request.getfixturevalue(fixture), manifest)


def test_the_page_is_well_formed(page: str, walk: WalkPage) -> None:
    """Every tag is closed in order, ids are unique, headings skip no level."""
    walker = walk(page)
    assert (walker.wrong, walker.open) == ([], [])
    assert len(set(walker.ids)) == len(walker.ids)
    for language in ("fr", "en"):
        levels = [level for lang, level in walker.headings if lang == language]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_fetches_nothing(page: str, walk: WalkPage) -> None:
    """No script, no address in any attribute, no import in the style: the page is the file."""
    walker = walk(page)
    names = {name for name, _ in walker.tags}
    assert names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"} == set()
    assert [
        pair
        for _, pairs in walker.tags
        for pair in pairs.items()
        if pair[0] in ("src", "href", "action", "style")
    ] == []
    assert not any(key.startswith("on") for _, pairs in walker.tags for key in pairs)
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#[a-z0-9-]+\)", "", page)


def test_the_policy_allows_this_style_and_nothing_else(page: str) -> None:
    """The policy's hash is that of the style in the page, so a browser applies it."""
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert (
        f"content=\"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\""
        in page
    )


def test_headers_and_figures_speak_to_screen_readers(page: str, walk: WalkPage) -> None:
    """Each table header has a scope, each figure a role and a name."""
    walker = walk(page)
    assert all(
        pairs.get("scope") in ("col", "row", "rowgroup") for name, pairs in walker.tags if name == "th"
    )
    drawings = [pairs for name, pairs in walker.tags if name == "svg"]
    assert all(pairs["role"] == "img" for pairs in drawings)
    named = {one for pairs in drawings for one in str(pairs["aria-labelledby"]).split()}
    assert named <= set(walker.ids)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_languages_are_inside_and_one_is_shown_first(
    comparison: Comparison, manifest: Manifest, language: Language, walk: WalkPage
) -> None:
    """Two editions, each with its own `lang`; the argument chooses the one that is checked."""
    page = render_html(comparison, manifest, language=language)
    walker = walk(page)
    mains = [pairs["lang"] for name, pairs in walker.tags if name == "main"]
    checked = [pairs["id"] for name, pairs in walker.tags if name == "input" and "checked" in pairs]
    assert mains == ["fr", "en"]
    assert checked == [f"show-{language}"]
    assert f'<html lang="{language}">' in page


def test_every_figure_has_a_title_a_caption_and_its_numbers(
    comparison: Comparison, manifest: Manifest
) -> None:
    """The finding above, the method below, the data table beneath."""
    figures = re.findall(
        r"<figure>(.*?)</figure>\s*(<details class=\"data\">)?", render_html(comparison, manifest), re.DOTALL
    )
    assert len(figures) == 2 * (1 + 6 + 2 + 2 + 1)
    assert all("<h3>" in inside and "<figcaption>" in inside and table for inside, table in figures)


def test_hostile_text_stays_text(
    make: Make, manifest: Manifest, comparison: Comparison, walk: WalkPage
) -> None:
    """Markup, template code, direction overrides and nulls from outside are shown, never obeyed."""
    line = comparison.failures[0].model_copy(
        update={"text": HOSTILE, "message": HOSTILE, "annotator_id": HOSTILE}
    )
    rows = tuple(row.model_copy(update={"title": HOSTILE}) for row in comparison.rows)
    texts = {"fr": HOSTILE, "en": HOSTILE}
    cases = tuple(
        case.model_copy(
            update={"title": texts, "message": texts, "answers": dict.fromkeys(case.answers, texts)}
        )
        for case in comparison.cases
    )
    spec = manifest.judges[0].spec.model_copy(
        update={"title": HOSTILE, "model_id": HOSTILE, "maker": HOSTILE}
    )
    judge = manifest.judges[0].model_copy(update={"spec": spec})
    hostile = make(rows=rows, cases=cases, failures=(line,), run_title=texts)
    page = render_html(hostile, manifest.model_copy(update={"judges": (judge,), "run_id": HOSTILE}))
    walker = walk(page)
    assert (walker.wrong, walker.open) == ([], [])
    assert {name for name, _ in walker.tags} & {"script", "b"} == set()
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "49" not in re.findall(r"gnp\.exe.{0,60}", page)[0]
    assert "⟨U+202E⟩gnp.exe" in page


def test_a_hundred_rows_fit_in_400_kilobytes(hundred_rows: Comparison, manifest: Manifest) -> None:
    """The recorded run's size stays within what can be mailed and opened anywhere."""
    assert 80 <= len(hundred_rows.rows) <= 120
    assert len(render_html(hundred_rows, manifest).encode()) <= 400_000


def test_the_same_comparison_gives_the_same_page(comparison: Comparison, manifest: Manifest) -> None:
    """No clock and no chance is in the page."""
    is_same = render_html(comparison, manifest) == render_html(comparison, manifest)
    assert is_same


def test_simulated_data_are_announced(make: Make, manifest: Manifest) -> None:
    """A simulated comparison says so in both languages."""
    page = render_html(make(simulated=True), manifest)
    assert "est simulée" in page
    assert "are simulated" in page


def test_surrogates_do_not_stop_the_page(make: Make, manifest: Manifest, comparison: Comparison) -> None:
    """A text that is no valid Unicode can still be written."""
    line = comparison.failures[0].model_copy(update={"text": "broken \ud83d emoji"})
    assert b"broken \xe2\x9f\xa8U+D83D" in render_html(make(failures=(line,)), manifest).encode()


def colours(style: str) -> dict[str, str]:
    """The custom colours of one theme."""
    return dict(re.findall(r"--([a-z0-9]+):(#[0-9a-f]{3,6})", style))


def luminance(colour: str) -> float:
    """Relative luminance as the accessibility guidelines define it."""
    digits = colour.lstrip("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(root: Path, theme: str) -> None:
    """Every text colour has a contrast of 4.5 or more on every ground it stands on, in both themes."""
    style = (root / "harness/report/templates/style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root\{(.*?)\}", style, re.DOTALL)
    palette = {**colours(light), **(colours(dark) if theme == "dark" else {})}
    grounds = {"ink": ["bg", "card", "dot", "h0", "p1", "p2", "p3", "p4", "n1", "n2", "n3", "n4"]}
    grounds |= {"soft": ["bg", "card"], "accent": ["bg", "card"]}
    for text, places in grounds.items():
        for place in places:
            bright, dim = sorted((luminance(palette[text]), luminance(palette[place])), reverse=True)
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, (text, place)
