"""What the documents say about the repository is so."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", flags=re.MULTILINE)


def _documents(root: Path) -> list[Path]:
    folders = (root, root / "docs", root / "cases", root / "prompts")
    return sorted(path for folder in folders for path in folder.glob("*.md"))


def _anchors(path: Path) -> set[str]:
    """Spell a document's headings as anchors, in the way forges do."""
    headings = HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    bare = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {re.sub(r"\s", "-", heading.strip()) for heading in bare}


def _broken_links(path: Path) -> list[str]:
    broken = []
    for groups in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        target = groups[0] or groups[1]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = path if not name else path.parent / name
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(f"{path.name}: {target}")
    return broken


def _answers_for_help(root: Path, command: str) -> bool:
    asked = [sys.executable, "-m", "harness", command, "--help"]
    return subprocess.run(asked, cwd=root, capture_output=True, timeout=60, check=False).returncode == 0


def test_links_inside_the_repository_lead_somewhere(root: Path) -> None:
    """Every relative link and anchor of a document exists."""
    assert [link for path in _documents(root) for link in _broken_links(path)] == []


def test_make_targets_named_in_documents_exist(root: Path) -> None:
    """Every `make …` that a document names is a target of the Makefile."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    named = {
        (path.name, target)
        for path in _documents(root)
        for target in re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {pair for pair in named if pair[1] not in targets} == set()


def test_commands_named_in_documents_exist(root: Path) -> None:
    """Every `harness …` that a document names is a command."""
    if importlib.util.find_spec("harness.cli") is None:
        pytest.skip("there is no command line yet")
    spelled = re.compile(r"(?:`|^\$? ?)harness ([a-z][a-z-]*)", flags=re.MULTILINE)
    named = {name for path in _documents(root) for name in spelled.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert [name for name in sorted(named) if not _answers_for_help(root, name)] == []


def test_the_changelog_starts_with_the_numbers(root: Path) -> None:
    """Every release says first which published numbers changed."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    first_sections = [re.findall(r"^### (.+)$", release, flags=re.MULTILINE)[0] for release in releases]
    assert set(first_sections) == {"Numbers"}


def test_decisions_are_dated_newest_first(root: Path) -> None:
    """Every decision has a date, and the newest stands on top."""
    text = FENCE.sub("", (root / "docs" / "decisions.md").read_text(encoding="utf-8"))
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    days = [date.fromisoformat(heading.split(" · ")[0]) for heading in headings]
    assert days
    assert days == sorted(days, reverse=True)


def test_every_decision_says_what_and_why(root: Path) -> None:
    """A decision without its reason is refused."""
    text = (root / "docs" / "decisions.md").read_text(encoding="utf-8")
    entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    incomplete = [
        entry.splitlines()[0] for entry in entries if "**Decided**" not in entry or "**Because**" not in entry
    ]
    assert incomplete == []


def test_the_glossary_has_three_filled_columns(root: Path) -> None:
    """Every word of the glossary has its French word and its meaning, and stands there once."""
    text = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    words = [row[0] for row in rows[2:]]
    assert len(words) == len(set(words)) > 20
    assert [row for row in rows if not all(row[:3])] == []
