"""Whether a judge could stand in for a person, what people and judge give together, and what it costs."""

from __future__ import annotations

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of, first_reason, known, line_of, under_heads
from harness.report.panels.panel import Missing, Panel
from harness.report.prose_words import QUANTITIES
from harness.report.selection import Selection, row_label, row_name
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, with_cut
from harness.schema import Comparison, Replacement, SemiAutomatic, Unit

_MOST_LINES = 36
_HALF = 0.5
ENOUGH_CASES = 30
"""The published test needs this many cases per person."""


def replacement_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Show how often each judge is as near to the other people as a person is."""
    heading = voice.say("replace_section")
    found = list(comparison.replacements)
    if not any(known(one.rho) for one in found):
        reason = (
            first_reason([one.rho for one in found], voice)
            if found
            else voice.why("no_people" if comparison.reference.kind != "people" else "not_measured")
        )
        return Missing(heading, reason)
    title = _replace_title(found, voice)
    names = _names(comparison, selection, voice)
    lines = under_heads(_split_name(comparison, one, selection, voice) for one in found)
    chart = DotChart(
        figure_id=f"replace-{voice.language}",
        title=title,
        description=voice.say("replace_description"),
        axis=Axis(
            (0.0, 1.0),
            (0.0, 1.0),
            as_percent=True,
            name=voice.say("replace_axis"),
            lines=((_HALF, voice.percent(_HALF)),),
        ),
        lines=lines[:_MOST_LINES],
        text_heads=("ω", voice.say("verdict_head")),
    )
    caption = voice.say(
        "replace_caption",
        epsilon=voice.decimal(found[0].epsilon),
        n_people=_range([one.n_people for one in found], "people", voice),
        n_cases=_range([one.n_cases for one in found], "cases", voice),
        targets=voice.targets(one.rho for one in found),
    ).rstrip()
    caption = with_cut(caption, min(len(lines), _MOST_LINES), len(lines), voice)
    return Panel(
        heading,
        figures=(Figure(title, caption, dot_chart(chart, voice), _replace_table(found, names, voice)),),
    )


def _split_name(
    comparison: Comparison, one: Replacement, selection: Selection, voice: Voice
) -> tuple[str, DotLine]:
    """The judge as head, its rulebook and what is not usual as the line's name."""
    row = next((row for row in comparison.rows if row.row_id == one.row_id), None)
    texts = (_omega(one, voice), _verdict(one, voice))
    if row is None:
        return "", line_of(disarm(one.row_id), one.rho, voice, texts=texts)
    name = row_name(row, voice)
    rest = row_label(row, voice, selection).removeprefix(name).removeprefix(" · ")
    return name, line_of(rest or name, one.rho, voice, texts=texts)


def _names(comparison: Comparison, selection: Selection, voice: Voice) -> dict[str, str]:
    return {row.row_id: row_label(row, voice, selection) for row in comparison.rows}


def _range(counts: list[int], unit: Unit, voice: Voice) -> str:
    low, high = min(counts), max(counts)
    return voice.counted(high, unit) if low == high else f"{voice.whole(low)}–{voice.counted(high, unit)}"


def _replace_title(found: list[Replacement], voice: Voice) -> str:
    decided = [one for one in found if one.passes is not None]
    if decided:
        few = sum(bool(one.passes) for one in decided)
        return voice.say("replace_title", few=voice.whole(few), all=voice.whole(len(decided)))
    values = [one.rho.value for one in found if one.rho.value is not None]
    return voice.say("replace_title_open", low=voice.percent(min(values)), high=voice.percent(max(values)))


def _omega(one: Replacement, voice: Voice) -> str:
    return "–" if one.omega.value is None else voice.percent(one.omega.value)


def _verdict(one: Replacement, voice: Voice) -> str:
    if one.passes is not None:
        return voice.say("passes_yes" if one.passes else "passes_no")
    if one.n_cases < ENOUGH_CASES:
        return voice.say("passes_too_few", n=voice.whole(ENOUGH_CASES))
    return voice.why(one.omega.undefined_because)


