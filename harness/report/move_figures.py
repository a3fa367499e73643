"""Figures about what moves a judgement: the shares, each rulebook, other words and other languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from markupsafe import Markup

from harness.report.figures.figure import Figure
from harness.report.figures.heat import HeatGrid, HeatRow, heat_map
from harness.report.figures.shares import Piece, SharesChart, shares_chart
from harness.report.findings import ALPHA, excludes_zero
from harness.report.headline import count_of, drawn_shares, share_of
from harness.report.numbers import p_value
from harness.report.selection import Selection, judge_titles, main_language
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import (
    FACTORS,
    FAILURES,
    GAPS,
    LANGUAGE_NAMES,
    PARTS,
    PROTOCOLS,
    WORDINGS,
)
from harness.schema import Comparison, Components, LeftOut, RulebookMove, Share

MOST_ROWS = 30
MOST_LEFT_OUT = 8


def shares_figure(components: Components, place: int, voice: Voice) -> Figure:
    """Show the parts of the difference of one protocol, people on the same axis."""
    drawn = [share for share in drawn_shares(components) if share.variance is not None]
    title = _shares_title(components, voice)
    human = components.human_disagreement
    people = f"{voice.say('pair_people')} {voice.full(human)}"
    chart = SharesChart(
        figure_id=f"shares-{place}-{voice.language}",
        title=title,
        description=voice.say("shares_description"),
        pieces=tuple(Piece(share.part, share.variance or 0.0, _piece_words(share, voice)) for share in drawn),
        human=None if human.value is None else Piece("people", human.value, people),
        no_human=voice.why(human.undefined_because),
    )
    caption = voice.say(
        "shares_caption",
        n_cases=voice.counted(len(components.case_ids), "cases"),
        n_judges=count_of("n_judges", len(components.judge_ids), voice),
        n_rulebooks=count_of("n_rulebooks", len(components.rulebook_ids), voice),
        n_runs=voice.counted(components.n_runs, "verdicts"),
        tests=voice.say(
            "shares_tests",
            model=voice.test(components.model_test, components.model_holm_p),
            rulebook=voice.test(components.rulebook_test, components.rulebook_holm_p),
        ),
        left_out=say_left_out(components.left_out, voice),
        targets=voice.targets(share.share for share in components.shares),
    )
    return Figure(
        title,
        caption.replace("  ", " ").rstrip(),
        shares_chart(chart, voice) if drawn else None,
        _shares_table(components, voice),
    )


def say_left_out(left_out: Sequence[LeftOut], voice: Voice) -> str:
    """Name what the shares leave out, and what was missing there; nothing when nothing was."""
    named = [
        voice.say(
            "left_out_one",
            where=disarm(" · ".join(filter(None, (one.judge_id, _rulebook(one, voice), one.case_id)))),
            n=voice.whole(one.n_incomplete),
            all=voice.whole(one.n_cells),
            why=", ".join(
                filter(None, (voice.list_of(FAILURES, one.failures), voice.list_of(GAPS, one.gaps)))
            ),
        )
        for one in left_out[:MOST_LEFT_OUT]
    ]
    more = len(left_out) - len(named)
    named += [voice.say("left_out_more", n=voice.whole(more))] if more else []
    return voice.say("left_out", names="; ".join(named)) if named else ""


def _rulebook(one: LeftOut, voice: Voice) -> str:
    return voice.rulebook(one.rulebook_id) if one.rulebook_id else ""


def move_figures(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[Figure, ...]:
    """Show what each rulebook moved, net of the placebo, and in which direction."""
    moves = [one for one in comparison.moves if one.wording == "base" and one.language == selection.language]
    if not moves:
        return ()
    figures = [
        _net_figure(comparison, moves, selection, voice),
        _towards_figure(comparison, moves, selection, voice),
    ]
    return tuple(figure for figure in figures if figure.svg is not None)


def factor_figure(comparison: Comparison, voice: Voice) -> Figure | None:
    """Show how far other words or another language move the same judge under the same rules."""
    if not comparison.factors:
        return None
    titles = judge_titles(comparison, voice)
    heads = tuple(voice.say(head) for head in ("judge_head", "factor_head"))
    lines = tuple(
        (
            f"{titles.get(one.judge_id, one.judge_id)} · {voice.rulebook(one.rulebook_id)}",
            voice.word(FACTORS[one.factor]),
            voice.full(one.gap),
        )
        for one in comparison.factors
    )
    known = [one.gap.value for one in comparison.factors if one.gap.value is not None]
    title = (
        voice.say("factors_title", low=voice.decimal(min(known)), high=voice.decimal(max(known)))
        if known
        else ""
    )
    table = PlainTable((*heads, voice.heading("gap")), lines)
    return Figure(title or voice.say("factors_section"), voice.say("factors_caption"), None, table)


def _shares_title(components: Components, voice: Voice) -> str:
    protocol = voice.word(PROTOCOLS[components.protocol])
    parts = {part: share_of(components, part) for part in ("model", "rulebook", "reaction", "noise")}
    known = {part: share for part, share in parts.items() if share.value is not None}
    if not known:
        reason = voice.why(next(iter(parts.values())).undefined_because)
        return voice.say("shares_title_none", protocol=protocol, reason=reason)
    part = max(known, key=lambda name: known[name].value or 0.0)
    share = voice.estimate(known[part], as_percent=True)
    return voice.say("shares_title", part=voice.word(PARTS[part]), share=share, protocol=protocol)


def _piece_words(share: Share, voice: Voice) -> str:
    return f"{voice.word(PARTS[share.part])} {voice.full(share.share, as_percent=True)}"


def _shares_table(components: Components, voice: Voice) -> PlainTable:
    heads = tuple(voice.say(head) for head in ("part_head", "share_head", "variance_head"))
    lines = [
        (voice.word(PARTS[share.part]), voice.full(share.share, as_percent=True), voice.maybe(share.variance))
        for share in components.shares
    ]
    human = components.human_disagreement
    lines.append((voice.say("pair_people"), "–", voice.full(human)))
    return PlainTable(heads, tuple(lines))


def _net_figure(
    comparison: Comparison, moves: list[RulebookMove], selection: Selection, voice: Voice
) -> Figure:
    judged = [told for one in moves if (told := excludes_zero(one.net_gap)) is not None]
    title = voice.say("moves_title_none")
    if judged:
        title = voice.say("moves_title", few=voice.whole(sum(judged)), all=voice.whole(len(judged)))
    rows = tuple(
        HeatRow(
            _move_name(comparison, one, voice),
            _cases_of(selection, {case.case_id: case.net_gap for case in one.cases}),
            (voice.estimate(one.net_gap, signed=True),),
        )
        for one in [one for one in moves if any(case.net_gap is not None for case in one.cases)][:MOST_ROWS]
    )
    heads = (voice.say("mean_short"),)
    svg = _grid(HeatGrid(f"moves-{voice.language}", title, "", (), rows, heads), selection, voice)
    return Figure(title, voice.say("moves_caption"), svg, _moves_table(comparison, selection, voice))


def _towards_figure(
    comparison: Comparison, moves: list[RulebookMove], selection: Selection, voice: Voice
) -> Figure:
    reference = voice.reference(comparison.reference)
    tests = [one.sign_flip_p for one in moves if one.sign_flip_p is not None]
    title = voice.say("towards_title_none", reference=reference)
    if tests:
        few = voice.whole(sum(p <= ALPHA for p in tests))
        title = voice.say("towards_title", few=few, all=voice.whole(len(tests)), reference=reference)
    known = [one for one in moves if any(case.towards_people is not None for case in one.cases)]
    rows = tuple(
        HeatRow(
            _move_name(comparison, one, voice),
            _cases_of(selection, {case.case_id: case.towards_people for case in one.cases}),
            (
                voice.estimate(one.towards_people, signed=True),
                "–" if one.sign_flip_p is None else p_value(one.sign_flip_p, voice.language),
            ),
        )
        for one in known[:MOST_ROWS]
    )
    heads = (voice.say("mean_short"), "p")
    svg = _grid(HeatGrid(f"towards-{voice.language}", title, "", (), rows, heads), selection, voice)
    caption = voice.say("towards_caption", all=voice.whole(len(tests)))
    return Figure(title, caption, svg, _towards_table(comparison, selection, voice))


def _grid(grid: HeatGrid, selection: Selection, voice: Voice) -> Markup | None:
    columns = tuple(voice.local(case.title) for case in selection.cases)
    whole = dataclasses.replace(grid, columns=columns, description=voice.say("heat_description"))
    return heat_map(whole, voice, signed=True) if grid.rows else None


def _cases_of(selection: Selection, found: dict[str, float | None]) -> tuple[float | None, ...]:
    return tuple(found.get(case.case_id) for case in selection.cases)


def _move_name(comparison: Comparison, move: RulebookMove, voice: Voice) -> str:
    title = judge_titles(comparison, voice).get(move.judge_id, move.judge_id)
    return f"{title} · {voice.rulebook(move.rulebook_id)}"


def _long_name(comparison: Comparison, move: RulebookMove, voice: Voice) -> str:
    """Name a move with what is not the usual: another wording, another language."""
    parts = [_move_name(comparison, move, voice)]
    if move.wording == "paraphrase":
        parts.append(voice.word(WORDINGS["paraphrase"]))
    if move.language != main_language(comparison):
        parts.append(voice.word(LANGUAGE_NAMES[move.language]))
    return " · ".join(parts)


def _moves_table(comparison: Comparison, selection: Selection, voice: Voice) -> PlainTable:
    cases = tuple(voice.local(case.title) for case in selection.cases)
    heads = (voice.say("row_head"), *cases, voice.say("net_head"), voice.heading("gap"))
    lines = tuple(
        (
            _long_name(comparison, one, voice),
            *(
                voice.maybe(n, signed=True)
                for n in _cases_of(selection, {c.case_id: c.net_gap for c in one.cases})
            ),
            voice.full(one.net_gap),
            voice.full(one.gap),
        )
        for one in comparison.moves
    )
    return PlainTable(heads, lines)


def _towards_table(comparison: Comparison, selection: Selection, voice: Voice) -> PlainTable:
    cases = tuple(voice.local(case.title) for case in selection.cases)
    heads = (voice.say("row_head"), *cases, voice.say("all_cases"), voice.say("sign_head"))
    lines = tuple(
        (
            _long_name(comparison, one, voice),
            *(
                voice.maybe(n, signed=True)
                for n in _cases_of(selection, {c.case_id: c.towards_people for c in one.cases})
            ),
            voice.full(one.towards_people),
            _sign_flip(one, voice),
        )
        for one in comparison.moves
    )
    return PlainTable(heads, lines)


def _sign_flip(move: RulebookMove, voice: Voice) -> str:
    if move.sign_flip_p is None:
        return voice.why("too_few_cases")
    said = p_value(move.sign_flip_p, voice.language)
    return said if move.sign_flip_holm_p is None else voice.holm(said, move.sign_flip_holm_p)
