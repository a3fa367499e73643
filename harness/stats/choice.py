"""What ranks an answer high: a ridge rank-ordered logit on features of the answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray, as_group

RIDGE = 1.0
"""Half of this times the squared coefficients is taken off the log-likelihood."""
MAX_STEPS = 50
EXACT_CASES = 24
"""With more cases, leaving one out is one Newton step instead of three; intervals get 1 % shorter by it."""


_FEW_FEATURES = 4
"""Up to which one small matrix per ranking is quicker than a product of matrices per case."""


class Choices(NamedTuple):
    """Rankings and features, ready to be fitted."""

    features: FloatArray
    """(n_rankings, n_answers, n_features), centred within each ranking, 0 where not ranked."""
    at_most: BoolArray
    """(n_rankings, n_answers, n_answers): [i, a, b] = both ranked and b graded no higher than a."""
    weights: FloatArray
    """(n_rankings,)"""
    cases: IntArray
    """(n_rankings,): number of the case, from 0."""

    @property
    def n_cases(self) -> int:
        """How many cases."""
        return int(self.cases.max()) + 1


def build_choices(
    grades: ArrayLike,
    features: ArrayLike,
    *,
    cases: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Choices:
    """Lay rankings and features out for `choice_weights`.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked.
    features : array_like of shape (n_rankings, n_answers, n_features)
        NaN = unknown; such an answer is left out of that ranking.
    cases : array_like of int of shape (n_rankings,), optional
        The case of each ranking; absent = every ranking is a case of its own.
    weights : array_like of shape (n_rankings,), optional
        How much each ranking counts; absent = 1.

    Returns
    -------
    Choices
        Features are centred within each ranking, over the answers that it ranks: only differences within a
        case can say anything.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no ranking ranks two answers with known features, or when no feature varies in any.
    """
    group = as_group(grades)
    table = np.asarray(features, dtype=np.float64)
    if table.ndim != 3 or table.shape[:2] != group.shape:
        raise ValueError(f"features of shape {table.shape} do not fit grades of shape {group.shape}")
    ranked = ~np.isnan(group) & ~np.isnan(table).any(axis=2)
    usable = ranked.sum(axis=1) > 1
    group, table, ranked = group[usable], table[usable], ranked[usable]
    if len(group) == 0:
        raise UndefinedStatisticError("no ranking ranks two answers whose features are known")
    table = np.where(ranked[:, :, None], table, 0.0)
    means = table.sum(axis=1) / ranked.sum(axis=1)[:, None]
    centred = np.where(ranked[:, :, None], table - means[:, None], 0.0)
    if not np.abs(centred).max() > 1e-12:
        raise UndefinedStatisticError("the answers do not differ in any feature")
    both = ranked[:, :, None] & ranked[:, None, :]
    counts = np.ones(len(usable)) if weights is None else np.asarray(weights, dtype=np.float64)
    numbers = np.arange(len(usable)) if cases is None else np.asarray(cases)
    _, case = np.unique(numbers[usable], return_inverse=True)
    return Choices(
        centred,
        both & (group[:, None, :] <= group[:, :, None]),
        counts[usable],
        np.asarray(case, dtype=np.int64).ravel(),
    )


def choice_weights(choices: Choices, ridge: float = RIDGE, start: FloatArray | None = None) -> FloatArray:
    """Say how strongly each feature raises an answer's place, the other features held equal.

    Parameters
    ----------
    choices : Choices
        From `build_choices`.
    ridge : float
        Penalty, greater than 0: keeps coefficients finite when a feature orders everything.
    start : ndarray of shape (n_features,), optional
        Where the search begins, for instance the coefficients for a similar ridge; absent = at 0.

    Returns
    -------
    ndarray of shape (n_features,)
        Log odds, per unit of the feature, that the answer is chosen before another; 0 = no influence. The
        ridge draws them towards 0, the more so the fewer the rankings.

    Notes
    -----
    Utility ``U_a = w . x_a``; each ranked answer is a choice from those that are graded no higher:
    ``log L = sum over a of w . x_a - log(sum over b with g_b <= g_a of exp(w . x_b))``, minus
    ``ridge / 2 * |w|^2``. Tied answers are each chosen from a set that holds both (Breslow's way), the last
    one from itself, which says nothing. Newton steps, exact derivatives; linear in the number of rankings.

    References
    ----------
    P. D. Allison & N. A. Christakis, Sociological Methodology 24 (1994) 199-228, doi:10.2307/270983.

    Examples
    --------
    Two answers, the better one has one unit more: the penalised log odds w solve 1/(1 + e^w) = w.

    >>> w = choice_weights(build_choices([[2, 1]], [[[1.0], [0.0]]]))
    >>> round(float(w[0]), 4), round(float(1 / (1 + np.exp(w[0]))), 4)
    (0.4011, 0.4011)
    """
    if not ridge > 0:
        raise ValueError("the ridge must be greater than 0")
    point = np.zeros(choices.features.shape[2]) if start is None else start
    value = _penalised(choices, point, ridge)
    for _ in range(MAX_STEPS):
        gradient, curvature = _totals(choices, point, ridge)
        step = np.linalg.solve(curvature, gradient)
        reached = _penalised(choices, point + step, ridge)
        while reached < value - 1e-12 * abs(value):
            step = step / 2.0
            reached = _penalised(choices, point + step, ridge)
        point, value = point + step, reached
        if np.abs(step).max() < 1e-10:
            break
    return point


def leave_one_case_out(choices: Choices, full: FloatArray, ridge: float = RIDGE) -> FloatArray:
    """Give the coefficients that would be found without each case in turn: for a jackknife over cases.

    Parameters
    ----------
    choices : Choices
        From `build_choices`.
    full : ndarray of shape (n_features,)
        `choice_weights` of all cases, with the same ridge.

    Returns
    -------
    ndarray of shape (n_cases, n_features)

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two cases.

    Notes
    -----
    Newton steps from the full solution: one with more than 24 cases, three otherwise (exact to some 1e-6).
    """
    if choices.n_cases < 2:
        raise UndefinedStatisticError("one case cannot be left out")
    gradients, curvatures = _by_case(choices, full)
    penalty = ridge * np.eye(len(full))
    whole = curvatures.sum(axis=0) + penalty
    # At the full solution the whole gradient is 0: without case c it is minus that of case c.
    steps = np.linalg.solve(whole - curvatures, -gradients[:, :, None])[:, :, 0]
    points = full + steps
    if choices.n_cases > EXACT_CASES:
        return np.asarray(points)
    for case in range(choices.n_cases):
        kept = choices.cases != case
        rest = Choices(*(part[kept] for part in choices))
        for _ in range(2):
            points[case] += np.linalg.solve(*_totals(rest, points[case], ridge)[::-1])
    return np.asarray(points)


def held_out_likelihood(choices: Choices, full: FloatArray, ridge: float = RIDGE) -> float:
    """Give the mean log-likelihood of each case under the coefficients found without it: higher is better.

    What is left to choose (the ridge, how many features) can be chosen by it without a look at other cases.

    Parameters
    ----------
    choices, full, ridge
        As in `leave_one_case_out`.

    Returns
    -------
    float
        0 or less: the mean over cases, each with the weight of its rankings.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two cases.
    """
    points = leave_one_case_out(choices, full, ridge)[choices.cases]
    utility = np.einsum("naf,nf->na", choices.features, points)
    return float(choices.weights @ _log_likelihoods(choices, utility)) / float(choices.weights.sum())


def case_gradients(choices: Choices, point: FloatArray) -> FloatArray:
    """How each case pulls every coefficient, without the penalty: (n_cases, n_features)."""
    return _by_case(choices, point)[0]


def _utilities(choices: Choices, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Utilities, and exp of them relative to the highest of the ranking."""
    utility = choices.features @ point
    return utility, np.exp(utility - utility.max(axis=1, keepdims=True))


def _log_likelihoods(choices: Choices, utility: FloatArray) -> FloatArray:
    """Of each ranking, whatever it weighs."""
    top = utility.max(axis=1, keepdims=True)
    sums = (choices.at_most @ np.exp(utility - top)[:, :, None])[:, :, 0]
    ranked = np.einsum("naa->na", choices.at_most)
    logs = np.where(ranked, utility - top - np.log(np.where(ranked, sums, 1.0)), 0.0)
    return np.asarray(logs.sum(axis=1))


def _penalised(choices: Choices, point: FloatArray, ridge: float) -> float:
    fits = choices.weights @ _log_likelihoods(choices, choices.features @ point)
    return float(fits - ridge / 2.0 * (point @ point))


def _pulls(choices: Choices, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradient of each ranking; how often each answer is expected to be chosen, and the means at each choice.

    Minus the second derivatives are ``sum_b often_b x_b x_b' - sum_a mean_a mean_a'``, of each ranking.
    """
    _, relative = _utilities(choices, point)
    weighted = choices.at_most * relative[:, None, :]
    sums = weighted.sum(axis=2, keepdims=True)
    chance = np.divide(weighted, sums, out=np.zeros_like(weighted), where=sums > 0)
    mean = chance @ choices.features
    ranked = np.einsum("naa->na", choices.at_most)
    gradient = ((choices.features - mean) * ranked[:, :, None]).sum(axis=1)
    return gradient * choices.weights[:, None], chance.sum(axis=1) * choices.weights[:, None], mean


def _totals(choices: Choices, point: FloatArray, ridge: float) -> tuple[FloatArray, FloatArray]:
    gradient, often, mean = _pulls(choices, point)
    # As two products of matrices: many times as quick as one matrix per ranking.
    rows, means = (part.reshape(-1, len(point)) for part in (choices.features, mean))
    weights = np.repeat(choices.weights, mean.shape[1])
    curvature = rows.T @ (rows * often.reshape(-1, 1)) - means.T @ (means * weights[:, None])
    return gradient.sum(axis=0) - ridge * point, curvature + ridge * np.eye(len(point))


def _by_case(choices: Choices, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    gradient, often, mean = _pulls(choices, point)
    gradients = np.zeros((choices.n_cases, len(point)))
    curvatures = np.zeros((choices.n_cases, len(point), len(point)))
    np.add.at(gradients, choices.cases, gradient)
    if len(point) <= _FEW_FEATURES:
        features, weighted = choices.features, mean * choices.weights[:, None, None]
        second = np.einsum("nb,nbi,nbj->nij", often, features, features)
        np.add.at(curvatures, choices.cases, second - np.einsum("nai,naj->nij", weighted, mean))
        return gradients, curvatures
    order = np.argsort(choices.cases, kind="stable")
    ends = np.searchsorted(choices.cases[order], np.arange(choices.n_cases + 1))
    for case in range(choices.n_cases):
        mine = order[ends[case] : ends[case + 1]]
        rows, means = (part[mine].reshape(-1, len(point)) for part in (choices.features, mean))
        weights = np.repeat(choices.weights[mine], mean.shape[1])
        second = rows.T @ (rows * often[mine].reshape(-1, 1))
        curvatures[case] = second - means.T @ (means * weights[:, None])
    return gradients, curvatures
