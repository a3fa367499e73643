"""Foreign exceptions -> ours: one table of litellm's classes, corrected by what really came over the wire.

The class alone is no safe rule: a missing key is an InternalServerError on one route and an
APIConnectionError on another, a 403 becomes an APIConnectionError, and any message that holds "429" a
RateLimitError. So, in this order: the provider's own words (code, type, message of the error body), a class
that can only mean one thing, the HTTP status that was received, and only then the class. Classes are known by
name: nothing here imports litellm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

Kind = Literal["transient", "rejected", "unavailable", "filtered"]

CERTAIN: dict[str, Kind] = {
    "AuthenticationError": "unavailable",
    "PermissionDeniedError": "unavailable",
    "NotFoundError": "unavailable",
    "BudgetExceededError": "unavailable",
    # The preset asks for what this provider does not take: every call would fail alike.
    "UnsupportedParamsError": "unavailable",
    "LiteLLMUnknownProvider": "unavailable",
    "ContentPolicyViolationError": "filtered",
    "ContextWindowExceededError": "rejected",
    "ImageFetchError": "rejected",
    "RejectedRequestError": "rejected",
    # Guardrails of a proxy: their words, or another LLM's, must never pass for the judge's.
    "BlockedPiiEntityError": "rejected",
    "GuardrailInterventionNormalStringError": "rejected",
    "GuardrailRaisedException": "rejected",
    "ModifyResponseException": "rejected",
    "SensitiveDataRouteException": "rejected",
}
"""Classes that mean one thing whatever the status says."""

BY_STATUS: dict[str, Kind] = {
    "BadRequestError": "rejected",
    "InvalidRequestError": "rejected",
    "UnprocessableEntityError": "rejected",
    # Only when litellm validates replies, which we never ask for: our own parser does.
    "JSONSchemaValidationError": "rejected",
    "APIConnectionError": "transient",
    "APIError": "transient",
    "APIResponseValidationError": "transient",
    "BadGatewayError": "transient",
    "InternalServerError": "transient",
    "MidStreamFallbackError": "transient",
    "MockException": "transient",
    "OpenAIError": "transient",
    "RateLimitError": "transient",
    "RouterRateLimitError": "transient",
    "RouterRateLimitErrorBasic": "transient",
    "ServiceUnavailableError": "transient",
    "Timeout": "transient",
}
"""Classes that give way to the HTTP status, where one was received."""

WORDS: dict[str, Kind] = {
    "insufficient_quota": "unavailable",
    "billing_hard_limit_reached": "unavailable",
    "billing_not_active": "unavailable",
    "credit balance is too low": "unavailable",
    "insufficient credits": "unavailable",
    "insufficient balance": "unavailable",
    "account_deactivated": "unavailable",
    "api_key client option must be set": "unavailable",
    "api key not valid": "unavailable",
    "invalid_api_key": "unavailable",
    "incorrect api key": "unavailable",
    "invalid api key": "unavailable",
    "missing api key": "unavailable",
    "llm provider not provided": "unavailable",
    "unsupported_parameter": "unavailable",
    "unsupported parameter": "unavailable",
    "invalid schema for response_format": "unavailable",
    "content_policy_violation": "filtered",
    "content_filter": "filtered",
    "responsibleaipolicyviolation": "filtered",
    "content management policy": "filtered",
    "content filtering policy": "filtered",
    "violating our usage policy": "filtered",
    "rejected as a result of our safety system": "filtered",
    "your input was flagged": "filtered",
    "context_length_exceeded": "rejected",
    # OpenAI's 429 for one prompt above the whole minute's allowance: waiting does not help.
    "request too large": "rejected",
}
"""What providers write, lower-case. Not "exceeded your current quota": Gemini says it of one minute too."""

ACCOUNT_WORDS = frozenset({
    *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credit balance is too low"),
    *("insufficient credits", "insufficient balance", "account_deactivated", "api key not valid"),
    *("invalid_api_key", "incorrect api key", "invalid api key", "missing api key"),
})  # fmt: skip
"""Words about the key or the bill: they hold for every judge of the account."""

_ACCOUNT_STATUS = frozenset({401, 402, 407})
"""Not 403 and 404: they may be about one model only."""
_OVERLOAD_STATUS = frozenset({429, 529})
_CURABLE_STATUS = frozenset({408, 409, 425, 429})
_CLOSED_STATUS = frozenset({401, 402, 403, 404, 405, 407, 410})
_FAMILY = frozenset({"litellm", "openai", "httpx", "httpcore", "aiohttp"})
_QUOTED_REPLY = "Original Response:"  # what follows may be the LLM's own text
_LONGEST_CHAIN = 12
_LONGEST_DETAIL = 400


@dataclass(frozen=True)
class Failure:
    """What a foreign exception means to us."""

    kind: Kind
    name: str
    detail: str
    status: int | None = None
    retry_after_s: float | None = None
    whole_account: bool = False
    """The key or the account is refused, not this model or this prompt."""

    @property
    def overloaded(self) -> bool:
        """Whether the provider says that it is asked too much."""
        limited = self.status is None and self.name.startswith(("RateLimit", "RouterRateLimit"))
        return self.kind == "transient" and (self.status in _OVERLOAD_STATUS or limited)

    def __str__(self) -> str:
        seen = ", ".join(filter(None, (f"HTTP {self.status}" if self.status else "", self.name)))
        return f"{seen}: {self.detail}" if self.detail else seen


@dataclass(frozen=True)
class _Wire:
    """The HTTP error as it was received, below all translations."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


