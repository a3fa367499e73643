"""What can be counted in an answer by rules that anybody can check: no model, no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from math import log

import numpy as np

from harness.reward.lexicons import Lexicon, count_phrases, plain
from harness.schema import Language
from harness.stats.arrays import FloatArray

SMOOTHING = 20
"""Words added to an answer's length before a share per 100 words: one word in three is no 33 per cent."""
_WORD = re.compile(r"\w+(?:['-]\w+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$|[\"'»”)\]])|\n+")
_LIST_LINE = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|#{1,6}\s)\s*\S", re.MULTILINE)
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,]\d+)*")
_CODE_FENCE = "```"
_ENDS = (".", "!", "?", "…", '"', "'", "»", "”", ")", "]", ":", _CODE_FENCE)
_ADDRESS: dict[Language, re.Pattern[str]] = {
    "fr": re.compile(r"(?<!\w)(?:vous|votre|vos|vôtre|tu|te|t'|ton|ta|tes|toi)(?!\w)|(?<!\w)t'(?=\w)"),
    "en": re.compile(r"(?<!\w)(?:you|your|yours|yourself|you're|you've|you'll|you'd)(?!\w)"),
}
_LONG_WORD = 4
"""Letters from which a word of the situation is looked for in the answer."""
_RUN = 3
"""Words in a row that make a repetition when they come back."""


class Texts:
    """An answer beside its situation, taken apart once for all features."""

    def __init__(self, situation: str, answer: str, language: Language) -> None:
        self.situation, self.answer, self.language = situation, answer, language

    @cached_property
    def plain(self) -> str:
        """The answer as lexicons see it."""
        return plain(self.answer)

    @cached_property
    def words(self) -> list[str]:
        """The words of the answer, in lower case."""
        return _WORD.findall(self.plain)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of the answer; every line of a list is one."""
        return [part for part in _SENTENCE_END.split(self.answer) if part and _WORD.search(part)]

    def per_100_words(self, count: float) -> float:
        """A count per 100 words, drawn towards 0 in short answers."""
        return 100.0 * count / (len(self.words) + SMOOTHING)


NEARNESS = "nearness"
"""Cosine between the meanings of situation and answer, where there is an embedding."""

Count = Callable[[Texts], float]


def _lexicon(name: Lexicon) -> Count:
    return lambda texts: texts.per_100_words(count_phrases(name, texts.plain, texts.language))


def _length(texts: Texts) -> float:
    return log(1 + len(texts.words))


def _refusal(texts: Texts) -> float:
    """1 when the answer holds a refusal, whatever its length."""
    return float(count_phrases("refusal", texts.plain, texts.language) > 0)


def _questions(texts: Texts) -> float:
    return log(1 + texts.answer.count("?"))


def _exclamations(texts: Texts) -> float:
    return log(1 + texts.answer.count("!"))


def _numbers(texts: Texts) -> float:
    return texts.per_100_words(len(_NUMBER.findall(texts.answer)))


def _structure(texts: Texts) -> float:
    """Lines of lists and headings."""
    return log(1 + len(_LIST_LINE.findall(texts.answer)))


def _address(texts: Texts) -> float:
    return texts.per_100_words(len(_ADDRESS[texts.language].findall(texts.plain)))


def _sentence_length(texts: Texts) -> float:
    return log(1 + len(texts.words) / max(1, len(texts.sentences)))


def _echo(texts: Texts) -> float:
    """Share of the situation's longer words that come back in the answer."""
    asked = {word for word in _WORD.findall(plain(texts.situation)) if len(word) >= _LONG_WORD}
    return len(asked & set(texts.words)) / len(asked) if asked else 0.0


def _copied(texts: Texts) -> float:
    """Share of the answer's runs of three words that stand in the situation already."""
    runs = _runs(texts.words)
    asked = set(_runs(_WORD.findall(plain(texts.situation))))
    return sum(run in asked for run in runs) / len(runs) if runs else 0.0


def _repetition(texts: Texts) -> float:
    """Share of the answer's runs of three words that were there before."""
    runs = _runs(texts.words)
    return 1.0 - len(set(runs)) / len(runs) if runs else 0.0


def _unfinished(texts: Texts) -> float:
    """1 when the answer is empty or stops without a sign that ends a text."""
    return float(not texts.answer.rstrip().endswith(_ENDS))


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]


FEATURES: dict[str, Count] = {
    "length": _length,
    "refusal": _refusal,
    "referral": _lexicon("referral"),
    "hedging": _lexicon("hedging"),
    "certainty": _lexicon("certainty"),
    "imperative": _lexicon("imperative"),
    "warning": _lexicon("warning"),
    "praise": _lexicon("praise"),
    "empathy": _lexicon("empathy"),
    "questions": _questions,
    "exclamations": _exclamations,
    "reasons": _lexicon("reasons"),
    "examples": _lexicon("examples"),
    "numbers": _numbers,
    "structure": _structure,
    "address": _address,
    "sentence-length": _sentence_length,
    "echo": _echo,
    "copied": _copied,
    "repetition": _repetition,
    "unfinished": _unfinished,
}
"""Name -> what is counted; the order is the order of the page, and means nothing."""


def text_features(situation: str, answers: Sequence[str], language: Language) -> FloatArray:
    """Count every transparent feature in each answer.

    Returns
    -------
    ndarray of shape (n_answers, n_features)
        Columns in the order of `FEATURES`; shares per 100 words, logarithms of counts, 0/1.
    """
    rows = [
        [count(texts) for count in FEATURES.values()]
        for texts in (Texts(situation, answer, language) for answer in answers)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(answers), len(FEATURES))
