"""Tables that open anywhere without doing anything: no formulas, no control characters, no markup."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare.cells import spreadsheet_cell, visible
from harness.compare.frames import frame_of, table_bytes

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\uff1d1")
OBEYED = "\x1b[31m\u202ered\u2066\u2028\x00\x9b"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_shown_not_calculated(text: str) -> None:
    """A text that begins like a formula gets an apostrophe, also behind spaces and in full width."""
    assert spreadsheet_cell(text).startswith("'")
    (_, row) = csv.reader(io.StringIO(table_bytes(frame_of([{"title": text}]), "csv").decode()))
    assert row == [spreadsheet_cell(text)]


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula: numeric columns are written as they are, and so are usual texts."""
    written = table_bytes(frame_of([{"tau": -0.5, "n": -3, "title": "a = b", "gap": None}]), "csv").decode()
    assert written == "tau,n,title,gap\n-0.5,-3,a = b,\n"


def test_what_a_terminal_obeys_is_shown_by_its_number() -> None:
    """Escape sequences and turns of direction are visible in CSV and Markdown, and escapes in JSON."""
    frame = frame_of([{"title": OBEYED}])
    for kind in ("csv", "markdown", "json"):
        written = table_bytes(frame, kind).decode()
        assert not any(sign in written for sign in set(OBEYED) - set("[31mred")), kind
    assert json.loads(table_bytes(frame, "json")) == [{"title": OBEYED}]
    assert "⟨U+202E⟩red" in visible(OBEYED)


def test_markdown_cells_hold_no_markup() -> None:
    """A tag, a border and a line break stay inside their cell, as text."""
    written = table_bytes(frame_of([{"title": "<img src=x>|a\nb\\"}]), "markdown").decode()
    assert written.splitlines()[2] == r"| \<img src=x>\|a b\\ |"


@given(st.text(max_size=40))
def test_no_text_becomes_a_formula_or_a_command(text: str) -> None:
    """Whatever a cell holds, its first sign calculates nothing and no sign is obeyed."""
    shown = spreadsheet_cell(text)
    assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not any(ord(sign) < 32 and sign not in "\t\n" for sign in shown)
