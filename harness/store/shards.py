"""A cassette's files: shards under 5 MB and a manifest, replaced as a whole, verified as a whole."""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from harness.errors import StoreError
from harness.schema import KEY_VERSION
from harness.store.disk import in_words, make_folder, read_bytes, sync_folder, write_atomically
from harness.store.file_lines import (
    TEXTS,
    FileLines,
    FileReader,
    ReadFiles,
    are_in_order,
    each_hash,
    without_repeats,
)
from harness.store.lock import FileLock
from harness.store.on_disk import TextsOnDisk, answers_on_disk
from harness.store.shard import in_shards

MAX_SHARD_BYTES = 5_000_000
CASSETTE_FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_OURS = re.compile(r"^(?:texts-)?\d{3,}\.jsonl$|^manifest\.json$|^\..*\.tmp$")


@dataclass
class Shards:
    """What was read, and every place that could not be trusted."""

    answers: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
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


def read_shards(folder: Path, read_files: ReadFiles = map) -> Shards:
    """Read and verify every line and file; what cannot be trusted is a named problem, and left out.

    `read_files` may share the files between processes: each line is verified by itself.
    """
    found = _found(folder)
    listed = _read_manifest(found)
    names = sorted({path.name for path in found.glob("*.jsonl")} | set(listed), key=lambda n: (len(n), n))
    return _Reading(found, listed, names).read(read_files)


def _found(folder: Path) -> Path:
    """Where the cassette stands: beside its place, while a writer that was killed had it half exchanged."""
    places = (folder, _staging(folder), _retired(folder))
    return next((place for place in places if _is_complete(place)), folder)


def shards_digest(folder: Path) -> str | None:
    """SHA-256 of all lines from the files as they are; None when they are not those that the manifest lists.

    Writers write lines in order, so what a manifest lists is whole and sorted.
    """
    found = _found(folder)
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


class _Reading:
    """Puts together what the files of one cassette hold, and names problems as `file:line: why`."""

    def __init__(self, folder: Path, listed: Mapping[str, Mapping[str, str | int]], names: list[str]) -> None:
        self._folder = folder
        self._listed = listed
        self._names = names
        self._problems: dict[str, list[str]] = {name: [] for name in names}
        self._entries: dict[str, Mapping[str, str | int]] = {}
        self._whole = hashlib.sha256()

    def read(self, read_files: ReadFiles) -> Shards:
        """Texts first, so that of every answer it can be said at once whether one is missing."""
        there = [name for name in self._names if (self._folder / name).exists()]
        for name in self._names:
            if name not in there:
                self._problems[name].append(f"{self._folder / name}: listed in {MANIFEST}, but missing")
        text_names = [name for name in there if name.startswith(TEXTS)]
        names = [*text_names, *(name for name in there if name not in text_names)]
        files = iter(read_files(FileReader().read, [self._folder / name for name in names]))
        texts = [*islice(files, len(text_names))]
        answers, missing = self._read_answers(
            files, {one for file in texts for one in each_hash(file.listed.hashes)}
        )
        for name in text_names:
            self._enter(self._folder / name)
        return self._put_together(answers, texts, missing)

    def _read_answers(
        self, files: Iterable[FileLines], known: set[bytes]
    ) -> tuple[list[FileLines], list[str]]:
        """The files with answers, and which texts of theirs are missing."""
        answers: list[FileLines] = []
        missing: dict[bytes, str] = {}
        for file in files:
            path = file.listed.path
            self._enter(path)
            for sha256, number in zip(each_hash(file.needed), file.needed_at, strict=True):
                if sha256 not in known and sha256 not in missing:
                    missing[sha256] = f"{path}:{number}: the message text {sha256.hex()[:12]} is missing"
            answers.append(file._replace(needed=b"", needed_at=array("Q")))
        return answers, [*missing.values()]

    def _enter(self, path: Path) -> None:
        """Count and hash one file: what the manifest should say of it."""
        content = read_bytes(path, "cassette file")
        self._whole.update(content)
        sha256 = hashlib.sha256(content).hexdigest()
        self._entries[path.name] = _file_entry(sha256, len(content), content.count(b"\n"))

    def _put_together(self, answers: list[FileLines], texts: list[FileLines], missing: list[str]) -> Shards:
        in_order = are_in_order(answers) and are_in_order(texts) and self._names == _in_turn(self._names)
        if not in_order:
            answers, texts = without_repeats(answers), without_repeats(texts)
        for file in (*answers, *texts):
            path = file.listed.path
            self._problems[path.name] += [f"{path}:{number}: {why}" for number, why in file.problems]
        problems = [problem for name in self._names for problem in self._problems[name]]
        problems = [*problems, *missing, *self._not_as_listed()]
        return Shards(
            answers_on_disk([file.listed for file in answers]),
            TextsOnDisk([file.listed for file in texts]),
            tuple(problems),
            self._whole.hexdigest() if in_order and not problems else None,
        )

    def _not_as_listed(self) -> Iterator[str]:
        for name in self._names:
            if not self._problems[name] and self._entries[name] != self._listed.get(name):
                wrong = "not listed in" if name not in self._listed else "differs from"
                yield f"{self._folder / name}: {wrong} {MANIFEST}"


def _in_turn(names: Iterable[str]) -> list[str]:
    """The names, those of texts behind those of answers."""
    return sorted(names, key=lambda name: name.startswith(TEXTS))
