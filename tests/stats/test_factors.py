"""Components with further factors: crossed, nested, unbalanced."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats import design, factors, pairs, shift

SQUARE = design.williams_square(4)


def random_cells(rng: np.random.Generator, *n_levels: int) -> dict[tuple[int, ...], np.ndarray]:
    """Cells of 2 to 6 random rankings of three answers."""
    return {
        place: pairs.thermometer(rng.integers(1, 4, (rng.integers(2, 7), 3)).astype(float))
        for place in product(*map(range, n_levels))
    }


def test_we3_is_the_case_of_two_factors() -> None:
    """WE3's 23/32, 21/32, 15/32, 5/8 come out of the general formula, and so do its shares."""
    said: dict[tuple[int, ...], tuple[str, str]] = {
        (0, 0): ("4321", "4321"),
        (0, 1): ("4321", "3421"),
        (1, 0): ("4321", "4231"),
        (1, 1): ("1234", "2234"),
    }
    cells = {
        place: pairs.thermometer(np.array([[float(grade) for grade in one] for one in runs]))
        for place, runs in said.items()
    }
    found = factors.crossed_components(factors.independent_cells(cells))
    assert dict(found.effects) == {(0,): 23 / 32, (1,): 21 / 32, (0, 1): 15 / 32}
    assert found.noise == 5 / 8
    divided = factors.factor_shares([found])
    assert [*divided.effects.values(), divided.noise] == pytest.approx(
        [0.2911392, 0.2658228, 0.1898734, 0.2531646], abs=1e-7
    )


@given(st.integers(0, 2**32 - 1))
def test_two_factors_equal_the_headline_components(seed: int) -> None:
    """Independent unequal runs and whole squares give what the headline's own functions give."""
    rng = np.random.default_rng(seed)
    cells = random_cells(rng, 2, 3)
    found = factors.crossed_components(factors.independent_cells(cells))
    headline = shift.components([[cells[m, r] for r in range(3)] for m in range(2)])
    assert list(found.effects.values()) == pytest.approx(
        [headline.between_models, headline.between_rulebooks, headline.reaction]
    )
    assert found.noise == pytest.approx(headline.noise)
    table = pairs.thermometer(rng.integers(1, 5, (2, 3, 4, 4)).astype(float))
    square = factors.crossed_components(factors.square_cells(table))
    beside = shift.components_square(table)
    assert list(square.effects.values()) == pytest.approx(
        [beside.between_models, beside.between_rulebooks, beside.reaction]
    )
    assert (square.noise, square.order) == pytest.approx((beside.noise, beside.order))


def test_three_factors_by_inclusion_and_exclusion() -> None:
    """Contrasts are the signed sums over subsets of factors, written out."""
    rng = np.random.default_rng(3)
    means = rng.random((2, 3, 4, 6))
    found = factors.crossed_components(factors.Cells(means, error=0.0, noise=1.0))
    for axes in [(0,), (2,), (0, 1), (1, 2), (0, 1, 2)]:
        contrast = np.zeros_like(means)
        for size in range(len(axes) + 1):
            for subset in [one for one in product([0, 1], repeat=len(axes)) if sum(one) == size]:
                kept = [axis for axis, inside in zip(axes, subset, strict=True) if inside]
                away = tuple(axis for axis in range(3) if axis not in kept)
                contrast = contrast + (-1) ** (len(axes) - size) * means.mean(axis=away, keepdims=True)
        assert found.effects[axes] == pytest.approx((contrast**2).sum(axis=-1).mean())
    # Without noise, the variance of the cells is the sum of all effects.
    assert sum(found.effects.values()) == pytest.approx(means.var(axis=(0, 1, 2)).sum())


def test_what_noise_makes_by_hand() -> None:
    """Two levels, 2 and 3 runs: half of the mean of v / n is taken off."""
    # v of the cells 1/2 and 1/3 in one of two columns; error = (1/4 + 1/9) / 2 = 13/72
    cells: dict[tuple[int, ...], ArrayLike] = {
        (0,): np.array([[1.0, 1], [1, 0]]),
        (1,): np.array([[0.0, 0], [0, 1], [0, 0]]),
    }
    found = factors.crossed_components(factors.independent_cells(cells))
    naive = (1 / 2) ** 2 + ((1 / 2 - 1 / 3) / 2) ** 2
    assert found.effects[0,] == pytest.approx(naive - 1 / 2 * 13 / 72)
    assert found.noise == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_slot_only_judges_are_all_noise_with_any_factors() -> None:
    """Judges that look at slots only give 0 for every factor and reaction, whatever is crossed."""
    grades = np.empty((2, 4, 4))
    for judge, by_slot in enumerate(([4.0, 3, 2, 1], [1.0, 2, 3, 4])):
        np.put_along_axis(grades[judge], SQUARE, np.broadcast_to(by_slot, SQUARE.shape), axis=1)
    table = np.broadcast_to(pairs.thermometer(grades)[:, None, None], (2, 3, 2, 4, 12))
    for split in (factors.crossed_components, factors.nested_components):
        divided = factors.factor_shares([split(factors.square_cells(table))])
        assert list(divided.effects.values()) == pytest.approx([0] * len(divided.effects), abs=1e-12)
        assert (divided.noise, divided.order) == pytest.approx((1, 1))


