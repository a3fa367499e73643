"""Runs `harness` with a clock that stands still, so that two live runs can be the same bytes; for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import harness.cli.run as command
from harness.cli import main
from harness.judge.build import live_judge
from harness.judge.clock import Clock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

command.live_judge = partial(  # type: ignore[attr-defined]
    live_judge, clock=Clock(now=lambda: NOON, monotonic=lambda: 0.0)
)
main()
