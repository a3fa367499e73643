"""What each rule does: the rulebook beside itself without the rule."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import RuleEffect


def rule_effects(layout: Layout, crowd: Crowd, n_shuffles: int) -> tuple[RuleEffect, ...]:
    """What each rule does: the rulebook beside itself without the rule."""
    return ()
