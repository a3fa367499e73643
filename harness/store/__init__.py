"""Append, read, verify: the working store, the cassette, the run folder."""

from harness.store.cassette import Cassette, merge, write_cassette
from harness.store.folder import RunFolder
from harness.store.lock import FileLock
from harness.store.work import WorkStore

__all__ = ["Cassette", "FileLock", "RunFolder", "WorkStore", "merge", "write_cassette"]
