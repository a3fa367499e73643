"""Rows of people and of the author's key."""

from __future__ import annotations

import numpy as np

from harness.compare.crowd import Crowd, Member
from harness.compare.estimates import exact, undefined
from harness.compare.figures import CaseFigures, CaseRankings, case_figures
from harness.compare.judges import answer_lengths
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import Layout, answer_ids, grades_array
from harness.schema import Estimate, Row


def member_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """One row per person, held against the other people, or for the author's key.

    The key beside people is held against the people; alone it is the reference, and agrees with nobody.
    Anonymous votes make no rows: the votes of one slot are not those of one person.
    """
    members = crowd.members if crowd.people_known else ()
    rows = [_row(member, layout, Against(crowd, who)) for who, member in enumerate(members)]
    return (*rows, *(_row(member, layout, Against(crowd)) for member in crowd.other_keys))


def _row(member: Member, layout: Layout, against: Against) -> Row:
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
        identity, _figures(member, layout, against), against, Extras(seconds_per_1000=_seconds(member))
    )


def _figures(member: Member, layout: Layout, against: Against) -> list[CaseFigures]:
    lengths = answer_lengths(layout.cases)
    figures = []
    for case in layout.cases:
        runs = member.verdicts.get(case.case_id, ())
        if runs:
            names = answer_ids(case)
            rankings = CaseRankings(case.case_id, names, grades_array(runs, names), len(runs), len(runs))
            longest = lengths.get((case.case_id, runs[0].cell.language), np.full(len(names), np.nan))
            figures.append(case_figures(rankings, against.crowd.view(case.case_id, against.without), longest))
    return figures


def _seconds(member: Member) -> Estimate:
    taken = [verdict.seconds for runs in member.verdicts.values() for verdict in runs]
    known = [seconds for seconds in taken if seconds is not None]
    if not known:
        return undefined("not_measured", "verdicts")
    return exact(float(np.mean(known)) * 1000, len(known), "verdicts")
