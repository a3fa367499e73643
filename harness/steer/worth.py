"""A reward as steering sees it: what it says of some answers, and how sure its weights are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from harness.schema import Language, text_sha256
from harness.stats.arrays import FloatArray

AS_GOOD = 1e-9
"""Worths nearer than this are the same: only rounding tells them apart."""


class Reading(Protocol):
    """What a reward says of some answers: `harness.reward.Explanation`, or a fake of tests."""

    @property
    def worth(self) -> FloatArray:
        """(n_answers,): higher = better."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of `contributions`."""
        ...

    @property
    def contributions(self) -> FloatArray:
        """(n_answers, n_features): what each adds to an answer, relative to the mean answer here."""
        ...


Worth = Callable[[str, Sequence[str], Language], Reading]
"""A reward as steering sees it: situation, answers, language -> what it says of them."""


Worths = Callable[[str, Sequence[str], Language], FloatArray]
"""The same without reasons: the worth of each answer."""


class Taste(NamedTuple):
    """What a reward says of answers, and what its twins say, who learned from fewer cases."""

    worth: Worth
    twins: tuple[Worths, ...] = ()


def best_texts(texts: Sequence[str], worths: Sequence[float]) -> list[str]:
    """The texts of the greatest worth; the first one is what is picked.

    The order in which replies were drawn must not decide between texts that are as good as each other, and
    equal texts are one: the hashes of the texts decide.
    """
    best = max(worths)
    found = {text for text, worth in zip(texts, worths, strict=True) if best - worth <= AS_GOOD}
    return sorted(found, key=text_sha256)
