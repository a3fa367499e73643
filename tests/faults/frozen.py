"""Runs `harness` with a clock that stands still, so that two live runs can be the same bytes; for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.judge import clock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

# Before anything else is imported: the machine's clock is a default argument in many places.
setattr(clock, "SYSTEM_CLOCK", clock.Clock(now=lambda: NOON, monotonic=lambda: 0.0))  # noqa: B010

from harness.cli import main  # noqa: E402

main()
