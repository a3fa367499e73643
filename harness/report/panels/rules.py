"""Which single rule moves what: a rulebook beside the same rulebook without that rule."""

from __future__ import annotations

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.findings import ALPHA
from harness.report.numbers import p_value
from harness.report.panels.dots import known, line_of, under_heads
from harness.report.panels.panel import Missing, Panel
from harness.report.prose_words import DIMENSION_NAMES
from harness.report.selection import judge_titles, main_language
from harness.report.tables import PlainTable
from harness.report.typography import excerpt
from harness.report.voice import Voice, with_cut
from harness.report.words import LANGUAGE_NAMES, WORDINGS
from harness.schema import Comparison, RuleEffect

_MOST_LINES = 40
_RULE_TEXT = 160


def rules_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Show the gap that each rule makes, per judge and rulebook."""
    heading = voice.say("rule_section")
    effects = list(comparison.rule_effects)
    if not any(known(one.gap) for one in effects):
        return Missing(
            heading, voice.why(effects[0].gap.undefined_because) if effects else voice.say("rule_none")
        )
    title = _title(effects, voice)
    ordered = sorted(
        effects, key=lambda one: (one.judge_id, one.rulebook_id, one.wording, one.language, one.rule)
    )
    lines = _lines(comparison, ordered, voice)
    chart = DotChart(
        figure_id=f"rules-{voice.language}",
        title=title,
        description=voice.say("rule_description"),
        axis=Axis((0.0, 0.2), (-1.0, 1.0), name=voice.say("rule_axis")),
        lines=lines[:_MOST_LINES],
        text_heads=(
            voice.say("towards_head", reference=voice.reference(comparison.reference)),
            "p",
        ),
    )
    caption = voice.say("rule_caption", targets=voice.targets(one.gap for one in ordered)).rstrip()
    caption = with_cut(caption, min(len(lines), _MOST_LINES), len(lines), voice)
    return Panel(
        heading,
        figures=(Figure(title, caption, dot_chart(chart, voice), _table(comparison, ordered, voice)),),
    )


def _title(effects: list[RuleEffect], voice: Voice) -> str:
    tested = [one for one in effects if _p(one) is not None]
    if not tested:
        return voice.say("rule_title_none")
    few = sum((_p(one) or 0.0) <= ALPHA for one in tested)
    return voice.say("rule_title", few=voice.whole(few), all=voice.whole(len(tested)))


def _p(effect: RuleEffect) -> float | None:
    """The p to read: corrected for the rulebook's other rules where that was done."""
    if effect.holm_p is not None:
        return effect.holm_p
    return effect.test.p if effect.test else None


def _lines(comparison: Comparison, effects: list[RuleEffect], voice: Voice) -> tuple[DotLine, ...]:
    return under_heads((_group(comparison, one, voice), _line(comparison, one, voice)) for one in effects)


def _line(comparison: Comparison, effect: RuleEffect, voice: Voice) -> DotLine:
    p = _p(effect)
    towards = voice.estimate(effect.towards_people, signed=True)
    texts = (towards, "–" if p is None else p_value(p, voice.language))
    return line_of(_short_rule(comparison, effect, voice), effect.gap, voice, texts=texts)


def _group(comparison: Comparison, effect: RuleEffect, voice: Voice) -> str:
    title = judge_titles(comparison, voice).get(effect.judge_id, effect.judge_id)
    parts = [title, voice.rulebook(effect.rulebook_id)]
    if effect.wording != "base":
        parts.append(voice.word(WORDINGS[effect.wording]))
    if effect.language != main_language(comparison):
        parts.append(voice.word(LANGUAGE_NAMES[effect.language]))
    return " · ".join(parts)


def _rule_text(comparison: Comparison, effect: RuleEffect, voice: Voice) -> str:
    for one in comparison.rulebooks:
        if one.rulebook_id == effect.rulebook_id and effect.rule in one.rules:
            return voice.local(one.rules[effect.rule][1])
    return ""


def _short_rule(comparison: Comparison, effect: RuleEffect, voice: Voice) -> str:
    """Name a rule by its number and its criterion, which fit beside a dot; the table has its text."""
    criterion = ""
    for one in comparison.rulebooks:
        if one.rulebook_id == effect.rulebook_id and effect.rule in one.rules:
            found = one.rules[effect.rule][0]
            criterion = next(
                (voice.word(both) for name, both in DIMENSION_NAMES.items() if name == found), str(found)
            )
    return voice.say("rule_number", n=voice.whole(effect.rule)) + (f" ({criterion})" if criterion else "")


def _table(comparison: Comparison, effects: list[RuleEffect], voice: Voice) -> PlainTable:
    heads = ("row_head", "rule_head", "without_head", "rule_towards_head", "holm_head")
    rows = tuple(
        (
            f"{_group(comparison, one, voice)} · {voice.say('rule_number', n=voice.whole(one.rule))}",
            excerpt(_rule_text(comparison, one, voice), _RULE_TEXT) or "–",
            voice.full(one.gap),
            voice.full(one.towards_people),
            _test_text(one, voice),
        )
        for one in effects
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)


def _test_text(effect: RuleEffect, voice: Voice) -> str:
    if effect.holm_p is None:
        return voice.test(effect.test)
    return f"{p_value(effect.holm_p, voice.language)} ; {voice.test(effect.test)}"
