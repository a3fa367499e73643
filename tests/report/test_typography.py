from __future__ import annotations

import pytest

from harness.report.typography import disarm, excerpt, typeset


@pytest.mark.parametrize(
    ("written", "typeset_text"),
    [
        ("Que faire ?", "Que faire\u202f?"),
        ("Attention ! Non ; oui.", "Attention\u202f! Non\u202f; oui."),
        ("Voici : « ceci »", "Voici\u00a0: «\u00a0ceci\u00a0»"),
        ("58 %", "58\u202f%"),
        ("à 20:30, https://example.org", "à 20:30, https://example.org"),
    ],
)
def test_french_marks_keep_their_words_company(written: str, typeset_text: str) -> None:
    """The spaces of French punctuation do not break, and nothing else changes."""
    assert typeset(written, "fr") == typeset_text


def test_english_is_left_alone() -> None:
    """English punctuation takes no spaces, so none is touched."""
    assert typeset("What : now ?", "en") == "What : now ?"


@pytest.mark.parametrize(
    "character", ["\u202e", "\u202a", "\u2066", "\u2069", "\x00", "\x1b", "\x85", "\u2028", "\ud800"]
)
def test_characters_that_act_are_shown_by_number(character: str) -> None:
    """Overrides, escapes and lone surrogates are named instead of obeyed."""
    assert disarm(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_ordinary_text_of_any_script_passes() -> None:
    """Arabic, emoji, accents, line breaks and tabs are text like any other."""
    text = "مرحبا — déjà 👩‍🏫\n\tשלמ"
    assert disarm(text) == text


def test_an_excerpt_says_that_there_is_more() -> None:
    """A cut text ends with a mark, a short one does not."""
    assert excerpt("abc", 3) == "abc"
    assert excerpt("abcd", 3) == "abc […]"
