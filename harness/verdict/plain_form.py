"""The reply that nearly every judge gives: one flat JSON object with the keys asked for, and nothing else.

Such a reply is read here in a tenth of the time. What comes out is what the ladder of `listwise` would give,
because about a reply of this kind none of its rungs, guards and repairs has anything to say:

* it begins with `{`, ends with `}`, and holds no other brace and no backslash, so that it is one whole span
  with quotes as JSON counts them: nothing stands before, after or inside it, no reasoning, no block of the
  prompt, no second object that could disagree, no inner one that could be a quote;
* it is JSON whose keys are slots, dimensions of slots, `best`, `worst`, `rules` and `reason`, each once and
  in just these letters, so that no name is guessed and nothing is repaired;
* grades are integers on the scale; best and worst are slots, absent or null; rules are integers; the reason
  is a text: each of them has one meaning.

Anything else is None, and takes the long way. Whether the object is copied from the prompt is not asked here;
whoever reads a form asks that of its `text` (`echo`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from harness.schema import DIMENSIONS, Dimension
from harness.verdict.form import Form, FormReader, name_of
from harness.verdict.spans import Pairs

MOST_CHARACTERS = 10_000
"""A flat form has some hundred; a longer one is not what this module is for."""

_FLAT = re.compile(r"[ \t\r\n]*(\{[^{}\\]*\})[ \t\r\n]*")
_decode = json.JSONDecoder(object_pairs_hook=Pairs).raw_decode


class PlainForm(NamedTuple):
    """A form, and the object in the reply that it was read from."""

    form: Form
    text: str


def read_plain_form(text: str, slots: Sequence[str], n_grades: int) -> PlainForm | None:
    """The form of a reply that is nothing but a flat object as asked for; None for any other reply."""
    return plain_reader(tuple(slots), n_grades).read(text)


class PlainReader:
    """Reads flat objects for one set of slots and one scale."""

    def __init__(self, slots: tuple[str, ...], n_grades: int) -> None:
        reader = FormReader(slots, n_grades)
        self._slots = slots
        self._named = (None, *slots)
        self._grades = range(1, n_grades + 1)
        self._dimensions = {f"{slot}_{name}": (slot, name) for slot in slots for name in DIMENSIONS}
        # Names that are read as themselves, and as nothing else; other slot names take the long way.
        self._are_plain = all(reader.slot_named(slot) == slot for slot in slots) and all(
            reader.dimension_named(name_of(key)) == place for key, place in self._dimensions.items()
        )

    def read(self, text: str) -> PlainForm | None:
        """As `read_plain_form`."""
        found = _FLAT.fullmatch(text) if len(text) <= MOST_CHARACTERS and self._are_plain else None
        if found is None:
            return None
        try:
            pairs, end = _decode(found[1])
        except ValueError:
            return None
        told = dict(pairs)
        form = self._form(told) if len(told) == len(pairs) and end == len(found[1]) else None
        return None if form is None else PlainForm(form, found[1])

    def _form(self, told: dict[str, object]) -> Form | None:
        """The form of an object whose entries are all taken out of it, one after the other."""
        grades: dict[str, int] = {}
        for slot in self._slots:
            grade = told.pop(slot, None)
            if type(grade) is not int or grade not in self._grades:
                return None
            grades[slot] = grade
        best, worst = told.pop("best", None), told.pop("worst", None)
        rules, reason = _integers(told.pop("rules", None)), told.pop("reason", "")
        dimensions = self._take_dimensions(told) if told else {}
        if best not in self._named or worst not in self._named or dimensions is None:
            return None
        if rules is None or not isinstance(reason, str):
            return None
        return Form(
            grades,
            best,
            worst,
            rules,
            reason.strip() or None,
            dimensions,
        )

    def _take_dimensions(self, told: dict[str, object]) -> dict[str, dict[Dimension, int]] | None:
        """The dimension grades, in the order of the slots; None when something else is there too."""
        found: dict[str, dict[Dimension, int]] = {}
        for key, (slot, dimension) in self._dimensions.items():
            grade = told.pop(key, None)
            if type(grade) is int and grade in self._grades:
                found.setdefault(slot, {})[dimension] = grade
            elif grade is not None:
                return None
        return None if told else found


def _integers(told: object) -> tuple[int, ...] | None:
    """The numbers of a list, each once; none where nothing is told, None where something else is."""
    if told is None:
        return ()
    if type(told) is not list or any(type(number) is not int for number in told):
        return None
    return tuple(dict.fromkeys(told))


plain_reader = lru_cache(maxsize=64)(PlainReader)
"""The reader of these slots and this scale: there are few, and each is made once."""
