"""An object -> one grade per slot, in the words that were asked for or in others that mean the same.

Asked for: `{"A": 3, …, "A_helpful": 4, …, "best": "A", "worst": "C", "rules": [1], "reason": "…"}`. Also
understood, and marked as repaired: French or longer keys (`note_A`, `réponse A`, `meilleure`), lower-case
slots, an object or a list inside `grades`/`notes`/`réponses`, `{"slot": "A", "grade": 3}`, numbers as "3",
"3/4", "trois", "three". A list of bare numbers is not read: nothing says which slot each belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from harness.schema import DIMENSIONS, Dimension
from harness.verdict.spans import MAX_DEPTH, Pairs
from harness.verdict.words import Number, fold, read_number

GRADE_NAMES = frozenset({"grade", "note", "score", "rating", "overall", "points", "evaluation"})
"""Keys, folded, under which people and judges put a grade."""
_SLOT_NAMES = frozenset({"slot", "answer", "reponse", "option", "id", "letter", "lettre", "name", "nom"})
_CONTAINERS = frozenset({
    *("grades", "notes", "scores", "ratings", "evaluations", "answers", "reponses", "slots"),
    *("verdict", "evaluation", "result", "results", "resultat", "resultats", "grade", "note"),
})  # fmt: skip
_DIMENSION_NAMES: dict[str, Dimension] = {
    **dict.fromkeys(("helpful", "helpfulness", "utile", "utilite"), "helpful"),
    **dict.fromkeys(("honest", "honesty", "honnete", "honnetete"), "honest"),
    **dict.fromkeys(("harmless", "harmlessness", "inoffensive", "inoffensif"), "harmless"),
}
_FIELD_NAMES: dict[str, str] = {
    **dict.fromkeys(("best", "best_answer", "best_slot", "meilleure", "meilleur"), "best"),
    **dict.fromkeys(("la_meilleure", "meilleure_reponse", "la_meilleure_reponse"), "best"),
    **dict.fromkeys(("worst", "worst_answer", "worst_slot", "pire", "la_pire", "pire_reponse"), "worst"),
    **dict.fromkeys(("rules", "rule", "rules_cited", "regles", "regle", "regles_citees"), "rules"),
    **dict.fromkeys(("reason", "reasons", "raison", "raisons", "explanation", "explication"), "reason"),
    **dict.fromkeys(("justification", "motif", "why", "pourquoi"), "reason"),
}
_AROUND_SLOT = re.compile(
    r"(?:(?:note|grade|score|reponse|answer|option|slot|la|the|de|of)_)*([a-z0-9]+)(?:_(?:note|grade|score))?"
)
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_MAX_KEY = 60


@dataclass(frozen=True)
class Form:
    """What one object says: a grade per slot, and what else was asked for, as far as it is there."""

    grades: dict[str, int]
    best: str | None = None
    worst: str | None = None
    rules: tuple[int, ...] = ()
    reason: str | None = None
    dimensions: dict[str, dict[Dimension, int]] = field(default_factory=dict)
    is_repaired: bool = False


@dataclass(frozen=True)
class Flaw:
    """Why an object is no form; a `blocking` one was meant as the verdict: no other is taken instead."""

    message: str
    blocking: bool


@dataclass
class Entries:
    """Everything an object says about each slot and field, contradictions included."""

    grades: dict[str, list[Number]] = field(default_factory=dict)
    dimensions: dict[tuple[str, Dimension], list[Number]] = field(default_factory=dict)
    fields: dict[str, list[object]] = field(default_factory=dict)
    is_repaired: bool = False


class FormReader:
    """Reads objects for one set of slots and one scale."""

    def __init__(self, slots: Sequence[str], n_grades: int) -> None:
        self.slots = tuple(slots)
        self.n_grades = n_grades
        self._slot_of = {slot.casefold(): slot for slot in slots}

    def read(self, tree: Pairs | list[object]) -> Form | Flaw:
        """The form that an object fills, or what is wrong with it."""
        entries = Entries()
        if isinstance(tree, Pairs):
            self._visit(tree, entries, 0)
        else:
            entries.is_repaired = True
            self._visit_list(tree, entries, 0)
        return self._conclude(entries)

    def _conclude(self, entries: Entries) -> Form | Flaw:
        missing = [slot for slot in self.slots if slot not in entries.grades]
        if missing:
            return Flaw(f"no grade for {', '.join(missing)}", blocking=False)
        wrong = [self.describe_wrong(slot, entries.grades[slot]) for slot in self.slots]
        named = {name: self._named(entries, name) for name in ("best", "worst")}
        wrong += [f"two different slots named {name}" for name, slots in named.items() if len(slots) > 1]
        told = [text for text in wrong if text]
        if told:
            return Flaw("; ".join(told), blocking=True)
        return Form(
            grades={slot: _whole(entries.grades[slot]) for slot in self.slots},
            best=next(iter(named["best"]), None),
            worst=next(iter(named["worst"]), None),
            rules=_read_rules(entries),
            reason=_read_reason(entries),
            dimensions=self._dimensions(entries),
            is_repaired=entries.is_repaired,
        )

    def describe_wrong(self, slot: str, numbers: Sequence[Number]) -> str:
        """Why the numbers given for a slot are not one grade; empty when they are."""
        scale = f"whole numbers from 1 to {self.n_grades}"
        for number in numbers:
            if number.whole is None or not 1 <= number.whole <= self.n_grades:
                return f"{slot} has {number.shown}, but grades are {scale}"
        if len({number.whole for number in numbers}) > 1:
            return f"{slot} has two grades, {numbers[0].shown} and {numbers[-1].shown}"
        return ""

    # --- what stands where -------------------------------------------------------------------------

    def _visit(self, pairs: Pairs, entries: Entries, depth: int) -> None:
        for key, entered in pairs:
            if key in self._slot_of.values() and not isinstance(entered, Pairs):
                self.add_grade(entries, key, entered)
            elif key in {"best", "worst", "rules", "reason"}:
                entries.fields.setdefault(key, []).append(entered)
            elif len(key) <= _MAX_KEY:
                self.visit_other(key, entered, entries, depth)

    def visit_other(self, key: str, entered: object, entries: Entries, depth: int) -> None:
        """Note what stands under a key that was not asked for by this name."""
        name = name_of(key)
        slot, dimension = self.dimension_named(name)
        if slot and dimension:
            entries.is_repaired |= key != f"{slot}_{dimension}"
            self._add_dimension(entries, (slot, dimension), entered)
        elif slot := self.slot_named(name):
            entries.is_repaired = True
            self._visit_slot(slot, entered, entries)
        elif name in _FIELD_NAMES:
            entries.is_repaired = True
            entries.fields.setdefault(_FIELD_NAMES[name], []).append(entered)
        elif name in _CONTAINERS and isinstance(entered, list) and depth < MAX_DEPTH:
            entries.is_repaired = True
            self._visit_container(entered, entries, depth + 1)

    def _visit_container(self, entered: list[object] | Pairs, entries: Entries, depth: int) -> None:
        if isinstance(entered, Pairs):
            self._visit(entered, entries, depth)
        else:
            self._visit_list(entered, entries, depth)

    def _visit_list(self, listed: list[object], entries: Entries, depth: int) -> None:
        for entry in (entry for entry in listed if isinstance(entry, Pairs)):
            names = {name_of(key): told for key, told in entry}
            shown = {self.slot_named(told) for name, told in names.items() if name in _SLOT_NAMES}
            found = sorted(slot for slot in shown if slot)
            if len(found) == 1:
                self._visit_slot(found[0], entry, entries)
            elif not found:
                self._visit(entry, entries, depth + 1)

    def _visit_slot(self, slot: str, entered: object, entries: Entries) -> None:
        """One slot's own value: a grade, or an object that holds its grade and dimensions."""
        if not isinstance(entered, Pairs):
            self.add_grade(entries, slot, entered)
            return
        for key, told in entered:
            name = name_of(key)
            if name in GRADE_NAMES:
                self.add_grade(entries, slot, told)
            elif name in _DIMENSION_NAMES:
                self._add_dimension(entries, (slot, _DIMENSION_NAMES[name]), told)

    def slot_named(self, told: object) -> str | None:
        """The slot that a word names: "B", "b", "Réponse B", "**B**"; None when it names no slot, or two."""
        if not isinstance(told, str) or len(told) > _MAX_KEY:
            return None
        found = _AROUND_SLOT.fullmatch(name_of(told))
        return self._slot_of.get(found[1]) if found else None

    def dimension_named(self, name: str) -> tuple[str | None, Dimension | None]:
        """The slot and the dimension that a folded name holds (`a_helpful`); None where it holds none."""
        before, _, last = name.rpartition("_")
        return (self.slot_named(before), _DIMENSION_NAMES[last]) if last in _DIMENSION_NAMES else (None, None)

    def add_grade(self, entries: Entries, slot: str, entered: object) -> None:
        """Note a slot's grade, where there is one."""
        number = read_number(entered, self.n_grades)
        if number is not None:  # a placeholder or a text is no grade: the slot stays without one
            entries.grades.setdefault(slot, []).append(number)
            entries.is_repaired |= not number.is_plain

    def _add_dimension(self, entries: Entries, place: tuple[str, Dimension], entered: object) -> None:
        number = read_number(entered, self.n_grades)
        if number is not None:
            entries.dimensions.setdefault(place, []).append(number)
            entries.is_repaired |= not number.is_plain

    # --- what it means -----------------------------------------------------------------------------

    def _named(self, entries: Entries, name: str) -> list[str]:
        told = entries.fields.get(name, [])
        found = sorted({slot for entered in told if (slot := self.slot_named(entered))})
        entries.is_repaired |= any(self.slot_named(entered) not in (None, entered) for entered in told)
        return found

    def _dimensions(self, entries: Entries) -> dict[str, dict[Dimension, int]]:
        """Dimension grades that can be read; one that cannot is missing, the overall grade stands."""
        found: dict[str, dict[Dimension, int]] = {}
        for slot in self.slots:
            for dimension in DIMENSIONS:
                numbers = entries.dimensions.get((slot, dimension), [])
                if numbers and not self.describe_wrong(slot, numbers):
                    found.setdefault(slot, {})[dimension] = _whole(numbers)
        return found


