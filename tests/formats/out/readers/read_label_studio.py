"""Check an exported project with Label Studio's own SDK, and put its tasks through its converter.

Run by the interpreter that has `label_studio_sdk`: `read_label_studio.py FOLDER` prints what was seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import label_studio_sdk
from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface


def main(folder: Path) -> dict[str, Any]:
    """Validate configuration, tasks, annotations, predictions; convert to Label Studio's small JSON."""
    configuration = (folder / "labeling.xml").read_text(encoding="utf-8")
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    interface = LabelInterface(configuration)
    interface.validate()
    converted = Path(tempfile.mkdtemp(prefix="readers-"))
    Converter(configuration, project_dir=None).convert_to_json_min(
        str(folder / "tasks.json"), str(converted), is_dir=False
    )
    return {
        "version": label_studio_sdk.__version__,
        "controls": {name: control.tag for name, control in interface._controls.items()},
        "tasks": [interface.validate_task({"data": task["data"]}) for task in tasks],
        "annotations": [interface.validate_annotation(one) for task in tasks for one in task["annotations"]],
        "predictions": [
            interface.validate_prediction(one, return_errors=True)
            for task in tasks
            for one in task["predictions"]
        ],
        "converted": json.loads((converted / "result.json").read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve())))  # noqa: T201
