"""What is kept of classes, in one SQLite file or in PostgreSQL."""

from harness.classroom.store.base import ClassStore
from harness.classroom.store.choose import open_store

__all__ = ["ClassStore", "open_store"]
