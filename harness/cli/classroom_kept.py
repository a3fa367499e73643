"""`harness classroom list | link | export | delete | rehearse`: what is done without the pages."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.classroom_asked import (
    need_packages,
    settings_of,
    settings_options,
    where_options,
    with_lessons,
)

if TYPE_CHECKING:
    from harness.classroom.lesson import Lessons
    from harness.classroom.store.base import ClassStore
    from harness.schema.classroom import ClassSession

DEFAULT_URL = "http://127.0.0.1:8000"


@click.command("list", short_help="List the lessons that are kept on this machine.")
@where_options
@click.option("--json", "as_json", is_flag=True, help="As JSON, without secrets.")
def list_(data: Path, database: str | None, *, as_json: bool) -> None:
    """List the lessons that are kept: code, stage, people, and when each is deleted."""

    async def read(lessons: Lessons) -> list[tuple[ClassSession, int]]:
        return [(one, _n_pupils(lessons.store, one)) for one in await lessons.sessions()]

    found = with_lessons(data, database, read)
    if as_json:
        click.echo(json.dumps([_plain(*one) for one in found], ensure_ascii=False, indent=2))
        return
    for session, n_pupils in found:
        ends = datetime.fromisoformat(session.expires_at).astimezone()
        simulated = "  simulated" if session.settings.simulated else ""
        words = f"{session.state.stage:<8}  {n_pupils:>4} people  until {ends:%Y-%m-%d %H:%M}{simulated}"
        click.echo(f"{session.session_id}  {session.code}  {words}")
    if not found:
        click.echo("no lessons", err=True)


@click.command(short_help="Make a further teacher's link of a lesson.")
@click.argument("session_id")
@where_options
@click.option("--url", default=DEFAULT_URL, show_default=True, help="Address under which the server runs.")
def link(session_id: str, data: Path, database: str | None, url: str) -> None:
    """Print a further teacher's link of SESSION_ID, for whoever lost the first; the others stay good."""
    token = with_lessons(data, database, lambda lessons: lessons.add_teacher_link(session_id))
    click.echo(f"{url.rstrip('/')}/t/{session_id}#k={token}")


@click.command(short_help="Write a lesson as a run folder.")
@click.argument("session_id")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Folder, or a .csv file for the grades alone.  [default: SESSION_ID]",
)
@click.option(
    "--separator", type=click.Choice([";", ","]), default=";", show_default=True, help="Of the CSV."
)
@where_options
def export(session_id: str, output: Path | None, separator: str, data: Path, database: str | None) -> None:
    """Write SESSION_ID as a run folder that `compare`, `report` and `export` read like any other.

    \b
    harness classroom list
    harness classroom export 2026-11-22-k7qx-3f1a -o results/monday
    harness classroom export 2026-11-22-k7qx-3f1a -o monday.csv
    """  # noqa: D301 - click wants the character itself
    target = output or Path(session_id)
    if target.suffix == ".csv":
        from harness.store.disk import write_atomically

        table = with_lessons(data, database, lambda lessons: lessons.table(session_id, separator))  # type: ignore[arg-type]
        write_atomically(target, [table.encode()])
    else:
        done = with_lessons(data, database, lambda lessons: lessons.export(session_id, target))
        click.echo(f"{done.n_people} people, {done.n_judges} judges", err=True)
    click.echo(str(target))


@click.command(short_help="Delete a lesson, now and for good.")
@click.argument("session_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@where_options
def delete(session_id: str, *, yes: bool, data: Path, database: str | None) -> None:
    """Delete SESSION_ID: grades, pseudonyms, added judges; no byte of it stays in the database file."""
    if not yes:
        click.confirm(f"delete {session_id} for good?", abort=True)

    async def forget(lessons: Lessons) -> None:
        await lessons.session(session_id)
        await lessons.delete(session_id)

    with_lessons(data, database, forget)
    click.echo(f"deleted {session_id}", err=True)


@click.command(short_help="Begin a rehearsal with invented pupils.")
@click.option("--pupils", type=click.IntRange(1, 2000), default=30, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Other invented pupils."
)
@settings_options
@where_options
@click.option("--url", default=DEFAULT_URL, show_default=True, help="Address under which the server runs.")
def rehearse(pupils: int, seed: int, data: Path, database: str | None, url: str, **asked: object) -> None:
    """Begin a lesson that invented pupils fill, and print its teacher's link: every screen to try alone.

    Each screen and each export of it says SIMULATED.
    """
    need_packages()
    settings = settings_of(asked, simulated=True)

    async def begin(lessons: Lessons) -> tuple[str, str]:
        session, token = await lessons.begin(settings)
        await lessons.rehearse(session.session_id, pupils, seed)
        return session.session_id, token

    session_id, token = with_lessons(data, database, begin)
    click.echo(f"{url.rstrip('/')}/t/{session_id}#k={token}")


def _n_pupils(store: ClassStore, session: ClassSession) -> int:
    return len(store.pupils(session.session_id))


def _plain(session: ClassSession, n_pupils: int) -> dict[str, object]:
    """A lesson without its seed, which opens the projector's page."""
    return {
        "session_id": session.session_id,
        "code": session.code,
        "title": session.settings.title,
        "stage": session.state.stage,
        "simulated": session.settings.simulated,
        "n_pupils": n_pupils,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    }
