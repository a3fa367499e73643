"""One writer at a time: a lock file that the operating system releases even after `kill -9`."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from harness.errors import StoreError
from harness.store.disk import in_words

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            # Far behind the text, so that another process can still read who holds the lock.
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class FileLock:
    """An exclusive lock on a named file; usable as a context manager."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self._what = what
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once.

        Raises
        ------
        StoreError
            Another process (or another part of this one) holds it; the message names the process.
        """
        while self._descriptor is None:
            with in_words(self.path):
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
                try:
                    self._take(descriptor)
                finally:
                    if self._descriptor is None:
                        os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        if not _try_lock(descriptor):
            raise StoreError(
                f"{self._what} is being written by {self._holder()}; "
                "wait until it ends, or end it, and try again"
            )
        if not self._is_current(descriptor):
            return  # the holder before us removed the file meanwhile: lock the new one
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"process {os.getpid()} on {platform.node() or 'this machine'}".encode())
        self._descriptor = descriptor

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def _holder(self) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return self.path.read_text(encoding="utf-8") or "another process"
        return "another process"

    def release(self) -> None:
        """Give the lock back and remove its file; harmless when it is not held."""
        if self._descriptor is None:
            return
        with suppress(OSError):
            self.path.unlink()
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
