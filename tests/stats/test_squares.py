"""Williams squares without numpy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.errors import UndefinedStatisticError
from harness.stats import design
from harness.stats.squares import williams_orders


@pytest.mark.parametrize(
    ("n_answers", "orders"),
    [
        (2, "AB BA"),
        (3, "ABC BCA CAB CBA ACB BAC"),
        (4, "ABDC BCAD CDBA DACB"),
        (5, "ABECD BCADE CDBEA DECAB EADBC DCEBA EDACB AEBDC BACED CBDAE"),
    ],
)
def test_the_orders_by_hand(n_answers: int, orders: str) -> None:
    """Squares of two to five answers are those written down by hand, in this sequence: recordings need it."""
    assert " ".join("".join("ABCDE"[one] for one in row) for row in williams_orders(n_answers)) == orders


@pytest.mark.parametrize("n_answers", range(2, 27))
def test_the_array_holds_the_same_orders(n_answers: int) -> None:
    """The array that statistics work with is the square that a run shows."""
    square = design.williams_square(n_answers)
    assert square.dtype.kind == "i"
    assert tuple(map(tuple, square.tolist())) == williams_orders(n_answers)


def test_one_answer_has_no_orders() -> None:
    """Fewer than two answers have no square, and the message says so."""
    with pytest.raises(UndefinedStatisticError, match="no orders"):
        williams_orders(1)


def test_a_run_starts_without_numpy() -> None:
    """What a run imports before its first request holds no numpy, no bars, no comparison."""
    code = (
        "import sys, harness.cli.run, harness.cli.asked, harness.cli.replay;"
        "heavy = ('numpy', 'rich', 'litellm', 'harness.schema.comparison');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
