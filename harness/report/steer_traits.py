"""What picks have more or less of, and how much of choosing is luck: the rest of the steering page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of, line_of
from harness.report.panels.panel import Panel, TitledTable
from harness.report.steer_figures import Names, chance_words, n_shown
from harness.report.steer_names import BASELINES, feature_word
from harness.report.steer_picks import shown_language
from harness.report.tables import PlainTable
from harness.report.voice import Voice, preferred
from harness.schema import Estimate
from harness.schema.steer import Shift, Steering

_WORDS = "words"
_STAR = " ★"
_OUTSIDE = 0.05
"""Share of draws at random that lie outside of the bounds that the record gives."""


def shift_panel(steering: Steering, names: Names, voice: Voice) -> Panel:
    """Show how picks differ from the replies that they were chosen from."""
    spoken = shown_language(steering, voice)
    shown = [one for one in steering.shifts if one.language == spoken]
    of_words = [one for one in shown if one.trait == _WORDS]
    title = _title(of_words, names, voice)
    chart = DotChart(
        figure_id=f"shift-{voice.language}",
        title=title,
        description=voice.say("steer_shift_description"),
        axis=Axis((-10.0, 10.0), name=voice.say("steer_shift_axis")),
        lines=tuple(_word_line(one, names, voice) for one in of_words),
        text_heads=(feature_word(_WORDS, voice), voice.say("steer_between")),
    )
    caption = voice.say(
        "steer_shift_caption",
        n=voice.whole(steering.manifest.n_replies),
        mean=voice.decimal(of_words[0].mean, 0),
        of=n_shown(steering, voice),
    )
    drawn = Figure(title, caption, dot_chart(chart, voice), _word_table(of_words, names, voice))
    return Panel(voice.say("steer_shift"), figures=(drawn,), tables=(_trait_table(shown, names, voice),))


def _word_line(one: Shift, names: Names, voice: Voice) -> DotLine:
    name, span = names[one.chooser_id], preferred(one.difference)
    if one.difference.value is None or span is None:
        return line_of(name, one.difference, voice)
    ends = f"{voice.decimal(span.low, 0, signed=True)} … {voice.decimal(span.high, 0, signed=True)}"
    texts = (voice.decimal(one.difference.value, 0, signed=True), ends)
    return DotLine(name, dot_of(one.difference), "", texts)


def _title(of_words: Sequence[Shift], names: Names, voice: Voice) -> str:
    told = [
        voice.say(
            "steer_shift_part",
            name=names[one.chooser_id],
            words=voice.decimal(one.difference.value, 0, signed=True),
        )
        for one in of_words
        if one.difference.value is not None and one.chooser_id not in BASELINES
    ]
    return voice.say("steer_shift_title", names=", ".join(told)) if told else voice.say("steer_shift_few")


def _word_table(of_words: Sequence[Shift], names: Names, voice: Voice) -> PlainTable:
    heads = (voice.say("steer_choosers"), feature_word(_WORDS, voice), voice.say("steer_chance"))
    rows = [
        (names[one.chooser_id], voice.plain(one.difference), chance_words(one.chance, voice))
        for one in of_words
    ]
    return PlainTable(heads, tuple(rows))


def _trait_table(shown: Sequence[Shift], names: Names, voice: Voice) -> TitledTable:
    choosers = list(dict.fromkeys(one.chooser_id for one in shown))
    by_cell = {(one.trait, one.chooser_id): one for one in shown}
    traits = list(dict.fromkeys(one.trait for one in shown))
    rows = [
        (
            feature_word(trait, voice),
            voice.decimal(by_cell[trait, choosers[0]].mean),
            *(_cell(by_cell[trait, name], voice) for name in choosers),
        )
        for trait in traits
    ]
    heads = (voice.say("steer_trait"), voice.say("steer_mean"), *(names[one] for one in choosers))
    expected = voice.decimal(_OUTSIDE * len(shown), 1)
    note = voice.say("steer_shift_note", n=voice.whole(len(shown)), expected=expected)
    return TitledTable(voice.say("steer_shift_table"), note, PlainTable(heads, tuple(rows)))


def _cell(one: Shift, voice: Voice) -> str:
    value = one.difference.value
    if value is None:
        return voice.estimate(one.difference)
    low, high = one.chance
    return voice.decimal(value, signed=True) + ("" if low <= value <= high else _STAR)


def _gain(gain: Estimate, voice: Voice) -> str:
    span = preferred(gain)
    return f"{voice.estimate(gain)} {voice.interval(span)}" if span else voice.estimate(gain)


def luck_panel(steering: Steering, names: Names, voice: Voice) -> Panel:
    """Say what choosing the best of n does on its own."""
    found = steering.luck[shown_language(steering, voice)]
    n_replies = steering.manifest.n_replies
    n, less = voice.whole(n_replies), voice.whole(n_replies - 1)
    gains = _listed({key: _gain(one, voice) for key, one in found.gains.items()}, names, voice)
    notes = [voice.say("steer_luck_noise", n=n, expected=voice.decimal(found.expected_gain), gains=gains)]
    firm = {
        key: voice.estimate(one, as_percent=True)
        for key, one in found.firmness.items()
        if one.value is not None
    }
    if firm:
        shares = _listed(firm, names, voice)
        notes.append(voice.say("steer_luck_firm", shares=shares, chance=voice.percent(1 / n_replies)))
    notes.append(voice.say("steer_luck_more"))
    notes.append(voice.say("steer_kl", n=n, m=less, kl=voice.decimal(found.kl_bound)))
    return Panel(voice.say("steer_luck", n=n), notes=tuple(notes))


def _listed(told: Mapping[str, str], names: Names, voice: Voice) -> str:
    return ", ".join(voice.say("steer_gain", name=names[key], gain=text) for key, text in told.items())
