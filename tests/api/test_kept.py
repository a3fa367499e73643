"""A comparison that the run folder holds is taken again only while everything it came from is as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.api import kept, source
from harness.api.kept import KEPT, compare_anew, compare_once
from harness.api.source import Asked
from harness.compare import ComparisonSource, compare_verdicts
from harness.load.roots import shipped_root
from harness.report import render_html
from harness.schema import Comparison
from harness.store.folder import RunFolder

ANYBODY = Asked()
COMPUTED = "computed again"


class _ComputedError(Exception):
    """Instead of a comparison, where none should be needed."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A compared copy of the shipped run, with content of its own; whoever computes now is heard."""
    content = tmp_path / "content"
    for name in ("cases", "prompts"):
        shutil.copytree(shipped_root() / name, content / name)
    monkeypatch.setenv("HARNESS_CONTENT", str(content))
    run = RunFolder(shutil.copytree(shipped_root() / "results" / "local-judges", tmp_path / "run"))
    compare_anew(run, ANYBODY)

    def refuse(_: object) -> Comparison:
        raise _ComputedError(COMPUTED)

    monkeypatch.setattr(kept, "compare_verdicts", refuse)
    return run


def test_the_same_files_are_not_compared_twice(folder: RunFolder) -> None:
    """What is read is what was written, to the last byte of the report."""
    written = folder.comparison_path.read_bytes()
    found = compare_once(folder, ANYBODY)
    folder.write_comparison(found)
    assert folder.comparison_path.read_bytes() == written
    manifest = folder.read_manifest()
    assert render_html(found, manifest) == render_html(Comparison.model_validate_json(written), manifest)


def _spoil_a_verdict(run: Path) -> None:
    lines = (run / "verdicts.jsonl").read_bytes().splitlines(keepends=True)
    (run / "verdicts.jsonl").write_bytes(b"".join(lines[1:]))


def _touch_a_case(run: Path) -> None:
    case = sorted((run.parent / "content" / "cases").glob("*/*.yaml"))[0]
    case.write_text(case.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")


def _touch_a_rulebook(run: Path) -> None:
    book = run.parent / "content" / "prompts" / "rulebooks" / "hhh.yaml"
    book.write_text(book.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")


def _touch_a_timing(run: Path) -> None:
    lines = (run / "timing.jsonl").read_bytes().splitlines(keepends=True)
    (run / "timing.jsonl").write_bytes(b"".join(lines[:-1]))


def _edit_the_comparison(run: Path) -> None:
    (run / "comparison.json").write_bytes((run / "comparison.json").read_bytes() + b"\n")


def _forget(run: Path) -> None:
    (run / KEPT).unlink()


def _garble(run: Path) -> None:
    (run / KEPT).write_text("[1]")


def _lose_the_comparison(run: Path) -> None:
    (run / "comparison.json").unlink()


@pytest.mark.parametrize(
    "change",
    [
        _spoil_a_verdict,
        _touch_a_case,
        _touch_a_rulebook,
        _touch_a_timing,
        _edit_the_comparison,
        _forget,
        _garble,
        _lose_the_comparison,
    ],
)
def test_whatever_changed_it_is_computed_again(folder: RunFolder, change: Callable[[Path], None]) -> None:
    """A verdict, a case, a rulebook, a timing, the file itself: nothing stale is ever shown."""
    change(folder.path)
    with pytest.raises(_ComputedError, match=COMPUTED):
        compare_once(folder, ANYBODY)


def test_what_changes_meanwhile_is_not_kept(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts written anew while they are compared leave nothing behind that is taken for their own."""
    (folder.path / KEPT).unlink()

    def slow(read: ComparisonSource) -> Comparison:
        _spoil_a_verdict(folder.path)
        return compare_verdicts(read, n_shuffles=0)

    monkeypatch.setattr(kept, "compare_verdicts", slow)
    compare_anew(folder, ANYBODY)
    assert not (folder.path / KEPT).exists()


def test_a_large_run_is_the_same_comparison(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the digests taken by another process, the bytes of both files are the same."""
    names = ("comparison.json", KEPT)
    monkeypatch.setattr(kept, "compare_verdicts", compare_verdicts)
    before = [(folder.path / name).read_bytes() for name in names]
    monkeypatch.setattr(source, "LARGE", 0)
    compare_anew(folder, ANYBODY)
    assert [(folder.path / name).read_bytes() for name in names] == before
    monkeypatch.setattr(kept, "compare_verdicts", None)
    assert compare_once(folder, ANYBODY).n_verdicts > 0


@pytest.mark.parametrize("asked", [Asked(wages=(12.0,)), Asked(reference="none"), Asked(random_sample=True)])
def test_other_options_are_another_comparison(folder: RunFolder, asked: Asked) -> None:
    """Whom to compare with, wages, and how cases were drawn are part of what was asked."""
    with pytest.raises(_ComputedError, match=COMPUTED):
        compare_once(folder, asked)


def test_another_program_computes_again(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison of an older version of the harness is not shown by a newer one."""
    monkeypatch.setattr(kept, "_COMPUTING", ("stats",))
    with pytest.raises(_ComputedError, match=COMPUTED):
        compare_once(folder, ANYBODY)
