"""`inspect`: the same prompts as a data set for Inspect, and a task that scores by people's order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import JsonValue

from harness.formats.out.asked_cases import AskedCase, asked_cases, sentences
from harness.formats.out.base import Choices, Lines, Material, Plain, Writer, Written
from harness.formats.out.registry import SUMMARIES

TASK_FILE = Path(__file__).with_name("inspect_task.py.txt")
"""The task as it is exported; a text here, for Inspect is no dependency of ours."""

_HOW = """\
    inspect eval task.py --model PROVIDER/MODEL

Each sample is what a judge of the harness is asked. `target` and the metadata `preferred` name the pairs of
slots that more people ordered so than contrary; the scorer gives the share of them that the reply's grades
order alike, equal grades counting one half. A sample without people is not scored."""


def write_inspect(material: Material, choices: Choices) -> Written:
    """A data set of prompts and a task; raises HarnessError when nothing can be asked."""
    counts: Counter[str] = Counter()
    samples = [_sample(one) for one in asked_cases(material, choices, counts)]
    task = TASK_FILE.read_text(encoding="utf-8")
    return Written(
        files=(Lines("dataset.jsonl", samples), Plain("task.py", task)),
        counts=dict(counts),
        notes=tuple(sentences(counts)),
        how_to_read=_HOW,
    )


def _sample(one: AskedCase) -> dict[str, JsonValue]:
    return {
        "id": one.name,
        "input": [{"role": message.role, "content": message.content} for message in one.messages],
        "target": one.preferences,
        "metadata": {
            "case_id": one.case.case_id,
            "rulebook_id": one.rulebook_id,
            "language": one.language,
            "slots": dict(one.slots),
            "preferred": [list(pair) for pair in one.preferred],
            "n_people": one.n_people,
            "simulated": one.simulated,
        },
    }


WRITER = Writer("inspect", SUMMARIES["inspect"], write_inspect)
