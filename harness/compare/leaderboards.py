"""Systems as people and judges rank them, when answers say who wrote them."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import Leaderboard


def leaderboards(layout: Layout, crowd: Crowd) -> tuple[Leaderboard, ...]:
    """Systems as people and judges rank them, when answers say who wrote them."""
    return ()
