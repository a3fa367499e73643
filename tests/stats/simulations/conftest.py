"""Simulated worlds in which the truth is known: utilities with Gumbel noise, binned into grades with ties.

Every world is drawn for many simulations at once. Axes: simulation, case, judge, rulebook, …, run; the last
axis holds thermometer columns (or, for slots, grades).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from harness.stats import design, pairs
from harness.stats.arrays import FloatArray

N_SIMULATIONS = 1000
N_SHUFFLES = 199
ALPHA = 0.05
BINS = (-0.5, 0.7, 1.9)
"""Cuts between the grades 1 to 4: about one pair in three is tied."""
SQUARE = design.williams_square(4)
SHOWN_IN = np.argsort(SQUARE, axis=1)
"""[presentation, answer] -> slot."""


@dataclass(frozen=True)
class World:
    """A grid of judgements and what moves them; the numbers are standard deviations of utilities."""

    n_cases: int = 6
    n_judges: int = 4
    n_rulebooks: int = 3
    n_runs: int = 5
    content: float = 1.0
    judge: float = 0.0
    rulebook: float = 0.0
    reaction: float = 0.0
    slots: tuple[float, ...] = field(default=(0.0, 0.0, 0.0, 0.0))
    """Bonus of each slot; with any, run p shows the answers in presentation p of one square."""
    jitter: float = 0.0
    """Whatever is written anew moves each judge at random: one draw per judge, rulebook and wording."""
    n_wordings: int = 1
    n_answers: int = 4
    direction: float = 0.0
    """Bonus that rulebook 0 gives to answer 0 and takes from the last one."""

    def utilities(self, rng: np.random.Generator, n_simulations: int) -> FloatArray:
        """Utilities without noise: (simulation, case, judge, rulebook, wording, 1, answer)."""
        shape = (n_simulations, self.n_cases, self.n_judges, self.n_rulebooks, self.n_wordings, 1)

        def drawn(spread: float, *kept: int) -> FloatArray:
            sizes = [size if axis in kept else 1 for axis, size in enumerate(shape)]
            return spread * rng.normal(size=(*sizes, self.n_answers))

        utility = drawn(self.content, 0, 1) + drawn(self.judge, 0, 1, 2) + drawn(self.rulebook, 0, 1, 3)
        utility = utility + drawn(self.reaction, 0, 1, 2, 3) + drawn(self.jitter, 0, 1, 2, 3, 4)
        utility[:, :, :, 0, ..., 0] += self.direction
        utility[:, :, :, 0, ..., -1] -= self.direction
        return utility

    def asked(self, rng: np.random.Generator, utilities: FloatArray) -> FloatArray:
        """Grades with noise: (simulation, case, judge, rulebook, wording, run, answer)."""
        shape = (*utilities.shape[:5], self.n_runs, self.n_answers)
        utility = utilities + rng.gumbel(size=shape)
        if any(self.slots):
            utility = utility + np.array(self.slots)[SHOWN_IN][: self.n_runs]
        return np.digitize(utility, BINS).astype(np.float64)

    def grades(self, rng: np.random.Generator, n_simulations: int) -> FloatArray:
        """(simulation, case, judge, rulebook, run, answer); with several wordings one axis more."""
        found = self.asked(rng, self.utilities(rng, n_simulations))
        return found[:, :, :, :, 0] if self.n_wordings == 1 else found

    def columns(self, rng: np.random.Generator, n_simulations: int) -> FloatArray:
        """The same as thermometers: (simulation, case, judge, rulebook, run, columns)."""
        return pairs.thermometer(self.grades(rng, n_simulations))


@dataclass(frozen=True)
class Simulation:
    """What the simulation tests share."""

    n_simulations: int = N_SIMULATIONS
    n_shuffles: int = N_SHUFFLES
    square: np.ndarray = field(default_factory=lambda: SQUARE)

    def world(self, **settings: object) -> World:
        """A world with these settings."""
        return World(**settings)  # type: ignore[arg-type]

    def rejected(self, p_values: list[float]) -> float:
        """Share of tests that reject at 5 %."""
        return float(np.mean(np.array(p_values) <= ALPHA))


@pytest.fixture
def simulation() -> Simulation:
    """Give worlds, and how often they are drawn."""
    return Simulation()
