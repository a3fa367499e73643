"""What a stranger would otherwise misread: votes as people, a key as a person, order as noise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.report import render_contrast, render_html, render_markdown, render_text
from harness.report.edition import voice_for
from harness.report.findings import find
from harness.report.page import figure_style
from harness.report.selection import judge_titles
from harness.schema import (
    CaseFacts,
    Comparison,
    Contrast,
    Estimate,
    ImportRecord,
    Interval,
    Language,
    Manifest,
    Provenance,
    Reference,
    Share,
    ShuffleTest,
    Undefined,
)

Make = Callable[..., Comparison]
NOTE = "Votes on different pairs are never joined."


def plain(text: str) -> str:
    """The same with usual spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def estimate(value: float, half: float = 0.05) -> Estimate:
    """An estimate over 96 cases with an interval for other cases."""
    span = Interval(low=value - half, high=value + half, target="T3", method="t over cases", n=96)
    return Estimate(value=value, n=96, unit="cases", intervals=(span,))


def without(reason: Undefined) -> Estimate:
    """No number."""
    return Estimate(value=None, n=0, unit="cases", undefined_because=reason)


def people(**fields: object) -> Reference:
    """Four people, or slots, who agree at .40 where chance gives .05."""
    usual: dict[str, object] = {
        "kind": "people",
        "n_annotators": 4,
        "rulebook_ids": ("crowd-instruction",),
        "human_human": estimate(0.4),
        "human_floor": estimate(0.05),
        "crowd_ceiling": without("incomplete_rankings"),
        "best_expected": estimate(0.7),
    }
    return Reference.model_validate({**usual, **fields})


@pytest.fixture
def imported(manifest: Manifest) -> Manifest:
    """The manifest of an import with a licence and a note."""
    record = ImportRecord(
        format="prd",
        sources=(),
        notes=(NOTE,),
        imported_at="2026-11-22T00:00:00Z",
        people_known=False,
        provenance=Provenance(kind="imported", date="2023-08-01", source="Li et al.", note="Licence MIT."),
    )
    return manifest.model_copy(update={"imported": record})


@pytest.fixture
def voted(make: Make, comparison: Comparison) -> Comparison:
    """The usual run beside four anonymous votes a case, one of them with a case split among them."""
    cases = tuple(
        CaseFacts.model_validate({**case.model_dump(), "n_people": 4, "split_pairs": 0.5, "human_human": 0.2})
        for case in comparison.cases
    )
    return make(reference=people(people_known=False), cases=cases)


def said(comparison: Comparison, language: Language = "en", manifest: Manifest | None = None) -> str:
    """Everything that the findings say."""
    found = find(comparison, manifest, voice_for(comparison, language))
    facts = [text for _, text in found.about]
    return plain("\n".join([*facts, found.headline, *found.basis, *found.caveats, *found.limits]))


@pytest.mark.parametrize(
    ("language", "wrong", "right"),
    [
        ("en", ("4 people", "two people", "another person"), "24 anonymous votes (4 per case)"),
        ("fr", ("4 personnes", "deux personnes", "une autre personne"), "24 votes anonymes (4 par cas)"),
    ],
)
def test_anonymous_votes_are_never_called_people(
    voted: Comparison, imported: Manifest, language: Language, wrong: tuple[str, ...], right: str
) -> None:
    """Slots are counted as votes in the page, the Markdown and the terminal: nobody is a person there."""
    page = plain(render_html(voted, imported, language=language))
    main = page[page.index(f'lang="{language}" class="in-{language}"') :].partition("</main>")[0]
    texts = (
        main,
        plain(render_markdown(voted, language, manifest=imported)),
        plain(render_text(voted, language, manifest=imported, width=10_000)),
    )
    for text in texts:
        assert right in text
        # Columns and methods may explain what holds for people; no count and no comparison is of people.
        assert [words for words in wrong if words in text] == []


def test_votes_that_agree_like_chance_are_the_first_warning(make: Make) -> None:
    """When the interval of the people's own agreement holds chance, that stands before everything else."""
    near = people(people_known=False, human_human=estimate(0.02, 0.03), human_floor=estimate(0.04))
    hardly = make(reference=near)
    first = find(hardly, None, voice_for(hardly, "en")).caveats[0]
    assert "hardly agree with each other" in first
    assert "0.04" in first
    assert "hardly" not in said(make(reference=people()))