def _replace_table(found: list[Replacement], names: dict[str, str], voice: Voice) -> PlainTable:
    heads = (
        voice.say("row_head"),
        "ρ",
        "ω",
        voice.say("verdict_head"),
        voice.say("person_count_head"),
        voice.say("all_cases_count"),
    )
    rows = tuple(
        (
            names.get(one.row_id, disarm(one.row_id)),
            voice.full(one.rho, as_percent=True),
            voice.full(one.omega, as_percent=True),
            _verdict(one, voice),
            voice.whole(one.n_people),
            voice.whole(one.n_cases),
        )
        for one in found
    )
    return PlainTable(heads, rows)


def semi_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Show each quantity from the people's cases alone, and with the judge's other cases added."""
    heading = voice.say("semi_section")
    found = list(comparison.semi_automatic)
    if not any(known(one.combined) for one in found):
        return Missing(heading, first_reason([one.combined for one in found], voice))
    title = _semi_title(found, voice)
    names = _names(comparison, selection, voice)
    lines = under_heads((names.get(one.row_id, disarm(one.row_id)), _semi_line(one, voice)) for one in found)
    chart = DotChart(
        figure_id=f"semi-{voice.language}",
        title=title,
        description=voice.say("semi_description"),
        axis=Axis((0.0, 1.0)),
        lines=lines[:_MOST_LINES],
        text_heads=(voice.say("both_head"), "λ", voice.say("worth_head")),
        legend=(("people", voice.say("semi_people")), ("both", voice.say("semi_both"))),
    )
    n_open = sum(one.random_sample is not True for one in found)
    caption = voice.say("semi_caption", sample=voice.say("sample_unknown" if n_open else "sample_random"))
    caption = with_cut(caption, min(len(lines), _MOST_LINES), len(lines), voice)
    return Panel(
        heading, figures=(Figure(title, caption, dot_chart(chart, voice), _semi_table(found, names, voice)),)
    )


def _semi_title(found: list[SemiAutomatic], voice: Voice) -> str:
    gains = [one.cases_worth / one.n_both for one in found if one.cases_worth is not None and one.n_both]
    if not gains:
        return voice.say("semi_title_none")
    return voice.say("semi_title", low=voice.decimal(min(gains), 1), high=voice.decimal(max(gains), 1))


def _quantity(one: SemiAutomatic, voice: Voice) -> str:
    name = voice.word(QUANTITIES[one.quantity])
    return f"{name} ({disarm(one.system_id)})" if one.system_id else name


def _semi_line(one: SemiAutomatic, voice: Voice) -> DotLine:
    dots: tuple[Dot, ...] = (*dot_of(one.people_only, "people"), *dot_of(one.combined, "both"))
    counts = f"{voice.whole(one.n_both)} + {voice.whole(one.n_judge_only)}"
    worth = "–" if one.cases_worth is None else voice.decimal(one.cases_worth, 0)
    why = "" if dots else voice.why(one.combined.undefined_because)
    return DotLine(_quantity(one, voice), dots, why, (counts, voice.maybe(one.tuning), worth))


def _semi_table(found: list[SemiAutomatic], names: dict[str, str], voice: Voice) -> PlainTable:
    heads = (
        "row_head",
        "quantity_head",
        "semi_people",
        "semi_both",
        "both_head",
        "sample_head",
        "worth_head",
        "saved_head",
    )
    rows = tuple(
        (
            names.get(one.row_id, disarm(one.row_id)),
            _quantity(one, voice),
            voice.full(one.people_only),
            voice.full(one.combined),
            f"{voice.whole(one.n_both)} + {voice.whole(one.n_judge_only)}",
            voice.say({True: "sample_yes", False: "sample_no", None: "unknown"}[one.random_sample]),
            "–" if one.cases_worth is None else voice.decimal(one.cases_worth, 0),
            "–" if one.people_verdicts_saved is None else voice.decimal(one.people_verdicts_saved, 0),
        )
        for one in found
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)
