"""What a pilot teaches about cases, people, runs and the rest."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats.spread import PUBLISHED_WORLD, Spread, pooled_spread, spread_of


def test_spread_by_hand() -> None:
    """A table of two people and two runs, worked through, in cases that differ by a tenth."""
    # rows (0, .2) and (.4, 1): mean .4; people -.3, +.3; runs -.2, +.2; residual ±.1
    # MS_rest = 4 (.01) / 1 = .04; MS_people = 2 (.18) = .36; MS_runs = 2 (.08) = .16
    # person (.36 - .04)/2 = .16; run (.16 - .04)/2 = .06; rest .04
    # case means differ by steps of .5: variance of 0, .5 ... 2.5 = .875; minus .16/2 + .06/2 + .04/4 = .12
    table = np.array([[0.0, 0.2], [0.4, 1.0]])
    found = spread_of([table + 0.5 * step for step in range(6)])
    assert found == pytest.approx((0.755**0.5, 0.4, 0.06**0.5, 0.2))


def test_spread_of_a_simulated_pilot() -> None:
    """Known variances come back from many cases, whose sizes differ."""
    rng = np.random.default_rng(3)
    tables = []
    for number in range(1500):
        n_people, n_runs = 3 + number % 4, 2 + number % 3
        table = rng.normal(0, 0.21) + rng.normal(0, 0.29, (n_people, 1)) + rng.normal(0, 0.1, (1, n_runs))
        tables.append(table + rng.normal(0, 0.21, (n_people, n_runs)))
    assert spread_of(tables) == pytest.approx(PUBLISHED_WORLD, abs=0.015)


def test_a_person_with_a_hole_is_left_out() -> None:
    """A person whose agreement is undefined in one run does not enter this case."""
    table = np.array([[0.0, 0.2], [0.4, 1.0]])
    holed = np.vstack([table, [[0.9, np.nan]]])
    cases = [table + step for step in range(6)]
    assert spread_of([holed, *cases[1:]]) == spread_of(cases)


def test_a_negative_variance_is_none() -> None:
    """People who differ by less than the rest explains have a spread of 0."""
    table = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = spread_of([table] * 6)
    assert (found.case, found.person, found.run) == (0.0, 0.0, 0.0)
    assert found.rest > 0


def test_pooled_spread_averages_variances() -> None:
    """Two judges' standard deviations 0.3 and 0.4 pool to the root of their mean variance."""
    pooled = pooled_spread([Spread(0.3, 0, 0, 0), Spread(0.4, 0, 0, 0)])
    assert pooled.case == pytest.approx(0.125**0.5)


def test_too_small_a_pilot_is_undefined() -> None:
    """Five usable cases, or judges asked once, do not replace the published spread."""
    square = np.arange(4.0).reshape(2, 2)
    with pytest.raises(UndefinedStatisticError, match="needs six"):
        spread_of([square] * 5 + [np.zeros((5, 1))])
    with pytest.raises(UndefinedStatisticError):
        pooled_spread([])
