"""One language of the report: words, phrases and numbers, typeset for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from harness.report import numbers
from harness.report.prose import PHRASES
from harness.report.typography import disarm, typeset
from harness.report.words import (
    COLUMNS,
    METHODS,
    PUBLISHED_KEY,
    REFERENCES,
    ROW_KINDS,
    TARGETS,
    UNDEFINED,
    UNITS,
    UNSTATED,
    VOTES,
    Both,
)
from harness.schema import (
    Estimate,
    Interval,
    Language,
    Localised,
    Reference,
    RowKind,
    ShuffleTest,
    Target,
    Undefined,
    Unit,
)

# An interval about other cases is the widest claim, so it is the one to show where there is room for one.
_PREFERRED: tuple[Target, ...] = ("T3", "T2", "T1")

_Kind = TypeVar("_Kind", bound=str)

Against = Literal["people", "votes", "key", "published", "none"]
"""What judges are held against, in words: `votes` = anonymous ones, `published` = a key of others."""

_VARIANTS: dict[Against, tuple[str, ...]] = {"votes": ("votes",), "key": ("key",), "published": ("key",)}
"""Endings of phrases that are said otherwise of such a reference."""


def against_of(reference: Reference) -> Against:
    """Tell what judges are held against: votes of nobody in particular are no people."""
    if reference.kind == "people" and not reference.people_known:
        return "votes"
    return "published" if reference.kind == "key" and reference.published_key else reference.kind


@dataclass(frozen=True)
class Voice:
    """Says everything in one language."""

    language: Language
    rulebooks: Mapping[str, Localised] = field(default_factory=dict)
    against: Against = "people"

    def rulebook(self, rulebook_id: str) -> str:
        """Name a rulebook by its title, or by its id where no title is known."""
        if rulebook_id in UNSTATED:
            return self.word(UNSTATED[rulebook_id])
        return self.local(self.rulebooks[rulebook_id]) if rulebook_id in self.rulebooks else rulebook_id

    def say(self, phrase: str, **values: str) -> str:
        """Say a phrase with its gaps filled, in the words for this kind of reference if it has its own."""
        names = (f"{phrase}_{ending}" for ending in _VARIANTS.get(self.against, ()))
        chosen = next((name for name in names if name in PHRASES), phrase)
        return typeset(PHRASES[chosen][self.language].format(**values), self.language)

    def reference(self, reference: Reference) -> str:
        """Name what judges are held against, inside a sentence."""
        return self.word(REFERENCES[against_of(reference)])

    def row_kind(self, kind: RowKind) -> str:
        """Name a kind of row."""
        return self.word(PUBLISHED_KEY if kind == "key" and self.against == "published" else ROW_KINDS[kind])

    def word(self, both: Mapping[Language, str]) -> str:
        """Say one word of the vocabulary."""
        return typeset(both[self.language], self.language)

    def heading(self, column: str) -> str:
        """Give the short heading of a column of the table."""
        return self.word(COLUMNS[column][0])

    def local(self, text: Localised) -> str:
        """Give a text of a case or an experiment, in another language where this one is missing."""
        if self.language in text:
            return typeset(disarm(text[self.language]), self.language)
        return disarm(next(iter(text.values())))

    def counted(self, count: int, unit: Unit) -> str:
        """Give a count with its unit: `6 cases`."""
        singular, plural = UNITS[unit]
        is_one = count == 1 or (count == 0 and self.language == "fr")
        return f"{self.whole(count)}{numbers.NO_BREAK}{self.word(singular if is_one else plural)}"

    def voters(self, count: int) -> str:
        """Give a count of people, or of votes where nobody knows whose they are."""
        if self.against != "votes":
            return self.counted(count, "people")
        is_one = count == 1 or (count == 0 and self.language == "fr")
        return f"{self.whole(count)}{numbers.NO_BREAK}{self.word(VOTES[0 if is_one else 1])}"

    def decimal(self, number: float, digits: int = 2, *, signed: bool = False) -> str:
        """Give a number with decimals."""
        return numbers.decimal(number, self.language, digits, signed=signed)

    def whole(self, count: int) -> str:
        """Give a count."""
        return numbers.whole(count, self.language)

    def percent(self, share: float) -> str:
        """Give a share as a percentage."""
        return numbers.percent(share, self.language)

    def why(self, reason: Undefined | None) -> str:
        """Say why there is no number."""
        return self.word(UNDEFINED[reason or "not_measured"])

    def maybe(self, number: float | None, *, signed: bool = False) -> str:
        """Give a number of a case, or a dash where there is none."""
        return "–" if number is None else self.decimal(number, signed=signed)

    def estimate(self, estimate: Estimate, *, as_percent: bool = False, signed: bool = False) -> str:
        """Give an estimate's number alone, or the words that say why there is none."""
        if estimate.value is None:
            return self.why(estimate.undefined_because)
        return self.percent(estimate.value) if as_percent else self.decimal(estimate.value, signed=signed)

    def interval(self, interval: Interval, *, as_percent: bool = False) -> str:
        """Give the bounds of an interval."""
        return numbers.bounds(interval.low, interval.high, self.language, as_percent=as_percent)

    def full(self, estimate: Estimate, *, as_percent: bool = False) -> str:
        """Give an estimate with every interval and its n."""
        number = self.estimate(estimate, as_percent=as_percent)
        if estimate.value is None:
            return number
        parts = [f"{self.interval(one, as_percent=as_percent)} {one.target}" for one in estimate.intervals]
        return f"{number} ({', '.join([*parts, self.counted(estimate.n, estimate.unit)])})"

    def plain(self, estimate: Estimate) -> str:
        """Give an estimate with its widest interval and its n, without the names of questions."""
        span = preferred(estimate)
        if estimate.value is None or span is None:
            return self.full(estimate)
        count = self.counted(estimate.n, estimate.unit)
        return f"{self.estimate(estimate)} ({self.interval(span)}, {count})"

    def fact(self, name: str, text: str) -> str:
        """Put a name before a fact, with the colon of the language."""
        return self.say("fact", name=name, text=text)

    def target(self, target: Target) -> str:
        """Say what an interval is for."""
        return self.word(TARGETS[target])

    def targets(self, estimates: Iterable[Estimate]) -> str:
        """Say what each kind of interval among some estimates is for."""
        spans = [interval for estimate in estimates for interval in estimate.intervals]
        found = sorted({(interval.target, interval.method) for interval in spans})
        return " ".join(
            self.say("target_means", name=name, meaning=self.target(name), method=self.method(method))
            for name, method in found
        )

    def method(self, name: str) -> str:
        """Name the method of an interval, in its own words where the vocabulary has none."""
        return self.word(METHODS[name]) if name in METHODS else disarm(name)

    def test(self, test: ShuffleTest | None, holm_p: float | None = None) -> str:
        """Give a shuffle test's p, the number of shuffles, and the p corrected for its sisters."""
        if test is None:
            return self.say("no_test")
        p = numbers.p_value(test.p, self.language)
        said = self.say("test", p=p, n=self.whole(test.n_shuffles))
        return said if holm_p is None else self.holm(said, holm_p)

    def holm(self, said: str, holm_p: float) -> str:
        """Add to a p the one that is corrected for several tests."""
        return self.say("holm", test=said, p=numbers.p_value(holm_p, self.language))

    def list_of(self, table: Mapping[_Kind, Both], counts: Mapping[_Kind, int]) -> str:
        """Give counts by kind: `refused 3, truncated 1`."""
        return ", ".join(f"{self.word(table[kind])} {self.whole(n)}" for kind, n in counts.items() if n)


def preferred(estimate: Estimate) -> Interval | None:
    """Pick the interval to show where there is room for one."""
    by_target = {interval.target: interval for interval in estimate.intervals}
    return next((by_target[target] for target in _PREFERRED if target in by_target), None)


def with_cut(caption: str, n_shown: int, n_all: int, voice: Voice) -> str:
    """Add to a caption that not everything is shown, where that is so."""
    if n_shown == n_all:
        return caption
    return f"{caption} {voice.say('cut_drawn', shown=voice.whole(n_shown), all=voice.whole(n_all))}"
