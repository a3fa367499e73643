"""The whole session on one screen: what another employer changes, and the map of pupils and judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from markupsafe import Markup

from harness.report.classroom import axis
from harness.report.classroom.axis import AxisChart, AxisLine, axis_chart, most_axis_lines
from harness.report.classroom.pieces import Piece, Pieces, employer_chart
from harness.report.classroom.plane import Plane, Spot, plane
from harness.report.classroom.showing import Showing
from harness.report.classroom.slopes import Column, Slopes
from harness.report.figures.figure import Figure
from harness.report.figures.slope import mid_ranks_of
from harness.report.headline import count_of
from harness.report.tables import PlainTable
from harness.report.voice import preferred
from harness.report.words import PARTS
from harness.schema import OpinionMap
from harness.schema.class_pictures import EmployerPicture, HeatLine, MapPicture
from harness.schema.classroom import Order

MOST_PAIRS = 4
LEAST_POINTS = 8
"""With fewer pupils and judges a list says more than a map."""
_SHOWN_PARTS: tuple[Literal["model", "rulebook", "reaction", "noise"], ...] = (
    "model",
    "rulebook",
    "reaction",
    "noise",
)


def employer_figure(picture: EmployerPicture, showing: Showing) -> Figure:
    """What does the employer change: each judge's order under both, and what set verdicts apart."""
    shown = [pair for pair in picture.pairs if pair.changed is not None][:MOST_PAIRS]
    title = _employer_title(picture, showing)
    columns = [
        Column(order.name, "", mid_ranks_of(order.tiers), joined=place == 1)
        for pair in shown
        for place, order in enumerate((pair.before, pair.after))
    ]
    chart = Slopes(
        figure_id=showing.figure_id("employer", picture.case_id),
        title=title,
        description=showing.say("class_slopes_description"),
        letters=showing.letters(picture.case_id),
        columns=tuple(columns),
        height=showing.sheet.height * 0.62,
        span=2,
    )
    pieces = _pieces(picture, showing)
    svg = employer_chart(chart, pieces, showing.sheet, showing.voice) if shown else None
    caption = _employer_caption(picture, showing.cut(len(shown), len(picture.pairs)), showing)
    return Figure(title, caption, svg, _employer_table(picture, showing))


def map_figure(picture: MapPicture, showing: Showing) -> Figure:
    """Are there families: the map where the data allow it, else the list from nearest to farthest alone."""
    opinion = picture.plane
    known = [line for line in picture.nearest if line.overall.value is not None]
    title = _map_title(picture, known, showing)
    table = _map_table(picture, showing)
    lost = _stress(picture, showing)
    if opinion is None or not _is_drawn(picture):
        svg = _near_list(title, known, showing) if known else None
        return Figure(title, showing.say("class_map_list_caption", lost=lost), svg, table)
    number_of = {line.judge_id: str(place) for place, line in enumerate(known, 1)}
    chart = Plane(
        figure_id=showing.figure_id("map"),
        title=title,
        description=showing.say("class_map_description"),
        spots=tuple(_spots(opinion, number_of)),
        near=tuple(
            f"{number_of[line.judge_id]}. {line.name} {showing.number(line.overall)}" for line in known
        ),
    )
    caption = showing.say("class_map_caption", lost=lost)
    return Figure(title, caption, plane(chart, showing.sheet, showing.voice), table)


def _is_drawn(picture: MapPicture) -> bool:
    return picture.plane is not None and picture.plane.shown and picture.n >= LEAST_POINTS


def _spots(opinion: OpinionMap, number_of: Mapping[str | None, str]) -> Iterator[Spot]:
    for point in opinion.points:
        if point.kind == "judge":
            yield Spot(point.x, point.y, point.kind, number_of.get(point.judge_id, "?"))
        elif point.kind in ("person", "consensus"):
            yield Spot(point.x, point.y, point.kind)


def _near_list(title: str, known: Sequence[HeatLine], showing: Showing) -> Markup:
    """Judges on one axis, nearest to the class first."""
    shown = known[: most_axis_lines(showing.sheet)]
    decimal = showing.voice.decimal
    chart = AxisChart(
        figure_id=showing.figure_id("map"),
        title=title,
        description=showing.say("class_map_description"),
        low=-1.0,
        high=1.0,
        marks=tuple((value, decimal(value, 1)) for value in (-1.0, -0.5, 0.0, 0.5, 1.0)),
        lines=tuple(_near_line(line, showing) for line in shown),
        above=(showing.say("class_nearest_first"),),
    )
    return axis_chart(chart, showing.sheet)


def _near_line(line: HeatLine, showing: Showing) -> AxisLine:
    span, value = preferred(line.overall), line.overall.value or 0.0
    spot = axis.Spot(value, *((span.low, span.high) if span else ()))
    return AxisLine(line.name, spot, text=showing.voice.decimal(value))


