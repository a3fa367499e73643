"""What every figure of the report is made of."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.tables import PlainTable


@dataclass(frozen=True)
class Figure:
    """A finding as title, a method as caption, a picture, and the numbers beneath."""

    title: str
    caption: str
    svg: Markup | None
    table: PlainTable


def shortened(text: str, n_characters: int) -> str:
    """Cut a text that has no room; the table beneath the figure holds it whole."""
    return text if len(text) <= n_characters else text[: n_characters - 1].rstrip() + "…"


def two_lines(text: str, n_characters: int) -> list[str]:
    """Break a short title into at most two lines."""
    lines = textwrap.wrap(text, n_characters, max_lines=2, placeholder="…", break_long_words=True)
    return lines or [""]
