"""What a run will ask, cost, take and be able to show, before the first call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from harness.errors import JudgeUnavailableError
from harness.judge.batch_terms import batch_terms, why_no_batches
from harness.load.roots import find_content
from harness.prompt import is_local
from harness.run.capabilities import table_in_force, with_capabilities
from harness.run.content import Content, gather_content
from harness.run.expected import (
    LATENCY_S,
    NOTHING,
    Range,
    Seen,
    completion_tokens,
    predicted_mean,
    prompt_tokens,
)
from harness.run.plan import Call, PlannedCell, Runtime, plan_run
from harness.run.sharpness import Sharpness, sharpness_of
from harness.run.shots import with_shots_of
from harness.schema import CapabilityTable, Experiment, JudgeSpec, Manifest, Price, Recording
from harness.schema.batch import BatchTerms
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder
from harness.store.work import WorkStore

Costs = Literal["money", "time"]
"""A hosted judge costs money; one in this process, or on this machine, costs time."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class JudgeEstimate:
    """What one judge will be asked, and what that takes."""

    judge_id: str
    model_id: str
    costs: Costs
    n_calls: int
    n_recorded: int
    """In the run folder: never asked again."""
    n_shipped: int
    """Not there, but in the recording of the same name that came with the harness."""
    n_live: int
    learnt: bool
    """Tokens and seconds come from this judge's recorded calls."""
    prompt_tokens: Range
    completion_tokens: Range
    price: Price | None
    usd: Range | None
    """None: unknown, which is not nothing."""
    batches: BatchTerms | None
    """What the provider's batches allow and cost; None: it is not asked in batches."""
    seconds: Range | None
    """None: unknown."""
    limited_by: str
    """What the time is decided by."""


@dataclass(frozen=True)
class RunEstimate:
    """Everything that `harness estimate` says."""

    experiment_id: str
    run: str
    shipped: str | None
    n_verdicts: int
    judges: tuple[JudgeEstimate, ...]
    usd: Range
    """Of the judges whose price is known."""
    usd_unknown: tuple[str, ...]
    """Judges that cost money, nobody said how much."""
    seconds: Range
    seconds_unknown: tuple[str, ...]
    sharpness: Sharpness
    notes: tuple[str, ...] = ()


@dataclass
class _Recorded:
    """What a folder holds."""

    keys: set[str] = field(default_factory=set)
    seen: dict[str, Seen] = field(default_factory=dict)
    manifest: Manifest | None = None


def estimate_run(
    experiment: Experiment,
    folder: RunFolder,
    capabilities: CapabilityTable | None = None,
    shots_from: Path | None = None,
) -> RunEstimate:
    """Plan a run without asking anyone.

    Judges that are shown graded cases first get them from `shots_from`, or from the grades of the folder.

    Raises
    ------
    InputError
        Content is missing or wrong.
    StoreError
        A recording is damaged.
    """
    content = gather_content(experiment)
    content = with_capabilities(content, table_in_force(folder, capabilities, content.judges))
    content = with_shots_of(content, folder, shots_from)
    shipped = _shipped(experiment, folder)
    here, there = _recorded(folder), _recorded(shipped) if shipped else _Recorded()
    notes: list[str] = []
    runtimes = {name: _runtime(spec, (here, there), notes) for name, spec in content.judges.items()}
    plan = plan_run(experiment, content, runtimes)
    judges = tuple(_judges(plan, content, here, there))
    remote = [one.seconds for one in judges if one.seconds and not is_local(one.model_id)]
    local = [one.seconds for one in judges if one.seconds and is_local(one.model_id)]
    return RunEstimate(
        experiment_id=experiment.experiment_id,
        run=str(folder.path),
        shipped=str(shipped.path) if shipped and any(one.n_shipped for one in judges) else None,
        n_verdicts=len(plan),
        judges=judges,
        usd=_sum(one.usd for one in judges),
        usd_unknown=tuple(one.judge_id for one in judges if one.usd is None),
        seconds=_longest([*remote, _sum(local)]),
        seconds_unknown=tuple(one.judge_id for one in judges if one.seconds is None),
        sharpness=sharpness_of(plan, content),
        notes=tuple(notes),
    )


def _judges(
    plan: Sequence[PlannedCell], content: Content, here: _Recorded, there: _Recorded
) -> Iterator[JudgeEstimate]:
    """One estimate per judge; what two presets ask alike counts for the one that is planned first."""
    calls: dict[str, dict[str, Call]] = {judge_id: {} for judge_id in content.judges}
    owners: dict[str, str] = {}
    for planned in plan:
        for call in planned.calls:
            owner = owners.setdefault(call.key, call.origin.judge_id)
            calls[owner].setdefault(call.key, call)
    for judge_id, own in calls.items():
        live = [call for key, call in own.items() if key not in here.keys]
        seen = here.seen.get(judge_id) or there.seen.get(judge_id)
        counts = {
            "n_calls": len(own),
            "n_recorded": len(own) - len(live),
            "n_shipped": sum(call.key in there.keys for call in live),
            "n_live": len(live),
        }
        yield _judge(content.judges[judge_id], live, seen, counts)


