"""`harness report`: pages of one run and of two, and figures as files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import harness
from harness.load.roots import shipped_root


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the shipped run."""
    return shutil.copytree(shipped_root() / "results" / "local-judges", tmp_path / "first")


def reported(*words: object) -> Result:
    """`harness report` with these words."""
    return CliRunner().invoke(harness, ["report", *map(str, words)])


def test_figures_are_written_beside_the_page(run: Path, tmp_path: Path) -> None:
    """One SVG per figure, each named on stdout after the page."""
    found = reported(run, "--figures", tmp_path / "slides")
    assert found.exit_code == 0, found.output
    page, *figures = found.stdout.splitlines()
    assert page == str(run / "report.html")
    assert len(figures) > 10
    assert sorted(map(Path, figures)) == sorted((tmp_path / "slides").iterdir())


def test_png_without_a_folder_is_a_usage_error(run: Path) -> None:
    """The option that is missing is named."""
    found = reported(run, "--png")
    assert found.exit_code == 2
    assert "--figures" in found.output


def test_two_runs_are_set_side_by_side(run: Path, tmp_path: Path) -> None:
    """A page of its own beside the first run, which names both."""
    other = shutil.copytree(run, tmp_path / "second")
    found = reported(run, "--against", other)
    assert found.exit_code == 0, found.output
    assert found.stdout.strip() == str(run / "against-second.html")
    page = (run / "against-second.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "local-judges" in page
    assert not (run / "report.html").exists()


def test_a_folder_without_a_run_is_an_error_that_says_so(run: Path, tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    found = reported(run, "--against", tmp_path / "nowhere")
    assert found.exit_code == 1
    assert "no run manifest" in str(found.exception)
