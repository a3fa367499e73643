"""Agreement of many pairs of rankings, beside a loop over scipy."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import kendalltau

from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray

Measure = Callable[[Callable[[], float]], float]

N_PAIRS = 100_000
N_LOOP = 3_000


def _seconds(left: FloatArray, right: FloatArray) -> float:
    started = time.perf_counter()
    tau_x(left, right)
    return time.perf_counter() - started


def test_tau_x_beside_a_scipy_loop(measured: Measure, say: Callable[[str], None]) -> None:
    """100,000 pairs of four-answer rankings at once, beside 3,000 calls of scipy.stats.kendalltau."""
    rng = np.random.default_rng(1)
    left = rng.integers(1, 5, size=(N_PAIRS, 4)).astype(float)
    right = rng.integers(1, 5, size=(N_PAIRS, 4)).astype(float)
    ours = measured(lambda: min(_seconds(left, right) for _ in range(20)))
    started = time.perf_counter()
    for one, other in zip(left[:N_LOOP], right[:N_LOOP], strict=True):
        kendalltau(one, other)
    loop = (time.perf_counter() - started) * N_PAIRS / N_LOOP
    say(f"tau_x of {N_PAIRS:,} pairs: {ours * 1e3:.1f} ms; scipy loop {loop:.1f} s ({loop / ours:,.0f} x)")
