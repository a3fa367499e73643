"""`harness classroom file | sheets`: editions of a lesson that need no server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.classroom_asked import settings_of, settings_options
from harness.store.disk import write_atomically

if TYPE_CHECKING:
    from harness.classroom.content import LessonContent
    from harness.schema import Language
    from harness.schema.classroom import ClassSettings

    Build = Callable[[ClassSettings, LessonContent, Language], str]

_output = click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write."
)


@click.command(short_help="Write the stand-alone HTML file for a USB stick or an ENT.")
@_output
@settings_options
def file(output: Path, **asked: object) -> None:
    """Write a lesson as one HTML file that needs no network; each pupil ends with a reply code.

    The teacher's part of the same file, or the entry page of `harness classroom`, reads the codes.

    \b
    harness classroom file -o class.html
    harness classroom file -o class.html --language en --rulebook hhh --rulebook comfort-first
    """  # noqa: D301 - click wants the character itself
    from harness.classroom.file_edition import build_file

    _write(output, asked, build_file)


@click.command(short_help="Write the sheets of paper to print.")
@_output
@settings_options
def sheets(output: Path, **asked: object) -> None:
    """Write the sheets that a class without devices fills in: one page of HTML, two of A4 per rulebook."""
    from harness.classroom.sheets import blank_sheets

    _write(output, asked, blank_sheets)


def _write(output: Path, asked: dict[str, object], build: Build) -> None:
    from harness.classroom.content import Shelf

    settings = settings_of(asked)
    page = build(settings, Shelf().of(settings), settings.language)
    write_atomically(output, [page.encode()])
    click.echo(str(output))
