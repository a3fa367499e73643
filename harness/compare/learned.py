"""Rows of reward models: annotators that learned from grades, neither judges nor people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.figures import Rankings, row_figures, stacked
from harness.compare.judges import answer_lengths, beside_cases
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import Layout, answer_ids
from harness.errors import StoreError
from harness.schema import Case, Row
from harness.schema.reward import LearnedReadings
from harness.stats.arrays import FloatArray


def learned_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """One row for each reward model that was asked, on the cases that it could predict.

    What a reward model says of a case never comes from a fit that saw its situation (`LearnedFrom` counts
    how). It answers the same when asked again, so that its own consistency is 1. It enters nothing but this
    table and the map: no shares of model and rulebook, no panel, no people.

    Raises StoreError when a reading names a case or an answer that the run has not.
    """
    return tuple(_row(one, layout, crowd) for one in layout.source.learned)


def learned_grades(readings: LearnedReadings, cases: Sequence[Case]) -> list[FloatArray]:
    """What a reward model says of each case: (1, n_answers), or (0, n_answers) where it says nothing.

    Raises StoreError as `learned_rows`.
    """
    known = {case.case_id: set(answer_ids(case)) for case in cases}
    for case_id, worths in readings.cases.items():
        if worths.keys() != known.get(case_id, worths.keys()):
            raise StoreError(
                f"the reward model {readings.source.reward_id} read other answers of '{case_id}' than "
                "the run has; write them again with `harness reward score`"
            )
    return [_grades(readings, case) for case in cases]


def _grades(readings: LearnedReadings, case: Case) -> FloatArray:
    worths = readings.cases.get(case.case_id)
    if worths is None:
        return np.empty((0, len(case.answers)))
    return np.array([[worths[name] for name in answer_ids(case)]], dtype=np.float64)


def _row(readings: LearnedReadings, layout: Layout, crowd: Crowd) -> Row:
    source = readings.source
    named = [(case.case_id, answer_ids(case)) for case in layout.cases]
    grades = learned_grades(readings, layout.cases)
    rankings = Rankings(
        case_ids=[case_id for case_id, _ in named],
        answer_ids=[names for _, names in named],
        n_planned=[1] * len(named),
        n_ranked=[*map(len, grades)],
        blocks=[(places, one) for places, one in stacked(grades) if one.shape[1]],
        exact=True,
    )
    beside = beside_cases(named, source.language, crowd, answer_lengths(layout.cases))
    identity = Identity(
        row_id=f"learned:{source.reward_id}",
        kind="learned",
        annotator_id=source.reward_id,
        title=source.reward_id,
        simulated=source.simulated,
        rulebook_id=source.rulebook_ids[0] if len(source.rulebook_ids) == 1 else None,
        language=source.language,
    )
    row = build_row(identity, row_figures(rankings, beside), Against(crowd), Extras())
    return row.model_copy(update={"learned": source})
