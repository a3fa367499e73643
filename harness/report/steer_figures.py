"""How often picks differ, and where each stands in the order of the others: figures of the steering page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of, line_of, under_heads
from harness.report.panels.panel import Panel
from harness.report.steer_names import rewards_of
from harness.report.steer_picks import shown_language, shown_questions
from harness.report.tables import PlainTable
from harness.report.voice import Voice, preferred
from harness.schema import Estimate
from harness.schema.steer import Differing, Standing, Steering

Names = Mapping[str, str]


def counted_share(estimate: Estimate, voice: Voice) -> str:
    """Give a share of questions as their count: `6`."""
    return voice.whole(round((estimate.value or 0.0) * estimate.n))


def n_shown(steering: Steering, voice: Voice) -> str:
    """Give the number of questions that an edition shows."""
    return voice.whole(len(shown_questions(steering, voice)))


def differ_panel(steering: Steering, names: Names, voice: Voice) -> Panel:
    """Show how often each reward's picks differ from everybody else's."""
    spoken = shown_language(steering, voice)
    rewards = [one.chooser_id for one in rewards_of(steering)]
    shown = [one for one in steering.differing if one.language == spoken and one.first_id in rewards]
    title = _differ_title([one for one in shown if one.second_id in rewards], voice)
    named = [(names[one.first_id], _differ_line(one, names, voice)) for one in shown]
    chance = shown[0].by_chance if shown else 0.0
    chart = DotChart(
        figure_id=f"differ-{voice.language}",
        title=title,
        description=voice.say("steer_differ_description"),
        axis=Axis((0.0, 1.0), (0.0, 1.0), as_percent=True, lines=((chance, voice.say("steer_chance")),)),
        lines=under_heads(named),
        text_heads=(voice.say("steer_share"), voice.say("steer_between")),
    )
    caption = voice.say("steer_differ_caption", n=n_shown(steering, voice))
    drawn = Figure(title, caption, dot_chart(chart, voice), _differ_table(named, shown, voice))
    return Panel(voice.say("steer_differ"), figures=(drawn,))


def _differ_table(
    named: Sequence[tuple[str, DotLine]], shown: Sequence[Differing], voice: Voice
) -> PlainTable:
    heads = (voice.say("steer_pair_head"), voice.say("steer_share"), voice.say("steer_chance"))
    rows = [
        (
            voice.say("steer_pair", first=first, second=line.name),
            " ".join(line.texts) or line.words,
            voice.percent(one.by_chance),
        )
        for (first, line), one in zip(named, shown, strict=True)
    ]
    return PlainTable(heads, tuple(rows))


def _differ_title(pairs: Sequence[Differing], voice: Voice) -> str:
    if not pairs:
        return voice.say("steer_differ_title_one")
    counts = sorted(round(one.share.value * one.share.n) for one in pairs if one.share.value is not None)
    if not counts:
        return voice.say("steer_differ_title_few")
    low, high, of = (voice.whole(one) for one in (counts[0], counts[-1], pairs[0].share.n))
    phrase = "steer_differ_title_same" if low == high else "steer_differ_title"
    return voice.say(phrase, low=low, high=high, of=of)


def _differ_line(one: Differing, names: Names, voice: Voice) -> DotLine:
    name = names[one.second_id]
    span = preferred(one.share)
    if span is None:
        return line_of(name, one.share, voice)
    count = voice.say("steer_of", k=counted_share(one.share, voice), n=voice.whole(one.share.n))
    return line_of(name, one.share, voice, texts=(count, voice.interval(span, as_percent=True)))


def place_panel(steering: Steering, names: Names, voice: Voice) -> Panel:
    """Show where everybody's picks stand in the order of each reward."""
    spoken = shown_language(steering, voice)
    shown = [one for one in steering.standings if one.language == spoken and one.chooser_id != one.reward_id]
    rewards = {one.chooser_id for one in rewards_of(steering)}
    title = _place_title([one for one in shown if one.chooser_id in rewards], voice)
    named = [
        (
            voice.say("steer_by", name=names[one.reward_id]),
            _mean_line(names[one.chooser_id], one.place, voice),
        )
        for one in shown
    ]
    chart = DotChart(
        figure_id=f"place-{voice.language}",
        title=title,
        description=voice.say("steer_place_description"),
        axis=Axis((0.0, 1.0), (0.0, 1.0), lines=((0.5, voice.say("steer_chance")),)),
        lines=under_heads(named),
        text_heads=(voice.say("steer_place_head"), voice.say("steer_between")),
    )
    n_replies = voice.whole(steering.manifest.n_replies)
    caption = voice.say("steer_place_caption", n=n_replies, of=n_shown(steering, voice))
    drawn = Figure(title, caption, dot_chart(chart, voice), _place_table(shown, names, voice))
    return Panel(voice.say("steer_place"), figures=(drawn,))


def _place_table(shown: Sequence[Standing], names: Names, voice: Voice) -> PlainTable:
    heads = ("steer_choosers", "steer_by_head", "steer_place_head", "steer_chance")
    rows = [
        (
            names[one.chooser_id],
            names[one.reward_id],
            voice.plain(one.place),
            chance_words(one.chance, voice, signed=False),
        )
        for one in shown
    ]
    return PlainTable(tuple(voice.say(head) for head in heads), tuple(rows))


def _place_title(others: Sequence[Standing], voice: Voice) -> str:
    known = [one.place.value for one in others if one.place.value is not None]
    half = voice.decimal(0.5, 1)
    if not known:
        return voice.say("steer_place_title_one", half=half)
    low, high = voice.decimal(min(known)), voice.decimal(max(known))
    return voice.say("steer_place_title", low=low, high=high, half=half)


def _mean_line(name: str, estimate: Estimate, voice: Voice) -> DotLine:
    span = preferred(estimate)
    if estimate.value is None or span is None:
        return line_of(name, estimate, voice)
    texts = (voice.estimate(estimate), voice.interval(span))
    return DotLine(name, dot_of(estimate), "", texts)


def chance_words(chance: tuple[float, float], voice: Voice, *, signed: bool = True) -> str:
    """Say within which bounds draws at random stay."""
    low, high = (voice.decimal(end, signed=signed) for end in chance)
    return f"{low} … {high}"
