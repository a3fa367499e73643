"""The card of an export: what is in it, where it comes from, what it cannot say. Counts, no judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from harness import __version__
from harness.formats.out.base import (
    Choices,
    Lines,
    Material,
    Protection,
    Table,
    Writer,
    Written,
    dumped,
    file_name,
)
from harness.formats.redact import LIBRARIES
from harness.schema import AnnotatorKind

_LIMITS = (
    "A grade is one annotator's reading under given rules, not the truth: disagreement is part of the data.",
    "Grades order the answers of one case; their distances are not comparable between people or cases.",
    "Messages, answers and models' reasons may hold orders to a model: data, and left as it was.",
)
_UNSEARCHED = "Free text was not searched for personal data: read the texts before you publish them."
_NAMES_ONLY = (
    "Free text was searched for the names of these people only, and not for other personal data: read the "
    "texts before you publish them."
)
_SEARCHED = (
    "Free text was searched for personal data by patterns: whatever follows none of them is still there. "
    "Read the texts before you publish them."
)
_NO_PIPELINE = (
    'Names of people were found only after a title, an introduction or a word like "my sister": no program '
    "that recognises names was used."
)
_WHO: Mapping[AnnotatorKind, str] = {
    "person": "people",
    "judge": "judges (language models)",
    "key": "author's key (one person's reading, no annotator)",
}


def render_card(
    material: Material, choices: Choices, writer: Writer, written: Written, protection: Protection
) -> str:
    """README.md of an export, with front matter where the format has some."""
    parts = [*_front_matter(written.front_matter), f"# {_title(material)}", ""]
    if material.simulated:
        parts += ["**SIMULATED: some or all of these people are invented. No finding about people.**", ""]
    parts += [_description(material, choices), "", f"Format: `{writer.name}`. {writer.summary}", ""]
    if written.files:
        parts += ["## Files", "", *_files(written), ""]
    parts += ["## Counts", "", *_counts(material, written), ""]
    parts += ["## People", "", *_people(material, protection), ""]
    parts += ["## How to read it", "", written.how_to_read, "", "## Origin and licence", ""]
    parts += [*_origin(material), "", "## Left out, changed, and limits", ""]
    notes = (*material.notes, *written.notes, *_LIMITS)
    return "\n".join([*parts, *(f"- {one_line(note)}" for note in notes), ""])


def one_line(text: str) -> str:
    """A text from outside inside Markdown: on one line, no HTML, no control characters, no link."""
    shown = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    for mark in "\\`*_[]<>|#":
        shown = shown.replace(mark, f"\\{mark}")
    return shown


def _title(material: Material) -> str:
    titles = material.case_set.title
    return one_line(titles.get("en") or next(iter(titles.values())))


def _description(material: Material, choices: Choices) -> str:
    described = material.case_set.description
    language = choices.language or "en"
    return one_line(described.get(language) or next(iter(described.values())))


def _front_matter(content: Mapping[str, JsonValue]) -> Iterator[str]:
    """YAML, each value in JSON, which is YAML too and leaves nothing to interpretation."""
    if content:
        yield "---"
        yield from (f"{name}: {dumped(value)}" for name, value in content.items())
        yield "---"


def _files(written: Written) -> Iterator[str]:
    yield "| file | rows |"
    yield "|---|---|"
    for one in written.files:
        rows = f"{len(one.rows):,}" if isinstance(one, Table | Lines) else ""
        yield f"| `{file_name(one)}` | {rows} |"


def _counts(material: Material, written: Written) -> Iterator[str]:
    yield f"- cases: {len(material.cases):,}, answers: {sum(len(one.answers) for one in material.cases):,}"
    for kind, words in _WHO.items():
        said = [one for one in material.verdicts if one.cell.annotator_kind == kind]
        if said:
            who = {(one.cell.session, one.cell.annotator_id) for one in said}
            yield f"- {words}: {len(who):,}, verdicts: {len(said):,}"
    invented = {(one.cell.session, one.cell.annotator_id) for one in material.people if one.cell.simulated}
    if invented:
        yield f"- of the people, SIMULATED: {len(invented):,}"
    rulebooks = sorted({one.cell.rulebook_id for one in material.verdicts})
    yield f"- rulebooks: {', '.join(rulebooks) or 'none'}"
    yield from (f"- {name.replace('_', ' ')}: {count:,}" for name, count in written.counts.items())


def _people(material: Material, protection: Protection) -> Iterator[str]:
    """How the people are protected, what they agreed to, and for how long they may be kept."""
    yield f"- Pseudonyms: {'yes' if material.pseudonymised else 'no, the ids are those of the run'}"
    if protection.smallest is None:
        yield "- Groups: nobody in it is a real person"
    else:
        yield (
            f"- Groups: the smallest that shares session, rulebook and language has {protection.smallest:,} "
            f"(wanted: k = {protection.k})"
        )
    if protection.n_small:
        yield f"- Groups so small that people in them may be recognised: {protection.n_small:,}"
    yield from _redaction(material)
    yield f"- Consent: {one_line(protection.consent) or 'not said; ask whoever collected the grades'}"
    yield f"- Keep until: {protection.keep_until or 'not said'}"


def _redaction(material: Material) -> Iterator[str]:
    told = material.redaction
    if told is None:
        yield f"- Free text: {_UNSEARCHED}"
        return
    found = ", ".join(f"{kind} {n:,}" for kind, n in sorted(told.counts.items())) or "nothing"
    tools = ", ".join(f"{name} {number}" for name, number in told.tools.items())
    yield f"- Replaced in free text ({told.n_texts:,} different texts): {found}"
    if not told.tools:
        yield f"- {_NAMES_ONLY}"
        return
    yield f"- Searched with: {one_line(tools)}"
    yield f"- {_SEARCHED}"
    if len(told.tools) <= len(LIBRARIES):
        yield f"- {_NO_PIPELINE}"


def _origin(material: Material) -> Iterator[str]:
    manifest, told = material.manifest, material.manifest.imported
    yield f"- run `{one_line(manifest.run_id)}` of {manifest.created_at}, exported by harness {__version__}"
    origins = dict.fromkeys(filter(None, (material.case_set.provenance, told.provenance if told else None)))
    for origin in origins:
        words = [origin.kind, origin.date, origin.source or "", origin.note or ""]
        yield f"- {one_line('; '.join(filter(None, words)))}"
    for note in told.notes if told is not None else ():
        yield f"- {one_line(note)}"
    yield "- Licence: what is said above is all that is known; nothing here grants more than the source does."
