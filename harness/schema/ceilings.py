"""Which ceiling of a sitting is reached, in words: the same for one process and for many workers."""

from __future__ import annotations

from typing import NamedTuple

from harness.schema.judge import Stops


class Spent(NamedTuple):
    """What a sitting took so far."""

    n_calls: int
    n_tokens: float
    usd: float
    seconds: float


def reached_ceiling(spent: Spent, stops: Stops) -> str:
    """The first ceiling that is reached, for people; nothing where none is.

    Examples
    --------
    >>> reached_ceiling(Spent(1000, 0.0, 0.0, 0.0), Stops(max_calls=1000))
    '1,000 requests (max_calls)'
    >>> reached_ceiling(Spent(999, 5.0, 0.1, 59.0), Stops(max_calls=1000, max_minutes=1))
    ''
    """
    longest_s = None if stops.max_minutes is None else stops.max_minutes * 60
    ceilings = (
        (spent.n_calls, stops.max_calls, "{:,} requests (max_calls)"),
        (spent.n_tokens, stops.max_tokens, "{:,} tokens (max_tokens)"),
        (spent.usd, stops.max_usd, "{:g} dollars (max_usd)"),
        (spent.seconds, longest_s, "{:g} seconds (max_minutes)"),
    )
    reached = (words.format(most) for taken, most, words in ceilings if most is not None and taken >= most)
    return next(reached, "")
