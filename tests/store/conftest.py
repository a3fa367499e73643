"""Invented calls for the store's tests."""

from __future__ import annotations

import pytest

from harness.schema import (
    Completion,
    Message,
    Origin,
    Outcome,
    Presentation,
    Recording,
    Request,
    digest_request,
    request_key,
    text_sha256,
)

SYSTEM = "You are an annotator. Your employer wants careful answers."


class Calls:
    """Builds requests, completions and recordings that differ only where a test says so."""

    def request(self, number: int = 0, **changes: object) -> Request:
        """The request of call `number`."""
        message = f"<message-{text_sha256(str(number))[:8]}>Which doctor should I see, number {number}?"
        request = Request(
            model_id="openai/gpt-4o",
            service="",
            endpoint="chat",
            messages=(Message(role="system", content=SYSTEM), Message(role="user", content=message)),
            parameters={"temperature": 0.0, "max_tokens": 400},
            repeat=0,
        )
        return request.model_copy(update=changes)

    def completion(self, text: str = '{"A": 4, "B": 1}') -> Completion:
        """A completion with this text."""
        return Completion(text=text, finish_reason="stop", latency_s=1.5, completed_at="2026-01-02T03:04:05Z")

    def origin(self, _key: str = "") -> Origin:
        """The same place in the plan for every key."""
        return Origin(
            judge_id="gpt-4o",
            case_id="doctor",
            rulebook_id="hhh",
            wording="base",
            language="fr",
            protocol="listwise",
            repeat=0,
            template_id="listwise.fr",
            presentation=Presentation(order=("doctor-a", "doctor-b"), slots=("A", "B")),
        )

    def recording(self, number: int = 0, text: str = '{"A": 4, "B": 1}', **changes: object) -> Recording:
        """The recording of call `number`."""
        request = self.request(number, **changes)
        return Recording(
            key=request_key(request),
            request=digest_request(request),
            origin=self.origin(),
            completion=self.completion(text),
        )

    def outcome(self, number: int = 0, message: str = "timed out", ended_at: str = "2026-01-02") -> Outcome:
        """Call `number`, ended without a completion."""
        request = self.request(number)
        return Outcome(
            key=request_key(request),
            request=digest_request(request),
            origin=self.origin(),
            reason="exhausted",
            message=message,
            attempts=5,
            ended_at=ended_at,
        )

    def texts(self, *numbers: int) -> dict[str, str]:
        """The message texts of these calls, under their hashes."""
        contents = [message.content for number in numbers for message in self.request(number).messages]
        return {text_sha256(content): content for content in contents}


@pytest.fixture
def calls() -> Calls:
    """Give the builder of invented calls."""
    return Calls()
