"""What a comparison starts from: a run's verdicts laid out as lines of the plan, one array per case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from harness.errors import StoreError
from harness.schema import (
    WORDINGS,
    Case,
    FailedVerdict,
    JudgeSpec,
    Language,
    Manifest,
    Part,
    Protocol,
    RankedVerdict,
    Rulebook,
    Verdict,
    VerdictTiming,
    Wording,
)
from harness.schema.ablation import ablated_rule, ablations
from harness.schema.small import TimingTable
from harness.stats.arrays import FloatArray

PAIRWISE_REPEATS = 3
"""Label pairs that a pairwise judge is asked with when the experiment does not say."""
POINTWISE_REPEATS = 3
"""The same, of a pointwise judge and the names of its only slot."""


@dataclass(frozen=True)
class ComparisonSource:
    """A run, its verdicts in plan order, and the people (or the author's key) to compare them with."""

    manifest: Manifest
    cases: tuple[Case, ...]
    verdicts: tuple[Verdict, ...]
    store_sha256: str
    timings: tuple[VerdictTiming, ...] | TimingTable = ()
    people: tuple[RankedVerdict, ...] = ()
    rulebooks: tuple[Rulebook, ...] = ()
    """Those of the run that are at hand; the report shows their titles."""
    people_known: bool = True
    """False: anonymous votes; nothing can be said per person."""
    random_sample: bool | None = None
    """The cases that people graded were drawn at random; None = nobody said."""
    wages: tuple[float, ...] = ()
    """Hourly wages in dollars that the user wants people priced at, beside the reported ones."""

    @cached_property
    def timing_of(self) -> TimingTable:
        """What each verdict took, by its position."""
        return self.timings if isinstance(self.timings, TimingTable) else TimingTable(self.timings)


class LineKey(NamedTuple):
    """One judge under one rulebook, in one wording and language."""

    judge_id: str
    rulebook_id: str
    wording: Wording
    language: Language


@dataclass(frozen=True)
class CaseRuns:
    """What one line said about one case: its ranked verdicts by repeat, and what failed."""

    case_id: str
    answer_ids: tuple[str, ...]
    planned: tuple[int, ...]
    """Repeats that were planned or seen."""
    ranked: tuple[RankedVerdict, ...]
    failed: tuple[FailedVerdict, ...]
    grades: FloatArray
    """(n_ranked, n_answers), in the order of `ranked` and `answer_ids`; NaN = not graded."""


@dataclass(frozen=True)
class Line:
    """One judge under one rulebook, in one wording and language, with every case that was planned."""

    key: LineKey
    spec: JudgeSpec
    cases: tuple[CaseRuns, ...]
    positions: tuple[int, ...]
    """Lines of its verdicts in verdicts.jsonl."""

    @property
    def protocol(self) -> Protocol:
        """Listwise or pairwise."""
        return self.spec.protocol

    def of_case(self, case_id: str) -> CaseRuns | None:
        """What the line said about one case; None if it was not asked."""
        return self._by_case.get(case_id)

    @cached_property
    def _by_case(self) -> Mapping[str, CaseRuns]:
        return {runs.case_id: runs for runs in self.cases}


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
    for verdict in source.verdicts:
        _refuse_stranger(verdict, specs, by_id)
    planned = _planned(source, by_id)
    cases = _run_cases(source, planned)
    languages = source.manifest.case_set.languages
    rulebooks = _rulebook_order(source)
    collected = _collect(source.verdicts)
    lines = [
        _line(key, specs[key.judge_id], cases, _Asked(found, planned.get(key, {})))
        for key, found in collected.items()
    ]
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


def answer_ids(case: Case) -> tuple[str, ...]:
    """Ids of a case's answers, in file order."""
    return tuple(answer.answer_id for answer in case.answers)


def n_presentations(n_answers: int) -> int:
    """Orders in a full square: k for an even number of answers, 2k for an odd one."""
    return n_answers if n_answers % 2 == 0 else 2 * n_answers


_Found = dict[str, list[tuple[int, Verdict]]]
"""case_id -> (position, verdict)."""
_Plan = dict[LineKey, dict[str, set[int]]]


class _Asked(NamedTuple):
    found: _Found
    planned: Mapping[str, set[int]]


def _refuse_stranger(verdict: Verdict, specs: Mapping[str, JudgeSpec], cases: Mapping[str, Case]) -> None:
    cell = verdict.cell
    if cell.annotator_id not in specs:
        raise StoreError(f"a verdict names the judge '{cell.annotator_id}', which is not in the manifest")
    case = cases.get(cell.case_id)
    if case is None:
        raise StoreError(f"a verdict names the case '{cell.case_id}', which is not among the cases")
    if isinstance(verdict, RankedVerdict) and not verdict.grades.keys() <= set(answer_ids(case)):
        strangers = sorted(verdict.grades.keys() - set(answer_ids(case)))
        raise StoreError(f"a verdict on '{cell.case_id}' grades '{strangers[0]}', which the case has not")


def _collect(verdicts: Iterable[Verdict]) -> dict[LineKey, _Found]:
    collected: dict[LineKey, _Found] = {}
    for position, verdict in enumerate(verdicts):
        cell = verdict.cell
        key = LineKey(cell.annotator_id, cell.rulebook_id, cell.wording, cell.language)
        collected.setdefault(key, {}).setdefault(cell.case_id, []).append((position, verdict))
    return collected


def _line(key: LineKey, spec: JudgeSpec, cases: Sequence[Case], asked: _Asked) -> Line:
    runs = []
    for case in cases:
        found = [verdict for _, verdict in asked.found.get(case.case_id, ())]
        planned = asked.planned.get(case.case_id, set()) | {verdict.cell.repeat for verdict in found}
        if planned:
            runs.append(_case_runs(case, tuple(sorted(planned)), found))
    positions = sorted(position for found in asked.found.values() for position, _ in found)
    return Line(key, spec, tuple(runs), tuple(positions))


def _case_runs(case: Case, planned: tuple[int, ...], found: Sequence[Verdict]) -> CaseRuns:
    by_repeat = sorted(found, key=lambda verdict: verdict.cell.repeat)
    ranked = tuple(verdict for verdict in by_repeat if isinstance(verdict, RankedVerdict))
    failed = tuple(verdict for verdict in by_repeat if isinstance(verdict, FailedVerdict))
    ids = answer_ids(case)
    return CaseRuns(case.case_id, ids, planned, ranked, failed, grades_array(ranked, ids))


def _planned(source: ComparisonSource, cases: Mapping[str, Case]) -> _Plan:
    """Repeats that the experiment asks for, per line and case; parts that overlap are joined.

    Nobody planned an imported run: what is not in its files was not asked, and is not missing.
    """
    manifest = source.manifest
    if manifest.imported is not None:
        return {}
    ablated_of = {
        rulebook.rulebook_id: tuple(one.rulebook_id for one in ablations(rulebook))
        for rulebook in source.rulebooks
    }
    protocols = {judge.spec.judge_id: judge.spec.protocol for judge in manifest.judges}
    plan: _Plan = {}
    for part in manifest.experiment.parts:
        for key in _line_keys(part, ablated_of):
            for case_id in part.cases if part.cases is not None else manifest.case_set.case_order:
                if case_id in cases and key.judge_id in protocols:
                    n_repeats = _n_repeats(part, protocols[key.judge_id], cases[case_id])
                    plan.setdefault(key, {}).setdefault(case_id, set()).update(range(n_repeats))
    return plan


def _line_keys(part: Part, ablated_of: Mapping[str, tuple[str, ...]]) -> list[LineKey]:
    # Of a rulebook that is not at hand, only those variants are known that have verdicts.
    variants = [one for name in part.rulebooks if part.ablate_rules for one in ablated_of.get(name, ())]
    return [
        LineKey(judge_id, rulebook_id, wording, language)
        for judge_id in part.judges
        for rulebook_id in (*part.rulebooks, *variants)
        for wording in part.wordings
        for language in part.languages
    ]


def _n_repeats(part: Part, protocol: Protocol, case: Case) -> int:
    if part.repeats is not None:
        return part.repeats
    if protocol == "pairwise":
        return PAIRWISE_REPEATS
    return POINTWISE_REPEATS if protocol == "pointwise" else n_presentations(len(case.answers))


def _run_cases(source: ComparisonSource, planned: _Plan) -> tuple[Case, ...]:
    """The cases that this run asks about, in the set's order; all of them when it asks nothing."""
    asked = {case_id for by_case in planned.values() for case_id in by_case}
    asked |= {verdict.cell.case_id for verdict in source.verdicts}
    place = {case_id: number for number, case_id in enumerate(source.manifest.case_set.case_order)}
    kept = [case for case in source.cases if case.case_id in asked] or list(source.cases)
    return tuple(sorted(kept, key=lambda case: place.get(case.case_id, len(place))))


def _rulebook_order(source: ComparisonSource) -> tuple[str, ...]:
    """Whole rulebooks in the order in which the experiment names them, then as the verdicts do."""
    named = [rulebook for part in source.manifest.experiment.parts for rulebook in part.rulebooks]
    met = sorted({verdict.cell.rulebook_id for verdict in source.verdicts})
    whole = [name if (ablated := ablated_rule(name)) is None else ablated[0] for name in (*named, *met)]
    return tuple(dict.fromkeys(whole))
