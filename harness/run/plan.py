"""Experiment -> the cells of a run, in order, each with its calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from pydantic import JsonValue

from harness.errors import ExperimentError, Problem
from harness.prompt import (
    MAX_TOKEN_GRADE,
    PAIR_SLOTS,
    POINT_SLOTS,
    PromptSource,
    Template,
    build_grade_request,
    build_listwise_request,
    build_pairwise_request,
    is_local,
    listwise_slots,
    render_listwise,
    render_pairwise,
    render_pointwise,
    reply_schema,
)
from harness.run.content import Content
from harness.schema import (
    Case,
    Cell,
    Experiment,
    JudgeSpec,
    Language,
    Origin,
    Part,
    Presentation,
    Request,
    Wording,
    canonical_json,
    request_key,
)
from harness.schema.ablation import ablations
from harness.stats.design import williams_square

Runtime = dict[str, JsonValue]


@dataclass(frozen=True)
class Call:
    """One request and where it stands."""

    key: str
    request: Request
    origin: Origin


@dataclass(frozen=True)
class PlannedCell:
    """One verdict to be had: its cell, the judge, and the calls that it needs."""

    cell: Cell
    spec: JudgeSpec
    calls: tuple[Call, ...]
    dimensions: bool = False
    """Whether the calls also ask for helpful, honest and harmless grades."""


@dataclass(frozen=True)
class _Grid:
    """One combination of a part: who, under which rules, in which words."""

    spec: JudgeSpec
    runtime: Runtime
    rulebook_id: str
    wording: Wording
    language: Language


def plan_run(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime]
) -> tuple[PlannedCell, ...]:
    """Every cell of an experiment, in the order in which it is asked; a cell named twice stands once.

    Raises
    ------
    ExperimentError
        A part asks for more repeats than there are presentations: a repeat is never a copy.
    """
    planner = _Planner(experiment, content, runtimes)
    cells: dict[bytes, PlannedCell] = {}
    for part in experiment.parts:
        for planned in planner.cells(part):
            cells.setdefault(canonical_json(planned.cell), planned)
    return tuple(cells.values())


@dataclass(frozen=True)
class _Planner:
    experiment: Experiment
    content: Content
    runtimes: dict[str, Runtime]

    def cells(self, part: Part) -> Iterator[PlannedCell]:
        cases = [self.content.cases[case_id] for case_id in part.cases or self.content.case_set.case_order]
        for grid in self._grids(part):
            self._check_token_grades(part, grid.spec)
            for case in cases:
                for repeat in range(self._n_repeats(part, grid.spec, case)):
                    calls = self._calls(grid, case, repeat)
                    yield PlannedCell(
                        _cell(grid, case, repeat), grid.spec, calls, self._dimensions(grid.spec)
                    )

    def _dimensions(self, spec: JudgeSpec) -> bool:
        in_words = spec.protocol == "pointwise" and spec.pair_reading == "word"
        return self.experiment.dimensions and (spec.protocol == "listwise" or in_words)

    def _grids(self, part: Part) -> Iterator[_Grid]:
        for judge_id in part.judges:
            for language in part.languages:
                for wording in part.wordings:
                    for rulebook_id in self._rulebook_ids(part):
                        spec, runtime = self.content.judges[judge_id], self.runtimes[judge_id]
                        yield _Grid(spec, runtime, rulebook_id, wording, language)

    def _rulebook_ids(self, part: Part) -> Iterator[str]:
        """The part's rulebooks, each followed by itself without one rule where the part asks for that."""
        for rulebook_id in part.rulebooks:
            yield rulebook_id
            if part.ablate_rules:
                yield from (one.rulebook_id for one in ablations(self.content.rulebooks[rulebook_id]))

    def _n_repeats(self, part: Part, spec: JudgeSpec, case: Case) -> int:
        most, what = _most_repeats(spec, case)
        wanted = most if part.repeats is None else part.repeats
        if wanted > most:
            message = (
                f"{wanted} repeats, but case {case.case_id} has {most} {what}; a repeat is a new one, "
                f"never a copy: write {most} or less"
            )
            raise self._problem(part, "repeats", message)
        return wanted

    def _check_token_grades(self, part: Part, spec: JudgeSpec) -> None:
        n_grades = self.content.case_set.n_grades
        by_token = spec.protocol == "pointwise" and spec.pair_reading == "token_probability"
        if by_token and n_grades > MAX_TOKEN_GRADE:
            message = (
                f"{spec.judge_id} reads grades as one token each, so scales end at {MAX_TOKEN_GRADE}; "
                f"this set has {n_grades} grades: write pair_reading: word"
            )
            raise self._problem(part, "judges", message)

    def _problem(self, part: Part, field: str, message: str) -> ExperimentError:
        path = Path(f"{self.experiment.experiment_id}.yaml")
        return ExperimentError([Problem(path, None, f"parts.{part.part_id}.{field}", message)])

    def _calls(self, grid: _Grid, case: Case, repeat: int) -> tuple[Call, ...]:
        source = PromptSource(
            case=case,
            rulebook=self.content.rulebooks[grid.rulebook_id],
            wording=grid.wording,
            language=grid.language,
            n_grades=self.content.case_set.n_grades,
            dimensions=self._dimensions(grid.spec),
        )
        template = self.content.template(grid.spec, grid.language)
        if grid.spec.protocol == "pairwise":
            shown = pair_presentations(case, repeat)
            requests = [(one, _pair_request(grid, template, source, one, repeat)) for one in shown]
        elif grid.spec.protocol == "pointwise":
            lone = point_presentations(case, repeat)
            requests = [(one, _point_request(grid, template, source, one, repeat)) for one in lone]
        else:
            one = listwise_presentation(case, grid.spec.judge_id, self.experiment.seed, repeat)
            requests = [(one, _list_request(grid, template, source, one, repeat))]
        return tuple(
            Call(request_key(request), request, _origin(grid, template, case, presentation, repeat))
            for presentation, request in requests
        )


