"""The folder of a steering run: manifest, recording, rewards, the record that the page shows, the page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from harness.errors import StoreError
from harness.load.roots import shipped_root
from harness.schema import Record, canonical_json
from harness.schema.steer import STEER_FORMAT_VERSION, Steering, SteerManifest
from harness.store.disk import make_folder, read_bytes, write_atomically
from harness.store.lock import FileLock
from harness.store.secret_scan import SecretScan

SHIPPED = "steering"
_GROWS = frozenset({"n_replies", "languages"})
"""What may change in a folder: more replies and languages join those that are there."""
_NOT_COMPARED = frozenset({"run_id", "created_at", "harness_version", "versions"})


class SteerFolder:
    """One steering run on disk. Nothing is created before the first write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest_path = path / "manifest.json"
        self.cassette_path = path / "cassette"
        self.rewards_path = path / "rewards"
        self.record_path = path / "steering.json"
        self.page_path = path / "report.html"
        self.work_path = path / ".work.sqlite"

    def lock(self) -> FileLock:
        """The lock of whoever writes this run; a second writer gets a StoreError."""
        make_folder(self.path)
        return FileLock(self.path / ".run.lock", f"the run {self.path}")

    def read_manifest(self) -> SteerManifest:
        """The manifest; raises StoreError where it is missing, damaged or of another version."""
        content = read_bytes(self.manifest_path, "manifest of a steering run")
        try:
            manifest = SteerManifest.model_validate_json(content)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in problem["loc"])
            message = f"{self.manifest_path}: damaged, or not of a steering run: {field}: {problem['msg']}"
            raise StoreError(message) from error
        if manifest.format_version != STEER_FORMAT_VERSION:
            raise StoreError(
                f"{self.manifest_path}: format {manifest.format_version}, but this harness reads format "
                f"{STEER_FORMAT_VERSION}; use the version of the harness that wrote it"
            )
        return manifest

    def write_manifest(self, manifest: SteerManifest) -> SteerManifest:
        """Write the manifest, or let the one that is there grow; the one in force comes back.

        Raises
        ------
        StoreError
            The folder holds other questions, another model or other settings; each is named.
        """
        if not self.manifest_path.exists():
            self._write(self.manifest_path, manifest)
            return manifest
        written = self.read_manifest()
        changed = _changes(written, manifest)
        if changed:
            raise StoreError(
                f"{self.manifest_path}: this folder holds another run ({', '.join(changed)} differ); "
                "choose another folder with --output, or undo the change to go on with this one"
            )
        grown = written.model_copy(
            update={
                "n_replies": max(written.n_replies, manifest.n_replies),
                "languages": tuple(dict.fromkeys((*written.languages, *manifest.languages))),
            }
        )
        if grown != written:
            self._write(self.manifest_path, grown)
        return grown

    def copy_manifest(self, manifest: SteerManifest) -> None:
        """Write the manifest of a recording that is read into this folder."""
        self._write(self.manifest_path, manifest)

    def reward_files(self) -> tuple[Path, ...]:
        """The rewards that lie beside the recording, in the order of their names."""
        return tuple(sorted(self.rewards_path.glob("*.json")))

    def write_rewards(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Keep exactly these files beside the recording: rewards, and their twins in folders of their own."""
        kept = {self.rewards_path / name: content for name, content in files}
        for path, content in kept.items():
            make_folder(path.parent)
            write_atomically(path, [content])
        for path in self.rewards_path.rglob("*.json"):
            if path not in kept:
                path.unlink()

    def write_steering(self, steering: Steering) -> None:
        """Write the record that the page shows."""
        self._write(self.record_path, steering)

    def read_steering(self) -> Steering:
        """The record that the page shows; raises StoreError where it is missing or damaged."""
        content = read_bytes(self.record_path, "record of a steering run")
        try:
            return Steering.model_validate_json(content)
        except ValidationError as error:
            raise StoreError(
                f"{self.record_path}: damaged; write it again with `harness steer --replay -o {self.path}`"
            ) from error

    def write_page(self, page: str) -> None:
        """Write the page."""
        make_folder(self.path)
        write_atomically(self.page_path, [page.encode()])

    def _write(self, path: Path, record: Record) -> None:
        scan = SecretScan()
        line = canonical_json(record) + b"\n"
        scan.look_at_line(path.name, lambda: record.model_dump(mode="json"), line)
        scan.refuse()
        make_folder(self.path)
        write_atomically(path, [line])


def shipped_steering() -> SteerFolder:
    """The recording that came with the harness."""
    return SteerFolder(shipped_root() / "results" / SHIPPED)


def _changes(written: SteerManifest, asked: SteerManifest) -> list[str]:
    before, now = written.model_dump(mode="json"), asked.model_dump(mode="json")
    return [name for name in before if before[name] != now[name] and name not in _GROWS | _NOT_COMPARED]
