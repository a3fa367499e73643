"""One tiny real call per judge: is the key there, does the model exist, what does the provider take.

Where the whole request is taken, that one call answers everything. Where it is refused, the bare prompt is
asked, and then what the preset adds to it, one thing after the other, so that the one that is refused is
known by name, and what is kept was taken together.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from harness.errors import JudgeError, JudgeRejectedError, JudgeUnavailableError
from harness.schema import Completion, JudgeSpec, Mechanism, Request
from harness.schema.capability import (
    JudgeCapabilities,
    Trait,
    TraitAnswer,
    parameters_of,
    without_parameters,
)

Exchange = tuple[Request, Completion]
Ask = Callable[[JudgeSpec], Awaitable[Exchange]]
"""Asks one tiny thing under these settings; raises the judge's own errors."""

STRUCTURED = "structured_output"
LOGPROBS = "logprobs"
_STATUS = re.compile(r"\bHTTP (\d{3})\b")
_NO_MODEL = re.compile(
    r"model\W.{0,80}(not found|not exist|unknown|invalid|decommissioned|deprecated)"
    r"|(invalid|unknown|no such|unsupported) model|model_not_found",
    re.IGNORECASE,
)
_LOCAL = ("local/", "gguf:")
_EXCERPT = 80


@dataclass
class _Found:
    """What is known so far."""

    traits: dict[str, Trait] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    n_calls: int = 0
    usable: bool = True
    echo: str | None = None

    def say(self, name: str, answer: TraitAnswer, words: str = "") -> None:
        self.traits[name] = Trait(name=name, answer=answer, words=words)


async def probe_judge(spec: JudgeSpec, ask: Ask, checked_at: str) -> JudgeCapabilities:
    """Find out what a judge's provider takes; failures of any kind are findings, not errors."""
    found = _Found()
    if _key_is_there(spec, found):
        await _probe(spec, ask, found)
    else:
        found.usable = False
    return JudgeCapabilities(
        judge_id=spec.judge_id,
        model_id=spec.model_id,
        service=spec.service or spec.api_base or "",
        mechanism=spec.mechanism,
        checked_at=checked_at,
        usable=found.usable,
        traits=tuple(found.traits.values()),
        dropped=tuple(name for name in parameters_of(spec) if name in found.refused),
        model_echo=found.echo,
        n_calls=found.n_calls,
    )


def features_of(spec: JudgeSpec) -> tuple[str, ...]:
    """What a preset adds to the bare prompt, the most important first."""
    pairwise = spec.protocol == "pairwise"
    structured = (STRUCTURED,) if not pairwise and spec.mechanism != "text" else ()
    logprobs = (LOGPROBS,) if pairwise and spec.pair_reading == "token_probability" else ()
    return (*structured, *logprobs, *parameters_of(spec))


def variant(spec: JudgeSpec, features: tuple[str, ...]) -> JudgeSpec:
    """The preset with only these features."""
    gone = tuple(name for name in parameters_of(spec) if name not in features)
    changes: dict[str, object] = {}
    if STRUCTURED not in features:
        changes["mechanism"] = "text"
    if LOGPROBS not in features:
        changes["pair_reading"] = "word"
    return without_parameters(spec, gone).model_copy(update=changes)


def _key_is_there(spec: JudgeSpec, found: _Found) -> bool:
    """Look for the key; only its variable is ever named."""
    name = spec.api_key_env
    if spec.model_id.startswith((*_LOCAL, "scripted/")):
        found.say("key", "not_asked")
    elif name is None:
        own = "a server of one's own, asked without a key" if spec.api_base else "as litellm finds it"
        found.say("key", "not_asked", own)
    elif os.environ.get(name, "").strip():
        found.say("key", "yes", f"{name} is set")
    else:
        found.say("key", "no", f"set the environment variable {name}")
        return False
    return True


async def _probe(spec: JudgeSpec, ask: Ask, found: _Found) -> None:
    features = features_of(spec)
    error = await _try(spec, ask, found)
    if error is None:
        for name in features:
            found.traits.setdefault(name, Trait(name=name, answer="yes"))
        return
    if isinstance(error, (JudgeRejectedError, JudgeUnavailableError)) and features and not _final(error):
        bare = await _try(variant(spec, ()), ask, found)
        if bare is None:
            await _one_by_one(spec, ask, found)
            return
        error = bare
    _blame(spec, error, found)


