"""One judge preset, checked: no key in the file, no setting in two places."""

from __future__ import annotations

from pathlib import Path

from harness.errors import Problem
from harness.load.layers import environment_problems
from harness.load.secret import find_secrets
from harness.load.yaml import Reading, read_located
from harness.schema import JudgeSpec

_OWN_FIELDS = {
    "model": "model_id",
    "temperature": "sampling.temperature",
    "top_p": "sampling.top_p",
    "seed": "sampling.seed",
    "max_tokens": "sampling.max_tokens",
    "timeout": "limits.timeout_s",
    "max_retries": "limits.max_attempts",
    "num_retries": "limits.max_attempts",
    "api_base": "api_base",
    "base_url": "api_base",
}
_NOT_OURS = {
    "messages": "the harness writes the messages from the template",
    "stream": "replies are read whole",
    "n": "one call gives one completion; a repeat is a call of its own",
    "fallbacks": "another model must never answer under this judge's name",
    "drop_params": "a parameter that is silently dropped would not be what the record says",
    "mock_response": "use a scripted/ judge instead",
}
_LOCAL = ("local/", "gguf:", "scripted/")


def read_judge(path: Path) -> tuple[JudgeSpec | None, list[Problem]]:
    """Read one judge preset without raising: the record where the file holds one, and every problem."""
    reading = read_located(path, JudgeSpec)
    # secrets are sought in the plain content, so that they are found in a file that is wrong otherwise too
    problems = [*reading.problems, *_check_secrets(reading), *environment_problems(reading.document)]
    if reading.record is None:
        return None, problems
    return reading.record, [
        *problems,
        *_check_id(reading, reading.record),
        *_check_parameters(reading, reading.record),
        *_check_local(reading, reading.record),
    ]


def _check_secrets(reading: Reading[JudgeSpec]) -> list[Problem]:
    words = (
        "looks like an API key, which must stand in no file: put it into an environment variable, "
        "name that variable in api_key_env, and make the key in the file invalid at the provider"
    )
    places = [place for place in find_secrets(reading.document.content) if place[:1] != ("api_key_env",)]
    problems = [reading.problem(place, words) for place in places]
    variable = reading.record.api_key_env if reading.record else None
    if variable and list(find_secrets([variable])):
        problems.append(reading.problem(("api_key_env",), words))
    address = reading.record.api_base if reading.record else None
    if address and ("@" in address or "?" in address):
        problems.append(
            reading.problem(("api_base",), "must be a bare URL, without user, password or '?...'")
        )
    return problems


def _check_id(reading: Reading[JudgeSpec], spec: JudgeSpec) -> list[Problem]:
    path = reading.document.path
    if spec.judge_id == path.stem:
        return []
    words = f"'{spec.judge_id}' stands in {path.name}; the id and the file's name must be the same"
    return [reading.problem(("judge_id",), words)]


def _check_parameters(reading: Reading[JudgeSpec], spec: JudgeSpec) -> list[Problem]:
    problems = []
    for name in spec.extra_parameters:
        if name in _OWN_FIELDS:
            words = f"has a field of its own: write it as {_OWN_FIELDS[name]}"
        elif name in _NOT_OURS:
            words = f"cannot be set: {_NOT_OURS[name]}"
        else:
            continue
        problems.append(reading.problem(("extra_parameters", name), words))
    return problems


def _check_local(reading: Reading[JudgeSpec], spec: JudgeSpec) -> list[Problem]:
    if spec.model_id.startswith(_LOCAL):
        return []
    return [
        reading.problem((name,), f"is for local models (local/, gguf:); remove it for {spec.model_id}")
        for name in ("threads", "prompt_cache")
        if getattr(spec, name) is not None
    ]
