"""Fuzz targets for what lies on disk: bytes in, nothing out, an error where a promise broke."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from harness.errors import ImportFormatError, Problem, StoreError
from harness.formats.assemble import assemble
from harness.formats.registry import FORMATS, NAMES
from harness.load.authored import read_case, read_plan, read_set
from harness.load.content import load_case_set
from harness.load.judges import read_judge
from harness.load.people import read_people
from harness.load.rulebooks import read_rulebook
from harness.schema import Case, CaseSet, Record
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder
from harness.store.lines import LineError, pack, parse_answered, parse_text, unpack
from harness.store.shards import CASSETTE_FORMAT_VERSION, _manifest_bytes
from harness.store.work import WorkStore

Found = tuple[Record | None, list[Problem]]


@cache
def folder() -> Path:
    """A folder of this process, in memory where there is one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - only where files are put
    return Path(tempfile.mkdtemp(prefix="harness-fuzz-", dir=memory))


def _written(name: str, content: bytes) -> Path:
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --- what people write -----------------------------------------------------------------------------


def _located(reader: Callable[[Path], object]) -> Callable[[Path], Found]:
    def read(path: Path) -> Found:
        reading = reader(path)
        return getattr(reading, "record", None), list(getattr(reading, "problems", ()))

    return read


AUTHORED: tuple[Callable[[Path], Found], ...] = (
    _located(read_case),
    _located(read_set),
    _located(read_plan),
    read_rulebook,
    read_judge,
)
"""What reads a case, a case set, an experiment, a rulebook, a judge."""


def authored_file(content: bytes) -> None:
    """Read a YAML or JSON file of ours: a record that can be written, or problems that name the file."""
    reader = AUTHORED[(content[0] if content else 0) % len(AUTHORED)]
    path = _written("authored.yaml", content[1:])
    record, problems = reader(path)
    assert (record is None) <= bool(problems), "neither a record nor a word"
    assert all(problem.path == path and problem.message for problem in problems)
    if record is not None and not problems:
        assert type(record).model_validate_json(record.model_dump_json().encode()) == record


@cache
def _annotator() -> tuple[CaseSet, tuple[Case, ...]]:
    return load_case_set("annotator")


TABLES = (".csv", ".jsonl", ".tsv", ".txt")


def people_table(content: bytes) -> None:
    """Read a table of people's grades: verdicts of known cases and answers, or problems."""
    case_set, cases = _annotator()
    path = _written(f"people{TABLES[(content[0] if content else 0) % len(TABLES)]}", content[1:])
    verdicts, problems = read_people(path, case_set, cases, rulebooks=("hhh", "none"))
    assert verdicts or problems
    answers = {case.case_id: {answer.answer_id for answer in case.answers} for case in cases}
    for verdict in verdicts:
        assert set(verdict.grades) <= answers[verdict.cell.case_id]
        assert type(verdict).model_validate_json(verdict.model_dump_json()) == verdict


# --- other tools' files ----------------------------------------------------------------------------

SUFFIXES = (".csv", ".json", ".jsonl", ".eval")


def import_file(content: bytes) -> None:
    """Read a file as one of our formats: verdicts of what it holds, or an error that names a place."""
    setting = [*content[:2], 0, 0]
    name = NAMES[setting[0] % len(NAMES)]
    path = _written(f"import{SUFFIXES[setting[1] % len(SUFFIXES)]}", content[2:])
    try:
        imported = FORMATS[name].read([path], {})
        assemble(imported)
    except (ImportFormatError, UnicodeDecodeError):  # the registry turns the second into the first
        return
    assert imported.cases
    assert imported.votes or imported.graded
    for case in imported.cases:
        case.model_dump_json().encode()


# --- what the harness wrote itself -----------------------------------------------------------------


def store_line(content: bytes) -> None:
    """Read a line of a cassette: what is trusted comes back byte for byte, else a `LineError`."""
    try:
        payload = unpack(content)
    except LineError:
        pass
    else:
        assert pack(payload) == content + b"\n"
    for parse in (parse_answered, parse_text):
        try:
            parse(content)
        except LineError:
            continue
        assert unpack(pack(content).rstrip(b"\n")) == content


def run_folder(content: bytes) -> None:
    """Read a run folder whose files hold these bytes: records, or a `StoreError` that names the file."""
    run = RunFolder(folder() / "run")
    kind, body = (content[0] if content else 0) % 5, content[1:]
    if kind == 0:
        _cassette(run.cassette_path, body)
    elif kind == 1:
        _named(run.verdicts_path, body, run.read_verdicts)
    elif kind == 2:
        _named(run.timing_path, body, run.read_timing)
    elif kind == 3:
        _named(run.manifest_path, body, run.read_manifest)
    else:
        _named(run.work_path, body, lambda: _work_store(run.work_path))


def _named(path: Path, body: bytes, read: Callable[[], object]) -> None:
    _written(str(path.relative_to(folder())), body)
    told = refusal(read)
    assert told is None or str(path) in told


def refusal(read: Callable[[], object]) -> str | None:
    """What a `StoreError` says, or None where everything can be read."""
    try:
        read()
    except StoreError as error:
        return str(error)
    return None


def _work_store(path: Path) -> None:
    with WorkStore(path, read_only=True) as store:
        list(store.recordings())
        list(store.outcomes())


def _cassette(cassette: Path, body: bytes) -> None:
    """A cassette with a right manifest over wrong lines; and with the lines left out that are."""
    lines = [pack(line) if line[:1] == b"{" else line + b"\n" for line in body.split(b"\n")]
    content = b"".join(lines)
    entry: dict[str, str | int] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "n_bytes": len(content),
        "n_lines": content.count(b"\n"),
    }
    relative = cassette.relative_to(folder())
    _written(f"{relative}/000.jsonl", content)
    _written(f"{relative}/manifest.json", _manifest_bytes({"000.jsonl": entry}))
    kept = Cassette.read(cassette, skip_corrupt=True)
    assert all(pack(payload) in content for payload in kept.answers.values())
    told = refusal(lambda: Cassette.read(cassette))
    assert told is None or str(cassette) in told
    assert (told is None) == (not kept.corrupt)


def cassette_manifest(content: bytes) -> None:
    """Read a cassette whose manifest holds these bytes: a `StoreError`, or the manifest we would write."""
    _written("manifest/manifest.json", content)
    told = refusal(lambda: Cassette.read(folder() / "manifest"))
    assert told is None or "manifest" in told
    if told is None:
        assert json.loads(content)["format_version"] == CASSETTE_FORMAT_VERSION
