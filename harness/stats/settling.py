"""How many more rankings would settle which of two answers people prefer."""

from __future__ import annotations

from functools import lru_cache

CONFIDENCE = 0.95
MOST = 10_000
"""Rankings beyond which nobody will ask: more than these are called infinite."""


def preference_is_settled(n_for: float, n_against: float, confidence: float = CONFIDENCE) -> bool:
    """Tell whether the Jeffreys interval of the share that prefers the first answer leaves out one half.

    Parameters
    ----------
    n_for, n_against : float
        Rankings that put the first answer above the second, and below it; ties say nothing here.
    confidence : float
        Of the two-sided interval.

    Returns
    -------
    bool

    Notes
    -----
    The interval holds the middle part of Beta(x + ½, n - x + ½) (`jeffreys_interval`). It leaves out one half
    when the distribution function at one half is below (1 - confidence) / 2, or above 1 minus that.

    Examples
    --------
    >>> preference_is_settled(4, 0), preference_is_settled(9, 2)
    (True, True)
    >>> preference_is_settled(3, 0), preference_is_settled(8, 2)
    (False, False)
    """
    from scipy.special import betainc

    more, fewer = max(n_for, n_against), min(n_for, n_against)
    return float(betainc(more + 0.5, fewer + 0.5, 0.5)) <= (1.0 - confidence) / 2.0


@lru_cache(maxsize=4_096)
def rankings_to_settle(n_for: int, n_against: int, confidence: float = CONFIDENCE) -> float:
    """Say how many more rankings would settle a pair, if the people to come split as those asked have.

    Parameters
    ----------
    n_for, n_against : int
        Rankings that put the first answer above the second, and below it.
    confidence : float
        Of the interval that must leave out one half.

    Returns
    -------
    float
        0 = settled already; inf = an even split, or more than `MOST`: no number that anybody would ask.

    Notes
    -----
    The smallest m for which `preference_is_settled` holds with n + m rankings split in the ratio that was
    seen. It is optimistic twice over: a lead among few is on average larger than the true one, and even at
    the right ratio half of all samples fall short. Who ties a pair is not counted, and must be asked on top.

    Examples
    --------
    >>> rankings_to_settle(2, 1), rankings_to_settle(4, 0), rankings_to_settle(4, 4)
    (32.0, 0.0, inf)
    """
    n_seen = n_for + n_against
    if n_for == n_against:
        return float("inf")
    share = n_for / n_seen

    def settled(n_rankings: int) -> bool:
        return preference_is_settled(share * n_rankings, (1.0 - share) * n_rankings, confidence)

    if not settled(n_seen + MOST):
        return float("inf")
    low, high = 0, MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if settled(n_seen + middle) else (middle + 1, high)
    return float(low)
