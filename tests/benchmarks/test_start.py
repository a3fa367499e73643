"""How long a user waits before anything happens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

Measure = Callable[[Callable[[], float]], float]

ROUNDS = 5


def _best(arguments: list[str]) -> float:
    """Seconds of the quickest of five runs, after one that warms the disk."""
    took = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        took.append(time.perf_counter() - started)
    return min(took[1:])


def test_help_beside_an_empty_python(measured: Measure, say: Callable[[str], None]) -> None:
    """`harness --help` beside `python -c pass`: the price of our imports."""
    empty = _best(["-c", "pass"])
    package = _best(["-c", "import harness"])
    help_page = measured(lambda: _best(["-m", "harness", "--help"]))
    say(
        f"start: python {empty:.3f} s; import harness {package:.3f} s; harness --help {help_page:.3f} s "
        f"({help_page / empty:.1f} x an empty python)"
    )
