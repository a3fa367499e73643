"""The noise ladder: how alike two verdicts are that differ in exactly one thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import known, line_of, under_heads
from harness.report.panels.panel import Fold, Missing, Panel
from harness.report.prose_words import (
    ACTS,
    ADDING_RULES,
    ANOTHER_VOTE,
    CHANGING_ORDER,
    RUNGS,
    TAKING_ANOTHER_VOTE,
)
from harness.report.selection import judge_titles
from harness.report.tables import PlainTable
from harness.report.voice import Voice, with_cut
from harness.report.words import PROTOCOLS, Both
from harness.schema import Comparison, DiffersIn, Rung

_STEPS: tuple[DiffersIn, ...] = get_args(DiffersIn)
_IDLE: tuple[DiffersIn, ...] = ("nothing", "labels", "order", "paraphrase")
_FEWEST = 2
_MOST_NAMED = 4
_MOST_LINES = 60


def ladder_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Show all judges together, and each judge behind a fold."""
    heading = voice.say("ladder_section")
    pooled = _sorted(rung for rung in comparison.ladder if rung.judge_id is None)
    if not any(known(rung.agreement) for rung in pooled):
        return Missing(heading, voice.why(pooled[0].agreement.undefined_because if pooled else None))
    title = _title(comparison, voice)
    chart = _chart(title, f"ladder-{voice.language}", _lines(pooled, voice), voice)
    caption = voice.say("ladder_caption", targets=voice.targets(rung.agreement for rung in pooled)).rstrip()
    figure = Figure(title, caption, dot_chart(chart, voice), _table(comparison, pooled, voice))
    return Panel(heading, figures=(figure,), folds=_per_judge(comparison, voice))


def say_ladder(comparison: Comparison, voice: Voice) -> str:
    """Say the ladder in one sentence, the strongest first; nothing below two known rungs."""
    shares = _changes(comparison)
    if len(shares) < _FEWEST:
        return ""
    named = sorted(shares.items(), key=lambda one: -one[1])
    # The ends say most: what moves most, and what moves least, stay when there is no room for all.
    chosen = named if len(named) <= _MOST_NAMED else [*named[: _MOST_NAMED - 1], named[-1]]
    acts = [voice.word(_act(step, comparison)) for step, _ in chosen]
    rest = [
        voice.say("ladder_act", act=act, share=voice.percent(share))
        for act, (_, share) in zip(acts[1:], chosen[1:], strict=True)
    ]
    return voice.say(
        "ladder_sentence_two" if two_answers(comparison) else "ladder_sentence",
        act=acts[0][:1].upper() + acts[0][1:],
        share=voice.percent(chosen[0][1]),
        rest=", ".join(rest),
    )


def two_answers(comparison: Comparison) -> bool:
    """Whether every case has two answers, so that a changed pair is a changed verdict."""
    return bool(comparison.cases) and all(len(case.answers) == 2 for case in comparison.cases)


def _title(comparison: Comparison, voice: Voice) -> str:
    """Name the most that something without importance changes: the rest is read above it."""
    idle = {step: share for step, share in _changes(comparison).items() if step in _IDLE}
    if not idle:
        return voice.say("ladder_title_one")
    step = max(idle, key=lambda one: idle[one])
    act = voice.word(_act(step, comparison))
    return voice.say(
        "ladder_title_two" if two_answers(comparison) else "ladder_title",
        act=act[:1].upper() + act[1:],
        share=voice.percent(idle[step]),
    )


def _changes(comparison: Comparison) -> dict[DiffersIn, float]:
    """The changed share of each pooled rung, in the protocol that has most of them; people belong to all."""
    pooled = [rung for rung in comparison.ladder if rung.judge_id is None and known(rung.changed)]
    main = max(PROTOCOLS, key=lambda name: sum(rung.protocol == name for rung in pooled))
    return {rung.differs_in: rung.changed.value or 0.0 for rung in pooled if rung.protocol in (None, main)}


def _act(step: DiffersIn, comparison: Comparison) -> Both:
    """Name what one does: only two answers are swapped, and rules are added to none."""
    roles = [one.role for one in comparison.rulebooks]
    if step == "person" and not comparison.reference.people_known:
        return TAKING_ANOTHER_VOTE
    adds = step == "rulebook" and len(roles) == 2 and "none" in roles
    if step == "order" and not two_answers(comparison):
        return CHANGING_ORDER
    return ADDING_RULES if adds else ACTS[step]


