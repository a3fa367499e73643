"""Experiment -> the cells of a run, in order, each with its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.errors import ExperimentError, Problem
from harness.prompt import MAX_TOKEN_GRADE, PromptSource, Template
from harness.run.asking import build_request, joint_messages, render_messages, words_of
from harness.run.calls import Call, Frame, Grid, PlannedCell, Runtime
from harness.run.content import Content, template_name
from harness.run.presenting import Presenter, most_repeats
from harness.run.shots import ShotPool, shot_messages
from harness.schema import Case, Cell, Experiment, JudgeSpec, Message, Part, Presentation
from harness.schema.ablation import ablations
from harness.schema.key import key_frame
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
    experiment: Experiment,
    content: Content,
    runtimes: dict[str, Runtime],
    wanted: Callable[[int], bool] = lambda _: True,
) -> Iterator[PlannedCell]:
    """The same cells one after the other, for whoever does not need all of them at once.

    `wanted` says of which places, counted from 0, the cells are made.
    """
    planner = _Planner(experiment, content, runtimes)
    for number, place in enumerate(planner.places()):
        if wanted(number):
            yield planner.cell(place)


def count_calls(experiment: Experiment, content: Content, runtimes: dict[str, Runtime]) -> dict[str, int]:
    """How many calls each judge has in the plan, without rendering a prompt; two cells may share one."""
    counts: Counter[str] = Counter()
    for grid, case, _ in _Planner(experiment, content, runtimes).places():
        n = len(case.answers)
        per_cell = {"pairwise": n * (n - 1), "pointwise": n, "listwise": 1}
        counts[grid.spec.judge_id] += per_cell[grid.spec.protocol]
    return dict(counts)


_Place = tuple[Grid, Case, int]
"""Where a cell stands: grid, case, repeat."""


class _Planner:
    """Lays out the cells; what many of them share is made once."""

    def __init__(self, experiment: Experiment, content: Content, runtimes: dict[str, Runtime]) -> None:
        self.experiment = experiment
        self.content = content
        self.runtimes = runtimes
        self._presenter = Presenter(experiment.seed)
        self._pool = ShotPool(content.shots, content.cases, experiment.seed) if content.shots else None
        self._frames: dict[tuple[object, ...], Frame] = {}
        self._prompts: dict[tuple[object, ...], tuple[Message, ...]] = {}
        self._messages: dict[Message, Message] = {}
        self._opening: Message | None = None
        uses = Counter(_template_of(spec) for spec in content.judges.values())
        self._shared = frozenset(name for name, n_judges in uses.items() if n_judges > 1)

    def places(self) -> Iterator[_Place]:
        """Every cell of the experiment once, in the order of the parts."""
        asked: dict[tuple[tuple[str, ...], str], int] = {}
        for part in self.experiment.parts:
            cases = [self.content.cases[name] for name in part.cases or self.content.case_set.case_order]
            for grid in self._grids(part):
                self._check_token_grades(part, grid.spec)
                for case in cases:
                    n_repeats = self._n_repeats(part, grid.spec, case)
                    before = asked.get((grid.line, case.case_id), 0)
                    asked[grid.line, case.case_id] = max(before, n_repeats)
                    yield from ((grid, case, repeat) for repeat in range(before, n_repeats))

    def cell(self, place: _Place) -> PlannedCell:
        """The cell of a place, with its calls."""
        grid, case, repeat = place
        shown = self._presenter.shown(grid.spec, case, repeat)
        calls = tuple(self._call(place, presentation) for presentation in shown)
        return PlannedCell(_cell(grid, case, repeat), grid.spec, calls, self._dimensions(grid.spec))

    def _dimensions(self, spec: JudgeSpec) -> bool:
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

    def _call(self, place: _Place, presentation: Presentation) -> Call:
        template = self.content.template(place[0].spec, place[0].language)
        messages = self._prompt(place, template, presentation)
        if place[0].spec.shots:
            messages = self._with_shots(place, template, presentation, messages)
        frame = self._frame(place, template, presentation.slots, messages)
        return Call(frame.keys.key(messages), messages, presentation, place[1].case_id, frame)

    def _prompt(self, place: _Place, template: Template, presentation: Presentation) -> tuple[Message, ...]:
        """The messages; where several judges read one template, they are kept for the next of them."""
        grid, case, _ = place
        if grid.together:
            return self._joint_prompt(place, template)
        if _template_of(grid.spec) not in self._shared:
            return self._neighbouring(
                render_messages(grid.spec, template, self._source(grid, case), presentation)
            )
        shown = (case.case_id, presentation.order, presentation.slots)
        key = (template.template_id, *grid.line[1:], *words_of(grid.spec), self._dimensions(grid.spec), shown)
        found = self._prompts.get(key)
        if found is None:
            rendered = render_messages(grid.spec, template, self._source(grid, case), presentation)
            # Neighbouring prompts share whole messages: one rulebook, one case.
            found = tuple(self._messages.setdefault(message, message) for message in rendered)
            self._prompts[key] = found
        return found

    def _joint_prompt(self, place: _Place, template: Template) -> tuple[Message, ...]:
        """One prompt for all cases of a grid: made for the first of them, and the same for the rest."""
        grid, _, repeat = place
        key = (template.template_id, *grid.line, grid.together, repeat)
        found = self._prompts.get(key)
        if found is None:
            cases = [self.content.cases[name] for name in grid.together]
            shown = [
                (self._source(grid, case), self._presenter.listwise(case, grid.spec.judge_id, repeat))
                for case in cases
            ]
            found = self._prompts[key] = joint_messages(grid.spec, template, shown)
        return found

    def _neighbouring(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """The same, its first message shared with the prompt before where that says the same."""
        if self._opening != messages[0]:
            self._opening = messages[0]
        return (self._opening, *messages[1:])

    def _with_shots(
        self, place: _Place, template: Template, presentation: Presentation, messages: tuple[Message, ...]
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
        return PromptSource(
            case=case,
            rulebook=self.content.rulebooks[grid.rulebook_id],
            wording=grid.wording,
            language=grid.language,
            n_grades=self.content.case_set.n_grades,
            dimensions=self._dimensions(grid.spec),
        )

    def _frame(
        self, place: _Place, template: Template, slots: tuple[str, ...], messages: tuple[Message, ...]
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


def _template_of(spec: JudgeSpec) -> str:
    """What judges share that read one template, in whatever language."""
    return template_name(spec, "en")


def _cell(grid: Grid, case: Case, repeat: int) -> Cell:
    cell = Cell(
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
    return small_copy(cell)
