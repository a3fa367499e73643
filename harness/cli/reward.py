"""`harness reward`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from harness.schema import LANGUAGES, Language
from harness.schema.reward import REWARD_METHODS, RewardMethod

if TYPE_CHECKING:
    pass

REWARD_FILE = "reward.json"
RUN = click.argument("run", type=click.Path(path_type=Path, file_okay=False))
FILE = click.Path(path_type=Path, dir_okay=False)
PEOPLE = click.option(
    "--people", type=FILE, help="People's grades: CSV, JSONL or Parquet, one row per grade."
)
REFERENCE = click.option(
    "--reference",
    type=click.Choice(["people", "key"]),
    help="Whose grades.  [default: people if there are any, else the author's key]",
)
REWARD = click.option("--reward", "path", type=FILE, help=f"The reward model.  [default: RUN/{REWARD_FILE}]")


@click.group(short_help="Learn from people's grades which answers they would prefer.")
def reward() -> None:
    """A reward model: another annotator, which learned from people's grades.

    It predicts which of two answers the same people would prefer, in situations that it never saw, and says
    what moves it: length, hedging, refusals, referrals … and, with the extra `reward`, the meaning of texts.
    Six cases make a demonstration; its page says so, and how well chance would do.

    \b
    harness reward fit results/local-judges --people class.csv
    harness reward report results/local-judges --people class.csv
    harness reward score results/local-judges
    """  # noqa: D301 - click wants the character itself


@reward.command(short_help="Learn a reward model from the people of a run.")
@RUN
@PEOPLE
@REFERENCE
@click.option("--name", help="What to call it.  [default: after the run and the rulebook]")
@click.option(
    "--method",
    type=click.Choice(REWARD_METHODS),
    default=REWARD_METHODS[0],
    show_default=True,
    help="How ties enter.",
)
@click.option(
    "--embedding/--no-embedding",
    default=None,
    help="Read meanings too (extra `reward`).  [default: where it is installed]",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="In which the answers are read.")
@click.option(
    "--cases", "patterns", multiple=True, help="Only cases like this (`natural-*`); may be repeated."
)
@click.option(
    "--shuffles",
    type=click.IntRange(min=0),
    help="How often grades are dealt by lot, for comparison.  [default: 19 to 199, by size]",
)
@click.option("--output", "-o", type=FILE, help=f"File to write.  [default: RUN/{REWARD_FILE}]")
@click.option("--json", "as_json", is_flag=True, help="Print the reward model as JSON.")
def fit(run: Path, people: Path | None, reference: str | None, **asked: object) -> None:
    """Learn from the grades that people gave to the answers of RUN, and write the reward model.

    Each situation is then predicted by a fit that knew nothing of it; cases that share a text are left out
    together. From up to 100 situations one is left out at a time, from more a tenth.

    \b
    harness reward fit results/local-judges --people class.csv
    harness reward fit results/llmbar --cases 'natural-*' -o natural.json
    """  # noqa: D301 - click wants the character itself
    from harness.api.source import Asked, ReferenceKind, load_source
    from harness.reward import write_reward
    from harness.reward.embedding import NO_EMBEDDING, embedding_installed
    from harness.reward.learn import Wish, fit_source
    from harness.store.folder import RunFolder

    embedding = cast("bool | None", asked["embedding"])
    if embedding is None:
        embedding = embedding_installed()
        if not embedding:
            click.echo(f"only what can be counted in the texts: {NO_EMBEDDING}", err=True)
    source = load_source(RunFolder(run), Asked(people, cast("ReferenceKind | None", reference)))
    wish = Wish(
        reward_id=_identifier(cast("str | None", asked["name"]) or f"reward-{run.resolve().name}"),
        fitted_at=datetime.now(UTC).isoformat(timespec="seconds"),
        embedding=embedding,
        method=cast("RewardMethod", asked["method"]),
        language=cast("Language | None", asked["language"]),
        patterns=cast("tuple[str, ...]", asked["patterns"]),
        n_shuffles=cast("int | None", asked["shuffles"]),
    )
    found = fit_source(source, wish, lambda line: click.echo(line, err=True))
    target = cast("Path | None", asked["output"]) or run / REWARD_FILE
    write_reward(found, target)
    if asked["as_json"]:
        click.echo(target.read_bytes().decode(), nl=False)
    else:
        click.echo(str(target))
        click.echo(f"next: harness reward report {run} --reward {target}", err=True)


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.casefold()).strip("-._")[:64] or "reward"
