"""A judge without an interface: copy the prompt out, paste the reply in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import Completion, JudgeSpec, Request

Exchange = Callable[[str], Awaitable[str]]
"""Shows a prompt to a person and waits for the reply that they paste."""


def copied_prompt(request: Request) -> str:
    """The messages as one text to paste into a chat window."""
    return "\n\n".join(message.content for message in request.messages)


def pasted_completion(text: str, clock: Clock = SYSTEM_CLOCK, *, source: str = "pasted") -> Completion:
    """A completion from a pasted reply.

    What a chat window does not tell (tokens, sampling, fingerprint) stays unknown, and `versions` says that
    the text was pasted.
    """
    return Completion(
        text=text.strip(),
        finish_reason="stop",
        latency_s=0.0,
        completed_at=clock.stamp(),
        versions={"source": source},
    )


class ManualJudge:
    """Answers through a person; for LLMs that can only be reached by hand."""

    def __init__(self, spec: JudgeSpec, exchange: Exchange, clock: Clock = SYSTEM_CLOCK) -> None:
        self.spec = spec
        self._exchange = exchange
        self._clock = clock

    def runtime(self) -> dict[str, JsonValue]:
        """Nothing is known about what runs the model."""
        return {}

    async def aclose(self) -> None:
        """Nothing to release."""

    async def complete(self, request: Request) -> Completion:
        """Show the prompt and take the pasted reply.

        Raises
        ------
        JudgeUnavailableError
            Nothing was pasted: the call stays open. Or token probabilities were asked for.
        """
        if request.endpoint == "next_token":
            raise self._unavailable("token probabilities cannot be pasted; set pair_reading: word")
        text = await self._exchange(copied_prompt(request))
        if not text.strip():
            raise self._unavailable("nothing was pasted; the call stays open")
        return pasted_completion(text, self._clock)

    def _unavailable(self, message: str) -> JudgeUnavailableError:
        return JudgeUnavailableError(f"{self.spec.judge_id}: {message}", judge_id=self.spec.judge_id)
