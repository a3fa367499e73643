"""Davidson-Luce with worths that come from features: ties are outcomes of their own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray
from harness.stats.choice import RIDGE
from harness.stats.luce import Likelihood
from harness.stats.stages import histogram, pool_rankings, stages_of

TIE_RIDGE = 0.1
"""Penalty on the squared log tie parameters: finite even where a tie occurred wherever it could."""


class LuceFit(NamedTuple):
    """Weights of features, and how willingly answers are tied."""

    weights: FloatArray
    """(n_features,): log odds, per unit of the feature, that an answer is placed above another, not tied."""
    tie_sizes: tuple[int, ...]
    log_delta: FloatArray
    """(n_sizes,): one tie parameter for each of `tie_sizes`."""


def luce_weights(
    grades: ArrayLike, items: ArrayLike, features: FloatArray, weights: ArrayLike, ridge: float = RIDGE
) -> LuceFit:
    """Say how strongly each feature raises an answer's place, ties counted as outcomes.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, width)
        Higher = better, NaN = no answer in this place.
    items : array_like of int of shape (n_rankings, width)
        Which answer each grade is for: a row of `features`.
    features : ndarray of shape (n_items, n_features)
    weights : array_like of shape (n_rankings,)
        How much each ranking counts.
    ridge : float
        Penalty, greater than 0, as in `choice_weights`.

    Returns
    -------
    LuceFit

    Raises
    ------
    UndefinedStatisticError
        Undefined when no ranking holds a choice between two answers.

    Notes
    -----
    ``log worth_a = w . x_a`` in the likelihood of `harness.stats.worth.davidson_luce`, minus
    ``ridge / 2 |w|^2`` and ``0.1 / 2 |log delta|^2``. Exact gradient, L-BFGS.

    References
    ----------
    D. Firth, I. Kosmidis & H. Turner, 2019, arXiv:1909.07123.

    Examples
    --------
    Twelve wins and three losses of the answer with one unit more; hardly any ridge: ln(12 / 3).

    >>> fit = luce_weights([[2, 1], [1, 2]], [[0, 1], [0, 1]], np.array([[1.0], [0.0]]), [12, 3], 1e-9)
    >>> round(float(fit.weights[0]), 4)
    1.3863
    """
    from scipy.optimize import minimize

    if not ridge > 0:
        raise ValueError("the ridge must be greater than 0")
    stages = stages_of(histogram(pool_rankings(grades, items, weights)))
    if len(stages.weights) == 0:
        raise UndefinedStatisticError("no ranking holds a choice between two answers")
    tie_sizes = tuple(int(size) for size in np.unique(stages.sizes) if size > 1)
    likelihood = Likelihood(stages, len(features), tie_sizes)
    n_features = features.shape[1]
    penalty = np.concatenate([np.full(n_features, ridge), np.full(len(tie_sizes), TIE_RIDGE)])

    def loss(point: FloatArray) -> tuple[float, FloatArray]:
        worths = np.concatenate([features @ point[:n_features], point[n_features:]])
        value, slope = likelihood.value_and_gradient(worths)
        own = np.concatenate([features.T @ slope[: len(features)], slope[len(features) :]])
        return -value + float(penalty @ point**2) / 2.0, penalty * point - own

    found = minimize(loss, np.zeros(len(penalty)), jac=True, method="L-BFGS-B", options={"gtol": 1e-8})
    return LuceFit(np.asarray(found.x[:n_features]), tie_sizes, np.asarray(found.x[n_features:]))
