"""Options and steps that `compare`, `report` and `demo` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, get_args

import click

import harness.cli.one_thread  # noqa: F401 - before whatever loads numpy
from harness.api.kept import compare_anew, compare_once
from harness.api.source import Asked, ReferenceKind
from harness.schema import Comparison
from harness.store.folder import RunFolder

ANYBODY = Asked()
"""People if the run has any, else the author's key."""
_Command = TypeVar("_Command", bound=Callable[..., object])
_OPTIONS = (
    click.option(
        "--people",
        type=click.Path(path_type=Path, dir_okay=False),
        help="People's grades: CSV, JSONL or Parquet, one row per grade.",
    ),
    click.option(
        "--reference",
        type=click.Choice(get_args(ReferenceKind)),
        help="Whom to compare with.  [default: people if there are any, else the author's key]",
    ),
    click.option(
        "--wage",
        "wages",
        multiple=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Price people at this wage too, in dollars per hour; may be repeated.",
    ),
    click.option(
        "--random-sample/--chosen-sample",
        default=None,
        help="How the cases that people graded were picked; semi-automatic estimates need a random sample.",
    ),
)


def reference_options(command: _Command) -> _Command:
    """The run to compare, and whom to compare it with: the same words wherever a run is compared.

    The command gets `run` and, among its keywords, what `asked_of` makes an `Asked` of.
    """
    for add in reversed(_OPTIONS):
        command = add(command)
    return click.argument("run", type=click.Path(path_type=Path, file_okay=False))(command)


def asked_of(words: dict[str, object]) -> Asked:
    """Take the options of `reference_options` out of a command's keywords."""
    found = {name: words.pop(name) for name in Asked._fields}
    return Asked(**found)  # type: ignore[arg-type]


def compare_folder(folder: RunFolder, asked: Asked = ANYBODY, *, anew: bool = True) -> Comparison:
    """Compare a run with people's grades, with the author's key, or judge with judge; keep the result.

    Without `anew`, what the folder holds is taken if it is the comparison of the very same files and options.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is incomplete or damaged, or cannot be written to.
    """
    return compare_anew(folder, asked) if anew else compare_once(folder, asked)
