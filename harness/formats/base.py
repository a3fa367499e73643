"""What every reader gives: cases, judges, and who said what about them; no verdicts yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.schema import (
    AnnotatorKind,
    Case,
    CaseSet,
    Dimension,
    FailureReason,
    JudgeSpec,
    Language,
    Proposal,
    Provenance,
    Rulebook,
    Wording,
)

Choice = Literal["first", "second", "tie"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; for error messages."""

    path: Path
    line: int | None = None
    """Line of a text file, or number of the entry (from 1) in a JSON list."""

    def __str__(self) -> str:
        """Spell it as `file:line`."""
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Vote:
    """One annotator's choice between two answers of one case, as they were shown.

    `choice` is in terms of what was shown: `first` = the answer shown first wins. A verdict that could not be
    had or read is a failure with its reason, never a tie.
    """

    place: Place
    case_id: str
    annotator_id: str
    kind: AnnotatorKind
    shown_first: str
    shown_second: str
    choice: Choice | None
    """None when the vote failed; then `failure` says how."""
    failure: FailureReason | None = None
    rulebook_id: str = "none"
    wording: Wording = "base"
    repeat: int = 0
    text: str = ""
    """What the annotator wrote, when the file holds it."""
    seconds: float | None = None
    session: str | None = None
    order_known: bool = True
    """False: the file does not say which answer was shown first; `shown_first` is then only a name."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One annotator's grades of the answers of one case, higher = better; `grades` empty when it failed."""

    place: Place
    case_id: str
    annotator_id: str
    kind: AnnotatorKind
    grades: Mapping[str, float]
    failure: FailureReason | None = None
    rulebook_id: str = "none"
    wording: Wording = "base"
    repeat: int = 0
    shown: tuple[str, ...] = ()
    """Answer ids in the order in which they were shown; empty = unknown."""
    dimensions: Mapping[str, Mapping[Dimension, int]] = field(default_factory=dict)
    text: str = ""
    seconds: float | None = None
    session: str | None = None
    phase: int = 1
    """People: 1 = first vote; only that one enters comparisons."""
    language: Language | None = None
    """None: the language of the whole import."""
    simulated: bool = False
    proposal: Proposal | None = None
    """What a person was shown before."""
    probability: float | None = None
    """With which the case was drawn for this person."""


@dataclass(frozen=True)
class Imported:
    """What a reader found in its files."""

    case_set: CaseSet
    cases: tuple[Case, ...]
    """Answers carry `author_model_id` when the file says which system wrote them."""
    judges: tuple[JudgeSpec, ...]
    """`model_id` starts with `imported/`; the protocol says how votes become verdicts: `pairwise` joins all
    pairs of a case, both orders, into one verdict; `listwise` keeps every vote or row as its own verdict, one
    repeat per presentation; `pointwise` when every answer was graded alone."""
    votes: Sequence[Vote] = ()
    graded: Sequence[Graded] = ()
    rulebooks: tuple[Rulebook, ...] = ()
    people_known: bool = True
    """False: the file does not say who voted; annotator ids of people are slots."""
    random_sample: bool | None = None
    language: Language = "en"
    provenance: Provenance | None = None
    notes: tuple[str, ...] = ()
    """What was left out, mapped or counted on the way in, one sentence each."""


@dataclass(frozen=True)
class Format:
    """One format: its name, what it reads, its options with their meaning, and the reader."""

    name: str
    summary: str
    expects: str
    """What the paths on the command line are: files, folders, in which order."""
    read: Callable[[Sequence[Path], Mapping[str, str]], Imported]
    """(paths, options) -> what was found; raises ImportFormatError with path and line."""
    options: Mapping[str, str] = field(default_factory=dict)
    """option -> meaning, values, default; anything else on the command line is an error."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Formats that are tables: column -> what it holds, the needed ones first."""
    example: str = ""
    """A few lines of such a file, for docs/formats.md."""
