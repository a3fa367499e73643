"""Records that a comparison keeps a million of: the same records, in a fifth of the memory.

Every line is validated as ever. What is kept of it is a copy that shares what many lines say alike: names,
presentations, grades, and the layout of the record itself.
"""

from __future__ import annotations

from sys import intern

from harness.schema import Cell, Presentation, RankedVerdict, Verdict
from harness.schema.small import small_copy


class Compactor:
    """Makes small copies of records."""

    def __init__(self) -> None:
        self._shared: dict[object, object] = {}

    def verdict(self, verdict: Verdict) -> Verdict:
        """A verdict as comparisons need it: without the judge's reason and the keys of its recordings."""
        changed: dict[str, object] = {
            "cell": self._cell(verdict.cell),
            "presentation": self._presentation(verdict.presentation),
            "completion_keys": (),
        }
        if isinstance(verdict, RankedVerdict):
            grades = {intern(name): grade for name, grade in verdict.grades.items()}
            changed |= {
                "grades": self._once(("grades", *grades.items()), grades),
                "reason": None,
                "best": None if verdict.best is None else intern(verdict.best),
                "worst": None if verdict.worst is None else intern(verdict.worst),
                "rules_cited": self._once(("rules", verdict.rules_cited), verdict.rules_cited),
            }
            return small_copy(verdict, changed)
        return small_copy(verdict, changed)

    def _cell(self, cell: Cell) -> Cell:
        names = ("annotator_id", "case_id", "rulebook_id", "session")
        told = {name: getattr(cell, name) for name in names}
        return small_copy(cell, {name: intern(text) for name, text in told.items() if text is not None})

    def _presentation(self, shown: Presentation | None) -> object:
        if shown is None:
            return None
        return self._once(("shown", shown.order, shown.slots), shown)

    def _once(self, key: object, value: object) -> object:
        return self._shared.setdefault(key, value)
