"""A judge without an interface: its prompts are copied into a chat window, its replies pasted back."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import Completion, JudgeSpec, Request

SOURCE = "pasted"
"""What `Completion.versions["source"]` says of a reply that a person carried here."""


def pasted_completion(text: str, model_told: str, date_told: str, clock: Clock = SYSTEM_CLOCK) -> Completion:
    """The completion of a pasted reply, with the model and the day that the person named.

    What a chat window does not tell (tokens, settings, fingerprint, how it ended) stays unknown.
    """
    return Completion(
        text=text.strip(),
        finish_reason="unknown",
        model_echo=model_told,
        latency_s=0.0,
        completed_at=clock.stamp(),
        versions={"source": SOURCE, "date_told": date_told},
    )


class PastedJudge:
    """Asks nobody: what was not pasted yet stays open."""

    def __init__(self, spec: JudgeSpec, runtime: Mapping[str, JsonValue] | None = None) -> None:
        self.spec = spec
        self._runtime = dict(runtime or {})

    async def complete(self, _: Request) -> Completion:
        """Say where replies come from.

        Raises
        ------
        JudgeUnavailableError
            Always: recorded replies are found before anyone is asked.
        """
        message = f"{self.spec.judge_id}: replies are pasted by hand (`harness paste`); nobody is asked"
        raise JudgeUnavailableError(message, judge_id=self.spec.judge_id)

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of what ran the model, as far as it is known."""
        return dict(self._runtime)

    async def aclose(self) -> None:
        """Nothing to release."""
