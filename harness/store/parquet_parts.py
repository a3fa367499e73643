"""A shared run in a folder that every worker can write to: part files, and leases as files.

    RUN/run.json                           what every worker has to know
    RUN/plan/JUDGE/BUCKET.jsonl.gz         the calls of a bucket; RUN/plan.json says that the plan is whole
    RUN/leases/JUDGE/BUCKET.NUMBER         a lease; its time of change says until when it was renewed
    RUN/account/FOLDER/NUMBER.json         what may be spent and was; the last number is in force
    RUN/parts/JUDGE/BUCKET/NUMBER-WORKER.jsonl     what a worker keeps, forced to the disk before it counts
    RUN/parts/JUDGE/BUCKET/NUMBER-WORKER.parquet   the same, written whole once the bucket has ended
    RUN/ended/JUDGE/BUCKET                 all calls of the bucket have ended
    RUN/stops/JUDGE.json                   why nobody asks this judge any more

A file has one writer. Two workers never get the same lease, because only one can create a file of its name;
the clock is the file server's. Object storage has neither of these: there, use PostgreSQL.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.errors import StoreError
from harness.schema import Attempt, Origin, Request, Stops, canonical_json
from harness.store.batch import BatchWriter
from harness.store.disk import in_words, make_folder, read_bytes, write_atomically
from harness.store.part_account import AccountFiles
from harness.store.part_files import (
    Journals,
    ended_of,
    interrupted_of,
    read_bucket,
    seal_part,
)
from harness.store.part_leases import LeaseFiles
from harness.store.shared import (
    Ended,
    Lease,
    OpenCalls,
    Row,
    SharedCall,
    SharedRun,
    Tally,
    bucket_of,
    check_same_run,
)
from harness.store.spending import Account, Grant, Spending

Place = tuple[str, int]
"""A judge and one of its buckets."""


class PartsStore:
    """One run in a shared folder; see `SharedStore`."""

    def __init__(self, folder: str | Path, run_id: str) -> None:
        """Nothing is created before the first write."""
        self.path = Path(folder, run_id)
        self.shown = str(self.path)
        self._run_id = run_id
        self._plan: dict[Place, int] | None = None
        self._leases = LeaseFiles(self.path)
        self._account = AccountFiles(self.path)
        self._journals = Journals()
        self._writer: BatchWriter[Row] = BatchWriter(self._commit, self.shown)

    def held_run(self) -> SharedRun | None:
        """The run of this name, its plan whole or not; None without one."""
        path = self.path / "run.json"
        return SharedRun.model_validate_json(read_bytes(path, "shared run")) if path.exists() else None

    def create(self, run: SharedRun) -> bool:
        """Begin a run, or go on with the same one; False when its plan is whole already."""
        make_folder(self.path)
        path = self.path / "run.json"
        if not path.exists():
            write_atomically(path, [canonical_json(run)])
        check_same_run(self.shown, self.held_run() or run, run)
        if (self.path / "plan.json").exists():
            return False
        for begun in self.path.glob("plan/*/*"):
            begun.unlink()
        return True

    def add_calls(self, calls: Sequence[SharedCall]) -> None:
        """Put calls into their buckets: the first judge that asks a key, with the last origin."""
        n_buckets = SharedRun.model_validate_json(read_bytes(self.path / "run.json", "shared run")).n_buckets
        first = {call.key: call.judge_id for call in reversed(calls)}
        lines: dict[Place, list[bytes]] = {}
        for call in calls:
            judge_id = first[call.key]
            place = (judge_id, bucket_of(call.key, n_buckets[judge_id]))
            plain = {"key": call.key, "request": call.request.model_dump(mode="json")}
            line = {**plain, "origin": call.origin.model_dump(mode="json")}
            lines.setdefault(place, []).append(json.dumps(line).encode() + b"\n")
        for place, some in lines.items():
            path = self._plan_path(place)
            make_folder(path.parent)
            with in_words(path), path.open("ab") as stream:
                stream.write(gzip.compress(b"".join(some), 1))

    def seal(self) -> None:
        """Say that the plan is whole: from now on buckets can be claimed."""
        counts: dict[str, dict[str, int]] = {}
        for path in sorted(self.path.glob("plan/*/*.jsonl.gz")):
            place = (path.parent.name, int(path.name.partition(".")[0]))
            counts.setdefault(place[0], {})[str(place[1])] = len(self._planned(place))
            make_folder(self.path / "ended" / place[0])
        self._leases.prepare(counts)
        make_folder(self.path / "stops")
        write_atomically(self.path / "plan.json", [json.dumps(counts, sort_keys=True).encode()])

    def read_run(self) -> SharedRun:
        """The run as it was planned; StoreError when there is none of this name, or its plan is not whole."""
        if not (self.path / "plan.json").exists():
            raise StoreError(
                f"{self.shown}: there is no whole plan of a run here; `harness scale plan` makes one"
            )
        return SharedRun.model_validate_json(read_bytes(self.path / "run.json", "shared run"))

    def claim(self, judge_ids: Sequence[str], worker_id: str, lease_s: float) -> Lease | None:
        """Take a free bucket of the first of these judges that has one and was not stopped."""
        stopped = self.stops()
        for judge_id in judge_ids:
            if judge_id not in stopped:
                buckets = [bucket for judge, bucket in self._buckets() if judge == judge_id]
                ended = self._ended_buckets(judge_id)
                lease = self._leases.claim(judge_id, buckets, ended, (worker_id, lease_s))
                if lease is not None:
                    return lease
        return None

    def renew(self, lease: Lease, lease_s: float) -> bool:  # noqa: ARG002 - the lease file holds it
        """Hold a lease for longer; False when it has gone to another worker."""
        return self._leases.renew(lease)

    def release(self, lease: Lease, *, ended: bool) -> None:
        """Give a bucket back: all its calls have ended, or somebody else may take it at once."""
        journal = self._journal(lease)
        self._journals.close(journal)
        if ended:
            seal_part(journal)
            write_atomically(self.path / "ended" / lease.judge_id / f"{lease.bucket:06d}", [b""])
        self._leases.give_back(lease)

    def open_calls(self, lease: Lease) -> OpenCalls:
        """The calls of a bucket that have not ended."""
        place = (lease.judge_id, lease.bucket)
        rows = read_bucket(self._parts(place))
        ended = ended_of(rows)
        calls = tuple(call for key, call in sorted(self._planned(place).items()) if key not in ended)
        return OpenCalls(calls, interrupted_of(rows, lease))

    async def write(self, rows: Sequence[Row]) -> None:
        """Return once the rows are on the disk."""
        await self._writer.write(rows)

    def _commit(self, rows: list[Row]) -> None:
        by_journal: dict[Path, list[Row]] = {}
        for row in rows:
            by_journal.setdefault(self._journal(row.lease), []).append(row)
        for path, some in by_journal.items():
            self._journals.append(path, some)

    def stop_judge(self, judge_id: str, message: str) -> None:
        """Nobody claims this judge's buckets any more."""
        path = self.path / "stops" / f"{judge_id}.json"
        temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")  # several workers may find out at once
        with in_words(path):
            temporary.write_bytes(json.dumps(message).encode())
            temporary.replace(path)

    def stops(self) -> Mapping[str, str]:
        """judge_id -> why it was stopped."""
        paths = sorted((self.path / "stops").glob("*.json"))
        return {path.name.removesuffix(".json"): json.loads(path.read_bytes()) for path in paths}

    def clear_stops(self) -> None:
        """Let stopped judges be asked again."""
        for path in (self.path / "stops").glob("*.json"):
            path.unlink(missing_ok=True)

    def allow(self, stops: Stops) -> None:
        """Begin a sitting under these ceilings: nothing is spent yet."""
        self._account.change(lambda _: Account(stops=stops))

    def account(self) -> Account:
        """The ceilings in force, and what was spent."""
        return self._account.read()

    def spend(self, asked: Spending) -> Grant:
        """Charge what answers took, and allow more requests as far as the ceilings do."""
        now = self._leases.server_time("account")
        granted: list[Grant] = []

        def after(account: Account) -> Account:
            changed, grant = account.after(asked, now)
            granted.append(grant)
            return changed

        self._account.change(after)
        return granted[-1]

    def tally(self) -> Mapping[str, Tally]:
        """How far each judge is."""
        found: dict[str, Tally] = {}
        for judge_id in dict.fromkeys(judge for judge, _ in self._buckets()):
            ended = self._ended_buckets(judge_id)
            counts = {bucket: n for (judge, bucket), n in self._buckets().items() if judge == judge_id}
            n_done = sum(n for bucket, n in counts.items() if bucket in ended)
            found[judge_id] = Tally(sum(counts.values()), n_done, len(counts.keys() - ended))
        return found

    def endings(self) -> Iterator[Ended]:
        """Every call that has ended, bucket by bucket; a completion goes before a failure."""
        for place in self._buckets():
            ended = ended_of(read_bucket(self._parts(place)))
            if ended:
                calls = self._planned(place)
                yield from (Ended(calls[key], ended[key]) for key in sorted(ended.keys() & calls.keys()))

    def attempts(self) -> Iterator[Attempt]:
        """Every failed attempt, bucket by bucket."""
        for place in self._buckets():
            rows = {row.row_id: row for row in read_bucket(self._parts(place)) if row.kind == "attempt"}
            yield from (Attempt.model_validate_json(rows[row_id].payload) for row_id in sorted(rows))

    def close(self) -> None:
        """Write what is waiting and let go."""
        self._writer.close()
        self._journals.close_all()

    def _buckets(self) -> dict[Place, int]:
        """Judge and bucket -> number of calls; read once, for a whole plan does not change."""
        if self._plan is None:
            plan = json.loads(read_bytes(self.path / "plan.json", "whole plan of a shared run"))
            self._plan = {(judge, int(b)): n for judge, counts in plan.items() for b, n in counts.items()}
        return self._plan

    def _planned(self, place: Place) -> dict[str, SharedCall]:
        """Key -> call; the last line of a key has its last origin."""
        path = self._plan_path(place)
        with in_words(path), gzip.open(path) as stream:
            lines = [json.loads(line) for line in stream]
        return {
            line["key"]: SharedCall(
                line["key"],
                place[0],
                Request.model_validate(line["request"]),
                Origin.model_validate(line["origin"]),
            )
            for line in lines
        }

    def _ended_buckets(self, judge_id: str) -> set[int]:
        names = [path.name for path in (self.path / "ended" / judge_id).iterdir()]
        return {int(name) for name in names if name.isdigit()}

    def _plan_path(self, place: Place) -> Path:
        return self.path / "plan" / place[0] / f"{place[1]:06d}.jsonl.gz"

    def _parts(self, place: Place) -> Path:
        return self.path / "parts" / place[0] / f"{place[1]:06d}"

    def _journal(self, lease: Lease) -> Path:
        name = f"{lease.number:04d}-{lease.worker_id}.jsonl"
        return self._parts((lease.judge_id, lease.bucket)) / name
