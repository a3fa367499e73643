"""The folder of one run: where each file lies, and how each is written whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from harness.errors import StoreError
from harness.schema import (
    RUN_FORMAT_VERSION,
    Case,
    Manifest,
    Record,
    Rulebook,
    Verdict,
    VerdictTiming,
    canonical_json,
)
from harness.schema.small import TimingTable
from harness.store.compact import Compactor
from harness.store.comparison_json import comparison_chunks
from harness.store.disk import make_folder, read_bytes, whole_lines, write_atomically
from harness.store.lock import FileLock
from harness.store.secret_scan import SecretScan
from harness.store.verdict_lines import read_timings, read_verdicts

if TYPE_CHECKING:
    from harness.schema import Comparison
    from harness.store.verdict_table import VerdictTable

_VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
_TIMING: TypeAdapter[VerdictTiming] = TypeAdapter(VerdictTiming)
_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_RULEBOOK: TypeAdapter[Rulebook] = TypeAdapter(Rulebook)
_REPLAY = "write it again with `harness replay`"
_IMPORT = "import the files again with `harness import`"
_Line = TypeVar("_Line")

_NOT_COMPARED = frozenset({"run_id", "created_at", "harness_version", "versions", "experiment.stops"})
"""A resumed run keeps the name, the hour, the versions and the limits with which it began.

