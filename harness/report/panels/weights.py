"""How much helpful, honest and harmless count: conflicts counted first, shares second and as a direction."""

from __future__ import annotations

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of, first_reason, known
from harness.report.panels.panel import Fold, Missing, Panel, TitledTable
from harness.report.prose_words import DIMENSION_NAMES
from harness.report.selection import Selection, row_label
from harness.report.tables import PlainTable
from harness.report.voice import Voice, with_cut
from harness.schema import DIMENSIONS, Comparison, ConflictWins, ImpliedWeights

FEW_CASES = 60
"""Below this many cases, what the answers hold beside the criteria moves the shares by ten points or more."""
_MOST_LINES = 45


def weights_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Show conflict wins with their counts, then the shares with their direction only."""
    heading = voice.say("weights_section")
    found = sorted(comparison.weights, key=lambda one: one.row_id is not None)
    counted = [one for one in found if any(wins.n_conflicts for wins in one.conflicts)]
    if not counted:
        reasons = [wins.share_first for one in found for wins in one.conflicts]
        return Missing(
            heading, first_reason(reasons, voice) if reasons else voice.why("dimensions_not_asked")
        )
    names = {one.row_id: _name(comparison, one, selection, voice) for one in found}
    figures = [_conflict_figure(counted, names, voice)]
    folds = (
        Fold(voice.say("weights_shares_fold"), tables=(_shares_table(found, names, voice),)),
        Fold(voice.say("weights_agreement_fold"), tables=(_agreement_table(found, names, voice),)),
    )
    return Panel(heading, (voice.say("weights_intro"),), tuple(figures), folds=folds)


def _name(comparison: Comparison, one: ImpliedWeights, selection: Selection, voice: Voice) -> str:
    row = next((row for row in comparison.rows if row.row_id == one.row_id), None)
    if one.row_id is None:
        return voice.say("people_together")
    return row_label(row, voice, selection) if row else one.row_id


def _conflict_figure(found: list[ImpliedWeights], names: dict[str | None, str], voice: Voice) -> Figure:
    title = _conflict_title(found, voice)
    lines: list[DotLine] = []
    for one in found:
        kind = "people" if one.row_id is None else 0
        lines.append(DotLine(names[one.row_id], is_head=True))
        lines += [_conflict_line(wins, kind, voice) for wins in one.conflicts]
    chart = DotChart(
        figure_id=f"weights-{voice.language}",
        title=title,
        description=voice.say("weights_description"),
        axis=Axis(
            (0.0, 1.0),
            (0.0, 1.0),
            as_percent=True,
            name=voice.say("weights_axis"),
            lines=((0.5, "50 %" if voice.language == "fr" else "50%"),),
        ),
        lines=tuple(lines[:_MOST_LINES]),
        text_heads=(voice.say("conflicts_head"), voice.say("conflict_cases_head")),
    )
    caption = with_cut(voice.say("weights_caption"), min(len(lines), _MOST_LINES), len(lines), voice)
    return Figure(title, caption, dot_chart(chart, voice), _conflict_table(found, names, voice))


def _conflict_title(found: list[ImpliedWeights], voice: Voice) -> str:
    counts = [wins.n_conflicts for one in found for wins in one.conflicts]
    told = sum(known(wins.share_first) for one in found for wins in one.conflicts)
    return voice.say(
        "weights_title",
        low=voice.whole(min(counts)),
        high=voice.whole(max(counts)),
        told=voice.whole(told),
        all=voice.whole(len(counts)),
    )


def _versus(wins: ConflictWins, voice: Voice) -> str:
    first, second = (voice.word(DIMENSION_NAMES[name]) for name in (wins.first, wins.second))
    return voice.say("versus", first=first, second=second)


def _conflict_line(wins: ConflictWins, kind: str | int, voice: Voice) -> DotLine:
    dots: tuple[Dot, ...] = dot_of(wins.share_first, kind)
    why = "" if dots else voice.why(wins.share_first.undefined_because)
    return DotLine(
        _versus(wins, voice), dots, why, (voice.whole(wins.n_conflicts), voice.whole(wins.n_cases))
    )


def _conflict_table(found: list[ImpliedWeights], names: dict[str | None, str], voice: Voice) -> PlainTable:
    heads = (
        "row_head",
        "versus_head",
        "conflicts_head",
        "conflict_cases_head",
        "readings_head",
        "first_wins_head",
    )
    rows = tuple(
        (
            names[one.row_id],
            _versus(wins, voice),
            voice.whole(wins.n_conflicts),
            voice.whole(wins.n_cases),
            voice.whole(wins.n_readings or wins.n_conflicts),
            voice.full(wins.share_first, as_percent=True),
        )
        for one in found
        for wins in one.conflicts
    )
    return PlainTable(tuple(voice.say(head) for head in heads), rows)


def _direction(one: ImpliedWeights, voice: Voice) -> str:
    """Put the criteria in the order of their shares, without numbers."""
    shares = {name: share.value for name, share in one.shares.items() if share.value is not None}
    if not shares:
        return first_reason(list(one.shares.values()), voice)
    ordered = sorted(shares, key=lambda name: -(shares[name] or 0.0))
    return " > ".join(voice.word(DIMENSION_NAMES[name]) for name in ordered)


def _shares_table(found: list[ImpliedWeights], names: dict[str | None, str], voice: Voice) -> TitledTable:
    n_cases = max((one.n_cases for one in found), default=0)
    few = n_cases < FEW_CASES
    stated = any(one.stated for one in found)
    heads = [
        voice.say("row_head"),
        voice.say("direction_head"),
        *(voice.word(DIMENSION_NAMES[name]) for name in DIMENSIONS),
    ]
    heads += [voice.say("stated_head")] if stated else []
    heads += [voice.say("halo_head")]
    rows = tuple(_shares_row(one, names[one.row_id], stated, voice) for one in found)
    title = voice.say(
        "weights_direction" if few else "weights_shares", n_cases=voice.counted(n_cases, "cases")
    )
    return TitledTable(title, voice.say("weights_shares_caption"), PlainTable(tuple(heads), rows))


def _shares_row(one: ImpliedWeights, name: str, stated: bool, voice: Voice) -> tuple[str, ...]:
    cells = [name, _direction(one, voice)]
    for dimension in DIMENSIONS:
        share = one.shares.get(dimension)
        cells.append("–" if share is None else voice.full(share, as_percent=True))
    if stated:
        texts = [_beside(one, dimension, voice) for dimension in DIMENSIONS if dimension in one.stated]
        cells.append(" ; ".join(texts) or "–")
    halo = [one.halo.get(dimension) for dimension in DIMENSIONS]
    cells.append(" · ".join("–" if each is None else voice.decimal(each, 1) for each in halo))
    return tuple(cells)


def _beside(one: ImpliedWeights, dimension: str, voice: Voice) -> str:
    name = next(key for key in DIMENSIONS if key == dimension)
    text = f"{voice.word(DIMENSION_NAMES[name])} {voice.percent(one.stated[name])}"
    difference = one.difference.get(name)
    return (
        text
        if difference is None or difference.value is None
        else f"{text} ({voice.estimate(difference, signed=True)})"
    )


def _agreement_table(found: list[ImpliedWeights], names: dict[str | None, str], voice: Voice) -> TitledTable:
    heads = (voice.say("row_head"), *(voice.word(DIMENSION_NAMES[name]) for name in DIMENSIONS))
    rows = []
    for one in found:
        cells = [one.dimension_agreement.get(name) for name in DIMENSIONS]
        rows.append((names[one.row_id], *("–" if each is None else voice.full(each) for each in cells)))
    return TitledTable(
        voice.say("weights_agreement"), voice.say("weights_agreement_caption"), PlainTable(heads, tuple(rows))
    )
