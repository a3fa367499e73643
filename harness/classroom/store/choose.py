"""From what a teacher names (a file, or the URL of a database) to the store that keeps it."""

from __future__ import annotations

from pathlib import Path

from harness.classroom.store.base import ClassStore
from harness.errors import StoreError
from harness.store.shared import shown_url

_POSTGRES = ("postgresql://", "postgres://")


def open_store(url_or_path: str | Path) -> ClassStore:
    """Open the store of a path (SQLite) or a postgresql:// URL, and make it if it is not there.

    Raises
    ------
    StoreError
        Another kind of URL, a file that is no store, or one of a newer version of the harness.
    """
    named = str(url_or_path)
    if named.startswith(_POSTGRES):
        from harness.classroom.store.postgres import open_postgres

        return open_postgres(named)
    if "://" in named:
        raise StoreError(f"{shown_url(named)}: sessions are kept in a file, or at postgresql://…")
    from harness.classroom.store.sqlite import open_sqlite

    return open_sqlite(Path(named))
