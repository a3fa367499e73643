"""One slope chart per case: the reference's order beside each judge's."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.case_choice import is_long
from harness.report.figures.figure import Figure
from harness.report.figures.slope import SlopeChart, SlopeColumn, letters, mid_ranks_of, slope_chart
from harness.report.selection import Selection, in_pairs, row_label, row_name
from harness.report.tables import PlainTable
from harness.report.typography import excerpt
from harness.report.voice import Voice, against_of, with_cut
from harness.report.words import SHORT_REFERENCES
from harness.schema import CaseFacts, CaseReading, Comparison, Row

MOST_COLUMNS = 6
_LONG_TEXT, _ANY_TEXT = 1000, 100_000


@dataclass(frozen=True)
class CasePart:
    """A case as the page shows it: its chart, and the texts that were judged."""

    name: str
    figure: Figure
    message: str
    answers: tuple[tuple[str, str], ...]
    people: str


def case_parts(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[CasePart, ...]:
    """Build the part of each case, in the order of the set."""
    return tuple(_case_part(comparison, case, selection, voice) for case in selection.cases)


def _case_part(comparison: Comparison, case: CaseFacts, selection: Selection, voice: Voice) -> CasePart:
    name_of = letters(tuple(case.answers))
    people = ""
    if case.n_people and comparison.reference.kind == "people":
        split = "–" if case.split_pairs is None else voice.percent(case.split_pairs)
        n_people = voice.whole(case.n_people)
        people = voice.say("case_people", n_people=n_people, human=voice.maybe(case.human_human), split=split)
    return CasePart(
        name=voice.local(case.title),
        figure=_figure(comparison, case, selection, voice),
        message=excerpt(voice.local(case.message), _room(comparison)),
        answers=tuple(
            (name_of[answer], excerpt(voice.local(text), _room(comparison)))
            for answer, text in case.answers.items()
        ),
        people=people,
    )


def _room(comparison: Comparison) -> int:
    """Characters of each text: all of a short set's, the beginning of a long one's."""
    return _LONG_TEXT if is_long(comparison) else _ANY_TEXT


def _judges_beside(comparison: Comparison, selection: Selection) -> tuple[Row, ...]:
    """Judges under the reference's rulebook, or under their first one where it was not asked."""
    asked = {row.rulebook_id for row in selection.judges}
    wanted = [rulebook for rulebook in comparison.reference.rulebook_ids if rulebook in asked]
    rulebook = wanted[0] if wanted else next((row.rulebook_id for row in selection.judges), None)
    return tuple(row for row in (*selection.judges, *selection.panels) if row.rulebook_id == rulebook)


def _reading(row: Row, case: CaseFacts) -> CaseReading | None:
    return next((reading for reading in row.cases if reading.case_id == case.case_id), None)


def _figure(comparison: Comparison, case: CaseFacts, selection: Selection, voice: Voice) -> Figure:
    rows = _judges_beside(comparison, selection)
    reference = voice.reference(comparison.reference)
    columns = [
        (row, reading.mid_ranks) for row in rows if (reading := _reading(row, case)) and reading.mid_ranks
    ]
    own = mid_ranks_of(case.medians[0]) if case.medians and comparison.reference.kind != "none" else {}
    title = _title(case, own, columns, reference, voice)
    left = (
        (SlopeColumn(voice.word(SHORT_REFERENCES[against_of(comparison.reference)]), "", own),) if own else ()
    )
    drawn = left + tuple(
        _column(row, mid_ranks, selection, voice) for row, mid_ranks in columns[:MOST_COLUMNS]
    )
    chart = SlopeChart(
        figure_id=f"slope-{case.case_id}-{voice.language}",
        title=title,
        description=voice.say("slope_description"),
        answers=tuple(case.answers),
        columns=drawn,
    )
    svg = slope_chart(chart, voice) if drawn else None
    shown = columns[:MOST_COLUMNS]
    caption = with_cut(_caption(comparison, case, rows, voice), len(shown), len(columns), voice)
    named = [(row_label(row, voice, selection), mid_ranks) for row, mid_ranks in shown]
    return Figure(title, caption, svg, _table(case, own, named, voice))


def _column(row: Row, mid_ranks: dict[str, float], selection: Selection, voice: Voice) -> SlopeColumn:
    # All columns stand under the rulebook that the caption names: only the way of asking tells them apart.
    return SlopeColumn(row_name(row, voice), in_pairs(row, voice, selection), mid_ranks)


def _top(mid_ranks: dict[str, float]) -> set[str]:
    best = max(mid_ranks.values())
    return {answer for answer, mid_rank in mid_ranks.items() if best - mid_rank < 1e-9}


def _title(
    case: CaseFacts,
    own: dict[str, float],
    columns: list[tuple[Row, dict[str, float]]],
    reference: str,
    voice: Voice,
) -> str:
    name = voice.local(case.title)
    judged = [mid_ranks for row, mid_ranks in columns if row.kind == "judge"]
    if not own or not judged:
        return voice.say("slope_title_alone", case=name)
    few = sum(_top(mid_ranks) <= _top(own) for mid_ranks in judged)
    return voice.say(
        "slope_title", case=name, few=voice.whole(few), all=voice.whole(len(judged)), reference=reference
    )


def _caption(comparison: Comparison, case: CaseFacts, rows: tuple[Row, ...], voice: Voice) -> str:
    readings = [reading for row in rows if (reading := _reading(row, case))]
    n_verdicts = sorted({reading.n_ranked for reading in readings})
    counts = "–".join(voice.whole(n) for n in dict.fromkeys([*n_verdicts[:1], *n_verdicts[-1:]]))
    caption = voice.say(
        "slope_caption",
        rulebook=next((voice.rulebook(row.rulebook_id) for row in rows if row.rulebook_id), "–"),
        n_verdicts=voice.say("n_words", counted=counts or "0"),
        reference=voice.reference(comparison.reference),
        n_people=f" ({voice.voters(case.n_people)})" if case.n_people else "",
    )
    if len(case.medians) < 2:
        return caption
    return f"{caption} {voice.say('several_medians', n=voice.whole(len(case.medians)))}"


def _table(
    case: CaseFacts, own: dict[str, float], columns: list[tuple[str, dict[str, float]]], voice: Voice
) -> PlainTable:
    name_of = letters(tuple(case.answers))
    heads = (
        voice.say("row_head"),
        *(f"{voice.say('answer_head')} {name_of[answer]}" for answer in case.answers),
    )
    lines = [*([(voice.say("reference_head"), own)] if own else []), *columns]
    return PlainTable(
        heads,
        tuple((name, *(voice.maybe(ranks.get(answer)) for answer in case.answers)) for name, ranks in lines),
    )
