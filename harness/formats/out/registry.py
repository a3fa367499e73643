"""Every writer by name; it is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from harness.errors import HarnessError
from harness.formats.out.base import Writer
from harness.load.near import suggestion

SUMMARIES: dict[str, str] = {
    "long": "Tables, one row per grade: people as in docs/people.md, judges apart. CSV or JSON lines.",
    "rankings": "JSON lines, one verdict each: its tiers, best first, and where it stands.",
    "pairs": "Preference pairs for TRL: DPO (prompt, chosen, rejected) or reward trainer (with margin).",
    "datasets": "A folder for Hugging Face `datasets`: cases, rankings, pairs, and a card.",
    "argilla": "Records with a ranking question, and the settings of the dataset.",
    "label-studio": "Tasks for the Ranker tag, and the labelling configuration.",
    "inspect": "A dataset of the same prompts for Inspect, and a small task that grades the judge.",
    "card": "No data: only README.md, which says what the run holds, and the account.",
    "promptfoo": "A promptfoo configuration that puts the same prompts to any provider.",
}
_MODULES = {"inspect": "inspect_task", "card": "card_only"}
"""`inspect` is the name of a module of Python's own; every export has a card, this one has nothing else."""


def find_writer(name: str) -> Writer:
    """The writer of that name; raises HarnessError that names the near ones."""
    if name not in SUMMARIES:
        raise HarnessError(f"unknown format '{name}'{suggestion(name, SUMMARIES)}")
    found = import_module(f"harness.formats.out.{_MODULES.get(name, name.replace('-', '_'))}").WRITER
    if not isinstance(found, Writer) or found.name != name:
        raise TypeError(f"harness.formats.out: WRITER of '{name}' is something else")
    return found