def test_nested_sums_of_squares_by_loops() -> None:
    """The nested formulas equal those written out in loops over models, rulebooks and wordings."""
    rng = np.random.default_rng(5)
    n_models, n_rulebooks, n_wordings = 3, 2, 2
    y = rng.random((n_models, n_rulebooks, n_wordings, 4))
    error = 0.01
    found = factors.nested_components(factors.Cells(y, error, noise=1.0))
    s, t, w = 0.0, 0.0, 0.0
    for r, k in product(range(n_rulebooks), range(n_wordings)):
        away = y[:, r, k].mean(axis=0) - y[:, r].mean(axis=(0, 1))
        s += away @ away / (n_wordings - 1) / n_rulebooks
        for m in range(n_models):
            own = y[m, r, k] - y[m, r].mean(axis=0)
            w += own @ own / (n_wordings - 1) / (n_models * n_rulebooks)
            t += (own - away) @ (own - away) / ((n_models - 1) * n_rulebooks * (n_wordings - 1))
    assert found.effects[2,] == pytest.approx(w - error)
    by_model, by_rulebook = y.mean(axis=(1, 2)), y.mean(axis=(0, 2))
    grand = y.mean(axis=(0, 1, 2))
    assert found.effects[0,] == pytest.approx(
        ((by_model - grand) ** 2).sum() / n_models - 2 / 3 * t / (n_rulebooks * n_wordings)
    )
    assert found.effects[1,] == pytest.approx(
        ((by_rulebook - grand) ** 2).sum() / n_rulebooks - 1 / 2 * s / n_wordings
    )
    crossed = y.mean(axis=2) - by_model[:, None] - by_rulebook[None] + grand
    assert found.effects[0, 1] == pytest.approx(
        (crossed**2).sum() / (n_models * n_rulebooks) - 2 / 6 * t / n_wordings
    )


def test_factors_with_one_level_are_left_out() -> None:
    """One judge or one rulebook has no effect of its own, not 0."""
    rng = np.random.default_rng(6)
    one_judge = factors.Cells(rng.random((1, 3, 2, 4)), 0.1, 1.0)
    assert set(factors.crossed_components(one_judge).effects) == {(1,), (2,), (1, 2)}
    assert set(factors.nested_components(one_judge).effects) == {(1,), (2,)}
    one_rulebook = factors.Cells(rng.random((2, 1, 2, 4)), 0.1, 1.0)
    assert set(factors.nested_components(one_rulebook).effects) == {(0,), (2,)}
    alone = factors.square_cells(rng.integers(0, 2, (2, 1, 3, 4)).astype(float))
    assert alone.order is None


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: factors.independent_cells({(0,): [[1.0, 0]], (1,): [[1.0, 0]] * 2}), "noise is unknown"),
        (lambda: factors.independent_cells({(0,): [[np.nan, 0]] * 2}), "missing"),
        (lambda: factors.square_cells(np.zeros((2, 2, 1, 12))), "noise is unknown"),
        (lambda: factors.square_cells(np.full((2, 2, 2, 12), np.nan)), "missing"),
        (lambda: factors.nested_components(factors.Cells(np.zeros((2, 2, 1, 4)), 0, 0)), "one wording"),
        (lambda: factors.factor_shares([]), "no case"),
        (lambda: factors.factor_shares([factors.FactorComponents(3, {}, 0.0, None)]), "nothing to divide"),
    ],
)
def test_undefined_factors(compute: Callable[[], object], reason: str) -> None:
    """One run, missing grades, one wording, no case, no difference: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute()


def test_incomplete_designs_are_refused() -> None:
    """A missing cell, a table without cells, or cases with other factors cannot be used."""
    with pytest.raises(ValueError, match="every combination"):
        factors.independent_cells({(0, 0): [[1.0, 0]] * 2, (1, 1): [[1.0, 0]] * 2})
    with pytest.raises(ValueError, match="expected"):
        factors.square_cells(np.zeros((2, 3, 4)))
    one, other = (factors.FactorComponents(3, {axes: 1.0}, 1.0, None) for axes in ((0,), (1,)))
    with pytest.raises(ValueError, match="cannot be added"):
        factors.factor_shares([one, other])
