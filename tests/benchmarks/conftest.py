"""Benchmarks run with `make bench` only; each compares two things in one run and prints the ratio."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_lines: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the benchmarks out of ordinary test runs."""
    if config.getoption("benchmark_enable"):
        return
    reason = pytest.mark.skip(reason="a benchmark: `make bench` runs it")
    for item in items:
        if item.path.parent.name == "benchmarks":
            item.add_marker(reason)


Measure = Callable[[Callable[[], float]], float]


@pytest.fixture
def measured(benchmark: BenchmarkFixture) -> Measure:
    """Runs a function that returns seconds, once, in the benchmark's table; gives those seconds back."""

    def measure(function: Callable[[], float]) -> float:
        seconds: float = benchmark.pedantic(function, rounds=1)  # type: ignore[no-untyped-call]
        return seconds

    return measure


@pytest.fixture
def say() -> Callable[[str], None]:
    """Keep a line for the summary at the end."""
    return _lines.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    if _lines:
        terminalreporter.section("measured here, ratios in one run")
        for line in _lines:
            terminalreporter.write_line(line)
