"""Run the exported task with Inspect and its invented model, which gives the replies of a file in turn.

Run by the interpreter that has `inspect_ai`: `read_inspect.py FOLDER REPLIES.json` prints what was seen. Each
reply brings its count of tokens along: without one the invented model would fetch a tokenizer.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import inspect_ai
from inspect_ai.model import ModelOutput, ModelUsage, get_model


def invented(replies: dict[str, str]) -> Any:  # noqa: ANN401 - typed by a library that is not here
    """A model that answers a prompt with the reply whose key stands in it."""

    def reply(messages: list[Any], *_: object) -> ModelOutput:
        prompt = "\n".join(one.text for one in messages)
        said = next(text for key, text in replies.items() if key in prompt)
        output = ModelOutput.from_content("mockllm", said)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=reply)


def main(folder: Path, replies: Path) -> dict[str, Any]:
    """Status, score of each sample, mean, and what was sent."""
    os.chdir(folder)
    model = invented(json.loads(replies.read_text(encoding="utf-8")))
    (log,) = inspect_ai.eval(
        "task.py", model=model, display="none", log_dir=tempfile.mkdtemp(prefix="readers-")
    )
    samples = log.samples or []
    return {
        "version": inspect_ai.__version__,
        "status": log.status,
        "sent": {one.id: [[said.role, said.text] for said in one.messages[:-1]] for one in samples},
        "scores": {one.id: one.scores["as_people_order"].value for one in samples},
        "mean": log.results.scores[0].metrics["mean"].value,
        "unscored": log.results.scores[0].unscored_samples,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())))  # noqa: T201
