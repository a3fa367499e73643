"""Case + rulebook + presentation -> the exact messages and parameters of one request.

The text lives in `prompts/templates/<id>.<language>.j2`; nothing here writes prose. A prompt holds the
rulebook, the user's message and the answers in slots, never commentary, key, answer ids or the order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import jinja2
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from pydantic import JsonValue

from harness.errors import CaseError, Problem, RulebookError, TemplateError
from harness.schema import (
    DIMENSIONS,
    Case,
    JudgeSpec,
    Language,
    Localised,
    Message,
    Presentation,
    Record,
    Request,
    Rulebook,
    Wording,
    canonical_json,
)

LISTWISE_SLOTS = tuple("ABCDEFGHIJ")
PAIR_SLOTS: tuple[tuple[str, str], ...] = (("A", "B"), ("1", "2"), ("X", "Y"))
"""Slot names of a pairwise call; repeat r uses pair r, because a repeat must vary what should not matter."""

POINT_SLOTS = ("A", "X", "Q")
"""Name of the only slot of a pointwise call; repeat r uses name r. No digit: the grades are digits."""

MAX_TOKEN_GRADE = 9
"""The highest grade that is surely one token."""

TIE_WORDS: dict[Language, str] = {"fr": "égalité", "en": "tie"}
MAX_REASON_CHARACTERS = 120
MAX_RULES_CITED = 3
_NONCE_LENGTHS = (8, 16, 32, 64)


class PromptSource(Record):
    """What one prompt is rendered from, whoever the judge is."""

    case: Case
    rulebook: Rulebook
    wording: Wording
    language: Language
    n_grades: int
    dimensions: bool = False


Role = Literal["system", "user"]
_ROLES: tuple[Role, Role] = ("system", "user")
_OF_RULEBOOK = frozenset({"preamble", "rules"})
_OF_CASE = frozenset({"message", "blocks", "slots"})


class Reads(NamedTuple):
    """What a block of a template reads: the same of that, and the block says the same."""

    rulebook: bool
    case: bool
    others: tuple[str, ...]
    """Names of the other variables."""


def _reads(template: nodes.Template, role: Role) -> Reads:
    found = next(block for block in template.find_all(nodes.Block) if block.name == role)
    alone = nodes.Template(found.body, lineno=1)
    alone.environment = template.environment
    names = find_undeclared_variables(alone)
    if any(name.name in {"self", "super"} for name in found.find_all(nodes.Name)):
        names |= VARIABLES  # it may hold another block
    others = tuple(sorted(names - _OF_RULEBOOK - _OF_CASE))
    return Reads(bool(names & _OF_RULEBOOK), bool(names & _OF_CASE), others)


class Template:
    """A prompt template: two blocks, `system` and `user`."""

    def __init__(self, path: Path) -> None:
        """Compile the template.

        Raises
        ------
        TemplateError
            The file is missing, its syntax is wrong, or one of the two blocks is absent.
        """
        self.path = path
        environment = SandboxedEnvironment(
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        try:
            source = path.read_text(encoding="utf-8")
            self._template = environment.from_string(source)
        except OSError as error:
            raise _template_error(
                path, None, f"cannot be read ({error.strerror}); templates are <id>.<language>.j2"
            ) from error
        except UnicodeDecodeError as error:
            raise _template_error(path, None, "is not UTF-8; save it as UTF-8") from error
        except jinja2.TemplateSyntaxError as error:
            raise _template_error(path, error.lineno, f"template syntax: {error.message}") from error
        missing = {"system", "user"} - set(self._template.blocks)
        if missing:
            raise _template_error(
                path, None, f"needs the blocks system and user; missing: {', '.join(sorted(missing))}"
            )
        self.reads: dict[Role, Reads] = {role: _reads(environment.parse(source), role) for role in _ROLES}

    @property
    def template_id(self) -> str:
        """File name without its ending: `listwise.fr`."""
        return self.path.stem

    def render(self, variables: dict[str, object]) -> tuple[Message, Message]:
        """The system and the user message.

        Raises
        ------
        TemplateError
            The template asks for a variable that does not exist, or does what templates may not.
        """
        system, user = (self.render_block(role, variables) for role in _ROLES)
        return system, user

    def render_block(self, role: Role, variables: dict[str, object]) -> Message:
        """One of the two; raises as `render` does."""
        try:
            context = self._template.new_context(variables)
            return Message(role=role, content=self._block(role, context))
        except jinja2.UndefinedError as error:
            known = ", ".join(sorted(variables))
            raise _template_error(self.path, None, f"{error.message}; the variables are {known}") from error
        except (jinja2.TemplateError, TypeError) as error:
            raise _template_error(self.path, None, f"cannot be rendered: {error}") from error

    def _block(self, name: str, context: Context) -> str:
        return "".join(self._template.blocks[name](context)).strip()


VARIABLES = frozenset(
    {
        *("preamble", "rules", "message", "blocks", "slots", "reply_form", "n_grades", "dimensions"),
        *("tie_word", "cases"),
    }
)
"""What a template may ask for; `tie_word`: pairwise; `reply_form`, `n_grades`, `dimensions`: the others.

