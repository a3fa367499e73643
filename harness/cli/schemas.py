"""`harness schemas`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.load.schemas import write_schemas


@click.command(short_help="Write the JSON schemas that editors check YAML with.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("docs/schemas"),
    show_default=True,
    help="Folder to write to.",
)
def schemas(output: Path) -> None:
    """Write a JSON schema for each file type, generated from the records.

    Editors that know YAML schemas complete and check files whose first line names one:

        # yaml-language-server: $schema=../../docs/schemas/case.schema.json
    """
    for path in write_schemas(output):
        click.echo(str(path))