def classify(error: Exception, now: datetime) -> Failure | None:
    """The failure behind an exception, or None where it is no provider's failure but a mistake of ours."""
    if not _is_foreign(error):
        return None
    wire = _received(error)
    words, detail = _said(wire.body, str(error).partition(_QUOTED_REPLY)[0])
    # A server in trouble may say anything: its words count only beside an answer that it meant.
    meant = "" if wire.status is not None and wire.status >= 500 else words
    kind = _kind(type(error).__name__, meant, wire.status or _own_status(error))
    return Failure(
        kind=kind,
        name=type(error).__name__,
        detail=detail[:_LONGEST_DETAIL],
        status=wire.status,
        retry_after_s=_retry_after(error, wire, now),
        whole_account=kind == "unavailable" and _is_account(meant, wire.status or _own_status(error)),
    )


def classify_reply(status: int, headers: Mapping[str, str], body: str, now: datetime) -> Failure:
    """The failure that an HTTP reply speaks of, where nothing stands between us and the server."""
    words, detail = _said(body, "")
    meant = "" if status >= 500 else words
    kind = _kind("", meant, status)
    return Failure(
        kind=kind,
        name="" if detail else _standard_words(status),
        detail=detail[:_LONGEST_DETAIL],
        status=status,
        retry_after_s=_asked_to_wait({name.lower(): value for name, value in headers.items()}, now),
        whole_account=kind == "unavailable" and _is_account(meant, status),
    )


def classify_said(error: object) -> Failure:
    """The failure that the error of a reply speaks of, although its HTTP status said 200."""
    words, detail = _said(json.dumps({"error": error}), "")
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 300 <= code < 600 else None
    meant = "" if status is not None and status >= 500 else words
    kind = _kind("", meant, status)
    account = kind == "unavailable" and _is_account(meant, status)
    return Failure(kind, "an error in the reply", detail[:_LONGEST_DETAIL], status, whole_account=account)


def no_answer(why: str, status: int | None = None) -> Failure:
    """A reply that is none: half of one, a page, too long; another attempt may bring one."""
    return Failure("transient", why, "", status)


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After header: a number of seconds or an HTTP date; None if neither."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):  # a day or a zone beyond every calendar
            return None
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None


def _is_foreign(error: Exception) -> bool:
    roots = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return bool(roots & _FAMILY) or isinstance(error, (OSError, TimeoutError, json.JSONDecodeError))


def _kind(name: str, words: str, status: int | None) -> Kind:
    said = next((kind for phrase, kind in WORDS.items() if phrase in words), None)
    return said or CERTAIN.get(name) or _status_kind(status) or BY_STATUS.get(name, "transient")


def _is_account(words: str, status: int | None) -> bool:
    return status in _ACCOUNT_STATUS or any(phrase in words for phrase in ACCOUNT_WORDS)


def _status_kind(status: int | None) -> Kind | None:
    if status is None or status < 300:
        return None
    if status in _CURABLE_STATUS or status >= 500:
        return "transient"
    return "unavailable" if status in _CLOSED_STATUS or status < 400 else "rejected"


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _received(error: Exception) -> _Wire:
    """The innermost HTTP error: litellm invents the responses of its own exceptions."""
    for link in reversed(list(_chain(error))):
        response = getattr(link, "response", None)
        if type(link).__module__.partition(".")[0] in {"httpx", "openai"} and response is not None:
            headers = tuple((str(name).lower(), str(value)) for name, value in response.headers.items())
            return _Wire(response.status_code, headers, _text(response))
    return _Wire()


def _text(response: object) -> str:
    try:
        return str(getattr(response, "text", ""))
    except RuntimeError:  # httpx: the body was never read
        return ""


def _own_status(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _said(body: str, otherwise: str) -> tuple[str, str]:
    """What the provider wrote: words to look for (lower-case), and one line for people."""
    told = _error_fields(body)
    message = told.get("message", "")
    words = " ".join(told.values()) if told else otherwise
    line = message or (otherwise.strip().splitlines() or [""])[0]
    return words.lower(), " ".join(line.split())


def _error_fields(body: str) -> dict[str, str]:
    """Code, type and message of an error body; a body's other fields may quote our own prompt."""
    try:
        plain = json.loads(body)
    except ValueError:
        return {}
    plain = plain[0] if isinstance(plain, list) and plain else plain
    inner = plain.get("error", plain) if isinstance(plain, dict) else None
    if isinstance(inner, str):
        return {"message": inner}
    if not isinstance(inner, dict):
        return {}
    below = inner.get("innererror")
    fields = {"inner": below.get("code")} if isinstance(below, dict) else {}
    fields |= {name: inner.get(name) for name in ("code", "type", "status", "message")}
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _retry_after(error: Exception, wire: _Wire, now: datetime) -> float | None:
    given = getattr(error, "litellm_response_headers", None)
    names = {str(name).lower(): str(value) for name, value in dict(given or {}).items()} | dict(wire.headers)
    return _asked_to_wait(names, now)


def _asked_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    if "retry-after-ms" in headers:
        milliseconds = parse_retry_after(headers["retry-after-ms"], now)
        return None if milliseconds is None else milliseconds / 1000
    return parse_retry_after(headers["retry-after"], now) if "retry-after" in headers else None


def _standard_words(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