Versions change between two sittings of a long run, and a folder is copied and renamed; neither changes what
is asked, and every completion says which versions gave it. Nor does the place where one sitting stops.
"""


class RunFolder:
    """One run on disk. Nothing is created before the first write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest_path = path / "manifest.json"
        self.cassette_path = path / "cassette"
        self.verdicts_path = path / "verdicts.jsonl"
        self.timing_path = path / "timing.jsonl"
        self.cases_path = path / "cases.jsonl"
        self.rulebooks_path = path / "rulebooks.jsonl"
        self.people_path = path / "people.jsonl"
        self.comparison_path = path / "comparison.json"
        self.report_path = path / "report.html"
        self.work_path = path / ".work.sqlite"

    def lock(self) -> FileLock:
        """The lock of whoever writes this run, as a context manager; a second writer gets a StoreError."""
        make_folder(self.path)
        return FileLock(self.path / ".run.lock", f"the run {self.path}")

    def write_manifest(self, manifest: Manifest) -> Manifest:
        """Write the manifest, or keep an equal one that is there; the one in force comes back.

        Raises
        ------
        StoreError
            Another manifest is there (each differing field is named), a field looks like a secret,
            or the folder cannot be written to.
        """
        if self.manifest_path.exists():
            return self.check_manifest(manifest)
        return self.replace_manifest(manifest)

    def replace_manifest(self, manifest: Manifest) -> Manifest:
        """Write the manifest over the one that is there; only for a run that was checked and extended.

        Raises
        ------
        StoreError
            A field looks like a secret, or the folder cannot be written to.
        """
        self._write(self.manifest_path, [manifest])
        return manifest

    def check_manifest(self, manifest: Manifest) -> Manifest:
        """The manifest that is there, once it is known to be of the same run.

        Raises
        ------
        StoreError
            It is missing or damaged, or another run's: each differing field is named with both values.
        """
        written = self.read_manifest()
        if manifest.imported is None:
            self.refuse_imported(written, "run")
        changed = list(_changes(written.model_dump(mode="json"), manifest.model_dump(mode="json"), ""))
        if changed:
            more = f" and {len(changed) - 8} more" if len(changed) > 8 else ""
            raise StoreError(
                f"{self.manifest_path}: this folder holds another run; {'; '.join(changed[:8])}{more}; "
                "choose another folder, or undo the change to continue this run"
            )
        return written

    def read_manifest(self) -> Manifest:
        """The manifest of the run.

        Raises
        ------
        StoreError
            It is missing, damaged, or of another format version.
        """
        content = read_bytes(self.manifest_path, "run manifest")
        try:
            manifest = Manifest.model_validate_json(content)
        except ValidationError as error:
            message = f"{self.manifest_path}: damaged or of another version: {_first(error)}"
            raise StoreError(message) from error
        if manifest.format_version != RUN_FORMAT_VERSION:
            raise StoreError(
                f"{self.manifest_path}: run format {manifest.format_version}, but this harness reads format "
                f"{RUN_FORMAT_VERSION}; use the version of the harness that wrote it"
            )
        return manifest

    def write_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Write all verdicts, one canonical line each, in the order given."""
        self._write(self.verdicts_path, verdicts)

    def write_verdict_lines(self, lines: Iterable[bytes]) -> None:
        """Write the same from lines at hand, which were looked through for secrets."""
        self._write_bytes(self.verdicts_path, lines)

    def read_verdicts(self) -> list[Verdict]:
        """All verdicts, in the order of the file."""
        return _read_lines(self.verdicts_path, _VERDICT, "file of verdicts")

    def read_small_verdicts(self) -> list[Verdict]:
        """The same for a comparison, in a fifth of the memory: without reasons and keys of recordings."""
        small = Compactor()
        return [small.verdict(one) for one in _each_line(self.verdicts_path, _VERDICT, "file of verdicts")]

    def read_verdict_table(self) -> VerdictTable:
        """The same as columns: what a comparison needs, a hundred megabytes for a million verdicts."""
        what = "file of verdicts"
        lines = whole_lines(self.verdicts_path, what, _REPLAY)
        return read_verdicts(lines, partial(_validated, self.verdicts_path, _VERDICT, _REPLAY)).table()

    def write_timing(self, timing: Iterable[VerdictTiming]) -> None:
        """Write what each verdict took."""
        self._write(self.timing_path, timing)

    def write_timing_lines(self, lines: Iterable[bytes | bytearray]) -> None:
        """Write the same from lines at hand: numbers, which can be no secret."""
        self._write_bytes(self.timing_path, lines)

    def read_timing(self) -> list[VerdictTiming]:
        """What each verdict took."""
        return _read_lines(self.timing_path, _TIMING, "file of timings")

    def read_timing_table(self) -> TimingTable:
        """The same as columns."""
        lines = whole_lines(self.timing_path, "file of timings", _REPLAY)
        return TimingTable(read_timings(lines, partial(_validated, self.timing_path, _TIMING, _REPLAY)))

    def write_cases(self, cases: Iterable[Case]) -> None:
        """Write the cases of an imported run: no folder of cases has them."""
        self._write(self.cases_path, cases)

    def read_cases(self) -> list[Case]:
        """The cases of an imported run."""
        return _read_lines(self.cases_path, _CASE, "file of cases", _IMPORT)

    def write_rulebooks(self, rulebooks: Iterable[Rulebook]) -> None:
        """Write the rulebooks that an import brings; without any, there is no file."""
        kept = list(rulebooks)
        if kept or self.rulebooks_path.exists():
            self._write(self.rulebooks_path, kept)

    def read_rulebooks(self) -> list[Rulebook]:
        """The rulebooks of an imported run; none when it brought none."""
        if not self.rulebooks_path.exists():
            return []
        return _read_lines(self.rulebooks_path, _RULEBOOK, "file of rulebooks", _IMPORT)

    def write_people(self, verdicts: Iterable[Verdict]) -> None:
        """Write what people (and keys) said in an imported run."""
        self._write(self.people_path, verdicts)

    def read_people(self) -> list[Verdict]:
        """What people (and keys) said in an imported run."""
        return _read_lines(self.people_path, _VERDICT, "file of people's verdicts", _IMPORT)

    def imported_digest(self) -> str:
        """SHA-256 over the verdicts of judges and people: what stands for recordings in an imported run."""
        digest = hashlib.sha256()
        for path in (self.verdicts_path, self.people_path):
            content = read_bytes(path, "file of verdicts")
            digest.update(f"{path.name} {len(content)}\n".encode() + content)
        return digest.hexdigest()

    def refuse_imported(self, manifest: Manifest, wanted: str) -> None:
        """Refuse what only a run of our own judges can do.

        Raises
        ------
        StoreError
            The run was imported: there are no recordings, and nobody can be asked.
        """
        if manifest.imported is not None:
            raise StoreError(
                f"{self.path}: was imported ({manifest.imported.format}), so there is nothing to {wanted}: "
                f"it holds verdicts and no recordings; use `harness compare {self.path}`, or choose another "
                "folder"
            )

    def write_comparison(self, comparison: Comparison) -> None:
        """Write `comparison.json` in canonical JSON, one row after the other."""
        self._write_bytes(self.comparison_path, chain(comparison_chunks(comparison), [b"\n"]))

    def write_comparison_bytes(self, content: bytes) -> None:
        """Write `comparison.json` as it is."""
        self._write_bytes(self.comparison_path, [content])

    def read_comparison_bytes(self) -> bytes:
        """`comparison.json` as it is."""
        return read_bytes(self.comparison_path, "comparison")

    def write_report_bytes(self, content: bytes) -> None:
        """Write `report.html` as it is."""
        self._write_bytes(self.report_path, [content])

    def _write(self, path: Path, records: Iterable[Record]) -> None:
        self._write_bytes(path, _lines_without_secrets(path.name, records))

    def _write_bytes(self, path: Path, chunks: Iterable[bytes | bytearray]) -> None:
        make_folder(self.path)
        write_atomically(path, chunks)


def _lines_without_secrets(name: str, records: Iterable[Record]) -> Iterator[bytes]:
    """One canonical line each; the last step raises if there was a secret, so that no file is made."""
    scan = SecretScan()
    for number, record in enumerate(records, start=1):
        line = canonical_json(record) + b"\n"
        scan.look_at_line(f"{name}:{number}", partial(record.model_dump, mode="json"), line)
        if not scan.found:
            yield line
    scan.refuse()


def _read_lines(path: Path, adapter: TypeAdapter[_Line], what: str, remedy: str = _REPLAY) -> list[_Line]:
    """Every line of a file, or an error that names the first one that cannot be read."""
    return [*_each_line(path, adapter, what, remedy)]


def _each_line(path: Path, adapter: TypeAdapter[_Line], what: str, remedy: str = _REPLAY) -> Iterator[_Line]:
    """The same one after the other, so that the file never stands in memory."""
    for number, line in enumerate(whole_lines(path, what, remedy), start=1):
        yield _validated(path, adapter, remedy, number, line)


def _validated(path: Path, adapter: TypeAdapter[_Line], remedy: str, number: int, line: bytes) -> _Line:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        raise StoreError(f"{path}:{number}: damaged: {_first(error)}; {remedy}") from error


def _changes(written: object, asked: object, field: str) -> list[str]:
    """One phrase per differing leaf of two plain JSON values."""
    if written == asked or field in _NOT_COMPARED:
        return []
    if isinstance(written, Mapping) and isinstance(asked, Mapping):
        prefix = f"{field}." if field else ""
        named = [
            (f"{prefix}{name}", written.get(name), asked.get(name)) for name in sorted({*written, *asked})
        ]
        return [line for name, old, new in named for line in _changes(old, new, name)]
    if isinstance(written, list) and isinstance(asked, list) and len(written) == len(asked):
        pairs = enumerate(zip(written, asked, strict=True))
        return [line for i, (old, new) in pairs for line in _changes(old, new, f"{field}[{i}]")]
    return [f"{field} was {_short(written)}, now {_short(asked)}"]


def _short(value: object) -> str:
    shown = "absent" if value is None else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
