"""Group coefficients that readers ask for: Kendall's W per case, Krippendorff's alpha overall."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, as_group
from harness.stats.pairs import mid_ranks, ratio


class Concordance(NamedTuple):
    """Kendall's W with its chi-square test."""

    w: float
    chi_square: float
    degrees_of_freedom: int
    p_value: float


def kendall_w(grades: ArrayLike) -> Concordance:
    """Say how far a whole group orders the answers of one case alike: 1 = all the same, 0 = no trend.

    Parameters
    ----------
    grades : array_like of shape (n_annotators, n_answers)
        Higher = better, complete.

    Returns
    -------
    Concordance
        W corrected for ties, 0 … 1; ``chi_square = m (k - 1) W`` with k - 1 degrees of freedom.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two annotators or answers, with a missing grade, and when every annotator
        ties all answers.

    Notes
    -----
    ``W = 12 S / (m²(k³ - k) - m sum(t³ - t))``: S the squared deviations of the sums of mid-ranks, t the
    sizes of the groups of tied answers. Equals ``irr::kendall(..., correct = TRUE)``. The chi-square is rough
    for few answers.

    References
    ----------
    M. G. Kendall & B. Babington Smith, Annals of Mathematical Statistics 10 (1939),
    doi:10.1214/aoms/1177732186.
    """
    from scipy.stats import chi2

    group = as_group(grades)
    n_annotators, n_answers = group.shape
    if n_annotators < 2 or n_answers < 2:
        raise UndefinedStatisticError("Kendall's W needs two annotators and two answers")
    if np.isnan(group).any():
        raise UndefinedStatisticError("Kendall's W needs complete rankings")
    sums = mid_ranks(group).sum(axis=0)
    # Each tied answer contributes (t² - 1), so a group of t contributes t³ - t.
    tied = int(((group[:, :, None] == group[:, None, :]).sum(axis=-1) ** 2 - 1).sum())
    largest = n_annotators**2 * (n_answers**3 - n_answers) - n_annotators * tied
    if largest == 0:
        raise UndefinedStatisticError("every annotator ties all answers: there is no order to agree on")
    w = float(12.0 * ((sums - sums.mean()) ** 2).sum() / largest)
    chi_square = n_annotators * (n_answers - 1) * w
    return Concordance(w, chi_square, n_answers - 1, float(chi2.sf(chi_square, n_answers - 1)))


def krippendorff_alpha_ordinal(values: ArrayLike) -> float:
    """Measure the reliability of a whole group over all units, on ordered values: Krippendorff's alpha.

    Parameters
    ----------
    values : array_like of shape (n_annotators, n_units)
        One unit = one answer of one case. Feed mid-ranks, not dense grades: an annotator who ties more would
        otherwise seem to use lower values. NaN = not given.

    Returns
    -------
    float
        1 = perfect agreement, 0 = as by chance, negative = systematic disagreement.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no unit has two values, and when everyone gives the same value everywhere: then nothing
        could have differed. (Other libraries answer 1, NaN or an exception.)

    Notes
    -----
    ``1 - sum(o_cv d²_cv) / sum(e_cv d²_cv)`` with ``d²_cv = (n_c + … + n_v - (n_c + n_v)/2)²`` over the
    sorted values; o from pairs inside units, e from pairs of all values. Units inside one case
    depend on each other: intervals by case, never by unit.

    References
    ----------
    K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    units = as_group(values)
    found = coincidences(units, np.unique(units[~np.isnan(units)]))
    if found.totals.sum() == 0:
        raise UndefinedStatisticError("no unit has values from two annotators")
    alpha = float(alpha_of(found))
    if np.isnan(alpha):
        raise UndefinedStatisticError("everyone gives the same value everywhere: nothing could have differed")
    return alpha


class Coincidences(NamedTuple):
    """All that Krippendorff's alpha needs to know about some units; those of several cases add up."""

    observed: FloatArray
    """(..., n_values, n_values): how often two values meet in a unit."""
    totals: FloatArray
    """(..., n_values): how often each value occurs in units with two values or more."""


def coincidences(values: ArrayLike, scale: FloatArray) -> Coincidences:
    """Count which values meet inside units.

    Parameters
    ----------
    values : array_like of shape (n_annotators, n_units)
        NaN = not given.
    scale : ndarray of shape (n_values,)
        The values that occur anywhere, ascending: the same for everything that is to be added.

    Notes
    -----
    A unit with m values holds m (m - 1) ordered pairs, each of weight 1 / (m - 1).
    """
    units = as_group(values)
    pairable = units[:, (~np.isnan(units)).sum(axis=0) >= 2]
    counts = (pairable[None] == scale[:, None, None]).sum(axis=1).astype(np.float64)
    weighted = counts / (counts.sum(axis=0) - 1.0)
    observed = weighted @ counts.T - np.diag(weighted.sum(axis=1))
    return Coincidences(observed, counts.sum(axis=1))


def alpha_of(found: Coincidences) -> FloatArray:
    """Give the ordinal alpha of counted coincidences (or of each in a stack); NaN where undefined."""
    totals = found.totals
    n_values = totals.sum(axis=-1)[..., None, None]
    pairs = totals[..., :, None] * totals[..., None, :]
    pairs[..., np.arange(totals.shape[-1]), np.arange(totals.shape[-1])] -= totals
    distance = _ordinal_distance(totals)
    expected = ratio((pairs * distance).sum(axis=(-1, -2)), n_values[..., 0, 0] - 1.0)
    return np.asarray(1.0 - ratio((found.observed * distance).sum(axis=(-1, -2)), expected))


def _ordinal_distance(totals: FloatArray) -> FloatArray:
    """Squared number of values that lie from one value to another, both ends counted half."""
    middle = np.cumsum(totals, axis=-1) - totals / 2.0
    squared: FloatArray = (middle[..., :, None] - middle[..., None, :]) ** 2
    return squared
