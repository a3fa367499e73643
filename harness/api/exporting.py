"""A run folder -> files for other tools: what is chosen, made private, written, and accounted for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from harness import __version__
from harness.api.source import Asked, load_source
from harness.compare.cells import escaped_json, spreadsheet_cell
from harness.errors import HarnessError
from harness.formats.out.base import (
    Cellular,
    Choices,
    Lines,
    Material,
    OutFile,
    Plain,
    Protection,
    Table,
    Written,
    dumped,
    file_name,
)
from harness.formats.out.card import render_card
from harness.formats.out.choosing import choose, left_out, n_failed, without_proposals
from harness.formats.out.privacy import DEFAULT_K, Pseudonyms, group_sizes, pseudonymise, small_groups
from harness.formats.out.redacting import redacted
from harness.formats.out.registry import find_writer
from harness.formats.redact import Searcher
from harness.load.people import author_key_verdicts
from harness.schema import RankedVerdict
from harness.store.disk import in_words, make_folder, write_atomically
from harness.store.folder import RunFolder

ACCOUNT = "export.json"
"""Written last: a folder without it is a torn export."""
CARD = "README.md"


class Privacy(NamedTuple):
    """How people are protected in an export."""

    pseudonymised: bool = False
    key: bytes | None = None
    mapping: Path | None = None
    """Where the table that undoes the pseudonyms is written; None = nowhere."""
    k: int = DEFAULT_K
    """Groups of fewer people are told."""
    refuse_small: bool | None = None
    """True: small groups are refused, False: they are said; None: refused when people are pseudonymised."""
    redact: bool = False
    """Free text is searched for personal data, which needs the extra `privacy`."""
    pipelines: tuple[str, ...] = ()
    """spaCy pipelines, installed here, that find names of people in it."""
    consent: str = ""
    """What people agreed to, for the card."""
    keep_until: str = ""
    """ISO date, for the card."""


class Export(NamedTuple):
    """What was written."""

    path: Path
    files: tuple[str, ...]
    counts: dict[str, int]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    """Groups so small that people in them can be told apart."""


class Order(NamedTuple):
    """What to write, and where."""

    name: str
    """Of the format."""
    target: Path
    """A new folder, or an empty one."""
    choices: Choices
    people: Path | None = None
    """A table of people's grades, for a run that holds none or others."""
    privacy: Privacy = Privacy()


def export_run(folder: RunFolder, order: Order) -> Export:
    """Write what a run says in the format of that name, with a card and an account, into a new folder.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is damaged, or the target cannot be written to.
    HarnessError
        There is no such format, nothing is left to write, the target holds something, somebody is simulated
        and nobody said that this is wanted, a group of people is too small, or free text cannot be searched.
    """
    name, target, choices, people, privacy = order
    writer = find_writer(name)
    _refuse_full(target, privacy)
    whole = load_material(folder, people)
    material = choose(whole if writer.keeps_proposals else without_proposals(whole), choices)
    protection, warnings = _check_groups(material, choices, privacy)
    names = Pseudonyms(privacy.key)
    if privacy.pseudonymised or privacy.redact:
        material = _searched(material, whole, privacy)
    if privacy.pseudonymised:
        material = pseudonymise(material, names)
    written = writer.write(material, choices)
    card = Plain(CARD, render_card(material, choices, writer, written, protection))
    contents = [(file_name(one), file_bytes(one)) for one in (*written.files, card)]
    account = _account(material, order, protection, written)
    account["files"] = {one: hashlib.sha256(content).hexdigest() for one, content in contents}
    _write_all(target, contents, account)
    if privacy.mapping is not None:
        _write_mapping(privacy.mapping, names)
    notes = (*material.notes, *written.notes)
    return Export(target, tuple(one for one, _ in contents), dict(written.counts), notes, warnings)


def load_material(folder: RunFolder, people: Path | None = None) -> Material:
    """Everything that a run holds, whole: reasons too, which a comparison does without.

    Raises
    ------
    InputError
        The table of people's grades or the cases are wrong.
    StoreError
        The run folder is incomplete or damaged.
    """
    source = load_source(folder, Asked(people=people))
    manifest = source.manifest
    brought = [one for one in source.people if one.cell.annotator_kind == "key"]
    authored = author_key_verdicts(manifest.case_set, source.cases)
    unread = n_failed(folder.read_people()) if manifest.imported is not None and people is None else 0
    return Material(
        manifest=manifest,
        case_set=manifest.case_set,
        cases=source.cases,
        people=tuple(one for one in source.people if one.cell.annotator_kind == "person"),
        judges=tuple(folder.read_verdicts()),
        keys=tuple({_where(one): one for one in (*authored, *brought)}.values()),
        rulebooks=source.rulebooks,
        notes=tuple(left_out("Verdicts of people that could not be read, left out", unread)),
    )


