"""`harness compare`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from harness.cli.joint import asked_of, compare_folder, reference_options
from harness.compare import (
    FRAME_KINDS,
    PANELS,
    FrameKind,
    table_bytes,
    to_case_frame,
    to_frame,
    to_move_frame,
    to_panel_frame,
    to_share_frame,
)
from harness.errors import HarnessError
from harness.report import render_text
from harness.schema import LANGUAGES, Comparison, Language
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

TABLES: dict[str, Callable[[Comparison], pd.DataFrame]] = {
    "rows": to_frame,
    "cases": to_case_frame,
    "moves": to_move_frame,
    "shares": to_share_frame,
    **{name: partial(to_panel_frame, panel=name) for name in PANELS},
}


@click.command(short_help="Compare the judges of a run with people.")
@reference_options
@click.option("--table", type=click.Choice(list(TABLES)), help="Print one table instead of the summary.")
@click.option("--format", "kind", type=click.Choice(FRAME_KINDS), default="csv", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write the table here.")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole comparison as JSON.")
def compare(run: Path, *, as_json: bool, **shown: object) -> None:
    """Compare every judge of RUN with people, and keep the result in RUN/comparison.json.

    People's grades come as a long table with the columns session, annotator_id, case_id, answer_id, grade,
    and optionally repeat, rulebook_id, phase, language, slot, seconds, helpful, honest, harmless, simulated;
    proposal, proposed_grade, lot where people saw a judge's proposals (`harness annotate`).

    \b
    harness compare results/local-judges
    harness compare results/local-judges --people class.csv
    harness compare results/local-judges --table rows --format markdown
    """  # noqa: D301 - click wants the character itself
    folder = RunFolder(run)
    comparison = compare_folder(folder, asked_of(shown))
    if as_json:
        click.echo(folder.read_comparison_bytes().decode(), nl=False)
    elif shown["table"]:
        _show_table(comparison, shown)
    else:
        language = cast("Language", shown["language"])
        click.echo(render_text(comparison, language, manifest=folder.read_manifest()))
        click.echo(f"next: harness report {run}", err=True)


def _show_table(comparison: Comparison, shown: dict[str, object]) -> None:
    content = table_bytes(TABLES[str(shown["table"])](comparison), cast("FrameKind", shown["kind"]))
    output = cast("Path | None", shown["output"])
    if output is not None:
        write_atomically(output, [content])
    elif shown["kind"] == "parquet" and sys.stdout.isatty():
        raise HarnessError("Parquet is no text for a terminal: name a file with --output")
    else:
        click.echo(content, nl=False)
