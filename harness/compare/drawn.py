"""People's rankings of cases that were drawn: agreement as it is, and with the drawing undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.adjudication import judge_lines
from harness.compare.crowd import Crowd
from harness.compare.estimates import JACKKNIFE, MIN_CASES, nan_mean, optional_interval, tidy, undefined
from harness.compare.source import Layout, Line, grades_array
from harness.schema import DrawnMean, DrawnRankings, Estimate, RankedVerdict
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.drawn import effective_count, inverse_probability_mean
from harness.stats.intervals import jackknife_t


class _Drawn(NamedTuple):
    """First votes whose cases were drawn."""

    case_ids: list[str]
    who: list[int]
    """Place among the crowd's members."""
    probabilities: FloatArray


def drawn_rankings(layout: Layout, crowd: Crowd) -> DrawnRankings | None:
    """Average agreement over drawn rankings, plainly and weighted by the inverse of their probabilities.

    None where no first vote says with which probability its case was drawn. Only rankings that say so count
    here, each once, so that the two means differ by the weights alone. Judges: base wording, the rulebook
    that people had, else the first; the first language.
    """
    if crowd.kind != "people":
        return None
    firsts = [
        (case_id, who, runs[0])
        for who, member in enumerate(crowd.members)
        for case_id, runs in member.verdicts.items()
    ]
    kept = [one for one in firsts if one[2].probability is not None]
    if not kept:
        return None
    chances = np.array([vote.probability for _, _, vote in kept], dtype=np.float64)
    found = _Drawn([one[0] for one in kept], [one[1] for one in kept], chances)
    votes = [vote for _, _, vote in kept]
    people = [_mean(None, _people_taus(found, crowd), found)] if crowd.enough else []
    judges = [
        _mean(f"judge:{':'.join(line.key)}", _judge_taus(found, votes, line), found)
        for line in judge_lines(layout, crowd)
    ]
    return DrawnRankings(
        n_drawn=len(kept),
        n_not_drawn=len(firsts) - len(kept),
        worth=tidy(effective_count(found.probabilities)),
        means=(*people, *judges),
    )


def _people_taus(drawn: _Drawn, crowd: Crowd) -> FloatArray:
    """Each ranking's agreement with the other people on its case."""
    pairs = zip(drawn.case_ids, drawn.who, strict=True)
    return np.array([crowd.agreement[case_id].leave_one_out[who] for case_id, who in pairs])


def _judge_taus(drawn: _Drawn, votes: Sequence[RankedVerdict], line: Line) -> FloatArray:
    """Each ranking's mean agreement with one judge; NaN where it said nothing that can be read."""
    found = np.full(len(votes), np.nan)
    for place, (case_id, vote) in enumerate(zip(drawn.case_ids, votes, strict=True)):
        runs = line.of_case(case_id)
        if runs is not None and len(runs.grades):
            found[place] = nan_mean(tau_x(runs.grades, grades_array([vote], runs.answer_ids)))
    return found


def _mean(row_id: str | None, taus: FloatArray, drawn: _Drawn) -> DrawnMean:
    evenly = np.ones(len(taus))
    return DrawnMean(
        row_id=row_id,
        plain=_estimate(taus, evenly, drawn.case_ids),
        weighted=_estimate(taus, drawn.probabilities, drawn.case_ids),
    )


def _estimate(taus: FloatArray, probabilities: FloatArray, case_ids: Sequence[str]) -> Estimate:
    known = ~np.isnan(taus)
    if not known.any():
        return undefined("no_readable_verdict", "verdicts")
    value = inverse_probability_mean(taus, probabilities)
    _, numbers = np.unique(np.array(case_ids)[known], return_inverse=True)
    left_out = _without_each_case(taus[known], 1.0 / probabilities[known], numbers)
    found = optional_interval(lambda: jackknife_t(left_out, value), "T3", JACKKNIFE)
    intervals = found if len(left_out) >= MIN_CASES else ()
    return Estimate(value=tidy(value), n=int(known.sum()), unit="verdicts", intervals=intervals)


def _without_each_case(taus: FloatArray, weights: FloatArray, numbers: IntArray) -> FloatArray:
    sums, totals = np.bincount(numbers, weights * taus), np.bincount(numbers, weights)
    rest: FloatArray = totals.sum() - totals
    kept = rest > 0
    return np.asarray((sums.sum() - sums)[kept] / rest[kept])