def _sorted(rungs: Iterable[Rung]) -> list[Rung]:
    return sorted(rungs, key=lambda rung: (_STEPS.index(rung.differs_in), rung.protocol or ""))


def _name(rung: Rung, rungs: list[Rung], voice: Voice) -> str:
    name = _rung_word(rung, voice)
    return f"{name} · {voice.word(PROTOCOLS[rung.protocol])}" if _many(rungs) and rung.protocol else name


def _rung_word(rung: Rung, voice: Voice) -> str:
    is_vote = rung.differs_in == "person" and voice.against == "votes"
    return voice.word(ANOTHER_VOTE if is_vote else RUNGS[rung.differs_in])


def _many(rungs: list[Rung]) -> bool:
    return len({one.protocol for one in rungs if one.protocol}) > 1


def _lines(rungs: list[Rung], voice: Voice) -> tuple[DotLine, ...]:
    """One line per rung; where judges were asked in several ways, each way under its head."""
    if not _many(rungs):
        return tuple(_line(rung, voice) for rung in rungs)
    ways = [rung for name in PROTOCOLS for rung in rungs if rung.protocol == name]
    rest = [rung for rung in rungs if rung.protocol is None]
    return under_heads(
        (
            voice.word(PROTOCOLS[rung.protocol]) if rung.protocol else _between(rest, voice),
            _line(rung, voice),
        )
        for rung in (*ways, *rest)
    )


def _between(rest: list[Rung], voice: Voice) -> str:
    """Name what is compared across ways of asking: ways, people, or both."""
    kinds = {rung.differs_in == "person" for rung in rest}
    if len(kinds) > 1:
        return voice.say("ladder_between")
    return voice.say("ladder_between_people" if True in kinds else "ladder_between_ways")


def _line(rung: Rung, voice: Voice) -> DotLine:
    return line_of(
        _rung_word(rung, voice),
        rung.agreement,
        voice,
        kind="people" if rung.differs_in == "person" else 0,
        texts=(voice.estimate(rung.changed, as_percent=True), voice.whole(rung.n_verdict_pairs)),
    )


def _chart(title: str, figure_id: str, lines: tuple[DotLine, ...], voice: Voice) -> DotChart:
    return DotChart(
        figure_id=figure_id,
        title=title,
        description=voice.say("ladder_description"),
        axis=Axis((0.0, 1.0), (-1.0, 1.0), name=voice.say("ladder_axis")),
        lines=lines,
        text_heads=(voice.say("changed_head"), voice.say("pairs_head")),
    )


def _per_judge(comparison: Comparison, voice: Voice) -> tuple[Fold, ...]:
    titles = judge_titles(comparison, voice)
    judges = list(dict.fromkeys(rung.judge_id for rung in comparison.ladder if rung.judge_id is not None))
    lines: list[DotLine] = []
    shown: list[Rung] = []
    for judge_id in judges:
        own = _sorted(rung for rung in comparison.ladder if rung.judge_id == judge_id)
        lines += [DotLine(titles.get(judge_id, judge_id), is_head=True), *_lines(own, voice)]
        shown += own
    if not lines:
        return ()
    title = voice.say("ladder_judges", n=voice.whole(len(judges)))
    chart = _chart(title, f"ladder-judges-{voice.language}", tuple(lines[:_MOST_LINES]), voice)
    caption = with_cut(voice.say("ladder_short_caption"), min(len(lines), _MOST_LINES), len(lines), voice)
    table = _table(comparison, shown, voice)
    return (Fold(title, figures=(Figure(title, caption, dot_chart(chart, voice), table),)),)


def _table(comparison: Comparison, rungs: list[Rung], voice: Voice) -> PlainTable:
    titles = judge_titles(comparison, voice)
    heads = ("differs_head", "judge_head", "agreement_head", "changed_head", "pairs_head")
    rows = tuple(
        (
            _name(rung, rungs, voice),
            titles.get(rung.judge_id, rung.judge_id) if rung.judge_id else "–",
            voice.full(rung.agreement),
            voice.full(rung.changed, as_percent=True),
            voice.whole(rung.n_verdict_pairs),
        )
        for rung in rungs
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)
