"""A run folder on disk -> what a comparison starts from: verdicts, cases, people, rulebooks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from harness.compare import ComparisonSource
from harness.compare.apart import both, two_processors
from harness.errors import HarnessError
from harness.load.content import load_case_set, load_rulebooks
from harness.load.experiments import RULEBOOKS
from harness.load.people import author_key_verdicts, load_people
from harness.load.roots import known_ids
from harness.schema import Case, CaseSet, Manifest, RankedVerdict, Rulebook
from harness.store.cassette import cassette_digest
from harness.store.folder import RunFolder
from harness.store.learned import read_learned

LARGE = 20_000_000
"""Bytes of verdicts."""

ReferenceKind = Literal["people", "key", "none"]


class Asked(NamedTuple):
    """Whom to compare a run with."""

    people: Path | None = None
    """A table of people's grades."""
    reference: ReferenceKind | None = None
    """None = the people, when there are any; else the author's key, when the cases have one."""
    wages: tuple[float, ...] = ()
    """Dollars per hour at which people are priced, beside the wages that were reported in public."""
    random_sample: bool | None = None
    """The cases that people graded were drawn at random; None = what the run says, if it says anything."""


def load_source(folder: RunFolder, asked: Asked, recorded: str | None = None) -> ComparisonSource:
    """Read everything that a comparison of this run needs; `recorded` = its cassette's digest, if known.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is incomplete or damaged.
    HarnessError
        People were asked for, and there are none.
    """
    manifest = folder.read_manifest()
    with no_collections():
        if manifest.imported is not None:
            found = _imported_run(folder, manifest, asked)
        else:
            found = _own_run(folder, manifest, asked, recorded or cassette_digest(folder.cassette_path))
    found = replace(found, wages=asked.wages, learned=tuple(read_learned(folder.path)))
    return found if asked.random_sample is None else replace(found, random_sample=asked.random_sample)


def load_cases(folder: RunFolder) -> tuple[Case, ...]:
    """The cases of a run: from the content folders, or from its own folder when it was imported.

    Raises
    ------
    InputError
        The cases are wrong.
    StoreError
        The run folder is incomplete or damaged.
    """
    manifest = folder.read_manifest()
    if manifest.imported is not None:
        return tuple(folder.read_cases())
    return load_case_set(manifest.case_set.set_id)[1]


@contextmanager
def no_collections() -> Iterator[None]:
    """Do not look for garbage among millions of records that stay: it takes as long as reading them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _own_run(folder: RunFolder, manifest: Manifest, asked: Asked, recorded: str) -> ComparisonSource:
    """A run that asked judges: cases and rulebooks lie in the content folders."""
    case_set, cases = load_case_set(manifest.case_set.set_id)
    columns, timings = both(
        folder.read_verdict_table, folder.read_timing_table, apart=is_large(folder) and two_processors()
    )
    return ComparisonSource(
        manifest=manifest,
        cases=cases,
        verdicts=(),
        columns=columns,
        store_sha256=recorded,
        timings=timings,
        people=_reference(case_set, cases, asked),
        rulebooks=_rulebooks_at_hand(manifest),
    )


def is_large(folder: RunFolder) -> bool:
    """Whether its verdicts take so long to read that a second processor may read the timings meanwhile."""
    try:
        return folder.verdicts_path.stat().st_size > LARGE
    except OSError:
        return False


def _imported_run(folder: RunFolder, manifest: Manifest, asked: Asked) -> ComparisonSource:
    """A run that was imported: its own folder holds cases, rulebooks and people."""
    cases = tuple(folder.read_cases())
    rulebooks = tuple(folder.read_rulebooks())
    told = manifest.imported
    return ComparisonSource(
        manifest=manifest,
        cases=cases,
        verdicts=(),
        columns=folder.read_verdict_table(),
        store_sha256=folder.imported_digest(),
        people=_imported_reference(folder, manifest, cases, asked),
        rulebooks=(*rulebooks, *_missing_rulebooks(manifest, rulebooks)),
        people_known=asked.people is not None or told is None or told.people_known,
        random_sample=told.random_sample if told is not None else None,
    )


def _rulebooks_at_hand(manifest: Manifest) -> tuple[Rulebook, ...]:
    """The rulebooks that the run names, as far as there are files of them."""
    named = dict.fromkeys(name for part in manifest.experiment.parts for name in part.rulebooks)
    known = known_ids(RULEBOOKS)
    return load_rulebooks([name for name in named if name in known])


def _missing_rulebooks(manifest: Manifest, brought: tuple[Rulebook, ...]) -> tuple[Rulebook, ...]:
    """Rulebooks of ours that an imported run names without bringing them."""
    names = {rulebook.rulebook_id for rulebook in brought}
    return tuple(one for one in _rulebooks_at_hand(manifest) if one.rulebook_id not in names)


def _imported_reference(
    folder: RunFolder, manifest: Manifest, cases: tuple[Case, ...], asked: Asked
) -> tuple[RankedVerdict, ...]:
    if asked.people is not None or asked.reference == "none":
        return _reference(manifest.case_set, cases, asked)
    inside = [verdict for verdict in folder.read_people() if isinstance(verdict, RankedVerdict)]
    keys = tuple(verdict for verdict in inside if verdict.cell.annotator_kind == "key")
    if asked.reference == "people" and len(keys) == len(inside):
        raise HarnessError(f"{folder.people_path}: holds no person's verdict; name a table: --people FILE")
    authored = author_key_verdicts(manifest.case_set, cases)
    return (*keys, *authored) if asked.reference == "key" else (*inside, *authored)


def _reference(case_set: CaseSet, cases: tuple[Case, ...], asked: Asked) -> tuple[RankedVerdict, ...]:
    if asked.reference == "none":
        return ()
    if asked.reference == "people" and asked.people is None:
        raise HarnessError("name the table of people's grades: --people FILE")
    if asked.people is not None and asked.reference != "key":
        return load_people(asked.people, case_set, cases, rulebooks=known_ids(RULEBOOKS))
    return author_key_verdicts(case_set, cases)
