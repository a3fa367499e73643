"""Words: the same in both languages, with French spacing, and every one that a page asks for exists."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import pytest

from harness.classroom.assets import STATIC
from harness.classroom.texts import FOLDER, words

if TYPE_CHECKING:
    from harness.schema import Language

TEMPLATES = FOLDER.parent / "templates"
LANGUAGES: tuple[Language, ...] = ("fr", "en")
NARROW, WIDE = "\u202f", "\u00a0"


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_files_and_keys() -> None:
    """Nothing is said in one language only."""
    files = [{path.name for path in (FOLDER / language).iterdir()} for language in LANGUAGES]
    assert files[0] == files[1]
    assert set(words("fr").texts) == set(words("en").texts)


def test_both_languages_are_filled_with_the_same_values() -> None:
    """A text takes the same values in both languages, so that no page can fail in one of them."""
    french, english = words("fr").texts, words("en").texts
    assert {key: _fields(text) for key, text in french.items()} == {
        key: _fields(text) for key, text in english.items()
    }


def test_no_text_is_left_untranslated() -> None:
    """Texts of more than three words differ between the languages."""
    french, english = words("fr").texts, words("en").texts
    same = [key for key, text in french.items() if text == english[key] and len(text.split()) > 3]
    assert same == []


def test_french_has_its_spaces() -> None:
    """Narrow before ; ! ? and %, wide before : and inside « »; never an ordinary one."""
    for key, text in words("fr").texts.items():
        assert not re.search(r" [;!?%:»]|« ", text), key
    said = words("fr")
    assert said("pupil.progress", n=3, total=24) == f"Réponses remplies{WIDE}: 3 / 24"
    assert f"cela{NARROW}?" in said("live.confirm", best="", worst="")


def test_french_apostrophes_are_typographic() -> None:
    """No straight apostrophe stands in a text that people read."""
    for language in LANGUAGES:
        straight = [key for key, text in words(language).texts.items() if re.search(r"\w'\w", text)]
        assert straight == []


@pytest.mark.parametrize(
    ("language", "n", "singular"), [("fr", 0, True), ("fr", 1, True), ("en", 0, False), ("en", 1, True)]
)
def test_nought_is_singular_in_french(language: Language, n: int, *, singular: bool) -> None:
    """Counted texts follow each language's own rule."""
    said = words(language)
    sample = next(key.removesuffix(".one") for key in said.texts if key.endswith(".one"))
    values = dict.fromkeys(_fields(said.texts[f"{sample}.one"]) - {"n"}, "")
    chosen = said.counted(sample, n, **values)
    assert chosen == said(f"{sample}.{'one' if singular else 'many'}", n=n, **values)


def test_a_missing_text_names_a_near_one() -> None:
    """A misspelt key fails loudly, with the key that was meant."""
    with pytest.raises(KeyError, match=r"pupil\.progress"):
        words("fr")("pupil.progres")


def test_every_text_of_a_template_exists() -> None:
    """No template asks for a text that is not there."""
    keys = set(words("fr").texts)
    asked = [
        (path.name, key)
        for path in TEMPLATES.rglob("*.j2")
        for key in re.findall(r'\btext\("([a-z_.]+[a-z_0-9])"[,)]', path.read_text(encoding="utf-8"))
    ]
    assert len(asked) > 50
    assert [(name, key) for name, key in asked if key not in keys] == []


def test_every_text_of_the_pupils_scripts_exists() -> None:
    """No script of the pupil's page says a word that the page was not given."""
    given = set(words("fr").section("live"))
    for name in ("entry.js", "cases.js", "pupil.js", "file.js", "reading.js"):
        asked = set(re.findall(r"\bwords\.([a-z_0-9]+)", (STATIC / name).read_text(encoding="utf-8")))
        assert asked <= given, name


def test_a_pseudonym_is_an_animal_and_a_number() -> None:
    """The name does not break at the end of a line."""
    assert words("fr").pseudonym(44, 7) == f"Loutre{WIDE}7"
    assert words("en").pseudonym(44, 7) == f"Otter{WIDE}7"
