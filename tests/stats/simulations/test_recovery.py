"""Known effects come out of the components; what is not there does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.stats import factors, pairs, shift
from harness.stats.arrays import FloatArray

if TYPE_CHECKING:
    from tests.stats.simulations.conftest import Simulation

pytestmark = pytest.mark.slow

N_LARGE = 400
"""Runs per cell from which the truth of one world is taken: what is left of noise is divided by it."""


def within(found: FloatArray, truth: FloatArray | float, errors: float = 4.0) -> bool:
    """Whether the mean over simulations lies within so many of its standard errors of the truth."""
    spread = found.std(axis=0, ddof=1) / len(found) ** 0.5
    return bool((np.abs(found.mean(axis=0) - truth) <= errors * spread + 1e-12).all())


def parts(case: shift.Components) -> list[float]:
    """Model, rulebook, reaction, noise of one case."""
    known = (case.between_models, case.between_rulebooks, case.reaction)
    return [*(part for part in known if part is not None), case.noise]


def true_components(columns: FloatArray) -> FloatArray:
    """(…, model, rulebook, run, column), very many runs -> (…, 4): components of the cell probabilities."""
    n_models, n_rulebooks, n_runs = columns.shape[-4:-1]
    means = columns.mean(axis=-2)
    noise = (columns.var(axis=-2, ddof=1)).sum(axis=-1).mean(axis=(-1, -2))
    grand = means.mean(axis=(-3, -2), keepdims=True)
    by_model, by_rulebook = means.mean(axis=-2, keepdims=True), means.mean(axis=-3, keepdims=True)
    deviations = (by_model - grand, by_rulebook - grand, means - by_model - by_rulebook + grand)
    freedom = (n_models - 1, n_rulebooks - 1, (n_models - 1) * (n_rulebooks - 1))
    left = noise / n_runs / (n_models * n_rulebooks)
    effects = [
        (one**2).sum(axis=-1).mean(axis=(-1, -2)) - df * left
        for one, df in zip(deviations, freedom, strict=True)
    ]
    return np.stack([*effects, noise], axis=-1)


@pytest.mark.parametrize("n_runs", [2, 3])
def test_components_recover_the_truth(simulation: Simulation, n_runs: int) -> None:
    """On average, components and shares of 400 grids of six cases are those of the true probabilities.

    The world is near that of methods.md §4.2 (.134, .048, .017, .801); so are the errors of single grids.
    """
    rng = np.random.default_rng(61)
    world = simulation.world(n_runs=n_runs, judge=0.85, rulebook=0.5, reaction=0.35)
    utilities = world.utilities(rng, 400)
    large = simulation.world(n_runs=N_LARGE, judge=0.85, rulebook=0.5, reaction=0.35)
    truth = np.array(
        [true_components(pairs.thermometer(large.asked(rng, one[None])[0, :, :, :, 0])) for one in utilities]
    )
    columns = pairs.thermometer(world.asked(rng, utilities)[:, :, :, :, 0])
    found = np.array([[parts(shift.components(list(case))) for case in one] for one in columns])
    assert within((found - truth).mean(axis=1), 0.0)
    shares = found.sum(axis=1) / found.sum(axis=(1, 2))[:, None]
    true_shares = truth.sum(axis=1) / truth.sum(axis=(1, 2))[:, None]
    assert true_shares.mean(axis=0) == pytest.approx([0.134, 0.048, 0.017, 0.801], abs=0.03)
    assert shares.mean(axis=0) == pytest.approx(true_shares.mean(axis=0), abs=0.006)
    rmse = np.sqrt(((shares - true_shares) ** 2).mean(axis=0))
    stated = {2: [0.029, 0.022, 0.029, 0.053], 3: [0.022, 0.016, 0.018, 0.031]}[n_runs]
    assert (rmse < 1.6 * np.array(stated)).all()


def test_naive_shares_find_what_is_not_there(simulation: Simulation) -> None:
    """With no effect at all and n = 2, plain R² says 13 %, 9 %, 26 %; corrected it is 0 (methods.md §4.2)."""
    rng = np.random.default_rng(62)
    columns = simulation.world(n_runs=2).columns(rng, 400)
    found = np.array([[parts(shift.components(list(case))) for case in one] for one in columns])
    corrected = found.sum(axis=1) / found.sum(axis=(1, 2))[:, None]
    assert corrected.mean(axis=0)[:3] == pytest.approx([0, 0, 0], abs=0.004)
    means = columns.mean(axis=4)
    grand = means.mean(axis=(2, 3), keepdims=True)
    by_model, by_rulebook = means.mean(axis=3, keepdims=True), means.mean(axis=2, keepdims=True)
    squares = [
        np.broadcast_to(one**2, means.shape).sum(axis=(1, 2, 3, 4))
        for one in (by_model - grand, by_rulebook - grand, means - by_model - by_rulebook + grand)
    ]
    total = ((columns - grand[:, :, :, :, None]) ** 2).sum(axis=(1, 2, 3, 4, 5)) / 2
    naive = [float((one / total).mean()) for one in squares]
    assert naive == pytest.approx([0.13, 0.09, 0.26], abs=0.006)


SLOT_HABITS = [
    {"slots": (4.0, 2.0, -2.0, -4.0), "content": 0.0},
    {"slots": (1.5, 0.5, -0.5, -1.5), "content": 0.0},
    {"slots": (0.8, 0.3, -0.3, -0.8), "content": 1.0},
]


@pytest.mark.parametrize("habit", SLOT_HABITS, ids=["slot-only", "mostly slots", "slots and content"])
def test_slot_minded_judges_are_all_noise(simulation: Simulation, habit: dict[str, Any]) -> None:
    """In whole squares, judges that look at slots have model, rule and reaction 0 and noise 100 % (§4.1b)."""
    rng = np.random.default_rng(63)
    columns = simulation.world(n_judges=3, n_rulebooks=7, n_runs=4, **habit).columns(rng, 300)
    cases = [[shift.components_square(case) for case in one] for one in columns]
    found = np.array([[parts(case) for case in one] for one in cases])
    shares = found.sum(axis=1) / found.sum(axis=(1, 2))[:, None]
    assert shares.mean(axis=0) == pytest.approx([0, 0, 0, 1], abs=0.003)
    assert within(shares, np.array([0.0, 0, 0, 1]))
    order = np.array([[case.order for case in one] for one in cases], dtype=float)
    assert order.sum() / found.sum() > 0.05
    plain = np.array([[parts(shift.components(list(case))) for case in one] for one in columns[:50]])
    plain_shares = plain.sum(axis=1) / plain.sum(axis=(1, 2))[:, None]
    assert plain_shares.mean(axis=0)[3] > 1.01


def test_a_content_judge_beside_slot_judges_is_model_only(simulation: Simulation) -> None:
    """One judge that means something beside two that look at slots: model, no rule, no reaction (§4.1b)."""
    rng = np.random.default_rng(64)
    slots = simulation.world(n_judges=2, n_rulebooks=7, n_runs=4, **SLOT_HABITS[0])
    content = simulation.world(n_judges=1, n_rulebooks=7, n_runs=4, content=1.5)
    columns = np.concatenate([slots.columns(rng, 300), content.columns(rng, 300)], axis=2)
    found = np.array([[parts(shift.components_square(case)) for case in one] for one in columns])
    shares = found.sum(axis=1) / found.sum(axis=(1, 2))[:, None]
    assert 0.05 < shares.mean(axis=0)[0] < 0.3
    assert shares.mean(axis=0)[1:3] == pytest.approx([0, 0], abs=0.003)


def test_three_factors_with_two_to_six_runs_are_unbiased() -> None:
    """With three factors and 2 to 6 unequal runs, mean components are those of the known probabilities."""
    rng = np.random.default_rng(65)
    chance = rng.random((2, 3, 2, 12))
    n_runs = rng.integers(2, 7, (2, 3, 2))
    truth = factors.crossed_components(factors.Cells(chance, 0.0, 0.0)).effects
    found = []
    for _ in range(3000):
        cells = {
            place: (rng.random((n_runs[place], 12)) < chance[place]) * 1.0 for place in np.ndindex(2, 3, 2)
        }
        one = factors.crossed_components(factors.independent_cells(cells))
        found.append([*one.effects.values(), one.noise])
    noise = (chance * (1 - chance)).sum(axis=-1).mean()
    assert within(np.array(found), np.array([*truth.values(), noise]))


@pytest.mark.parametrize("n_judges", [1, 4])
def test_jitter_of_wordings_is_paraphrase_and_nothing_else(simulation: Simulation, n_judges: int) -> None:
    """Where any new text moves judges at random, the nested part holds all of it, others are 0 (§4.4b)."""
    rng = np.random.default_rng(66)
    settings: dict[str, Any] = {"n_judges": n_judges, "n_wordings": 2, "jitter": 0.6}
    world = simulation.world(n_runs=4, **settings)
    utilities = world.utilities(rng, 300)
    columns = pairs.thermometer(world.asked(rng, utilities))
    found = np.array([[nested(case) for case in one] for one in columns]).mean(axis=1)
    *others, wording, noise = found.T
    for other in others:
        assert within(other, 0.0)
    large = simulation.world(n_runs=N_LARGE, **settings)
    means = np.array(
        [pairs.thermometer(large.asked(rng, one[None])).mean(axis=-2)[0] for one in utilities[:100]]
    )
    true_wording = means.var(axis=4, ddof=1).sum(axis=-1).mean() - noise.mean() / N_LARGE
    assert wording.mean() == pytest.approx(true_wording, rel=0.1)
    assert wording.mean() > 0.2


def nested(case: FloatArray) -> list[float]:
    """Effects of one case of shape (judge, rulebook, wording, run, column), then the noise."""
    cells = {place: case[place] for place in np.ndindex(*case.shape[:3])}
    found = factors.nested_components(factors.independent_cells(cells))
    return [*found.effects.values(), found.noise]


def test_a_wording_that_moves_all_judges_alike_is_no_rule_either(simulation: Simulation) -> None:
    """The nested parts stay right where judges are moved by a wording together instead of each alone."""
    rng = np.random.default_rng(67)
    world = simulation.world(n_judges=3, n_runs=4, n_wordings=2)
    utilities = world.utilities(rng, 400)
    utilities = utilities + 0.6 * rng.normal(size=(400, 6, 1, 3, 2, 1, 4))
    columns = pairs.thermometer(world.asked(rng, utilities))
    found = np.array([[nested(case) for case in one] for one in columns]).mean(axis=1)
    assert within(found[:, :3], np.zeros(3))
    assert found[:, 3].mean() > 0.2
