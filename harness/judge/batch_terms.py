"""Which judges can be asked in batches of their provider, and what a provider's batches allow and cost."""

from __future__ import annotations

from harness.schema import JudgeSpec
from harness.schema.batch import BatchTerms

LITELLM = "litellm 1.91.3"
"""The locked version, whose source says what it can create batches for."""


OPENAI = BatchTerms(
    max_requests=50_000,
    max_bytes=200_000_000,
    price_factor=0.5,
    date="2026-11-22",
    source="https://platform.openai.com/docs/api-reference/batch/create and .../docs/guides/batch",
)
OWN_SERVER = BatchTerms(
    max_requests=OPENAI.max_requests,
    max_bytes=OPENAI.max_bytes,
    price_factor=None,
    date=OPENAI.date,
    source="OpenAI's limits: a server that speaks its protocol and says nothing else",
)

_HERE = "is no provider's: it runs or is carried by hand here"
_BUCKET = (
    "its provider's batches read from and write to a storage bucket of your own, which is not handled here"
)
_NO_BATCHES = {
    "scripted": _HERE,
    "local": _HERE,
    "pasted": _HERE,
    "anthropic": f"{LITELLM} can look at batches of Anthropic and cannot create one",
    "gemini": f"{LITELLM} creates no batches with Google AI Studio",
    "vertex_ai": _BUCKET,
    "bedrock": _BUCKET,
    "azure": "Azure answers batches from deployments of another kind than live calls: that is another judge",
}
_PROVIDERS = frozenset({"openai", "hosted_vllm"})


def why_no_batches(spec: JudgeSpec) -> str | None:
    """Why a judge cannot be asked in batches, in words that follow its name; None where it can be tried."""
    provider, slash, name = spec.model_id.partition("/")
    if spec.model_id.startswith("gguf:"):
        return _HERE
    if provider == "hosted_vllm" and spec.api_base is None:
        return "hosted_vllm needs api_base, the URL of the server, or its files would go to OpenAI"
    if provider in _PROVIDERS and slash and name:
        return None
    return _NO_BATCHES.get(
        provider,
        f"{LITELLM} creates no batches for {provider}; a provider that speaks OpenAI's /v1/files and "
        "/v1/batches is reached with model_id: openai/NAME and its URL as api_base",
    )


def batch_terms(spec: JudgeSpec) -> BatchTerms:
    """The terms of a judge's provider; of a server behind `api_base` only the protocol is known."""
    return OPENAI if spec.api_base is None else OWN_SERVER
