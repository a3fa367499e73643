"""Estimates as dots, and the texts that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable

from harness.report.figures.dots import Dot, DotLine
from harness.report.voice import Voice, preferred
from harness.schema import Estimate


def dot_of(estimate: Estimate, kind: str | int = 0) -> tuple[Dot, ...]:
    """Make the dot of an estimate, or none where there is no number."""
    if estimate.value is None:
        return ()
    interval = preferred(estimate)
    low, high = (interval.low, interval.high) if interval else (None, None)
    return (Dot(estimate.value, low, high, kind),)


def line_of(
    name: str, estimate: Estimate, voice: Voice, *, kind: str | int = 0, texts: tuple[str, ...] = ()
) -> DotLine:
    """Make a line with one dot, or with the reason why there is none."""
    why = voice.why(estimate.undefined_because) if estimate.value is None else ""
    return DotLine(name, dot_of(estimate, kind), why, texts)


def under_heads(named: Iterable[tuple[str, DotLine]]) -> tuple[DotLine, ...]:
    """Put lines under their heads; a head stands once above the lines that follow each other."""
    lines: list[DotLine] = []
    last = ""
    for head, line in named:
        if head != last:
            lines.append(DotLine(head, is_head=True))
            last = head
        lines.append(line)
    return tuple(lines)


def known(estimate: Estimate) -> bool:
    """Whether there is a number."""
    return estimate.value is not None


def first_reason(estimates: list[Estimate], voice: Voice) -> str:
    """Say why the first of some estimates has no number."""
    return voice.why(estimates[0].undefined_because if estimates else "not_measured")
