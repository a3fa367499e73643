"""An experiment -> calls in a shared store, slice by slice, so that no machine holds the whole plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.judge.build import live_judge
from harness.run.capabilities import only_of, with_capabilities
from harness.run.content import Content, gather_content
from harness.run.plan import PlannedCell, Runtime, count_calls, plan_run
from harness.run.shots import with_shots_of
from harness.schema import CapabilityTable, Experiment, Part, ResolvedJudge, ShotSource
from harness.store.secret_scan import refuse_secrets
from harness.store.shared import SharedCall, SharedRun, SharedStore

CALLS_PER_LEASE = 500
"""At 10 calls a second a lease is held for a minute; a lost worker costs the others one wait for it."""

CALLS_PER_SLICE = 2_000

Heard = Callable[[int, int], None]
"""Calls planned so far, and about how many there will be."""


@dataclass(frozen=True)
class Planning:
    """How a run is planned."""

    calls_per_lease: int = CALLS_PER_LEASE
    capabilities: CapabilityTable | None = None
    """What a check of the judges found: refused parameters are left out."""
    shots_from: Path | None = None
    """People's grades for judges that are shown graded cases first."""


def plan_shared(
    experiment: Experiment,
    run_id: str,
    store: SharedStore,
    heard: Heard = lambda *_: None,
    planning: Planning = Planning(),
) -> SharedRun:
    """Plan a run into a shared store; what is planned already stays, and an interrupted plan is gone on with.

    A run that is there keeps the capabilities and grades that it was planned with, unless others are given.

    Raises
    ------
    InputError
        Content is missing or wrong.
    StoreError
        Another run has this name, or a text of the plan holds what looks like a key.
    """
    content, table = _content(experiment, store.held_run(), planning)
    runtimes = {judge_id: live_judge(spec, _NOTHING).runtime() for judge_id, spec in content.judges.items()}
    n_calls = count_calls(experiment, content, runtimes)
    run = SharedRun(
        run_id=run_id,
        experiment=experiment,
        judges=tuple(ResolvedJudge(spec=content.judges[name], runtime=runtimes[name]) for name in runtimes),
        files=content.files,
        capabilities=table,
        shots=content.shots,
        n_buckets={name: max(1, math.ceil(n / planning.calls_per_lease)) for name, n in n_calls.items()},
    )
    refuse_secrets([("run", run.model_dump(mode="json"))])
    if store.create(run):
        n_planned = 0
        for calls in slices(experiment, content, runtimes):
            refuse_secrets((f"call {call.key[:12]}", call.request.model_dump(mode="json")) for call in calls)
            store.add_calls(calls)
            n_planned += len(calls)
            heard(n_planned, sum(n_calls.values()))
        store.seal()
    return run


def _content(
    experiment: Experiment, held: SharedRun | None, planning: Planning
) -> tuple[Content, CapabilityTable | None]:
    """What is asked about, as `harness run` would read it."""
    content = gather_content(experiment)
    table = only_of(planning.capabilities, content.judges) or (held.capabilities if held else None)
    return planned_content(content, table, planning.shots_from or (held.shots if held else None)), table


def planned_content(
    content: Content, table: CapabilityTable | None, shots: Path | ShotSource | None
) -> Content:
    """The content with what a shared run was planned with beside it."""
    content = with_capabilities(content, table)
    return with_shots_of(content, None, shots)


class _Nothing:
    """A recorder for judges that are only asked who they are."""

    async def record_completion(self, *_: object) -> None:
        raise AssertionError("nobody is asked while a run is planned")

    async def record_attempt(self, *_: object) -> None:
        raise AssertionError("nobody is asked while a run is planned")


_NOTHING = _Nothing()


def slices(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime]
) -> Iterator[Sequence[SharedCall]]:
    """The plan in pieces: each part for a few cases at a time, with all of its judges.

    A presentation depends on seed, judge, case and repeat, so a piece holds the calls of the whole plan. Of
    two judges that ask the very same, the one named first asks it; the last says where it stands.
    """
    for part in experiment.parts:
        case_ids = part.cases or content.case_set.case_order
        n_calls = sum(count_calls(_alone(experiment, part), content, runtimes).values())
        n_at_once = max(1, CALLS_PER_SLICE * len(case_ids) // max(1, n_calls))
        for start in range(0, len(case_ids), n_at_once):
            piece = part.model_copy(update={"cases": case_ids[start : start + n_at_once]})
            yield _calls(plan_run(_alone(experiment, piece), content, runtimes))


def _alone(experiment: Experiment, part: Part) -> Experiment:
    return experiment.model_copy(update={"parts": (part,)})


def _calls(plan: tuple[PlannedCell, ...]) -> list[SharedCall]:
    return [
        SharedCall(call.key, planned.spec.judge_id, call.request, call.origin)
        for planned in plan
        for call in planned.calls
    ]
