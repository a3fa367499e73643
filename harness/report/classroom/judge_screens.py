"""Judges beside a class: who judges like us, where they part, families, another employer, who is steady."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.classroom.axis import AxisChart, AxisLine, Spot, axis_chart, most_axis_lines
from harness.report.classroom.grid import Grid, GridLine, grid, most_lines
from harness.report.classroom.showing import Showing
from harness.report.classroom.slopes import Column, Slopes, slopes
from harness.report.figures.figure import Figure
from harness.report.figures.slope import mid_ranks_of
from harness.report.tables import PlainTable
from harness.report.voice import preferred
from harness.schema import Estimate
from harness.schema.class_pictures import (
    HeatLine,
    HeatPicture,
    JudgesPicture,
    MyOrder,
    StabilityLine,
    StabilityPicture,
)
from harness.schema.classroom import Order

MOST_JUDGES = 5
"""Columns beside the class's."""


def judges_figure(picture: JudgesPicture, showing: Showing) -> Figure:
    """Who judges like us: the class's order, then each judge's."""
    title = _judges_title(picture, showing)
    shown = [order for order in picture.judges if order.tiers][:MOST_JUDGES]
    own = picture.class_order
    ours = mid_ranks_of(own.tiers)
    columns = (
        [Column(showing.say("class_pupils"), showing.number(own.agreement), ours, is_class=True)]
        if ours
        else []
    )
    columns += [
        Column(order.name, showing.number(order.agreement), mid_ranks_of(order.tiers)) for order in shown
    ]
    chart = Slopes(
        figure_id=showing.figure_id("judges", picture.case_id),
        title=title,
        description=showing.say("class_slopes_description"),
        letters=showing.letters(picture.case_id),
        columns=tuple(columns),
        height=showing.sheet.height,
    )
    several = picture.n_optima > 1
    caption = showing.say(
        "class_judges_caption",
        rulebook=showing.voice.rulebook(picture.rulebook_id),
        n=showing.pupils(picture.n),
        optima=f" {showing.say('class_optima', n=showing.voice.whole(picture.n_optima)).strip()}"
        if several
        else "",
        cut=showing.cut(len(shown), len(picture.judges)),
    )
    svg = slopes(chart, showing.sheet, showing.voice) if shown else None
    return Figure(title, caption, svg, _orders_table(picture, showing))


def heat_figure(picture: HeatPicture, rulebook_id: str, showing: Showing) -> Figure:
    """Where do models differ: judges by cases."""
    title = _heat_title(picture, showing)
    room = most_lines(showing.sheet) - 1
    lines = [_grid_line(picture.pupils, showing, is_people=True)]
    lines += [_grid_line(line, showing) for line in picture.judges[:room]]
    chart = Grid(
        figure_id=showing.figure_id("heat"),
        title=title,
        description=showing.say("class_heat_description"),
        heads=tuple(showing.case_number(case_id) for case_id in picture.case_ids),
        key=tuple(showing.case_head(case_id) for case_id in picture.case_ids),
        lines=tuple(lines),
        mean_head=showing.say("class_mean"),
    )
    cut = showing.cut(min(room, len(picture.judges)), len(picture.judges))
    caption = showing.say("class_heat_caption", rulebook=showing.voice.rulebook(rulebook_id), cut=cut)
    svg = grid(chart, showing.sheet, showing.voice) if picture.judges and picture.case_ids else None
    return Figure(title, caption, svg, _heat_table(picture, showing))


def stability_figure(picture: StabilityPicture, showing: Showing) -> Figure:
    """Is a judge stable: how far each agrees with itself over repeats and orders of presentation."""
    title = _stability_title(picture, showing)
    shown = picture.judges[: most_axis_lines(showing.sheet)]
    decimal = showing.voice.decimal
    chart = AxisChart(
        figure_id=showing.figure_id("stability"),
        title=title,
        description=showing.say("class_stable_description"),
        low=-1.0,
        high=1.0,
        marks=tuple((value, decimal(value, 1)) for value in (-1.0, -0.5, 0.0, 0.5, 1.0)),
        lines=tuple(_stable_line(line, showing) for line in shown),
    )
    svg = axis_chart(chart, showing.sheet) if shown else None
    caption = showing.say("class_stable_caption", cut=showing.cut(len(shown), len(picture.judges)))
    return Figure(title, caption, svg, _stability_table(picture, showing))


