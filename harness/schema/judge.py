"""Who judges, and what is asked of whom: judge presets and experiments."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from harness.schema.base import Identifier, Language, Localised, Protocol, Record, Text, Wording

Mechanism = Literal["native", "tool", "text"]
"""How the schema reaches the provider: its structured output, a forced tool call, or the prompt."""

PairReading = Literal["token_probability", "word"]
"""How a pairwise verdict is read: probability of the two slot names as next token, or one word of text."""

Transport = Literal["litellm", "direct"]
"""How a request travels: through litellm, or straight to an OpenAI-compatible server; no part of the key."""


def _without(content: dict[str, Any], **unused: object) -> dict[str, Any]:
    """A record's JSON without later fields that say what was always so: old manifests keep their bytes."""
    return {name: value for name, value in content.items() if name not in unused or value != unused[name]}


class Sampling(Record):
    """Sampling parameters as requested; an absent one is not sent."""

    temperature: Annotated[float | None, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float | None, Field(gt=0, le=1)] = None
    seed: int | None = None
    max_tokens: Annotated[int, Field(ge=1, le=32_768)] = 400


class Limits(Record):
    """What the provider may be asked for, and how long we wait."""

    concurrency: Annotated[int, Field(ge=1, le=1024)] = 8
    requests_per_min: Annotated[float | None, Field(gt=0)] = None
    tokens_per_min: Annotated[float | None, Field(gt=0)] = None
    timeout_s: Annotated[float, Field(gt=0)] = 120.0
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 5


class Price(Record):
    """Money per million tokens, with its date and source; absent = unknown, never zero."""

    usd_per_million_prompt_tokens: Annotated[float, Field(ge=0)]
    usd_per_million_completion_tokens: Annotated[float, Field(ge=0)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    source: Text


class JudgeSpec(Record):
    """One judge: LLM + template + settings."""

    judge_id: Identifier
    model_id: Annotated[
        Text,
        Field(
            description="litellm model id (openai/gpt-4o), local/NAME, gguf:/path/file.gguf, scripted/NAME, "
            "pasted/NAME (replies are pasted by hand)"
        ),
    ]
    title: Annotated[Text | None, Field(description="name shown in reports; absent = judge_id")] = None
    maker: Annotated[Text | None, Field(description="the company that trained the model")] = None
    protocol: Protocol = "listwise"
    mechanism: Mechanism = "native"
    pair_reading: PairReading = "word"
    template_id: Annotated[Identifier | None, Field(description="absent = the protocol's own template")] = (
        None
    )
    sampling: Sampling = Sampling()
    limits: Limits = Limits()
    extra_parameters: Annotated[
        dict[str, JsonValue], Field(description="sent as they are; they enter the key")
    ] = {}
    api_base: Annotated[Text | None, Field(description="URL of an OpenAI-compatible server")] = None
    service: Annotated[Text | None, Field(description="name of that server in the key; absent = its URL")] = (
        None
    )
    transport: Annotated[
        Transport,
        Field(description="direct: straight to an OpenAI-compatible server, at less cost per call"),
    ] = "litellm"
    api_key_env: Annotated[
        Text | None,
        Field(pattern=r"^[A-Z][A-Z0-9_]*$", description="environment variable that holds the key"),
    ] = None
    threads: Annotated[int | None, Field(ge=1, le=256, description="local models only")] = None
    prompt_cache: Annotated[bool | None, Field(description="local models only")] = None
    shots: Annotated[
        int,
        Field(
            ge=0,
            le=50,
            description="other cases that are shown first, with people's grades; needs run --shots-from",
        ),
    ] = 0
    together: Annotated[
        bool,
        Field(description="all cases of a part in one prompt; listwise, with the schema in the prompt only"),
    ] = False
    price: Price | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _together_in_words(self) -> JudgeSpec:
        if self.together and (self.protocol != "listwise" or self.mechanism != "text" or self.shots):
            raise ValueError("together needs protocol: listwise and mechanism: text, without shots")
        return self

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), transport="litellm", shots=0, together=False)


class Part(Record):
    """One full grid of calls: judges x rulebooks x wordings x languages x cases x repeats."""

    part_id: Identifier
    judges: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    rulebooks: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    wordings: Annotated[tuple[Wording, ...], Field(min_length=1)] = ("base",)
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("fr",)
    cases: Annotated[tuple[Identifier, ...] | None, Field(description="absent = every case of the set")] = (
        None
    )
    repeats: Annotated[
        int | None,
        Field(
            ge=1, le=100, description="absent = one full square of presentations (listwise) or 3 (pairwise)"
        ),
    ] = None
    ablate_rules: Annotated[
        bool, Field(description="also ask under every rulebook of two rules or more without each one of them")
    ] = False

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), ablate_rules=False)


class Stops(Record):
    """Where one sitting of a run ends, whatever is left to ask; absent = no such limit."""

    max_usd: Annotated[
        float | None, Field(gt=0, description="dollars; every judge that is paid needs a price")
    ] = None
    max_calls: Annotated[int | None, Field(ge=1, description="requests, every attempt counted")] = None
    max_tokens: Annotated[int | None, Field(ge=1, description="of prompts and replies")] = None
    max_minutes: Annotated[float | None, Field(gt=0, description="from the first request")] = None


class Experiment(Record):
    """What is asked of whom, in which order."""

    experiment_id: Identifier
    title: Localised
    case_set: Identifier
    seed: Annotated[int, Field(ge=0, description="decides the starting row of each square of presentations")]
    dimensions: Annotated[
        bool, Field(description="also ask for helpful, honest and harmless grades per answer")
    ] = False
    stops: Annotated[
        Stops | None, Field(description="where one sitting of a run ends; never part of what is asked")
    ] = None
    parts: Annotated[tuple[Part, ...], Field(description="empty only for imported votes of people")]
    panels: Annotated[
        dict[Identifier, Annotated[tuple[Identifier, ...], Field(min_length=2)]],
        Field(description="name -> judges that are compared as one annotator, and without each of them"),
    ] = {}

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), panels={}, stops=None)