def test_a_wide_interval_is_not_called_hardly_any_agreement(make: Make) -> None:
    """Few cases: agreement of .40 with an interval down to chance cannot be told from it, no more."""
    text = said(make(reference=people(human_human=estimate(0.4, 0.5))))
    assert "cannot be told from chance" in text
    assert "hardly" not in text


def test_votes_left_aside_are_counted(make: Make) -> None:
    """A person's further pair votes that do not count are a caveat with their number."""
    text = said(make(reference=people(votes_aside={"other_pairs": 36, "repeats": 2})))
    assert "Votes in the files that are not compared: 38 (36 on further pairs" in text


def test_noise_that_is_order_is_called_order(make: Make, comparison: Comparison) -> None:
    """Half of the noise or more being order is said in the headline; less is not."""
    assert "most of it the order in which the answers are shown (30%)" in said(comparison)
    part = comparison.components[0]
    shares = tuple(
        Share(part=one.part, share=estimate(0.1)) if one.part == "order" else one for one in part.shares
    )
    assert "the order in which" not in said(make(components=(part.model_copy(update={"shares": shares}),)))


def test_a_share_that_is_not_known_leaves_no_hole(make: Make, comparison: Comparison) -> None:
    """The rules' test without a share: the sentence says that nobody can say how much."""
    part = comparison.components[0]
    shares = tuple(one.model_copy(update={"share": without("too_few_runs")}) for one in part.shares)
    test = ShuffleTest(p=0.001, n_shuffles=999, shuffled_within="case")
    unmeasured = part.model_copy(update={"shares": shares, "rulebook_test": test})
    expected: dict[Language, str] = {
        "en": "cannot be measured (too few",
        "fr": "n’est pas mesurable (trop peu",
    }
    for language, words in expected.items():
        text = said(make(components=(unmeasured,)), language)
        assert words in text
    assert "of the difference;" not in said(make(components=(unmeasured,)))


def test_a_published_key_is_nobody_of_ours(make: Make, comparison: Comparison, imported: Manifest) -> None:
    """Imported gold labels are the published key: no person, no rulebook of ours, and no people beside it."""
    reference = comparison.reference.model_copy(update={"published_key": True})
    page = plain(render_html(make(reference=reference), imported, language="en"))
    main = page[page.index('class="in-en"') :].partition("</main>")[0]
    assert "the published key" in main
    assert "Published key" in main
    for words in ("one person’s key", "one person)", "the published key (hhh)", "more than people do"):
        assert words not in main


def test_rulebooks_that_only_people_had_show_their_title(make: Make) -> None:
    """The instruction of the crowd is named by its title, and a difference from the judges' is a caveat."""
    titles = {"crowd-instruction": {"en": "Four factors, when to tie", "fr": "Quatre facteurs"}}
    text = said(make(reference=people(rulebook_titles=titles)))
    assert "their rulebook: Four factors, when to tie" in text
    assert "did not have the same instruction (people: Four factors, when to tie" in text
    assert "crowd-instruction" not in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_instruction_that_nobody_knows_is_said_in_both_languages(make: Make, language: Language) -> None:
    """The rulebook `unstated` has words of ours in both languages, and is no difference that is known."""
    text = said(make(reference=people(rulebook_ids=("unstated",))), language)
    assert {"fr": "une consigne absente des fichiers", "en": "an instruction that is not in"}[
        language
    ] in text
    assert {"fr": "n’est pas dans les fichiers", "en": "is not in the files: a gap"}[language] in text


def test_markdown_carries_origin_licence_and_notes(comparison: Comparison, imported: Manifest) -> None:
    """What was left out on the way in, and whose data they are, is pasted with the table."""
    text = render_markdown(comparison, "en", manifest=imported)
    assert "Licence MIT." in text
    assert "Li et al." in text
    assert NOTE in text
    assert NOTE not in render_markdown(comparison, "en")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_first_screen_names_set_judges_and_reference(
    comparison: Comparison, imported: Manifest, language: Language
) -> None:
    """Before the first sentence stand the set and its source, the judges, and whom they are compared with."""
    page = plain(render_html(comparison, imported, language=language))
    main = page[page.index(f'class="in-{language}"') :]
    first = main.partition("<h1>")[0]
    words = {
        "fr": ("6 cas, 4 réponses par cas", "4 juges", "4 règlements", "le corrigé d’une seule personne"),
        "en": ("6 cases, 4 answers per case", "4 judges", "4 rulebooks", "one person’s key"),
    }[language]
    assert [one for one in (*words, "Li et al.") if one not in first] == []