`cases`: together; number, message, blocks, slots and reply_form of each case stand there instead.

A pointwise `reply_form` is None where the grade is read from token probabilities.
"""


def template_problems(path: Path) -> list[Problem]:
    """Everything that is wrong with a template, without rendering it: syntax, blocks, unknown variables."""
    try:
        Template(path)
    except TemplateError as error:
        return list(error.problems)
    tree = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    unknown = sorted(find_undeclared_variables(tree) - VARIABLES)
    known = ", ".join(sorted(VARIABLES))
    return [Problem(path, None, name, f"no such variable; the variables are {known}") for name in unknown]


def _template_error(path: Path, line: int | None, message: str) -> TemplateError:
    return TemplateError([Problem(path, line, "", message)])


class KeptMessages:
    """The messages of many prompts, each block rendered once for everything that it does not read.

    A block is known by its template, by the very records that its variables come from, which never change
    and are kept with it, and by the others of its variables. When there is no more room, what is kept stays:
    plans go through the same cases again and again.
    """

    def __init__(self, most_characters: int = 100_000_000) -> None:
        self._messages: dict[tuple[object, ...], tuple[Message, PromptSource]] = {}
        self._room = most_characters

    def message(self, prompt: _Prompt, role: Role) -> Message:
        """One message of a prompt, rendered if need be."""
        key = _block_key(prompt, role)
        found = self._messages.get(key)
        if found is not None:
            return found[0]
        message = prompt.template.render_block(role, prompt.variables())
        if len(message.content) <= self._room:
            self._room -= len(message.content)
            self._messages[key] = message, prompt.source
        return message


class _Prompt(NamedTuple):
    """All that one prompt is rendered from."""

    template: Template
    source: PromptSource
    presentation: Presentation
    others: dict[str, object]
    """The variables that neither rulebook nor case have."""

    def render(self, kept: KeptMessages | None) -> tuple[Message, ...]:
        """Its messages; what is kept is not rendered again."""
        if kept is None:
            return self.template.render(self.variables())
        return tuple([kept.message(self, role) for role in _ROLES])

    def variables(self) -> dict[str, object]:
        """All that its template may ask for."""
        return _variables(self.source, self.presentation) | self.others


def _block_key(prompt: _Prompt, role: Role) -> tuple[object, ...]:
    template, source, shown, others = prompt
    reads = template.reads[role]
    rulebook = (id(source.rulebook), source.wording) if reads.rulebook else None
    case = (id(source.case), shown.order, shown.slots) if reads.case else None
    told = [others.get(name, _ABSENT) for name in reads.others]
    return (template, role, source.language, rulebook, case, *told)


_ABSENT = object()


def listwise_slots(n_answers: int) -> tuple[str, ...]:
    """Slot names of a listwise call: A, B, C, ..."""
    return LISTWISE_SLOTS[:n_answers]


def render_listwise(
    template: Template, source: PromptSource, presentation: Presentation, kept: KeptMessages | None = None
) -> tuple[Message, ...]:
    """The messages of a listwise call."""
    others = _scale(source) | {"reply_form": reply_form(presentation.slots, source)}
    return _Prompt(template, source, presentation, others).render(kept)


def render_together(
    template: Template, shown: Sequence[tuple[PromptSource, Presentation]]
) -> tuple[Message, ...]:
    """The messages of one call about several cases, under one rulebook; they are numbered from 1."""
    cases = []
    for number, (source, presentation) in enumerate(shown, start=1):
        case = _case_variables(source, presentation)
        form = reply_form(presentation.slots, source)
        cases.append({**case, "number": number, "reply_form": f'{{"case": {number}, {form[1:]}'})
    first, _ = shown[0]
    variables = _rulebook_variables(first)
    variables |= {"cases": cases, "n_grades": first.n_grades, "dimensions": first.dimensions}
    return template.render(variables)


def render_pairwise(
    template: Template,
    source: PromptSource,
    presentation: Presentation,
    kept: KeptMessages | None = None,
    *,
    allow_tie: bool,
) -> tuple[Message, ...]:
    """The messages of one pairwise call; `presentation` holds two answers."""
    others: dict[str, object] = {"tie_word": TIE_WORDS[source.language] if allow_tie else None}
    return _Prompt(template, source, presentation, others).render(kept)


def render_pointwise(
    template: Template,
    source: PromptSource,
    presentation: Presentation,
    kept: KeptMessages | None = None,
    *,
    as_form: bool,
) -> tuple[Message, ...]:
    """The messages of one pointwise call; `presentation` holds one answer, `as_form` asks for an object."""
    form = reply_form(presentation.slots, source, ends=False) if as_form else None
    return _Prompt(template, source, presentation, _scale(source) | {"reply_form": form}).render(kept)


def _scale(source: PromptSource) -> dict[str, object]:
    return {"n_grades": source.n_grades, "dimensions": source.dimensions}


def _variables(source: PromptSource, presentation: Presentation) -> dict[str, object]:
    return _rulebook_variables(source) | _case_variables(source, presentation)


def _rulebook_variables(source: PromptSource) -> dict[str, object]:
    rulebook = source.rulebook
    rules = [{"number": rule.number, "text": _rulebook_text(source, rule.text)} for rule in rulebook.rules]
    return {"preamble": _rulebook_text(source, rulebook.preamble), "rules": rules}


def _case_variables(source: PromptSource, presentation: Presentation) -> dict[str, object]:
    case = source.case
    texts = {answer.answer_id: _case_text(source, answer.text) for answer in case.answers}
    blocks = [
        _block(slot, texts[answer_id])
        for slot, answer_id in zip(presentation.slots, presentation.order, strict=True)
    ]
    message = _block("message", _case_text(source, case.message))
    return {"message": message, "blocks": blocks, "slots": presentation.slots}


def _case_text(source: PromptSource, texts: Localised) -> str:
    if source.language not in texts:
        path = Path("cases", f"{source.case.case_id}.yaml")
        raise CaseError([Problem(path, None, "", f"has no text in '{source.language}'; translate it")])
    return texts[source.language].strip()


def _rulebook_text(source: PromptSource, worded: dict[Wording, Localised]) -> str:
    text = worded.get(source.wording, {}).get(source.language)
    if text is None:
        path = Path("prompts", "rulebooks", f"{source.rulebook.rulebook_id}.yaml")
        words = f"has no wording '{source.wording}' in '{source.language}'; write it, or ask for another"
        raise RulebookError([Problem(path, None, "", words)])
    return text.strip()


def _block(slot: str, text: str) -> dict[str, str]:
    nonce = block_nonce(slot, text)
    return {"slot": slot, "text": text, "open": f"<{slot}-{nonce}>", "close": f"</{slot}-{nonce}>"}


def block_nonce(slot: str, text: str) -> str:
    """A tag that the text cannot close: derived from its slot and the text itself.

    Derived, not random, or every replay would miss. The tag grows until the text does not hold it: to break
    out, a text would have to contain its own SHA-256.
    """
    # Canonical JSON of ["block", slot, text].
    named = b'["block",' + canonical_json(slot) + b"," + canonical_json(text) + b"]"
    full = hashlib.sha256(named).hexdigest()
    for length in _NONCE_LENGTHS:
        if full[:length] not in text:
            return full[:length]
    return full


def reply_form(slots: Sequence[str], source: PromptSource, *, ends: bool = True) -> str:
    """The form of the reply as shown in the prompt; placeholders only, so that an echo is never a verdict.

    `ends`: with the best and the worst slot named, which a single answer has not.
    """
    return _reply_form(tuple(slots), source.dimensions, bool(source.rulebook.rules), ends)


@lru_cache(maxsize=256)
def _reply_form(slots: tuple[str, ...], dimensions: bool, rules: bool, ends: bool) -> str:
    fields = [f'"{slot}": …' for slot in slots]
    if dimensions:
        fields += [f'"{slot}_{dimension}": …' for slot in slots for dimension in DIMENSIONS]
    if ends:
        fields += ['"best": "…"', '"worst": "…"']
    if rules:
        fields.append('"rules": […]')
    fields.append('"reason": "…"')
    return "{" + ", ".join(fields) + "}"


def reply_schema(
    slots: Sequence[str], source: PromptSource, *, bounded: bool, ends: bool = True
) -> dict[str, JsonValue]:
    """JSON schema of a reply with grades: flat, small integers, enums, one short string.

    `bounded` adds lengths, which a grammar honours and some providers' strict mode refuses.
    """
    grade: dict[str, JsonValue] = {"type": "integer", "enum": list(range(1, source.n_grades + 1))}
    slot: dict[str, JsonValue] = {"type": "string", "enum": list(slots)}
    properties: dict[str, JsonValue] = dict.fromkeys(slots, grade)
    if source.dimensions:
        properties |= {f"{name}_{dimension}": grade for name in slots for dimension in DIMENSIONS}
    if ends:
        properties |= {"best": slot, "worst": slot}
    if source.rulebook.rules:
        properties["rules"] = _rules_schema(source.rulebook, bounded=bounded)
    properties["reason"] = (
        {"type": "string", "maxLength": MAX_REASON_CHARACTERS} if bounded else {"type": "string"}
    )
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _rules_schema(rulebook: Rulebook, *, bounded: bool) -> dict[str, JsonValue]:
    numbers: list[JsonValue] = [rule.number for rule in rulebook.rules]
    schema: dict[str, JsonValue] = {"type": "array", "items": {"type": "integer", "enum": numbers}}
    if bounded:
        schema |= {"minItems": 1, "maxItems": MAX_RULES_CITED}
    return schema


def is_local(model_id: str) -> bool:
    """Whether a model runs in this process from a weights file."""
    return model_id.startswith(("local/", "gguf:"))


def is_pasted(model_id: str) -> bool:
    """Whether a person carries prompts to a chat window and pastes the replies back."""
    return model_id.startswith("pasted/")


def as_one_text(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The same as one message of the user: what is copied into a chat window, sign for sign."""
    return (Message(role="user", content="\n\n".join(message.content for message in messages)),)


