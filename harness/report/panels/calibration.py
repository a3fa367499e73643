"""Choosing a judge by people's rankings: what the choice promises, and what it is worth on other cases."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.numbers import p_value
from harness.report.panels.dots import dot_of, line_of
from harness.report.panels.panel import Panel, TitledTable
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, preferred
from harness.report.words import LANGUAGE_NAMES, PROTOCOLS, WORDINGS
from harness.schema import Estimate
from harness.schema.calibration import Calibration, Choosing, Setting

ENOUGH_GROUPS = 20
"""Fewer groups of cases than this carry no choice: the interval is wider than what settings differ by."""
_EMBELLISHED = 0.005
"""Less than this is not shown by two decimals."""


def calibration_panel(found: Calibration, voice: Voice) -> Panel:
    """Show what choosing among judges, and among panels, promises and is worth."""
    names, people = _names(found, voice), voice.reference(found.reference)
    last = found.choosing[-1]
    title = voice.say(
        "calibration_title",
        name=names[last.chosen],
        naive=voice.estimate(last.naive),
        honest=voice.plain(last.honest),
    )
    chart = DotChart(
        figure_id=f"calibration-{voice.language}",
        title=title,
        description=voice.say("calibration_description"),
        axis=Axis(
            (0.0, 0.5), (-1.0, 1.0), name=voice.say("calibration_axis", reference=_people(found, voice))
        ),
        lines=(*(_choosing_line(one, voice) for one in found.choosing), *_marks(found, voice)),
        text_heads=(voice.say("calibration_optimism_head"), voice.say("interval_head")),
        legend=((0, voice.say("calibration_naive")), (1, voice.say("calibration_honest"))),
    )
    caption = voice.say(
        "calibration_caption",
        n_blocks=voice.whole(found.n_blocks),
        reference=people,
        targets=voice.targets([last.naive, last.honest]),
    ).rstrip()
    heading, notes = voice.say("calibration_section", reference=people), tuple(_notes(found, names, voice))
    figure = Figure(title, caption, dot_chart(chart, voice), _numbers(found, names, voice))
    return Panel(heading, notes, (figure,), tables=(_candidates(found, names, voice),))


def _people(found: Calibration, voice: Voice) -> str:
    return voice.reference(found.reference)


def _notes(found: Calibration, names: dict[str, str], voice: Voice) -> Iterator[str]:
    last = found.choosing[-1]
    n_cases = voice.counted(found.n_cases, "cases")
    if found.simulated:
        yield voice.say("calibration_simulated")
    if found.n_groups < ENOUGH_GROUPS:
        yield voice.say("calibration_few", n_cases=n_cases)
    yield _optimism(last, n_cases, voice)
    if found.lead is not None and found.lucky_lead is not None and found.lead_test is not None:
        yield voice.say(
            "calibration_luck",
            n=voice.whole(found.choosing[0].n_settings),
            lead=voice.decimal(found.lead),
            lucky=voice.decimal(found.lucky_lead),
            test=p_value(found.lead_test.p, voice.language),
        )
    if any(any(one.setting.shots) for one in found.candidates):
        yield voice.say("calibration_shots_note")
    if found.left_out:
        yield _left_out(found, names, voice)


def _optimism(last: Choosing, n_cases: str, voice: Voice) -> str:
    if last.n_settings == 1:
        return voice.say("calibration_one")
    n, gap = voice.whole(last.n_settings), last.optimism.value
    if gap is not None and gap > _EMBELLISHED:
        return voice.say("calibration_optimism", optimism=voice.plain(last.optimism), n=n, n_cases=n_cases)
    return voice.say("calibration_no_optimism", n=n)


def _left_out(found: Calibration, names: dict[str, str], voice: Voice) -> str:
    told = [
        voice.say(
            "calibration_left_one",
            name=names[one.setting.setting_id],
            n=voice.whole(one.n_ranked),
            all=voice.whole(found.n_cases),
        )
        for one in found.left_out
    ]
    least = voice.percent(found.least_coverage)
    return voice.say("calibration_left_out", least=least, names=", ".join(told))


def _choosing_line(one: Choosing, voice: Voice) -> DotLine:
    span = preferred(one.optimism)
    between = "–" if span is None else f"{voice.interval(span)} {span.target}"
    dots = (*dot_of(one.naive, 0), *dot_of(one.honest, 1))
    return DotLine(_among(one, voice), dots, "", (voice.estimate(one.optimism, signed=True), between))


def _among(one: Choosing, voice: Voice) -> str:
    """What was chosen among."""
    n = voice.whole(one.n_settings)
    if one.most_judges == 1:
        return voice.say("calibration_singles", n=n)
    return voice.say("calibration_panels", n=n, size=voice.whole(one.most_judges))


def _marks(found: Calibration, voice: Voice) -> Iterator[DotLine]:
    """What needs no choosing."""
    for phrase, estimate in _unchosen(found):
        yield line_of(voice.say(phrase), estimate, voice, kind="people", texts=("–", "–"))


def _unchosen(found: Calibration) -> Iterator[tuple[str, Estimate]]:
    yield "calibration_drawn", found.without_choosing
    yield "calibration_longest", found.longest_answer
    if found.reference.human_human.value is not None:
        yield "calibration_human", found.reference.human_human


def _numbers(found: Calibration, names: dict[str, str], voice: Voice) -> PlainTable:
    columns = ("calibration_naive", "calibration_honest", "calibration_optimism_head")
    heads = ("", *(voice.say(name) for name in columns))
    chosen = tuple(
        (
            f"{_among(one, voice)} → {names[one.chosen]}",
            voice.full(one.naive),
            voice.full(one.honest),
            voice.full(one.optimism),
        )
        for one in found.choosing
    )
    marks = tuple(
        (voice.say(phrase), voice.full(estimate), "–", "–") for phrase, estimate in _unchosen(found)
    )
    return PlainTable(heads, chosen + marks)


def _candidates(found: Calibration, names: dict[str, str], voice: Voice) -> TitledTable:
    columns = (
        "calibration_setting_head",
        "calibration_tau_head",
        "calibration_chosen_head",
        "calibration_calls_head",
    )
    heads = tuple(voice.say(name) for name in columns)
    rows = tuple(
        (
            names[one.setting.setting_id],
            voice.full(one.tau_people),
            voice.whole(one.n_chosen),
            voice.decimal(one.setting.verdicts_per_case, 1),
        )
        for one in found.candidates
    )
    caption = voice.say("calibration_candidates_caption", n_blocks=voice.whole(found.n_blocks))
    return TitledTable(voice.say("calibration_candidates"), caption, PlainTable(heads, rows))


# --- names -----------------------------------------------------------------------------------------


def _names(found: Calibration, voice: Voice) -> dict[str, str]:
    """Setting -> its name: what all settings share is left unsaid, what two names share is told apart."""
    settings = [one.setting for one in found.candidates] + [one.setting for one in found.left_out]
    several_ways = len({protocol for one in settings for protocol in one.protocols}) > 1
    rulebooks = {one.rulebook_id for one in settings}
    languages = {one.language for one in settings}
    named: dict[str, str] = {}
    for one in settings:
        parts = [_judges(one, voice, several_ways=several_ways)]
        parts += [voice.rulebook(one.rulebook_id)] if len(rulebooks) > 1 else []
        parts += [voice.word(WORDINGS["paraphrase"])] if one.wording == "paraphrase" else []
        parts += [voice.word(LANGUAGE_NAMES[one.language])] if len(languages) > 1 else []
        named[one.setting_id] = " · ".join(parts)
    shown = list(named.values())
    return {
        setting_id: name if shown.count(name) == 1 else f"{name} ({disarm(setting_id)})"
        for setting_id, name in named.items()
    }


def _judges(one: Setting, voice: Voice, *, several_ways: bool) -> str:
    """The judges of a setting, each with what is not its protocol's own way."""
    templates = one.template_ids or (None,) * len(one.titles)
    told = []
    for title, template, protocol, shots in zip(one.titles, templates, one.protocols, one.shots, strict=True):
        notes = [voice.word(PROTOCOLS[protocol])] if several_ways else []
        if template is not None and template != protocol:
            notes.append(voice.say("calibration_template", name=disarm(template)))
        notes += [voice.say("calibration_shots", n=voice.whole(shots))] if shots else []
        told.append(f"{disarm(title)} ({', '.join(notes)})" if notes else disarm(title))
    return " + ".join(told)
