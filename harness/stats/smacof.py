"""Points fitted to distances some of which are unknown: metric scaling by majorisation (SMACOF)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from harness.stats.arrays import FloatArray

MAX_STEPS = 1_000
_TOLERANCE = 1e-9


def smacof(
    distances: FloatArray, weights: FloatArray, start: FloatArray, tolerance: float = 1e-9
) -> tuple[FloatArray, float]:
    """Move points until their distances fit the given ones no better: metric scaling by majorisation.

    Parameters
    ----------
    distances, weights : ndarray of shape (n_points, n_points)
        Symmetric, diagonal 0; weight 0 = distance unknown.
    start : ndarray of shape (n_points, n_axes)

    Returns
    -------
    points : ndarray of shape (n_points, n_axes)
    stress : float
        ``sum w (d - |x_i - x_j|)² / sum w d²``, 0 = a perfect fit; never more than at the start.

    Notes
    -----
    Guttman's transform ``X <- V⁺ B(X) X`` until the stress falls by less than `tolerance` (1,000 steps).
    """
    inverse = _laplacian_inverse(weights.tobytes(), len(weights))
    total = float((weights * distances**2).sum())
    points, stress = start, float("inf")
    for _ in range(MAX_STEPS):
        apart = _apart(points)
        last, stress = stress, float((weights * (distances - apart) ** 2).sum()) / total
        if last - stress < tolerance:
            break
        pull = -weights * np.divide(distances, apart, out=np.zeros_like(apart), where=apart > _TOLERANCE)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        points = inverse @ (pull @ points)
    return points, stress


@lru_cache(maxsize=4)
def _laplacian_inverse(weights: bytes, n_points: int) -> FloatArray:
    """V⁺; maps without a case and of relabelled answers know the same distances as the map."""
    table = np.frombuffer(weights, dtype=np.float64).reshape(n_points, n_points)
    return np.asarray(np.linalg.pinv(np.diag(table.sum(axis=1)) - table, hermitian=True))


def _apart(points: FloatArray) -> FloatArray:
    across, along = points[:, 0], points[:, 1]
    return np.asarray(np.hypot(across[:, None] - across[None], along[:, None] - along[None]))
