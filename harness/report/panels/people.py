"""People as annotators: who agrees, where they split, what to ask next. Nobody is called bad here."""

from __future__ import annotations

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure, shortened
from harness.report.numbers import NO_BREAK, p_value
from harness.report.panels.dots import line_of
from harness.report.panels.panel import Missing, Panel, TitledTable
from harness.report.prose_words import SIGNALS
from harness.report.selection import row_name
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, with_cut
from harness.report.words import SIMULATED
from harness.schema import CaseFacts, Comparison, PeoplePanel, PersonReading, PlannedPrecision

_MOST_LINES = 24
_MOST_ROWS = 60
_MOST_CASES = 10
_WANTED = 0.1
_MOST_SIGNALS = 52


def people_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Show agreement with the others, odd signals, split cases, the next case, and planned precision."""
    heading = voice.say("people_section")
    panel = comparison.people_panel
    tables = [
        _split(comparison, voice),
        _drawn(comparison, panel, voice),
        _next(comparison, panel, voice),
        _precision(panel, voice),
    ]
    kept = tuple(table for table in tables if table is not None)
    people = panel.people if panel else ()
    if not people:
        return _without_people(comparison, heading, kept, voice)
    ordered = sorted(
        people,
        key=lambda one: (not one.flagged, one.leave_one_out.value is None, one.leave_one_out.value or 0.0),
    )
    notes = tuple(filter(None, (voice.say("people_intro"), _weighted(panel, voice))))
    return Panel(heading, notes, (_figure(ordered, voice),), tables=kept)


def _weighted(panel: PeoplePanel | None, voice: Voice) -> str:
    """How little weighting people changes: one number, where there is one."""
    if panel is None or panel.weighted_consensus.value is None:
        return ""
    return voice.say("people_weighted", number=voice.full(panel.weighted_consensus))


def _without_people(
    comparison: Comparison, heading: str, kept: tuple[TitledTable, ...], voice: Voice
) -> Panel | Missing:
    """Anonymous votes still split; without anybody there is only a reason."""
    reference = comparison.reference
    if reference.kind != "people" or not kept:
        return Missing(heading, voice.why("no_people"))
    why = voice.why("too_few_people" if reference.people_known else "people_unknown")
    return Panel(heading, (voice.say("people_none", why=why),), tables=kept)


def _figure(people: list[PersonReading], voice: Voice) -> Figure:
    title = _title(people, voice)
    chart = DotChart(
        figure_id=f"people-{voice.language}",
        title=title,
        description=voice.say("people_description"),
        axis=Axis((0.0, 1.0), (-1.0, 1.0), name=voice.say("people_axis")),
        lines=tuple(_line(one, voice) for one in people[:_MOST_LINES]),
        text_heads=(
            voice.say("shrunk_head"),
            voice.say("signals_head") if any(one.signals for one in people) else "",
        ),
    )
    caption = voice.say("people_caption", targets=voice.targets(one.leave_one_out for one in people)).rstrip()
    if any(one.better_than_chance is not None for one in people):
        caption = f"{caption} {voice.say('chance_note')}"
    caption = with_cut(caption, min(len(people), _MOST_LINES), len(people), voice)
    return Figure(title, caption, dot_chart(chart, voice), _table(people, voice))


def _title(people: list[PersonReading], voice: Voice) -> str:
    n_flagged = sum(one.flagged for one in people)
    values = sorted(one.leave_one_out.value for one in people if one.leave_one_out.value is not None)
    if not values:
        return voice.say("people_title_none", n_people=voice.counted(len(people), "people"))
    return voice.say(
        "people_title" if n_flagged else "people_title_unflagged",
        n_people=voice.counted(len(people), "people"),
        low=voice.decimal(values[0]),
        high=voice.decimal(values[-1]),
        flagged=voice.whole(n_flagged),
    )


def _person(one: PersonReading, voice: Voice) -> str:
    name = disarm(one.annotator_id)
    return f"{name} ({voice.word(SIMULATED)})" if one.simulated else name


def _line(one: PersonReading, voice: Voice) -> DotLine:
    texts = (voice.estimate(one.reliability, signed=True), shortened(_signals(one, voice), _MOST_SIGNALS))
    return line_of(_person(one, voice), one.leave_one_out, voice, kind="people", texts=texts)


def _signals(one: PersonReading, voice: Voice) -> str:
    names = ", ".join(voice.word(SIGNALS[signal]) for signal in one.signals)
    return voice.say("look_at", signals=names) if one.flagged else names


def _table(people: list[PersonReading], voice: Voice) -> PlainTable:
    tested = any(one.better_than_chance is not None for one in people)
    heads = (
        "person_head",
        "person_cases_head",
        "loo_head",
        "reliability_head",
        "ties_head",
        "all_tied_head",
        "retest_head",
        *(("chance_head",) if tested else ()),
        "time_head",
        "signals_head",
    )
    rows = tuple(
        (
            _person(one, voice),
            voice.whole(one.n_cases),
            voice.full(one.leave_one_out),
            voice.full(one.reliability),
            _percent(one.tie_share, voice),
            _percent(one.all_tied_share, voice),
            voice.full(one.retest),
            *((_chance(one, voice),) if tested else ()),
            "–" if one.median_seconds is None else voice.decimal(one.median_seconds, 0),
            _signals(one, voice) or "–",
        )
        for one in people[:_MOST_ROWS]
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)


def _chance(one: PersonReading, voice: Voice) -> str:
    test = one.better_than_chance
    return "–" if test is None else p_value(test.p, voice.language)


def _percent(share: float | None, voice: Voice) -> str:
    return "–" if share is None else voice.percent(share)


def _split(comparison: Comparison, voice: Voice) -> TitledTable | None:
    """The cases on which people stand on two sides."""
    if comparison.reference.kind != "people":
        return None
    cases = [case for case in comparison.cases if case.split_pairs is not None and case.n_people > 1]
    n_split = sum((case.split_pairs or 0.0) > 0 for case in cases)
    if not cases:
        return None
    most = sorted(cases, key=lambda case: (-(case.split_pairs or 0.0), case.human_human or 0.0))[:_MOST_CASES]
    heads = ("case_head", "person_count_head", "split_head", "human_head", "w_head", "alpha_head")
    table = PlainTable(
        tuple(voice.say(head) for head in heads), tuple(_split_row(case, voice) for case in most)
    )
    title = voice.say("split_title", few=voice.whole(n_split), all=voice.counted(len(cases), "cases"))
    return TitledTable(title, with_cut(voice.say("split_caption"), len(most), len(cases), voice), table)


def _split_row(case: CaseFacts, voice: Voice) -> tuple[str, ...]:
    return (
        voice.local(case.title),
        voice.whole(case.n_people),
        voice.percent(case.split_pairs or 0.0),
        voice.maybe(case.human_human),
        voice.maybe(case.kendall_w),
        voice.maybe(case.krippendorff_alpha),
    )


def _next(comparison: Comparison, panel: PeoplePanel | None, voice: Voice) -> TitledTable | None:
    cases = panel.next_cases if panel else ()
    if not cases:
        return None
    titles = {case.case_id: voice.local(case.title) for case in comparison.cases}
    first = titles.get(cases[0].case_id, cases[0].case_id)
    shown = cases[:_MOST_CASES]
    rows = tuple(
        (titles.get(one.case_id, one.case_id), voice.whole(one.n_people), voice.maybe(one.disagreement))
        for one in shown
    )
    heads = tuple(voice.say(head) for head in ("case_head", "person_count_head", "disagreement_head"))
    caption = with_cut(voice.say("next_caption"), len(shown), len(cases), voice)
    return TitledTable(voice.say("next_title", case=first), caption, PlainTable(heads, rows))


def _drawn(comparison: Comparison, panel: PeoplePanel | None, voice: Voice) -> TitledTable | None:
    """Agreement over rankings of drawn cases, plainly and weighted; only where draws were kept."""
    drawn = panel.drawn if panel else None
    if drawn is None:
        return None
    rows = {row.row_id: row for row in comparison.rows}
    names = {one.row_id: rows[one.row_id] for one in drawn.means if one.row_id in rows}
    lines = tuple(
        (
            voice.say("drawn_people") if one.row_id is None else row_name(names[one.row_id], voice),
            voice.full(one.plain),
            voice.full(one.weighted),
        )
        for one in drawn.means
        if one.row_id is None or one.row_id in names
    )
    heads = tuple(voice.say(head) for head in ("drawn_who_head", "drawn_plain_head", "drawn_weighted_head"))
    caption = voice.say(
        "drawn_caption",
        n_drawn=voice.whole(drawn.n_drawn),
        n_others=voice.whole(drawn.n_not_drawn),
        worth=voice.decimal(drawn.worth, 0),
    )
    return TitledTable(voice.say("drawn_title"), caption, PlainTable(heads, lines))


def _precision(panel: PeoplePanel | None, voice: Voice) -> TitledTable | None:
    """A table cases x (people, repeats): how precise a study of that size would be."""
    planned = panel.precision if panel else ()
    if panel is None or not planned:
        return None
    designs = sorted({(one.n_people, one.n_runs) for one in planned})
    sizes = sorted({one.n_cases for one in planned})
    heads = [
        voice.say("plan_cases_head"),
        *(_design(n_people, n_runs, voice) for n_people, n_runs in designs),
    ]
    rows = tuple(
        (voice.whole(size), *(_half_width(planned, size, design, voice) for design in designs))
        for size in sizes
    )
    source = voice.say(f"plan_{panel.variance_source}")
    return TitledTable(
        _plan_title(planned, voice), voice.say("plan_caption", source=source), PlainTable(tuple(heads), rows)
    )


def _plan_title(planned: tuple[PlannedPrecision, ...], voice: Voice) -> str:
    """Name the plan with the fewest rankings by people that tells agreement to a tenth."""
    enough = [one for one in planned if round(one.half_width, 2) <= _WANTED]
    if not enough:
        return voice.say("plan_title_none")
    best = min(enough, key=lambda one: (one.n_cases * one.n_people, one.n_cases, one.n_runs))
    return voice.say(
        "plan_title",
        n_cases=voice.counted(best.n_cases, "cases"),
        n_people=voice.counted(best.n_people, "people"),
        n_runs=voice.counted(best.n_runs, "runs"),
    )


def _design(n_people: int, n_runs: int, voice: Voice) -> str:
    return f"{voice.counted(n_people, 'people')}, {voice.counted(n_runs, 'runs')}"


def _half_width(
    planned: tuple[PlannedPrecision, ...], n_cases: int, design: tuple[int, int], voice: Voice
) -> str:
    found = [
        one.half_width for one in planned if one.n_cases == n_cases and (one.n_people, one.n_runs) == design
    ]
    return f"±{NO_BREAK}{voice.decimal(found[0])}" if found else "–"
