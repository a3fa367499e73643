from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.report import render_html, write_report
from harness.schema import Comparison, Manifest


def test_the_file_is_the_page(tmp_path: Path, comparison: Comparison, manifest: Manifest) -> None:
    """What is written is what is rendered, and nothing else is left in the folder."""
    path = write_report(comparison, manifest, tmp_path / "report.html", language="en")
    is_same = path.read_text(encoding="utf-8") == render_html(comparison, manifest, language="en")
    assert is_same
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_keeps_the_former_report(
    tmp_path: Path, comparison: Comparison, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves the former report whole and no draft behind, and says which file."""
    path = tmp_path / "report.html"
    path.write_text("former", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match=r"report\.html.*No space left"):
        write_report(comparison, manifest, path)
    assert path.read_text(encoding="utf-8") == "former"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error_in_words(
    tmp_path: Path, comparison: Comparison, manifest: Manifest
) -> None:
    """The message names the place and what to do."""
    with pytest.raises(StoreError, match=r"cannot be written.*choose another place"):
        write_report(comparison, manifest, tmp_path / "absent" / "report.html")
