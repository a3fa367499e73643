"""`harness report`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import click

from harness.api.compared import Compared
from harness.api.source import Asked
from harness.cli.joint import asked_of, compare_folder, reference_options
from harness.report import render_contrast
from harness.schema import LANGUAGES, Language
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder


class _Wanted(NamedTuple):
    """What to write beside, or instead of, the page."""

    kind: str
    against: Path | None
    figures: Path | None
    png: bool


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
    "--against",
    type=click.Path(path_type=Path, file_okay=False),
    help="Another run: write a page of the two side by side instead.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write every figure here too, as SVG.",
)
@click.option("--png", is_flag=True, help="With --figures: as PNG too (needs the extra `png`).")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [default: RUN/report.html, RUN/report.md or RUN/against-NAME.html]",
)
def report(run: Path, output: Path | None, **wanted: object) -> None:
    """Compare RUN and write its report: one page in French and English that needs no network and prints.

    \b
    harness report results/local-judges
    harness report results/local-judges --figures slides --png
    harness report results/monday --against results/tuesday
    """  # noqa: D301 - click wants the character itself
    asked = asked_of(wanted)
    language = cast("Language", wanted.pop("language"))
    wish = _Wanted(**wanted)  # type: ignore[arg-type]
    if wish.png and wish.figures is None:
        raise click.UsageError("--png says how figures are written; name their folder with --figures")
    folder = RunFolder(run)
    compared = _compared(folder, asked, language)
    target, page = _page(folder, compared, wish, asked)
    write_atomically(output or target, [page.encode()])
    click.echo(str(output or target))
    if wish.figures is not None:
        for path in compared.figures.save(wish.figures, png=wish.png):
            click.echo(str(path))


def _compared(folder: RunFolder, asked: Asked, language: Language) -> Compared:
    comparison = compare_folder(folder, asked, anew=False)
    return Compared(comparison, folder.read_manifest(), language)


def _page(folder: RunFolder, compared: Compared, wish: _Wanted, asked: Asked) -> tuple[Path, str]:
    """Where the page goes by default, and the page."""
    if wish.against is not None:
        other = _compared(RunFolder(wish.against), asked, compared.language)
        contrast = compared.against(other)
        page = render_contrast(contrast, language=compared.language, comparison=compared.record)
        return folder.path / f"against-{wish.against.resolve().name}.html", page
    if wish.kind == "markdown":
        return folder.path / "report.md", compared.to_markdown()
    return folder.report_path, compared.to_html()
