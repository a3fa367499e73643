"""The one place where judges are put together, in the one order in which they nest."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.judge.limits import Budget, RateLimitedJudge
from harness.judge.pasted import PastedJudge
from harness.judge.provider import Providers
from harness.schema import JudgeSpec, Recorder

if TYPE_CHECKING:
    from harness.judge.retry import OnRetry


@dataclass(frozen=True)
class Shared:
    """What all judges of one run share; a judge that is built alone shares nothing."""

    providers: Providers | None = None
    budget: Budget | None = None
    halt: asyncio.Event | None = None
    """Set when the run is interrupted: what is in flight is finished, what waits is not asked."""
    on_retry: OnRetry | None = None


def live_judge(
    spec: JudgeSpec,
    recorder: Recorder,
    *,
    clock: Clock = SYSTEM_CLOCK,
    rng: random.Random | None = None,
    shared: Shared | None = None,
) -> Judge:
    """The judge of a preset, as `Recording(Retrying(RateLimited(...)))`; replay stands outside all of it.

    So a hit costs nothing, every attempt passes the limiter, and nothing is handed on before it is durable.
    A scripted judge is only recorded and counted: its failures do not pass, and it is in nobody's way. `rng`
    draws the jitter of waiting times, nothing that reaches a prompt.

    Raises
    ------
    JudgeUnavailableError
        There is no such script, or a local judge's weights or runtime are missing.
    """
    run = shared or Shared()
    if spec.model_id.startswith("scripted/"):
        from harness.judge.scripted import ScriptedJudge

        script: Judge = ScriptedJudge(spec)
        return RecordingJudge(_limited(script, run, clock) if run.budget is not None else script, recorder)
    from harness.judge.retry import RetryingJudge, jittered_wait

    retrying = RetryingJudge(
        _limited(_asking(spec, clock), run, clock),
        recorder=recorder,
        wait=jittered_wait(rng or random.Random()),
        halt=run.halt,
        on_retry=run.on_retry,
        clock=clock,
    )
    return RecordingJudge(retrying, recorder)


def _limited(judge: Judge, run: Shared, clock: Clock) -> Judge:
    provider = run.providers.of(judge.spec) if run.providers is not None else None
    return RateLimitedJudge(judge, provider=provider, budget=run.budget, halt=run.halt, clock=clock)


def _asking(spec: JudgeSpec, clock: Clock) -> Judge:
    """The judge that does the asking; runtimes are imported only for the judges that need them."""
    if spec.model_id.startswith(("local/", "gguf:")):
        from harness.judge.local import LocalJudge

        return LocalJudge(spec)
    if spec.model_id.startswith("pasted/"):
        return PastedJudge(spec)
    if spec.transport == "direct":
        from harness.judge.direct import DirectJudge

        return DirectJudge(spec, clock)
    from harness.judge.client import LitellmJudge

    return LitellmJudge(spec, clock)
