"""A run that grows by one part at a time: somebody asks a judge more, and nobody else is asked anything."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import StoreError
from harness.judge.base import Judge
from harness.judge.pasted import PastedJudge
from harness.run.calls import Runtime
from harness.run.execute import Progress
from harness.run.session import Finished, LiveJudge, record_run
from harness.schema import Experiment, JudgeSpec, Language, Part, Recorder
from harness.store.folder import RunFolder

_TITLE: dict[Language, str] = {"fr": "Juges interrogés un à un", "en": "Judges asked one at a time"}
_NOT_NAME = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True)
class Addition:
    """What a run grows by: a part on one judge; `live` asks it, absent = its replies are recorded already."""

    case_set: str
    part: Part
    spec: JudgeSpec
    live: LiveJudge | None = None


async def grow_run(
    folder: RunFolder, addition: Addition, progress: Progress, stop: asyncio.Event
) -> Finished:
    """Add a part to the run in a folder, or begin a run with it, and write the run anew.

    Raises
    ------
    StoreError
        The folder holds a run of other cases, or the same judge with other settings.
    """
    written = folder.read_manifest().judges if folder.manifest_path.exists() else ()
    runtimes: Mapping[str, Runtime] = {one.spec.judge_id: one.runtime for one in written}
    presets = {one.spec.judge_id: one.spec for one in written}
    asked = addition.spec.judge_id

    def only_the_new_one(spec: JudgeSpec, recorder: Recorder) -> Judge:
        if spec.judge_id == asked and addition.live is not None:
            return addition.live(spec, recorder)
        return PastedJudge(spec, runtimes.get(spec.judge_id))

    return await record_run(
        grown_experiment(folder, addition.case_set, addition.part),
        folder,
        only_the_new_one,
        progress,
        stop,
        extend=True,
        presets={asked: addition.spec, **presets},
    )


def grown_experiment(folder: RunFolder, case_set: str, part: Part) -> Experiment:
    """The folder's experiment with a part like this one; a new experiment where the folder is empty.

    Raises
    ------
    StoreError
        The folder holds a run of other cases.
    """
    if not folder.manifest_path.exists():
        name = slug(folder.path.resolve().name) or "judges"
        first = part.model_copy(update={"part_id": f"{part.part_id}-1"})
        return Experiment(experiment_id=name, title=_TITLE, case_set=case_set, seed=0, parts=(first,))
    experiment = folder.read_manifest().experiment
    if experiment.case_set != case_set:
        raise StoreError(
            f"{folder.path}: holds cases of '{experiment.case_set}', not of '{case_set}'; name another folder"
        )
    if any(one.model_copy(update={"part_id": part.part_id}) == part for one in experiment.parts):
        return experiment
    last = part.model_copy(update={"part_id": f"{part.part_id}-{len(experiment.parts) + 1}"})
    return experiment.model_copy(update={"parts": (*experiment.parts, last)})


def slug(text: str) -> str:
    """The text as an id may be written: lower case, digits, dots, hyphens."""
    return _NOT_NAME.sub("-", text.casefold()).strip("-.")[:64]
