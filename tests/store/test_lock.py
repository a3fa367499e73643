from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.lock import FileLock

HOLD = """
import sys
from pathlib import Path
from harness.store.lock import FileLock
lock = FileLock(Path(sys.argv[1]), "the run")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    """A lock that another process holds is refused at once, and the message names that process."""
    path = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=rf"the run is being written by process {holder.pid} on .*wait"):
            FileLock(path, "the run").acquire()
        holder.kill()
    with FileLock(path, "the run"):
        assert str(os.getpid()) in path.read_text()


def test_released_lock_leaves_nothing(tmp_path: Path) -> None:
    """A released lock removes its file and can be taken again; releasing twice is harmless."""
    lock = FileLock(tmp_path / ".lock", "the run")
    with lock:
        pass
    lock.release()
    assert list(tmp_path.iterdir()) == []
    with lock:
        assert lock.path.exists()


def test_two_locks_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    """The same process cannot take the same lock twice through two objects."""
    with FileLock(tmp_path / ".lock", "the run"), pytest.raises(StoreError, match="is being written"):
        FileLock(tmp_path / ".lock", "the run").acquire()
