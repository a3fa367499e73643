"""The list of what the classroom promises names tests that are there, and none that is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMED = re.compile(r"`([a-z/_]*test_[a-z0-9_]+)(?:::(test_[a-z0-9_]+))?`")
DEFINED = re.compile(r"^def (test_\w+)", re.MULTILINE)


def test_every_promise_names_a_test_that_is_there(root: Path) -> None:
    """Each backticked name in docs/classroom-acceptance.md is a test or a file of tests."""
    told = (root / "docs/classroom-acceptance.md").read_text(encoding="utf-8")
    files = {path.relative_to(root / "tests").with_suffix("").as_posix(): path for path in _files(root)}
    tests_of = {name: set(DEFINED.findall(path.read_text(encoding="utf-8"))) for name, path in files.items()}
    everything = set().union(*tests_of.values())
    missing = []
    for name, inside in NAMED.findall(told):
        homes = [one for one in tests_of if one == name or one.endswith(f"/{name}")]
        found = any(inside in tests_of[home] for home in homes) if inside else homes or name in everything
        if not found:
            missing.append(f"{name}::{inside}" if inside else name)
    assert missing == []
    assert len(NAMED.findall(told)) > 80


def _files(root: Path) -> list[Path]:
    return sorted((root / "tests").rglob("test_*.py"))
