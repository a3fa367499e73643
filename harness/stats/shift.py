"""What moved the judges: shares of model, rulebook, their reaction to each other, and noise.

Everything happens inside a case, on thermometer columns (`harness.stats.pairs.thermometer`), where squared
distance is Kemeny distance; only then are cases added. "Model" is the judge, "rulebook" the rules it was
given, "noise" what the same judge does under the same rules when asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray

CaseCells = Sequence[Sequence[ArrayLike]]
"""One case: cells[m][r] of shape (n_runs, 2 * n_pairs), the thermometers of judge m under rulebook r."""


@dataclass(frozen=True)
class Components:
    """Variance components of one case, in pair-points; estimates may be slightly negative."""

    n_pairs: int
    between_models: float | None
    """None with one judge: there is nothing to compare."""
    between_rulebooks: float | None
    """None with one rulebook."""
    reaction: float | None
    """Judges reacting differently to the rulebook; None with one judge or one rulebook."""
    noise: float
    """The same judge and rulebook, asked again: order and the rest."""
    order: float | None
    """The part of the noise that the order of presentation makes; None where it cannot be separated."""

    @property
    def total(self) -> float:
        """Sum of the components that are defined."""
        parts = (self.between_models, self.between_rulebooks, self.reaction)
        return self.noise + sum(part for part in parts if part is not None)


@dataclass(frozen=True)
class Shares:
    """How the differences between two judgements of a case divide, over all cases; they add up to 1."""

    between_models: float | None
    between_rulebooks: float | None
    reaction: float | None
    noise: float
    order: float | None
    """Part of `noise`, not a further share."""
    total_per_pair: float
    """Mean total variance per pair of answers, on the axis of `spread_per_pair`."""


def components(cells: CaseCells) -> Components:
    """Split the differences between judgements of one case, where every run is independent of the others.

    Parameters
    ----------
    cells : sequence of sequences of array_like of shape (n_runs, 2 * n_pairs)
        ``cells[m][r]``: thermometers of judge m under rulebook r. Numbers of runs may differ, each >= 2.

    Returns
    -------
    Components
        Unbiased; 0 = this factor changes nothing, lower values are chance.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a cell is empty or holds one run (its noise is unknown), or a grade is missing.

    Notes
    -----
    Variance of the averages minus the part that noise alone would make (methods.md §4.1)::

        V_noise = mean of v_mr,  e = mean of v_mr / n_mr
        V_M  = mean_m |mu_m. - mu..|² - (M-1)/(MR) e,  V_R likewise
        V_MR = mean_mr |mu_mr - mu_m. - mu_.r + mu..|² - (M-1)(R-1)/(MR) e

    Balanced, it is omega² of PERMANOVA on √Kemeny. Do not use it on complete presentation squares: there a
    slot effect cancels out of the cell means and `components_square` is right.

    References
    ----------
    M. J. Anderson, Austral Ecology 26 (2001) 32-46, doi:10.1111/j.1442-9993.2001.01070.pp.x.
    """
    rows = [[_as_runs(cell) for cell in row] for row in cells]
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("every judge needs one cell for every rulebook")
    means = np.array([[cell.mean(axis=0) for cell in row] for row in rows])
    within = np.array([[cell.var(axis=0, ddof=1).sum() for cell in row] for row in rows])
    n_runs = np.array([[len(cell) for cell in row] for row in rows])
    error, noise = np.array([(within / n_runs).mean()]), np.array([within.mean()])
    return _corrected(means[None], error, noise, order=None)[0]


def components_square(judgements: ArrayLike) -> Components:
    """Split the differences between judgements of one case, asked in complete presentation squares.

    Parameters
    ----------
    judgements : array_like of shape (n_models, n_rulebooks, n_presentations, 2 * n_pairs)
        Thermometers. Position p on the third axis must be the same presentation under every rulebook of a
        judge, and together they must be a whole Williams square; judges may use different squares.

    Returns
    -------
    Components
        `noise` = `order` + residual. With one rulebook `order` cannot be separated and §4.1 (`components`)
        is used.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two presentations, or when a grade is missing.

    Notes
    -----
    Within each judge, presentations × rulebooks is a two-way table; its residual, not the variance inside
    cells, is what the cell means still carry (methods.md §4.1b)::

        ms_res = sum |y_rp - y_r. - y_.p + y..|² / ((R-1)(n-1)), mean over judges;  e = ms_res / n
        order = max(0, mean v_mr - ms_res);  noise = order + ms_res

    With judges that only look at the slot, §4.1 would print negative shares and a noise above 100 %.
    """
    table = np.asarray(judgements, dtype=np.float64)
    if table.ndim != 4:
        raise ValueError(f"expected (models, rulebooks, presentations, columns), got shape {table.shape}")
    return components_squares(table[None])[0]


def components_squares(judgements: ArrayLike) -> list[Components]:
    """`components_square` of many cases at once.

    Parameters
    ----------
    judgements : array_like of shape (n_cases, n_models, n_rulebooks, n_presentations, 2 * n_pairs)

    Returns
    -------
    list of Components
        One for each case.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two presentations, or when a grade is missing.
    """
    table = np.asarray(judgements, dtype=np.float64)
    _, _, n_rulebooks, n_presentations, _ = table.shape
    if n_rulebooks < 2:
        return [components(list(case)) for case in table]
    _refuse_unknown_noise(table, n_presentations)
    means = table.mean(axis=3)
    by_presentation = table.mean(axis=2, keepdims=True)
    grand = means.mean(axis=2)[:, :, None, None]
    rest = table - means[:, :, :, None] - by_presentation + grand
    per_model = (rest**2).sum(axis=(2, 3, 4)) / ((n_rulebooks - 1) * (n_presentations - 1))
    residual = per_model.mean(axis=1)
    within = table.var(axis=3, ddof=1).sum(axis=-1).mean(axis=(1, 2))
    order = np.maximum(0.0, within - residual)
    return _corrected(means, residual / n_presentations, order + residual, order)


def rulebook_gaps(pairs: ArrayLike) -> FloatArray:
    """Value gap between two rulebooks, of many cases of one judge at once.

    Parameters
    ----------
    pairs : array_like of shape (n_cases, 2, n_presentations, 2 * n_pairs)
        Thermometers; position p is the same presentation under both rulebooks.

    Returns
    -------
    ndarray of shape (n_cases,)
        ``4 V_R / P`` of `components_square` with one judge and two rulebooks (methods.md §4.1b).

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two presentations, or when a grade is missing.
    """
    table = np.asarray(pairs, dtype=np.float64)
    if table.ndim != 4 or table.shape[1] != 2:
        raise ValueError(f"expected (cases, 2, presentations, columns), got shape {table.shape}")
    n_presentations, n_columns = table.shape[2:]
    _refuse_unknown_noise(table, n_presentations)
    means = table.mean(axis=2)
    grand = means.mean(axis=1)
    rest = table - means[:, :, None] - table.mean(axis=1, keepdims=True) + grand[:, None, None]
    residual = (rest**2).sum(axis=(1, 2, 3)) / (n_presentations - 1)
    between = ((means - grand[:, None]) ** 2).sum(axis=-1).mean(axis=-1) - residual / n_presentations / 2
    gaps: FloatArray = 4.0 * between / (n_columns // 2)
    return gaps


def shares(cases: Sequence[Components]) -> Shares:
    """Say how much of the difference between two judgements is model, rulebook, reaction and noise.

    Parameters
    ----------
    cases : sequence of Components
        One per case, all with the same judges and rulebooks; numbers of answers may differ.

    Returns
    -------
    Shares
        Fractions of 1. A share may be slightly negative (chance around 0) and is reported as it is.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case, and when no two judgements differ: there is nothing to divide.

    Notes
    -----
    ``share_X = sum_c V_X,c / P_c  /  sum_c total_c / P_c``.
    """
    if not cases:
        raise UndefinedStatisticError("there is no case with complete cells")
    total = sum(case.total / case.n_pairs for case in cases)
    if total <= 0:
        raise UndefinedStatisticError("no two judgements of a case differ: there is nothing to divide")
    return Shares(
        between_models=_share([(case.between_models, case.n_pairs) for case in cases], total),
        between_rulebooks=_share([(case.between_rulebooks, case.n_pairs) for case in cases], total),
        reaction=_share([(case.reaction, case.n_pairs) for case in cases], total),
        noise=sum(case.noise / case.n_pairs for case in cases) / total,
        order=_share([(case.order, case.n_pairs) for case in cases], total),
        total_per_pair=total / len(cases),
    )


def spread_per_pair(mean_tau: float) -> float:
    """Put a group's mean pairwise tau_x on the axis of the components: V / P = (1 - tau) / 2.

    Two people who agree as people do (tau_HH) differ by this much; 0 = no difference, 1 = all opposite.
    """
    return (1.0 - mean_tau) / 2.0


def _share(parts: Sequence[tuple[float | None, int]], total: float) -> float | None:
    known = [(part, n_pairs) for part, n_pairs in parts if part is not None]
    if not known:
        return None
    if len(known) < len(parts):
        raise ValueError("cases with different judges or rulebooks cannot be added")
    return sum(part / n_pairs for part, n_pairs in known) / total


def _corrected(
    means: FloatArray, error: FloatArray, noise: FloatArray, order: FloatArray | None
) -> list[Components]:
    """Take from each variance of averages the part that noise alone would make.

    `means` of shape (n_cases, M, R, columns); the others hold one number per case.
    """
    _, n_models, n_rulebooks, n_columns = means.shape
    grand = means.mean(axis=(1, 2))
    by_model, by_rulebook = means.mean(axis=2), means.mean(axis=1)
    crossed = means - by_model[:, :, None] - by_rulebook[:, None] + grand[:, None, None]
    unit = error / (n_models * n_rulebooks)
    v_model = _mean_square(by_model - grand[:, None]) - (n_models - 1) * unit
    v_rulebook = _mean_square(by_rulebook - grand[:, None]) - (n_rulebooks - 1) * unit
    v_reaction = _mean_square(crossed) - (n_models - 1) * (n_rulebooks - 1) * unit
    nothing = [None] * len(means)
    several = n_models > 1, n_rulebooks > 1
    columns = (
        v_model.tolist() if several[0] else nothing,
        v_rulebook.tolist() if several[1] else nothing,
        v_reaction.tolist() if all(several) else nothing,
        noise.tolist(),
        nothing if order is None else order.tolist(),
    )
    return [Components(n_columns // 2, *case) for case in zip(*columns, strict=True)]


def _mean_square(deviations: FloatArray) -> FloatArray:
    """Mean squared length of the vectors on the last axis, case by case."""
    lengths = (deviations**2).sum(axis=-1)
    return np.asarray(lengths.reshape(len(lengths), -1).mean(axis=1))


def _as_runs(cell: ArrayLike) -> FloatArray:
    runs = np.asarray(cell, dtype=np.float64)
    if runs.ndim != 2:
        raise ValueError(f"a cell has shape (n_runs, columns), got {runs.shape}")
    _refuse_unknown_noise(runs, len(runs))
    return runs


def _refuse_unknown_noise(runs: FloatArray, n_runs: int) -> None:
    if n_runs < 2:
        raise UndefinedStatisticError("a cell was asked fewer than two times: its noise is unknown")
    if np.isnan(runs).any():
        raise UndefinedStatisticError("components need complete rankings; a grade is missing")
