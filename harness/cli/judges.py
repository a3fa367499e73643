"""`harness judges`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.load.content import load_experiment, load_judges

if TYPE_CHECKING:
    from harness.schema import CapabilityTable, JudgeCapabilities, JudgeSpec, Language

EXIT_UNUSABLE = 1
_SIGNS = {"yes": "yes", "no": "NO", "ignored": "IGNORED", "not_asked": "-", "unknown": "?"}


@click.group(short_help="List the judges that have a preset, or check them.", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the presets as JSON.")
@click.pass_context
def judges(ctx: click.Context, *, as_json: bool) -> None:
    """List every judge preset: its id, model, protocol, and the environment variable of its key.

    A preset is a file prompts/judges/<id>.yaml; copy one to add a judge. `harness judges check` asks each of
    them one tiny thing.
    """
    if ctx.invoked_subcommand is not None:
        return
    specs = load_judges()
    if as_json:
        content = [spec.model_dump(mode="json", exclude_none=True) for spec in specs]
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    for spec in specs:
        key = f"  key in {spec.api_key_env}" if spec.api_key_env else ""
        click.echo(f"{spec.judge_id:32} {spec.protocol:9} {spec.model_id}{key}")


@judges.command(short_help="Ask each judge one tiny thing: key, model, and what is refused.")
@click.argument("judge", nargs=-1)
@click.option("--experiment", help="Check the judges of this experiment (an id or a YAML file).")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the capability table, for `harness run --capabilities FILE`.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the capability table as JSON.")
def check(judge: tuple[str, ...], experiment: str | None, write: Path | None, *, as_json: bool) -> None:
    """Make one tiny real call to each JUDGE (an id or a file), and say what its provider takes.

    Is the key there, does the model exist, is the form of the reply honoured, are token probabilities given,
    are temperature, seed and the other parameters taken? One call where all is well; where the request is
    refused, a few more find out what it is. The calls are paid like any others; nothing is recorded.

    \b
    harness judges check openai-gpt mistral
    harness judges check --experiment my-experiment.yaml --write capabilities.json
    harness run my-experiment.yaml --capabilities capabilities.json

    Exit code 0: every judge would answer; 1: one of them would not.
    """  # noqa: D301 - click wants the character itself
    specs, language = _asked(judge, experiment)
    from harness.run.probing import check_judges

    table = asyncio.run(check_judges(specs, language=language))
    if write is not None:
        write.write_text(f"{table.model_dump_json(indent=2)}\n", encoding="utf-8")
    click.echo(table.model_dump_json(indent=2) if as_json else table_text(table))
    if not all(one.usable for one in table.judges):
        sys.exit(EXIT_UNUSABLE)


def _asked(judge: tuple[str, ...], experiment: str | None) -> tuple[tuple[JudgeSpec, ...], Language]:
    if judge and experiment:
        raise click.UsageError("name judges or an experiment, not both")
    if experiment:
        loaded = load_experiment(experiment)
        names = dict.fromkeys(name for part in loaded.parts for name in part.judges)
        return load_judges(names), loaded.parts[0].languages[0]
    if not judge:
        raise click.UsageError("name the judges to check, or --experiment; `harness judges` lists them")
    return load_judges(judge), "en"


def table_text(table: CapabilityTable) -> str:
    """The table for people: what was asked, what was answered, and what a run would leave out."""
    return "\n".join(line for one in table.judges for line in _lines(one))


def _lines(one: JudgeCapabilities) -> list[str]:
    state = "usable" if one.usable else "NOT USABLE"
    calls = f"{one.n_calls} call{'' if one.n_calls == 1 else 's'}"
    lines = [f"{one.judge_id}  {one.model_id}  {state}  ({calls})"]
    for trait in one.traits:
        words = f"  {trait.words}" if trait.words else ""
        lines.append(f"  {trait.name:18} {_SIGNS[trait.answer]:8}{words}".rstrip())
    if one.dropped:
        lines.append(
            f"  refused: {', '.join(one.dropped)}; `harness run --capabilities FILE` leaves that out, or "
            "take it out of the preset"
        )
    return lines
