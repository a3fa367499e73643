"""`harness import`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from harness.formats.assemble import count_kinds
from harness.formats.base import Format
from harness.formats.importing import Asked, Import, import_files
from harness.formats.registry import FORMATS, find_format
from harness.schema import AnnotatorKind, FailedVerdict, RankedVerdict, Verdict

_KINDS: tuple[tuple[AnnotatorKind, str], ...] = (("judge", "judges"), ("person", "people"), ("key", "keys"))


class ImportCommand(click.Command):
    """Lists the formats below the options; a reader is loaded when its name is shown or asked for."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of formats."""
        with formatter.section("Formats"):
            formatter.write_dl([(name, _summary(name)) for name in FORMATS])
        super().format_epilog(ctx, formatter)


@click.command(
    "import",
    cls=ImportCommand,
    short_help="Read other tools' verdicts and people's votes as a run.",
    epilog="harness import FORMAT --formats says what a format expects, with an example.",
)
@click.argument("name", metavar="FORMAT", required=False)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), help="Run folder to write.")
@click.option("--option", "given", multiple=True, metavar="KEY=VALUE", help="An option of the format.")
@click.option("--title", help="Title of the run in reports.  [default: the format's own]")
@click.option("--formats", "explain", is_flag=True, help="Explain FORMAT, or all of them, and read nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def import_(
    name: str | None,
    paths: tuple[Path, ...],
    output: Path | None,
    *,
    given: tuple[str, ...],
    title: str | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Read verdicts that others collected, and write them as a run that can be compared and reported.

    Nobody is asked anything. Ties, refusals and what could not be read are kept apart; what is left out is
    counted and said. The folder holds the cases, so it can be moved and shared like any run.

    \b
    harness import pairwise votes.csv -o results/votes
    harness import scores grades.csv -o results/grades --option lower_is_better=true
    harness compare results/votes
    """  # noqa: D301 - click wants the character itself
    if explain:
        click.echo("\n".join(explain_format(FORMATS[one]) for one in ([name] if name else FORMATS)))
        return
    if name is None:
        raise click.UsageError("name a format: harness import --help lists them")
    find_format(name)
    if not paths or output is None:
        missing = "name the files to read" if not paths else "name the run folder to write: -o FOLDER"
        raise click.UsageError(f"{missing}; {name} expects {FORMATS[name].expects}")
    done = import_files(Asked(name, paths, _options(given), title), output)
    for line in account(done):
        click.echo(line, err=True)
    click.echo(json.dumps(summary(done), indent=2, ensure_ascii=False) if as_json else str(output))


def _summary(name: str) -> str:
    """One line about a format; a reader that cannot be loaded hides no other."""
    try:
        return FORMATS[name].summary
    except ImportError as error:
        return f"(cannot be loaded here: {error})"


def explain_format(found: Format) -> str:
    """What a format reads, its options and an example, as text."""
    lines = [f"{found.name}: {found.summary}", f"  expects: {found.expects}"]
    lines += [f"  column {column}: {holds}" for column, holds in found.columns.items()]
    lines += [f"  --option {option}=...: {meaning}" for option, meaning in found.options.items()]
    if found.example:
        lines += ["  example:", *(f"    {line}" for line in found.example.strip("\n").splitlines())]
    return "\n".join([*lines, ""])


def account(done: Import) -> list[str]:
    """What was read and what was left out, for people."""
    numbers = summary(done)
    kinds = count_kinds((*done.assembled.judges, *done.assembled.people))
    who = [f"{kinds[kind]:,} {words}" for kind, words in _KINDS if kind in kinds]
    n_answers = sum(len(case.answers) for case in done.imported.cases)
    lines = [
        f"read: {len(done.imported.cases):,} cases with {n_answers:,} answers; {', '.join(who) or 'nobody'}",
        _verdict_line("verdicts of judges", done.assembled.judges),
        _verdict_line("verdicts of people and keys", done.assembled.people),
    ]
    if not done.imported.people_known:
        lines.append("who voted is not known: nothing can be said per person")
    notes = [f"note: {note}" for note in done.imported.notes]
    return [*lines, *notes, f"next: harness compare {numbers['run']}"]


def _verdict_line(what: str, verdicts: Sequence[Verdict]) -> str:
    ranked = [verdict for verdict in verdicts if isinstance(verdict, RankedVerdict)]
    n_tied = sum(len(set(verdict.grades.values())) < len(verdict.grades) for verdict in ranked)
    failures = _failures(verdicts)
    failed = "".join(f"; {count:,} {reason}" for reason, count in failures.items())
    return f"{what}: {len(verdicts):,}; {n_tied:,} with ties{failed}"


def _failures(verdicts: Iterable[Verdict]) -> dict[str, int]:
    reasons = Counter(verdict.failure for verdict in verdicts if isinstance(verdict, FailedVerdict))
    return {reason: reasons[reason] for reason in sorted(reasons)}


def summary(done: Import) -> dict[str, object]:
    """What an import holds, for programs."""
    kinds = count_kinds((*done.assembled.judges, *done.assembled.people))
    return {
        "run": str(done.folder.path),
        "cases": len(done.imported.cases),
        **{words: kinds.get(kind, 0) for kind, words in _KINDS},
        "verdicts": len(done.assembled.judges),
        "people_verdicts": len(done.assembled.people),
        "failed": _failures((*done.assembled.judges, *done.assembled.people)),
        "people_known": done.imported.people_known,
        "notes": list(done.imported.notes),
        "store_sha256": done.folder.imported_digest(),
    }


def _options(given: Sequence[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in given:
        key, mark, value = pair.partition("=")
        if not mark or not key.strip():
            raise click.UsageError(f"--option takes KEY=VALUE, found '{pair}'")
        if key.strip() in options:
            raise click.UsageError(f"--option {key.strip()} is given twice")
        options[key.strip()] = value.strip()
    return options