def _employer_title(picture: EmployerPicture, showing: Showing) -> str:
    known = [pair for pair in picture.pairs if pair.changed is not None]
    if not known:
        return showing.say("class_employer_none")
    if len(known) == 1:
        what = showing.say("class_employer_changed" if known[0].changed else "class_employer_kept")
        return showing.say("class_employer_title_one", judge=showing.short(known[0].before.name), what=what)
    changed, whole = sum(bool(pair.changed) for pair in known), showing.voice.whole
    return showing.say("class_employer_title", some=whole(changed), all=whole(len(known)))


def _employer_caption(picture: EmployerPicture, cut: str, showing: Showing) -> str:
    first, second = (showing.voice.rulebook(name) for name in picture.rulebook_ids)
    if picture.whole is None or not picture.whole.shares:
        return showing.say("class_employer_caption_alone", first=first, second=second, cut=cut)
    return showing.say(
        "class_employer_caption",
        first=first,
        second=second,
        cut=cut,
        cases=showing.voice.counted(len(picture.whole.case_ids), "cases"),
        rulebooks=count_of("n_rulebooks", len(picture.whole.rulebook_ids), showing.voice),
    )


def _pieces(picture: EmployerPicture, showing: Showing) -> Pieces:
    whole, voice = picture.whole, showing.voice
    found = {share.part: share for share in whole.shares} if whole else {}
    judges = [
        Piece(
            name,
            share.variance,
            showing.say("class_piece", part=voice.word(PARTS[name]), share=voice.percent(share.share.value)),
        )
        for name in _SHOWN_PARTS
        if (share := found.get(name)) and share.variance is not None and share.share.value is not None
    ]
    human = whole.human_disagreement if whole else None
    people = None
    if human is not None and human.value is not None:
        people = Piece("people", human.value, showing.say("class_people_piece"))
    why = (
        voice.why(picture.undefined_because)
        if not judges
        else voice.why(human.undefined_because if human else None)
    )
    return Pieces(tuple(judges), people, why if judges else showing.say("class_no_bar", why=why))


def _employer_table(picture: EmployerPicture, showing: Showing) -> PlainTable:
    rows: list[tuple[str, ...]] = []
    rows += [
        (_under(order, showing), _order_words(order, picture, showing))
        for pair in picture.pairs
        for order in (pair.before, pair.after)
    ]
    rows += [
        (showing.voice.word(PARTS[share.part]), showing.voice.full(share.share, as_percent=True))
        for share in (picture.whole.shares if picture.whole else ())
    ]
    if picture.whole is not None:
        rows.append((showing.say("class_people_piece"), showing.voice.full(picture.whole.human_disagreement)))
    return PlainTable((showing.say("class_who"), showing.say("class_order_head")), tuple(rows))


def _under(order: Order, showing: Showing) -> str:
    rulebook = showing.voice.rulebook(order.rulebook_id or "")
    return showing.say("class_under", name=order.name, rulebook=rulebook)


def _order_words(order: Order, picture: EmployerPicture, showing: Showing) -> str:
    if order.tiers:
        return showing.order(order.tiers, picture.case_id)
    return showing.voice.why(order.undefined_because)


def _map_title(picture: MapPicture, known: Sequence[HeatLine], showing: Showing) -> str:
    if _is_drawn(picture):
        if len(known) < 2:
            return showing.say("class_map_plain")
        return showing.say(
            "class_map_title", judge=showing.short(known[0].name), last=showing.short(known[-1].name)
        )
    if picture.plane is not None and 0 < picture.n < LEAST_POINTS:
        return showing.say("class_map_few", n=showing.voice.whole(picture.n))
    if picture.undefined_because == "not_better_than_noise":
        return showing.say("class_map_noise")
    return showing.say("class_map_undefined", why=showing.voice.why(picture.undefined_because))


def _stress(picture: MapPicture, showing: Showing) -> str:
    """What the plane loses, and what it would lose of pure noise."""
    found = picture.plane
    if found is None or found.inertia is None or found.null_inertia is None:
        return ""
    percent = showing.voice.percent
    lost, null = percent(1 - found.inertia), percent(1 - found.null_inertia)
    return showing.say("class_map_stress", stress=lost, null=null)


def _map_table(picture: MapPicture, showing: Showing) -> PlainTable:
    rows = [(line.name, showing.voice.full(line.overall)) for line in picture.nearest]
    lost = _stress(picture, showing)
    rows += [(showing.say("class_map_plain"), lost)] if lost else []
    return PlainTable((showing.say("class_who"), showing.say("class_agreement_head")), tuple(rows))