def _judge(spec: JudgeSpec, live: Sequence[Call], seen: Seen | None, counts: dict[str, int]) -> JudgeEstimate:
    prompts = prompt_tokens(((call.origin.language, call.request) for call in live), seen)
    replies = completion_tokens((call.request for call in live), seen)
    costs = _costs(spec)
    seconds, limited_by = _seconds(spec, len(live), prompts.plus(replies), seen)
    return JudgeEstimate(
        judge_id=spec.judge_id,
        model_id=spec.model_id,
        costs=costs,
        **counts,
        learnt=seen is not None and bool(seen.completion_tokens),
        prompt_tokens=prompts,
        completion_tokens=replies,
        price=spec.price,
        usd=_usd(spec, costs, len(live), (prompts, replies)),
        batches=None if why_no_batches(spec) else batch_terms(spec),
        seconds=seconds,
        limited_by=limited_by,
    )


def _costs(spec: JudgeSpec) -> Costs:
    own = is_local(spec.model_id) or spec.model_id.startswith("scripted/")
    here = spec.api_base is not None and urlsplit(spec.api_base).hostname in _HERE
    return "time" if own or (here and spec.price is None) else "money"


def _usd(spec: JudgeSpec, costs: Costs, n_live: int, tokens: tuple[Range, Range]) -> Range | None:
    if costs == "time" or n_live == 0:
        return NOTHING
    if spec.price is None:
        return None
    prompts, replies = tokens
    paid = prompts.times(spec.price.usd_per_million_prompt_tokens / 1e6)
    return paid.plus(replies.times(spec.price.usd_per_million_completion_tokens / 1e6))


def _seconds(spec: JudgeSpec, n_live: int, tokens: Range, seen: Seen | None) -> tuple[Range | None, str]:
    """Time at the stated limits; the limit that decides is the one that takes longest."""
    if n_live == 0 or spec.model_id.startswith("scripted/"):
        return NOTHING, ""
    latency = predicted_mean(seen.latency_s, n_live) if seen and seen.latency_s else None
    if is_local(spec.model_id):
        return (latency.times(n_live), "one call after the other") if latency else (None, "never timed here")
    limits, per_call = spec.limits, latency or Range(*LATENCY_S)
    measured = "" if latency else " (assumed)"
    asked = {f"{limits.concurrency} at a time{measured}": per_call.times(n_live / limits.concurrency)}
    if limits.requests_per_min:
        minutes = n_live / limits.requests_per_min
        asked[f"{limits.requests_per_min:g} requests/min"] = Range(60 * minutes, 60 * minutes)
    if limits.tokens_per_min:
        asked[f"{limits.tokens_per_min:g} tokens/min"] = tokens.times(60 / limits.tokens_per_min)
    slowest = max(asked, key=lambda name: asked[name].high)
    return _longest(asked.values()), slowest


def _sum(ranges: Iterable[Range | None]) -> Range:
    total = NOTHING
    for one in ranges:
        total = total.plus(one or NOTHING)
    return total


def _longest(ranges: Iterable[Range]) -> Range:
    kept = [NOTHING, *ranges]
    return Range(max(one.low for one in kept), max(one.high for one in kept))


def _shipped(experiment: Experiment, folder: RunFolder) -> RunFolder | None:
    path = find_content(f"results/{experiment.experiment_id}")
    if path is None or path.resolve() == folder.path.resolve():
        return None
    found = RunFolder(path)
    return found if found.manifest_path.exists() else None


def _recorded(folder: RunFolder) -> _Recorded:
    """Completions of the cassette and of the working store; failures do not count: they are asked again."""
    found = _Recorded(manifest=folder.read_manifest() if folder.manifest_path.exists() else None)
    if (folder.cassette_path / "manifest.json").exists():
        cassette = Cassette.read(folder.cassette_path)
        _take_in(found, cassette.recordings(), cassette.texts)
    if folder.work_path.exists():
        with WorkStore(folder.work_path, read_only=True) as store:
            _take_in(found, store.recordings(), store.texts())
    return found


def _take_in(found: _Recorded, recordings: Iterable[Recording], texts: Mapping[str, str]) -> None:
    lengths = {sha256: len(text) for sha256, text in texts.items()}
    for recording in recordings:
        if recording.key in found.keys:
            continue
        found.keys.add(recording.key)
        n_characters = sum(lengths.get(message.sha256, 0) for message in recording.request.messages)
        found.seen.setdefault(recording.origin.judge_id, Seen()).add(recording, n_characters)


def _runtime(spec: JudgeSpec, recorded: Sequence[_Recorded], notes: list[str]) -> Runtime:
    """Identity of what runs a local model: of this machine, else as it was when something was recorded."""
    if not is_local(spec.model_id):
        return {}
    from harness.judge.local import LocalJudge

    try:
        return LocalJudge(spec).runtime()
    except JudgeUnavailableError as error:
        notes.append(f"{spec.judge_id} cannot be asked on this machine: {error}")
    for one in recorded:
        judges = one.manifest.judges if one.manifest else ()
        for judge in judges:
            if judge.spec.judge_id == spec.judge_id:
                return judge.runtime
    return {}
