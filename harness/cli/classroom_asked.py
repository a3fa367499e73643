"""Options that several commands of `harness classroom` share, and the store that they name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.errors import HarnessError
from harness.schema import LANGUAGES

if TYPE_CHECKING:
    from harness.classroom.lesson import Lessons
    from harness.schema.classroom import ClassSettings

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
DATABASE = "lessons.sqlite"
_PACKAGES = ("fastapi", "uvicorn", "segno")

data_option = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("classroom-data"),
    show_default=True,
    help="Folder of the lessons: database, judges desks.",
)
db_option = click.option(
    "--db",
    "database",
    metavar="PATH|URL",
    help=f"Database: a file, or postgresql://…  [default: DATA/{DATABASE}]",
)


def where_options(command: F) -> F:
    """Add the options that say where lessons are kept."""
    return data_option(db_option(command))


def need_packages() -> None:
    """Raise HarnessError, saying what to install, where the extra is missing."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        words = f"the classroom needs {', '.join(missing)}"
        raise HarnessError(f"{words}: run `make classroom`, or pip install 'llm-judge-harness[classroom]'")


def open_lessons(data: Path, database: str | None) -> Lessons:
    """The lessons that these options name; raises StoreError."""
    from harness.classroom.lesson import Lessons
    from harness.classroom.store.choose import open_store
    from harness.store.disk import make_folder

    make_folder(data)
    return Lessons(open_store(database or data / DATABASE), data)


def with_lessons(data: Path, database: str | None, work: Callable[[Lessons], Awaitable[T]]) -> T:
    """Do something with the lessons and close them."""
    import asyncio

    async def do_and_close() -> T:
        lessons = open_lessons(data, database)
        try:
            return await work(lessons)
        finally:
            await lessons.close()

    return asyncio.run(do_and_close())


def settings_options(command: F) -> F:
    """Add the options that say what a lesson is about."""
    options = (
        click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True),
        click.option("--set", "case_set", default="annotator", show_default=True, help="Case set id."),
        click.option(
            "--case", "cases", multiple=True, help="Case id (repeatable).  [default: all of the set]"
        ),
        click.option(
            "--rulebook",
            "rulebooks",
            multiple=True,
            default=("hhh",),
            show_default=True,
            help="Rulebook id; twice: half of the class gets each.",
        ),
        click.option("--one-vote", is_flag=True, help="No second vote."),
        click.option(
            "--run", "runs", multiple=True, help="Recorded run whose judges are shown (repeatable)."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(asked: dict[str, object], *, simulated: bool = False) -> ClassSettings:
    """The settings that these options name; raises HarnessError where they do not fit together."""
    from pydantic import ValidationError

    from harness.load.content import load_case_set
    from harness.schema.classroom import ClassSettings

    case_set, _ = load_case_set(str(asked["case_set"]))
    try:
        return ClassSettings.model_validate(
            {
                "language": asked["language"],
                "case_set": case_set.set_id,
                "case_ids": asked["cases"] or case_set.case_order,
                "rulebooks": asked["rulebooks"],
                "second_vote": not asked["one_vote"],
                "runs": asked["runs"],
                "simulated": simulated,
            }
        )
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise HarnessError(f"these options make no lesson: {problems}") from error
