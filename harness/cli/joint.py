"""A run folder on disk -> its comparison: what `compare`, `report` and `demo` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar, get_args

import click

from harness.compare import ComparisonSource, compare_verdicts
from harness.errors import HarnessError
from harness.load.content import load_case_set
from harness.load.people import author_key_verdicts, load_people
from harness.load.roots import known_ids
from harness.schema import Case, CaseSet, Comparison, RankedVerdict, canonical_json
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
    case_set, cases = load_case_set(manifest.case_set.set_id)
    source = ComparisonSource(
        manifest=manifest,
        cases=cases,
        verdicts=tuple(folder.read_verdicts()),
        store_sha256=Cassette.read(folder.cassette_path).digest(),
        timings=tuple(folder.read_timing()),
        people=_reference(case_set, cases, people, against),
    )
    comparison = compare_verdicts(source)
    folder.write_comparison_bytes(canonical_json(comparison) + b"\n")
    return comparison


def _reference(
    case_set: CaseSet, cases: tuple[Case, ...], people: Path | None, against: Against | None
) -> tuple[RankedVerdict, ...]:
    if against == "none":
        return ()
    if against == "people" and people is None:
        raise HarnessError("name the table of people's grades: --people FILE")
    if people is not None and against != "key":
        return load_people(people, case_set, cases, rulebooks=known_ids("prompts/rulebooks"))
    return author_key_verdicts(case_set, cases)
