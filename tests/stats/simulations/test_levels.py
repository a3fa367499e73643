"""How often each test rejects where there is nothing to find, and how often where there is something.

1,000 simulated worlds with 199 shuffles each; the share of rejections has a standard error of .007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.stats import design, intervals, pairs, permutation
from harness.stats.group import mean_cross_tau

if TYPE_CHECKING:
    from tests.stats.simulations.conftest import Simulation, World

pytestmark = pytest.mark.slow

NOTHING: dict[str, Any] = {}
SLOTS = {"n_judges": 3, "n_runs": 4, "slots": (1.5, 0.5, -0.5, -1.5)}
SLOT_ONLY = {**SLOTS, "content": 0.0, "slots": (4.0, 2.0, -2.0, -4.0)}


def keeps_its_level(rate: float, least: float = 0.03) -> bool:
    """Whether 5 % are rejected, as far as 1,000 simulations tell."""
    return least <= rate <= 0.07


@pytest.mark.parametrize("world", [NOTHING, {"rulebook": 0.8}, {"n_runs": 2}], ids=["nothing", "rule", "n2"])
def test_model_test_keeps_its_level(simulation: Simulation, world: dict[str, Any]) -> None:
    """Judges that are alike are told apart 5 % of the time, whatever the rules do (methods.md §4.2)."""
    rng = np.random.default_rng(41)
    tables = simulation.world(**world).columns(rng, simulation.n_simulations)
    found = [permutation.model_test(list(one), rng, simulation.n_shuffles).p_value for one in tables]
    assert keeps_its_level(simulation.rejected(found))


@pytest.mark.parametrize("world", [NOTHING, {"judge": 0.8}, {"n_runs": 2}], ids=["nothing", "model", "n2"])
def test_rulebook_test_keeps_its_level(simulation: Simulation, world: dict[str, Any]) -> None:
    """Rules that change nothing are found 5 % of the time, however much judges differ."""
    rng = np.random.default_rng(42)
    tables = simulation.world(**world).columns(rng, simulation.n_simulations)
    found = [
        permutation.rulebook_test(list(one), rng, simulation.n_shuffles, same_presentations=False).p_value
        for one in tables
    ]
    assert keeps_its_level(simulation.rejected(found))


@pytest.mark.parametrize("world", [SLOTS, SLOT_ONLY], ids=["slots", "slot-only"])
def test_tests_within_presentations_keep_their_level(simulation: Simulation, world: dict[str, Any]) -> None:
    """Where judges look at slots, and even at nothing else, shuffling within presentations rejects 5 %."""
    rng = np.random.default_rng(43)
    tables = simulation.world(**world).columns(rng, simulation.n_simulations)
    for test in (permutation.rulebook_test, permutation.model_test):
        found = [
            test(list(one), rng, simulation.n_shuffles, same_presentations=True).p_value for one in tables
        ]
        assert keeps_its_level(simulation.rejected(found))


def test_shuffling_across_presentations_never_rejects_where_slots_count(simulation: Simulation) -> None:
    """Why the tests stay within presentations: across them, squares of slot-minded judges reject nothing."""
    rng = np.random.default_rng(44)
    tables = simulation.world(**SLOTS).columns(rng, 200)
    for test in (permutation.rulebook_test, permutation.model_test):
        found = [
            test(list(one), rng, simulation.n_shuffles, same_presentations=False).p_value for one in tables
        ]
        assert simulation.rejected(found) < 0.01


def test_effects_are_found(simulation: Simulation) -> None:
    """Small effects of both factors (.2) are found about .40 and .44 of the time, large ones always."""
    rng = np.random.default_rng(45)
    for size, least, most in ((0.2, 0.3, 0.55), (0.8, 0.99, 1.0)):
        tables = simulation.world(judge=size, rulebook=size).columns(rng, 300)
        models = [permutation.model_test(list(one), rng, simulation.n_shuffles).p_value for one in tables]
        rules = [
            permutation.rulebook_test(list(one), rng, simulation.n_shuffles, same_presentations=False).p_value
            for one in tables
        ]
        assert least <= simulation.rejected(models) <= most
        assert least <= simulation.rejected(rules) <= most


def slot_p_values(simulation: Simulation, n_simulations: int, world: World) -> list[float]:
    """p-values of the slot test, all judges of a world as further runs of one judge."""
    rng = np.random.default_rng(46)
    grades = world.grades(rng, n_simulations)[:, :, :, 0]
    orders = np.tile(simulation.square, (world.n_judges, 1))
    return [
        design.slot_effect_test(
            [(case.reshape(-1, 4), orders) for case in one], rng, simulation.n_shuffles
        ).p_value
        for one in grades
    ]


@pytest.mark.parametrize("n_squares", [1, 3])
def test_slot_test_keeps_its_level(simulation: Simulation, n_squares: int) -> None:
    """A judge that does not look at slots is said to 5 % of the time (methods.md §6: .04 to .065)."""
    world = simulation.world(n_judges=n_squares, n_rulebooks=1, n_runs=4)
    found = slot_p_values(simulation, simulation.n_simulations, world)
    assert keeps_its_level(simulation.rejected(found))


def test_slot_test_finds_a_favoured_slot(simulation: Simulation) -> None:
    """More bonus, more runs and more cases each make the favoured slot easier to find (methods.md §6)."""

    def power(bonus: float, n_squares: int = 1, n_cases: int = 6) -> float:
        world = simulation.world(
            n_judges=n_squares, n_rulebooks=1, n_runs=4, n_cases=n_cases, slots=(bonus, 0, 0, 0)
        )
        return simulation.rejected(slot_p_values(simulation, 300, world))

    small, large = power(0.3), power(0.6)
    assert small < large < power(0.6, n_squares=3)
    assert large < power(0.6, n_cases=24)
    assert power(0.6, n_cases=24) > 0.8


@pytest.mark.parametrize("jitter", [0.0, 0.6])
def test_sign_flip_test_keeps_its_level(simulation: Simulation, jitter: float) -> None:
    """With six cases only 2 of 64 flips can reach .05, so at most .031 is rejected, jitter or not (§4.4)."""
    rng = np.random.default_rng(47)
    world = simulation.world(n_judges=1, n_rulebooks=2, n_runs=4, jitter=jitter)
    grades = world.grades(rng, simulation.n_simulations)[:, :, 0]
    target = np.array([[4.0, 3, 2, 1]])
    found = [
        intervals.sign_flip_test(
            [
                mean_cross_tau(with_rule, target) - mean_cross_tau(without, target)
                for with_rule, without in one
            ]
        )
        for one in grades
    ]
    assert 0.015 <= simulation.rejected(found) <= 0.045


@pytest.mark.parametrize("world", [{}, {"slots": (1.5, 0.5, -0.5, -1.5)}], ids=["content", "slots"])
def test_rule_effect_keeps_its_level(simulation: Simulation, world: dict[str, Any]) -> None:
    """One judge, with and without one rule that it ignores: found 5 % of the time, slots or not."""
    rng = np.random.default_rng(48)
    tables = simulation.world(n_judges=1, n_rulebooks=2, n_runs=4, **world).columns(
        rng, simulation.n_simulations
    )
    found = [permutation.rulebook_test(list(one), rng, simulation.n_shuffles).p_value for one in tables]
    assert keeps_its_level(simulation.rejected(found))


def test_holm_keeps_a_family_of_rules_at_its_level(simulation: Simulation) -> None:
    """Of five rules that do nothing, any is found at most 7 % of the time after Holm's correction."""
    rng = np.random.default_rng(49)
    tables = simulation.world(n_judges=1, n_rulebooks=6, n_runs=4).columns(rng, 1000)
    any_found = []
    for one in tables:
        p_values = [
            permutation.rulebook_test(list(one[:, :, [0, rule]]), rng, simulation.n_shuffles).p_value
            for rule in range(1, 6)
        ]
        any_found.append(float(permutation.holm(p_values).min()))
    assert simulation.rejected(any_found) <= 0.07


