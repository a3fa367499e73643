"""`harness classroom serve`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from harness.cli.classroom_asked import need_packages, open_lessons, where_options
from harness.schema import LANGUAGES, Language

if TYPE_CHECKING:
    from harness.classroom.web.options import WebOptions

SECRET_VARIABLE = "HARNESS_CLASSROOM_SECRET"  # noqa: S105 - the name of a variable
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a class reaches the teacher's machine over its network


class _Asked(NamedTuple):
    """What the command line says."""

    host: str
    port: int | None
    data: Path
    database: str | None
    language: Language
    public_url: str | None
    proxies: tuple[str, ...]
    names: tuple[str, ...]
    retention_h: float
    closing: Path | None
    anyone: bool
    no_browser: bool


@click.command(short_help="Serve the class's pages from this machine (the default).")
@click.option("--host", default=EVERYWHERE, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: the first free one from 8000]")
@where_options
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="fr",
    show_default=True,
    help="Of pages that belong to no lesson.",
)
@click.option("--public-url", metavar="URL", help="https://… under which a proxy shows this server.")
@click.option(
    "--proxy", "proxies", multiple=True, metavar="ADDRESS", help="Take this proxy's word on who asks."
)
@click.option("--name", "names", multiple=True, metavar="HOST", help="Answer under this name only.")
@click.option(
    "--retention-hours",
    "retention_h",
    type=click.FloatRange(min=0, min_open=True, max=24 * 366),
    default=24.0,
    show_default=True,
    help="Hours until a new lesson is deleted; the form proposes the nearest.",
)
@click.option(
    "--closing",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with a closing.yaml of your own.",
)
@click.option("--anyone", is_flag=True, help="Let anyone who reaches the server begin a lesson.")
@click.option("--no-browser", is_flag=True, help="Open no browser on this machine.")
def serve(**asked: object) -> None:
    """Serve a class: pupils join with a QR code or four signs, the teacher conducts, a projector shows.

    \b
    harness classroom
    harness classroom --language en --port 8080
    harness classroom --db postgresql://… --public-url https://class.example --proxy 127.0.0.1

    Whoever has the teacher's link that is printed here can begin lessons. Its secret is drawn anew each time,
    unless HARNESS_CLASSROOM_SECRET holds one. Nothing is logged about who asks. Options that name a proxy or
    a name may be given several times.
    """  # noqa: D301 - click wants the character itself
    need_packages()
    _serve(_Asked(**asked))  # type: ignore[arg-type]


def _serve(asked: _Asked) -> None:
    from harness.classroom.web import serve as server

    options = _options(asked)
    place = server.Place(asked.host, asked.port, asked.proxies)
    bound = server.bind(place)
    own = server.own_url(place, bound)
    lessons = open_lessons(asked.data, asked.database)
    _announce((options.public_url,) if options.public_url else server.shown_urls(place, bound), own, options)
    if not asked.no_browser and sys.stdout.isatty():
        server.open_browser(_teacher_url(own, options))
    server.serve(lessons, options, place, bound)


def _options(asked: _Asked) -> WebOptions:
    from harness.classroom.web.options import WebOptions, new_secret

    secret = "" if asked.anyone else os.environ.get(SECRET_VARIABLE) or new_secret()
    return WebOptions(
        host_secret=secret,
        language=asked.language,
        public_url=asked.public_url,
        hosts=asked.names,
        closing=asked.closing,
        retention_h=asked.retention_h,
        shared="://" in (asked.database or ""),
    )


def _announce(urls: tuple[str, ...], own: str, options: WebOptions) -> None:
    """Say where the class goes and where the teacher goes; the QR code holds the class's address."""
    from harness.classroom.web.qr import qr_terminal

    if sys.stdout.isatty():
        click.echo(qr_terminal(urls[0]))
    click.echo(f"class      {urls[0]}")
    for url in urls[1:]:
        click.echo(f"      or   {url}")
    click.echo(f"teacher    {_teacher_url(own, options)}")
    if urls[0] != own:
        click.echo(f"      or   {_teacher_url(urls[0], options)}   (from another device; do not project it)")
    click.echo(f"room test  {urls[0]}/room")
    click.echo("Ctrl-C ends; lessons are kept until their time is over.", err=True)


def _teacher_url(base: str, options: WebOptions) -> str:
    return f"{base}/new#k={options.host_secret}" if options.host_secret else f"{base}/new"
