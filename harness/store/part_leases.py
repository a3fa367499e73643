"""Leases as files in a shared folder: of all workers that try, one can create a file of its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Set
from contextlib import suppress
from pathlib import Path

from harness.store.disk import in_words, make_folder
from harness.store.shared import Lease


class LeaseFiles:
    """`leases/JUDGE/BUCKET.NUMBER`: its time of change says until when a lease was renewed.

    The clock is the file server's, so that no worker's own matters.
    """

    def __init__(self, run: Path) -> None:
        self._leases = run / "leases"
        self._clocks = run / "clocks"

    def prepare(self, judge_ids: Iterable[str]) -> None:
        """Make the folders."""
        make_folder(self._clocks)
        for judge_id in judge_ids:
            make_folder(self._leases / judge_id)

    def claim(
        self, judge_id: str, buckets: Iterable[int], ended: Set[int], worker: tuple[str, float]
    ) -> Lease | None:
        """Take the first free bucket for a worker, for so many seconds."""
        worker_id, lease_s = worker
        latest = self._latest(judge_id)
        now: float | None = None
        for bucket in buckets:
            if bucket in ended:
                continue
            number = latest.get(bucket, 0)
            if number:
                now = self.server_time(worker_id) if now is None else now
                if not self._is_over(Lease(judge_id, bucket, "", number), now, lease_s):
                    continue
            lease = Lease(judge_id, bucket, worker_id, number + 1)
            if self._create(lease, lease_s):
                return lease
        return None

    def renew(self, lease: Lease) -> bool:
        """Hold a lease for longer; False when it has gone to another worker."""
        if self._path(Lease(lease.judge_id, lease.bucket, "", lease.number + 1)).exists():
            return False
        with in_words(self._path(lease)):
            os.utime(self._path(lease))
        return True

    def give_back(self, lease: Lease) -> None:
        """Let anybody have it at once."""
        with in_words(self._path(lease)):
            os.utime(self._path(lease), (0, 0))

    def server_time(self, name: str) -> float:
        """The file server's clock: the time of change of a file just written."""
        path = self._clocks / name
        with in_words(path):
            path.write_bytes(b"")
            os.utime(path)
            return path.stat().st_mtime

    def _create(self, lease: Lease, lease_s: float) -> bool:
        """Whether this worker got the lease: of all that try, one creates the file."""
        path = self._path(lease)
        with in_words(path), suppress(FileExistsError):
            with path.open("x", encoding="utf-8") as stream:
                stream.write(f"{lease.worker_id} {lease_s:g}")
            return True
        return False

    def _is_over(self, lease: Lease, now: float, lease_s: float) -> bool:
        """Whether a lease was given back (changed at time 0), or not renewed for as long as it said."""
        path = self._path(lease)
        with in_words(path):
            changed = path.stat().st_mtime
            promised = path.read_text(encoding="utf-8").rpartition(" ")[2]
        return now - changed > (float(promised) if promised else lease_s)

    def _latest(self, judge_id: str) -> dict[int, int]:
        latest: dict[int, int] = {}
        for path in (self._leases / judge_id).iterdir():
            bucket, _, number = path.name.partition(".")
            latest[int(bucket)] = max(latest.get(int(bucket), 0), int(number))
        return latest

    def _path(self, lease: Lease) -> Path:
        return self._leases / lease.judge_id / f"{lease.bucket:06d}.{lease.number}"
