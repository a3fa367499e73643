from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from harness.errors import JudgeUnavailableError
from harness.judge.manual import ManualJudge, copied_prompt, pasted_completion
from harness.schema import JudgeSpec, Request

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]


def test_shows_the_prompt_and_takes_the_reply(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """The person sees every message, and the pasted text is the completion, marked as pasted."""
    shown: list[str] = []

    async def exchange(prompt: str) -> str:
        shown.append(prompt)
        return '  {"A": 1}\n'

    request = make_request()
    completion = asyncio.run(ManualJudge(make_spec(), exchange, fake_time.clock()).complete(request))
    assert shown == [copied_prompt(request)]
    assert all(message.content in shown[0] for message in request.messages)
    assert (completion.text, completion.versions) == ('{"A": 1}', {"source": "pasted"})
    assert completion.completed_at == "2030-05-01T12:00:00+00:00"


def test_claims_nothing_that_was_not_pasted() -> None:
    """Tokens, fingerprint and the name of the LLM stay unknown."""
    completion = pasted_completion("B")
    assert completion.usage.prompt_tokens is None
    assert (completion.model_echo, completion.fingerprint, completion.wire_sha256) == (None, None, None)


@pytest.mark.parametrize("endpoint", ["chat", "next_token"])
def test_nothing_pasted_leaves_the_call_open(
    make_spec: SpecMaker, make_request: RequestMaker, endpoint: str
) -> None:
    """An empty reply, or a request that nobody can answer by hand, is never stored as an answer."""

    async def exchange(_: str) -> str:
        return " \n"

    with pytest.raises(JudgeUnavailableError):
        asyncio.run(ManualJudge(make_spec(), exchange).complete(make_request(endpoint=endpoint)))
