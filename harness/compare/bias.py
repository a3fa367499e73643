"""What may move a judge beside the content of the answers."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import Bias


def biases(layout: Layout, crowd: Crowd) -> tuple[Bias, ...]:
    """What may move a judge beside the content of the answers."""
    return ()
