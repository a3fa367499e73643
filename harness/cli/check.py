"""`harness check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from harness.errors import Problem
from harness.load.check import check_paths
from harness.load.roots import content_roots
from harness.prompt import template_problems

TEMPLATE_SUFFIX = ".j2"


@click.command(short_help="Check cases, rulebooks, judges, experiments, templates and people's grades.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON, one list.")
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check everything under PATHS (default: all content found) and report every problem at once.

    Each problem is one line: file:line: field: what is wrong, what would be right. The exit code is 0 when
    nothing is wrong and 1 otherwise. A table of people's grades (CSV, JSONL, Parquet) is checked when named.
    """
    templates = list(_templates(paths))
    others = [path for path in paths if path.suffix != TEMPLATE_SUFFIX]
    problems = check_paths(others) if others or not paths else []
    problems += [problem for path in templates for problem in template_problems(path)]
    if as_json:
        click.echo(json.dumps([_plain(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo("nothing is wrong" if not problems else f"{len(problems)} to fix", err=True)
    if problems:
        sys.exit(1)


def _templates(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Templates at or beneath the named paths; none named: those of the search path."""
    for path in paths or content_roots():
        if path.suffix == TEMPLATE_SUFFIX:
            yield path
        elif path.is_dir():
            folder = path / "prompts" / "templates"
            yield from sorted((folder if folder.is_dir() else path).rglob(f"*{TEMPLATE_SUFFIX}"))


def _plain(problem: Problem) -> dict[str, object]:
    return {
        "path": str(problem.path),
        "line": problem.line,
        "field": problem.field,
        "message": problem.message,
    }
