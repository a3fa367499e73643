"""`harness estimate`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from harness.cli.asked import AskedOptions, experiment_options, shots_option
from harness.cli.estimate_words import estimate_text
from harness.run.estimate import RunEstimate, estimate_run
from harness.run.expected import Range
from harness.store.folder import RunFolder


@click.command(short_help="Say what a run will ask, cost, take, and be able to show.")
@click.argument("experiment")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Run folder whose recordings count as asked.  [default: results/EXPERIMENT_ID]",
)
@experiment_options
@shots_option
@click.option("--json", "as_json", is_flag=True, help="Print the estimate as JSON.")
def estimate(
    experiment: str, output: Path | None, shots_from: Path | None, *, as_json: bool, **asked: object
) -> None:
    """Plan EXPERIMENT (an id or a YAML file) without asking anyone: calls, tokens, money, time, sharpness.

    Calls that the run folder holds already are not asked again. Tokens and seconds are learnt from a judge's
    recorded calls where there are any, else assumed with a wide range. Money comes from the price in the
    preset, with its date and source; a price that is not there is unknown, never nothing.

    \b
    harness estimate my-experiment.yaml
    harness estimate my-experiment.yaml --set parts.PART.repeats=2 --judges openai-gpt,mistral
    """  # noqa: D301 - click wants the character itself
    options = AskedOptions(**asked)  # type: ignore[arg-type]
    loaded = options.experiment(experiment)
    folder = RunFolder(output or Path("results", loaded.experiment_id))
    found = estimate_run(loaded, folder, options.table(), shots_from)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        click.echo(estimate_text(found))


def _plain(found: RunEstimate) -> dict[str, Any]:
    """Ranges as `{low, high}`, prices with date and source; what is unknown is null."""
    content = asdict(found)
    content["judges"] = [
        {
            **{name: _value(getattr(one, name)) for name in asdict(one) if name != "price"},
            "price": one.price.model_dump(mode="json") if one.price else None,
            "batches": one.batches.model_dump(mode="json") if one.batches else None,
        }
        for one in found.judges
    ]
    return content | {"usd": found.usd._asdict(), "seconds": found.seconds._asdict()}


def _value(value: object) -> object:
    return value._asdict() if isinstance(value, Range) else value
