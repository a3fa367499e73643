"""A shared run in PostgreSQL: claims that never meet, and answers that are kept once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from harness.errors import StoreError
from harness.schema import (
    Attempt,
    Completion,
    MessageDigest,
    Origin,
    Outcome,
    Request,
    RequestDigest,
    Stops,
    canonical_json,
)
from harness.store import postgres_queries as sql
from harness.store.batch import BatchWriter
from harness.store.postgres_link import Connection, Link
from harness.store.postgres_tables import copy_in, migrate, stage
from harness.store.shared import (
    Ended,
    Lease,
    OpenCalls,
    Row,
    SharedCall,
    SharedRun,
    Tally,
    check_same_run,
    shown_url,
)
from harness.store.spending import Account, Grant, Spending

N_ROWS_AT_ONCE = 2_000
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class PostgresStore:
    """One run in a database that every worker reaches; see `SharedStore`."""

    def __init__(self, url: str, run_id: str) -> None:
        """Connect, and create or update the tables.

        Raises
        ------
        StoreError
            The server cannot be reached, refuses, or holds tables of a newer harness.
        """
        self.shown = shown_url(url)
        self._run_id = run_id
        self._run_no: int | None = None
        self._link = Link(url)
        self._link.do(lambda connection: migrate(connection, self.shown), waits=())
        self._writing = Link(url)
        self._writer: BatchWriter[Row] = BatchWriter(self._commit, self.shown)

    def create(self, run: SharedRun) -> bool:
        """Begin a run, or go on with the same one; False when its plan is whole already."""
        self._link.do(
            lambda connection: connection.execute(
                sql.CREATE, {"run_id": self._run_id, "record": canonical_json(run).decode()}
            )
        )
        _, held, sealed = self._found()
        check_same_run(self.shown, SharedRun.model_validate_json(held), run)
        return not sealed

    def held_run(self) -> SharedRun | None:
        """The run of this name, its plan whole or not; None without one."""
        row = self._row()
        return None if row is None else SharedRun.model_validate_json(row[1])

    def read_run(self) -> SharedRun:
        """The run as it was planned; StoreError when there is none of this name, or its plan is not whole."""
        _, held, sealed = self._found()
        if not sealed:
            raise StoreError(
                f"{self.shown}: the plan of {self._run_id} is not whole; `harness scale plan` goes on with it"
            )
        return SharedRun.model_validate_json(held)

    def _found(self) -> tuple[int, str, bool]:
        """The number of the run, its record, and whether its plan is whole."""
        row = self._row()
        if row is None:
            raise StoreError(
                f"{self.shown}: there is no run named {self._run_id} here; plan it with `harness scale plan`"
            )
        return row[0], row[1], row[2]

    def _row(self) -> tuple[Any, ...] | None:
        return self._link.do(
            lambda connection: connection.execute(sql.FIND, {"run_id": self._run_id}).fetchone()
        )

    def add_calls(self, calls: Sequence[SharedCall]) -> None:
        """Put calls into their buckets; a key that is there stays, with the newer origin."""
        run_no, held, _ = self._found()
        staged = stage(calls, run_no, SharedRun.model_validate_json(held).n_buckets)
        self._link.do(lambda connection: copy_in(connection, staged))

    def seal(self) -> None:
        """Say that the plan is whole: from now on buckets can be claimed."""
        self._run(sql.FILL_BUCKETS)
        self._run(sql.SEAL)

    def claim(self, judge_ids: Sequence[str], worker_id: str, lease_s: float) -> Lease | None:
        """Take a free bucket of the first of these judges that has one and was not stopped."""
        for judge_id in judge_ids:
            rows = self._run(sql.CLAIM, judge=judge_id, worker=worker_id, lease_s=lease_s)
            if rows:
                return Lease(judge_id, rows[0][0], worker_id, rows[0][1])
        return None

    def renew(self, lease: Lease, lease_s: float) -> bool:
        """Hold a lease for longer; False when it has gone to another worker."""
        return bool(self._run(sql.RENEW, lease_s=lease_s, **_names(lease)))

    def release(self, lease: Lease, *, ended: bool) -> None:
        """Give a bucket back: all its calls have ended, or somebody else may take it at once."""
        self._run(sql.RELEASE, ended=ended, **_names(lease))

    def open_calls(self, lease: Lease) -> OpenCalls:
        """The calls of a bucket that have not ended."""
        calls = tuple(call for call, _ in self._calls(self._run(sql.OPEN, **_names(lease))))
        begun = self._run(sql.INTERRUPTED, **_names(lease))
        lost = [(key, Lease(lease.judge_id, lease.bucket, worker, number)) for key, worker, number in begun]
        return OpenCalls(calls, tuple(Row("begun", key.hex(), one, b"{}", "") for key, one in lost))

    def _calls(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[SharedCall, str]]:
        """Calls from (key, judge_id, request, origin, ending) rows, with their texts, and their endings."""
        digests = [RequestDigest.model_validate_json(row[2]) for row in rows]
        wanted = list({bytes.fromhex(one.sha256) for digest in digests for one in digest.messages})
        found = self._run(sql.TEXTS, wanted=wanted)
        texts = {sha256.hex(): json.loads(text) for sha256, text in found}
        for (key, judge_id, _, origin, ending), digest in zip(rows, digests, strict=True):
            request, stands = _request(digest, texts), Origin.model_validate_json(origin)
            yield SharedCall(key.hex(), judge_id, request, stands), ending

    async def write(self, rows: Sequence[Row]) -> None:
        """Return once the rows are durable; the first completion of a key is kept."""
        await self._writer.write(rows)

    def _commit(self, rows: list[Row]) -> None:
        """One transaction for a batch, again after a lost connection: every row is kept once."""
        # In the order of keys: two workers that keep the same ones never wait for each other in a circle.
        ordered = sorted(rows, key=lambda row: (row.kind, row.key))
        kinds = [(kind, _columns(list(some))) for kind, some in groupby(ordered, key=lambda row: row.kind)]
        run_no = self._number()

        def keep(connection: Connection) -> None:
            with connection.transaction():
                for kind, columns in kinds:
                    connection.execute(sql.KEEP[kind].encode(), {"run": run_no, **columns})

        self._writing.do(keep)

    def stop_judge(self, judge_id: str, message: str) -> None:
        """Nobody claims this judge's buckets any more."""
        self._run(sql.STOP, judge=judge_id, message=message)

    def stops(self) -> Mapping[str, str]:
        """judge_id -> why it was stopped."""
        return dict(self._run(sql.STOPS))

    def clear_stops(self) -> None:
        """Let stopped judges be asked again."""
        self._run(sql.CLEAR_STOPS)

    def allow(self, stops: Stops) -> None:
        """Begin a sitting under these ceilings: nothing is spent yet."""
        self._run(sql.ALLOW, account=canonical_json(Account(stops=stops)).decode())

    def account(self) -> Account:
        """The ceilings in force, and what was spent."""
        rows = self._run(sql.ACCOUNT)
        return Account.model_validate_json(rows[0][0]) if rows else Account()

    def spend(self, asked: Spending) -> Grant:
        """Charge what answers took, and allow more requests as far as the ceilings do."""
        run_no = self._number()

        def spent(connection: Connection) -> Grant:
            with connection.transaction():
                row = connection.execute(sql.ACCOUNT_TO_SPEND, {"run": run_no}).fetchone()
                if row is None:
                    return Grant(asked.n_calls)
                after, grant = Account.model_validate_json(row[0]).after(asked, row[1])
                account = canonical_json(after).decode()
                connection.execute(sql.SPENT, {"run": run_no, "account": account})
            return grant

        return self._link.do(spent)

    def tally(self) -> Mapping[str, Tally]:
        """How far each judge is."""
        rows = self._run(sql.TALLY)
        return {
            judge_id: Tally(int(n_calls), int(n_done), n_open) for judge_id, n_calls, n_done, n_open in rows
        }

    def endings(self) -> Iterator[Ended]:
        """Every call that has ended, some thousands at a time, by key; a completion goes before a failure."""
        yield from self._ended(sql.COMPLETIONS, Completion.model_validate_json)
        yield from self._ended(sql.OUTCOMES, Outcome.model_validate_json)

    def _ended(self, query: str, parse: Callable[[str], Completion | Outcome]) -> Iterator[Ended]:
        after = b""
        while rows := self._run(query, after=after, limit=N_ROWS_AT_ONCE):
            for call, ending in self._calls(rows):
                yield Ended(call, parse(ending))
            after = rows[-1][0]

    def attempts(self) -> Iterator[Attempt]:
        """Every failed attempt, some thousands at a time, by row id."""
        after = _FIRST_ID
        while rows := self._run(sql.ATTEMPTS, after=after, limit=N_ROWS_AT_ONCE):
            yield from (Attempt.model_validate_json(attempt) for _, attempt in rows)
            after = str(rows[-1][0])

    def close(self) -> None:
        """Commit what is waiting and let go."""
        self._writer.close()
        self._writing.close()
        self._link.close()

    def _number(self) -> int:
        if self._run_no is None:
            self._run_no = self._found()[0]
        return self._run_no

    def _run(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        run_no = self._number()

        def execute(connection: Connection) -> list[tuple[Any, ...]]:
            cursor = connection.execute(query.encode(), {"run": run_no, **values})
            return cursor.fetchall() if cursor.description is not None else []

        return self._link.do(execute)


def _names(lease: Lease) -> dict[str, object]:
    return {"judge": lease.judge_id, "bucket": lease.bucket, "worker": lease.worker_id, "lease": lease.number}


def _columns(rows: list[Row]) -> dict[str, object]:
    return {
        "ids": [row.row_id for row in rows],
        "keys": [bytes.fromhex(row.key) for row in rows],
        "payloads": [row.payload.decode() for row in rows],
        "judges": [row.lease.judge_id for row in rows],
        "buckets": [row.lease.bucket for row in rows],
        "workers": [row.lease.worker_id for row in rows],
        "leases": [row.lease.number for row in rows],
    }


def _request(digest: RequestDigest, texts: Mapping[str, str]) -> Request:
    def message(one: MessageDigest) -> dict[str, str]:
        return {"role": one.role, "content": texts[one.sha256]}

    fields = digest.model_dump(exclude={"messages"})
    return Request.model_validate({**fields, "messages": [message(one) for one in digest.messages]})