def my_order_figure(mine: MyOrder, showing: Showing) -> Figure:
    """My order beside the class's and each judge's; the title names the judge closest to me."""
    title = _mine_title(mine, showing)
    class_line = "" if mine.with_class is None else showing.voice.decimal(mine.with_class)
    said = showing.say("class_mine_class", tau=class_line) if class_line else ""
    caption = " ".join(part for part in (said, showing.say("class_mine_caption")) if part)
    rows = [(showing.say("class_me"), showing.order(mine.mine, mine.case_id) or "–", "")]
    rows.append(
        (
            showing.say("class_pupils"),
            _order_words(mine.class_order, mine.case_id, showing),
            class_line or "–",
        )
    )
    for order in mine.judges:
        tau = showing.voice.maybe(mine.with_judges.get(order.judge_id or ""))
        rows.append((order.name, _order_words(order, mine.case_id, showing), tau))
    heads = (showing.say("class_who"), showing.say("class_order_head"), showing.say("class_mine_with_me"))
    return Figure(title, caption, None, PlainTable(heads, tuple(rows)))


# --- titles ----------------------------------------------------------------------------------------------


def _judges_title(picture: JudgesPicture, showing: Showing) -> str:
    known = [one for one in picture.judges if one.agreement and one.agreement.value is not None]
    if not known:
        readable = any(order.tiers for order in picture.judges)
        return showing.say("class_judges_few" if readable else "class_judges_none")
    tau = showing.number(known[0].agreement)
    if len(known[0].tiers) == 1:
        return showing.say("class_judges_tied", judge=showing.short(known[0].name), tau=tau)
    if len(known) == 1:
        return showing.say("class_judges_one", judge=showing.short(known[0].name), tau=tau)
    span = preferred(picture.lead)
    if span is not None and span.low > 0:
        return showing.say("class_judges_lead", judge=showing.short(known[0].name), tau=tau)
    return showing.say(
        "class_judges_open", judge=showing.short(known[0].name), tau=tau, next=showing.short(known[1].name)
    )


def _heat_title(picture: HeatPicture, showing: Showing) -> str:
    known = [line for line in picture.judges if any(number is not None for number in line.by_case)]
    decimal = showing.voice.decimal
    if not known:
        return showing.say("class_heat_none")
    if len(known) == 1:
        numbers = [number for number in known[0].by_case if number is not None]
        ends = {"low": decimal(min(numbers)), "high": decimal(max(numbers))}
        return showing.say("class_heat_one", judge=showing.short(known[0].name), **ends)
    columns = [
        [number for line in known if (number := line.by_case[place]) is not None]
        for place in range(len(picture.case_ids))
    ]
    widest = max(range(len(columns)), key=lambda place: _reach(columns[place]))
    return showing.say(
        "class_heat_title",
        case=showing.case_name(picture.case_ids[widest]),
        low=decimal(min(columns[widest])),
        high=decimal(max(columns[widest])),
    )


def _reach(numbers: Sequence[float]) -> float:
    return max(numbers) - min(numbers) if numbers else -1.0


def _stability_title(picture: StabilityPicture, showing: Showing) -> str:
    known = [line for line in picture.judges if line.retest.value is not None]
    if not known:
        return showing.say("class_stable_none")
    best, last = known[0], known[-1]
    first = {"best": showing.short(best.name), "best_tau": showing.number(best.retest)}
    if len(known) == 1:
        return showing.say("class_stable_one", **first)
    return showing.say(
        "class_stable_title", **first, last=showing.short(last.name), last_tau=showing.number(last.retest)
    )