async def _one_by_one(spec: JudgeSpec, ask: Ask, found: _Found) -> None:
    """The bare prompt is taken: add what the preset adds, and keep what is taken."""
    for name in features_of(spec):
        error = await _try(variant(spec, (*found.accepted, name)), ask, found)
        if error is None:
            found.accepted.append(name)
            found.traits.setdefault(name, Trait(name=name, answer="yes"))
        elif isinstance(error, (JudgeRejectedError, JudgeUnavailableError)):
            found.refused.append(name)
            found.say(name, "no", _said(error))
            await _remedy(name, spec, ask, found)
        else:
            found.say(name, "unknown", _said(error))
            found.usable = False


async def _remedy(name: str, spec: JudgeSpec, ask: Ask, found: _Found) -> None:
    """A parameter can be left out; how the verdict is asked for is a choice that only a person may change."""
    if name not in (STRUCTURED, LOGPROBS):
        return
    found.usable = False
    said = found.traits[name].words
    if name == LOGPROBS:
        found.say(name, "no", f"{said}; write pair_reading: word in the preset")
        return
    other: Mechanism = "tool" if spec.mechanism == "native" else "native"
    asked = variant(spec, (*found.accepted, STRUCTURED)).model_copy(update={"mechanism": other})
    taken = await _try(asked, ask, found) is None
    found.say(name, "no", f"{said}; write mechanism: {other if taken else 'text'} in the preset")


async def _try(spec: JudgeSpec, ask: Ask, found: _Found) -> JudgeError | None:
    """Ask once; the error with which the call ended, or None, and what the reply shows."""
    found.n_calls += 1
    try:
        request, completion = await ask(spec)
    except JudgeError as error:
        return error
    words = f"answers as {completion.model_echo}" if completion.model_echo else ""
    found.echo = completion.model_echo
    found.say("model", "yes", words)
    if spec.model_id.startswith(_LOCAL):
        found.say("weights", "yes", f"sha256 {str(request.runtime.get('weights_sha256', ''))[:12]}")
    form = form_sent(request.parameters)
    if form is not None:
        found.say(STRUCTURED, *_honoured(completion, form))
    if request.endpoint == "next_token":
        found.say(LOGPROBS, *_named(completion))
    return None


def form_sent(parameters: Mapping[str, JsonValue]) -> Mapping[str, JsonValue] | None:
    """The schema that was sent, by whichever mechanism."""
    wanted: JsonValue = parameters.get("response_format")
    for name in ("json_schema", "schema") if wanted else ():
        wanted = wanted.get(name) if isinstance(wanted, dict) else None
    tools = parameters.get("tools")
    if isinstance(tools, list) and tools and isinstance(tools[0], dict):
        function = tools[0].get("function")
        wanted = function.get("parameters") if isinstance(function, dict) else None
    return wanted if isinstance(wanted, dict) else None


def _honoured(completion: Completion, form: Mapping[str, JsonValue]) -> tuple[TraitAnswer, str]:
    if completion.refusal or completion.finish_reason == "content_filter":
        return "unknown", "the reply was withheld"
    required = form.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    try:
        reply = json.loads(completion.text)
    except ValueError:
        if completion.finish_reason == "length":
            return "unknown", "the reply was cut off: raise max_tokens"
        return "ignored", f"the reply is not the form that was asked for: {completion.text[:_EXCERPT]!r}"
    missing = [name for name in names if not isinstance(reply, dict) or name not in reply]
    if missing:
        return "ignored", f"the reply lacks {', '.join(missing[:4])}"
    return "yes", ""


def _named(completion: Completion) -> tuple[TraitAnswer, str]:
    mass = sum((completion.probabilities or {}).values())
    if mass > 0:
        return "yes", f"{mass:.0%} of the probability on the two names"
    return "ignored", "the two names are not among the tokens that were listed"


def _final(error: JudgeError) -> bool:
    """Whether no other request could do better: the key, the account, or the model is refused."""
    return _status(error) in (401, 402, 403, 404) or "the environment variable" in str(error)


def _blame(spec: JudgeSpec, error: JudgeError, found: _Found) -> None:
    """Not even the bare prompt was answered: say what that is likely to be about."""
    found.usable = False
    said = _said(error)
    if spec.model_id.startswith(_LOCAL):
        found.say("weights", "no", said)
    elif _status(error) == 404 or _NO_MODEL.search(said):
        found.say("model", "no", said)
    elif _status(error) in (401, 403) or "the environment variable" in said:
        found.say("key", "no", said)
    else:
        found.say("model", "unknown", said)


def _status(error: JudgeError) -> int | None:
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def _said(error: JudgeError) -> str:
    """The message without the judge's name, which stands beside it."""
    return str(error).partition("): ")[2] or str(error)
