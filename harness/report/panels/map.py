"""The map of opinions: a picture, shown only when the data allow one, with its value under pure chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.report.figures.figure import Figure
from harness.report.figures.scatter import MapChart, Place, map_chart
from harness.report.panels.panel import Missing, Panel
from harness.report.selection import Selection, row_name
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import BASELINES, IN_PAIRS, ROW_KINDS, SHORT_REFERENCES
from harness.schema import Comparison, MapPoint, OpinionMap, Row

_MOST_PERSON_NAMES = 12
_WITH_ELLIPSE = ("judge", "consensus")
_MADE: tuple[Literal["panel", "learned"], ...] = ("panel", "learned")
"""Who is made of others, and has a mark of its own."""


def map_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Draw people, consensus and judges, with arrows from no rules to each rulebook."""
    heading = voice.say("map_section")
    found = comparison.opinion_map
    if found is None or not found.shown or not found.points:
        return Missing(heading, voice.why(found.undefined_because if found else None))
    rows = {row.row_id: row for row in comparison.rows}
    names = [_who(point, rows, selection, voice) for point in found.points]
    title = _title(found, voice)
    chart = MapChart(
        figure_id=f"map-{voice.language}",
        title=title,
        description=voice.say("map_description"),
        places=_places(found, names, voice),
        arrows=_arrows(comparison, found),
        legend=_legend(found, names, voice),
    )
    table = _table(found, names, voice)
    return Panel(heading, figures=(Figure(title, _caption(found, voice), map_chart(chart), table),))


def _title(found: OpinionMap, voice: Voice) -> str:
    if found.inertia is None or found.null_inertia is None:
        return voice.say("map_title_plain", n_cases=voice.counted(found.n_cases, "cases"))
    inertia, null = voice.percent(found.inertia), voice.percent(found.null_inertia)
    return voice.say("map_title", inertia=inertia, null=null)


def _caption(found: OpinionMap, voice: Voice) -> str:
    if found.stability is None or found.null_stability is None:
        return voice.say("map_caption")
    stability, null = voice.decimal(found.stability), voice.decimal(found.null_stability)
    return f"{voice.say('map_caption')} {voice.say('map_stability', stability=stability, null=null)}"


def _who(point: MapPoint, rows: Mapping[str, Row], selection: Selection, voice: Voice) -> str:
    """Name a point's annotator, without its rulebook, in the reader's language."""
    row = rows.get(point.row_id or "")
    if point.kind == "consensus":
        return voice.say("map_consensus")
    if point.kind == "panel":
        return voice.word(ROW_KINDS["panel"])
    if point.kind == "baseline":
        known = {name: voice.word(both) for name, both in BASELINES.items()}
        return next((word for name, word in known.items() if name == point.title), disarm(point.title))
    if row is None:
        return disarm(point.title)
    in_pairs = row.protocol == "pairwise" and row.title in selection.ambiguous
    return f"{row_name(row, voice)} · {voice.word(IN_PAIRS)}" if in_pairs else row_name(row, voice)


def _places(found: OpinionMap, names: list[str], voice: Voice) -> tuple[Place, ...]:
    """Each point with its name; marks tell the judges apart, so a rulebook is enough beside them."""
    several = len({one.rulebook_id for one in found.points if one.kind == "judge"}) > 1
    n_people = sum(one.kind == "person" for one in found.points)
    judges = _judges(found)
    places = []
    for point, who in zip(found.points, names, strict=True):
        name = who
        if point.kind == "judge" and point.rulebook_id is not None and several:
            name = voice.rulebook(point.rulebook_id)
        if point.kind == "panel" or (point.kind == "person" and n_people > _MOST_PERSON_NAMES):
            name = ""
        ellipse = point.ellipse if point.kind in _WITH_ELLIPSE else None
        places.append(Place(_kind(point, judges), point.x, point.y, name, ellipse))
    return tuple(places)


def _judges(found: OpinionMap) -> list[str]:
    return list(dict.fromkeys(point.judge_id for point in found.points if point.judge_id is not None))


def _kind(point: MapPoint, judges: list[str]) -> str | int:
    if point.kind == "judge":
        return judges.index(point.judge_id) if point.judge_id in judges else 0
    return {"consensus": "people"}.get(point.kind, point.kind)


def _arrows(comparison: Comparison, found: OpinionMap) -> tuple[tuple[int, int], ...]:
    bare = {one.rulebook_id for one in comparison.rulebooks if one.role == "none"} or {"none"}
    judged = [(place, point) for place, point in enumerate(found.points) if point.kind == "judge"]
    starts = {point.judge_id: place for place, point in judged if point.rulebook_id in bare}
    return tuple(
        (starts[point.judge_id], place)
        for place, point in judged
        if point.rulebook_id not in bare and point.judge_id in starts
    )


def _legend(found: OpinionMap, names: list[str], voice: Voice) -> tuple[tuple[str | int, str], ...]:
    """Name each mark once: consensus, people, judges, panels, rewards."""
    kinds = {point.kind for point in found.points}
    judges = _judges(found)
    first = {point.judge_id: who for point, who in reversed(list(zip(found.points, names, strict=True)))}
    drawn: list[tuple[str | int, str]] = []
    if "consensus" in kinds:
        drawn.append(("people", voice.say("map_consensus")))
    if "person" in kinds:
        drawn.append(("person", voice.say("map_person", people=voice.word(SHORT_REFERENCES["people"]))))
    drawn += [(place, first[judge]) for place, judge in enumerate(judges)]
    return (*drawn, *((kind, voice.word(ROW_KINDS[kind])) for kind in _MADE if kind in kinds))


def _table(found: OpinionMap, names: list[str], voice: Voice) -> PlainTable:
    heads = (voice.say("row_head"), voice.say("map_x"), voice.say("map_y"))
    rows = []
    for point, who in zip(found.points, names, strict=True):
        under = point.kind in ("judge", "panel") and point.rulebook_id is not None
        name = f"{who} · {voice.rulebook(point.rulebook_id)}" if under and point.rulebook_id else who
        rows.append((name, voice.decimal(point.x), voice.decimal(point.y)))
    return PlainTable(heads, tuple(rows))