def _mine_title(mine: MyOrder, showing: Showing) -> str:
    if not mine.mine:
        return showing.say("class_mine_none")
    names = [order.name for order in mine.judges if order.judge_id in mine.nearest]
    if not names:
        return showing.order(mine.mine, mine.case_id)
    tau = showing.voice.decimal(mine.with_judges[mine.nearest[0]])
    if len(names) == 1:
        return showing.say("class_mine_nearest", judge=showing.short(names[0]), tau=tau)
    return showing.say(
        "class_mine_nearest_several", judges=showing.all_of(showing.short(name) for name in names), tau=tau
    )


# --- lines and tables ------------------------------------------------------------------------------------


def _grid_line(line: HeatLine, showing: Showing, *, is_people: bool = False) -> GridLine:
    name = showing.say("class_two_pupils") if is_people else line.name
    return GridLine(name, line.by_case, showing.number(line.overall), is_people)


def _stable_line(line: StabilityLine, showing: Showing) -> AxisLine:
    span = preferred(line.retest)
    value = line.retest.value
    main = None if value is None else Spot(value, *((span.low, span.high) if span else ()))
    words = showing.voice.why(line.retest.undefined_because) if main is None else ""
    whole = showing.voice.whole
    read = f"{whole(line.n_ranked)}/{whole(line.n_ranked + line.n_failed)}"
    dots = tuple(number for number in line.by_case if number is not None)
    return AxisLine(line.name, main, words, dots, read)


def _order_words(order: Order, case_id: str, showing: Showing) -> str:
    if order.tiers:
        return showing.order(order.tiers, case_id)
    return showing.voice.why(order.undefined_because)


def _orders_table(picture: JudgesPicture, showing: Showing) -> PlainTable:
    lines = [(showing.say("class_pupils"), picture.class_order)]
    lines += [(order.name, order) for order in picture.judges]
    rows = tuple(
        (name, _order_words(order, picture.case_id, showing), *_cells(order.agreement, showing))
        for name, order in lines
    )
    heads = (showing.say("class_who"), showing.say("class_order_head"), showing.say("class_agreement_head"))
    return PlainTable((*heads, showing.say("class_interval"), "n"), rows)


def _cells(estimate: Estimate | None, showing: Showing) -> tuple[str, str, str]:
    if estimate is None:
        return "–", "–", "–"
    return showing.voice.estimate(estimate), showing.span(estimate), showing.voice.whole(estimate.n)


def _heat_table(picture: HeatPicture, showing: Showing) -> PlainTable:
    heads = (showing.say("class_who"), *(showing.case_head(case_id) for case_id in picture.case_ids))
    lines = [
        (showing.say("class_two_pupils"), picture.pupils),
        *((line.name, line) for line in picture.judges),
    ]
    rows = tuple(
        (name, *(showing.voice.maybe(number) for number in line.by_case), *_cells(line.overall, showing))
        for name, line in lines
    )
    return PlainTable((*heads, showing.say("class_mean"), showing.say("class_interval"), "n"), rows)


def _stability_table(picture: StabilityPicture, showing: Showing) -> PlainTable:
    cases = [showing.case_head(case_id) for case_id in picture.case_ids]
    heads = (
        showing.say("class_who"),
        *cases,
        showing.say("class_itself"),
        showing.say("class_interval"),
        "n",
    )
    rows = []
    for line in picture.judges:
        whole = showing.voice.whole
        read = showing.say(
            "class_out_of", some=whole(line.n_ranked), all=whole(line.n_ranked + line.n_failed)
        )
        same = showing.voice.estimate(line.same_order, as_percent=True)
        numbers = (showing.voice.maybe(number) for number in line.by_case)
        rows.append((line.name, *numbers, *_cells(line.retest, showing), same, read))
    return PlainTable((*heads, showing.say("class_same_order"), showing.say("class_readable")), tuple(rows))
