"""JSON schemas of the file types, made from the records: editors complete and check with them."""

from __future__ import annotations

import json
from pathlib import Path

from harness.load.authored import Case, CaseSet, Experiment
from harness.schema import JudgeSpec, Record, Rulebook

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES: dict[str, type[Record]] = {
    "case.schema.json": Case,
    "case-set.schema.json": CaseSet,
    "rulebook.schema.json": Rulebook,
    "judge.schema.json": JudgeSpec,
    "experiment.schema.json": Experiment,
}


def json_schemas() -> dict[str, dict[str, object]]:
    """The JSON schema of each file type, by file name."""
    return {
        name: {"$schema": _DIALECT, **record_type.model_json_schema()} for name, record_type in _FILES.items()
    }


def schema_text(schema: dict[str, object]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema into a folder (`docs/schemas`); gives the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in json_schemas().items():
        (folder / name).write_text(schema_text(schema), encoding="utf-8")
        paths.append(folder / name)
    return tuple(paths)
