"""How much helpful, honest and harmless count for each annotator."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import ImpliedWeights


def implied_weights(layout: Layout, crowd: Crowd) -> tuple[ImpliedWeights, ...]:
    """How much helpful, honest and harmless count for each annotator."""
    return ()
