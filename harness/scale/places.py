"""Where a shared run is: a database by its URL, or a folder."""

from __future__ import annotations

from harness.errors import StoreError
from harness.store.shared import SharedStore, shown_url

POSTGRES = ("postgresql://", "postgres://")


def open_shared(place: str, run_id: str) -> SharedStore:
    """The shared store at a URL (`postgresql://…`) or in a folder, for one run.

    Raises
    ------
    StoreError
        It cannot be reached, or what it needs is not installed.
    """
    if place.startswith(POSTGRES):
        from harness.store.postgres import PostgresStore

        return PostgresStore(place, run_id)
    if "://" in place:
        raise StoreError(
            f"{shown_url(place)}: a shared store is postgresql://… or a folder that every worker can write to"
        )
    from harness.store.parquet_parts import PartsStore

    return PartsStore(place, run_id)
