"""Who sees a proposal: dealt by lot in pairs of people, before the first case, and kept beside the table.

Two designs. `people`: of each pair the one sees proposals in every case, the other in none; nobody can carry
what was seen in one case over to the next arm, and agreement among people can be compared. `cases`: the first
of a pair sees proposals on a random half of the cases, the second on the other half; everybody is his or her
own control, so that the same precision takes fewer people, but whoever has seen proposals may grade otherwise
where there are none.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import Field, ValidationError

from harness.annotate.waiting import held
from harness.errors import HarnessError, StoreError
from harness.schema import Identifier, Record
from harness.store.disk import read_bytes, write_atomically
from harness.store.lock import FileLock

Design = Literal["people", "cases"]
DESIGNS: tuple[Design, ...] = get_args(Design)
_SEEDS = 2**53


class Arm(Record):
    """What one person was dealt."""

    annotator_id: str
    lot: Annotated[str, Field(description="the pair; people of one pair have opposite arms")]
    shown: Annotated[tuple[Identifier, ...], Field(description="cases whose proposal this person sees")]


class Study(Record):
    """Whose proposals are shown to whom."""

    session: str
    judge_id: Identifier
    rulebook_id: Identifier
    design: Design
    seed: int
    case_ids: Annotated[
        tuple[Identifier, ...], Field(min_length=1, description="cases that have a proposal: these are dealt")
    ]
    people: tuple[Arm, ...] = ()

    def arm(self, annotator_id: str) -> Arm | None:
        """What this person was dealt; None before that."""
        return next((one for one in self.people if one.annotator_id == annotator_id), None)


def study_path(table: Path) -> Path:
    """Where the arms of a table's people are kept."""
    return table.with_name(f"{table.stem}.arms.json")


def deal(path: Path, asked: Study, annotator_id: str) -> Arm:
    """The arm of a person: the one that is kept, or a new one, kept before it is told.

    `asked.seed` below 0 draws a seed, or takes the one that the file has.

    Raises
    ------
    HarnessError
        The file holds another study.
    StoreError
        It is damaged, or cannot be written to.
    """
    with held(FileLock(path.with_name(f".{path.name}.lock"), f"the file of arms {path}")):
        study = _kept(path, asked)
        known = study.arm(annotator_id)
        if known is not None:
            return known
        arm = _drawn(study, annotator_id)
        grown = study.model_copy(update={"people": (*study.people, arm)})
        write_atomically(path, [grown.model_dump_json(indent=1).encode() + b"\n"])
        return arm


def _kept(path: Path, asked: Study) -> Study:
    if not path.exists():
        seed = asked.seed if asked.seed >= 0 else secrets.randbelow(_SEEDS)
        return asked.model_copy(update={"seed": seed})
    try:
        study = Study.model_validate_json(read_bytes(path, "file of arms"))
    except ValidationError as error:
        raise StoreError(
            f"{path}: damaged: it says who was dealt which arm, and cannot be made again"
        ) from error
    same = {"people": study.people, "seed": study.seed if asked.seed < 0 else asked.seed}
    wanted = asked.model_copy(update=same)
    for name in type(study).model_fields:
        if getattr(study, name) != getattr(wanted, name):
            raise HarnessError(
                f"{path}: this study has {name} {_told(getattr(study, name))}, not "
                f"{_told(getattr(wanted, name))}; undo the change, or write to another table"
            )
    return study


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"'{value}'"


def _drawn(study: Study, annotator_id: str) -> Arm:
    """The next place in the pairs: each pair draws once, its second person gets what the first did not."""
    lot, place = divmod(len(study.people), 2)
    rng = np.random.default_rng([study.seed, lot])
    n_cases = len(study.case_ids)
    if study.design == "people":
        sees = np.full(n_cases, int(rng.integers(2)) == place)
    else:
        n_first = n_cases // 2 + int(rng.integers(2)) * (n_cases % 2)
        sees = (rng.permutation(n_cases) < n_first) == (place == 0)
    shown = tuple(case_id for case_id, seen in zip(study.case_ids, sees.tolist(), strict=True) if seen)
    return Arm(annotator_id=annotator_id, lot=str(lot + 1), shown=shown)
