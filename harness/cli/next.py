"""`harness next`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from harness.api.asking import assignment_csv
from harness.api.source import Asked, load_source
from harness.cli.next_words import adjudication_text, annotators_text, plan_text, replay_text
from harness.compare.adjudication import queue_of
from harness.compare.annotators import annotator_table
from harness.compare.asking import (
    RETEST_AFTER,
    RETEST_SHARE,
    TIES,
    AskingRules,
    adjudication_questions,
    next_questions,
)
from harness.compare.replayed import replay_asking
from harness.compare.source import ComparisonSource
from harness.schema.asking import Adjudication, AnnotatorTable, AskingPlan, AskingPolicy, AskingReplay
from harness.stats.ask_next import RANDOM_SHARE
from harness.stats.revealing import POLICIES, Replaying
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder

_SHARE = click.FloatRange(0.0, 1.0)
_MODES = ("adjudicate", "reliability", "replay")


@click.command("next", short_help="Say which case to ask which person about next, and why.")
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.option("--people", type=click.Path(path_type=Path, dir_okay=False), help="People's grades: a table.")
@click.option("-n", "n_questions", type=click.IntRange(min=1), default=10, show_default=True, help="Lines.")
@click.option(
    "--annotators", metavar="A,B", default="", help="Who can be asked.  [default: whoever ranked something]"
)
@click.option("--session", help="Session of people who are new.  [default: that of the last ranking]")
@click.option("--seed", type=click.IntRange(min=0), help="[default: the experiment's]")
@click.option(
    "--random-share",
    type=click.FloatRange(RANDOM_SHARE, 1.0),
    default=RANDOM_SHARE,
    show_default=True,
    help="Share of draws that go to any open case.",
)
@click.option(
    "--ties",
    type=click.Choice(TIES),
    default="chance",
    show_default=True,
    help="Between cases with fewest rankings: by chance, or the most disputed first.",
)
@click.option("--retest-share", type=_SHARE, default=RETEST_SHARE, show_default=True, help="0 = no repeats.")
@click.option(
    "--retest-after",
    type=click.IntRange(min=2),
    default=RETEST_AFTER,
    show_default=True,
    help="Rankings before a person's first repeat.",
)
@click.option("--adjudicate", is_flag=True, help="List pairs on which people split, or oppose the judges.")
@click.option("--reliability", is_flag=True, help="Show people as annotators: agreement, repeats, signals.")
@click.option("--replay", is_flag=True, help="Hide the run's rankings and ask for them in several orders.")
@click.option(
    "--policies",
    metavar="A,B",
    default=",".join(POLICIES),
    show_default=True,
    help="Orders to replay; random and fewest always are.",
)
@click.option("--seeds", type=click.IntRange(min=2), default=20, show_default=True, help="Times to replay.")
@click.option(
    "--resampled",
    type=click.IntRange(min=0, max=100),
    default=0,
    help="Replay a simulation: so many votes per case, drawn with replacement from the real ones.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print the questions as a table to fill in.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write it here.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def next_(run: Path, people: Path | None, **asked: object) -> None:
    """Say which case of RUN to ask which person about next, why, and with what probability it was drawn.

    Fewest rankings first; three draws in ten go to any open case, so that what looks settled is checked.
    Nobody is asked twice about a case, except as a planned repeat. The table that --csv prints is filled in,
    added to the people's grades and read back; its probabilities let an analysis undo the choosing.

    \b
    harness next results/my-run --people class.csv
    harness next results/my-run --people class.csv --annotators p01,p02 -n 20 -o next.csv
    harness next results/my-run --people class.csv --adjudicate
    harness next results/my-run --people class.csv --reliability
    harness next results/votes --replay --policies adaptive,judges --seeds 20
    """  # noqa: D301 - click wants the character itself
    chosen = [mode for mode in _MODES if asked[mode]]
    if len(chosen) > 1:
        raise click.UsageError(f"choose one of {', '.join(f'--{mode}' for mode in chosen)}")
    wants_table = bool(asked["as_csv"] or asked["output"])
    if wants_table and chosen not in ([], ["adjudicate"]):
        raise click.UsageError(f"--{chosen[0]} asks no questions: there is no table to fill in")
    source = load_source(RunFolder(run), Asked(people=people))
    if chosen == ["replay"]:
        _show(_replayed(source, asked), asked)
    elif chosen == ["reliability"]:
        _show(annotator_table(source), asked)
    elif chosen and not wants_table:
        _show(queue_of(source), asked)
    else:
        _hand_out(source, asked)


def _hand_out(source: ComparisonSource, asked: dict[str, object]) -> None:
    """The questions: as text, as JSON, as a table to fill in."""
    draw = adjudication_questions if asked["adjudicate"] else next_questions
    plan = draw(source, _rules(asked))
    output = cast("Path | None", asked["output"])
    if output is not None:
        write_atomically(output, [assignment_csv(plan)])
        click.echo(f"{output}: {len(plan.questions)} questions; fill in `grade`, 1 = worst", err=True)
    if asked["as_csv"]:
        click.echo(assignment_csv(plan).decode(), nl=False)
    else:
        _show(plan, asked)


_Found = AskingPlan | Adjudication | AnnotatorTable | AskingReplay


def _show(found: _Found, asked: dict[str, object]) -> None:
    if asked["as_json"]:
        click.echo(found.model_dump_json(indent=2))
    else:
        click.echo(_text(found, cast("int", asked["n_questions"])))


def _text(found: _Found, most: int) -> str:
    if isinstance(found, AskingPlan):
        return plan_text(found)
    if isinstance(found, Adjudication):
        return adjudication_text(found, most)
    return annotators_text(found) if isinstance(found, AnnotatorTable) else replay_text(found)


def _replayed(source: ComparisonSource, asked: dict[str, object]) -> AskingReplay:
    names = [name.strip() for name in cast("str", asked["policies"]).split(",") if name.strip()]
    wrong = [name for name in names if name not in POLICIES]
    if wrong:
        raise click.UsageError(f"no policy '{wrong[0]}'; there are {', '.join(POLICIES)}")
    settings = Replaying(
        n_seeds=cast("int", asked["seeds"]),
        random_share=cast("float", asked["random_share"]),
        resampled=cast("int", asked["resampled"]),
    )
    return replay_asking(
        source, cast("list[AskingPolicy]", names), settings, cast("int | None", asked["seed"])
    )


def _rules(asked: dict[str, object]) -> AskingRules:
    names = cast("str", asked["annotators"]).split(",")
    shared = ("n_questions", "seed", "session", "random_share", "ties", "retest_share", "retest_after")
    return AskingRules(
        annotators=tuple(name.strip() for name in names if name.strip()),
        **{name: asked[name] for name in shared},  # type: ignore[arg-type]
    )
