"""`harness report`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from harness.cli.joint import Against, compare_folder, reference_options
from harness.report import render_html, render_markdown
from harness.schema import LANGUAGES, Language
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder


@click.command(short_help="Write the report of a run: one HTML page.")
@reference_options
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="fr",
    show_default=True,
    help="Shown first; both are in it.",
)
@click.option("--format", "kind", type=click.Choice(["html", "markdown"]), default="html", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [default: RUN/report.html or RUN/report.md]",
)
def report(run: Path, people: Path | None, against: str | None, output: Path | None, **shown: str) -> None:
    """Compare RUN and write its report: one page in French and English that needs no network and prints."""
    folder = RunFolder(run)
    comparison = compare_folder(folder, people, against=cast("Against | None", against))
    manifest = folder.read_manifest()
    language = cast("Language", shown["language"])
    if shown["kind"] == "markdown":
        target, page = output or run / "report.md", render_markdown(comparison, language, manifest=manifest)
    else:
        target = output or folder.report_path
        page = render_html(comparison, manifest, language=language)
    write_atomically(target, [page.encode()])
    click.echo(str(target))
