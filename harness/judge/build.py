"""The one place where judges are put together, in the one order in which they nest."""

from __future__ import annotations

import random

from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.judge.limits import Budget, RateLimitedJudge
from harness.schema import JudgeSpec, Recorder


def live_judge(
    spec: JudgeSpec,
    recorder: Recorder,
    *,
    clock: Clock = SYSTEM_CLOCK,
    rng: random.Random | None = None,
    budget: Budget | None = None,
) -> Judge:
    """The judge of a preset, as `Recording(Retrying(RateLimited(...)))`; replay stands outside all of it.

    So a hit costs nothing, every attempt passes the limiter, and nothing is handed on before it is durable.
    A scripted judge is only recorded: its failures do not pass, and it is in nobody's way. `rng` draws the
    jitter of waiting times, nothing that reaches a prompt.

    Raises
    ------
    JudgeUnavailableError
        There is no such script, or a local judge's weights or runtime are missing.
    """
    if spec.model_id.startswith("scripted/"):
        from harness.judge.scripted import ScriptedJudge

        return RecordingJudge(ScriptedJudge(spec), recorder)
    from harness.judge.retry import RetryingJudge, jittered_wait

    limited = RateLimitedJudge(_asking(spec, clock), budget=budget, clock=clock)
    wait = jittered_wait(rng or random.Random())
    return RecordingJudge(RetryingJudge(limited, recorder=recorder, wait=wait, clock=clock), recorder)


def _asking(spec: JudgeSpec, clock: Clock) -> Judge:
    """The judge that does the asking; runtimes are imported only for the judges that need them."""
    if spec.model_id.startswith(("local/", "gguf:")):
        from harness.judge.local import LocalJudge

        return LocalJudge(spec)
    if spec.transport == "direct":
        from harness.judge.direct import DirectJudge

        return DirectJudge(spec, clock)
    from harness.judge.client import LitellmJudge

    return LitellmJudge(spec, clock)
