"""Texts in the cells of a table, made harmless for the program that opens the file.

Titles and names come from outside. A spreadsheet runs a cell that begins with an equals sign, a terminal
obeys control characters, a Markdown viewer obeys HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet calculate, in the two widths that it knows."""
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BEYOND_ASCII = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """The text with control characters and turns of direction shown by their number."""
    return _OBEYED.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def spreadsheet_cell(text: str) -> str:
    """A text that a spreadsheet shows: an apostrophe before what it would calculate."""
    return f"'{visible(text)}" if text.lstrip(" ").startswith(_FORMULA) else visible(text)


def spreadsheet_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every text, and every heading, made harmless; numbers stay numbers."""
    shown = frame.rename(columns=spreadsheet_cell)
    for name in shown.select_dtypes(include=["string", "object"]).columns:
        shown[name] = shown[name].map(_if_text, na_action="ignore")
    return shown


def _if_text(cell: object) -> object:
    return spreadsheet_cell(cell) if isinstance(cell, str) else cell


def escaped_json(text: str) -> str:
    """JSON with characters that a terminal obeys as escapes: the same content."""
    return _BEYOND_ASCII.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def markdown_cell(text: str) -> str:
    """A text inside a Markdown table: on one line, no cell border, no HTML."""
    marked = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<")
    return visible(" ".join(marked.splitlines()))
