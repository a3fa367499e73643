"""Options that several commands of `harness classroom` share, and the store that they name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.classroom.lesson import Lessons

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
        raise HarnessError(f"{words}: pip install 'llm-judge-harness[classroom]'")


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
