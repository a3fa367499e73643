"""The one seam to the world: a judge is a spec and `complete`."""

from __future__ import annotations

from typing import Protocol

from pydantic import JsonValue

from harness.schema import Completion, JudgeSpec, Request


class Judge(Protocol):
    """Anything that can answer a request."""

    spec: JudgeSpec

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises
        ------
        TransientJudgeError
            Another attempt may succeed.
        JudgeRejectedError
            This prompt would fail again.
        JudgeUnavailableError
            The provider cannot be used: key, billing, unknown model, budget.
        """
        ...

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of what runs the model, for the key; empty for a remote provider."""
        ...

    async def aclose(self) -> None:
        """Release what the judge holds."""
        ...
