from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.load import roots
from harness.load.roots import (
    CONTENT_VARIABLE,
    as_path,
    content_root,
    content_roots,
    find_by_id,
    find_content,
)

if TYPE_CHECKING:
    from tests.load.conftest import World


def test_a_clone_finds_its_own_content(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from any content of one's own, the shipped content is the only root."""
    monkeypatch.chdir(tmp_path)
    assert content_roots() == (root,)


def test_an_installed_wheel_finds_its_own_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel, `_content` inside the package wins over folders that happen to lie beside it."""
    package = tmp_path / "site-packages" / "harness"
    for folder in (package / "_content", package.parent):
        (folder / "cases").mkdir(parents=True)
        (folder / "prompts").mkdir()
    monkeypatch.setattr(roots, "_PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    assert content_root() == package / "_content"


def test_missing_content_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without any content names the environment variable that helps."""
    monkeypatch.setattr(roots, "_PACKAGE", tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HarnessError, match=CONTENT_VARIABLE):
        content_root()


def test_the_current_directory_counts_only_with_both_folders(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current directory is a root with cases/ and prompts/ together, and then before the shipped one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()
    assert content_roots() == (root,)
    (tmp_path / "prompts").mkdir()
    assert content_roots() == (tmp_path, root)


def test_the_variable_wins_over_the_current_directory(
    world: World, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named by the variable replaces the current directory; the shipped content stays behind it."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "prompts").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(CONTENT_VARIABLE, str(world.root))
    assert content_roots() == (world.root, root)
    assert find_by_id("prompts/rulebooks", "hhh") == world.root / "prompts/rulebooks/hhh.yaml"
    assert find_content("cases/annotator") == root / "cases/annotator"


def test_a_variable_that_names_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong variable is told; the shipped content is not silently used in its place."""
    monkeypatch.setenv(CONTENT_VARIABLE, str(tmp_path / "typo"))
    with pytest.raises(HarnessError, match="typo"):
        content_roots()


@pytest.mark.parametrize(
    ("word", "is_path"),
    [
        ("annotator", False),
        ("qwen2.5-coder-1.5b", False),
        ("./annotator", True),
        ("mine.yaml", True),
        (".", True),
        ("a/b", True),
    ],
)
def test_an_id_is_told_from_a_path_by_its_form(word: str, is_path: bool) -> None:
    """Whether an id or a path is meant depends on the word alone, not on what lies on the disk."""
    assert (as_path(word) is not None) == is_path
