"""Prediction-powered estimates: few cases by people, many by the judge."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import SemiAutomatic


def semi_automatic(layout: Layout, crowd: Crowd) -> tuple[SemiAutomatic, ...]:
    """Prediction-powered estimates: few cases by people, many by the judge."""
    return ()
