"""How many cases, people and runs a study needs before it can say what it wants to say."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from harness.errors import UndefinedStatisticError
from harness.stats.spread import PUBLISHED_WORLD, Spread

MIN_CASES = 3
"""Fewer cases say nothing about other cases."""


SD_JUDGE_MINUS_PEOPLE = 0.16
"""Spread over cases of a judge's agreement minus people's own, in the same world."""
SD_JUDGE_MINUS_JUDGE = 0.20
"""Spread over cases of one judge's agreement minus another's, in the same world."""


class Design(NamedTuple):
    """The size of a study: every case graded by so many people and, in so many runs, by each judge."""

    n_cases: int
    n_people: int
    n_runs: int


def half_width(design: Design, spread: Spread = PUBLISHED_WORLD, confidence: float = 0.95) -> float:
    """Say how far the interval of a mean judge-person tau_x reaches to each side, for other cases like these.

    Parameters
    ----------
    design : Design
        At least three cases, one person, one run.
    spread : Spread
        Standard deviations of tau_x: `PUBLISHED_WORLD`, or a pilot's (`harness.stats.spread.spread_of`).
    confidence : float
        Nominal coverage of the interval.

    Returns
    -------
    float
        In units of tau_x, > 0; smaller = sharper.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases, and without a person or a run.

    Notes
    -----
    ``t_{C-1} sqrt((s_case^2 + s_person^2 / n_h + s_run^2 / n_r + s_rest^2 / (n_h n_r)) / C)``. More people or
    runs never get below ``t_{C-1} s_case / sqrt(C)`` (`least_half_width`): only more cases do.

    Examples
    --------
    >>> round(half_width(Design(n_cases=30, n_people=5, n_runs=3)), 2)
    0.1
    """
    _refuse_empty(design)
    variance = spread.case**2 + _within_case(design, spread)
    return _t_quantile(design.n_cases - 1, confidence) * math.sqrt(variance / design.n_cases)


def half_width_these_cases(
    design: Design, spread: Spread = PUBLISHED_WORLD, confidence: float = 0.95
) -> float:
    """Say how far the interval reaches when nothing is claimed about other cases than these.

    Parameters
    ----------
    design, spread, confidence
        As in `half_width`.

    Returns
    -------
    float
        In units of tau_x, > 0; goes to 0 with more people and runs.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases, and without a person or a run.

    Notes
    -----
    The formula of `half_width` without ``s_case``, with the normal quantile.

    Examples
    --------
    >>> round(half_width_these_cases(Design(n_cases=6, n_people=10, n_runs=5)), 3)
    0.085
    """
    _refuse_empty(design)
    return _normal_quantile(confidence) * math.sqrt(_within_case(design, spread) / design.n_cases)


def half_width_paired(n_cases: int, sd: float, confidence: float = 0.95) -> float:
    """Say how far the interval of a mean difference reaches, when both sides are seen on the same cases.

    Parameters
    ----------
    n_cases : int
        At least three.
    sd : float
        Standard deviation over cases of the difference: `SD_JUDGE_MINUS_PEOPLE`, `SD_JUDGE_MINUS_JUDGE`,
        or a pilot's.
    confidence : float
        Nominal coverage of the interval.

    Returns
    -------
    float
        ``t_{C-1} sd / sqrt(C)``, in units of tau_x.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases.

    Examples
    --------
    >>> half_width_paired(13, SD_JUDGE_MINUS_PEOPLE) < 0.1 < half_width_paired(12, SD_JUDGE_MINUS_PEOPLE)
    True
    """
    _refuse_few_cases(n_cases)
    return _t_quantile(n_cases - 1, confidence) * sd / math.sqrt(n_cases)


def least_half_width(n_cases: int, spread: Spread = PUBLISHED_WORLD, confidence: float = 0.95) -> float:
    """Say what no number of people and runs can improve on with so many cases.

    Parameters
    ----------
    n_cases : int
        At least three.
    spread, confidence
        As in `half_width`.

    Returns
    -------
    float
        ``t_{C-1} s_case / sqrt(C)``, in units of tau_x.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three cases.

    Examples
    --------
    >>> round(least_half_width(6), 2)
    0.22
    """
    return half_width_paired(n_cases, spread.case, confidence)


def smallest_n_cases(wanted: float, n_people: int, n_runs: int, spread: Spread = PUBLISHED_WORLD) -> int:
    """Give the fewest cases with which the 95 % interval reaches no further than wanted.

    Parameters
    ----------
    wanted : float
        Half-width, in units of tau_x, > 0.
    n_people, n_runs : int
        People and runs per case.
    spread : Spread
        As in `half_width`.

    Returns
    -------
    int
        At least 3.

    Raises
    ------
    UndefinedStatisticError
        Undefined when the half-width is not positive, and without a person or a run.

    Examples
    --------
    >>> smallest_n_cases(0.1, n_people=5, n_runs=3)
    29
    """
    return _smallest(lambda n_cases: half_width(Design(n_cases, n_people, n_runs), spread), wanted, MIN_CASES)


def smallest_n_cases_paired(wanted: float, sd: float) -> int:
    """Give the fewest cases with which the 95 % interval of a paired difference reaches no further.

    Parameters
    ----------
    wanted : float
        Half-width, in units of tau_x, > 0.
    sd : float
        As in `half_width_paired`.

    Returns
    -------
    int
        At least 3.

    Raises
    ------
    UndefinedStatisticError
        Undefined when the half-width is not positive.

    Examples
    --------
    >>> smallest_n_cases_paired(0.1, SD_JUDGE_MINUS_JUDGE)
    18
    """
    return _smallest(lambda n_cases: half_width_paired(n_cases, sd), wanted, MIN_CASES)


def smallest_n_people(wanted: float, n_cases: int, n_runs: int, spread: Spread = PUBLISHED_WORLD) -> int:
    """Give the fewest people with whom the 95 % interval over cases reaches no further than wanted.

    Parameters
    ----------
    wanted : float
        Half-width, in units of tau_x, > 0.
    n_cases, n_runs : int
        Cases, and runs per case.
    spread : Spread
        As in `half_width`.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no number of people is enough: these cases, or these runs, set the limit.

    Examples
    --------
    >>> smallest_n_people(0.1, n_cases=50, n_runs=1)
    2
    """
    limit = spread._replace(person=0.0, rest=0.0)
    if half_width(Design(n_cases, 1, n_runs), limit) >= wanted:
        raise UndefinedStatisticError(f"no number of people makes ±{wanted:g} out of {n_cases} cases")
    return _smallest(lambda n_people: half_width(Design(n_cases, n_people, n_runs), spread), wanted, 1)


def _within_case(design: Design, spread: Spread) -> float:
    n_people, n_runs = design.n_people, design.n_runs
    return spread.person**2 / n_people + spread.run**2 / n_runs + spread.rest**2 / (n_people * n_runs)


def _smallest(reach: Callable[[int], float], wanted: float, least: int) -> int:
    """Smallest whole number whose reach is at most `wanted`; reach falls with it."""
    if not wanted > 0:
        raise UndefinedStatisticError(f"a half-width of {wanted:g} would need everything: name one above 0")
    high = least
    while reach(high) > wanted:
        high *= 2
    low = least if high == least else high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reach(middle) <= wanted else (middle + 1, high)
    return high


def _refuse_empty(design: Design) -> None:
    _refuse_few_cases(design.n_cases)
    if design.n_people < 1 or design.n_runs < 1:
        raise UndefinedStatisticError("a study needs at least one person and one run")


def _refuse_few_cases(n_cases: int) -> None:
    if n_cases < MIN_CASES:
        raise UndefinedStatisticError(f"{n_cases} case(s) say nothing about other cases: three at least")


def _t_quantile(degrees_of_freedom: int, confidence: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2.0))


def _normal_quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2.0))
