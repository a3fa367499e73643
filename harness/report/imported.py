"""Where an imported run comes from: the format, the files, what was left out on the way, the licence."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import ImportRecord, Manifest

_DIGEST = 12
MOST_NOTES = 30
MOST_FILES = 60


@dataclass(frozen=True)
class ImportedPart:
    """What the page says of an import."""

    summary: str
    facts: tuple[tuple[str, str], ...]
    notes_title: str
    notes: tuple[str, ...]
    files_title: str
    files: PlainTable


def imported_part(manifest: Manifest, voice: Voice) -> ImportedPart | None:
    """Tell what was imported; nothing for a run that asked its judges itself."""
    record = manifest.imported
    if record is None:
        return None
    sources = tuple(
        (disarm(one.name), voice.whole(one.n_bytes), one.sha256[:_DIGEST])
        for one in record.sources[:MOST_FILES]
    )
    return ImportedPart(
        summary=say_imported(manifest, voice),
        facts=_facts(manifest, voice),
        notes_title=voice.say("import_notes", n=voice.whole(len(record.notes))),
        notes=tuple(disarm(note) for note in record.notes[:MOST_NOTES]),
        files_title=voice.say("import_files", n=voice.whole(len(record.sources))),
        files=PlainTable(
            tuple(voice.say(head) for head in ("file_head", "bytes_head", "digest_head")), sources
        ),
    )


def say_imported(manifest: Manifest | None, voice: Voice) -> str:
    """Say in one sentence that nobody was asked for this report; nothing for other runs."""
    if manifest is None or manifest.imported is None:
        return ""
    record = manifest.imported
    said = voice.say("import_summary", format=disarm(record.format), n=voice.whole(len(record.sources)))
    return f"{said} {voice.say('import_look')}" if record.notes else said


def _who_voted(record: ImportRecord, voice: Voice) -> str:
    """Say whether people are known; nothing where nobody voted."""
    if voice.against not in ("people", "votes"):
        return ""
    return voice.say("import_known" if record.people_known else "import_unknown")


def _facts(manifest: Manifest, voice: Voice) -> tuple[tuple[str, str], ...]:
    record = manifest.imported
    if record is None:
        return ()
    facts = {
        "import_format": record.format,
        "import_date": record.imported_at,
        "import_options": ", ".join(f"{name} = {one}" for name, one in sorted(record.options.items())),
        "import_people": _who_voted(record, voice),
        "import_sample": voice.say(
            {True: "sample_yes", False: "sample_no", None: "unknown"}[record.random_sample]
        ),
    }
    origin = record.provenance
    if origin is not None:
        facts |= {
            "import_source": origin.source or "",
            "import_note": origin.note or "",
        }
    return tuple((voice.say(name), disarm(fact)) for name, fact in facts.items() if fact)
