from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report import numbers
from harness.schema import Language

GOLD = json.loads((Path(__file__).parent / "numbers_gold.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("line", GOLD, ids=[line["desc"] for line in GOLD])
def test_numbers_read_as_in_the_gold_file(line: dict[str, Any], language: Language) -> None:
    """Each kind of number is written as the gold file says, in both languages."""
    show = getattr(numbers, line["show"])
    amount, *rest = line["input"]
    written = show(amount, rest[0], language) if line["show"] == "bounds" else show(amount, language, *rest)
    assert written == line[language]


def test_a_sign_is_shown_on_request_but_never_on_zero() -> None:
    """Differences carry a plus or a minus; nothing carries no sign."""
    signed = [numbers.decimal(number, "en", signed=True) for number in (0.2, -0.2, 0.0, -0.001)]
    assert signed == ["+0.20", "−0.20", "0.00", "0.00"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(number: float) -> None:
    """`nan` never reaches a reader: a comparison gives a number or a reason."""
    with pytest.raises(ValueError, match="finite number or a reason"):
        numbers.decimal(number, "fr")


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=0, max_value=4))
def test_both_languages_say_the_same_number(number: float, digits: int) -> None:
    """French and English differ in their marks only."""
    french = numbers.decimal(number, "fr", digits).replace(numbers.NARROW_NO_BREAK, "").replace(",", ".")
    assert french == numbers.decimal(number, "en", digits).replace(",", "")
    assert abs(float(french.replace(numbers.MINUS, "-")) - number) <= 0.5 * 10**-digits + 1e-6
