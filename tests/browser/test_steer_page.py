"""The page of steering in a real browser: quiet, alone, accessible, and no wider than a telephone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.slow

LANGUAGES = ("fr", "en")


@pytest.fixture(scope="module")
def steered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the shipped recording, as `harness steer` writes it."""
    folder = tmp_path_factory.mktemp("steer") / "run"
    # In a process of its own: playwright's event loop runs in this one.
    subprocess.run([sys.executable, "-m", "harness", "steer", "--output", str(folder)], check=True)
    return folder / "report.html"


def test_the_page_is_quiet_and_asks_for_nothing(visit: Visit, steered: Path) -> None:
    """No console message, and the only request is the page itself."""
    visit.open(steered)
    assert visit.complaints == []
    assert visit.requests == [steered.as_uri()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    visit: Visit, steered: Path, language: str, scheme: Literal["light", "dark"]
) -> None:
    """No accessibility violation that axe-core knows, in both languages, light and dark, all folds open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visit.page.emulate_media(color_scheme=scheme)
    visit.open(steered)
    visit.page.check(f"#show-{language}")
    visit.page.evaluate("() => document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    found = axe.run(visit.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [320, 800, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_never_wider_than_the_window(
    visit: Visit, steered: Path, width: int, language: str
) -> None:
    """Nothing but tables and figures in their own frames scrolls sideways, down to 320 pixels, folds open."""
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open(steered)
    visit.page.check(f"#show-{language}")
    visit.page.evaluate("() => document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert visit.page.evaluate("() => document.documentElement.scrollWidth") <= width
