"""Replies drawn from a model, each durable before the next is asked; and the same read again, offline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness import __version__
from harness.errors import JudgeRejectedError, JudgeUnavailableError, NotAskedError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.cassette import ReplayJudge
from harness.run.execute import Progress
from harness.run.offline import network_unreachable
from harness.schema import (
    Completion,
    JudgeSpec,
    Language,
    Outcome,
    Recorder,
    Recording,
    ResolvedJudge,
    digest_request,
)
from harness.schema.steer import QuestionSet, SteerManifest
from harness.steer.calls import ReplyCall, planned_calls
from harness.steer.folder import SteerFolder
from harness.store.cassette import Cassette
from harness.store.circumstances import now, versions_of
from harness.store.secret_scan import refuse_secrets
from harness.store.shards import is_written
from harness.store.work import WorkStore

LiveJudge = Callable[[JudgeSpec, Recorder], Judge]
"""Builds a model that records; `harness.judge.build.live_judge`, or a fake in tests."""

_NAMED_VERSIONS = ("litellm", "xllamacpp", "numpy")


@dataclass(frozen=True)
class Asked:
    """What is asked of whom."""

    questions: QuestionSet
    languages: tuple[Language, ...]
    sampler: JudgeSpec
    n_replies: int


@dataclass(frozen=True)
class Sampled:
    """Every call of a run that ended, under its key, and what is left."""

    manifest: SteerManifest
    calls: tuple[ReplyCall, ...]
    ended: Mapping[str, Completion | Outcome]
    store_sha256: str
    stopped: str = ""
    """Why replies are left to be drawn; empty = all ended, or somebody interrupted."""

    @property
    def n_open(self) -> int:
        """Replies that are still to be drawn."""
        return sum(call.key not in self.ended for call in self.calls)


async def sample(
    asked: Asked, folder: SteerFolder, live_judge: LiveJudge, progress: Progress, stop: asyncio.Event
) -> Sampled:
    """Draw what is not recorded yet, and export the recording.

    Raises
    ------
    StoreError
        The folder holds another run, is in use, or cannot be written to.
    JudgeUnavailableError
        The model's weights or runtime are missing.
    """
    refuse_secrets(_shown_texts(asked.questions))
    with folder.lock(), WorkStore(folder.work_path) as store:
        judge = live_judge(asked.sampler, store)
        manifest = folder.write_manifest(_manifest(asked, judge, folder))
        calls = planned_calls(manifest)
        origins = {call.key: call.origin for call in calls}
        store.origin_of = origins.__getitem__
        ended = await _known(folder, store, calls)
        stopped = await _Asking(judge, store, progress, stop).draw(calls, ended)
        digest = Cassette.of(store.answers(), store.texts()).write(folder.cassette_path)
        return Sampled(manifest, calls, ended, digest, stopped)


def replay(folder: SteerFolder) -> Sampled:
    """Read a recorded run again, with the network unreachable.

    Raises
    ------
    CassetteMissError
        A reply was never recorded; the nearest recorded call and what differs are named.
    StoreError
        There is no recording, or it is damaged; each place is named.
    """
    manifest = folder.read_manifest()
    cassette = Cassette.read(folder.cassette_path)
    judge = ReplayJudge(manifest.sampler.spec, cassette, manifest.sampler.runtime)
    calls = planned_calls(manifest)
    with network_unreachable():
        found = {call.key: judge.recorded(call) for call in calls}
    ended = {key: one.completion if isinstance(one, Recording) else one for key, one in found.items()}
    return Sampled(manifest, calls, ended, cassette.digest())


@dataclass(frozen=True)
class _Asking:
    """One sitting: one call after the other, for a model in this process answers one at a time."""

    judge: Judge
    store: WorkStore
    progress: Progress
    stop: asyncio.Event

    async def draw(self, calls: tuple[ReplyCall, ...], ended: dict[str, Completion | Outcome]) -> str:
        """Ask what is open into `ended`; why it stopped early, or nothing."""
        judge_id = self.judge.spec.judge_id
        self.progress.started({judge_id: len(calls)})
        for key in list(ended):
            self.progress.ended(judge_id, ended[key], recorded=True)
        waiting = iter([call for call in calls if call.key not in ended])
        workers = [self._work(waiting, ended) for _ in range(self.judge.spec.limits.concurrency)]
        try:
            reasons = await asyncio.gather(*workers)
        finally:
            await self.judge.aclose()
        return next((reason for reason in reasons if reason), "")

    async def _work(self, waiting: Iterator[ReplyCall], ended: dict[str, Completion | Outcome]) -> str:
        for call in waiting:
            if self.stop.is_set():
                return ""
            try:
                ended[call.key] = await self._ask(call)
            except NotAskedError:
                return ""
            except JudgeUnavailableError as error:
                self.stop.set()
                self.progress.stopped((self.judge.spec.judge_id,), str(error))
                return str(error)
            self.progress.ended(self.judge.spec.judge_id, ended[call.key], recorded=False)
        return ""

    async def _ask(self, call: ReplyCall) -> Completion | Outcome:
        try:
            return await self.judge.complete(call.request)
        except (TransientJudgeError, JudgeRejectedError) as error:
            outcome = Outcome(
                key=call.key,
                request=digest_request(call.request),
                origin=call.origin,
                reason="exhausted" if isinstance(error, TransientJudgeError) else "rejected",
                message=str(error),
                attempts=error.attempts,
                ended_at=now(),
            )
            await self.store.record_outcome(outcome, call.request)
            return outcome


async def _known(
    folder: SteerFolder, store: WorkStore, calls: tuple[ReplyCall, ...]
) -> dict[str, Completion | Outcome]:
    """What was drawn before; a folder that came by git has a cassette and no working store."""
    if (folder.cassette_path / "manifest.json").exists():
        held = Cassette(store.answers(), store.texts())
        if not is_written(folder.cassette_path, held.digest()):
            cassette = Cassette.read(folder.cassette_path)
            await store.take_in(cassette, cassette.texts)
    found = ((call.key, store.find(call.key)) for call in calls)
    return {key: one.completion for key, one in found if isinstance(one, Recording)}


def _manifest(asked: Asked, judge: Judge, folder: SteerFolder) -> SteerManifest:
    return SteerManifest(
        run_id=folder.path.resolve().name,
        created_at=now(),
        harness_version=__version__,
        versions=versions_of(_NAMED_VERSIONS),
        questions=asked.questions,
        languages=asked.languages,
        n_replies=asked.n_replies,
        sampler=ResolvedJudge(spec=asked.sampler, runtime=judge.runtime()),
    )


def _shown_texts(questions: QuestionSet) -> Iterator[tuple[str, object]]:
    yield "instruction", questions.instruction or {}
    for question in questions.questions:
        yield f"question {question.question_id}", question.message
