"""Tiny real requests, made the way a run makes them, for checking judges before anything is paid for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import Problem, TemplateError
from harness.judge.base import Judge
from harness.judge.build import live_judge
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.judge.probe import Exchange, probe_judge
from harness.load.content import find_template, load_rulebook
from harness.prompt import Template, is_local
from harness.run.content import Content, template_name, template_of
from harness.run.plan import Runtime, plan_run
from harness.schema import (
    Answer,
    Attempt,
    Case,
    CaseSet,
    Completion,
    Experiment,
    JudgeSpec,
    Language,
    Part,
    Provenance,
    Recorder,
    Request,
)
from harness.schema.capability import CapabilityTable, JudgeCapabilities

BuildJudge = Callable[[JudgeSpec, Recorder], Judge]
_N_ATTEMPTS = 2
_CASE = "tiny"
_RULEBOOK = "none"
_MESSAGE = "2 + 2 = ?"
_TEXTS = ("4", "5")


class _Forget:
    """A recorder for calls that are no part of any run."""

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep nothing."""

    async def record_attempt(self, attempt: Attempt) -> None:
        """Keep nothing."""


async def check_judges(
    specs: Sequence[JudgeSpec],
    *,
    language: Language = "en",
    build: BuildJudge = live_judge,
    clock: Clock = SYSTEM_CLOCK,
) -> CapabilityTable:
    """Ask every judge one tiny thing, remote ones at the same time, local ones one after the other."""
    alone = asyncio.Lock()

    async def checked(spec: JudgeSpec) -> JudgeCapabilities:
        ask = _Asking(language, build)
        if not is_local(spec.model_id):
            return await probe_judge(spec, ask, clock.stamp())
        async with alone:
            return await probe_judge(spec, ask, clock.stamp())

    return CapabilityTable(judges=tuple(await asyncio.gather(*(checked(spec) for spec in specs))))


class _Asking:
    def __init__(self, language: Language, build: BuildJudge) -> None:
        self._language = language
        self._build = build

    async def __call__(self, spec: JudgeSpec) -> Exchange:
        """Ask the tiny request under these settings, twice at most."""
        patient = spec.limits.model_copy(update={"max_attempts": min(_N_ATTEMPTS, spec.limits.max_attempts)})
        judge = self._build(spec.model_copy(update={"limits": patient}), _Forget())
        try:
            request = tiny_request(spec, self._language, judge.runtime())
            return request, await judge.complete(request)
        finally:
            await judge.aclose()


def tiny_request(spec: JudgeSpec, language: Language, runtime: Runtime) -> Request:
    """The first request of a run of one case of two short answers under no rules.

    Raises
    ------
    TemplateError
        The judge's template is missing or wrong.
    """
    part = Part(
        part_id="tiny", judges=(spec.judge_id,), rulebooks=(_RULEBOOK,), languages=(language,), repeats=1
    )
    experiment = Experiment(
        experiment_id="tiny", title={"en": "One tiny call"}, case_set="tiny", seed=0, parts=(part,)
    )
    template_id = template_of(spec)
    path = find_template(template_id, language)
    if path is None:
        name = Path("prompts", "templates", f"{template_id}.{language}.j2")
        raise TemplateError([Problem(name, None, "", f"is missing; judge {spec.judge_id} needs it")])
    content = Content(
        case_set=_tiny_set(language),
        cases={_CASE: _tiny_case(language)},
        rulebooks={_RULEBOOK: load_rulebook(_RULEBOOK)},
        # Examples come with a run; that they are taken needs no checking.
        judges={spec.judge_id: spec.model_copy(update={"shots": 0})},
        templates={template_name(spec, language): Template(path)},
        files={},
    )
    (planned, *_) = plan_run(experiment, content, {spec.judge_id: runtime})
    return planned.calls[0].request


def _tiny_case(language: Language) -> Case:
    answers = tuple(
        Answer(answer_id=f"{_CASE}-{letter}", text={language: text})
        for letter, text in zip("ab", _TEXTS, strict=True)
    )
    return Case(case_id=_CASE, title={language: _MESSAGE}, message={language: _MESSAGE}, answers=answers)


def _tiny_set(language: Language) -> CaseSet:
    return CaseSet(
        set_id=_CASE,
        title={language: _MESSAGE},
        description={language: _MESSAGE},
        languages=(language,),
        n_grades=2,
        case_order=(_CASE,),
        provenance=Provenance(kind="invented", date="2026-11-22"),
    )
