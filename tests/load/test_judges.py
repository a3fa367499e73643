from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import JudgeSpecError, Problem
from harness.load.content import load_judge, load_judges
from harness.load.secret import looks_like_secret

if TYPE_CHECKING:
    from tests.load.conftest import World

FIRST = "prompts/judges/first.yaml"
SECOND = "prompts/judges/second.yaml"


def problems_of(world: World, judge_id: str) -> tuple[Problem, ...]:
    """Give every problem of a preset."""
    with pytest.raises(JudgeSpecError) as caught:
        load_judge(judge_id, roots=[world.root])
    return caught.value.problems


def test_judges_are_found_by_id_and_path(world: World) -> None:
    """An id, a path and the list of all give the same presets."""
    first = load_judge("first", roots=[world.root])
    assert load_judge(world.root / FIRST) == first
    assert load_judges(roots=[world.root])[0] == first


@pytest.mark.parametrize(
    "parameters",
    [
        {"api_key": "hunter22"},
        {"extra_headers": {"Authorization": "Basic abc"}},
        {"headers": [{"x": "Bearer abcdefghijk"}]},
        {"user": "sk-ant-REDACTED"},
        {"org": "q8Zx0Lm3Nv7Bc1Kj5Hg9Fd2Sa6Pw4Er8"},
    ],
)
def test_a_key_in_the_file_is_refused_and_not_shown(world: World, parameters: dict[str, object]) -> None:
    """A key anywhere in extra_parameters is refused, with the remedy and without the key."""
    world.change(SECOND, lambda content: content.update(extra_parameters=parameters))
    (problem,) = problems_of(world, "second")
    assert "api_key_env" in problem.message
    text = (world.root / SECOND).read_text(encoding="utf-8")
    assert problem.line is not None
    value = text.splitlines()[problem.line - 1].split('"')[-2]
    assert value not in str(problem)


def test_a_key_is_found_in_a_file_that_is_wrong_otherwise(world: World) -> None:
    """Other mistakes in the file do not hide a key."""
    world.change(SECOND, lambda content: content.update(api_key="sk-abcdefgh12345678", protocol="x"))
    fields = [problem.field for problem in problems_of(world, "second")]
    assert sorted(fields) == ["api_key", "api_key", "protocol"]


def test_a_key_in_place_of_its_variable_is_refused(world: World) -> None:
    """An upper-case key looks like a variable's name and is refused all the same."""
    world.change(SECOND, lambda content: content.update(api_key_env="AKIAIOSFODNN7EXAMPLE"))
    (problem,) = problems_of(world, "second")
    assert "AKIA" not in str(problem)


def test_an_address_holds_no_password(world: World) -> None:
    """User, password and query are refused in api_base."""
    for address in ("http://me:pass@host/v1", "http://host/v1?key=abc"):
        world.records[SECOND]["api_base"] = address
        world.save(SECOND)
        (problem,) = problems_of(world, "second")
        assert problem.field == "api_base"


def test_ordinary_parameters_are_no_keys(world: World) -> None:
    """Parameters that providers really have pass, also with `token` in their names."""
    parameters = {"max_completion_tokens": 500, "logit_bias": {}, "reasoning_effort": "low", "top_k": 40}
    world.change(SECOND, lambda content: content.update(extra_parameters=parameters))
    assert load_judge("second", roots=[world.root]).extra_parameters == parameters
    assert not looks_like_secret("a long sentence of plain words without any key at all in it")
    assert not looks_like_secret("qwen2.5-coder-1.5b-instruct-q4_k_m-gguf-pairwise")


def test_a_setting_has_one_place(world: World) -> None:
    """What has a field of its own, or would bend the record, is refused in extra_parameters."""
    parameters = {"temperature": 1, "model": "other", "stream": True, "fallbacks": ["x"]}
    world.change(SECOND, lambda content: content.update(extra_parameters=parameters))
    told = {problem.field: problem.message for problem in problems_of(world, "second")}
    assert told.keys() == {f"extra_parameters.{name}" for name in parameters}
    assert "sampling.temperature" in told["extra_parameters.temperature"]


def test_local_settings_are_for_local_models(world: World) -> None:
    """Threads and prompt cache are refused where they would do nothing."""
    world.change(SECOND, lambda content: content.update(threads=2, prompt_cache=False))
    assert [problem.field for problem in problems_of(world, "second")] == ["threads", "prompt_cache"]
    world.change(SECOND, lambda content: content.update(model_id="local/x"))
    assert load_judge("second", roots=[world.root]).threads == 2


def test_the_file_has_the_name_of_its_judge(world: World) -> None:
    """An id that differs from its file's name is an error."""
    world.change(FIRST, lambda content: content.update(judge_id="fast"))
    assert "'fast' stands in first.yaml" in problems_of(world, "first")[0].message
