"""One small histogram per line: how many cases have which agreement."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import shortened
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

N_BINS = 10
_BIN, _HEIGHT, _LINE, _TOP, _CHARACTER, _TEXT = 40, 34, 46, 26, 6.9, 120
_MOST_CHARACTERS = 46


@dataclass(frozen=True)
class SpreadLine:
    """One line: its name, the number of cases in each of the bins from -1 to 1, and a text on the right."""

    name: str
    counts: tuple[int, ...]
    text: str = ""


@dataclass(frozen=True)
class SpreadChart:
    """Everything that the chart shows."""

    figure_id: str
    title: str
    description: str
    lines: tuple[SpreadLine, ...]
    text_head: str = ""


def binned(numbers: list[float]) -> tuple[int, ...]:
    """Count numbers from -1 to 1 in equal bins; 1 belongs to the last."""
    counts = [0] * N_BINS
    for number in numbers:
        place = int((number + 1) / 2 * N_BINS + 1e-9)
        counts[min(max(place, 0), N_BINS - 1)] += 1
    return tuple(counts)


def spread_chart(chart: SpreadChart, voice: Voice) -> Markup:
    """Draw the histograms under each other, each on the scale of its own cases."""
    longest = min(_MOST_CHARACTERS, max((len(line.name) for line in chart.lines), default=0))
    left = longest * _CHARACTER + 24
    bottom = _TOP + _LINE * len(chart.lines)
    width = left + _BIN * N_BINS + _TEXT
    frame = Frame(chart.figure_id, width, bottom + 30, chart.title, chart.description)
    lines = [_line(line, left, _TOP + _LINE * place, voice) for place, line in enumerate(chart.lines)]
    edges = [
        words(voice.decimal(-1 + 2 * place / N_BINS, 1), left + _BIN * place, bottom + 18)
        for place in range(N_BINS + 1)
    ]
    guide = tag("path", d=f"M{left + _BIN * N_BINS / 2:.0f} {_TOP - 4}V{bottom}", class_="z")
    head = words(chart.text_head, left + _BIN * N_BINS + 16, 14, class_="m")
    return drawing(frame, guide, *lines, group(edges, class_="c m"), head)


def _line(line: SpreadLine, left: float, top: float, voice: Voice) -> Markup:
    total = max(1, sum(line.counts))
    base = top + _HEIGHT + 6
    bars = []
    for place, count in enumerate(line.counts):
        height = (_HEIGHT - 12) * count / max(1, *line.counts)
        if not count:
            continue
        bars.append(tag("rect", x=left + _BIN * place + 2, y=base - height, width=_BIN - 4, height=height))
        share = words(
            voice.percent(count / total), left + _BIN * (place + 0.5), base - height - 2, class_="s c"
        )
        bars.append(share)
    name = words(shortened(line.name, _MOST_CHARACTERS), left - 12, base - 6, class_="e")
    floor = tag("path", d=f"M{left:.0f} {base}H{left + _BIN * N_BINS:.0f}", class_="g")
    text = words(line.text, left + _BIN * N_BINS + 16, base - 6)
    return group([name, group(bars, class_="v"), floor, text])
