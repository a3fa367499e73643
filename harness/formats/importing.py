"""Files of a format -> a run folder, that `compare` and `report` read like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import __version__
from harness.errors import StoreError
from harness.formats.assemble import Assembled, assemble
from harness.formats.base import Imported, Place
from harness.formats.reading import fail
from harness.formats.registry import read_files
from harness.schema import (
    Experiment,
    ImportRecord,
    Manifest,
    Part,
    ResolvedJudge,
    SourceFile,
    Verdict,
)
from harness.store.circumstances import now, versions_of
from harness.store.disk import in_words, make_folder
from harness.store.folder import RunFolder

MAX_REPEATS = 100
_BLOCK = 1 << 20
_OURS = {
    *("manifest.json", "cases.jsonl", "rulebooks.jsonl", "verdicts.jsonl", "people.jsonl", "timing.jsonl"),
    *("comparison.json", "report.html", "report.md", ".run.lock"),
}


@dataclass(frozen=True)
class Asked:
    """What is imported, as it was asked for."""

    format: str
    paths: tuple[Path, ...]
    options: Mapping[str, str]
    title: str | None = None


@dataclass(frozen=True)
class Import:
    """An import that is written: the folder, its manifest, what the files held and what was made of it."""

    folder: RunFolder
    manifest: Manifest
    imported: Imported
    assembled: Assembled


def import_files(asked: Asked, target: Path) -> Import:
    """Read files as a format and write them as a run folder.

    The same files with the same options give the same bytes in a folder that holds this import already; any
    other folder that holds something is refused before anything is read.

    Raises
    ------
    HarnessError
        There is no such format.
    ImportFormatError
        The files cannot be read as this format; each problem is named with its line.
    StoreError
        The folder holds something else, is in use, or cannot be written to.
    """
    for path in asked.paths:
        if not path.exists():
            fail(Place(path), "", "no such file or folder")
    folder = RunFolder(target)
    before = _present(folder)
    record = ImportRecord(
        format=asked.format,
        options=dict(sorted(asked.options.items())),
        sources=tuple(_sources(asked.paths)),
        imported_at=now(),
    )
    _refuse_other(folder, before, record)
    imported = _titled(read_files(asked.format, asked.paths, asked.options), asked.title)
    assembled = assemble(imported)
    manifest = _manifest(folder, imported, assembled, _with_findings(record, imported))
    if before is not None:
        manifest = _same_hour(manifest, before)
    _write(folder, manifest, imported, assembled)
    return Import(folder, manifest, imported, assembled)


def _titled(imported: Imported, title: str | None) -> Imported:
    if title is None:
        return imported
    named = imported.case_set.model_copy(update={"title": {imported.language: title}})
    return replace(imported, case_set=named)


def _present(folder: RunFolder) -> Manifest | None:
    """The manifest of the import that is there; raises StoreError where something else is."""
    with in_words(folder.path):
        names = {path.name for path in folder.path.iterdir()} if folder.path.is_dir() else set()
    if not names or names == {".run.lock"}:
        return None
    words = "name a new folder with -o, or empty this one"
    if "manifest.json" not in names:
        raise StoreError(f"{folder.path}: holds files that are no run ({min(names)}); {words}")
    manifest = folder.read_manifest()
    if manifest.imported is None:
        raise StoreError(f"{folder.path}: holds the run '{manifest.run_id}', which asked judges; {words}")
    strangers = sorted(name for name in names - _OURS if not name.startswith("."))
    if strangers:
        raise StoreError(f"{folder.path}: holds {strangers[0]}, which no import writes; {words}")
    return manifest


def _refuse_other(folder: RunFolder, before: Manifest | None, record: ImportRecord) -> None:
    """A folder is written again only by the import that wrote it."""
    if before is None or before.imported is None:
        return
    there = before.imported
    differs = [
        name for name in ("format", "options", "sources") if getattr(there, name) != getattr(record, name)
    ]
    if differs:
        raise StoreError(
            f"{folder.path}: holds another import ({there.format}; other {', '.join(differs)}); "
            "name a new folder with -o, or delete this one"
        )


def _sources(paths: Sequence[Path]) -> Iterator[SourceFile]:
    """Every file that is imported, under the name that it has below the path that was named."""
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for one in inside:
            relative = one.relative_to(path.parent).as_posix()
            # files of the same name from two folders are told apart by their hash, not by private paths
            yield SourceFile(name=relative, n_bytes=one.stat().st_size, sha256=_sha256(one))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with in_words(path), path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _with_findings(record: ImportRecord, imported: Imported) -> ImportRecord:
    return record.model_copy(
        update={
            "notes": imported.notes,
            "people_known": imported.people_known,
            "random_sample": imported.random_sample,
            "provenance": imported.provenance,
        }
    )


def _manifest(folder: RunFolder, imported: Imported, assembled: Assembled, record: ImportRecord) -> Manifest:
    case_set = imported.case_set
    return Manifest(
        run_id=folder.path.resolve().name,
        created_at=record.imported_at,
        harness_version=__version__,
        experiment=Experiment(
            experiment_id=case_set.set_id,
            title=case_set.title,
            case_set=case_set.set_id,
            seed=0,
            parts=tuple(parts_of(assembled.judges)),
        ),
        case_set=case_set,
        judges=tuple(ResolvedJudge(spec=spec) for spec in imported.judges),
        files={},
        versions=versions_of(()),
        imported=record,
    )


def parts_of(verdicts: Sequence[Verdict]) -> Iterator[Part]:
    """One part per judge that says what its verdicts are: an account, not a plan."""
    by_judge: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_judge.setdefault(verdict.cell.annotator_id, []).append(verdict)
    for number, (judge_id, mine) in enumerate(by_judge.items(), start=1):
        cells = [verdict.cell for verdict in mine]
        yield Part(
            part_id=f"judge-{number}",
            judges=(judge_id,),
            rulebooks=tuple(dict.fromkeys(cell.rulebook_id for cell in cells)),
            wordings=tuple(dict.fromkeys(cell.wording for cell in cells)),
            languages=tuple(dict.fromkeys(cell.language for cell in cells)),
            repeats=min(MAX_REPEATS, 1 + max(cell.repeat for cell in cells)),
        )


def _same_hour(manifest: Manifest, before: Manifest) -> Manifest:
    """The same import again: it keeps its hour, so that the same files give the same bytes."""
    assert manifest.imported is not None
    assert before.imported is not None
    record = manifest.imported.model_copy(update={"imported_at": before.imported.imported_at})
    case_set = manifest.case_set
    date = before.case_set.provenance.date
    case_set = case_set.model_copy(
        update={"provenance": case_set.provenance.model_copy(update={"date": date})}
    )
    return manifest.model_copy(
        update={"created_at": before.created_at, "case_set": case_set, "imported": record}
    )


def _write(folder: RunFolder, manifest: Manifest, imported: Imported, assembled: Assembled) -> None:
    make_folder(folder.path)
    with folder.lock():
        folder.write_cases(imported.cases)
        folder.write_rulebooks(imported.rulebooks)
        folder.write_people(assembled.people)
        folder.write_verdicts(assembled.judges)
        folder.write_timing(())
        # last: a folder without a manifest is no run, so a torn import is seen
        folder.replace_manifest(manifest)
