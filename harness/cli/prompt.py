"""`harness prompt`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import click

from harness.cli.asked import shots_option
from harness.errors import HarnessError
from harness.load.content import load_case_set, load_judge
from harness.prompt import describe_messages, is_local
from harness.run.content import gather_content
from harness.run.plan import Call, PlannedCell, plan_run
from harness.run.shots import with_shots_of
from harness.schema import LANGUAGES, WORDINGS, Experiment, Language, Part, Wording


@click.command(short_help="Print exactly what a judge is sent.")
@click.argument("case_id")
@click.option("--set", "case_set", default="annotator", show_default=True, help="Case set id.")
@click.option("--judge", "judge_id", default="openai-gpt", show_default=True, help="Judge: an id or a file.")
@click.option("--rulebook", "rulebook_id", default="hhh", show_default=True, help="Rulebook id.")
@click.option("--wording", type=click.Choice(WORDINGS), default="base", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option(
    "--repeat", type=click.IntRange(min=0), default=0, show_default=True, help="Which presentation, from 0."
)
@click.option("--pair", type=click.IntRange(min=1), help="Pairwise: only this call of the repeat, from 1.")
@click.option("--seed", type=click.IntRange(min=0), default=20261121, show_default=True)
@click.option("--dimensions", is_flag=True, help="Also ask for helpful, honest and harmless grades.")
@shots_option
@click.option("--json", "as_json", is_flag=True, help="Print whole requests: key, messages, parameters.")
def prompt(case_id: str, repeat: int, pair: int | None, *, as_json: bool, **asked: object) -> None:
    """Print exactly what a judge is sent for one case: nothing is asked of anyone.

    \b
    harness prompt ibuprofen
    harness prompt poem --rulebook comfort-first --language en --repeat 2
    harness prompt poem --judge qwen2.5-coder-1.5b-pairwise --pair 3
    harness prompt poem --judge openai-gpt.shots-2 --shots-from grades.csv
    """  # noqa: D301 - click wants the character itself
    planned = _plan(case_id, asked)
    if repeat >= len(planned):
        raise click.BadParameter(f"this case has {len(planned)} presentations: 0 to {len(planned) - 1}")
    calls = planned[repeat].calls
    if pair is not None:
        if pair > len(calls):
            raise click.BadParameter(f"a repeat of this judge has {len(calls)} calls")
        calls = calls[pair - 1 : pair]
    if as_json:
        click.echo(json.dumps([_plain(call) for call in calls], ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(describe_messages(call.request.messages) for call in calls))


def _plan(case_id: str, asked: dict[str, object]) -> tuple[PlannedCell, ...]:
    spec = load_judge(str(asked["judge_id"]))
    case_set, _ = load_case_set(str(asked["case_set"]))
    part = Part(
        part_id="prompt",
        judges=(spec.judge_id,),
        rulebooks=(str(asked["rulebook_id"]),),
        wordings=(cast("Wording", asked["wording"]),),
        languages=(cast("Language", asked["language"]),),
    )
    experiment = Experiment(
        experiment_id="prompt",
        title={"en": "prompt"},
        case_set=case_set.set_id,
        seed=cast("int", asked["seed"]),
        dimensions=bool(asked["dimensions"]),
        parts=(part,),
    )
    content = gather_content(experiment, {spec.judge_id: spec})
    content = with_shots_of(content, None, cast("Path | None", asked["shots_from"]))
    if case_id not in content.cases:
        raise HarnessError(f"no case '{case_id}' in this set; it has {', '.join(content.cases)}")
    chosen = experiment.model_copy(update={"parts": (part.model_copy(update={"cases": (case_id,)}),)})
    return plan_run(chosen, content, {spec.judge_id: {}})


def _plain(call: Call) -> dict[str, object]:
    # A local model's key also holds its weights and runtime, which nobody needs to read a prompt.
    known = {} if is_local(call.request.model_id) else {"key": call.key}
    return {
        **known,
        **call.request.model_dump(mode="json"),
        "origin": call.origin.model_dump(mode="json"),
    }
