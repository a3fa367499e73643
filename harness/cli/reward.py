"""`harness reward`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from harness.schema import LANGUAGES, Language
from harness.schema.reward import REWARD_METHODS, RewardMethod

if TYPE_CHECKING:
    pass

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Thousands of small products: more threads wait for each other, at five times the processor time."""

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
@click.option("--name", help="What to call it.  [default: reward-RUN]")
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
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
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


@reward.command(short_help="Let a reward model grade the cases of a run, as one more annotator.")
@RUN
@REWARD
@click.option("--json", "as_json", is_flag=True, help="Print what it says as JSON.")
def score(run: Path, path: Path | None, *, as_json: bool) -> None:
    """Write what a reward model says of every case of RUN into RUN/reward.jsonl.

    `harness compare` and `harness report` then show it as a row and as a point on the map, apart from judges
    and people. A case whose situation it learned is predicted by the fit that left it out.

    \b
    harness reward score results/local-judges
    harness reward score results/tuesday --reward results/monday/reward.json
    """  # noqa: D301 - click wants the character itself
    from harness.api.source import load_cases
    from harness.reward.scoring import score_run
    from harness.schema import canonical_json
    from harness.store.folder import RunFolder
    from harness.store.learned import LEARNED_FILE

    folder = RunFolder(run)
    readings = score_run(folder, load_cases(folder), path or run / REWARD_FILE)
    source = readings.source
    click.echo(
        f"{source.n_held_out} cases predicted without having learned from them, {source.n_new} new ones, "
        f"{source.n_left_out} left out",
        err=True,
    )
    click.echo(canonical_json(readings).decode() if as_json else str(run / LEARNED_FILE))


@reward.command(short_help="Write the page of a reward model.")
@RUN
@REWARD
@PEOPLE
@REFERENCE
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--output", "-o", type=FILE, help="File to write.  [default: RUN/reward.html]")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, and write no page.")
def report(run: Path, path: Path | None, people: Path | None, reference: str | None, **shown: object) -> None:
    """Write a page about the reward model that learned from RUN: accuracy, what moves it, case by case.

    Name the same people as for `harness reward fit`.

    \b
    harness reward report results/local-judges --people class.csv
    """  # noqa: D301 - click wants the character itself
    from harness.api.source import Asked, ReferenceKind, load_source
    from harness.report.reward import render_reward, render_reward_text
    from harness.reward import load_reward
    from harness.reward.told import build_report
    from harness.schema import canonical_json
    from harness.store.disk import write_atomically
    from harness.store.folder import RunFolder

    language = cast("Language", shown["language"])
    source = load_source(RunFolder(run), Asked(people, cast("ReferenceKind | None", reference)))
    found = build_report(load_reward(path or run / REWARD_FILE), source)
    if shown["as_json"]:
        click.echo(canonical_json(found).decode())
        return
    target = cast("Path | None", shown["output"]) or run / "reward.html"
    write_atomically(target, [render_reward(found, language).encode()])
    click.echo(render_reward_text(found, language), err=True, nl=False)
    click.echo(str(target))
