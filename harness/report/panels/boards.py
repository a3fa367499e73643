"""Systems as people and as judges rank them; only when answers say who wrote them."""

from __future__ import annotations

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of, known
from harness.report.panels.panel import Missing, Panel
from harness.report.selection import Selection, row_label
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, with_cut
from harness.schema import Comparison, Leaderboard, Standing

_MOST_SYSTEMS = 30
_MOST_BOARDS = 5


def boards_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Show the share of comparisons that each system wins, people and judges on one line."""
    heading = voice.say("boards_section")
    boards = sorted(comparison.leaderboards, key=lambda one: one.row_id is not None)
    if not any(known(one.win_share) for board in boards for one in board.standings):
        return Missing(heading, voice.why("authors_unknown"))
    names = [_name(comparison, board, selection, voice) for board in boards]
    systems = [one.system_id for one in _by_worth(boards[0])]
    shown = _one_per_judge(comparison, boards)[: _MOST_BOARDS + 1]
    title = _title(boards, systems, voice)
    chart = DotChart(
        figure_id=f"boards-{voice.language}",
        title=title,
        description=voice.say("boards_description"),
        axis=Axis((0.0, 1.0), (0.0, 1.0), as_percent=True, name=voice.say("boards_axis")),
        lines=tuple(_line(system, shown) for system in systems[:_MOST_SYSTEMS]),
        legend=tuple((_kind(board, shown), names[boards.index(board)]) for board in shown),
    )
    caption = voice.say("boards_caption", connected=_connected(boards, names, voice)).rstrip()
    caption = with_cut(caption, min(len(systems), _MOST_SYSTEMS), len(systems), voice)
    caption = with_cut(caption, len(shown), len(boards), voice) if len(shown) < len(boards) else caption
    return Panel(
        heading, figures=(Figure(title, caption, dot_chart(chart, voice), _table(boards, names, voice)),)
    )


def _one_per_judge(comparison: Comparison, boards: list[Leaderboard]) -> list[Leaderboard]:
    """People's board, then each judge's first, then the rest: all judges before any second rulebook."""
    owners = {row.row_id: row.annotator_id for row in comparison.rows}
    seen: set[str | None] = set()
    first: list[Leaderboard] = []
    for board in boards:
        owner = owners.get(board.row_id, board.row_id) if board.row_id is not None else None
        if owner not in seen:
            first.append(board)
        seen.add(owner)
    return [*first, *(board for board in boards if board not in first)]


def _name(comparison: Comparison, board: Leaderboard, selection: Selection, voice: Voice) -> str:
    if board.row_id is None:
        return voice.say("people_together")
    row = next((row for row in comparison.rows if row.row_id == board.row_id), None)
    return row_label(row, voice, selection) if row else disarm(board.row_id)


def _by_worth(board: Leaderboard) -> list[Standing]:
    """The systems of the first board (people's, where there are people), best first."""

    def key(one: Standing) -> tuple[bool, float]:
        value = one.worth.value if one.worth.value is not None else one.win_share.value
        return value is None, -(value or 0.0)

    return sorted(board.standings, key=key)


def _kind(board: Leaderboard, boards: list[Leaderboard]) -> str | int:
    judges = [one for one in boards if one.row_id is not None]
    return "people" if board.row_id is None else judges.index(board)


def _line(system: str, boards: list[Leaderboard]) -> DotLine:
    dots: list[Dot] = []
    for board in boards:
        for one in board.standings:
            if one.system_id == system:
                dots += dot_of(one.win_share, _kind(board, boards))
    return DotLine(disarm(system), tuple(dots))


def _title(boards: list[Leaderboard], systems: list[str], voice: Voice) -> str:
    ranks = [
        board.spearman_people.value
        for board in boards
        if board.row_id is not None and board.spearman_people.value is not None
    ]
    n = voice.whole(len(systems))
    if not ranks:
        return voice.say("boards_title_alone", n=n, first=disarm(systems[0]) if systems else "–")
    low, high = voice.decimal(min(ranks)), voice.decimal(max(ranks))
    return voice.say("boards_title_same" if low == high else "boards_title", n=n, low=low, high=high)


def _connected(boards: list[Leaderboard], names: list[str], voice: Voice) -> str:
    apart = [name for board, name in zip(boards, names, strict=True) if not board.connected]
    return voice.say("boards_apart", names=", ".join(apart)) if apart else ""


def _table(boards: list[Leaderboard], names: list[str], voice: Voice) -> PlainTable:
    heads = (
        "board_head",
        "system_head",
        "answers_count_head",
        "win_head",
        "worth_log_head",
        "mean_rank_head",
        "spearman_head",
    )
    rows = []
    for board, name in zip(boards, names, strict=True):
        for place, one in enumerate(_by_worth(board)):
            spread = f" ± {voice.decimal(one.quasi_se)}" if one.quasi_se is not None else ""
            rows.append(
                (
                    name,
                    disarm(one.system_id),
                    voice.whole(one.n_answers),
                    voice.full(one.win_share, as_percent=True),
                    voice.estimate(one.worth) + (spread if one.worth.value is not None else ""),
                    voice.maybe(one.mean_mid_rank),
                    voice.full(board.spearman_people) if place == 0 and board.row_id is not None else "–",
                )
            )
    return PlainTable(tuple(voice.say(head) for head in heads), tuple(rows))
