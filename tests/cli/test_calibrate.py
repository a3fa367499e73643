"""`harness calibrate` on the shipped recordings: text, page and JSON say the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Done

Command = Callable[..., "Done"]
SHIPPED = "results/local-judges"


def test_text_page_and_json_agree(command: Command, tmp_path: Path) -> None:
    """Six cases are called a demonstration; what is printed stands in the record and on the page."""
    page = tmp_path / "choice.html"
    done = command("calibrate", SHIPPED, "--language", "en", "-o", str(page))
    assert done.code == 0
    assert "take this as a demonstration" in done.out
    assert "one person’s key" in done.out
    found = json.loads(command("calibrate", SHIPPED, "--json").out)
    assert [one["most_judges"] for one in found["choosing"]] == [1, 2, 3]
    for one in found["choosing"]:
        assert one["optimism"]["value"] == pytest.approx(one["naive"]["value"] - one["honest"]["value"])
    html = page.read_text()
    assert "Quel juge choisir" in html
    assert "Which judge to choose?" in html
    assert "<script" not in html
    assert f"{found['choosing'][-1]['naive']['value']:.2f}" in html


def test_an_unknown_rulebook_is_answered_with_those_there_are(command: Command) -> None:
    """Whoever names a rulebook that no judge had is told which they had."""
    done = command("calibrate", SHIPPED, "--rulebook", "nobody")
    assert done.code == 1
    assert "rulebooks (languages) there are" in done.err


def test_several_languages_of_prose(command: Command) -> None:
    """French is the default; both languages give the same promise."""
    french, english = command("calibrate", SHIPPED).out, command("calibrate", SHIPPED, "--language", "en").out
    assert "ce que le choix promet" in french
    assert "what the choice promises" in english
    assert "promet 0,25" in french
    assert "promises 0.25" in english