def _most_repeats(spec: JudgeSpec, case: Case) -> tuple[int, str]:
    """How many presentations differ, and what they are called."""
    if spec.protocol == "pairwise":
        return len(PAIR_SLOTS), "pairs of slot names"
    if spec.protocol == "pointwise":
        return len(POINT_SLOTS), "slot names"
    return len(williams_square(len(case.answers))), "presentations of a Williams square"


def _cell(grid: _Grid, case: Case, repeat: int) -> Cell:
    return Cell(
        annotator_id=grid.spec.judge_id,
        annotator_kind="judge",
        case_id=case.case_id,
        rulebook_id=grid.rulebook_id,
        wording=grid.wording,
        language=grid.language,
        protocol=grid.spec.protocol,
        repeat=repeat,
        simulated=grid.spec.model_id.startswith("scripted/"),
    )


def listwise_presentation(case: Case, judge_id: str, seed: int, repeat: int) -> Presentation:
    """Repeat r shows row `start + r` of the Williams square; the start depends on judge and case alone."""
    rows = williams_square(len(case.answers))
    start = _start_row(seed, judge_id, case.case_id, len(rows))
    order = rows[(start + repeat) % len(rows)]
    return Presentation(
        order=tuple(case.answers[position].answer_id for position in order),
        slots=listwise_slots(len(case.answers)),
    )


def _start_row(seed: int, judge_id: str, case_id: str, n_rows: int) -> int:
    digest = hashlib.sha256(canonical_json(["start-row", seed, judge_id, case_id])).hexdigest()
    return int(digest, 16) % n_rows


def pair_presentations(case: Case, repeat: int) -> Iterator[Presentation]:
    """Every pair in both orders, those that begin with the same answer one after the other."""
    for order in permutations((answer.answer_id for answer in case.answers), 2):
        yield Presentation(order=order, slots=PAIR_SLOTS[repeat])


def point_presentations(case: Case, repeat: int) -> Iterator[Presentation]:
    """Every answer alone, in the order of the case file."""
    for answer in case.answers:
        yield Presentation(order=(answer.answer_id,), slots=(POINT_SLOTS[repeat],))


def _list_request(
    grid: _Grid, template: Template, source: PromptSource, presentation: Presentation, repeat: int
) -> Request:
    messages = render_listwise(template, source, presentation)
    schema = reply_schema(presentation.slots, source, bounded=is_local(grid.spec.model_id))
    return build_listwise_request(grid.spec, messages, schema, repeat, grid.runtime)


def _pair_request(
    grid: _Grid, template: Template, source: PromptSource, presentation: Presentation, repeat: int
) -> Request:
    messages = render_pairwise(template, source, presentation, allow_tie=grid.spec.pair_reading == "word")
    return build_pairwise_request(grid.spec, messages, presentation.slots, repeat, grid.runtime)


def _point_request(
    grid: _Grid, template: Template, source: PromptSource, presentation: Presentation, repeat: int
) -> Request:
    as_form = grid.spec.pair_reading == "word"
    messages = render_pointwise(template, source, presentation, as_form=as_form)
    if not as_form:
        return build_grade_request(grid.spec, messages, source.n_grades, repeat, grid.runtime)
    bounded = is_local(grid.spec.model_id)
    schema = reply_schema(presentation.slots, source, bounded=bounded, ends=False)
    return build_listwise_request(grid.spec, messages, schema, repeat, grid.runtime)


def _origin(grid: _Grid, template: Template, case: Case, presentation: Presentation, repeat: int) -> Origin:
    return Origin(
        judge_id=grid.spec.judge_id,
        case_id=case.case_id,
        rulebook_id=grid.rulebook_id,
        wording=grid.wording,
        language=grid.language,
        protocol=grid.spec.protocol,
        repeat=repeat,
        template_id=template.template_id,
        presentation=presentation,
    )
