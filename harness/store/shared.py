"""What many workers share: the plan's calls in buckets, leases on them, and every answer before it counts.

`SharedStore` is a protocol with two implementations: tables in PostgreSQL, and part files in a shared folder.
A call belongs to one bucket of one judge. Whoever holds the lease of a bucket asks its calls; a lease that is
not renewed ends by itself, and the bucket goes to another worker, with all answers that came before.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol
from urllib.parse import unquote

from pydantic import Field

from harness.errors import StoreError
from harness.schema import (
    Attempt,
    CapabilityTable,
    Completion,
    Experiment,
    Identifier,
    Origin,
    Outcome,
    Record,
    Request,
    ResolvedJudge,
    ShotSource,
    Stops,
    canonical_json,
)
from harness.schema.secrets import MASK
from harness.store.spending import Account, Grant, Spending

SHARED_FORMAT_VERSION = 1
WORKER_LOST = "WorkerLostError"
"""The `error` of an attempt that a lost worker had begun: nobody knows whether the call was made."""

RowKind = Literal["begun", "completion", "outcome", "attempt"]


class SharedRun(Record):
    """What every worker has to know of a run: its experiment, its judges, and how its calls are cut."""

    format_version: int = SHARED_FORMAT_VERSION
    run_id: Identifier
    experiment: Experiment
    judges: tuple[ResolvedJudge, ...]
    files: Annotated[dict[str, str], Field(description="cases, rulebooks and templates: path -> SHA-256")]
    capabilities: Annotated[
        CapabilityTable | None, Field(description="what a check of the judges found; as in a manifest")
    ] = None
    shots: Annotated[
        ShotSource | None, Field(description="people's grades that judges are shown first; as in a manifest")
    ] = None
    n_buckets: Annotated[dict[str, int], Field(description="judge_id -> into how many buckets its calls go")]


@dataclass(frozen=True)
class SharedCall:
    """One call of the plan, with all that is needed to ask it."""

    key: str
    judge_id: str
    request: Request
    origin: Origin


@dataclass(frozen=True)
class Lease:
    """The right of one worker to ask the calls of one bucket, until the lease is not renewed."""

    judge_id: str
    bucket: int
    worker_id: str
    number: int
    """Counts the leases of this bucket, from 1."""


@dataclass(frozen=True)
class Row:
    """One thing to be kept, under the key of its call; the same `row_id` is kept once."""

    kind: RowKind
    key: str
    lease: Lease
    payload: bytes
    row_id: str


@dataclass(frozen=True)
class OpenCalls:
    """What is left of a bucket, and what earlier workers began there without an answer being kept."""

    calls: tuple[SharedCall, ...]
    interrupted: tuple[Row, ...]


@dataclass(frozen=True)
class Ended:
    """A call of the plan and how it ended."""

    call: SharedCall
    ending: Completion | Outcome


@dataclass(frozen=True)
class Tally:
    """How far a judge's calls are; the calls of a bucket count once the whole bucket has ended."""

    n_calls: int
    n_done: int
    n_buckets_open: int


class SharedStore(Protocol):
    """One run in a shared place; every method may be called again with the same effect."""

    shown: str
    """Where it is, for people: never with a password."""

    def held_run(self) -> SharedRun | None:
        """The run of this name, its plan whole or not; None without one."""
        ...

    def create(self, run: SharedRun) -> bool:
        """Begin a run, or go on with the same one; False when its plan is whole already."""
        ...

    def add_calls(self, calls: Sequence[SharedCall]) -> None:
        """Put calls into their buckets; a key that is there stays, with the newer origin."""
        ...

    def seal(self) -> None:
        """Say that the plan is whole: from now on buckets can be claimed."""
        ...

    def read_run(self) -> SharedRun:
        """The run as it was planned."""
        ...

    def claim(self, judge_ids: Sequence[str], worker_id: str, lease_s: float) -> Lease | None:
        """Take a free bucket of the first of these judges that has one and was not stopped."""
        ...

    def renew(self, lease: Lease, lease_s: float) -> bool:
        """Hold a lease for longer; False when it has gone to another worker."""
        ...

    def release(self, lease: Lease, *, ended: bool) -> None:
        """Give a bucket back: all its calls have ended, or somebody else may take it at once."""
        ...

    def open_calls(self, lease: Lease) -> OpenCalls:
        """The calls of a bucket that have not ended."""
        ...

    async def write(self, rows: Sequence[Row]) -> None:
        """Return once the rows are durable; of two completions of a key one is kept, always the same."""
        ...

    def stop_judge(self, judge_id: str, message: str) -> None:
        """Nobody claims this judge's buckets any more: its provider cannot be used."""
        ...

    def stops(self) -> Mapping[str, str]:
        """judge_id -> why it was stopped."""
        ...

    def clear_stops(self) -> None:
        """Let stopped judges be asked again."""
        ...

    def allow(self, stops: Stops) -> None:
        """Begin a sitting under these ceilings: nothing is spent yet."""
        ...

    def account(self) -> Account:
        """The ceilings in force, and what was spent."""
        ...

    def spend(self, asked: Spending) -> Grant:
        """Charge what answers took, and allow more requests as far as the ceilings do.

        Done twice (a connection was lost) it counts twice: ceilings are then reached sooner, never later.
        """
        ...

    def tally(self) -> Mapping[str, Tally]:
        """How far each judge is."""
        ...

    def endings(self) -> Iterator[Ended]:
        """Every call that has ended, read piece by piece; a completion goes before a failure."""
        ...

    def attempts(self) -> Iterator[Attempt]:
        """Every failed attempt, and every call that a lost worker had begun, in a fixed order."""
        ...

    def close(self) -> None:
        """Commit what is waiting and let go."""
        ...


