"""The noise ladder: verdicts that differ in exactly one thing."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import Rung


def noise_ladder(layout: Layout, crowd: Crowd) -> tuple[Rung, ...]:
    """The noise ladder: verdicts that differ in exactly one thing."""
    return ()
