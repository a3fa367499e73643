"""People shown one proposal: whether they leave it as it is, and whether they follow it where it is wrong.

Arrays as in `harness.stats.arms`; `cases` holds one array of grades (n_people, n_answers) per case, row i the
same person in each, NaN = not graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arms import MIN_CASES, MIN_PEOPLE, left_out_people
from harness.stats.arrays import BoolArray, FloatArray, IntArray, as_group
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.pairs import pair_signs, ratio


class Followed(NamedTuple):
    """Where the proposal contradicts most people who did not see it: how often its order is given."""

    shown: float
    """Share of the readings of such pairs that order them as proposed, proposal in sight; NaN = no pair."""
    control: float
    n_pairs: int
    """Pairs of answers that the proposal orders against most of the control arm."""
    n_cases: int
    """Cases that have such a pair."""

    @property
    def difference(self) -> float:
        """Shown minus control."""
        return self.shown - self.control


def followed(cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], shown: ArrayLike) -> Followed:
    """Say whether people follow a proposal where it is wrong, that is against most people who never saw it.

    Parameters
    ----------
    cases : sequence of ndarray of shape (n_people, n_answers)
        See the module.
    proposals : sequence of array_like of shape (n_answers,)
        What was proposed in each case; NaN = nothing.
    shown : array_like of shape (n_people, n_cases)
        1 = saw the proposal, 0 = by lot not, NaN = no verdict.

    Returns
    -------
    Followed
        The shares of the two arms; a case in which fewer than three people saw nothing has no such pair.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    For a person j of the control arm a pair p of answers is wrong, ``w_jp = 1``, when the proposal orders it
    strictly and more than half of the *others* of that arm order it strictly the other way. With ``f = 1``
    where a reading is as proposed: ``control = sum w_jp f_jp / sum w_jp`` and ``shown = sum_p W_p f_p / sum_p
    W_p`` with ``W_p = sum_j w_jp`` and f_p the mean over those who saw the proposal. Held against a majority
    that holds his or her own vote, the control arm would follow too rarely; and both arms weigh the pairs
    alike. Where seeing the proposal changes nothing, the difference is -.01 and 0 on average in simulations
    with 5 and 8 people an arm and six cases, and the interval over people covers .92.

    Examples
    --------
    >>> people = np.array([[2.0, 1], [1, 2], [2, 1], [2, 1], [2, 1]])
    >>> found = followed([people], [[1, 2]], [[1], [1], [0], [0], [0]])
    >>> found.n_pairs, found.shown, found.control
    (1, 0.5, 0.0)
    """
    return _readings(cases, proposals, as_group(shown)).followed()


def followed_over_people(
    cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], shown: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Give the interval of the difference of `followed` for other people (T2).

    Parameters
    ----------
    cases, proposals, shown
        As in `followed`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        As in `harness.stats.anchoring.effect_over_people`; for whom a pair is wrong stays as it is with all.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm, or when it is undefined without somebody.
    """
    seen = as_group(shown)
    readings = _readings(cases, proposals, seen)
    people = np.arange(len(seen))
    present = people[~np.isnan(seen).all(axis=1)]
    left_out = [readings.of_people(people != person).followed().difference for person in present]
    return left_out_people(left_out, readings.followed().difference, seen[present], confidence)


