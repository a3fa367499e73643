from __future__ import annotations

import json
from pathlib import Path

from harness.load.schemas import json_schemas, schema_text, write_schemas


def test_the_schemas_in_docs_are_current(root: Path) -> None:
    """docs/schemas holds what the records say; `write_schemas` writes it anew."""
    expected = {name: schema_text(schema) for name, schema in json_schemas().items()}
    folder = root / "docs/schemas"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")} == expected


def test_schemas_refuse_unknown_fields_and_name_the_languages(tmp_path: Path) -> None:
    """An editor sees misspelt fields, and which languages there are."""
    write_schemas(tmp_path)
    case = json.loads((tmp_path / "case.schema.json").read_text(encoding="utf-8"))
    assert case["additionalProperties"] is False
    assert case["properties"]["title"]["propertyNames"] == {"enum": ["fr", "en"]}
