"""Characters: French spacing, and texts from outside made harmless to look at."""

from __future__ import annotations

import re
import unicodedata

from harness.report.numbers import NARROW_NO_BREAK, NO_BREAK
from harness.schema import Language

_BEFORE_HIGH_MARKS = re.compile(r" (?=[;!?%])")
_INSIDE_QUOTES = re.compile(r"(?<=«) | (?=[:»])")
_KEPT_CONTROLS = "\n\t"
_LINE_MARKS = "\u2028\u2029"
_VISIBLE_CATEGORIES = ("Cc", "Cs")
# Embeddings, overrides and isolates turn text around beyond their own place; plain marks (U+200E/F) do not.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def typeset(text: str, language: Language) -> str:
    """Put the non-breaking spaces of French typography; English stays as it is."""
    if language != "fr":
        return text
    return _INSIDE_QUOTES.sub(NO_BREAK, _BEFORE_HIGH_MARKS.sub(NARROW_NO_BREAK, text))


def disarm(text: str) -> str:
    """Show control characters and direction overrides by their number instead of obeying them."""
    return "".join(_visible(character) for character in text)


def excerpt(text: str, n_characters: int = 400) -> str:
    """Keep the beginning of a text, and say that there is more."""
    return text if len(text) <= n_characters else text[:n_characters].rstrip() + " […]"


def _visible(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    is_control = unicodedata.category(character) in _VISIBLE_CATEGORIES
    if is_control or character in _DIRECTION_CONTROLS or character in _LINE_MARKS:
        return f"⟨U+{ord(character):04X}⟩"
    return character
