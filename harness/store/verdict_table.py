"""Verdicts as columns: what a comparison needs of a million of them, in some fifty bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from harness.errors import StoreError
from harness.schema import FailedVerdict, Flag, Language, Presentation, RankedVerdict, Verdict, Wording

NOTHING = -1
"""Stands in a column where a verdict has no grades, or no known presentation."""

LARGEST_REPEAT = 2**31 - 1

_T = TypeVar("_T")


class Circumstances(NamedTuple):
    """Who judged, and under what: verdicts that differ in nothing but case and repeat share it."""

    annotator_id: str
    rulebook_id: str
    wording: Wording
    language: Language
    simulated: bool


class VerdictTable(NamedTuple):
    """Verdicts in the order of their file; whole numbers point into the lists beside them."""

    circumstances: tuple[Circumstances, ...]
    circumstance_of: array[int]
    case_ids: tuple[str, ...]
    case_of: array[int]
    repeats: array[int]
    names: tuple[tuple[str, ...], ...]
    """Answers that were graded, in the order in which a verdict grades them."""
    names_of: array[int]
    """-1 = failed."""
    values: array[float]
    """Grades of all verdicts one after the other, as many for each as it names answers."""
    presentations: tuple[Presentation, ...]
    shown: array[int]
    """-1 = unknown."""
    flags: tuple[tuple[Flag, ...], ...]
    flags_of: array[int]
    parser_version: int | None
    """The latest; None without a verdict."""
    whole: Mapping[int, Verdict]
    """Verdicts that say more than the columns hold: those that failed, readings of pairs, criteria."""

    @property
    def n_verdicts(self) -> int:
        """How many verdicts."""
        return len(self.repeats)

    @property
    def failed(self) -> Iterator[FailedVerdict]:
        """Verdicts that failed, in the order of the file."""
        return (verdict for verdict in self.whole.values() if isinstance(verdict, FailedVerdict))

    def ranked(self, row: int) -> RankedVerdict | None:
        """The record of a verdict that can be read and says more than the columns hold."""
        verdict = self.whole.get(row)
        return verdict if isinstance(verdict, RankedVerdict) else None


class Codes(Generic[_T]):
    """Equal values get equal numbers, in the order in which they come."""

    def __init__(self) -> None:
        self._number_of: dict[_T, int] = {}

    def __getitem__(self, value: _T) -> int:
        return self._number_of.setdefault(value, len(self._number_of))

    def listed(self) -> tuple[_T, ...]:
        """All values, by number."""
        return tuple(self._number_of)


class TableBuilder:
    """Gathers verdicts, one after the other."""

    def __init__(self) -> None:
        self.circumstances: Codes[Circumstances] = Codes()
        self.cases: Codes[str] = Codes()
        self.names: Codes[tuple[str, ...]] = Codes()
        self.flags: Codes[tuple[Flag, ...]] = Codes()
        self._shown: dict[tuple[tuple[str, ...], ...], tuple[int, Presentation]] = {}
        self._columns = tuple(array("i") for _ in range(6))
        self._values = array("d")
        self._whole: dict[int, Verdict] = {}
        self.parser_version: int | None = None

    def add(self, verdict: Verdict) -> None:
        """One more verdict, from its record."""
        is_ranked = isinstance(verdict, RankedVerdict)
        grades: Mapping[str, float] = verdict.grades if isinstance(verdict, RankedVerdict) else {}
        cell = verdict.cell
        if cell.repeat > LARGEST_REPEAT:
            raise StoreError(f"a verdict on '{cell.case_id}' is number {cell.repeat}: nobody asks so often")
        told = Circumstances(cell.annotator_id, cell.rulebook_id, cell.wording, cell.language, cell.simulated)
        if not isinstance(verdict, RankedVerdict) or verdict.pairs or verdict.dimensions:
            self._whole[len(self._columns[0])] = verdict
        self.see_version(verdict.parser_version)
        self.add_row(
            (
                self.circumstances[told],
                self.cases[cell.case_id],
                cell.repeat,
                self.names[tuple(grades)] if is_ranked else NOTHING,
                self.shown(verdict.presentation),
                self.flags[verdict.flags if isinstance(verdict, RankedVerdict) else ()],
            ),
            tuple(grades.values()),
        )

    def add_row(self, numbers: tuple[int, int, int, int, int, int], values: Iterable[float]) -> None:
        """One more verdict: circumstances, case, repeat, names, presentation, flags; and its grades."""
        for column, number in zip(self._columns, numbers, strict=True):
            column.append(number)
        self._values.extend(values)

    def shown(self, presentation: Presentation | None) -> int:
        """The number of a presentation."""
        if presentation is None:
            return NOTHING
        said = presentation.order, presentation.slots
        return self._shown.setdefault(said, (len(self._shown), presentation))[0]

    def see_version(self, version: int) -> None:
        """A verdict was read by this version of the parser."""
        self.parser_version = max(version, self.parser_version or version)

    def table(self) -> VerdictTable:
        """All that was gathered."""
        circumstance_of, case_of, repeats, names_of, shown, flags_of = self._columns
        return VerdictTable(
            self.circumstances.listed(),
            circumstance_of,
            self.cases.listed(),
            case_of,
            repeats,
            self.names.listed(),
            names_of,
            self._values,
            tuple(presentation for _, presentation in self._shown.values()),
            shown,
            self.flags.listed(),
            flags_of,
            self.parser_version,
            self._whole,
        )


def table_of(verdicts: Iterable[Verdict]) -> VerdictTable:
    """Lay out verdicts that are at hand as records."""
    builder = TableBuilder()
    for verdict in verdicts:
        builder.add(verdict)
    return builder.table()
