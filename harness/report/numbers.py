"""Numbers as text, in French and in English: the one place where numbers become characters."""

from __future__ import annotations

import math

from harness.schema import Language

MINUS = "\u2212"
NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"

_DECIMAL_MARK: dict[Language, str] = {"fr": ",", "en": "."}
_GROUP_MARK: dict[Language, str] = {"fr": NARROW_NO_BREAK, "en": ","}
_SMALLEST_P = 0.001
_SMALL_MONEY = 10


def decimal(number: float, language: Language, digits: int = 2, *, signed: bool = False) -> str:
    """Give a number with a fixed count of decimals, a true minus sign and no negative zero."""
    if not math.isfinite(number):
        raise ValueError(f"{number} cannot be shown: a comparison gives a finite number or a reason")
    digits_text = f"{abs(number):,.{digits}f}"
    is_zero = not any(character in "123456789" for character in digits_text)
    sign = "" if is_zero else MINUS if number < 0 else "+" if signed else ""
    whole_part, _, decimals = digits_text.partition(".")
    grouped = whole_part.replace(",", _GROUP_MARK[language])
    return f"{sign}{grouped}{_DECIMAL_MARK[language]}{decimals}" if decimals else f"{sign}{grouped}"


def whole(count: int, language: Language) -> str:
    """Give a count, its thousands grouped."""
    return decimal(count, language, 0)


def percent(share: float, language: Language, digits: int = 0) -> str:
    """Give a share of one as a percentage."""
    space = NARROW_NO_BREAK if language == "fr" else ""
    return f"{decimal(100 * share, language, digits)}{space}%"


def p_value(p: float, language: Language) -> str:
    """Give `p = …`, or `p < …` below a thousandth."""
    if p < _SMALLEST_P:
        return f"p{NO_BREAK}<{NO_BREAK}{decimal(_SMALLEST_P, language, 3)}"
    return f"p{NO_BREAK}={NO_BREAK}{decimal(p, language, 3 if p < 0.1 else 2)}"


def bounds(low: float, high: float, language: Language, *, as_percent: bool = False) -> str:
    """Give an interval as `[low ; high]` in French and `[low, high]` in English."""
    show = percent if as_percent else decimal
    gap = f"{NO_BREAK};{NO_BREAK}" if language == "fr" else f",{NO_BREAK}"
    return f"[{show(low, language)}{gap}{show(high, language)}]"


def dollars(amount: float, language: Language) -> str:
    """Give an amount of US dollars: cents below ten dollars, whole dollars above."""
    text = decimal(amount, language, 2 if abs(amount) < _SMALL_MONEY else 0)
    return f"{text}{NO_BREAK}$" if language == "fr" else f"${text}"


def seconds(duration: float, language: Language) -> str:
    """Give a duration in seconds, with its unit."""
    return f"{decimal(duration, language, 1 if duration < _SMALL_MONEY else 0)}{NO_BREAK}s"
