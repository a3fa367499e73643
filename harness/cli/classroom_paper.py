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

    Build = Callable[[ClassSettings, LessonContent, Language], dict[str, str]]
    """What comes after the stem of the file's name -> the page."""

_output = click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write."
)


@click.command(short_help="Write the stand-alone HTML file for a USB stick or an ENT.")
@_output
@settings_options
def file(output: Path, **asked: object) -> None:
    """Write a lesson as one HTML file that needs no network; each pupil ends with a reply code.

    The teacher's part of the same file, or the entry page of `harness classroom`, reads the codes. With two
    rulebooks there are three files, because a pupil can read a file to its end: class-1.html and class-2.html
    for the halves, each with its own rules alone, and class-teacher.html, which reads the codes of both.

    \b
    harness classroom file -o class.html
    harness classroom file -o class.html --language en --rulebook hhh --rulebook comfort-first
    """  # noqa: D301 - click wants the character itself
    from harness.classroom.file_edition import build_files

    _write(output, asked, build_files)


@click.command(short_help="Write the sheets of paper to print.")
@_output
@settings_options
def sheets(output: Path, **asked: object) -> None:
    """Write the sheets that a class without devices fills in: one page of HTML, two of A4 per rulebook."""
    from harness.classroom.sheets import blank_sheets

    _write(output, asked, lambda *lesson: {"": blank_sheets(*lesson)})


def _write(output: Path, asked: dict[str, object], build: Build) -> None:
    from harness.classroom.content import Shelf

    settings = settings_of(asked)
    pages = build(settings, Shelf().of(settings), settings.language)
    for name, page in pages.items():
        path = output.with_name(f"{output.stem}{name}{output.suffix}")
        write_atomically(path, [page.encode()])
        click.echo(str(path))