def test_whole_wordings_keep_their_level_where_any_new_text_moves_judges(simulation: Simulation) -> None:
    """Jitter of .6: the run-level test calls wording a rule, that of whole wordings does not (.032)."""
    rng = np.random.default_rng(50)
    jittery = simulation.world(n_runs=4, n_wordings=2, jitter=0.6)
    columns = pairs.thermometer(jittery.grades(rng, simulation.n_simulations))
    whole = [
        permutation.rulebook_test(
            list(one.mean(axis=4)), rng, simulation.n_shuffles, same_presentations=False
        ).p_value
        for one in columns
    ]
    assert keeps_its_level(simulation.rejected(whole), least=0.02)
    runs = [
        permutation.rulebook_test(
            list(one[:, :, :, 0]), rng, simulation.n_shuffles, same_presentations=False
        ).p_value
        for one in columns[:200]
    ]
    assert simulation.rejected(runs) > 0.3


def test_whole_wordings_still_find_a_rule(simulation: Simulation) -> None:
    """A rule with a direction is found through the jitter: more often the stronger it is (§4.4)."""
    rng = np.random.default_rng(51)
    power = []
    for direction in (0.3, 0.6, 1.0):
        world = simulation.world(n_runs=4, n_wordings=2, jitter=0.6, direction=direction)
        columns = pairs.thermometer(world.grades(rng, 200))
        found = [
            permutation.rulebook_test(
                list(one.mean(axis=4)), rng, simulation.n_shuffles, same_presentations=False
            ).p_value
            for one in columns
        ]
        power.append(simulation.rejected(found))
    assert power == sorted(power)
    assert power[1] > 0.6
    assert power[2] > 0.98


def test_factor_test_keeps_its_level(simulation: Simulation) -> None:
    """A second language that changes nothing is found 5 % of the time, within judge and rulebook."""
    rng = np.random.default_rng(52)
    world = simulation.world(n_judges=3, n_rulebooks=2, n_wordings=2, n_runs=4, rulebook=0.8, judge=0.8)
    columns = pairs.thermometer(world.grades(rng, simulation.n_simulations))
    found = [
        permutation.rulebook_test(
            list(one.reshape(one.shape[0], -1, *one.shape[3:])), rng, simulation.n_shuffles
        ).p_value
        for one in columns
    ]
    assert keeps_its_level(simulation.rejected(found))


def test_exact_test_keeps_its_level(simulation: Simulation) -> None:
    """Two groups of five from one judge differ at 5 % at most as often as ties and 252 splits allow."""
    rng = np.random.default_rng(53)
    grades = simulation.world(n_cases=1, n_judges=1, n_rulebooks=2).grades(rng, simulation.n_simulations)
    found = [permutation.two_group_exact_test(*one[0, 0]).p_value for one in grades]
    assert keeps_its_level(simulation.rejected(found))
