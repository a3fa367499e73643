"""Open exported folders with `datasets.load_dataset`, offline, every configuration that the card names.

Run by the interpreter that has `datasets`: `read_datasets.py FOLDER...` prints what was seen as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="readers-")

import datasets


def read_folder(folder: str) -> dict[str, Any]:
    """Configuration -> side -> rows; and what opens when no configuration is named."""
    names = datasets.get_dataset_config_names(folder)
    opened = {name: datasets.load_dataset(folder, name) for name in names}
    return {
        "default": {side: len(rows) for side, rows in datasets.load_dataset(folder).items()},
        "rows": {
            name: {side: rows.to_list() for side, rows in sides.items()} for name, sides in opened.items()
        },
    }


if __name__ == "__main__":
    found = {Path(one).name: read_folder(str(Path(one).resolve())) for one in sys.argv[1:]}
    print(json.dumps({"version": datasets.__version__, "folders": found}))  # noqa: T201
