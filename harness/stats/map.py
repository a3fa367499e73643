"""Annotators as points on a plane: near = they order answers alike. A picture, not evidence.

Distances are root mean Kemeny distances. Without gaps they are exact Euclidean distances of thermometers, and
the map is a principal component analysis; with gaps it is fitted to the distances that exist (SMACOF).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, as_grades, as_group
from harness.stats.pairs import ratio, thermometer
from harness.stats.smacof import smacof

MIN_SHARED = 3
"""Cases that two annotators must share to have a distance."""
MIN_MAPS = 4
N_AXES = 2
N_STARTS = 2
FIT_TOLERANCE = 1e-6
_TOLERANCE = 1e-9


class Plane(NamedTuple):
    """Points on two axes, and how much of the variation these hold."""

    points: FloatArray
    """(n_points, 2), centred; the first axis holds most. Signs are fixed by the points, not by chance."""
    inertia: float
    """Without gaps: share of the variation on the two axes. With gaps: 1 - stress of the fitted distances."""
    complete: bool
    norms: FloatArray
    """(n_points,): squared distance of each point from the middle, in the whole space where that is known."""


def case_distances(columns: ArrayLike) -> FloatArray:
    """Give squared distances between all annotators in one case, in units of tau_x: ``1 - tau_x``.

    Parameters
    ----------
    columns : array_like of shape (..., n_points, 2 * n_pairs)
        Thermometers, or means of several (a judge's repeats, all medians of a crowd); NaN = pair not ranked.
        Several cases are several axes before.

    Returns
    -------
    ndarray of shape (..., n_points, n_points)
        Mean over the pairs of answers that both ranked, 0 … 2; NaN where they share none.
    """
    group = as_grades(columns)
    known = (~np.isnan(group)).astype(np.float64)
    filled = np.where(known > 0, group, 0.0)
    squares = (filled**2) @ _turned(known)
    total = squares + _turned(squares) - 2.0 * filled @ _turned(filled)
    shared = known @ _turned(known) / 2.0
    distances = np.full(total.shape, np.nan)
    np.divide(np.maximum(total, 0.0), shared, out=distances, where=shared > 0)
    return distances


def _turned(table: FloatArray) -> FloatArray:
    return np.swapaxes(table, -1, -2)


def mean_columns(grades: ArrayLike, owner: ArrayLike) -> FloatArray:
    """Give each annotator's mean thermometer in one case, over his or her rankings.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked.
    owner : array_like of int of shape (n_rankings,)
        Whose ranking each is: 0, 1, 2, … in ascending order, every number at least once. Rankings of many
        cases can be averaged at once when every annotator has another number in every case.

    Returns
    -------
    ndarray of shape (n_annotators, 2 * n_pairs)
        Means over the rankings that hold the pair; NaN where none does.
    """
    columns = thermometer(as_group(grades))
    starts = np.flatnonzero(np.diff(np.asarray(owner), prepend=-1))
    known = ~np.isnan(columns)
    sums = np.add.reduceat(np.where(known, columns, 0.0), starts, axis=0)
    return ratio(sums, np.add.reduceat(known.astype(np.float64), starts, axis=0))


def relabelled(grades: ArrayLike, owner: ArrayLike, rng: np.random.Generator) -> FloatArray:
    """Give the same rankings with each annotator's answers named at random: how no shared opinion looks.

    All rankings of one annotator in the case are renamed alike, so that his or her own consistency stays;
    only answers that all of them hold change names, so that what is missing stays missing.
    """
    group, who = as_group(grades), np.asarray(owner)
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    held = np.logical_and.reduceat(~np.isnan(group), starts, axis=0)
    places = np.arange(group.shape[1])
    # Held answers first, as they stand and in random order: the one list is sent to the other.
    ordered = np.where(held, places, places + len(places)).argsort(axis=1)
    drawn = np.where(held, rng.random(held.shape), 1.0 + places).argsort(axis=1)
    sources = np.empty(held.shape, dtype=np.int64)
    np.put_along_axis(sources, ordered, drawn, axis=1)
    n_rankings = np.diff(np.append(starts, len(who)))
    return np.take_along_axis(group, np.repeat(sources, n_rankings, axis=0), axis=1)


def mean_distances(sums: FloatArray, counts: FloatArray, min_shared: int = MIN_SHARED) -> FloatArray:
    """Average squared distances over shared cases; NaN where two annotators share fewer than three."""
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts >= max(1, min_shared))
    np.fill_diagonal(means, 0.0)
    return means


def plane(squared: ArrayLike, rng: np.random.Generator, start: FloatArray | None = None) -> Plane:
    """Put annotators on a plane so that their distances are kept as well as two axes can.

    Parameters
    ----------
    squared : array_like of shape (n_points, n_points)
        Mean squared distances, NaN = unknown (`mean_distances`).
    rng : numpy.random.Generator
        For the starts of the fit when some distances are unknown; otherwise nothing is random.
    start : ndarray of shape (n_points, 2), optional
        The only start of such a fit, for a map that hardly differs from one that is known, or need not be
        the best.

    Returns
    -------
    Plane

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three points, when all lie in one place, and when unknown distances split
        the points into groups that no distance joins.

    Notes
    -----
    No gaps: classical scaling, the two largest eigenvalues of ``-J D² J / 2``; for thermometers the same as
    their principal components (methods.md §9). With gaps: SMACOF (metric, unknown pairs have weight 0) from
    the classical solution with gaps filled, and from a random one.

    References
    ----------
    J. C. Gower, Biometrika 53 (1966) 325-338, doi:10.1093/biomet/53.3-4.325; J. de Leeuw & P. Mair, J.
    Statistical Software 31 (2009), doi:10.18637/jss.v031.i03.
    """
    table = as_group(squared)
    if len(table) < 3:
        raise UndefinedStatisticError(f"{len(table)} point(s) make no map")
    known = ~np.isnan(table)
    if known.all():
        points, inertia = _classical(table)
        norms = table.mean(axis=0) - table.mean() / 2.0
        return Plane(_signed(points), inertia, complete=True, norms=norms)
    if not _is_connected(known):
        raise UndefinedStatisticError("no distance joins some points to the others")
    distances = np.sqrt(np.where(known, table, 0.0))
    weights = known.astype(np.float64)
    np.fill_diagonal(weights, 0.0)
    starts = [start] if start is not None else _starts(table, weights, rng)
    fitted = [smacof(distances, weights, one, FIT_TOLERANCE) for one in starts]
    points, stress = min(fitted, key=lambda fit: fit[1])
    points = _signed(_principal(points))
    return Plane(points, 1.0 - stress, complete=False, norms=(points**2).sum(axis=1))


def place(found: Plane, squared: ArrayLike) -> FloatArray:
    """Put one more annotator on a map that stays as it is.

    Parameters
    ----------
    found : Plane
        The map.
    squared : array_like of shape (n_points,)
        Mean squared distances to its points; NaN = unknown.

    Returns
    -------
    ndarray of shape (2,)
        NaN when fewer than three distances are known.

    Notes
    -----
    Gower's projection ``x = (XᵀX)⁻¹ Xᵀ y``, X and ``y_i = (|x_i|² - d_i²) / 2`` centred: where a principal
    component analysis would project the annotator. With unknown distances, the same from the known points.

    References
    ----------
    J. C. Gower, Biometrika 55 (1968) 582-585, doi:10.1093/biomet/55.3.582.
    """
    row = np.asarray(squared, dtype=np.float64)
    known = ~np.isnan(row)
    if known.sum() < 3:
        return np.full(N_AXES, np.nan)
    around = found.points[known] - found.points[known].mean(axis=0)
    behind = (found.norms[known] - row[known]) / 2.0
    inverse = np.linalg.pinv(around.T @ around, hermitian=True)
    return np.asarray(inverse @ (around.T @ (behind - behind.mean())))


def ellipse(points: ArrayLike) -> tuple[float, float, float]:
    """Say how far a point would move with other cases: one standard error in every direction.

    Parameters
    ----------
    points : array_like of shape (n_maps, 2)
        Its places on maps that each leave out one group of cases, aligned to the whole map.

    Returns
    -------
    long, short, angle : float
        Half axes, and the angle of the long one in radians from the first axis, in (-pi/2, pi/2].

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than four maps.

    Notes
    -----
    Half axes are the roots of the eigenvalues of ``(g - 1) / g sum (x - m)(x - m)ᵀ``, the jackknife
    covariance. A region of 95 % would be 2 to 4 times as wide (with six cases, Hotelling's factor is 4.2).
    """
    array = as_group(points)
    n_maps = len(array)
    if n_maps < MIN_MAPS:
        raise UndefinedStatisticError(f"{n_maps} maps are too few for a region")
    centred = array - array.mean(axis=0)
    values, vectors = np.linalg.eigh((n_maps - 1) / n_maps * centred.T @ centred)
    half = np.sqrt(np.maximum(values, 0.0))
    angle = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
    angle = angle - np.pi if angle > np.pi / 2 else angle + np.pi if angle <= -np.pi / 2 else angle
    return float(half[1]), float(half[0]), angle


def _classical(squared: FloatArray) -> tuple[FloatArray, float]:
    centred = squared - squared.mean(axis=0)
    centred = -(centred - centred.mean(axis=1, keepdims=True)) / 2.0
    values, vectors = np.linalg.eigh((centred + centred.T) / 2.0)
    top = np.maximum(values[::-1][:N_AXES], 0.0)
    total = float(np.maximum(values, 0.0).sum())
    if total <= _TOLERANCE:
        raise UndefinedStatisticError("all points lie in one place: everybody orders the answers alike")
    return vectors[:, ::-1][:, :N_AXES] * np.sqrt(top), float(top.sum()) / total


def _starts(squared: FloatArray, weights: FloatArray, rng: np.random.Generator) -> list[FloatArray]:
    known = weights > 0
    filled = np.where(known, squared, float(squared[known].mean()))
    np.fill_diagonal(filled, 0.0)
    spread = float(np.sqrt(filled.max()))
    drawn = [rng.normal(0.0, spread, (len(squared), N_AXES)) for _ in range(N_STARTS - 1)]
    return [_classical(filled)[0], *drawn]


def _principal(points: FloatArray) -> FloatArray:
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ axes.T)


def _signed(points: FloatArray) -> FloatArray:
    """Make the farthest point of each axis positive: eigenvectors have no sign of their own."""
    centred = points - points.mean(axis=0)
    # The first among those within rounding of the farthest, so that processors agree.
    farthest = np.abs(centred) >= np.abs(centred).max(axis=0) * (1.0 - 1e-6)
    signs = np.sign(centred[farthest.argmax(axis=0), np.arange(centred.shape[1])])
    return np.asarray(centred * np.where(signs == 0, 1.0, signs))


def _is_connected(known: BoolArray) -> bool:
    reached = np.zeros(len(known), dtype=np.bool_)
    reached[0] = True
    for _ in range(len(known)):
        wider = reached | known[reached].any(axis=0)
        if (wider == reached).all():
            break
        reached = wider
    return bool(reached.all())
