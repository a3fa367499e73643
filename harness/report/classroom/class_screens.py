"""A class by itself: how it graded, whether it agrees, its two halves, before and after talking."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.classroom.axis import AxisChart, AxisLine, Spot, axis_chart
from harness.report.classroom.bars import Bar, BarChart, bar_chart
from harness.report.classroom.showing import Showing
from harness.report.classroom.slopes import Column, Slopes, slopes
from harness.report.figures.figure import Figure
from harness.report.numbers import p_value
from harness.report.tables import PlainTable
from harness.report.voice import preferred
from harness.schema.class_pictures import AnswerShift, SplitPicture, TalkPicture
from harness.schema.classroom import CasePicture, ClosingFigure, GradeBar

_CHANCE = 0.5
_SURE = 0.05
_MOST_ORDERS = 3


def grades_figure(picture: CasePicture, showing: Showing) -> Figure:
    """How did we grade each answer."""
    name_of = showing.letters(picture.case_id)
    title = _grades_title(picture.bars, name_of, showing)
    chart = BarChart(
        figure_id=showing.figure_id("grades", picture.case_id, str(picture.vote)),
        title=title,
        description=showing.say("class_bars_description"),
        bars=tuple(Bar(name_of[bar.answer_id], bar.counts) for bar in picture.bars),
        n_grades=showing.n_grades,
    )
    caption = showing.say(
        "class_grades_caption",
        k=str(showing.n_grades),
        n=showing.pupils(max((bar.n for bar in picture.bars), default=0)),
        complete=showing.voice.whole(picture.n_complete),
        answers=showing.voice.whole(len(picture.bars)),
    )
    table = bars_table([("", picture.bars)], name_of, showing)
    return Figure(title, caption, bar_chart(chart, showing.sheet, showing.voice), table)


def bars_table(
    rows: Sequence[tuple[str, Sequence[GradeBar]]], name_of: dict[str, str], showing: Showing
) -> PlainTable:
    """Every count of every bar."""
    grades = [str(grade) for grade in range(1, showing.n_grades + 1)]
    lines = [
        (
            f"{showing.say('class_answer', letter=name_of[bar.answer_id])}{named}",
            *(showing.voice.whole(count) for count in bar.counts),
            showing.voice.whole(bar.n),
        )
        for name, bars in rows
        for named in [f" · {name}" if name else ""]
        for bar in bars
    ]
    return PlainTable(("", *grades, "n"), tuple(lines))


def agreement_figure(picture: CasePicture, published: Sequence[ClosingFigure], showing: Showing) -> Figure:
    """Do we agree: the orders that suit us best, and our agreement beside that of professionals."""
    title = _agreement_title(picture, published, showing)
    pairs = picture.pairs_agreeing
    span = preferred(pairs)
    own = None if pairs.value is None else Spot(pairs.value, *((span.low, span.high) if span else ()))
    words = showing.voice.why(pairs.undefined_because) if own is None else ""
    text = "" if pairs.value is None else showing.voice.percent(pairs.value)
    lines = [AxisLine(showing.say("class_pupils"), own, words, text=text, is_class=True)]
    lines += [_published_line(one, showing) for one in published if one.value is not None]
    percent = showing.voice.percent
    chart = AxisChart(
        figure_id=showing.figure_id("agreement", picture.case_id, str(picture.vote)),
        title=title,
        description=showing.say("class_agree_caption", n=showing.pupils(pairs.n)),
        low=0.25,
        high=1.0,
        marks=(
            (_CHANCE, f"{percent(_CHANCE)} {showing.say('class_chance')}"),
            (0.75, percent(0.75)),
            (1.0, percent(1)),
        ),
        lines=tuple(lines),
        above=(_orders_words(picture, showing),),
    )
    caption = showing.say("class_agree_caption", n=showing.pupils(pairs.n))
    return Figure(
        title, caption, axis_chart(chart, showing.sheet), _agreement_table(picture, published, showing)
    )


def split_figure(picture: SplitPicture, showing: Showing) -> Figure:
    """And us, with another employer: two bars per answer."""
    name_of = showing.letters(picture.case_id)
    books = [showing.voice.rulebook(half.rulebook_id or "") for half in picture.halves]
    title = _split_title(picture, name_of, showing)
    bars = [
        Bar(f"{name_of[bar.answer_id]} {number}", bar.counts, starts_group=number == 1)
        for pair in zip(picture.halves[0].bars, picture.halves[1].bars, strict=True)
        for number, bar in enumerate(pair, 1)
    ]
    chart = BarChart(
        figure_id=showing.figure_id("split", picture.case_id),
        title=title,
        description=showing.say("class_bars_description"),
        bars=tuple(bars),
        n_grades=showing.n_grades,
    )
    caption = showing.say(
        "class_split_caption",
        first=books[0],
        second=books[1],
        within=showing.number(picture.within),
        between=showing.number(picture.between),
    )
    halves = [
        (showing.say("class_half", number=str(number), rulebook=book), half.bars)
        for number, (book, half) in enumerate(zip(books, picture.halves, strict=True), 1)
    ]
    table = bars_table(halves, name_of, showing)
    return Figure(title, caption, bar_chart(chart, showing.sheet, showing.voice), table)


def moved_figure(talk: TalkPicture, showing: Showing) -> Figure:
    """Did talking change us: the mean place of each answer before and after."""
    moved, name_of = talk.moved, showing.letters(talk.moved.case_id)
    share = moved.share_moved.value
    title = (
        showing.say("class_moved_title", share=showing.voice.percent(share))
        if share is not None
        else showing.say("class_moved_few", n=showing.pupils(moved.n))
    )
    columns = (
        Column(showing.say("class_before"), "", _places(talk.shifts, "first"), is_class=True),
        Column(showing.say("class_after"), "", _places(talk.shifts, "second"), is_class=True),
    )
    chart = Slopes(
        figure_id=showing.figure_id("moved", moved.case_id),
        title=title,
        description=showing.say("class_slopes_description"),
        letters=name_of,
        columns=columns,
        height=showing.sheet.height,
    )
    caption = showing.say(
        "class_moved_caption",
        before=showing.number(moved.agreement_before),
        after=showing.number(moved.agreement_after),
        n=showing.pupils(moved.n),
    )
    if share is None:
        return Figure(title, "", None, _moved_table(talk, name_of, showing))
    return Figure(
        title, caption, slopes(chart, showing.sheet, showing.voice), _moved_table(talk, name_of, showing)
    )


# --- titles ----------------------------------------------------------------------------------------------


def _grades_title(bars: Sequence[GradeBar], name_of: dict[str, str], showing: Showing) -> str:
    if not any(bar.n for bar in bars):
        return showing.say("class_nobody")
    best, best_n = _most(bars, -1, name_of, showing)
    worst, worst_n = _most(bars, 0, name_of, showing)
    k = str(showing.n_grades)
    if best and worst:
        return showing.say("class_grades_title", k=k, best=best, best_n=best_n, worst=worst, worst_n=worst_n)
    if best:
        return showing.say("class_grades_no_worst", k=k, best=best, best_n=best_n)
    if worst:
        return showing.say("class_grades_no_best", k=k, worst=worst, worst_n=worst_n)
    return showing.say("class_grades_middle", k=k)


def _most(bars: Sequence[GradeBar], grade: int, name_of: dict[str, str], showing: Showing) -> tuple[str, str]:
    """The answers with most of one grade, and how many that is; nothing when nobody gave it."""
    most = max(bar.counts[grade] for bar in bars)
    if most == 0:
        return "", ""
    found = [bar for bar in bars if bar.counts[grade] == most]
    whole = showing.voice.whole
    said = showing.say("class_out_of", some=whole(most), all=whole(found[0].n))
    return showing.all_of(name_of[bar.answer_id] for bar in found), said


def _agreement_title(picture: CasePicture, published: Sequence[ClosingFigure], showing: Showing) -> str:
    pairs = picture.pairs_agreeing
    if pairs.value is None:
        if picture.agreement.value is None:
            return showing.say("class_agree_few", n=showing.pupils(picture.n))
        return showing.say("class_agree_tied")
    share = showing.voice.percent(pairs.value)
    span = preferred(pairs)
    low, high = (span.low, span.high) if span else (0.0, 1.0)
    others = [one.value for one in published if one.value is not None]
    if others and high < min(others):
        return showing.say("class_agree_less", share=share)
    if others and low > max(others):
        return showing.say("class_agree_more", share=share)
    return showing.say("class_agree_like", share=share)


def _orders_words(picture: CasePicture, showing: Showing) -> str:
    if not picture.consensus:
        return "" if picture.agreement.value is None else showing.say("class_orders_many")
    said = [showing.order(tiers, picture.case_id) for tiers in picture.consensus]
    if len(said) == 1:
        return showing.say("class_orders_one", order=said[0])
    shown = " ; ".join(said[:_MOST_ORDERS])
    return showing.say("class_orders_several", n=showing.voice.whole(len(said)), order=shown)


def _split_title(picture: SplitPicture, name_of: dict[str, str], showing: Showing) -> str:
    if picture.test is None:
        counts = [showing.pupils(half.n) for half in picture.halves]
        return showing.say("class_split_few", first=counts[0], second=counts[1])
    p = p_value(picture.test.p, showing.voice.language)
    if picture.test.p >= _SURE:
        return showing.say("class_split_open", p=p)
    return showing.say("class_split_title", answer=name_of[_most_shifted(picture.shifts)], p=p)


def _most_shifted(shifts: Sequence[AnswerShift]) -> str:
    def apart(shift: AnswerShift) -> float:
        known = shift.first is not None and shift.second is not None
        return abs(shift.first - shift.second) if known else -1.0  # type: ignore[operator]

    return max(shifts, key=apart).answer_id


# --- tables and places ------------------------------------------------------------------------------------


def _published_line(one: ClosingFigure, showing: Showing) -> AxisLine:
    value = one.value or 0.0
    reach = (value - one.plus_minus, value + one.plus_minus) if one.plus_minus else ()
    name = showing.voice.local(one.name or one.text)
    return AxisLine(name, Spot(value, *reach), text=showing.voice.percent(value))


def _agreement_table(
    picture: CasePicture, published: Sequence[ClosingFigure], showing: Showing
) -> PlainTable:
    voice, pairs, tau = showing.voice, picture.pairs_agreeing, picture.agreement
    alike = (voice.estimate(pairs, as_percent=True), showing.span(pairs, as_percent=True))
    rows = [
        (showing.say("class_pairs_alike"), *alike, str(pairs.n), showing.say("class_pupils")),
        (
            showing.say("class_tau"),
            voice.estimate(tau),
            showing.span(tau),
            str(tau.n),
            showing.say("class_pupils"),
        ),
    ]
    rows += [
        (voice.local(one.text), _percent(one.value, showing), _plus_minus(one, showing), "–", one.source)
        for one in published
    ]
    for tiers in picture.consensus:
        order = showing.order(tiers, picture.case_id)
        rows.append(
            (showing.say("class_best_orders"), order, "–", str(picture.n), showing.say("class_pupils"))
        )
    heads = ("class_measure", "class_value", "class_interval")
    return PlainTable((*(showing.say(head) for head in heads), "n", showing.say("class_source")), tuple(rows))


def _percent(value: float | None, showing: Showing) -> str:
    return "–" if value is None else showing.voice.percent(value)


def _plus_minus(one: ClosingFigure, showing: Showing) -> str:
    return "–" if one.plus_minus is None else f"± {showing.voice.decimal(100 * one.plus_minus, 1)}"


def _places(shifts: Sequence[AnswerShift], side: str) -> dict[str, float]:
    found = {shift.answer_id: getattr(shift, side) for shift in shifts}
    return {answer: place for answer, place in found.items() if place is not None}


def _moved_table(talk: TalkPicture, name_of: dict[str, str], showing: Showing) -> PlainTable:
    voice, moved = showing.voice, talk.moved
    heads = ("", showing.say("class_before"), showing.say("class_after"))
    if moved.share_moved.value is None:
        return PlainTable(heads, ((showing.say("class_share_moved"), "–", "–"),))
    rows = [
        (
            f"{showing.say('class_answer', letter=name_of[shift.answer_id])} · {showing.say('class_place')}",
            voice.maybe(shift.first),
            voice.maybe(shift.second),
        )
        for shift in talk.shifts
    ]
    before, after = voice.full(moved.agreement_before), voice.full(moved.agreement_after)
    rows.append((showing.say("class_tau"), before, after))
    rows.append((showing.say("class_share_moved"), "–", voice.full(moved.share_moved, as_percent=True)))
    return PlainTable(heads, tuple(rows))
