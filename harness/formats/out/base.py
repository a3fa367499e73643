"""What every writer gets and gives: the material of a run, the choices, files that are not yet written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from harness.schema import Case, CaseSet, Language, Manifest, RankedVerdict, Rulebook, Verdict

Who = Literal["people", "judges", "both", "nobody"]
WHO: tuple[Who, ...] = ("people", "judges", "both", "nobody")
Ties = Literal["drop", "keep"]
TIES: tuple[Ties, ...] = ("drop", "keep")
Annotators = Literal["keep", "pool"]
ANNOTATORS: tuple[Annotators, ...] = ("keep", "pool")
Trainer = Literal["dpo", "reward"]
TRAINERS: tuple[Trainer, ...] = ("dpo", "reward")
Style = Literal["chat", "text"]
STYLES: tuple[Style, ...] = ("chat", "text")
TableKind = Literal["csv", "csv-semicolon", "jsonl"]
TABLE_KINDS: tuple[TableKind, ...] = ("csv", "csv-semicolon", "jsonl")

Cellular = str | float | int | bool | None


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line; a writer takes what concerns it."""

    who: Who = "people"
    language: Language | None = None
    """Texts in this language; None = the one that each annotator read."""
    rulebooks: tuple[str, ...] = ()
    """Only verdicts under these; empty = all."""
    with_key: bool = False
    simulated: bool = False
    table: TableKind = "csv"
    ties: Ties = "drop"
    annotators: Annotators = "keep"
    trainer: Trainer = "dpo"
    style: Style = "chat"
    test_share: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Redaction:
    """How the free text of an export was searched for what is personal, and what was replaced."""

    counts: Mapping[str, int]
    """Kind -> spans; each different text counts once."""
    n_texts: int
    tools: Mapping[str, str]
    """What searched, in which versions; empty = only the names of the run's own people were looked for."""


@dataclass(frozen=True)
class Protection:
    """What a card says about the people in an export."""

    k: int
    smallest: int | None
    """People in the smallest group that the files let a reader tell apart; None = nobody is a real person."""
    n_small: int
    """Groups of fewer than k."""
    consent: str = ""
    """What people agreed to, in the words of whoever exports; empty = nobody said."""
    keep_until: str = ""
    """ISO date after which the export is to be deleted; empty = nobody said."""


@dataclass(frozen=True)
class Material:
    """What a run holds, once it is chosen and made private; the author's key stands apart from people."""

    manifest: Manifest
    case_set: CaseSet
    cases: tuple[Case, ...]
    people: tuple[RankedVerdict, ...] = ()
    judges: tuple[Verdict, ...] = ()
    keys: tuple[RankedVerdict, ...] = ()
    rulebooks: tuple[Rulebook, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out or changed before any writer saw it, one sentence each."""
    pseudonymised: bool = False
    redaction: Redaction | None = None
    """None = its free text is as it was."""

    @property
    def simulated(self) -> bool:
        """Whether anybody in it is invented."""
        return any(verdict.cell.simulated for verdict in self.people)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Everything that somebody said: people, judges, and the key where it was asked for."""
        return (*self.people, *self.judges, *self.keys)


@dataclass(frozen=True)
class Table:
    """A table to be written as CSV or JSON lines; cells that a spreadsheet would calculate are text there."""

    name: str
    """Without its ending, which the kind of table gives."""
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cellular]]
    kind: TableKind


@dataclass(frozen=True)
class Lines:
    """JSON lines."""

    name: str
    rows: Sequence[Mapping[str, JsonValue]]


@dataclass(frozen=True)
class Plain:
    """Any other text."""

    name: str
    text: str


OutFile = Table | Lines | Plain


@dataclass(frozen=True)
class Written:
    """What a writer made: its files, what it counted, what a reader must know, front matter of the card."""

    files: tuple[OutFile, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    how_to_read: str = ""
    """Markdown: how the other tool opens these files."""
    front_matter: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Writer:
    """One format: its name, what it is for, and the writer."""

    name: str
    summary: str
    write: Callable[[Material, Choices], Written]
    keeps_proposals: bool = False
    """It says which verdicts were given with a judge's grades in sight; the others leave these out."""


def dumped(content: JsonValue | Mapping[str, JsonValue], indent: int | None = None) -> str:
    """JSON that keeps letters as they are."""
    return json.dumps(content, ensure_ascii=False, indent=indent)


def file_name(one: OutFile) -> str:
    """The name of a file; a table's says of which kind it is."""
    if not isinstance(one, Table):
        return one.name
    return f"{one.name}.{'jsonl' if one.kind == 'jsonl' else 'csv'}"