def bucket_of(key: str, n_buckets: int) -> int:
    """The bucket of a call: its key is a hash already, so its first digits spread evenly and stay put."""
    return int(key[:12], 16) % n_buckets


def begun_row(call: SharedCall, lease: Lease) -> Row:
    """That a worker is about to ask a call."""
    return Row("begun", call.key, lease, b"{}", _fixed_id(call.key, lease))


def ended_row(key: str, lease: Lease, ending: Completion | Outcome) -> Row:
    """How a call ended."""
    kind: RowKind = "completion" if isinstance(ending, Completion) else "outcome"
    return Row(kind, key, lease, canonical_json(ending), uuid.uuid4().hex)


def attempt_row(attempt: Attempt, lease: Lease) -> Row:
    """A failed attempt at a call."""
    return Row("attempt", attempt.key, lease, canonical_json(attempt), uuid.uuid4().hex)


def lost_row(begun: Row, lease: Lease, at: str) -> Row:
    """That a call was begun by a worker that kept no answer, so that it may be made twice.

    Whoever finds it, however often, writes the same row id.
    """
    lost = begun.lease
    message = (
        f"begun by worker {lost.worker_id} (lease {lost.number} of bucket {lost.bucket}), "
        "which kept no answer; asked again"
    )
    attempt = Attempt(key=begun.key, judge_id=lost.judge_id, error=WORKER_LOST, message=message, at=at)
    return Row("attempt", begun.key, lease, canonical_json(attempt), _fixed_id(begun.key, lost, "lost"))


def _fixed_id(key: str, lease: Lease, *more: str) -> str:
    name = "/".join((key, lease.judge_id, str(lease.bucket), lease.worker_id, str(lease.number), *more))
    return uuid.uuid5(uuid.NAMESPACE_OID, name).hex


_USER_PART = re.compile(
    r"(?P<head>^[a-z0-9+]+://)(?P<user>[^@/?#:]*)(?::(?P<password>.*?))?@(?=[^@]*$)", re.S
)
_PARAMETER = re.compile(r"(?i)(?P<head>[?&\s](?:ssl)?password=)(?P<password>[^&\s]*)")


def url_passwords(url: str) -> frozenset[str]:
    """The passwords that a URL holds, as written and decoded."""
    user = _USER_PART.search(url)
    found = {match["password"] for match in _PARAMETER.finditer(url)}
    found |= {user["password"]} if user is not None and user["password"] else set()
    return frozenset({*found, *map(unquote, found)} - {""})


def shown_url(url: str) -> str:
    """The URL without its passwords."""
    plain = _USER_PART.sub(lambda match: f"{match['head']}{match['user']}@", url)
    return _PARAMETER.sub(lambda match: f"{match['head']}{MASK}", plain)


def without_passwords(text: str, url: str) -> str:
    """A foreign message about a URL, without the passwords that the URL holds."""
    for password in sorted(url_passwords(url), key=len, reverse=True):
        text = text.replace(password, MASK)
    return text


def check_same_run(shown: str, held: SharedRun, asked: SharedRun) -> None:
    """Refuse to go on with another run under the same name.

    Raises
    ------
    StoreError
        The two differ; the fields are named.
    """
    names = [name for name in SharedRun.model_fields if getattr(held, name) != getattr(asked, name)]
    if names:
        raise StoreError(
            f"{shown}: a run named {held.run_id} is there and differs in {', '.join(names)}; "
            "give this one another name (--run), or undo the change"
        )
