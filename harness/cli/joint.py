"""A run folder on disk -> its comparison: what `compare`, `report` and `demo` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar, get_args

import click

from harness.compare import ComparisonSource, compare_verdicts
from harness.errors import HarnessError
from harness.load.content import load_case_set, load_rulebooks
from harness.load.experiments import RULEBOOKS
from harness.load.people import author_key_verdicts, load_people
from harness.load.roots import known_ids
from harness.schema import Case, CaseSet, Comparison, Manifest, RankedVerdict, Rulebook, canonical_json
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder

Against = Literal["people", "key", "none"]
_Command = TypeVar("_Command", bound=Callable[..., object])


def reference_options(command: _Command) -> _Command:
    """The run to compare, and whom to compare it with: the same words wherever a run is compared."""
    against = click.option(
        "--against",
        type=click.Choice(get_args(Against)),
        help="Whom to compare with.  [default: people if named, else the author's key]",
    )
    people = click.option(
        "--people",
        type=click.Path(path_type=Path, dir_okay=False),
        help="People's grades: CSV, JSONL or Parquet, one row per grade.",
    )
    run = click.argument("run", type=click.Path(path_type=Path, file_okay=False))
    return run(people(against(command)))


def compare_folder(folder: RunFolder, people: Path | None, *, against: Against | None = None) -> Comparison:
    """Compare a run with people's grades, with the author's key, or judge with judge; keep the result.

    Without a choice: the people, when there is a table of them; else the key, when the cases have one.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is incomplete or damaged, or cannot be written to.
    """
    manifest = folder.read_manifest()
    read = _own_run if manifest.imported is None else _imported_run
    comparison = compare_verdicts(read(folder, manifest, people, against))
    folder.write_comparison_bytes(canonical_json(comparison) + b"\n")
    return comparison


def _own_run(
    folder: RunFolder, manifest: Manifest, people: Path | None, against: Against | None
) -> ComparisonSource:
    """A run that asked judges: cases and rulebooks lie in the content folders."""
    case_set, cases = load_case_set(manifest.case_set.set_id)
    return ComparisonSource(
        manifest=manifest,
        cases=cases,
        verdicts=tuple(folder.read_verdicts()),
        store_sha256=Cassette.read(folder.cassette_path).digest(),
        timings=tuple(folder.read_timing()),
        people=_reference(case_set, cases, people, against),
        rulebooks=_rulebooks_at_hand(manifest),
    )


def _rulebooks_at_hand(manifest: Manifest) -> tuple[Rulebook, ...]:
    """The rulebooks that the run names, as far as there are files of them."""
    named = dict.fromkeys(name for part in manifest.experiment.parts for name in part.rulebooks)
    known = known_ids(RULEBOOKS)
    return load_rulebooks([name for name in named if name in known])


def _imported_run(
    folder: RunFolder, manifest: Manifest, people: Path | None, against: Against | None
) -> ComparisonSource:
    """A run that was imported: its own folder holds cases, rulebooks and people."""
    cases = tuple(folder.read_cases())
    rulebooks = tuple(folder.read_rulebooks())
    told = manifest.imported
    return ComparisonSource(
        manifest=manifest,
        cases=cases,
        verdicts=tuple(folder.read_verdicts()),
        store_sha256=folder.imported_digest(),
        people=_imported_reference(folder, manifest, cases, people, against),
        rulebooks=(*rulebooks, *_missing_rulebooks(manifest, rulebooks)),
        people_known=people is not None or told is None or told.people_known,
        random_sample=told.random_sample if told is not None else None,
    )


def _missing_rulebooks(manifest: Manifest, brought: tuple[Rulebook, ...]) -> tuple[Rulebook, ...]:
    """Rulebooks of ours that an imported run names without bringing them."""
    names = {rulebook.rulebook_id for rulebook in brought}
    return tuple(one for one in _rulebooks_at_hand(manifest) if one.rulebook_id not in names)


def _imported_reference(
    folder: RunFolder,
    manifest: Manifest,
    cases: tuple[Case, ...],
    people: Path | None,
    against: Against | None,
) -> tuple[RankedVerdict, ...]:
    if people is not None or against == "none":
        return _reference(manifest.case_set, cases, people, against)
    inside = [verdict for verdict in folder.read_people() if isinstance(verdict, RankedVerdict)]
    keys = tuple(verdict for verdict in inside if verdict.cell.annotator_kind == "key")
    if against == "people" and len(keys) == len(inside):
        raise HarnessError(f"{folder.people_path}: holds no person's verdict; name a table: --people FILE")
    authored = author_key_verdicts(manifest.case_set, cases)
    return (*keys, *authored) if against == "key" else (*inside, *authored)


def _reference(
    case_set: CaseSet, cases: tuple[Case, ...], people: Path | None, against: Against | None
) -> tuple[RankedVerdict, ...]:
    if against == "none":
        return ()
    if against == "people" and people is None:
        raise HarnessError("name the table of people's grades: --people FILE")
    if people is not None and against != "key":
        return load_people(people, case_set, cases, rulebooks=known_ids(RULEBOOKS))
    return author_key_verdicts(case_set, cases)
