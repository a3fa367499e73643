from __future__ import annotations

import pytest

from harness.report import render_markdown, render_text
from harness.report.markdown import escaped
from harness.schema import Comparison, Language, Manifest


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_terminal_gets_finding_table_and_limits(
    comparison: Comparison, manifest: Manifest, language: Language
) -> None:
    """The summary says what was compared, the finding, every front row, and last what cannot be said."""
    text = render_text(comparison, language, manifest=manifest)
    first, second = text.replace("\u00a0", " ").split("\n\n")[:2]
    assert first.startswith({"fr": "Le jeu : 6 cas", "en": "The set: 6 cases"}[language])
    assert second.startswith({"fr": "De la différence", "en": "Of the difference"}[language])
    assert text.count("helpful-first") >= 4
    assert {"fr": "ne peuvent pas dire", "en": "cannot say"}[language] in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_the_terminal_gets_no_control_codes(comparison: Comparison) -> None:
    """Text from a model cannot move the cursor or colour the screen."""
    rows = tuple(row.model_copy(update={"title": "\x1b[31mred[bold]\nline"}) for row in comparison.rows)
    text = render_text(comparison.model_copy(update={"rows": rows}), "en")
    assert "\x1b" not in text
    assert "[bold]" in text


def test_nothing_measured_can_still_be_printed(undefined_comparison: Comparison) -> None:
    """A run without a readable verdict has a summary too."""
    assert "cannot tell" in render_text(undefined_comparison, "en")
    assert "cannot tell" in render_markdown(undefined_comparison, "en")


def test_markdown_tables_are_rectangular(comparison: Comparison) -> None:
    """Each line of the table has the same number of cells, whatever a title holds."""
    rows = tuple(row.model_copy(update={"title": "a|b\nc"}) for row in comparison.rows)
    text = render_markdown(comparison.model_copy(update={"rows": rows}), "fr")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) > 20
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_markdown_marks_stand_for_themselves() -> None:
    """A star or a bracket from outside formats nothing."""
    assert escaped("*x* [y](z) <b>") == r"\*x\* \[y\](z) \<b\>"
