"""`harness export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast

import click

from harness.api.exporting import Export, Order, Privacy, export_run
from harness.formats.out.base import ANNOTATORS, STYLES, TABLE_KINDS, TIES, TRAINERS, WHO, Choices
from harness.formats.out.privacy import DEFAULT_K
from harness.formats.out.registry import SUMMARIES
from harness.schema import LANGUAGES
from harness.store.disk import read_bytes
from harness.store.folder import RunFolder


class ExportCommand(click.Command):
    """Lists the formats below the options."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of formats."""
        with formatter.section("Formats"):
            formatter.write_dl(list(SUMMARIES.items()))
        super().format_epilog(ctx, formatter)


@click.command(
    cls=ExportCommand,
    short_help="Write what a run says as files for other tools.",
    epilog="Every export holds README.md, which says what is in it, and export.json with its account.",
)
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.option("--to", "name", required=True, metavar="FORMAT", help="What to write; see below.")
@click.option(
    "--output", "-o", required=True, type=click.Path(path_type=Path, file_okay=False), help="New folder."
)
@click.option("--people", type=click.Path(path_type=Path, dir_okay=False), help="People's grades: a table.")
@click.option("--who", type=click.Choice(WHO), help="Whose verdicts.  [default: people; card: both]")
@click.option("--rulebook", "rulebooks", multiple=True, help="Only verdicts under it; may be repeated.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Texts in it.  [default: as each was read]")
@click.option("--with-key", is_flag=True, help="The author's key too, marked as a key, never as a person.")
@click.option("--simulated", is_flag=True, help="Export simulated people too; every file marks them.")
@click.option(
    "--table", type=click.Choice(TABLE_KINDS), default="csv", show_default=True, help="long: kind of table."
)
@click.option(
    "--ties", type=click.Choice(TIES), default="drop", show_default=True,
    help="Pairs: a tie is dropped, or kept as two rows with margin 0; both are counted.",
)  # fmt: skip
@click.option(
    "--annotators", type=click.Choice(ANNOTATORS), default="keep", show_default=True,
    help="Pairs: one row per annotator, or the majority with its counts and without names.",
)  # fmt: skip
@click.option("--trainer", type=click.Choice(TRAINERS), default="dpo", show_default=True, help="Pairs.")
@click.option("--style", type=click.Choice(STYLES), default="chat", show_default=True, help="Pairs.")
@click.option(
    "--test-share", type=click.FloatRange(0, 0.9), default=0.0, show_default=True,
    help="Share of the cases that stand aside for testing; a message never stands on both sides.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws the split.")
@click.option("--pseudonymise", "pseudonymised", is_flag=True, help="New names for people and sessions.")
@click.option(
    "--pseudonym-key", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with a secret of 16 bytes or more: the same person, the same pseudonym in every export.",
)  # fmt: skip
@click.option(
    "--mapping", type=click.Path(path_type=Path, dir_okay=False),
    help="Write who got which pseudonym into this file, outside the export.  [default: nowhere]",
)  # fmt: skip
@click.option(
    "--k", type=click.IntRange(min=2), default=DEFAULT_K, show_default=True,
    help="People who share session, rulebook and language with fewer others are told apart.",
)  # fmt: skip
@click.option(
    "--small-groups",
    type=click.Choice(["refuse", "warn"]),
    help="What to do about groups under k.  [default: refuse with --pseudonymise, else warn]",
)
@click.option(
    "--redact/--no-redact", "redact", default=None,
    help="Replace personal data in free text.  [default: yes with --pseudonymise, else no]",
)  # fmt: skip
@click.option(
    "--names-with", "pipelines", multiple=True, metavar="PIPELINE",
    help="Redact: a spaCy pipeline installed here that finds names of people; may be repeated.",
)  # fmt: skip
@click.option("--consent", default="", metavar="WORDS", help="What people agreed to, for the card.")
@click.option(
    "--keep-until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="When the export is to be deleted, for the card.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def export(run: Path, name: str, output: Path, *, as_json: bool, **asked: object) -> None:
    """Write what RUN says as files for other tools: tables, training pairs, annotation tasks, evaluations.

    The run may be one of your own (name people's grades with --people), imported, or a lesson of the
    classroom. Commentaries are never exported, the author's key only on demand and never as a person.

    \b
    harness export results/my-class --to long -o class-table
    harness export results/my-class --to pairs -o pairs --annotators pool --test-share 0.2
    harness export results/local-judges --to rankings --who judges -o rankings
    harness export results/my-class --to datasets --pseudonymise -o to-publish
    harness export results/my-class --to card -o what-it-holds
    """  # noqa: D301 - click wants the character itself
    people, privacy = cast("Path | None", asked.pop("people")), _privacy(asked)
    asked["who"] = asked["who"] or ("both" if name == "card" else "people")
    choices = Choices(**asked)  # type: ignore[arg-type]
    done = export_run(RunFolder(run), Order(name, output, choices, people, privacy))
    for line in _account(done):
        click.echo(line, err=True)
    click.echo(
        (output / "export.json").read_text(encoding="utf-8") if as_json else str(output), nl=not as_json
    )


def _privacy(asked: dict[str, object]) -> Privacy:
    """Take the options about people out of the others."""
    pseudonymised, small = bool(asked.pop("pseudonymised")), asked.pop("small_groups")
    key, mapping = (cast("Path | None", asked.pop(name)) for name in ("pseudonym_key", "mapping"))
    if not pseudonymised and (key is not None or mapping is not None):
        raise click.UsageError("--pseudonym-key and --mapping belong to --pseudonymise")
    secret = None if key is None else read_bytes(key, "key of the pseudonyms").strip()
    refuse = None if small is None else small == "refuse"
    redact, pipelines = asked.pop("redact"), cast("tuple[str, ...]", asked.pop("pipelines"))
    redact = pseudonymised if redact is None else bool(redact)
    if pipelines and not redact:
        raise click.UsageError("--names-with belongs to --redact")
    consent, until = cast("str", asked.pop("consent")), cast("datetime | None", asked.pop("keep_until"))
    kept = "" if until is None else until.date().isoformat()
    k = cast("int", asked.pop("k"))
    return Privacy(pseudonymised, secret, mapping, k, refuse, redact, pipelines, consent, kept)


def _account(done: Export) -> list[str]:
    counted = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in done.counts.items())
    lines = [f"wrote: {', '.join(done.files)}", f"counts: {counted}"] if counted else []
    lines += [f"note: {note}" for note in done.notes]
    return [*lines, *(f"warning: {words}" for words in done.warnings)]