def followed_over_cases(
    cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], shown: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Give the interval of the difference of `followed` for other cases (T3): leave out one case in turn.

    Parameters
    ----------
    cases, proposals, shown
        As in `followed`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        Jackknife over the cases that have a wrong pair, t_{C-1}.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three such cases.
    """
    readings = _readings(cases, proposals, as_group(shown))
    found = readings.followed()
    if found.n_cases < MIN_CASES:
        raise UndefinedStatisticError(f"{found.n_cases} case(s) with a wrong pair: three at least")
    numbers = np.unique(readings.case_of[readings.weights.sum(axis=0) > 0])
    left_out = [readings.of_pairs(readings.case_of != one).followed().difference for one in numbers]
    return jackknife_t(left_out, found.difference, confidence=confidence)


def unchanged(cases: Sequence[FloatArray], proposals: Sequence[ArrayLike]) -> FloatArray:
    """Tell which verdicts give exactly the proposed grades: 1 or 0, NaN where there is nothing to compare.

    Parameters
    ----------
    cases, proposals
        As in `followed`.

    Returns
    -------
    ndarray of shape (n_people, n_cases)
        1 = every answer that was graded has the proposed grade. In the control arm this is what chance and
        a good proposal give by themselves: compare the arms (`harness.stats.anchoring`).

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case.
    """
    columns = [
        _same(grades, np.asarray(proposal, dtype=np.float64))
        for grades, proposal in zip(cases, proposals, strict=True)
    ]
    if not columns:
        raise UndefinedStatisticError("there is no case with a proposal")
    return np.array(columns, dtype=np.float64).T


def _same(grades: FloatArray, proposal: FloatArray) -> FloatArray:
    both = ~np.isnan(grades) & ~np.isnan(proposal)
    alike = ((grades == proposal) | ~both).all(axis=1).astype(np.float64)
    return np.where(both.any(axis=1), alike, np.nan)


class _Readings(NamedTuple):
    """Every reading of every pair of answers, those of all cases beside each other."""

    follows: FloatArray
    """(n_people, n_pairs): 1 = as proposed."""
    saw: FloatArray
    """1 = read with the proposal in sight."""
    weights: FloatArray
    """1 = read by one of the control arm, for whom the pair is wrong."""
    is_wrong: BoolArray
    """(n_pairs,): against most of the control arm."""
    case_of: IntArray

    def of_people(self, kept: BoolArray) -> _Readings:
        return self._replace(follows=self.follows[kept], saw=self.saw[kept], weights=self.weights[kept])

    def of_pairs(self, kept: BoolArray) -> _Readings:
        follows, saw, weights = (one[:, kept] for one in (self.follows, self.saw, self.weights))
        return _Readings(follows, saw, weights, self.is_wrong[kept], self.case_of[kept])

    def followed(self) -> Followed:
        mean = ratio((self.saw * self.follows).sum(axis=0), self.saw.sum(axis=0))
        known = ~np.isnan(mean)
        weights = self.weights[:, known]
        of_pair = weights.sum(axis=0)
        shown = float(ratio((of_pair * mean[known]).sum(), of_pair.sum()))
        control = float(ratio((weights * self.follows[:, known]).sum(), of_pair.sum()))
        n_cases = len(np.unique(self.case_of[known][of_pair > 0]))
        return Followed(shown, control, int(self.is_wrong.sum()), n_cases)


def _readings(cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], seen: FloatArray) -> _Readings:
    parts = [
        _readings_of(grades, np.asarray(proposal, dtype=np.float64), seen[:, c], c)
        for c, (grades, proposal) in enumerate(zip(cases, proposals, strict=True))
    ]
    return _Readings(*(np.concatenate(one, axis=-1) for one in zip(*parts, strict=True)))


def _readings_of(grades: FloatArray, proposal: FloatArray, seen: FloatArray, number: int) -> _Readings:
    signs, missing = pair_signs(grades)
    (proposed,), (unknown,) = pair_signs(proposal[None])
    told, strict = ~missing, (proposed != 0) & ~unknown
    control = ((seen == 0) & told.any(axis=1))[:, None]
    strict &= int(control.sum()) >= MIN_PEOPLE
    against = told & control & (signs == -proposed)
    n_against, n_told = against.sum(axis=0), (told & control).sum(axis=0)
    wrong_by_others = strict & (2 * (n_against - against) > n_told - (told & control))
    return _Readings(
        follows=(told & (signs == proposed)).astype(np.float64),
        saw=(told & (seen == 1)[:, None]).astype(np.float64),
        weights=(told & control & wrong_by_others).astype(np.float64),
        is_wrong=strict & (2 * n_against > n_told),
        case_of=np.full(len(proposed), number),
    )
