"""`harness calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from harness.api.source import Asked, load_source
from harness.compare.calibration import CalibrationAsked, calibrate
from harness.report.calibration import render_calibration, render_calibration_text
from harness.schema import LANGUAGES, Language, canonical_json
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder


@click.command("calibrate", short_help="Choose the judge or panel that agrees best with people, honestly.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--people",
    type=click.Path(path_type=Path, dir_okay=False),
    help="People's grades: CSV, JSONL or Parquet, one row per grade.",
)
@click.option(
    "--max-panel", type=click.IntRange(1, 10), default=3, show_default=True, help="Judges of a panel."
)
@click.option(
    "--rulebook", "rulebook_id", help="Choose under this rulebook only.  [default: the people's own]"
)
@click.option(
    "--in-language", type=click.Choice(LANGUAGES), help="Choose among verdicts in this language only."
)
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.9,
    show_default=True,
    help="Share of the cases of which a judge must have a readable verdict.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page too (HTML).",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def calibrate_command(runs: tuple[Path, ...], people: Path | None, **words: object) -> None:
    """Choose among all judges of RUNS, and all panels of them, by people's rankings.

    Judges differ in model, template, protocol, examples, wording, rulebook and language: whatever was
    recorded can be chosen. Several runs are taken together when they are about the same cases. The best
    setting's agreement on the cases that it was chosen on is too good; so the choice is made again without
    each group of cases, and judged on that group. Both numbers are shown, and their difference.

    \b
    harness calibrate results/monday --people class.csv
    harness calibrate results/no-examples results/four-examples --people class.csv -o choice.html
    """  # noqa: D301 - click wants the character itself
    language = cast("Language", words["language"])
    asked = CalibrationAsked(
        most_judges=cast("int", words["max_panel"]),
        rulebook_id=cast("str | None", words["rulebook_id"]),
        language=cast("str | None", words["in_language"]),
        least_coverage=cast("float", words["min_coverage"]),
    )
    found = calibrate([load_source(RunFolder(run), Asked(people=people)) for run in runs], asked)
    output = cast("Path | None", words["output"])
    if output is not None:
        write_atomically(output, [render_calibration(found, language).encode()])
        click.echo(f"wrote {output}", err=True)
    if words["as_json"]:
        click.echo(canonical_json(found).decode())
    else:
        click.echo(render_calibration_text(found, language), nl=False)
