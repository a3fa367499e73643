"""A cassette's files: shards under 5 MB and a manifest, replaced as a whole, verified as a whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness.errors import StoreError
from harness.schema import KEY_VERSION, Recording
from harness.store.disk import in_words, make_folder, read_bytes, sync_folder, write_atomically
from harness.store.lines import LineError, parse_answered, parse_text, unpack
from harness.store.lock import FileLock
from harness.store.on_disk import OnDisk
from harness.store.shard import in_shards

MAX_SHARD_BYTES = 5_000_000
CASSETTE_FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_OURS = re.compile(r"^(?:texts-)?\d{3,}\.jsonl$|^manifest\.json$|^\..*\.tmp$")


@dataclass
class Shards:
    """What was read, and every place that could not be trusted."""

    answers: Mapping[str, bytes] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    digest: str | None = None
    """SHA-256 of all lines, where the files hold them in order and whole."""


def write_shards(folder: Path, answers: Iterable[bytes], texts: Iterable[bytes]) -> str:
    """Write the lines to a new folder beside `folder`, put it in its place; SHA-256 of all lines."""
    make_folder(folder.parent)
    with FileLock(folder.with_name(f".{folder.name}.lock"), f"the cassette {folder}"), in_words(folder):
        _finish_interrupted(folder)
        _refuse_foreign(folder)
        staging = _staging(folder)
        staging.mkdir()
        try:
            digest = _fill(staging, answers, texts)
        except BaseException:
            with suppress(OSError):
                _remove(staging)
            raise
        _put_in_place(folder)
    return digest


def is_written(folder: Path, digest: str) -> bool:
    """Whether the folder holds just these lines, whole, and no writer was killed beside it."""
    interrupted = _staging(folder).exists() or _retired(folder).exists()
    return not interrupted and _is_complete(folder) and shards_digest(folder) == digest


def _staging(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")


def _retired(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _fill(staging: Path, answers: Iterable[bytes], texts: Iterable[bytes]) -> str:
    """Write the shards, then the manifest: a folder with a manifest is complete."""
    whole = hashlib.sha256()
    files: dict[str, dict[str, str | int]] = {}
    for pattern, lines in (("{:03d}.jsonl", answers), ("texts-{:03d}.jsonl", texts)):
        for number, shard in enumerate(in_shards(lines, MAX_SHARD_BYTES)):
            name = pattern.format(number)
            write_atomically(staging / name, shard.lines(whole))
            files[name] = _file_entry(shard.sha256, shard.n_bytes, shard.n_lines)
    write_atomically(staging / MANIFEST, [_manifest_bytes(files)])
    return whole.hexdigest()


def _file_entry(sha256: str, n_bytes: int, n_lines: int) -> dict[str, str | int]:
    return {"sha256": sha256, "n_bytes": n_bytes, "n_lines": n_lines}


def _manifest_bytes(files: Mapping[str, Mapping[str, str | int]]) -> bytes:
    texts = sum(int(entry["n_lines"]) for name, entry in files.items() if name.startswith("texts-"))
    manifest = {
        "format_version": CASSETTE_FORMAT_VERSION,
        "key_version": KEY_VERSION,
        "n_answers": sum(int(entry["n_lines"]) for entry in files.values()) - texts,
        "n_texts": texts,
        "files": files,
    }
    return json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"


def _put_in_place(folder: Path) -> None:
    """Two renames; between them a reader finds the complete new folder under its temporary name."""
    if folder.exists():
        folder.rename(_retired(folder))
    _staging(folder).rename(folder)
    sync_folder(folder.parent)
    _remove(_retired(folder))


def _finish_interrupted(folder: Path) -> None:
    """Bring to an end what a killed writer left."""
    if not folder.exists() and _is_complete(_staging(folder)):
        _staging(folder).rename(folder)
    if not folder.exists() and _is_complete(_retired(folder)):
        _retired(folder).rename(folder)
    _remove(_staging(folder))
    _remove(_retired(folder))


def _is_complete(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _refuse_foreign(folder: Path) -> None:
    """Replacing a folder deletes it, so it must hold nothing but a cassette."""
    foreign = sorted(p.name for p in folder.iterdir() if not _OURS.match(p.name)) if folder.exists() else []
    if foreign:
        raise StoreError(
            f"{folder}: holds {', '.join(foreign[:5])}, which is no part of a cassette; "
            "nothing was written; choose another folder or move these files away"
        )


def _remove(folder: Path) -> None:
    if folder.is_dir():
        # The manifest goes first, so that what is half removed never looks complete.
        for path in sorted(folder.iterdir(), key=lambda path: path.name != MANIFEST):
            path.unlink()
        folder.rmdir()


def read_shards(folder: Path) -> Shards:
    """Read and verify every line and file; what cannot be trusted is a named problem, and left out."""
    places = (folder, _staging(folder), _retired(folder))
    found = next((place for place in places if _is_complete(place)), folder)
    listed = _read_manifest(found)
    reader = _Reader(found)
    names = sorted({path.name for path in found.glob("*.jsonl")} | set(listed), key=lambda n: (len(n), n))
    files = {name: reader.read(name) for name in names}
    reader.check_texts()
    problems = reader.problems + [
        f"{found / name}: {'not listed in' if name not in listed else 'differs from'} {MANIFEST}"
        for name in names
        if files[name] != listed.get(name) and name not in reader.damaged
    ]
    return Shards(reader.answers, reader.texts, tuple(problems), None if problems else reader.digest())


def shards_digest(folder: Path) -> str | None:
    """SHA-256 of all lines from the files as they are; None when they are not those that the manifest lists.

    Writers write lines in order, so what a manifest lists is whole and sorted.
    """
    places = (folder, _staging(folder), _retired(folder))
    found = next((place for place in places if _is_complete(place)), folder)
    listed = _read_manifest(found)
    present = {path.name for path in found.glob("*.jsonl")}
    whole = hashlib.sha256()
    for name in sorted(listed, key=lambda name: (name.startswith("texts-"), len(name), name)):
        content = read_bytes(found / name, "cassette file") if name in present else b""
        if hashlib.sha256(content).hexdigest() != listed[name].get("sha256"):
            return None
        whole.update(content)
    return whole.hexdigest() if present == listed.keys() else None


def _read_manifest(folder: Path) -> dict[str, dict[str, str | int]]:
    """The files that the manifest lists; a manifest of another version, or a damaged one, is an error."""
    path = folder / MANIFEST
    content = read_bytes(path, "cassette")
    try:
        manifest = json.loads(content)
        version, files = manifest["format_version"], manifest["files"]
        intact = version != CASSETTE_FORMAT_VERSION or _manifest_bytes(files) == content
    except (ValueError, KeyError, TypeError, AttributeError):
        intact, version, files = False, None, {}
    if not intact:
        raise StoreError(
            f"{path}: damaged: not the manifest of a cassette; restore it (git checkout), or export it again"
        )
    if version != CASSETTE_FORMAT_VERSION:
        raise StoreError(
            f"{path}: cassette format {version}, but this harness reads format {CASSETTE_FORMAT_VERSION}; "
            "use the version of the harness that wrote it"
        )
    return dict(files)


class _Place(NamedTuple):
    """Where a line stands; its end is not part of its length."""

    path: Path
    number: int
    offset: int
    length: int


class _Reader:
    """Collects trusted lines, and problems as `file:line: why`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = OnDisk()
        self.texts: dict[str, str] = {}
        self.problems: list[str] = []
        self.damaged: set[str] = set()
        self._needed: dict[str, str] = {}
        self._whole = hashlib.sha256()
        self._last = ""
        self._in_order = True

    def read(self, name: str) -> dict[str, str | int] | None:
        """Verify one file; what the manifest should say of it, or None when it is missing."""
        path = self.folder / name
        if not path.exists():
            self._problem(name, f"{path}: listed in {MANIFEST}, but missing")
            return None
        content = read_bytes(path, "cassette file")
        self._whole.update(content)
        holds_texts = name.startswith("texts-")
        keep = self._keep_text if holds_texts else self._keep_answer
        if not holds_texts:
            self.answers.begin_file(path, content)
        offset = number = 0
        while (end := content.find(b"\n", offset)) >= 0:
            number += 1
            line = content[offset:end]
            try:
                keep(unpack(line), _Place(path, number, offset, len(line)))
            except LineError as error:
                self._problem(name, f"{path}:{number}: {error}")
            offset = end + 1
        if offset < len(content):
            self._problem(name, f"{path}:{number + 1}: torn: the last line has no end")
        return _file_entry(hashlib.sha256(content).hexdigest(), len(content), number)

    def _problem(self, name: str, message: str) -> None:
        self.damaged.add(name)
        self.problems.append(message)

    def _keep_answer(self, payload: bytes, place: _Place) -> None:
        answered = parse_answered(payload)
        if answered.key in self.answers:
            raise LineError(f"the key {answered.key[:12]} stands here twice")
        self.answers.add(answered.key, place.offset, place.length)
        self._follows(f"answer {answered.key}")
        if isinstance(answered, Recording):
            for message in answered.request.messages:
                if message.sha256 not in self._needed:
                    self._needed[message.sha256] = f"{place.path}:{place.number}"

    def _keep_text(self, payload: bytes, _place: _Place) -> None:
        record = parse_text(payload)
        self.texts[record.sha256] = record.text
        self._follows(f"text {record.sha256}")

    def _follows(self, line: str) -> None:
        self._in_order = self._in_order and line > self._last
        self._last = line

    def digest(self) -> str | None:
        """SHA-256 of all lines; None when they do not stand in order."""
        return self._whole.hexdigest() if self._in_order else None

    def check_texts(self) -> None:
        """Every message of every completion must have its text."""
        for sha256, place in self._needed.items():
            if sha256 not in self.texts:
                self.problems.append(f"{place}: the message text {sha256[:12]} is missing")
