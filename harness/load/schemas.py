"""JSON schemas of the file types, made from the records: editors complete and check with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.load.authored import Case, CaseSet, Experiment
from harness.load.layers import EXTENDS
from harness.schema import JudgeSpec, Record, Rulebook
from harness.schema.steer import QuestionSet

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES: dict[str, type[Record]] = {
    "case.schema.json": Case,
    "case-set.schema.json": CaseSet,
    "rulebook.schema.json": Rulebook,
    "judge.schema.json": JudgeSpec,
    "experiment.schema.json": Experiment,
    "questions.schema.json": QuestionSet,
}


def json_schemas() -> dict[str, dict[str, object]]:
    """The JSON schema of each file type, by file name."""
    schemas = {
        name: {"$schema": _DIALECT, **record_type.model_json_schema()} for name, record_type in _FILES.items()
    }
    _allow_extending(schemas["experiment.schema.json"])
    return schemas


def _allow_extending(experiment: dict[str, Any]) -> None:
    """With `extends`, a file holds only what is new: its id, and of a part its part_id and what changes."""
    part = experiment["$defs"]["Part"]
    experiment["if"] = {"not": {"required": [EXTENDS]}}
    experiment["then"] = {
        "required": [name for name in experiment["required"] if name != "experiment_id"],
        "properties": {"parts": {"items": {"required": part["required"]}}},
    }
    experiment["required"] = ["experiment_id"]
    part["required"] = ["part_id"]


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
