"""A whole study at once: a million rankings, and ten thousand replicates of its cases."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.bootstrap import resampled_means
from harness.stats.group import mean_pairwise_tau
from harness.stats.summary import pair_sums, summarise

Measure = Callable[[Callable[[], float]], float]
Say = Callable[[str], None]

N_CASES, N_ANNOTATORS = 1000, 1000
N_LOOP = 3


def _study(n_answers: int, holes: float = 0.0) -> FloatArray:
    rng = np.random.default_rng(1)
    grades = rng.integers(1, min(n_answers, 5) + 1, (N_CASES, N_ANNOTATORS, n_answers)).astype(float)
    grades[rng.random(grades.shape) < holes] = np.nan
    return grades


def _seconds(function: Callable[[], object], rounds: int = 1) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        function()
        taken.append(time.perf_counter() - started)
    return min(taken)


def _all_pairs(case: FloatArray) -> float:
    first, second = np.triu_indices(len(case), 1)
    return float(tau_x(case[first], case[second]).mean())


@pytest.mark.parametrize("n_answers", [2, 4, 5, 6, 10])
def test_a_million_rankings(n_answers: int, measured: Measure, say: Say) -> None:
    """1,000 people on 1,000 cases: agreement, ties and split pairs, beside comparing each two people."""
    grades = _study(n_answers)
    ours = measured(lambda: _seconds(lambda: summarise(grades), 5))
    pairs = _seconds(lambda: [_all_pairs(case) for case in grades[:N_LOOP]]) * N_CASES / N_LOOP
    singly = _seconds(lambda: [mean_pairwise_tau(case) for case in grades])
    ratios = f"case by case {singly / ours:.0f} x, all 499.5 million pairs {pairs / ours:,.0f} x"
    say(f"summarise 1,000,000 rankings of {n_answers} answers: {ours * 1e3:.0f} ms; {ratios}")


def test_a_million_rankings_with_holes(measured: Measure, say: Say) -> None:
    """The same when one grade in ten is missing."""
    complete, holed = _study(4), _study(4, holes=0.1)
    ours = measured(lambda: _seconds(lambda: summarise(holed), 3))
    plain = _seconds(lambda: summarise(complete), 3)
    say(f"the same of 4 answers with 10 % of the grades missing: {ours * 1e3:.0f} ms ({ours / plain:.1f} x)")


def test_memory_beside_the_grades(measured: Measure, say: Say) -> None:
    """What summarising needs beside the grades, for a fifth of the study and for all of it."""
    grades, needed = _study(4), []
    ours = measured(lambda: _seconds(lambda: pair_sums(grades)))
    for n_cases in (N_CASES // 5, N_CASES):
        tracemalloc.start()
        pair_sums(grades[:n_cases])
        needed.append(
            f"{n_cases:,} cases {tracemalloc.get_traced_memory()[1] / grades[:n_cases].nbytes:.2f} x"
        )
        tracemalloc.stop()
    say(f"peak memory beside the grades themselves: {', '.join(needed)}; {ours * 1e3:.0f} ms")


def test_ten_thousand_replicates(measured: Measure, say: Say) -> None:
    """10,000 case-bootstrap replicates of six figures on 1,000 cases, beside drawing the cases themselves."""
    figures = np.random.default_rng(2).normal(size=(N_CASES, 6))
    rng = np.random.default_rng(3)
    ours = measured(lambda: _seconds(lambda: resampled_means(figures, rng, 10_000), 3))
    drawn = _seconds(lambda: [figures[rng.integers(0, N_CASES, N_CASES)].mean(axis=0) for _ in range(1000)])
    say(f"10,000 replicates of 1,000 cases, 6 figures: {ours:.2f} s; one by one {drawn * 10 / ours:.1f} x")
