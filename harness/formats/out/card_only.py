"""`card`: what a run holds, without what it holds; for a register, or to ask before anything leaves."""

from __future__ import annotations

from harness.formats.out.base import Choices, Material, Writer, Written
from harness.formats.out.choosing import n_failed
from harness.formats.out.registry import SUMMARIES

_HOW = "There is nothing to read but this page; `export.json` says the same for programs."


def write_card(material: Material, choices: Choices) -> Written:  # noqa: ARG001 - every writer's form
    """No file: the card is written with every export."""
    return Written((), {"failed": n_failed(material.verdicts)}, (), _HOW)


WRITER = Writer("card", SUMMARIES["card"], write_card)
