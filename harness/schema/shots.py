"""Cases that a judge is shown first, with people's grades: where they come from, and the judge's name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from harness.schema.base import Identifier, Record
from harness.schema.call import Sha256
from harness.schema.judge import JudgeSpec

MAX_SHOTS = 50
_VARIANT = re.compile(r"^(?P<base>.+)\.shots-(?P<n>0|[1-9][0-9]?)$")


class ShotSource(Record):
    """People's grades that examples are taken from: the consensus of every case, and its file."""

    name: Annotated[str, Field(description="name of the file")]
    sha256: Annotated[Sha256, Field(description="of the file; it is in the key of every call with examples")]
    n_people: Annotated[int, Field(ge=1)]
    grades: Annotated[
        dict[Identifier, dict[Identifier, dict[Identifier, int]]],
        Field(description="rulebook_id -> case_id -> answer_id -> median of the people's first grades"),
    ]


def shot_variant(judge_id: str) -> tuple[str, int] | None:
    """The preset and the number of examples that a name stands for; None for a preset's own name.

    Examples
    --------
    >>> shot_variant("gpt.shots-4")
    ('gpt', 4)
    >>> shot_variant("gpt") is None
    True
    """
    found = _VARIANT.match(judge_id)
    return (found["base"], int(found["n"])) if found and int(found["n"]) <= MAX_SHOTS else None


def with_shots(spec: JudgeSpec, n_shots: int) -> JudgeSpec:
    """The same judge after so many examples, under a name of its own."""
    title = None if spec.title is None else f"{spec.title} ({n_shots} shots)"
    name = f"{spec.judge_id}.shots-{n_shots}"
    return spec.model_copy(update={"judge_id": name, "shots": n_shots, "title": title})