@lru_cache(maxsize=4_096)
def name_of(key: str) -> str:
    """A key as people mean it: `Réponse A` -> `reponse_a`."""
    return _NOT_NAME.sub("_", fold(key[:_MAX_KEY])).strip("_")


def _whole(numbers: Sequence[Number]) -> int:
    whole = numbers[0].whole
    assert whole is not None, "describe_wrong comes first"
    return whole


def _read_rules(entries: Entries) -> tuple[int, ...]:
    """Numbers of the rules cited, in order, each once: [1, 3], "1, 3", "règle 2", ["R1"]."""
    cited: list[int] = []
    for entered in entries.fields.get("rules", []):
        for entry in entered if isinstance(entered, list) and not isinstance(entered, Pairs) else [entered]:
            if isinstance(entry, int) and not isinstance(entry, bool):
                cited.append(entry)
            elif isinstance(entry, str):
                numbers = re.findall(r"(?<![0-9.,])[0-9]{1,3}(?![0-9.]*[0-9])", entry[:200])
                cited += [int(number) for number in numbers]
                entries.is_repaired |= bool(numbers)
    return tuple(dict.fromkeys(cited))


def _read_reason(entries: Entries) -> str | None:
    told = [entry.strip() for entry in entries.fields.get("reason", []) if isinstance(entry, str)]
    return next((text for text in reversed(told) if text), None)
