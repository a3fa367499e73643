"""Several people at one table: whoever writes second waits for the first, some seconds at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.errors import StoreError
from harness.store.lock import FileLock

PATIENCE_S = 5.0
_STEP_S = 0.05


@contextmanager
def held(lock: FileLock, wait: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Hold a lock, once whoever has it gives it back.

    Raises
    ------
    StoreError
        It was not given back in five seconds; the message names who has it.
    """
    for step in range(round(PATIENCE_S / _STEP_S), -1, -1):
        try:
            lock.acquire()
            break
        except StoreError:
            if step == 0:
                raise
            wait(_STEP_S)
    try:
        yield
    finally:
        lock.release()
