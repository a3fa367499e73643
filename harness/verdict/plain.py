"""Lines of text such as `A : 3`, `**A** = 3/4`, `Réponse A : trois`, `| A | 3 |` -> one grade per slot.

The last and strictest way to read a reply: each slot needs one grade with nothing after it on its stretch of
line that could change it ("3 or 4", "3-4", "3,5"). An order (`A = D > C > B`) holds no grades: not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from harness.verdict.form import Flaw, Form, FormReader
from harness.verdict.words import NUMBER_WORDS, Number, fold, read_number

_VALUE = r"(?P<value>[+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?|[^\W\d_]{2,7})(?![\w])"
_LEAD = (
    r"(?<![\w.'’-])(?:(?:et|and|puis)[ \t]{1,4})?"
    r"(?:(?:[Rr]éponse|[Aa]nswer|[Nn]ote|[Gg]rade|[Oo]ption|[Ss]lot)[ \t]{1,4})?"
)
_SCALE = re.compile(r"[ \t]{0,4}(?:/|sur|out of)[ \t]{0,4}([0-9]{1,9})")
_RULE_CITED = re.compile(r"(?:rules?|r[èe]gles?|n°)[ \t]{0,4}[0-9]{1,3}(?![0-9])", re.IGNORECASE)
_AFTER_GRADE = re.compile(r"[\"'*_`)\] \t]{0,8}(?:$|[,;.|(–—-])")
_MORE_NUMBERS = re.compile(r"[0-9]|\b(?:ou|or|voire|to|à)\s+(?:" + "|".join(NUMBER_WORDS) + r")\b")


@lru_cache(maxsize=32)
def _mention(slots: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(slot) for slot in slots)
    separator = r"[\"'*_`)\]]{0,4}[ \t]{0,8}(?::|=>?|->|→|\|)[\"'*_`( \t]{0,8}"
    return re.compile(rf"{_LEAD}(?P<slot>{names}){separator}{_VALUE}")


@lru_cache(maxsize=32)
def _naming(slots: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(slot) for slot in slots)
    return re.compile(
        r"^[^\w\n]{0,8}(?:la )?(?:(?P<best>best|meilleure?)|(?P<worst>worst|pire))"
        r"(?: (?:answer|slot|réponse))?"
        rf"[ \t*_]{{0,4}}[:=][ \t*_]{{0,4}}(?:(?:réponse|answer|slot) )?(?P<slot>{names})[ \t*_.,;]{{0,4}}$",
        re.IGNORECASE | re.MULTILINE,
    )


def holds_mentions(text: str, slots: Sequence[str]) -> bool:
    """Whether a text holds anything that could be taken for a grade of a slot."""
    return next(_find_mentions(text, slots), None) is not None


def mentioned(text: str, slots: Sequence[str]) -> str:
    """The stretch of a text from its first to its last grade of a slot; empty without one."""
    found = list(_find_mentions(text, slots))
    return text[found[0].start("slot") : found[-1].end()] if found else ""


def _find_mentions(text: str, slots: Sequence[str]) -> Iterator[re.Match[str]]:
    for found in _mention(tuple(slots)).finditer(text):
        if not found["value"].isalpha() or fold(found["value"]) in NUMBER_WORDS:
            yield found


def read_plain(text: str, reader: FormReader) -> Form | Flaw:
    """The grades that lines of text give, or what is wrong with them."""
    mentions = list(_find_mentions(text, reader.slots))
    numbers: dict[str, list[Number]] = {slot: [] for slot in reader.slots}
    for place, mention in enumerate(mentions):
        limit = mentions[place + 1].start() if place + 1 < len(mentions) else len(text)
        rest = text[mention.end() : limit].split("\n", 1)[0].rstrip("\r")
        numbers[mention["slot"]].append(_read_mention(mention["value"], rest, reader.n_grades))
    missing = [slot for slot in reader.slots if not numbers[slot]]
    if missing:
        return Flaw(f"no grade for {', '.join(missing)}", blocking=False)
    wrong = [told for slot in reader.slots if (told := reader.describe_wrong(slot, numbers[slot]))]
    if wrong:
        return Flaw("; ".join(wrong), blocking=True)
    grades = {slot: numbers[slot][0].whole or 0 for slot in reader.slots}
    best, worst = _named(text, reader, "best"), _named(text, reader, "worst")
    return Form(grades=grades, best=best, worst=worst, is_repaired=True)


def _read_mention(entered: str, rest: str, n_grades: int) -> Number:
    """The grade of one mention; without a whole number when what follows makes it doubtful."""
    scale = _SCALE.match(rest)
    after = rest[scale.end() :] if scale else rest
    number = read_number(f"{entered}/{scale[1]}" if scale else entered, n_grades)
    is_clear = _AFTER_GRADE.match(after) and not _MORE_NUMBERS.search(_RULE_CITED.sub("", after))
    if number is None or not is_clear:
        return Number(f"{entered}{rest[:40]}".strip(), None, is_plain=False)
    return number


def _named(text: str, reader: FormReader, which: str) -> str | None:
    found = {match["slot"].upper() for match in _naming(reader.slots).finditer(text) if match[which]}
    named = {slot for slot in reader.slots if slot.upper() in found}
    return named.pop() if len(named) == 1 else None
