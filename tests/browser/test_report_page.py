"""The report in a real browser: quiet, alone, accessible, and whole on paper."""

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
A4_PX = (794 - 2 * 57, 1123 - 2 * 57)
"""Width and height of A4 at 96 px per inch, less margins of 15 mm."""
FIGURES = """
() => [...document.querySelectorAll('figure svg')].filter(svg => svg.getClientRects().length).map(svg => {
  const box = svg.getBoundingClientRect(), frame = svg.parentElement, figure = svg.closest('figure');
  return {
    title: figure.querySelector('h2,h3,h4').textContent, width: box.width, height: box.height,
    overflow: frame.scrollWidth - frame.clientWidth, breaks: getComputedStyle(figure).breakInside,
  };
})
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the shipped run, as `harness demo` writes it."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    # In a process of its own: playwright's event loop runs in this one.
    subprocess.run([sys.executable, "-m", "harness", "demo", "--output", str(folder)], check=True)
    return folder / "report.html"


def test_the_page_is_quiet_and_asks_for_nothing(visit: Visit, report: Path) -> None:
    """No console message, and the only request is the page itself."""
    visit.open(report)
    assert visit.complaints == []
    assert visit.requests == [report.as_uri()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    visit: Visit, report: Path, language: str, scheme: Literal["light", "dark"]
) -> None:
    """No accessibility violation that axe-core knows, in both languages, light and dark, all folds open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visit.page.emulate_media(color_scheme=scheme)
    visit.open(report)
    visit.page.check(f"#show-{language}")
    visit.page.evaluate("() => document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    found = axe.run(visit.page)
    assert found.violations_count == 0, found.generate_report()


def test_one_language_is_seen_at_a_time(visit: Visit, report: Path) -> None:
    """The switch works without a script."""
    visit.open(report)
    for shown, hidden in (("en", "fr"), ("fr", "en")):
        visit.page.check(f"#show-{shown}")
        assert visit.page.is_visible(f"main[lang={shown}]")
        assert not visit.page.is_visible(f"main[lang={hidden}]")


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_never_scrolls_sideways(visit: Visit, report: Path, width: int) -> None:
    """Wide tables and figures scroll in their own frame."""
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open(report)
    assert visit.page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_no_figure_is_cut_on_paper(visit: Visit, report: Path) -> None:
    """Every figure fits the width and height of an A4 page and is not torn between two."""
    visit.page.set_viewport_size({"width": A4_PX[0], "height": A4_PX[1]})
    visit.page.emulate_media(media="print")
    visit.open(report)
    figures = visit.page.evaluate(FIGURES)
    assert figures
    width, height = A4_PX
    cut = [
        one
        for one in figures
        if one["width"] > width or one["height"] > height or one["overflow"] > 1 or one["breaks"] != "avoid"
    ]
    assert cut == []


def test_it_prints(visit: Visit, report: Path, tmp_path: Path) -> None:
    """A PDF comes out of it."""
    visit.open(report)
    visit.page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
