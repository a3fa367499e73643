"""Rows of people and of the author's key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd, Member
from harness.compare.estimates import exact, undefined
from harness.compare.figures import Beside, Rankings, RowFigures, row_figures, stacked
from harness.compare.judges import Lengths, answer_lengths
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import Layout, answer_ids, grades_array
from harness.schema import Estimate, Row


def member_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """One row per person, held against the other people, or for the author's key.

    The key beside people is held against the people; alone it is the reference, and agrees with nobody.
    Anonymous votes make no rows: the votes of one slot are not those of one person.
    """
    members = crowd.members if crowd.people_known else ()
    cases = [(case.case_id, answer_ids(case)) for case in layout.cases]
    asked = _Asked(cases, answer_lengths(layout.cases))
    rows = [_row(member, asked, Against(crowd, who)) for who, member in enumerate(members)]
    return (*rows, *(_row(member, asked, Against(crowd)) for member in crowd.other_keys))


class _Asked(NamedTuple):
    """The cases of the run, each with its answers, and how long these are."""

    cases: Sequence[tuple[str, tuple[str, ...]]]
    lengths: Lengths


def _row(member: Member, asked: _Asked, against: Against) -> Row:
    rulebooks = member.rulebook_ids
    identity = Identity(
        row_id=f"{member.kind}:{member.annotator_id}",
        kind="key" if member.kind == "key" else "person",
        annotator_id=member.annotator_id,
        title=member.annotator_id,
        simulated=member.simulated,
        rulebook_id=rulebooks[0] if len(rulebooks) == 1 else None,
    )
    return build_row(
        identity, _figures(member, asked, against), against, Extras(seconds_per_1000=_seconds(member))
    )


def _figures(member: Member, asked: _Asked, against: Against) -> RowFigures:
    cases = [
        (case_id, names, runs) for case_id, names in asked.cases if (runs := member.verdicts.get(case_id))
    ]
    beside = []
    for case_id, names, runs in cases:
        longest = asked.lengths.get((case_id, runs[0].cell.language), np.full(len(names), np.nan))
        beside.append(Beside(against.crowd.view(case_id, against.without), longest))
    n_runs = [len(runs) for _, _, runs in cases]
    rankings = Rankings(
        case_ids=[case_id for case_id, _, _ in cases],
        answer_ids=[names for _, names, _ in cases],
        n_planned=n_runs,
        n_ranked=n_runs,
        blocks=[*stacked([grades_array(runs, names) for _, names, runs in cases])],
    )
    return row_figures(rankings, beside)


def _seconds(member: Member) -> Estimate:
    taken = [verdict.seconds for runs in member.verdicts.values() for verdict in runs]
    known = [seconds for seconds in taken if seconds is not None]
    if not known:
        return undefined("not_measured", "verdicts")
    return exact(float(np.mean(known)) * 1000, len(known), "verdicts")
