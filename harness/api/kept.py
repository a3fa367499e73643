"""The comparison that a run folder holds already, for as long as all that it came from is as it was."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from harness.api.source import Asked, is_large, load_source, no_collections
from harness.compare import compare_verdicts
from harness.compare.apart import both, two_processors
from harness.errors import HarnessError
from harness.load.content import find_case_set
from harness.load.experiments import RULEBOOKS
from harness.load.roots import find_by_id, known_ids, record_files
from harness.schema import Comparison, Manifest
from harness.store.cassette import cassette_digest
from harness.store.disk import write_atomically
from harness.store.folder import RunFolder
from harness.store.learned import LEARNED_FILE

KEPT = ".compared.json"
"""Beside comparison.json: digests of what it was computed from, and of the file itself."""
_MEANWHILE = "computed meanwhile"
"""In place of the cassette's digest, which another process takes while the verdicts are read."""
_PACKAGE = Path(__file__).resolve().parent.parent
_COMPUTING = ("api", "compare", "load", "schema", "stats", "store", "verdict")
"""Packages whose source decides what a comparison says."""


def compare_anew(folder: RunFolder, asked: Asked) -> Comparison:
    """Compare a run, and write comparison.json.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is incomplete or damaged, or cannot be written to.
    """
    before = _seen(folder, asked)
    with no_collections():
        source, (recorded, inputs) = both(
            lambda: load_source(folder, asked, _MEANWHILE),
            lambda: _digests(folder, asked),
            apart=is_large(folder) and two_processors(),
        )
        if source.store_sha256 == _MEANWHILE:
            source = replace(source, store_sha256=recorded or cassette_digest(folder.cassette_path))
        comparison = compare_verdicts(source)
        folder.write_comparison(comparison)
    # What changed while it was read or computed makes this a comparison of other files.
    if inputs is not None and before is not None and before == _seen(folder, asked):
        told = {"comparison": _file_digest(folder.comparison_path), "inputs": inputs}
        write_atomically(folder.path / KEPT, [json.dumps(told).encode() + b"\n"])
    return comparison


def compare_once(folder: RunFolder, asked: Asked) -> Comparison:
    """The same; but a comparison of the very same bytes, options and program is read, not computed again."""
    return _kept(folder, asked) or compare_anew(folder, asked)


def _kept(folder: RunFolder, asked: Asked) -> Comparison | None:
    try:
        told = json.loads((folder.path / KEPT).read_bytes())
        content = folder.comparison_path.read_bytes()
        if told["comparison"] != hashlib.sha256(content).hexdigest():
            return None
        comparison, (_, inputs) = both(
            lambda: Comparison.model_validate_json(content),
            lambda: _digests(folder, asked),
            apart=is_large(folder) and two_processors(),
        )
        return comparison if inputs is not None and inputs == told["inputs"] else None
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None


def _seen(folder: RunFolder, asked: Asked) -> tuple[tuple[str, int, int, int], ...] | None:
    """Which files there are, and when each was last written; None if some are missing."""
    try:
        found = [(name, path.stat()) for name, path in (*_files(folder, asked), *_cassette_files(folder))]
    except (OSError, HarnessError):
        return None
    return tuple((name, one.st_ino, one.st_size, one.st_mtime_ns) for name, one in found)


def _cassette_files(folder: RunFolder) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.cassette_path.glob("*")):
        yield f"cassette {path.name}", path


def _digests(folder: RunFolder, asked: Asked) -> tuple[str | None, str | None]:
    """The digest of the cassette, and that of everything a comparison comes from."""
    recorded = _recorded_digest(folder)
    return recorded, _inputs_digest(folder, asked, recorded)


def _recorded_digest(folder: RunFolder) -> str | None:
    """The digest of the cassette; None where there is none, or it is damaged."""
    try:
        return cassette_digest(folder.cassette_path)
    except (OSError, HarnessError):
        return None


def _inputs_digest(folder: RunFolder, asked: Asked, recorded: str | None) -> str | None:
    """SHA-256 over every file, option and program that a comparison comes from; None if some are missing."""
    whole = hashlib.sha256(json.dumps([*_circumstances(asked), recorded]).encode())
    try:
        for name, path in _files(folder, asked):
            whole.update(f"\n{name} {_file_digest(path)}".encode())
    except (OSError, HarnessError):
        return None
    return whole.hexdigest()


def _circumstances(asked: Asked) -> list[str]:
    options = [repr(option) for option in asked]
    return [*options, platform.python_version(), version("numpy"), version("scipy")]


def _files(folder: RunFolder, asked: Asked) -> Iterator[tuple[str, Path]]:
    for part in _COMPUTING:
        for path in sorted((_PACKAGE / part).rglob("*.py")):
            yield path.relative_to(_PACKAGE).as_posix(), path
    yield from _run_files(folder)
    yield from _content_files(folder.read_manifest())
    if asked.people is not None:
        yield "people", asked.people


def _run_files(folder: RunFolder) -> Iterator[tuple[str, Path]]:
    yield "manifest", folder.manifest_path
    yield "verdicts", folder.verdicts_path
    brought = (folder.timing_path, folder.cases_path, folder.rulebooks_path, folder.people_path)
    for path in (*brought, folder.path / LEARNED_FILE):
        if path.exists():
            yield path.relative_to(folder.path).as_posix(), path


def _content_files(manifest: Manifest) -> Iterator[tuple[str, Path]]:
    if manifest.imported is None:
        for path in record_files(find_case_set(manifest.case_set.set_id)):
            yield f"case {path.name}", path
    for name in known_ids(RULEBOOKS):
        found = find_by_id(RULEBOOKS, name)
        if found is not None:
            yield f"rulebook {found.name}", found


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
