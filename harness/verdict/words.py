"""Words of French and English that a reply may use where a number, a name or a verdict was asked for."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

_SPELLED = (
    "zero; un une one; deux two; trois three; quatre four; cinq five; six; sept seven; huit eight; "
    "neuf nine; dix ten"
)
NUMBER_WORDS: dict[str, int] = {
    word: number for number, words in enumerate(_SPELLED.split("; ")) for word in words.split()
}
"""The number of each word, folded (see `fold`)."""

TIE_WORDS = frozenset({
    *("egalite", "egales", "egaux", "egal", "ex aequo", "match nul"),
    *("tie", "tied", "a tie", "equal", "equally good", "draw"),
})  # fmt: skip
"""Folded words for "neither is better"."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "\u00a0": " ", "\u202f": " "})
_MAX_NUMBER_CHARACTERS = 40
_NUMBER = re.compile(
    r"([+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?|[a-z]{2,6})(?: ?(?:/|sur|out of) ?([0-9]{1,9}))?\.?"
)

_REFUSAL = re.compile(
    r"\W{0,5}(?:(?:unfortunately|malheureusement|as an ai[^.,\n]{0,40}|en tant qu[^.,\n]{0,40})\W{1,3})?"
    r"(?:(?:but|mais)\s)?(?:"
    r"i\W?(?:a?m)\s(?:(?:very|so|truly)\s)?(?:sorry|unable|not\sable)|sorry\b|i\sapologi[sz]e"
    r"|i\s(?:can(?:no|')t|can\snot|could\snot|couldn't|won't|will\snot|must\sdecline|decline|refuse)\b"
    r"|(?:je\ssuis\s)?(?:vraiment\s)?desolee?\b|je\sm'excuse|je\srefuse\b|il\sm'est\simpossible"
    r"|je\sne\s(?:peux|puis|souhaite|veux)\b|je\sne\ssuis\spas\sen\smesure|je\sprefere\sne\spas"
    r")"
)


def fold(text: str) -> str:
    """Lower case without accents, ligatures and typographic spaces: what people mean by the same word."""
    plain = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().translate(_LIGATURES)


@dataclass(frozen=True, slots=True)
class Number:
    """A value meant as a grade; `whole` is None when it is no whole number of the scale asked for."""

    shown: str
    whole: int | None
    is_plain: bool


def read_number(entered: object, n_grades: int) -> Number | None:
    """A grade as an integer, "3", "trois", "three" or "3/4"; None when it is no number at all."""
    if isinstance(entered, bool):
        return None
    if isinstance(entered, int):
        return Number(str(entered) if abs(entered) < 10**9 else "a huge number", entered, is_plain=True)
    if isinstance(entered, float):
        whole = int(entered) if math.isfinite(entered) and entered.is_integer() else None
        return Number(str(entered), whole, is_plain=False)
    return _read_number_text(entered, n_grades) if isinstance(entered, str) else None


def _read_number_text(entered: str, n_grades: int) -> Number | None:
    if len(entered) > _MAX_NUMBER_CHARACTERS:
        return None
    found = _NUMBER.fullmatch(" ".join(fold(entered).split()))
    if found is None:
        return None
    amount = found[1].replace(",", ".")
    if amount.isalpha():
        if amount not in NUMBER_WORDS:
            return None
        amount = str(NUMBER_WORDS[amount])
    other_scale = found[2] is not None and int(found[2]) != n_grades
    whole = None if other_scale or not float(amount).is_integer() else int(float(amount))
    return Number(entered.strip(), whole, is_plain=False)


def find_refusal(text: str) -> str | None:
    """The first sentence of a text, when it is a refusal."""
    start = text.strip()[:400]
    if _REFUSAL.match(fold(start)) is None:
        return None
    return re.split(r"[.!?\n]", start, maxsplit=1)[0]
