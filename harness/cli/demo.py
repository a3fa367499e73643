"""`harness demo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import click

from harness.cli.joint import compare_folder
from harness.cli.replay import replay_into
from harness.load.roots import shipped_root
from harness.report import render_html, render_text
from harness.schema import LANGUAGES, Language
from harness.store.folder import RunFolder

SHIPPED_RUN = "local-judges"


@click.command(short_help="Replay the recorded judges and write a report; no key, no network.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results/demo"),
    show_default=True,
    help="Run folder to write.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print where everything is, as JSON.")
def demo(output: Path, language: str, *, as_json: bool) -> None:
    """Replay what three small language models really answered, and compare them with the author's key.

    The judgements were recorded on two processor cores; nothing is asked of anyone now. The models are small,
    and the key is one person's reading: the report says so.
    """
    shipped = RunFolder(shipped_root() / "results" / SHIPPED_RUN)
    folder = RunFolder(output)
    _forget_older_demo(folder)
    finished = replay_into(shipped, folder, quiet=as_json)
    comparison = compare_folder(folder)
    page = render_html(comparison, finished.manifest, language=cast("Language", language))
    folder.write_report_bytes(page.encode())
    if as_json:
        where = {
            "run": str(folder.path),
            "report": str(folder.report_path),
            "verdicts": len(finished.verdicts),
        }
        click.echo(json.dumps(where, indent=2))
        return
    click.echo(render_text(comparison, cast("Language", language), manifest=finished.manifest))
    click.echo(f"\nreport: {folder.report_path.resolve()}")


def _forget_older_demo(folder: RunFolder) -> None:
    """A demo holds nothing that was asked: what an older version shipped gives way to what is shipped now."""
    was_asked = folder.work_path.exists()
    if folder.manifest_path.exists() and not was_asked and folder.read_manifest().run_id == SHIPPED_RUN:
        folder.manifest_path.unlink()
