"""What a judge's proposals did to the people who saw them, beside those from whom the lot kept them."""

from __future__ import annotations

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of
from harness.report.panels.panel import Panel, TitledTable
from harness.report.selection import judge_titles
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, with_cut
from harness.schema import Comparison, Estimate
from harness.schema.anchoring import Anchoring, AnchoringCase

_MOST_CASES = 24
_DASH = "–"
_CONTROL, _SHOWN = "people", "both"
"""Kinds of dots: people alone, and people with a judge."""


def anchoring_panels(comparison: Comparison, voice: Voice) -> tuple[Panel, ...]:
    """Show the panel, or nothing at all where no person could have seen a proposal: most runs have none."""
    parts = comparison.anchoring
    if not parts:
        return ()
    titles = judge_titles(comparison, voice)
    named = [(one, _judge(one, titles, voice)) for one in parts]
    figures = tuple(
        _figure(one, name, place, comparison, voice)
        for place, (one, name) in enumerate(named)
        if one.effect.value is not None
    )
    tables = tuple(_table(one, name, voice) for one, name in named)
    notes = [voice.say("anchoring_elsewhere")]
    if any(one.simulated for one in parts):
        notes.insert(0, voice.say("anchoring_simulated"))
    return (Panel(voice.say("anchoring_section"), notes=tuple(notes), figures=figures, tables=tables),)


def _judge(one: Anchoring, titles: dict[str, str], voice: Voice) -> str:
    name = titles.get(one.judge_id, disarm(one.judge_id))
    return f"{name} · {voice.rulebook(one.rulebook_id)}"


def _figure(one: Anchoring, name: str, place: int, comparison: Comparison, voice: Voice) -> Figure:
    title = _title(one, name, voice)
    cases = {case.case_id: voice.local(case.title) for case in comparison.cases}
    lines = [_whole_line(one, voice)]
    lines += [_case_line(case, cases.get(case.case_id, disarm(case.case_id)), voice) for case in one.cases]
    chart = DotChart(
        figure_id=f"anchoring-{place}-{voice.language}",
        title=title,
        description=voice.say("anchoring_description"),
        axis=Axis((0.0, 1.0), (-1.0, 1.0), name=voice.say("anchoring_axis")),
        lines=tuple(lines[: _MOST_CASES + 1]),
        text_heads=(voice.say("anchoring_people"),),
        legend=((_CONTROL, voice.say("anchoring_without")), (_SHOWN, voice.say("anchoring_with"))),
    )
    caption = voice.say(
        "anchoring_caption",
        design=_design(one, voice),
        test=voice.test(one.test),
        targets=voice.targets([one.effect]),
    ).rstrip()
    caption = with_cut(caption, min(len(one.cases), _MOST_CASES), len(one.cases), voice)
    return Figure(title, caption, dot_chart(chart, voice), _case_table(one, cases, voice))


def _title(one: Anchoring, name: str, voice: Voice) -> str:
    """Claim a direction, in these cases, only where the interval for other people has it."""
    if one.effect.value is None:
        return voice.say("anchoring_title_few", judge=name, why=voice.why(one.effect.undefined_because))
    said = {
        "judge": name,
        "control": voice.estimate(one.tau_control),
        "shown": voice.estimate(one.tau_shown),
    }
    span = next((span for span in one.effect.intervals if span.target == "T2"), None)
    if span is not None and span.low > 0:
        return voice.say("anchoring_title", **said)
    if span is not None and span.high < 0:
        return voice.say("anchoring_title_away", **said)
    return voice.say("anchoring_title_open", **said)


def _design(one: Anchoring, voice: Voice) -> str:
    shown, control = (voice.counted(n, "people") for n in (one.n_people_shown, one.n_people_control))
    if one.design == "people":
        words = voice.say("anchoring_design_people", n_shown=shown, n_control=control)
    else:
        words = voice.say("anchoring_design_cases", n_shown=shown)
    if one.n_aside:
        words = f"{words} {voice.say('anchoring_aside', n=voice.whole(one.n_aside))}"
    return words


def _whole_line(one: Anchoring, voice: Voice) -> DotLine:
    dots = (*dot_of(one.tau_control, _CONTROL), *dot_of(one.tau_shown, _SHOWN))
    counts = f"{voice.whole(one.n_people_control)} + {voice.whole(one.n_people_shown)}"
    return DotLine(voice.say("anchoring_all_cases"), dots, "", (counts,))


def _case_line(case: AnchoringCase, name: str, voice: Voice) -> DotLine:
    found = ((case.tau_control, _CONTROL), (case.tau_shown, _SHOWN))
    dots = tuple(Dot(value, kind=kind) for value, kind in found if value is not None)
    words = "" if dots else voice.why("too_few_people")
    return DotLine(name, dots, words, (f"{voice.whole(case.n_control)} + {voice.whole(case.n_shown)}",))


def _case_table(one: Anchoring, cases: dict[str, str], voice: Voice) -> PlainTable:
    heads = ("case_head", "anchoring_without", "anchoring_with", "anchoring_people")
    rows = tuple(
        (
            cases.get(case.case_id, disarm(case.case_id)),
            voice.maybe(case.tau_control),
            voice.maybe(case.tau_shown),
            f"{voice.whole(case.n_control)} + {voice.whole(case.n_shown)}",
        )
        for case in one.cases
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)


def _table(one: Anchoring, name: str, voice: Voice) -> TitledTable:
    heads = ("anchoring_what", "anchoring_without", "anchoring_with", "anchoring_difference")
    rows = (
        ("anchoring_row_tau", one.tau_control, one.tau_shown, one.effect, False),
        ("anchoring_row_human", one.human_control, one.human_shown, one.false_consensus, False),
        ("anchoring_row_followed", one.followed_control, one.followed_shown, one.followed_more, True),
    )
    written = [
        (voice.say(row), *(voice.full(estimate, as_percent=as_share) for estimate in estimates))
        for row, *estimates, as_share in rows
    ]
    unchanged = [voice.full(arm, as_percent=True) for arm in (one.unchanged_control, one.unchanged_shown)]
    written.append((voice.say("anchoring_row_unchanged"), *unchanged, _DASH))
    times = (_seconds(one.seconds_control, voice), _seconds(one.seconds_shown, voice))
    written.append((voice.say("anchoring_row_seconds"), *times, _ratio(one.time_ratio, voice)))
    title = f"{voice.say('anchoring_table_title')} — {name}"
    if one.effect.value is None:
        title = _title(one, name, voice)
    differences = [one.effect, one.false_consensus, one.followed_more, one.time_ratio]
    caption = voice.say(
        "anchoring_table_caption",
        n_pairs=voice.whole(one.n_wrong_pairs),
        targets=voice.targets(differences),
    ).rstrip()
    return TitledTable(title, caption, PlainTable(tuple(voice.say(head) for head in heads), tuple(written)))


def _seconds(estimate: Estimate, voice: Voice) -> str:
    if estimate.value is None:
        return voice.why(estimate.undefined_because)
    return f"{voice.decimal(estimate.value, 1)} ({voice.counted(estimate.n, estimate.unit)})"


def _ratio(estimate: Estimate, voice: Voice) -> str:
    if estimate.value is None:
        return voice.why(estimate.undefined_because)
    return voice.say("anchoring_times", ratio=voice.full(estimate))
