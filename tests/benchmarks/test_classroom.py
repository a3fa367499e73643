"""A class at once: a server in a process of its own, its pupils in another, on loopback.

What is promised stands beside each figure. Times depend on the machine and are printed; memory does not, and
is held.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Measure = Callable[[Callable[[], float]], float]
Say = Callable[[str], None]

HERE = Path(__file__).parent
MOST_MB = 150.0


def _load(n_pupils: int) -> dict[str, float]:
    """What `class_load.py` prints: every grade was saved, and every pupil saw the reveal."""
    command = [sys.executable, str(HERE / "class_load.py"), str(n_pupils)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(told)
    assert isinstance(found, dict)
    return found


def _measured(n_pupils: int, measured: Measure) -> dict[str, float]:
    kept: dict[str, float] = {}

    def saved_s() -> float:
        kept.update(_load(n_pupils))
        return kept["saved_s"]

    measured(saved_s)
    return kept


def _reveal(took: dict[str, float]) -> str:
    heard, seen = took["reveal_s"], took["reveal_seen_s"]
    return f"a reveal reaches all in {heard:.2f} s and is seen by all in {seen:.2f} s (promised 2)"


def test_a_class_of_sixty(measured: Measure, say: Say) -> None:
    """Sixty pupils save six cases each at once: 95 of 100 answers within 150 ms are promised."""
    took = _measured(60, measured)
    saves = f"360 saves in {took['saved_s']:.2f} s, p95 {took['p95_s'] * 1000:.0f} ms (promised 150)"
    say(f"class of 60: {saves}; {_reveal(took)}; {took['memory_mb']:.0f} MB")


def test_a_school_of_five_hundred(measured: Measure, say: Say) -> None:
    """Five hundred pupils, six cases each, and as many streams: 3 s, p95 1 s and 150 MB are promised."""
    took = _measured(500, measured)
    saves = f"3,000 saves in {took['saved_s']:.2f} s (promised 3), p95 {took['p95_s']:.2f} s (promised 1)"
    say(f"class of 500: {saves}; {_reveal(took)}; {took['memory_mb']:.0f} MB (promised {MOST_MB:.0f})")
    assert took["memory_mb"] <= MOST_MB
