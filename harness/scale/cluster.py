"""Workers as Ray actors: Ray says where they run and starts lost ones again; the shared store knows the work.

The only file that imports ray. What Ray does not do here: it holds no answers and no plan, so that nothing is
lost with it, and any mixture of actors, plain workers and restarts is right.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import HarnessError
from harness.scale.keeping import Worked
from harness.scale.places import open_shared
from harness.scale.share import Share
from harness.scale.worker import LEASE_S, Work, new_worker_id, work
from harness.store.shared import SharedStore

SECONDS_BETWEEN_LOOKS = 2.0
STOP_WITHIN_S = 300.0
"""A worker whose node is lost waits for room and hears no request to stop: nobody waits for it for ever."""

SILENT_FOR_S = 600.0
"""When no worker at all was heard for so long, the cluster has no room for any, or has lost them."""

try:
    import ray
except ImportError as error:
    raise HarnessError(
        "running on Ray needs ray, which is not installed here: pip install 'llm-judge-harness[ray]'; "
        "`harness scale worker` needs no Ray"
    ) from error


@dataclass(frozen=True)
class Job:
    """What every worker needs; its secrets are in no text made of it."""

    place: str = field(repr=False)
    run_id: str
    n_workers: int
    lease_s: float = LEASE_S
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Keys of the judges and the store's password, for nodes that do not have them themselves."""


class RayWorker:
    """One worker in an actor, whose event loop is Ray's: `stop` is heard while `work` goes on."""

    def __init__(self, job: Job, index: int) -> None:
        self._job = job
        self._index = index
        self._stop = asyncio.Event()

    async def work(self) -> Worked:
        """Work until nothing is left; an error comes without its causes, which may hold more than words."""
        for name, value in self._job.environment.items():
            os.environ.setdefault(name, value)
        try:
            store = await asyncio.to_thread(open_shared, self._job.place, self._job.run_id)
            try:
                share = Share(self._index, self._job.n_workers)
                given = Work(store, share, new_worker_id(self._index), self._job.lease_s)
                return await work(given, self._stop)
            finally:
                await asyncio.to_thread(store.close)
        except HarnessError as error:
            raise HarnessError(str(error)) from None

    async def stop(self) -> None:
        """Finish what is in flight and end."""
        self._stop.set()

    async def is_here(self) -> bool:
        """Answer: an actor that waits for room, or for a new node, does not."""
        return True


def connect(address: str) -> None:
    """Join a cluster (`auto`, `host:6379`, `ray://host:10001`), or start one on this machine (`local`).

    Raises
    ------
    HarnessError
        There is no cluster at that address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(address=address, logging_level="error", log_to_driver=False, include_dashboard=None)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise HarnessError(
            f"no Ray cluster at {address}: {error}; start one with `ray start --head`"
        ) from error


def disconnect() -> None:
    """Leave the cluster; actors end with it."""
    ray.shutdown()


def run_workers(
    job: Job, store: SharedStore, look: Callable[[SharedStore], None], stop: threading.Event
) -> None:
    """Start the workers and wait until the store says that nothing is left.

    A worker that cannot be started for want of room is waited for by nobody, once others have done its part.

    Raises
    ------
    HarnessError
        A worker ended with an error, or none was heard for `SILENT_FOR_S`.
    """
    actors = [_actor(job, index) for index in range(job.n_workers)]
    running = [actor.work.remote() for actor in actors]
    hearing = Hearing(actors)
    stop_by = math.inf
    try:
        while running and time.monotonic() < stop_by:
            ended, running = ray.wait(running, num_returns=1, timeout=SECONDS_BETWEEN_LOOKS)
            _ended_well(ended)
            look(store)
            hearing.listen()
            if stop.is_set() and stop_by == math.inf:
                stop_by = time.monotonic() + STOP_WITHIN_S
                _tell_to_stop(actors)
            if _nothing_left(store):
                return
    finally:
        for actor in actors:
            ray.kill(actor)


class Hearing:
    """Knows when a worker was last heard: a run whose cluster is gone must not wait for ever."""

    def __init__(self, actors: Sequence[Any], now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._waiting = list(actors)
        self._asked: dict[Any, Any] = {}
        self._heard_at = now()

    def listen(self) -> None:
        """Ask every worker that answered whether it is here.

        Raises
        ------
        HarnessError
            None has answered for too long.
        """
        asked = list(self._asked)
        answered = ray.wait(asked, num_returns=len(asked), timeout=0)[0] if asked else []
        for one in answered:
            self._waiting.append(self._asked.pop(one))
        if answered:
            self._heard_at = self._now()
        self._asked |= {actor.is_here.remote(): actor for actor in self._waiting}
        self._waiting = []
        silent_s = self._now() - self._heard_at
        if silent_s > SILENT_FOR_S:
            room = ray.cluster_resources().get("CPU", 0)
            raise HarnessError(
                f"no worker on the Ray cluster was heard for {silent_s:.0f} s: it has {room:g} processors in "
                "all, and each worker needs a free one; what was answered is kept, the same command goes on"
            )


def _actor(job: Job, index: int) -> Any:  # noqa: ANN401 - Ray's handles have no type
    """A worker on whichever node has room, started again on another when its node is lost."""
    options = {
        "num_cpus": 1,
        "max_restarts": -1,
        "max_task_retries": -1,
        "max_concurrency": 3,
        "scheduling_strategy": "SPREAD",
    }
    return ray.remote(**options)(RayWorker).remote(job, index)


def _ended_well(ended: Sequence[Any]) -> None:
    for one in ended:
        try:
            ray.get(one)
        except ray.exceptions.RayActorError:
            continue  # lost and not to be started again: the others do its part
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            raise HarnessError(str(cause) if isinstance(cause, HarnessError) else repr(cause)) from None


def _tell_to_stop(actors: Sequence[Any]) -> None:
    told = [actor.stop.remote() for actor in actors]
    ray.wait(told, num_returns=len(told), timeout=SECONDS_BETWEEN_LOOKS)


def _nothing_left(store: SharedStore) -> bool:
    stopped = store.stops()
    return all(tally.n_buckets_open == 0 or name in stopped for name, tally in store.tally().items())
