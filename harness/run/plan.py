"""Experiment -> the cells of a run, in order, each with its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from harness.errors import ExperimentError, Problem
from harness.prompt import MAX_TOKEN_GRADE, KeptMessages, PromptSource, Template
from harness.run.asking import build_request, joint_messages, render_messages
from harness.run.calls import Call, Frame, Grid, PlannedCell, Runtime
from harness.run.content import Content
from harness.run.presenting import Presenter, most_repeats
from harness.run.shots import ShotPool, shot_messages
from harness.schema import Case, Cell, Experiment, JudgeSpec, Message, Part, Presentation
from harness.schema.ablation import ablations
from harness.schema.key import key_frame, text_sha256
from harness.schema.small import small_copy

__all__ = ["Call", "PlannedCell", "Runtime", "count_calls", "plan_cells", "plan_run"]


def plan_run(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime]
) -> tuple[PlannedCell, ...]:
    """Every cell of an experiment, in the order in which it is asked; a cell named twice stands once.

    Raises
    ------
    ExperimentError
        A part asks for more repeats than there are presentations: a repeat is never a copy.
    """
    return tuple(plan_cells(experiment, content, runtimes))


def plan_cells(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime]
) -> Iterator[PlannedCell]:
    """The same cells one after the other, for whoever does not need all of them at once."""
    planner = Planner(experiment, content, runtimes)
    return (planner.cell(place) for place in planner.places())


def count_calls(experiment: Experiment, content: Content, runtimes: dict[str, Runtime]) -> dict[str, int]:
    """How many calls each judge has in the plan, without rendering a prompt; two cells may share one."""
    counts: Counter[str] = Counter()
    for grid, case, repeats in Planner(experiment, content, runtimes).runs():
        n = len(case.answers)
        per_cell = {"pairwise": n * (n - 1), "pointwise": n, "listwise": 1}
        counts[grid.spec.judge_id] += len(repeats) * per_cell[grid.spec.protocol]
    return dict(counts)


Place = tuple[Grid, Case, int]
"""Where a cell stands: grid, case, repeat."""


class Planner:
    """Lays out the cells; what many of them share is made once."""

    def __init__(self, experiment: Experiment, content: Content, runtimes: dict[str, Runtime]) -> None:
        self.experiment = experiment
        self.content = content
        self.runtimes = runtimes
        self.presenter = Presenter(experiment.seed)
        self._pool = ShotPool(content.shots, content.cases, experiment.seed) if content.shots else None
        self._frames: dict[tuple[object, ...], Frame] = {}
        self._prompts: dict[tuple[object, ...], tuple[Message, ...]] = {}
        self._messages: dict[Message, Message] = {}
        self._kept = KeptMessages()
        self._sha256 = lru_cache(maxsize=100_000)(text_sha256)
        self._first_cells: dict[tuple[str, ...], Cell] = {}
        self._last_source: tuple[Grid, Case, PromptSource] | None = None

    def places(self) -> Iterator[Place]:
        """Every cell of the experiment once, in the order of the parts."""
        return ((grid, case, repeat) for grid, case, repeats in self.runs() for repeat in repeats)

    def runs(self) -> Iterator[tuple[Grid, Case, range]]:
        """The same, the repeats of a case together."""
        asked: dict[tuple[tuple[str, ...], str], int] = {}
        twice = self._asked_twice()
        for part in self.experiment.parts:
            cases = [self.content.cases[name] for name in part.cases or self.content.case_set.case_order]
            for grid in self._grids(part):
                self._check_token_grades(part, grid.spec)
                for case in cases:
                    n_repeats = self._n_repeats(part, grid.spec, case)
                    before = 0
                    if grid.line in twice:
                        before = asked.get((grid.line, case.case_id), 0)
                        asked[grid.line, case.case_id] = max(before, n_repeats)
                    yield grid, case, range(before, n_repeats)

    def _asked_twice(self) -> frozenset[tuple[str, ...]]:
        """The lines that several parts have, so that some of their cells may stand there twice."""
        lines = Counter(grid.line for part in self.experiment.parts for grid in self._grids(part))
        named_twice = any(
            len(set(part.cases or ())) < len(part.cases or ()) for part in self.experiment.parts
        )
        return frozenset(line for line, n_grids in lines.items() if n_grids > 1 or named_twice)

    def cell(self, place: Place) -> PlannedCell:
        """The cell of a place, with its calls."""
        grid, case, repeat = place
        shown = self.presenter.shown(grid.spec, case, repeat)
        calls = tuple(self._call(place, presentation) for presentation in shown)
        return PlannedCell(self._cell(place), grid.spec, calls, self.asks_dimensions(grid.spec))

    def _cell(self, place: Place) -> Cell:
        """The cells of a grid differ in case and repeat alone."""
        grid, case, repeat = place
        first = self._first_cells.get(grid.line)
        if first is None:
            first = self._first_cells[grid.line] = _cell(grid, case, repeat)
        return small_copy(first, {"case_id": case.case_id, "repeat": repeat})

    def asks_dimensions(self, spec: JudgeSpec) -> bool:
        """Whether a judge is also asked for helpful, honest and harmless grades."""
        in_words = spec.protocol == "pointwise" and spec.pair_reading == "word"
        return self.experiment.dimensions and (spec.protocol == "listwise" or in_words)

    def _grids(self, part: Part) -> Iterator[Grid]:
        for judge_id in part.judges:
            for language in part.languages:
                for wording in part.wordings:
                    for rulebook_id in self._rulebook_ids(part):
                        spec = self.content.judges[judge_id]
                        shown = part.cases or self.content.case_set.case_order
                        together = tuple(shown) if spec.together else ()
                        yield Grid(spec, self._runtime(spec), rulebook_id, wording, language, together)

    def _runtime(self, spec: JudgeSpec) -> Runtime:
        """With examples the file that their grades come from is part of what decides the reply."""
        runtime = self.runtimes[spec.judge_id]
        if not spec.shots or self.content.shots is None:
            return runtime
        return {**runtime, "shots_sha256": self.content.shots.sha256}

    def _rulebook_ids(self, part: Part) -> Iterator[str]:
        """The part's rulebooks, each followed by itself without one rule where the part asks for that."""
        for rulebook_id in part.rulebooks:
            yield rulebook_id
            if part.ablate_rules:
                yield from (one.rulebook_id for one in ablations(self.content.rulebooks[rulebook_id]))

    def _n_repeats(self, part: Part, spec: JudgeSpec, case: Case) -> int:
        most, what = most_repeats(spec, case)
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

    def _call(self, place: Place, presentation: Presentation) -> Call:
        template = self.content.template(place[0].spec, place[0].language)
        messages = self._prompt(place, template, presentation)
        if place[0].spec.shots:
            messages = self._with_shots(place, template, presentation, messages)
        frame = self._frame(place, template, presentation.slots, messages)
        key = frame.keys.key(messages, self._sha256)
        return Call(key, messages, presentation, place[1].case_id, frame)

    def _prompt(self, place: Place, template: Template, presentation: Presentation) -> tuple[Message, ...]:
        """The messages; judges and rulebooks share those that say the same."""
        grid, case, _ = place
        if grid.together:
            return self._joint_prompt(place, template)
        return render_messages(grid.spec, template, self._source(grid, case), presentation, self._kept)

    def _joint_prompt(self, place: Place, template: Template) -> tuple[Message, ...]:
        """One prompt for all cases of a grid: made for the first of them, and the same for the rest."""
        grid, _, repeat = place
        key = (template.template_id, *grid.line, grid.together, repeat)
        found = self._prompts.get(key)
        if found is None:
            cases = [self.content.cases[name] for name in grid.together]
            shown = [
                (self._source(grid, case), self.presenter.listwise(case, grid.spec.judge_id, repeat))
                for case in cases
            ]
            found = self._prompts[key] = joint_messages(grid.spec, template, shown)
        return found

    def _with_shots(
        self, place: Place, template: Template, presentation: Presentation, messages: tuple[Message, ...]
    ) -> tuple[Message, ...]:
        """The examples stand between what the judge is told and the case."""
        grid, case, _ = place
        if self._pool is None:
            path = Path(f"{self.experiment.experiment_id}.yaml")
            words = f"{grid.spec.judge_id} is shown graded cases first: name a table, --shots-from FILE"
            raise ExperimentError([Problem(path, None, "parts", words)])
        source = self._source(grid, case)
        shots = self._pool.shots(grid.spec, source, presentation.slots)
        turns = shot_messages(grid.spec, template, source, shots)
        kept = (self._messages.setdefault(message, message) for message in turns)
        return (*messages[:-1], *kept, messages[-1])

    def _source(self, grid: Grid, case: Case) -> PromptSource:
        """What the prompts of a case are rendered from: its repeats follow each other."""
        last = self._last_source
        if last is not None and last[0] is grid and last[1] is case:
            return last[2]
        source = PromptSource(
            case=case,
            rulebook=self.content.rulebooks[grid.rulebook_id],
            wording=grid.wording,
            language=grid.language,
            n_grades=self.content.case_set.n_grades,
            dimensions=self.asks_dimensions(grid.spec),
        )
        self._last_source = grid, case, source
        return source

    def _frame(
        self, place: Place, template: Template, slots: tuple[str, ...], messages: tuple[Message, ...]
    ) -> Frame:
        grid, case, repeat = place
        key = (*grid.line, slots, repeat)
        found = self._frames.get(key)
        if found is None:
            source = self._source(grid, case)
            settings = build_request(grid, source, slots, messages, repeat)
            found = Frame(grid, template.template_id, repeat, settings, key_frame(settings))
            self._frames[key] = found
        return found


def _cell(grid: Grid, case: Case, repeat: int) -> Cell:
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