def build_listwise_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    schema: dict[str, JsonValue],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of a call that grades, its schema sent by the mechanism that the preset names."""
    parameters = _sampling(spec)
    named: dict[str, JsonValue] = {"name": "verdict", "strict": True, "schema": schema}
    if spec.mechanism == "native":
        parameters["response_format"] = {"type": "json_schema", "json_schema": named}
    elif spec.mechanism == "tool":
        function: dict[str, JsonValue] = {"name": "verdict", "parameters": schema}
        parameters["tools"] = [{"type": "function", "function": function}]
        parameters["tool_choice"] = {"type": "function", "function": {"name": "verdict"}}
    return _request(spec, messages, parameters, repeat, runtime)


def build_pairwise_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    slots: Sequence[str],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of one pairwise call: next-token probabilities of the two slot names, or one word."""
    parameters = _sampling(spec)
    if spec.pair_reading == "word":
        return _request(spec, messages, parameters, repeat, runtime)
    parameters["candidates"] = list(slots)
    return _request(spec, messages, parameters, repeat, runtime).model_copy(update={"endpoint": "next_token"})


def build_grade_request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    n_grades: int,
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    """The request of one pointwise call that is read as token probabilities, one candidate per grade."""
    parameters = _sampling(spec)
    parameters["candidates"] = [str(grade) for grade in range(1, n_grades + 1)]
    return _request(spec, messages, parameters, repeat, runtime).model_copy(update={"endpoint": "next_token"})


def _sampling(spec: JudgeSpec) -> dict[str, JsonValue]:
    if is_pasted(spec.model_id):
        return {}  # a chat window has settings, and nobody knows them
    asked: dict[str, JsonValue] = spec.sampling.model_dump(exclude_none=True)
    return asked | spec.extra_parameters


def _request(
    spec: JudgeSpec,
    messages: tuple[Message, ...],
    parameters: dict[str, JsonValue],
    repeat: int,
    runtime: dict[str, JsonValue],
) -> Request:
    return Request(
        model_id=spec.model_id,
        service=spec.service or spec.api_base or "",
        endpoint="chat",
        messages=messages,
        parameters=parameters,
        repeat=repeat,
        runtime=runtime,
    )


def describe_messages(messages: Sequence[Message]) -> str:
    """The messages as text, for `harness prompt`."""
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)
