"""What a person types for a case: grades, or a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

Command = Literal["undo", "skip", "quit", "rules", "help", "case"]

_COMMANDS: dict[str, Command] = {
    **dict.fromkeys(("u", "undo", "annuler"), "undo"),
    **dict.fromkeys(("s", "skip", "passer"), "skip"),
    **dict.fromkeys(("q", "quit", "quitter"), "quit"),
    **dict.fromkeys(("r", "rules", "regles", "règles"), "rules"),
    **dict.fromkeys(("?", "h", "help", "aide"), "help"),
    **dict.fromkeys(("v", "view", "voir"), "case"),
}
_KEEP = ("=", "keep", "garder")
_NAMED = re.compile(r"([a-z]) *[=:]? *(\d+)")


class Grades(NamedTuple):
    """Grades in the order of the slots."""

    grades: tuple[int, ...]


class Wrong(NamedTuple):
    """Why an entry cannot be taken: the key of a phrase, and its gaps."""

    phrase: Literal["wrong_count", "wrong_range", "wrong_missing", "wrong_slot", "wrong_keep", "wrong_entry"]
    values: dict[str, str]


def read_entry(
    text: str, slots: Sequence[str], n_grades: int, proposed: Sequence[int] | None = None
) -> Grades | Command | Wrong:
    """Grades, a command, or what is wrong with what was typed.

    `4 2 1 3` are the grades of the slots in their order, `4213` the same where no grade has two digits.
    `B 3` or `b=3 d=1` name the slots; where grades were proposed, those that are not named keep theirs, and
    `=` alone keeps all of them.
    """
    said = " ".join(text.replace(",", " ").replace(";", " ").lower().split())
    command = _COMMANDS.get(said)
    if command is not None:
        return command
    if said in _KEEP:
        return Wrong("wrong_keep", {}) if proposed is None else Grades(tuple(proposed))
    if re.fullmatch(r"\d+( \d+)*", said):
        return _in_order(said, slots, n_grades)
    pairs = _NAMED.findall(said)
    if pairs and not _NAMED.sub("", said).strip():
        return _by_name(pairs, slots, n_grades, proposed)
    return Wrong("wrong_entry", {"example": example(len(slots), n_grades)})


def example(n_slots: int, n_grades: int) -> str:
    """Grades as they might be typed, with a tie."""
    return " ".join(str(1 + (3 * place + 2) % n_grades) for place in range(n_slots))


def _in_order(said: str, slots: Sequence[str], n_grades: int) -> Grades | Wrong:
    digits = said.split()
    if len(digits) == 1 and len(slots) > 1 and n_grades < 10:
        digits = list(said)
    if len(digits) != len(slots):
        return Wrong("wrong_count", {"wanted": str(len(slots)), "found": str(len(digits))})
    return _checked([int(one) for one in digits], n_grades)


def _by_name(
    pairs: Sequence[tuple[str, str]], slots: Sequence[str], n_grades: int, proposed: Sequence[int] | None
) -> Grades | Wrong:
    letters = [slot.lower() for slot in slots]
    given = dict(zip(letters, proposed, strict=True)) if proposed is not None else {}
    for letter, digits in pairs:
        if letter not in letters:
            return Wrong("wrong_slot", {"slot": letter.upper(), "slots": " ".join(slots)})
        given[letter] = int(digits)
    missing = [slot for slot, letter in zip(slots, letters, strict=True) if letter not in given]
    if missing:
        return Wrong("wrong_missing", {"slots": " ".join(missing)})
    return _checked([given[letter] for letter in letters], n_grades)


def _checked(grades: Sequence[int], n_grades: int) -> Grades | Wrong:
    outside = [grade for grade in grades if not 1 <= grade <= n_grades]
    if outside:
        return Wrong("wrong_range", {"grade": str(outside[0]), "most": str(n_grades)})
    return Grades(tuple(grades))
