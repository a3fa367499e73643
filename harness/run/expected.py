"""Tokens and seconds that are to be expected of calls not made yet: learnt from recorded ones, else assumed.

Learnt: the mean of the calls that are still to be made, as a 95 % prediction from the recorded calls of the
same judge. Assumed, where nothing is recorded: the ranges below, wide on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.judge.probe import form_sent
from harness.schema import Language, Recording, Request, canonical_json

CHARACTERS_PER_TOKEN: Mapping[Language, tuple[float, float]] = {"en": (3.5, 4.8), "fr": (2.4, 4.0)}
"""Lowest and highest to expect. English: around 4, the rule of thumb that providers give. French: the shipped
recording has 2.3 to 2.6 with a small English vocabulary (SmolLM2) and 2.9 to 3.5 with Qwen2.5; larger
vocabularies reach 4."""

LATENCY_S = (1.0, 10.0)
"""Seconds per call of a remote judge without recordings."""

WRAPPING_TOKENS = (0, 30)
"""What a provider's own chat format adds to a request."""

TOKENS_PER_FIELD = 5
"""A name, a mark or two and a short value: what the shortest reply holds for each field of the form."""

FEW = 5
"""Fewer recorded calls say no more than their lowest and highest."""

_NORMAL_95 = 1.96


class Range(NamedTuple):
    """Lowest and highest that is to be expected."""

    low: float
    high: float

    def times(self, factor: float) -> Range:
        """Both ends, multiplied."""
        return Range(self.low * factor, self.high * factor)

    def plus(self, other: Range) -> Range:
        """Both ends, added."""
        return Range(self.low + other.low, self.high + other.high)


NOTHING = Range(0.0, 0.0)


@dataclass
class Seen:
    """What the recorded calls of one judge took, one entry per call that told it; a batch tells no time."""

    tokens_per_character: dict[Language, list[float]] = field(default_factory=dict)
    completion_tokens: list[float] = field(default_factory=list)
    latency_s: list[float] = field(default_factory=list)

    def add(self, recording: Recording, n_characters: int) -> None:
        """Take in one recorded call."""
        usage, language = recording.completion.usage, recording.origin.language
        if usage.prompt_tokens is not None and n_characters:
            ratios = self.tokens_per_character.setdefault(language, [])
            ratios.append(usage.prompt_tokens / n_characters)
        if usage.completion_tokens is not None:
            self.completion_tokens.append(float(usage.completion_tokens))
        if recording.completion.batch_id is None:
            self.latency_s.append(recording.completion.latency_s)


def predicted_mean(seen: Sequence[float], n_new: int) -> Range:
    """Where the mean of `n_new` further values lies, after those that were seen; never below 0."""
    if len(seen) < FEW:
        return Range(min(seen), max(seen))
    mean = math.fsum(seen) / len(seen)
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in seen) / (len(seen) - 1))
    margin = _NORMAL_95 * spread * math.sqrt(1 / len(seen) + 1 / max(1, n_new))
    return Range(max(0.0, mean - margin), mean + margin)


def request_characters(request: Request) -> int:
    """Characters of all messages."""
    return sum(len(message.content) for message in request.messages)


def form_characters(request: Request) -> int:
    """Characters of the schema that travels beside the messages; providers count it in their own way."""
    forms = [request.parameters.get(name) for name in ("response_format", "tools")]
    return sum(len(canonical_json(form)) for form in forms if form)


def prompt_tokens(requests: Iterable[tuple[Language, Request]], seen: Seen | None) -> Range:
    """Tokens of these prompts together."""
    n_calls: dict[Language, int] = {}
    characters: dict[Language, int] = {}
    forms = 0
    for language, request in requests:
        n_calls[language] = n_calls.get(language, 0) + 1
        characters[language] = characters.get(language, 0) + request_characters(request)
        forms += form_characters(request)
    total = NOTHING
    for language, n_characters in characters.items():
        known = seen.tokens_per_character.get(language) if seen else None
        if known:
            total = total.plus(predicted_mean(known, n_calls[language]).times(n_characters))
        else:
            total = total.plus(_assumed(language, n_characters, n_calls[language]))
    told = bool(seen and seen.tokens_per_character)
    # What was counted by a provider holds the schema already.
    return total if told else total.plus(Range(0.0, forms / CHARACTERS_PER_TOKEN["en"][0]))


def _assumed(language: Language, n_characters: int, n_calls: int) -> Range:
    fewest, most = CHARACTERS_PER_TOKEN[language]
    low, high = WRAPPING_TOKENS
    return Range(n_characters / most + low * n_calls, n_characters / fewest + high * n_calls)


def completion_tokens(requests: Iterable[Request], seen: Seen | None) -> Range:
    """Tokens of the replies together: from a bare form to all that the preset allows, unless it is known."""
    asked = list(requests)
    if seen and seen.completion_tokens:
        return predicted_mean(seen.completion_tokens, len(asked)).times(len(asked))
    shortest = sum(_shortest(request) for request in asked)
    return Range(float(shortest), float(sum(_longest(request) for request in asked)))


def _shortest(request: Request) -> int:
    """A reply with nothing but its fields."""
    if request.endpoint == "next_token":
        return 1
    required = (form_sent(request.parameters) or {}).get("required")
    n_fields = len(required) if isinstance(required, list) else 0
    return min(max(1, TOKENS_PER_FIELD * n_fields), _longest(request))


def _longest(request: Request) -> int:
    if request.endpoint == "next_token":
        return 1
    limits = [request.parameters.get(name) for name in ("max_tokens", "max_completion_tokens")]
    return max((limit for limit in limits if isinstance(limit, int)), default=1)
