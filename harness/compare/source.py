"""What a comparison starts from: a run's verdicts laid out as lines of the plan, one array per case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harness.compare.arranged import Arranged
from harness.compare.lines import CaseRuns, Line, LineKey, answer_ids, lines_of
from harness.compare.planned import planned_repeats
from harness.errors import StoreError
from harness.schema import (
    WORDINGS,
    Case,
    JudgeSpec,
    Language,
    Manifest,
    RankedVerdict,
    Rulebook,
    Verdict,
    VerdictTiming,
)
from harness.schema.ablation import ablated_rule
from harness.schema.reward import LearnedReadings
from harness.schema.small import TimingTable
from harness.stats.arrays import FloatArray
from harness.store.verdict_table import VerdictTable, table_of

__all__ = [
    "CaseRuns",
    "ComparisonSource",
    "Layout",
    "Line",
    "LineKey",
    "answer_ids",
    "build_layout",
    "grades_array",
]


@dataclass(frozen=True)
class ComparisonSource:
    """A run, its verdicts in plan order, and the people (or the author's key) to compare them with."""

    manifest: Manifest
    cases: tuple[Case, ...]
    verdicts: Sequence[Verdict]
    """Empty where `columns` has them."""
    store_sha256: str
    timings: tuple[VerdictTiming, ...] | TimingTable = ()
    people: tuple[RankedVerdict, ...] = ()
    rulebooks: tuple[Rulebook, ...] = ()
    """Those of the run that are at hand; the report shows their titles."""
    people_known: bool = True
    """False: anonymous votes; nothing can be said per person."""
    random_sample: bool | None = None
    """The cases that people graded were drawn at random; None = nobody said."""
    columns: VerdictTable | None = None
    """The verdicts as they are read from a file of many."""
    wages: tuple[float, ...] = ()
    """Hourly wages in dollars that the user wants people priced at, beside the reported ones."""
    learned: tuple[LearnedReadings, ...] = ()
    """What reward models say of the cases."""

    @cached_property
    def table(self) -> VerdictTable:
        """The verdicts as columns."""
        return table_of(self.verdicts) if self.columns is None else self.columns

    @cached_property
    def timing_of(self) -> TimingTable:
        """What each verdict took, by its position."""
        return self.timings if isinstance(self.timings, TimingTable) else TimingTable(self.timings)


@dataclass(frozen=True)
class Layout:
    """A source, sorted: the cases of the run in the set's order, and its lines in the report's order."""

    source: ComparisonSource
    cases: tuple[Case, ...]
    lines: tuple[Line, ...]
    """Under whole rulebooks only."""
    languages: tuple[Language, ...]
    rulebook_ids: tuple[str, ...]
    ablated: tuple[Line, ...] = ()
    """Under a rulebook without one of its rules (`--ablate-rules`): nothing but rule effects may use them."""

    @property
    def seed(self) -> int:
        """The experiment's seed."""
        return self.source.manifest.experiment.seed

    def find(self, key: LineKey) -> Line | None:
        """The line of one judge, rulebook, wording and language, if it was asked."""
        return next((line for line in self.lines if line.key == key), None)


def build_layout(source: ComparisonSource) -> Layout:
    """Sort a source into lines.

    Raises StoreError when a verdict names a judge, a case or an answer that the manifest and cases do not
    have.
    """
    specs = {judge.spec.judge_id: judge.spec for judge in source.manifest.judges}
    by_id = {case.case_id: case for case in source.cases}
    _refuse_strangers(source.table, specs, by_id)
    arranged = Arranged(source.table, {name: answer_ids(case) for name, case in by_id.items()})
    for case_id, name in arranged.strangers():
        raise StoreError(f"a verdict on '{case_id}' grades '{name}', which the case has not")
    planned = planned_repeats(source.manifest, source.rulebooks, by_id)
    cases = _run_cases(source, planned)
    languages = source.manifest.case_set.languages
    rulebooks = _rulebook_order(source)
    lines = lines_of(arranged, cases, specs, planned)
    judges = tuple(specs)

    def place(line: Line) -> tuple[int, ...]:
        key = line.key
        language = languages.index(key.language) if key.language in languages else len(languages)
        whole, rule = ablated_rule(key.rulebook_id) or (key.rulebook_id, 0)
        return (
            WORDINGS.index(key.wording),
            language,
            judges.index(key.judge_id),
            rulebooks.index(whole),
            rule,
        )

    ordered = sorted(lines, key=place)
    ablated = tuple(line for line in ordered if ablated_rule(line.key.rulebook_id) is not None)
    whole = tuple(line for line in ordered if ablated_rule(line.key.rulebook_id) is None)
    return Layout(source, cases, whole, languages, rulebooks, ablated)


def grades_array(verdicts: Sequence[RankedVerdict], answer_ids: Sequence[str]) -> FloatArray:
    """Lay verdicts out as an array of shape (n_verdicts, n_answers); NaN = not graded."""
    rows = [[verdict.grades.get(answer_id, np.nan) for answer_id in answer_ids] for verdict in verdicts]
    return np.array(rows, dtype=np.float64).reshape(len(verdicts), len(answer_ids))


def _refuse_strangers(table: VerdictTable, specs: Mapping[str, JudgeSpec], cases: Mapping[str, Case]) -> None:
    for under in table.circumstances:
        if under.annotator_id not in specs:
            raise StoreError(
                f"a verdict names the judge '{under.annotator_id}', which is not in the manifest"
            )
    for case_id in table.case_ids:
        if case_id not in cases:
            raise StoreError(f"a verdict names the case '{case_id}', which is not among the cases")


def _run_cases(
    source: ComparisonSource, planned: Mapping[LineKey, Mapping[str, tuple[int, ...]]]
) -> tuple[Case, ...]:
    """The cases that this run asks about, in the set's order; all of them when it asks nothing."""
    asked = {case_id for by_case in planned.values() for case_id in by_case}
    asked |= set(source.table.case_ids)
    place = {case_id: number for number, case_id in enumerate(source.manifest.case_set.case_order)}
    kept = [case for case in source.cases if case.case_id in asked] or list(source.cases)
    return tuple(sorted(kept, key=lambda case: place.get(case.case_id, len(place))))


def _rulebook_order(source: ComparisonSource) -> tuple[str, ...]:
    """Whole rulebooks in the order in which the experiment names them, then as the verdicts do."""
    named = [rulebook for part in source.manifest.experiment.parts for rulebook in part.rulebooks]
    met = sorted({under.rulebook_id for under in source.table.circumstances})
    whole = [name if (ablated := ablated_rule(name)) is None else ablated[0] for name in (*named, *met)]
    return tuple(dict.fromkeys(whole))
