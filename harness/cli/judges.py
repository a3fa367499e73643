"""`harness judges`."""

from __future__ import annotations

import json

import click

from harness.load.content import load_judges


@click.command(short_help="List the judges that have a preset.")
@click.option("--json", "as_json", is_flag=True, help="Print the presets as JSON.")
def judges(*, as_json: bool) -> None:
    """List every judge preset: its id, model, protocol, and the environment variable of its key.

    A preset is a file prompts/judges/<id>.yaml; copy one to add a judge.
    """
    specs = load_judges()
    if as_json:
        content = [spec.model_dump(mode="json", exclude_none=True) for spec in specs]
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    for spec in specs:
        key = f"  key in {spec.api_key_env}" if spec.api_key_env else ""
        click.echo(f"{spec.judge_id:32} {spec.protocol:9} {spec.model_id}{key}")
