"""Personal data in free text, found by Microsoft's Presidio and replaced by the name of their kind.

This is the only file that imports Presidio, spaCy and tldextract, which the extra `privacy` brings.
Nothing is fetched: Presidio runs without a language model, and its check of e-mail addresses, which would
fetch a list of domains, is given the one that its package ships.

What is easy to get wrong: a pattern that runs out of time is skipped by Presidio with a line in the log; here
that is an error, for a text that was not searched must not look like one in which nothing was found.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import HarnessError
from harness.formats.redact_patterns import KINDS, PATTERNS, REGIONS, Kind, Pattern, is_nir

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

LIBRARIES = ("presidio-analyzer", "phonenumbers")
_LANGUAGE = "en"
"""Presidio files its recognisers by language; ours read French and English together, under one name."""
_PERSONS = frozenset({"PER", "PERSON"})
_MISSING = (
    "free text cannot be searched for personal data: Presidio is not installed here; pip install "
    "'llm-judge-harness[privacy]', or say --no-redact to let it leave as it is, which the card then says"
)


class Span(NamedTuple):
    """Where something personal stands."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Searcher:
    """Finds personal data in texts; loads its library when it is first used."""

    pipelines: tuple[str, ...] = ()
    """spaCy pipelines installed here, which find names of people; none = names by what stands before them."""

    def spans(self, text: str, language: str) -> list[Span]:
        """What is personal in a text, in order, none overlapping another.

        The patterns of both languages are looked for in every text; a pipeline reads those of its own.

        Raises
        ------
        HarnessError
            The text cannot be searched.
        """
        if not text.strip():
            return []
        with _nothing_skipped():
            told = self._engine.analyze(text, language=_LANGUAGE, score_threshold=0.3)
        found = [Span(one.start, one.end, KINDS[one.entity_type]) for one in told]
        return merged([*found, *self._names_by_pipelines(text, language)])

    def tools(self) -> dict[str, str]:
        """With what it searches, and in which versions; raises HarnessError when it is not installed."""
        self._engine  # noqa: B018 - whatever is missing is said in our words
        found = {name: version(name) for name in LIBRARIES}
        return found | {name: str(one.meta.get("version", "unknown")) for name, one in self._named.items()}

    @cached_property
    def _engine(self) -> AnalyzerEngine:
        try:
            from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
            from presidio_analyzer.nlp_engine import NoOpNlpEngine
        except ImportError as error:
            raise HarnessError(_MISSING) from error
        registry = RecognizerRegistry(recognizers=_recognisers(), supported_languages=[_LANGUAGE])
        nothing = NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": ""}])
        return AnalyzerEngine(registry, nothing, supported_languages=[_LANGUAGE])

    @cached_property
    def _named(self) -> dict[str, Any]:
        if not self.pipelines:
            return {}
        try:
            import spacy
        except ImportError as error:
            raise HarnessError(_MISSING) from error
        loaded = {}
        for name in self.pipelines:
            try:
                loaded[name] = spacy.load(name)
            except (OSError, ValueError, ImportError) as error:
                told = f"{name}: no spaCy pipeline of that name is installed here ({error})"
                raise HarnessError(told) from error
        return loaded

    def _names_by_pipelines(self, text: str, language: str) -> Iterator[Span]:
        for pipeline in self._named.values():
            if pipeline.lang not in (language, "xx"):
                continue
            for entity in pipeline(text).ents:
                if entity.label_ in _PERSONS:
                    yield Span(entity.start_char, entity.end_char, "NAME")


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap made one, which bears the kind of the longest of them."""
    kept: list[Span] = []
    longest: list[int] = []
    for span in sorted(spans):
        length = span.end - span.start
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
            longest.append(length)
            continue
        last = kept[-1]
        kind = span.kind if length > longest[-1] else last.kind
        kept[-1] = Span(last.start, max(last.end, span.end), kind)
        longest[-1] = max(longest[-1], length)
    return kept


def replaced(text: str, spans: Sequence[Span]) -> str:
    """The text with `[KIND]` in place of each span."""
    for span in reversed(spans):
        text = f"{text[: span.start]}[{span.kind}]{text[span.end :]}"
    return text


class _Refusing(logging.Handler):
    """Keeps what Presidio warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one warning."""
        self.told.append(record.getMessage())


class _nothing_skipped:  # noqa: N801 - a context manager, named as what it promises
    """A warning of Presidio while it searches is an error: it skips what it warns of."""

    def __enter__(self) -> None:
        self._handler = _Refusing()
        self._logger = logging.getLogger("presidio-analyzer")
        self._logger.addHandler(self._handler)

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self._handler)
        if self._handler.told:
            raise HarnessError(f"a text could not be searched for personal data: {self._handler.told[0]}")


def _recognisers() -> list[EntityRecognizer]:
    """Presidio's own where it has one, ours for what is French, for names by context and for profiles."""
    import tldextract
    from presidio_analyzer import Pattern as Written
    from presidio_analyzer import PatternRecognizer
    from presidio_analyzer import predefined_recognizers as theirs

    domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class Email(theirs.EmailRecognizer):  # type: ignore[misc] # untyped where it is absent
        """Presidio's, with the list of domains that lies in the package."""

        def validate_result(self, pattern_text: str) -> bool:
            """Whether the domain may exist."""
            return bool(domains(pattern_text).fqdn)

    class Nir(PatternRecognizer):  # type: ignore[misc] # the same
        """The French social-security number, checked by its key."""

        def validate_result(self, pattern_text: str) -> bool | None:
            """Whether the key is right; None for a number that was written without one."""
            return is_nir(pattern_text)

    def own(kind: Kind, patterns: Sequence[Pattern]) -> EntityRecognizer:
        written = [Written(one.name, one.regex, one.score) for one in patterns]
        made = Nir if kind == "NIR" else PatternRecognizer
        return made(
            supported_entity=kind, patterns=written, global_regex_flags=re.MULTILINE, name=f"own {kind}"
        )

    return [
        Email(),
        theirs.PhoneRecognizer(supported_regions=REGIONS),
        theirs.IbanRecognizer(),
        theirs.CreditCardRecognizer(),
        theirs.IpRecognizer(),
        *(own(kind, patterns) for kind, patterns in PATTERNS.items()),
    ]
