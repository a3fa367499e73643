"""A panel of judges without each of its judges: who carries it, and who stands apart."""

from __future__ import annotations

from collections import Counter

from harness.report.panels.dots import first_reason, known
from harness.report.panels.panel import Fold, Missing, Panel, TitledTable
from harness.report.selection import judge_titles
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, preferred
from harness.report.words import PROTOCOLS
from harness.schema import Comparison, PanelPart, WithoutJudge

_MOST_FOLDED = 30


def leave_out_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Show the first panel without each of its judges; other panels and rulebooks behind a fold."""
    heading = voice.say("leave_out_section")
    parts = list(comparison.panel_parts)
    shown = [
        part for part in parts if any(known(one.carried) or known(one.tau_others) for one in part.without)
    ]
    if not shown:
        reasons = [one.tau_others for part in parts for one in part.without]
        return Missing(heading, first_reason(reasons, voice) if reasons else voice.why("one_judge"))
    titles = judge_titles(comparison, voice)
    front, *more = [_table(part, titles, voice) for part in shown[: _MOST_FOLDED + 1]]
    fold_title = voice.say("leave_out_more", n=voice.whole(len(more)))
    return Panel(heading, tables=(front,), folds=(Fold(fold_title, tables=tuple(more)),) if more else ())


def _table(part: PanelPart, titles: dict[str, str], voice: Voice) -> TitledTable:
    names = _names(part, titles)
    heads = ("judge_head", "leave_out_without", "leave_out_carried", "leave_out_others")
    rows = tuple(
        (
            names[one.judge_id],
            voice.full(one.tau_people),
            voice.full(one.carried),
            voice.full(one.tau_others),
        )
        for one in part.without
    )
    caption = voice.say(
        "leave_out_caption",
        name=_name(part, voice),
        targets=voice.targets(one.carried for one in part.without),
    ).rstrip()
    return TitledTable(
        _title(part, names, voice), caption, PlainTable(tuple(voice.say(head) for head in heads), rows)
    )


def _names(part: PanelPart, titles: dict[str, str]) -> dict[str, str]:
    """Titles of judges; the id beside a title that two judges of the panel share."""
    found = {judge_id: titles.get(judge_id, disarm(judge_id)) for judge_id in part.judge_ids}
    twice = Counter(found.values())
    return {
        judge_id: f"{title} ({disarm(judge_id)})" if twice[title] > 1 else title
        for judge_id, title in found.items()
    }


def _name(part: PanelPart, voice: Voice) -> str:
    n_judges = voice.whole(len(part.judge_ids))
    rulebook = voice.rulebook(part.rulebook_id)
    asked = {str(protocol): words for protocol, words in PROTOCOLS.items()}
    if part.panel_id in asked:
        name = voice.say("leave_out_name", n=n_judges)
        return f"{name}, {voice.word(asked[part.panel_id])} · {rulebook}"
    return f"{voice.say('leave_out_named', panel=disarm(part.panel_id), n=n_judges)} · {rulebook}"


def _title(part: PanelPart, names: dict[str, str], voice: Voice) -> str:
    """Claim that a judge carries the panel only where the interval says so."""
    told = [one for one in part.without if one.carried.value is not None]
    if not told or part.tau_people.value is None:
        return voice.say("leave_out_title_apart")
    whole = voice.decimal(part.tau_people.value)
    first = max(told, key=_carried)
    interval = preferred(first.carried)
    if interval is not None and interval.low > 0 and first.tau_people.value is not None:
        without = voice.decimal(first.tau_people.value)
        return voice.say("leave_out_title", judge=names[first.judge_id], whole=whole, without=without)
    most = max(abs(_carried(one)) for one in told)
    return voice.say("leave_out_title_open", whole=whole, most=voice.decimal(most))


def _carried(one: WithoutJudge) -> float:
    return one.carried.value or 0.0
