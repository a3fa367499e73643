from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError, ImportFormatError
from harness.formats.base import Format
from harness.formats.registry import FORMATS, NAMES, find_format, read_files

if TYPE_CHECKING:
    from tests.conftest import Done

HEAVY = ("litellm", "pandas", "scipy", "numpy", "fastapi", "pyarrow")


def test_the_formats_of_the_project_are_there() -> None:
    """Every format that the documentation promises has a name."""
    promised = "long pairwise scores rankings mt-bench alpaca-eval arena prd llmbar pandalm hanna llmfao"
    assert [*promised.split(), "label-studio", "argilla", "inspect"] == list(NAMES) == list(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_every_format_explains_itself(name: str) -> None:
    """Each format has a reader of its own name, a summary, what it expects, and words for every option."""
    found = FORMATS[name]
    assert isinstance(found, Format)
    assert found.name == name
    assert 10 < len(found.summary) < 250
    assert "\n" not in found.summary + found.expects
    assert found.expects
    assert found.example.strip()
    for option, meaning in found.options.items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", option)
        assert len(meaning) > 10


@pytest.mark.parametrize("name", ["long", "pairwise", "scores", "rankings"])
def test_the_columns_of_our_tables_are_all_explained(name: str) -> None:
    """Every column that a table may have is documented, and no other."""
    layout = import_module(f"harness.formats.{name}").LAYOUT
    explained = FORMATS[name].columns
    assert set(explained) == {*layout.required, *layout.optional}
    needed = {column for column, holds in explained.items() if holds.startswith("needed")}
    assert needed == set(layout.required)


def test_an_unknown_format_names_the_near_one() -> None:
    """A misspelt format is answered with the one that may be meant."""
    with pytest.raises(HarnessError, match="did you mean 'pairwise'"):
        find_format("pairwize")


def test_an_unknown_option_is_an_error(tmp_path: Path) -> None:
    """No option is ignored: a misspelt one is named before anything is read."""
    with pytest.raises(ImportFormatError, match="did you mean 'tolerance'"):
        read_files("scores", [tmp_path / "absent.csv"], {"tolerence": "1"})


@pytest.mark.parametrize("name", NAMES)
def test_a_path_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    """Every reader names the file that it does not find."""
    with pytest.raises(HarnessError, match="absent"):
        read_files(name, [tmp_path / "absent"], {})


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[1]", b"\xff\xfe\x00", b"a,b\n1,2\n", b'{"a": ['])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_foreign_files_are_refused(tmp_path: Path, name: str, content: bytes, suffix: str) -> None:
    """A file of something else is an ImportFormatError in every format, never a crash."""
    path = tmp_path / f"foreign{suffix}"
    path.write_bytes(content)
    with pytest.raises(ImportFormatError):
        read_files(name, [path], {})


def test_help_loads_nothing_heavy(root: Path) -> None:
    """`harness import --help` lists all formats and loads no numerical or network library."""
    code = (
        "import sys; from harness.cli import harness; sys.argv = ['harness', 'import', '--help']\n"
        "try: harness(standalone_mode=False)\n"
        "finally: print('LOADED', [name for name in "
        f"{HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"
    for name in NAMES:
        assert re.search(rf"^ +{name} ", done.stdout, flags=re.MULTILINE), name
    assert "cannot be loaded" not in done.stdout


def test_the_page_of_formats_is_current(root: Path, command: Callable[..., Done]) -> None:
    """docs/formats.md is what `harness formats-page` prints: write it again after changing a format."""
    assert command("formats-page").out == (root / "docs/formats.md").read_text(encoding="utf-8")
