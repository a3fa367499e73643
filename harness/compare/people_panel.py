"""People as annotators: who agrees, who is odd, what to ask next."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.source import Layout
from harness.schema import PeoplePanel


def people_panel(layout: Layout, crowd: Crowd) -> PeoplePanel | None:
    """People as annotators: who agrees, who is odd, what to ask next."""
    return None
