"""One call: what is asked, what came back, what is kept of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from harness.schema.base import Identifier, Language, Protocol, Record, Wording

KEY_VERSION = 1

Endpoint = Literal["chat", "next_token"]
"""`chat` gives text; `next_token` gives the probabilities of named candidates as the next token."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FailureReason = Literal["refused", "filtered", "truncated", "unparsable", "inverted", "exhausted", "rejected"]


class Message(Record):
    """One chat message, exactly as sent."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(Record):
    """Everything that decides the completion; its canonical JSON is what the key is made of."""

    model_id: str
    service: Annotated[
        str, Field(description="logical endpoint: a named server, or empty for the provider's own")
    ]
    endpoint: Endpoint
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    parameters: Annotated[
        dict[str, JsonValue], Field(description="all parameters as requested, schema included")
    ]
    repeat: Annotated[int, Field(ge=0)]
    runtime: Annotated[
        dict[str, JsonValue],
        Field(description="local models: weights_sha256, runtime, prompt_cache, threads; else empty"),
    ] = {}


class Presentation(Record):
    """Which answer sits in which slot for one call; a pointwise call shows one."""

    order: Annotated[tuple[Identifier, ...], Field(min_length=1, description="answer_ids, first slot first")]
    slots: Annotated[
        tuple[str, ...], Field(min_length=1, description="slot names as shown, first slot first")
    ]


class Origin(Record):
    """Where a call stands in the plan; kept beside the key, never in it."""

    judge_id: Identifier
    case_id: Identifier
    rulebook_id: Identifier
    wording: Wording
    language: Language
    protocol: Protocol
    repeat: Annotated[int, Field(ge=0)]
    template_id: str
    presentation: Presentation


class Usage(Record):
    """Tokens as counted by the provider; absent = not told."""

    prompt_tokens: Annotated[int | None, Field(ge=0)] = None
    completion_tokens: Annotated[int | None, Field(ge=0)] = None


class Completion(Record):
    """The raw text that came back, and the circumstances."""

    text: str
    finish_reason: Annotated[
        str, Field(description="as the provider named it: stop, length, content_filter, ...")
    ]
    probabilities: Annotated[
        dict[str, float] | None, Field(description="next_token: probability of each candidate")
    ] = None
    refusal: Annotated[str | None, Field(description="the provider's own refusal field, when it has one")] = (
        None
    )
    model_echo: str | None = None
    fingerprint: str | None = None
    usage: Usage = Usage()
    latency_s: Annotated[float, Field(ge=0)]
    attempts: Annotated[int, Field(ge=1)] = 1
    completed_at: Annotated[str, Field(description="UTC, ISO 8601")]
    versions: dict[str, str] = {}
    wire_sha256: Annotated[
        Sha256 | None, Field(description="hash of the body sent, where it can be seen")
    ] = None
    batch_id: Annotated[
        str | None,
        Field(description="the provider's batch that brought it; latency_s is then how long the batch took"),
    ] = None

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What was asked on its own says nothing of batches: old recordings keep their bytes."""
        content: dict[str, Any] = handler(self)
        if self.batch_id is None:
            content.pop("batch_id", None)
        return content


class MessageDigest(Record):
    """A message of a recorded request; its text is stored once, under its hash."""

    role: Literal["system", "user", "assistant"]
    sha256: Sha256


class RequestDigest(Record):
    """A recorded request with its message texts replaced by their hashes."""

    model_id: str
    service: str
    endpoint: Endpoint
    messages: tuple[MessageDigest, ...]
    parameters: dict[str, JsonValue]
    repeat: int
    runtime: dict[str, JsonValue]


class Recording(Record):
    """One recorded completion: a cassette line, and a row of the working store."""

    kind: Literal["completion"] = "completion"
    key: Sha256
    request: RequestDigest
    origin: Origin
    completion: Completion


class Outcome(Record):
    """A call that ended without a completion; replay shows it, a live resume asks again."""

    kind: Literal["outcome"] = "outcome"
    key: Sha256
    request: RequestDigest
    origin: Origin
    reason: Literal["exhausted", "rejected"]
    message: str
    attempts: Annotated[int, Field(ge=1)]
    ended_at: str


class Attempt(Record):
    """One failed attempt at a call; never answers a look-up."""

    key: Sha256
    judge_id: Identifier
    error: Annotated[str, Field(description="class of the error")]
    message: str
    at: str