def test_the_rules_of_an_import_are_no_companys(comparison: Comparison, manifest: Manifest) -> None:
    """Only in our own runs is a rulebook a company's."""
    own = said(comparison, manifest=manifest)
    record = ImportRecord(format="long", sources=(), imported_at="2026-11-22T00:00:00Z")
    other = said(comparison, manifest=manifest.model_copy(update={"imported": record}))
    assert "which company rule" in own
    assert "company" not in other.partition("\n\n")[0]
    assert "which rulebook" in other


def test_people_show_the_check_of_weights_and_chance(full: Comparison, manifest: Manifest) -> None:
    """The weighted consensus is a number, and a test against chance is said to prove nothing when large."""
    panel = full.people_panel
    assert panel is not None
    test = ShuffleTest(p=0.02, n_shuffles=999, shuffled_within="case")
    tested = tuple(one.model_copy(update={"better_than_chance": test}) for one in panel.people)
    changed = panel.model_copy(update={"people": tested, "weighted_consensus": estimate(0.93)})
    page = plain(render_html(full.model_copy(update={"people_panel": changed}), manifest, language="en"))
    assert "are alike at τₓ = 0.93" in page
    assert "Better than chance" in page
    assert "a large p proves nothing" in page
    assert "Better than chance" not in plain(render_html(full, manifest, language="en"))


def test_rows_with_equal_titles_get_full_names_beside_another_run(
    contrast: Contrast, full: Comparison
) -> None:
    """With a comparison at hand no row of two runs carries an id for a name."""
    ids = [row.row_id for row in contrast.rows]
    page = render_contrast(contrast, language="en", comparison=full)
    assert ids
    assert [one for one in ids if f"({one})" in page] == []


def test_the_command_names_rows_in_full(root: Path) -> None:
    """`harness report --against` hands the comparison over that names the rows."""
    source = (root / "harness/cli/report.py").read_text(encoding="utf-8")
    assert "comparison=compared.record" in source


def test_two_judges_of_one_title_are_told_apart(make: Make, comparison: Comparison) -> None:
    """The same model asked in two ways has two names wherever judges are listed."""
    rows = tuple(
        row.model_copy(update={"title": "Qwen2.5-Coder 1.5B"})
        if row.annotator_id == "qwen-1.5b-pairwise"
        else row
        for row in comparison.rows
    )
    titles = judge_titles(make(rows=rows), voice_for(comparison, "en"))
    assert titles["qwen-1.5b"] == "Qwen2.5-Coder 1.5B"
    assert titles["qwen-1.5b-pairwise"] == "Qwen2.5-Coder 1.5B · pairwise"
    assert len(set(titles.values())) == len(titles)


def test_the_figures_style_needs_no_negation() -> None:
    """Programs that draw SVG outside a browser do not know `:not()`, and fill what it selects with black."""
    assert ":not(" not in figure_style()


@pytest.mark.parametrize("n_people", [12, 50])
def test_a_class_of_fifty_fits_in_600_kilobytes(full: Comparison, manifest: Manifest, n_people: int) -> None:
    """Every panel, a row and a reading per person: what a class gets can be mailed and opened anywhere."""
    panel = full.people_panel
    judge = next(row for row in full.rows if row.kind == "judge")
    assert panel is not None
    people_read = tuple(
        panel.people[place % 12].model_copy(update={"annotator_id": f"Loutre {place}"})
        for place in range(n_people)
    )
    rows = tuple(
        judge.model_copy(
            update={
                "row_id": f"person:{place}",
                "kind": "person",
                "annotator_id": f"Loutre {place}",
                "title": f"Loutre {place}",
                "protocol": None,
                "rulebook_id": None,
                "wording": None,
                "language": None,
                "slot_effect": None,
            }
        )
        for place in range(n_people)
    )
    crowded = full.model_copy(
        update={
            "people_panel": panel.model_copy(update={"people": people_read}),
            "rows": (*full.rows, *rows),
        }
    )
    assert len(render_html(crowded, manifest).encode()) <= 600_000


def test_a_wide_table_can_be_reached_on_screen_and_on_paper(root: Path) -> None:
    """On screen its frame scrolls, with a shade where it goes on; on paper nothing is hidden in a frame."""
    style = (root / "harness/report/templates/style.css").read_text(encoding="utf-8")
    screen, paper = style.split("@media print", 1)
    assert ".scroll{overflow-x:auto" in screen
    assert "var(--edge)" in screen
    assert ".scroll{overflow:visible" in paper
