"""The shipped hostile answers, as every protocol and both languages show them to a judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pytest

from harness.load.content import load_case_set
from harness.run.content import Content, gather_content
from harness.run.plan import Call, PlannedCell, plan_run
from harness.schema import PROTOCOLS, Case, Experiment, JudgeSpec, Language, Part, Protocol

RULEBOOK = "hhh"


@dataclass(frozen=True)
class Attack:
    """One hostile answer in one language, beside the harmless answer in its place."""

    case: Case
    twin: Case
    language: Language

    @property
    def name(self) -> str:
        """For messages: which one."""
        return f"{self.case.case_id}.{self.language}"

    @property
    def answer_id(self) -> str:
        """The hostile answer's."""
        assert self.case.canary is not None
        return self.case.canary.answer_id

    @property
    def kind(self) -> str:
        """How it attacks."""
        assert self.case.canary is not None
        return self.case.canary.kind or ""

    @cached_property
    def text(self) -> str:
        """The hostile answer as a prompt shows it."""
        return _text(self.case, self.answer_id, self.language)

    @cached_property
    def plain(self) -> str:
        """The answer of the twin in its place."""
        assert self.case.canary is not None
        return _text(self.twin, self.case.canary.twin_answer_id, self.language)


def _text(case: Case, answer_id: str, language: Language) -> str:
    (found,) = [answer.text[language].strip() for answer in case.answers if answer.answer_id == answer_id]
    return found


@dataclass(frozen=True)
class Suite:
    """Every attack, and every cell that one judge of each protocol is asked about it and its twin."""

    attacks: tuple[Attack, ...]
    content: Content
    cells: Mapping[tuple[Protocol, str, Language], PlannedCell]
    """(protocol, case_id, language) -> the cell of the first repeat."""

    def cell(self, attack: Attack, protocol: Protocol) -> PlannedCell:
        """What a judge is asked about an attack."""
        return self.cells[protocol, attack.case.case_id, attack.language]

    def shown(self, attack: Attack, protocol: Protocol) -> Iterator[Call]:
        """The calls that show the hostile answer."""
        for call in self.cell(attack, protocol).calls:
            if attack.answer_id in call.origin.presentation.order:
                yield call


def _spec(protocol: Protocol) -> JudgeSpec:
    made = {"judge_id": f"any-{protocol}", "model_id": "vendor/any", "protocol": protocol}
    return JudgeSpec.model_validate(made)


@pytest.fixture(scope="session")
def suite() -> Suite:
    """Give the shipped attacks with their prompts."""
    specs = {spec.judge_id: spec for spec in map(_spec, PROTOCOLS)}
    part = Part(part_id="all", judges=tuple(specs), rulebooks=(RULEBOOK,), languages=("fr", "en"), repeats=1)
    title = {"fr": "Canaris", "en": "Canaries"}
    experiment = Experiment.model_validate(
        {"experiment_id": "c", "title": title, "case_set": "canaries", "seed": 1, "parts": (part,)}
    )
    content = gather_content(experiment, specs)
    plan = plan_run(experiment, content, {judge_id: {} for judge_id in specs})
    cells = {(one.spec.protocol, one.cell.case_id, one.cell.language): one for one in plan}
    return Suite(_attacks(), content, cells)


def _attacks() -> tuple[Attack, ...]:
    _, cases = load_case_set("canaries")
    by_id = {case.case_id: case for case in cases}
    return tuple(
        Attack(case, by_id[case.canary.twin_case_id], language)
        for case in cases
        if case.canary is not None
        for language in ("fr", "en")
    )
