"""Two halves of a long computation, on two processors where there are two: the same results either way."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_Here = TypeVar("_Here")
_There = TypeVar("_There")


def two_processors() -> bool:
    """Whether a second process can be forked, and would not wait for the first."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def both(here: Callable[[], _Here], there: Callable[[], _There], *, apart: bool) -> tuple[_Here, _There]:
    """Compute two things; `apart` = the second in a process of its own, whose result comes through a pipe.

    That process is a fork: it sees what this one has in memory. Where it ends before its time, its half is
    computed here, so that an error is raised here, in its own words.
    """
    if not apart:
        return here(), there()
    from multiprocessing import get_context

    fork = get_context("fork")
    mine, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(there, theirs, mine), daemon=True)
    with warnings.catch_warnings():
        # Threads that draw progress or shuffled before hold nothing that a fork needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()
    try:
        own = here()
        try:
            (found,) = mine.recv()
        except (EOFError, OSError):
            return own, there()
        return own, found
    finally:
        process.kill()
        process.join()
        mine.close()


def _work(there: Callable[[], object], pipe: Connection, unused: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that forked decides
    gc.freeze()
    unused.close()
    try:
        pipe.send((there(),))
    except BaseException:  # noqa: BLE001 - the pipe ends, and who reads it computes this half again
        os._exit(1)
