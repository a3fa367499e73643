"""The shipped run: what real judges said replays to the same bytes, and the demo says plainly what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import harness as command_line

SHIPPED = Path(__file__).parents[2] / "results" / "local-judges"
MOST_BYTES = 460_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The folder that `harness demo` wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    return folder, CliRunner().invoke(command_line, ["demo", "--output", str(folder), "--language", "en"])


def test_the_demo_ends_well_and_names_the_report(demo: tuple[Path, Result]) -> None:
    """Exit code 0; the last line says where the report is."""
    folder, done = demo
    assert done.exit_code == 0, done.output
    assert str((folder / "report.html").resolve()) in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", ["manifest.json", "verdicts.jsonl", "timing.jsonl", "comparison.json"])
def test_the_shipped_run_replays_to_the_same_bytes(demo: tuple[Path, Result], name: str) -> None:
    """Verdicts and comparison come out of the recordings as they were committed."""
    folder, _ = demo
    assert (folder / name).read_bytes() == (SHIPPED / name).read_bytes()


def test_the_demo_says_what_it_is(demo: tuple[Path, Result]) -> None:
    """Small models, one key, no class yet: on the terminal and in the report; nothing is simulated."""
    folder, done = demo
    text = " ".join(done.stdout.split())
    for words in ("small models", "one person’s key", "no class has graded these cases yet"):
        assert words in text
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "no class has graded these cases yet" in page
    assert "(simulated)" not in page


def test_the_demo_report_is_small_and_fetches_nothing(demo: tuple[Path, Result]) -> None:
    """One file of at most 460 KB, in two languages, without scripts or anything from elsewhere."""
    content = (demo[0] / "report.html").read_bytes()
    assert len(content) <= MOST_BYTES
    for forbidden in (b"<script", b'src="http', b"url(http", b"@import"):
        assert forbidden not in content


def test_the_demo_can_be_repeated(demo: tuple[Path, Result]) -> None:
    """A second demo into the same folder writes the same again."""
    folder, _ = demo
    before = (folder / "report.html").read_bytes()
    done = CliRunner().invoke(command_line, ["demo", "--output", str(folder), "--language", "en"])
    assert done.exit_code == 0, done.output
    assert (folder / "report.html").read_bytes() == before
