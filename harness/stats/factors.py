"""Variance components with any number of factors: model, rulebook, wording, language.

Everything happens inside a case, on thermometer columns, as in `harness.stats.shift`, whose two-factor
components are the special case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray

Axes = tuple[int, ...]
"""Which factors act together: (0,) the first one, (0, 1) the first two reacting to each other."""


@dataclass(frozen=True)
class Cells:
    """Cell means of one case, and what is known about their noise."""

    means: FloatArray
    """(levels of factor 0, levels of factor 1, …, 2 * n_pairs)."""
    error: float
    """Variance that noise alone leaves in a cell mean."""
    noise: float
    """The same cell asked again."""
    order: float | None = None
    """The part of the noise that the order of presentation makes; None where it cannot be separated."""

    @property
    def n_levels(self) -> tuple[int, ...]:
        """Levels of each factor."""
        return self.means.shape[:-1]


@dataclass(frozen=True)
class FactorComponents:
    """Variance components of one case, in pair-points; estimates may be slightly negative."""

    n_pairs: int
    effects: Mapping[Axes, float]
    """Factors with one level are left out."""
    noise: float
    order: float | None

    @property
    def total(self) -> float:
        """Sum of all components."""
        return self.noise + sum(self.effects.values())


@dataclass(frozen=True)
class FactorShares:
    """How the differences between two judgements of a case divide, over all cases; they add up to 1."""

    effects: Mapping[Axes, float]
    noise: float
    order: float | None
    """Part of `noise`, not a further share."""
    total_per_pair: float


def independent_cells(cells: Mapping[Axes, ArrayLike]) -> Cells:
    """Take the means of cells whose runs are independent of each other; numbers of runs may differ.

    Parameters
    ----------
    cells : mapping of (level of factor 0, level of factor 1, …) to array_like of shape (n_runs, 2 * n_pairs)
        Thermometers of one case; every combination of levels, each with two runs or more.

    Returns
    -------
    Cells

    Raises
    ------
    UndefinedStatisticError
        Undefined when a cell is empty or holds one run (its noise is unknown), or a grade is missing.

    Notes
    -----
    ``error = mean of v / n``, with v the unbiased variance inside a cell and n its runs (methods.md §4.1).
    """
    n_levels = tuple(1 + max(levels) for levels in zip(*cells, strict=True))
    if not cells or set(cells) != set(product(*map(range, n_levels))):
        raise ValueError("every combination of levels needs one cell")
    runs = [np.asarray(cells[place], dtype=np.float64) for place in sorted(cells)]
    if min(map(len, runs)) < 2:
        raise UndefinedStatisticError("a cell was asked fewer than two times: its noise is unknown")
    if any(np.isnan(cell).any() for cell in runs):
        raise UndefinedStatisticError("components need complete rankings; a grade is missing")
    within = np.array([cell.var(axis=0, ddof=1).sum() for cell in runs])
    n_runs = np.array([len(cell) for cell in runs])
    means = np.array([cell.mean(axis=0) for cell in runs]).reshape(*n_levels, -1)
    return Cells(means, float((within / n_runs).mean()), float(within.mean()))


def square_cells(judgements: ArrayLike) -> Cells:
    """Take the means of cells that were asked in complete presentation squares.

    Parameters
    ----------
    judgements : array_like of shape (n_models, levels of factor 1, …, n_presentations, 2 * n_pairs)
        Thermometers of one case. Position p on the last but one axis must be the same presentation in every
        cell of a judge, and together they must be a whole Williams square; judges may use different squares.

    Returns
    -------
    Cells
        `noise` = `order` + residual. Where each judge has one cell only, `order` cannot be separated and runs
        count as independent.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two presentations, or when a grade is missing.

    Notes
    -----
    Within each judge all cells × presentations are a two-way table; ``error = ms_res / n`` with its residual
    (methods.md §4.1b), because a slot effect cancels out of the means of whole squares.
    """
    table = np.asarray(judgements, dtype=np.float64)
    if table.ndim < 4:
        raise ValueError(f"expected (models, levels, …, presentations, columns), got shape {table.shape}")
    n_presentations = table.shape[-2]
    if n_presentations < 2:
        raise UndefinedStatisticError("a cell was asked fewer than two times: its noise is unknown")
    if np.isnan(table).any():
        raise UndefinedStatisticError("components need complete rankings; a grade is missing")
    by_cell = table.reshape(table.shape[0], -1, *table.shape[-2:])
    within = float(by_cell.var(axis=2, ddof=1).sum(axis=-1).mean())
    means = table.mean(axis=-2)
    n_cells = by_cell.shape[1]
    if n_cells < 2:
        return Cells(means, within / n_presentations, within)
    rest = by_cell - by_cell.mean(axis=2, keepdims=True) - by_cell.mean(axis=1, keepdims=True)
    rest = rest + by_cell.mean(axis=(1, 2), keepdims=True)
    residual = float(((rest**2).sum(axis=(1, 2, 3)) / ((n_cells - 1) * (n_presentations - 1))).mean())
    order = max(0.0, within - residual)
    return Cells(means, residual / n_presentations, order + residual, order)


def crossed_components(cells: Cells) -> FactorComponents:
    """Split the differences between judgements of one case into factors and all their reactions.

    Notes
    -----
    For a set X of factors: average over all others, take the inclusion-exclusion contrast over X, and from
    its mean square the part that noise alone would make (methods.md §4.1)::

        V_X = mean |contrast_X|² - prod_{f in X} (L_f - 1) / prod_f L_f * error

    Unbiased for any number of factors and unequal runs: the contrast is an orthogonal projection whose
    diagonal is the same for every cell.

    Examples
    --------
    >>> two = {(0,): [[1.0, 1.0], [1.0, 1.0]], (1,): [[0.0, 0.0], [1.0, 0.0]]}
    >>> crossed_components(independent_cells(two)).effects
    {(0,): 0.25}
    """
    n_levels = cells.n_levels
    factors = [factor for factor, n in enumerate(n_levels) if n > 1]
    effects = {}
    for size in range(1, len(factors) + 1):
        for axes in combinations(factors, size):
            made_by_noise = prod(n_levels[axis] - 1 for axis in axes) / prod(n_levels) * cells.error
            effects[axes] = _mean_square(_contrast(cells.means, axes)) - made_by_noise
    return FactorComponents(cells.means.shape[-1] // 2, effects, cells.noise, cells.order)


def nested_components(cells: Cells) -> FactorComponents:
    """Split the differences where the third factor is nested in the second: two wordings of each rulebook.

    Parameters
    ----------
    cells : Cells
        Three factors: model, rulebook, wording. Wording w of one rulebook has nothing to do with wording w of
        another; they are a sample of the ways in which it could have been written.

    Returns
    -------
    FactorComponents
        Effects (0,) model, (1,) rulebook, (0, 1) reaction, (2,) wording. The first three are what remains
        when the wordings were others; a change that any new wording makes is no effect of the rules.

    Raises
    ------
    UndefinedStatisticError
        Undefined with one wording: rule and wording cannot be told apart.

    Notes
    -----
    Nested analysis of variance (methods.md §4.4): means over wordings carry the wordings' own variance, which
    is taken from the differences between wordings of one rulebook, common to the models (``s``) or not
    (``t``)::

        s = mean_r sum_w |y_.rw - y_.r.|² / (W-1)
        t = sum |y_mrw - y_mr. - y_.rw + y_.r.|² / ((M-1) R (W-1))
        V_M  = mean_m |y_m.. - y...|² - (M-1)/M t / (R W)
        V_R  = mean_r |y_.r. - y...|² - (R-1)/R s / W
        V_MR = mean_mr |y_mr. - y_m.. - y_.r. + y...|² - (M-1)(R-1)/(M R) t / W
        V_W  = s + (M-1)/M t - error
    """
    n_models, n_rulebooks, n_wordings = cells.n_levels
    if n_wordings < 2:
        raise UndefinedStatisticError("one wording only: rule and wording cannot be told apart")
    means = cells.means
    per_rulebook = means.mean(axis=2)
    moved = means - per_rulebook[:, :, None]
    common = moved.mean(axis=0)
    # Mean squares times W / (W - 1): unbiased sums over the wordings.
    spread = n_wordings / (n_wordings - 1)
    shared = _mean_square(common) * spread
    own = _mean_square(moved - common) * spread * n_models / (n_models - 1) if n_models > 1 else 0.0
    found: dict[Axes, float] = {}
    if n_models > 1:
        found[0,] = _mean_square(_contrast(per_rulebook, (0,)))
        found[0,] -= (n_models - 1) / n_models * own / (n_rulebooks * n_wordings)
    if n_rulebooks > 1:
        found[1,] = _mean_square(_contrast(per_rulebook, (1,)))
        found[1,] -= (n_rulebooks - 1) / n_rulebooks * shared / n_wordings
    if n_models > 1 and n_rulebooks > 1:
        found[0, 1] = _mean_square(_contrast(per_rulebook, (0, 1)))
        found[0, 1] -= (n_models - 1) * (n_rulebooks - 1) / (n_models * n_rulebooks) * own / n_wordings
    found[2,] = shared + (n_models - 1) / n_models * own - cells.error
    return FactorComponents(means.shape[-1] // 2, found, cells.noise, cells.order)


def factor_shares(cases: Sequence[FactorComponents]) -> FactorShares:
    """Say how much of the difference between two judgements each factor makes, over all cases.

    Raises
    ------
    UndefinedStatisticError
        Undefined without a case, and when no two judgements differ: there is nothing to divide.

    Notes
    -----
    ``share_X = sum_c V_X,c / P_c  /  sum_c total_c / P_c``. A share may be slightly negative.
    """
    if not cases:
        raise UndefinedStatisticError("there is no case with complete cells")
    if any(case.effects.keys() != cases[0].effects.keys() for case in cases):
        raise ValueError("cases with different factors cannot be added")
    total = sum(case.total / case.n_pairs for case in cases)
    if total <= 0:
        raise UndefinedStatisticError("no two judgements of a case differ: there is nothing to divide")
    orders = [case.order / case.n_pairs for case in cases if case.order is not None]
    return FactorShares(
        effects={
            axes: sum(case.effects[axes] / case.n_pairs for case in cases) / total
            for axes in cases[0].effects
        },
        noise=sum(case.noise / case.n_pairs for case in cases) / total,
        order=sum(orders) / total if len(orders) == len(cases) else None,
        total_per_pair=total / len(cases),
    )


def _contrast(means: FloatArray, axes: Axes) -> FloatArray:
    """What the factors on these axes do together beyond what fewer of them do, averaged over the others."""
    others = tuple(axis for axis in range(means.ndim - 1) if axis not in axes)
    contrast: FloatArray = means.mean(axis=others, keepdims=True)
    for axis in axes:
        contrast = contrast - contrast.mean(axis=axis, keepdims=True)
    return contrast


def _mean_square(deviations: FloatArray) -> float:
    """Mean squared length of the vectors on the last axis."""
    return float((deviations**2).sum(axis=-1).mean())
