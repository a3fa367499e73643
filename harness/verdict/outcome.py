"""Failed verdicts: what came back is kept, with the kind of failure and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from harness.errors import VerdictParseError
from harness.schema import Cell, Completion, FailedVerdict, FailureReason, Presentation
from harness.verdict.echo import Echo, without_blocks
from harness.verdict.words import find_refusal

MAX_TEXT = 20_000
"""Characters of raw text that a failed verdict keeps; the recording has all of it."""

_FILTERED = frozenset({
    *("content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content"),
    *("spii", "guardrail_intervened"),
})  # fmt: skip
_CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens", "max_length", "model_length"})
_MAX_MESSAGE = 500


@dataclass(frozen=True)
class Source:
    """Where a failed verdict comes from: raw text, presentation, keys of the completions."""

    text: str = ""
    presentation: Presentation | None = None
    keys: tuple[str, ...] = ()


NO_SOURCE = Source()


def failed(cell: Cell, reason: FailureReason, message: str, source: Source = NO_SOURCE) -> FailedVerdict:
    """The failed verdict of a cell; for calls that ended without a completion, `exhausted` or `rejected`."""
    return FailedVerdict(
        cell=cell,
        failure=reason,
        message=clean(" ".join(message.split()))[:_MAX_MESSAGE],
        text=clean(shorten(source.text, MAX_TEXT)),
        presentation=source.presentation,
        completion_keys=source.keys,
    )


def fail_unread(cell: Cell, error: VerdictParseError, source: Source) -> FailedVerdict:
    """The failed verdict for a text that could not be read."""
    return failed(cell, cast("FailureReason", error.reason), str(error), source)


def shorten(text: str, limit: int) -> str:
    """A text of `limit` characters at most, marked when it was longer."""
    if len(text) <= limit:
        return text
    mark = f"… [cut here: {len(text)} characters in all]"
    return text[: limit - len(mark)] + mark


def clean(text: str) -> str:
    """The text without halves of characters, which JSON can spell and no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def is_cut_off(completion: Completion) -> bool:
    """Whether the provider says that the reply ended at the token limit."""
    return completion.finish_reason.casefold() in _CUT_OFF


def is_filtered(finish_reason: str) -> bool:
    """Whether the provider's filter stopped a reply."""
    return finish_reason.casefold() in _FILTERED


def check_unfiltered(completion: Completion) -> None:
    """Refuse a filtered completion, whatever it holds: its text is not what the judge wrote.

    Raises
    ------
    VerdictParseError
        The provider's filter stopped the reply.
    """
    if is_filtered(completion.finish_reason):
        message = f"the provider's filter stopped the reply (finish reason {completion.finish_reason})"
        raise VerdictParseError(message, reason="filtered", text=completion.text)


def explain_unread(completion: Completion, what: str, echo: Echo) -> VerdictParseError:
    """The error of its kind for a reply that cannot be read: refused, else truncated, else unparsable."""
    refusal = completion.refusal or _refusal_in(completion, echo)
    if refusal:
        message = f"the judge refused: {refusal[:200]}"
        return VerdictParseError(message, reason="refused", text=completion.text)
    if is_cut_off(completion):
        message = f"the reply was cut off (finish reason {completion.finish_reason}): {what}"
        return VerdictParseError(message, reason="truncated", text=completion.text)
    return VerdictParseError(what, reason="unparsable", text=completion.text)


def _refusal_in(completion: Completion, echo: Echo) -> str | None:
    """The refusal at the start of a reply; an answer that refuses, quoted by the judge, is none."""
    if completion.finish_reason.casefold() == "refusal":
        return completion.text.strip() or "finish reason refusal"
    sentence = find_refusal(without_blocks(completion.text[: 4 * MAX_TEXT]))
    return None if sentence is None or echo.is_copy(sentence) else sentence
