"""What reward models say of the cases of a run: the file `reward.jsonl` beside its verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.schema.reward import LearnedReadings
from harness.store.disk import make_folder, whole_lines, write_atomically

LEARNED_FILE = "reward.jsonl"
_REMEDY = "delete it, and write it again with `harness reward score`"


def read_learned(run: Path) -> list[LearnedReadings]:
    """What each reward model says, one line each; nothing where none was asked.

    Raises
    ------
    StoreError
        A line is damaged.
    """
    path = run / LEARNED_FILE
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(whole_lines(path, "file of learned readings", _REMEDY), start=1):
        try:
            found.append(LearnedReadings.model_validate_json(line))
        except ValidationError as error:
            raise StoreError(f"{path}:{number}: damaged; {_REMEDY}") from error
    return found


def write_learned(run: Path, readings: Iterable[LearnedReadings]) -> None:
    """Write one canonical line for each reward model."""
    make_folder(run)
    write_atomically(run / LEARNED_FILE, [canonical_json(one) + b"\n" for one in readings])
