"""Blocks of work, shared between the processors of this machine: the same blocks, whatever their number."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_T = TypeVar("_T")
_One = TypeVar("_One")
BlocksFrom = Callable[[int, int], Iterator[_T]]
"""(first, step) -> the blocks of number `first`, `first + step`, ... to the last, in order."""

MAX_WORKERS = 8
PIPE_BYTES = 1_000_000
"""As much as Linux gives to anybody."""
MIN_SPREAD = 4
"""Files of five megabytes from which on it is quicker to start processes for them."""


def n_processors() -> int:
    """How many processes may work at once; one where processes cannot be forked."""
    if sys.platform != "linux":
        return 1
    return min(MAX_WORKERS, len(os.sched_getaffinity(0)))


def in_order(blocks_from: BlocksFrom[_T], n_workers: int) -> Iterator[_T]:
    """Every block, in order; worker w makes the blocks w, w + n_workers, and so on.

    Workers are forks: they see what this process has in memory, and only blocks travel back. Where one of
    them ends before its time, this process goes on alone, so that an error is raised here, in its own words.
    """
    if n_workers < 2:
        yield from blocks_from(0, 1)
        return
    workers: list[_Worker[_T]] = []
    n_done = 0
    try:
        for number in range(n_workers):
            workers.append(_Worker(blocks_from, (number, n_workers), workers))
        while (found := workers[n_done % n_workers].next_block()) is not None:
            yield found[0]
            n_done += 1
        if workers[n_done % n_workers].is_through:
            return
    finally:
        for worker in workers:
            worker.dismiss()
    yield from blocks_from(n_done, 1)


def spread(work: Callable[[_One], _T], ones: Sequence[_One]) -> Iterator[_T]:
    """What `map` gives; with enough to do, the processors share it."""
    n_workers = n_processors() if len(ones) >= MIN_SPREAD else 1
    return in_order(lambda first, step: map(work, ones[first::step]), n_workers)


class _Worker(Generic[_T]):
    """A forked process and the pipe through which its blocks come."""

    def __init__(
        self, blocks_from: BlocksFrom[_T], share: tuple[int, int], others: list[_Worker[_T]]
    ) -> None:
        from multiprocessing import get_context

        fork = get_context("fork")
        self.pipe, theirs = fork.Pipe(duplex=False)
        _widen(self.pipe)
        # A worker that held these open would never hear that nobody reads its blocks any more.
        unused = [self.pipe, *(worker.pipe for worker in others)]
        self._process: BaseProcess = fork.Process(
            target=_work, args=(blocks_from, share, theirs, unused), daemon=True
        )
        with warnings.catch_warnings():
            # Progress bars have a thread; a worker draws none.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()
        self.is_through = False

    def next_block(self) -> tuple[_T] | None:
        """The next block of its share; None when there is none, or when the worker failed."""
        try:
            found: tuple[_T] | None = self.pipe.recv()
        except (EOFError, OSError):
            return None
        self.is_through = found is None
        return found

    def dismiss(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _widen(pipe: Connection) -> None:
    """Room for a few blocks, so that a worker goes on while the block of another one is waited for."""
    import fcntl

    with suppress(OSError):  # a system may allow no more than it gives
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _work(
    blocks_from: BlocksFrom[_T], share: tuple[int, int], mine: Connection, unused: list[Connection]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that forked decides
    gc.freeze()
    for pipe in unused:
        pipe.close()
    try:
        for block in blocks_from(*share):
            mine.send((block,))
        mine.send(None)
    except BaseException:  # noqa: BLE001 - the pipe ends, and who reads it does the block again
        os._exit(1)
