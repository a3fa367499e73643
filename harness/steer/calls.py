"""Which requests a steering run makes: every question, in every language, n replies of one model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from harness.schema import JudgeSpec, Language, Message, Origin, Presentation, Request, request_key
from harness.schema.steer import Question, SteerManifest

NO_RULES = "none"
"""Nobody's rules are shown to the model that writes: only who chooses differs."""

_TEMPLATE = "steer"
_SLOT = "reply"


@dataclass(frozen=True)
class ReplyCall:
    """One reply to be drawn."""

    question: Question
    language: Language
    number: int
    request: Request
    judge_id: str

    @cached_property
    def key(self) -> str:
        """The key of the request."""
        return request_key(self.request)

    @property
    def origin(self) -> Origin:
        """Where it stands: a question in the place of a case, shown alone and without rules."""
        name = self.question.question_id
        return Origin(
            judge_id=self.judge_id,
            case_id=name,
            rulebook_id=NO_RULES,
            wording="base",
            language=self.language,
            protocol="pointwise",
            repeat=self.number - 1,
            template_id=_TEMPLATE,
            presentation=Presentation(order=(name,), slots=(_SLOT,)),
        )


def planned_calls(manifest: SteerManifest) -> tuple[ReplyCall, ...]:
    """Every call of a run: the questions in their order, each in every language, its replies in a row."""
    return tuple(_calls(manifest))


def _calls(manifest: SteerManifest) -> Iterator[ReplyCall]:
    sampler = manifest.sampler
    for question in manifest.questions.questions:
        for language in manifest.languages:
            messages = _messages(manifest, question, language)
            for number in range(1, manifest.n_replies + 1):
                request = Request(
                    model_id=sampler.spec.model_id,
                    service=sampler.spec.service or sampler.spec.api_base or "",
                    endpoint="chat",
                    messages=messages,
                    parameters=_parameters(sampler.spec, number),
                    repeat=number - 1,
                    runtime=sampler.runtime,
                )
                yield ReplyCall(question, language, number, request, sampler.spec.judge_id)


def _messages(manifest: SteerManifest, question: Question, language: Language) -> tuple[Message, ...]:
    asked = Message(role="user", content=question.message[language])
    instruction = manifest.questions.instruction
    return (asked,) if instruction is None else (Message(role="system", content=instruction[language]), asked)


def _parameters(spec: JudgeSpec, number: int) -> dict[str, JsonValue]:
    """The settings as requested; every reply has a seed of its own, where the model takes one."""
    asked: dict[str, JsonValue] = spec.sampling.model_dump(exclude_none=True)
    if spec.sampling.seed is not None:
        asked["seed"] = seed_of(spec, number)
    return asked | spec.extra_parameters


def seed_of(spec: JudgeSpec, number: int) -> int | None:
    """The seed of a reply; None for a model that takes none."""
    return None if spec.sampling.seed is None else spec.sampling.seed + number - 1
