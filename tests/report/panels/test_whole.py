"""The page with every panel, its texts, its figures as files, imports, and two runs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.report import render_contrast, render_figures, render_html, render_markdown, render_text
from harness.report.brief import panel_lines
from harness.report.edition import voice_for
from harness.schema import (
    LANGUAGES,
    Comparison,
    Contrast,
    FactorComponents,
    FactorShare,
    ImportRecord,
    Language,
    Manifest,
    Provenance,
    SourceFile,
)

WalkPage = Callable[[str], Any]
GOLD = Path(__file__).with_name("panel_lines_gold.json")
HOSTILE = "</svg></title><script>alert(1)</script>\u202egnp.exe <b onclick='x'>{{ 7*7 }}\x00"


def imported(manifest: Manifest) -> Manifest:
    """The manifest of a run that was imported, with a hostile note."""
    record = ImportRecord(
        format="llmbar",
        options={"subset": "Natural"},
        sources=tuple(
            SourceFile(name=f"Natural/{n}.json", n_bytes=123456, sha256="ab" * 32) for n in range(200)
        ),
        notes=("48 verdicts could not be parsed", HOSTILE),
        imported_at="2026-11-21T20:00:00Z",
        random_sample=None,
        provenance=Provenance(kind="imported", date="2023-10-11", source="Zeng et al.", note="MIT licence"),
    )
    return manifest.model_copy(update={"imported": record})


@pytest.fixture(params=["full", "two_answers", "contrast"])
def page(request: pytest.FixtureRequest, manifest: Manifest) -> str:
    """The page with every panel, that of an imported long set, and that of two runs."""
    found = request.getfixturevalue(request.param)
    if isinstance(found, Contrast):
        return render_contrast(found, language="en")
    return render_html(found, imported(manifest) if request.param == "two_answers" else manifest)


def test_every_page_is_well_formed_and_alone(page: str, walk: WalkPage) -> None:
    """Tags closed, ids unique, no level of heading skipped, nothing fetched, figures named."""
    walker = walk(page)
    assert (walker.wrong, walker.open) == ([], [])
    assert len(set(walker.ids)) == len(walker.ids)
    for language in LANGUAGES:
        levels = [level for lang, level in walker.headings if lang == language]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
    names = {name for name, _ in walker.tags}
    assert names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"} == set()
    assert not any(
        key in ("src", "href", "style") or key.startswith("on") for _, pairs in walker.tags for key in pairs
    )
    drawings = [pairs for name, pairs in walker.tags if name == "svg"]
    assert drawings
    named = {one for pairs in drawings for one in str(pairs["aria-labelledby"]).split()}
    assert named <= set(walker.ids)
    assert all(pairs["role"] == "img" for pairs in drawings)


def test_the_full_page_stays_small(full: Comparison, manifest: Manifest) -> None:
    """Every panel of a run of usual size, both languages: less than 450 KB."""
    assert len(render_html(full, manifest).encode()) <= 450_000


def test_panels_without_data_are_one_line(comparison: Comparison, manifest: Manifest, walk: WalkPage) -> None:
    """What was not measured is named once with its reason, and no section stands empty."""
    page = render_html(comparison, manifest, language="en")
    lines = re.findall(r"<p class=\"basis\">(Not measured here: .*?)</p>", page)
    assert len(lines) == 1
    assert "which rule moves what? (no rule was left out)" in lines[0]
    assert "who wrote the best answers? (authors of the answers unknown)" in lines[0]
    assert "<h2>The map</h2>" not in page
    assert "<h2>What a thousand cases cost</h2>" not in page
    assert re.findall(r"</h2>\s*</section>", page) == []
    assert walk(page).wrong == []


def test_nothing_measured_leaves_one_line(undefined_comparison: Comparison, manifest: Manifest) -> None:
    """Even a run without a readable verdict has no empty section, and says why in one line."""
    page = render_html(undefined_comparison, manifest, language="en")
    (line,) = re.findall(r"<p class=\"basis\">(Not measured here: .*?)</p>", page)
    assert "model, rulebook, reaction, noise (incomplete grid)" in line
    assert "does the place matter?" in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_panels_in_a_few_lines(full: Comparison, language: Language) -> None:
    """Each panel's finding, word for word; change the gold file on purpose only."""
    gold = json.loads(GOLD.read_text(encoding="utf-8"))
    assert list(panel_lines(full, voice_for(full, language))) == gold[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_terminal_and_markdown_mention_the_panels(full: Comparison, language: Language) -> None:
    """Both texts hold the heading, a finding of a panel, and what may be said."""
    words = {
        "fr": ("Les autres volets", "Mille cas notés", "peuvent dire"),
        "en": ("The other panels", "A thousand graded", "can say"),
    }
    for text in (render_text(full, language), render_markdown(full, language)):
        assert all(word in text for word in words[language])
        assert "Helpful, honest, harmless" in text or "Utile, honnête, inoffensive" in text


def test_rulebooks_have_their_titles_everywhere(full: Comparison, manifest: Manifest) -> None:
    """No id stands where a title is known: table, figures, findings; the facts at the end name both."""
    english = render_html(full, manifest, language="en").split('<main lang="en"')[1]
    body, _, facts = english.partition("How this report was made")
    assert "helpful-first" not in body
    assert "Help first" in body
    assert "Help first (helpful-first)" in facts


def test_other_words_and_languages_are_factors(full: Comparison, manifest: Manifest) -> None:
    """Shares with the wording varied are a table of their own, with the interaction named by both factors."""
    share = full.components[0].shares[0].share
    part = FactorComponents(
        varied="paraphrase",
        protocol="listwise",
        wordings=("base", "paraphrase"),
        languages=("fr",),
        judge_ids=("a", "b"),
        rulebook_ids=("hhh", "none"),
        case_ids=("x", "y", "z"),
        fewest_runs=4,
        most_runs=4,
        complete_squares=True,
        shares=(
            FactorShare(factors=("model",), share=share),
            FactorShare(factors=("model", "paraphrase"), share=share),
        ),
        factor_test=full.components[0].model_test,
    )
    page = render_html(full.model_copy(update={"factor_components": (part,)}), manifest, language="en")
    assert "Wording of the rules varied too: the largest part is model (58%)" in page
    assert "model × wording" in page


def test_an_import_says_where_it_comes_from(two_answers: Comparison, manifest: Manifest) -> None:
    """Format, licence, notes and at most sixty files stand on the page, and the caveats begin with it."""
    page = render_html(two_answers, imported(manifest), language="en")
    english = page.split('<main lang="en"')[1]
    assert "Results taken over from others (format llmbar, files: 200): no judge was asked here." in english
    assert "MIT licence" in english
    assert "Where these verdicts come from" in english
    assert english.count("Natural/") == 60
    assert "the key of those who published these cases" in english
    assert "no class has graded" not in english


def test_methods_are_those_that_were_used(
    full: Comparison, comparison: Comparison, manifest: Manifest
) -> None:
    """Name, formula and reference of each statistic stand in a fold; nothing when none is named."""
    page = render_html(full, manifest, language="en")
    assert "The 2 statistics used in this report" in page
    assert "<code>agreement.tau_x</code>" in page
    assert "doi:10.1002/mcda.313" in page
    assert "statistics used in this report" not in render_html(comparison, manifest, language="en")


def test_two_runs_stand_side_by_side(full: Comparison, manifest: Manifest, contrast: Contrast) -> None:
    """The section counts what moved, warns of what else differs, and names rows of one run only."""
    for text in (
        render_contrast(contrast, language="en"),
        render_html(full, manifest, language="en", contrast=contrast),
    ):
        assert "Rows whose agreement visibly moved, over 6\u00a0cases in common: 1\u00a0of\u00a02" in text
        assert (
            "the judges are not all that changes: the people are not the same, the text of the cases has"
            in text
        )
        assert "Only in local-judges: smollm2:none." in text


def test_rows_with_the_same_title_are_told_apart(full: Comparison, contrast: Contrast) -> None:
    """A comparison gives rows their rulebook's title; without one, equal titles carry the row's id."""
    rows = tuple(
        row.model_copy(update={"row_id": known.row_id, "title": "Qwen"})
        for row, known in zip(contrast.rows, full.rows, strict=False)
    )
    same = contrast.model_copy(update={"rows": rows})
    assert f"Qwen ({rows[0].row_id})" in render_contrast(same, language="en")
    named = render_contrast(same, language="en", comparison=full)
    assert "Qwen2.5-Coder 1.5B · Helpful, honest, harmless" in named
    assert "Qwen2.5-Coder 1.5B · Utile, honnête, inoffensive" in named


def test_two_runs_without_a_common_row(contrast: Contrast) -> None:
    """Nothing in common is said in words."""
    page = render_contrast(contrast.model_copy(update={"rows": ()}), language="fr")
    assert "Les deux n’ont aucune ligne en commun." in page


def test_figures_are_files_of_their_own(full: Comparison, manifest: Manifest) -> None:
    """Each file is valid XML with its name space and style, needs no variable, and names what it shows."""
    files = render_figures(full, manifest, "fr")
    assert {"ladder", "heat", "map", "slots", "shares-0", "people", "weights", "slope-poem"} <= set(files)
    for name, text in files.items():
        root = ET.fromstring(text.encode())  # noqa: S314 - our own drawing
        assert root.tag == "{http://www.w3.org/2000/svg}svg", name
        assert "var(" not in text
        assert re.sub(r"url\(#[a-z0-9-]+\)", "", text).count("url(") == 0
        titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
        assert titles[0]
        width, height = (float(root.attrib[side]) for side in ("width", "height"))
        assert [float(one) for one in root.attrib["viewBox"].split()][2:] == [width, height]


def test_figures_keep_inside_their_frame(full: Comparison, manifest: Manifest) -> None:
    """No text begins outside the drawing, so that nothing is cut in a file or on paper."""
    for name, text in render_figures(full, manifest, "en").items():
        root = ET.fromstring(text.encode())  # noqa: S314 - our own drawing
        width = float(root.attrib["width"])
        xs = [float(element.attrib["x"]) for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert all(-1 <= x <= width for x in xs), name


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), min_size=1, max_size=40).map(lambda text: text + HOSTILE))
def test_no_string_from_outside_is_obeyed(
    full: Comparison, manifest: Manifest, walk: WalkPage, text: str
) -> None:
    """Titles, persons, systems, wages, methods and rules may hold anything: the page stays a page."""
    both = {"fr": text, "en": text}
    assert full.people_panel is not None
    assert full.opinion_map is not None
    people = tuple(one.model_copy(update={"annotator_id": text}) for one in full.people_panel.people)
    boards = tuple(
        board.model_copy(
            update={"standings": tuple(one.model_copy(update={"system_id": text}) for one in board.standings)}
        )
        for board in full.leaderboards
    )
    hostile = full.model_copy(
        update={
            "rulebooks": tuple(
                one.model_copy(update={"title": both, "rules": {1: ("helpful", both)}})
                for one in full.rulebooks
            ),
            "people_panel": full.people_panel.model_copy(update={"people": people}),
            "leaderboards": boards,
            "costs": tuple(
                one.model_copy(update={"wage_source": both, "row_id": text}) for one in full.costs
            ),
            "methods": tuple(
                one.model_copy(update={"name": text, "summary": text, "notes": text, "references": (text,)})
                for one in full.methods
            ),
            "opinion_map": full.opinion_map.model_copy(
                update={
                    "points": tuple(one.model_copy(update={"title": text}) for one in full.opinion_map.points)
                }
            ),
            "rows": tuple(row.model_copy(update={"title": text}) for row in full.rows[:4]),
        }
    )
    page = render_html(hostile, imported(manifest))
    walker = walk(page)
    assert (walker.wrong, walker.open) == ([], [])
    assert {name for name, _ in walker.tags} & {"script", "b"} == set()
    assert not any(character in page for character in "\u202e\x00")
    for drawing in render_figures(hostile, manifest, "en").values():
        ET.fromstring(drawing.encode())  # noqa: S314 - our own drawing
