"""People shown one proposal: how alike they become, and whether they follow it where it is wrong.

Arrays as in `harness.stats.arms`; `cases` holds one array of grades (n_people, n_answers) per case, row i the
same person in each, NaN = not graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arms import MIN_PEOPLE, ArmMeans, left_out_people, mean_of_defined
from harness.stats.arrays import BoolArray, FloatArray, SignArray, as_group
from harness.stats.intervals import Interval
from harness.stats.others import TauSums, tau_sums
from harness.stats.pairs import pair_signs, ratio


def false_consensus(cases: Sequence[FloatArray], shown: ArrayLike) -> ArmMeans:
    """Say how far people agree with each other in each arm: one proposal in sight makes people alike.

    Parameters
    ----------
    cases : sequence of ndarray of shape (n_people, n_answers)
        See the module.
    shown : array_like of shape (n_people, n_cases)
        1 = saw the proposal, 0 = by lot not, NaN = no verdict.

    Returns
    -------
    ArmMeans
        Mean tau_x between two people of the arm, per case; NaN with fewer than two. Their difference is what
        agreement is inflated by when people's grades are collected with a proposal in sight.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Examples
    --------
    >>> people = np.array([[2.0, 1], [2, 1], [2, 1], [1, 2]])
    >>> false_consensus([people], [[1], [1], [0], [0]]).difference.tolist()
    [2.0]
    """
    seen = as_group(shown)
    means = [[_tau_of(grades, seen[:, c] == arm).mean for arm in (1, 0)] for c, grades in enumerate(cases)]
    table = np.array(means, dtype=np.float64).reshape(-1, 2)
    return ArmMeans(table[:, 0], table[:, 1])


def consensus_over_people(
    cases: Sequence[FloatArray], shown: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Give the interval of the mean difference of `false_consensus` for other people (T2).

    Parameters
    ----------
    cases, shown
        As in `false_consensus`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        As in `harness.stats.anchoring.effect_over_people`: each person left out in turn, the arms apart
        where people were dealt.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm, or when it is undefined without somebody.
    """
    seen = as_group(shown)
    full = false_consensus(cases, seen)
    left_out = np.tile(full.difference, (len(seen), 1))
    present = np.zeros(len(seen), dtype=bool)
    for c, grades in enumerate(cases):
        there = ~np.isnan(grades).all(axis=1)
        for arm, other, sign in ((1, full.control[c], 1.0), (0, full.shown[c], -1.0)):
            inside = (seen[:, c] == arm) & there
            left_out[inside, c] = sign * (_tau_of(grades, inside).without_each[inside] - other)
            present |= inside
    means = [mean_of_defined(row) for row in left_out[present]]
    return left_out_people(means, mean_of_defined(full.difference), seen[present], confidence)


class Followed(NamedTuple):
    """Where the proposal contradicts most people who did not see it: how often its order is given."""

    arms: ArmMeans
    """Per case, the share of readings of such pairs that order the pair as proposed; NaN = no such pair."""
    n_pairs: int
    """Pairs of answers that the proposal orders against most of the control arm."""


def followed(cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], shown: ArrayLike) -> Followed:
    """Say whether people follow a proposal where it is wrong, that is against most people who never saw it.

    Parameters
    ----------
    cases : sequence of ndarray of shape (n_people, n_answers)
        See the module.
    proposals : sequence of array_like of shape (n_answers,)
        What was proposed in each case; NaN = nothing.
    shown : array_like of shape (n_people, n_cases)
        As in `false_consensus`.

    Returns
    -------
    Followed
        The shares of the two arms; a case in which fewer than three people saw nothing has none.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    A pair of answers is wrong when the proposal orders it strictly and more than half of the control arm
    orders it strictly the other way. A person of the control arm is held against the others of that arm only:
    measured against a majority that holds his or her own vote, the control share would be too small.

    Examples
    --------
    >>> people = np.array([[2.0, 1], [1, 2], [2, 1], [2, 1], [2, 1]])
    >>> found = followed([people], [[1, 2]], [[1], [1], [0], [0], [0]])
    >>> found.n_pairs, found.arms.shown.tolist(), found.arms.control.tolist()
    (1, [0.5], [0.0])
    """
    seen = as_group(shown)
    found = [
        _followed_in(grades, np.asarray(proposal, dtype=np.float64), seen[:, c])
        for c, (grades, proposal) in enumerate(zip(cases, proposals, strict=True))
    ]
    table = np.array([arms for arms, _ in found], dtype=np.float64).reshape(-1, 2)
    return Followed(ArmMeans(table[:, 0], table[:, 1]), sum(n_pairs for _, n_pairs in found))


def followed_over_people(
    cases: Sequence[FloatArray], proposals: Sequence[ArrayLike], shown: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Give the interval of the mean difference of `followed` for other people (T2).

    Parameters
    ----------
    cases, proposals, shown
        As in `followed`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        As in `consensus_over_people`; without a person of the control arm other pairs may be wrong.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm, or when it is undefined without somebody.
    """
    seen = as_group(shown)
    present = np.flatnonzero((~np.isnan(seen)).any(axis=1))
    full = mean_of_defined(followed(cases, proposals, seen).arms.difference)
    left_out = []
    for person in present:
        rest = [np.delete(grades, person, axis=0) for grades in cases]
        arms = followed(rest, proposals, np.delete(seen, person, axis=0)).arms
        left_out.append(mean_of_defined(arms.difference))
    return left_out_people(left_out, full, seen[present], confidence)


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


def _followed_in(grades: FloatArray, proposal: FloatArray, seen: FloatArray) -> tuple[list[float], int]:
    """The shares of one case, shown and control, and its number of wrong pairs."""
    signs, missing = pair_signs(grades)
    (proposed,), (unknown,) = pair_signs(proposal[None])
    control = np.flatnonzero((seen == 0) & ~np.isnan(grades).all(axis=1))
    if len(control) < MIN_PEOPLE:
        return [np.nan, np.nan], 0
    strict = (proposed != 0) & ~unknown
    own, holes = signs[control], missing[control]
    against = own == -proposed
    n_against, n_told = against.sum(axis=0), (~holes).sum(axis=0)
    wrong = strict & (2 * n_against > n_told)
    saw = seen == 1
    by_shown = _share(signs[saw], proposed, wrong & ~missing[saw])
    wrong_by_others = strict & (2 * (n_against - (against & ~holes)) > n_told - ~holes)
    return [by_shown, _share(own, proposed, wrong_by_others & ~holes)], int(wrong.sum())


def _share(signs: SignArray, proposed: SignArray, counted: BoolArray) -> float:
    """How many of the readings that count order the pair as proposed."""
    follows = (signs == proposed) & counted
    return float(ratio(float(follows.sum()), float(counted.sum())))


def _tau_of(grades: FloatArray, inside: BoolArray) -> TauSums:
    return tau_sums(np.where(inside[:, None], grades, np.nan))