def _where(verdict: RankedVerdict) -> tuple[str, str]:
    return verdict.cell.annotator_id, verdict.cell.case_id


# --- people -------------------------------------------------------------------------------------------


def _check_groups(
    material: Material, choices: Choices, privacy: Privacy
) -> tuple[Protection, tuple[str, ...]]:
    """What the card counts, and the groups by name, which are not for a card that is published."""
    real = [one for one in material.people if not one.cell.simulated]
    sizes = group_sizes(real, pooled=choices.annotators == "pool")
    found = small_groups(sizes, privacy.k)
    refuses = privacy.pseudonymised if privacy.refuse_small is None else privacy.refuse_small
    if found and refuses:
        remedy = "export fewer groups (--rulebook) or a larger class, or accept it: --small-groups warn"
        raise HarnessError("\n".join([*found, remedy]))
    smallest = min(sizes.values(), default=None)
    told = Protection(privacy.k, smallest, len(found), privacy.consent, privacy.keep_until)
    return told, tuple(found)


def _searched(material: Material, whole: Material, privacy: Privacy) -> Material:
    """Free text without what is personal; the names of all people of the run, exported or not, among it."""
    known = {one.cell.annotator_id for one in whole.people}
    return redacted(material, known, Searcher(privacy.pipelines) if privacy.redact else None)


def _write_mapping(path: Path, names: Pseudonyms) -> None:
    columns = ("session", "annotator_id", "session_pseudonym", "pseudonym")
    table = Table(path.stem, columns, names.mapping(), "csv")
    make_folder(path.parent)
    write_atomically(path, [file_bytes(table)])


# --- files --------------------------------------------------------------------------------------------


def _refuse_full(target: Path, privacy: Privacy) -> None:
    with in_words(target):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise HarnessError(f"{target}: holds something already; name a new folder, or empty this one")
        inside = privacy.mapping is not None and target.resolve() in privacy.mapping.resolve().parents
    if inside:
        raise HarnessError(
            "--mapping lies in the export: whoever got the one would get the other; move it out"
        )
    if privacy.mapping is not None and privacy.mapping.exists():
        raise HarnessError(f"{privacy.mapping}: is there already; name a new file for the mapping")


def file_bytes(one: OutFile) -> bytes:
    """What is written into a file."""
    if isinstance(one, Plain):
        return one.text.encode()
    if isinstance(one, Lines):
        return _json_lines(one.rows)
    if one.kind == "jsonl":
        rows = (dict(zip(one.columns, row, strict=True)) for row in one.rows)
        return _json_lines({name: cell for name, cell in row.items() if cell is not None} for row in rows)
    text = io.StringIO()
    table = csv.writer(text, delimiter=";" if one.kind == "csv-semicolon" else ",", lineterminator="\r\n")
    table.writerow(one.columns)
    table.writerows([_csv_cell(cell) for cell in row] for row in one.rows)
    return text.getvalue().encode()


def _json_lines(rows: Iterable[object]) -> bytes:
    return "".join(f"{escaped_json(json.dumps(row, ensure_ascii=False))}\n" for row in rows).encode()


def _csv_cell(cell: Cellular) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return spreadsheet_cell(cell) if isinstance(cell, str) else f"{cell:.15g}"


def _write_all(target: Path, contents: list[tuple[str, bytes]], account: dict[str, JsonValue]) -> None:
    for name, content in contents:
        make_folder((target / name).parent)
        write_atomically(target / name, [content])
    write_atomically(target / ACCOUNT, [dumped(account, indent=2).encode() + b"\n"])


def _account(
    material: Material, order: Order, protection: Protection, written: Written
) -> dict[str, JsonValue]:
    """What was exported from what, for programs."""
    manifest = material.manifest
    told = None if material.redaction is None else asdict(material.redaction)
    return {
        "format": order.name,
        "run_id": manifest.run_id,
        "run_created_at": manifest.created_at,
        "harness_version": __version__,
        "choices": json.loads(json.dumps(vars(order.choices))),
        "pseudonymised": material.pseudonymised,
        "simulated": material.simulated,
        "people": asdict(protection),
        "redaction": told,
        "counts": dict(written.counts),
        "notes": [*material.notes, *written.notes],
    }
