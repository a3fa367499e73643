"""People, consensus and judges on one plane."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import OpinionMap


def opinion_map(layout: Layout, crowd: Crowd) -> OpinionMap | None:
    """People, consensus and judges on one plane."""
    return None
