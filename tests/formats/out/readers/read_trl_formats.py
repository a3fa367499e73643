"""Put exported pairs through the functions with which TRL's trainers prepare them; needs no torch.

Run by the interpreter that has `trl`: `read_trl_formats.py FOLDER...` prints what was seen as JSON.
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
import trl
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
from trl import data_utils

CHAT = "{% for one in messages %}<{{ one['role'] }}>{{ one['content'] }}{% endfor %}"


def read_folder(folder: str) -> dict[str, Any]:
    """What TRL makes of the first row and of all."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?")))
    tokenizer.chat_template = CHAT
    rows = datasets.load_dataset(folder)["train"]
    first = rows[0]
    shown = data_utils.maybe_apply_chat_template(data_utils.maybe_extract_prompt(first), tokenizer)
    bare = rows.select_columns([name for name in ("prompt", "chosen", "rejected") if name in first])
    unpaired = data_utils.maybe_unpair_preference_dataset(bare)
    return {
        "is_conversational": data_utils.is_conversational(first),
        "shown": {name: shown[name] for name in ("prompt", "chosen", "rejected") if name in shown},
        "n_rows": len(rows),
        "n_unpaired": len(unpaired),
    }


if __name__ == "__main__":
    found = {Path(one).name: read_folder(str(Path(one).resolve())) for one in sys.argv[1:]}
    print(json.dumps({"version": trl.__version__, "folders": found}))  # noqa: T201
