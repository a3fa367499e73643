"""The map of opinions: a picture, shown only when the data allow one, with its value under pure chance."""

from __future__ import annotations

from harness.report.figures.figure import Figure
from harness.report.figures.scatter import MapChart, Place, map_chart
from harness.report.panels.panel import Missing, Panel
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import BASELINES, SHORT_REFERENCES
from harness.schema import Comparison, MapPoint, OpinionMap

_MOST_PERSON_NAMES = 12


def map_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Draw people, consensus and judges, with arrows from no rules to each rulebook."""
    heading = voice.say("map_section")
    found = comparison.opinion_map
    if found is None or not found.shown or not found.points:
        return Missing(heading, voice.why(found.undefined_because if found else None))
    title = _title(found, voice)
    judges = list(dict.fromkeys(point.judge_id for point in found.points if point.judge_id is not None))
    chart = MapChart(
        figure_id=f"map-{voice.language}",
        title=title,
        description=voice.say("map_description"),
        places=tuple(_place(point, found, judges, voice) for point in found.points),
        arrows=_arrows(comparison, found),
        legend=_legend(found, judges, voice),
    )
    return Panel(
        heading,
        figures=(Figure(title, _caption(found, voice), map_chart(chart), _table(found, voice)),),
    )


def _title(found: OpinionMap, voice: Voice) -> str:
    if found.inertia is None or found.null_inertia is None:
        return voice.say("map_title_plain", n_cases=voice.counted(found.n_cases, "cases"))
    return voice.say(
        "map_title", inertia=voice.percent(found.inertia), null=voice.percent(found.null_inertia)
    )


def _caption(found: OpinionMap, voice: Voice) -> str:
    if found.stability is None or found.null_stability is None:
        return voice.say("map_caption")
    stable = voice.say(
        "map_stability", stability=voice.decimal(found.stability), null=voice.decimal(found.null_stability)
    )
    return f"{voice.say('map_caption')} {stable}"


def _name(point: MapPoint, voice: Voice) -> str:
    if point.kind == "consensus":
        return voice.say("map_consensus")
    if point.kind == "baseline":
        found = [voice.word(both) for name, both in BASELINES.items() if name == point.title]
        return found[0] if found else disarm(point.title)
    name = disarm(point.title)
    return (
        f"{name} · {voice.rulebook(point.rulebook_id)}"
        if point.rulebook_id and point.kind == "judge"
        else name
    )


def _place(point: MapPoint, found: OpinionMap, judges: list[str], voice: Voice) -> Place:
    several = len({one.rulebook_id for one in found.points if one.kind == "judge"}) > 1
    n_people = sum(one.kind == "person" for one in found.points)
    named = point.kind != "person" or n_people <= _MOST_PERSON_NAMES
    return Place(
        _kind(point, judges), point.x, point.y, _short(point, several, voice) if named else "", point.ellipse
    )


def _short(point: MapPoint, several: bool, voice: Voice) -> str:
    """Beside a judge's point stands its rulebook, where there are several: the mark tells the judge."""
    if point.kind == "judge" and point.rulebook_id is not None and several:
        return voice.rulebook(point.rulebook_id)
    return disarm(point.title) if point.kind == "judge" else _name(point, voice)


def _kind(point: MapPoint, judges: list[str]) -> str | int:
    if point.kind == "judge":
        return judges.index(point.judge_id) if point.judge_id in judges else 0
    return {"consensus": "people"}.get(point.kind, point.kind)


def _arrows(comparison: Comparison, found: OpinionMap) -> tuple[tuple[int, int], ...]:
    bare = {one.rulebook_id for one in comparison.rulebooks if one.role == "none"} or {"none"}
    starts = {
        point.judge_id: place
        for place, point in enumerate(found.points)
        if point.kind == "judge" and point.rulebook_id in bare
    }
    return tuple(
        (starts[point.judge_id], place)
        for place, point in enumerate(found.points)
        if point.kind == "judge" and point.rulebook_id not in bare and point.judge_id in starts
    )


def _legend(found: OpinionMap, judges: list[str], voice: Voice) -> tuple[tuple[str | int, str], ...]:
    kinds = {point.kind for point in found.points}
    titles = {point.judge_id: disarm(point.title) for point in reversed(found.points) if point.judge_id}
    drawn: list[tuple[str | int, str]] = []
    if "consensus" in kinds:
        drawn.append(("people", voice.say("map_consensus")))
    if "person" in kinds:
        drawn.append(("person", voice.say("map_person", people=voice.word(SHORT_REFERENCES["people"]))))
    drawn += [(place, titles[judge]) for place, judge in enumerate(judges)]
    return tuple(drawn)


def _table(found: OpinionMap, voice: Voice) -> PlainTable:
    heads = (voice.say("row_head"), voice.say("map_x"), voice.say("map_y"))
    rows = tuple(
        (_name(point, voice), voice.decimal(point.x), voice.decimal(point.y)) for point in found.points
    )
    return PlainTable(heads, rows)
