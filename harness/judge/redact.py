"""Keys never leave through a message: providers like to quote the key that they refuse."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable

from harness.schema import Completion, JudgeSpec
from harness.schema.secrets import MASK, SHORTEST_SECRET, mask_secrets, secret_values

__all__ = ["MASK", "judge_secrets", "redact", "redact_completion", "secret_values"]

_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|hf|xai|key|ghp|glpat)[-_][A-Za-z0-9*_-]{6,}"
    r"|\bAIza[A-Za-z0-9_-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"
    r"|(?<=://)[^/@\s]+(?=@)"
    r"|(?<=[?&]key=)[^&\s\"']+"
)
_NAMED = re.compile(
    r"(?i)((?:api[-_ ]?key|authorization|access[-_ ]?token|secret)[\"']?\s*(?:provided)?\s*[:=]\s*[\"']?"
    r"|\bbearer\s+)(?:bearer\s+)?[^\s\"',;}]{6,}"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without anything that is shaped or named like a key."""
    known = mask_secrets(text, secrets)
    return _SHAPES.sub(MASK, _NAMED.sub(lambda match: match[1] + MASK, known))


def judge_secrets(spec: JudgeSpec) -> frozenset[str]:
    """What must not be told of this environment: values named like keys, and the judge's own key."""
    own = os.environ.get(spec.api_key_env or "", "").strip()
    return secret_values() | ({own} if len(own) >= SHORTEST_SECRET else frozenset())


def redact_completion(completion: Completion, secrets: Collection[str]) -> Completion:
    """The completion without any key: a server may echo the header that it was sent, a judge may invent one.

    What is recorded can then always be exported, for the scan before an export knows the same shapes.
    """
    told = {name: getattr(completion, name) for name in _TOLD}
    masked = {name: mask_secrets(text, secrets) for name, text in told.items() if text}
    changed = {name: text for name, text in masked.items() if text != told[name]}
    return completion.model_copy(update=changed) if changed else completion


_TOLD = ("text", "finish_reason", "refusal", "model_echo", "fingerprint")
