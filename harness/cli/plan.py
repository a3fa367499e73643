"""`harness plan`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import cast

import click

from harness.api.source import Asked, load_source
from harness.cli.plan_words import plan_text
from harness.compare.plan import PlanAsked, StudyPlan, plan_study
from harness.schema import LANGUAGES, Language
from harness.store.folder import RunFolder

AT_LEAST_ONE = click.IntRange(min=1)


@click.command(short_help="Say how many cases, people and runs a study needs.")
@click.option("--half-width", type=float, default=0.1, show_default=True, help="In units of tau_x.")
@click.option("--cases", "n_cases", type=AT_LEAST_ONE, help="Cases, if their number is fixed.")
@click.option("--people", "n_people", type=AT_LEAST_ONE, help="People per case, if fixed.")
@click.option("--runs", "n_runs", type=AT_LEAST_ONE, help="Runs of each judge per case, if fixed.")
@click.option(
    "--judges", "n_judges", type=AT_LEAST_ONE, default=4, show_default=True, help="How many judges."
)
@click.option(
    "--rulebooks", "n_rulebooks", type=AT_LEAST_ONE, default=4, show_default=True, help="How many rulebooks."
)
@click.option(
    "--paired",
    type=click.Choice(["people", "judges"]),
    help="Only a difference on the same cases: judge minus people's own agreement, or judge minus judge.",
)
@click.option(
    "--from",
    "pilot",
    type=click.Path(path_type=Path, file_okay=False),
    help="A run to learn the variation from: six cases, three people, two runs at least.",
)
@click.option(
    "--grades", type=click.Path(path_type=Path, dir_okay=False), help="People's grades of that run: a table."
)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(
    pilot: Path | None,
    grades: Path | None,
    *,
    paired: str | None,
    language: str,
    as_json: bool,
    **sizes: float | None,
) -> None:
    """Say how many cases, people and runs a study needs to be as sharp as you want.

    Without a size that is fixed: the fewest cases for several numbers of people and runs. With --cases: the
    fewest people, or that no number of them is enough. With all three: how sharp that design is.

    \b
    harness plan --half-width 0.1
    harness plan --cases 30 --runs 3
    harness plan --from results/pilot --grades class.csv --paired judges
    """  # noqa: D301 - click wants the character itself
    source = None if pilot is None else load_source(RunFolder(pilot), Asked(people=grades))
    found = plan_study(PlanAsked(**sizes), source)  # type: ignore[arg-type]
    if pilot is not None and found.source == "published_world":
        click.echo(f"{pilot}: too small to learn the variation from; a simulated world stands in", err=True)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        click.echo(plan_text(found, cast("Language", language), paired))


def _plain(found: StudyPlan) -> dict[str, object]:
    return {**asdict(found), "spread": found.spread._asdict()}
