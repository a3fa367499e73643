"""Arms dealt anew as they were dealt: how far apart chance alone would bring them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arms import design_of, known_in_both
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.pairs import ratio
from harness.stats.permutation import ShuffleTest

MAX_EXACT_DEALS = 20_000
"""Up to so many possible deals each of them is tried; beyond, deals are drawn."""
N_DEALS = 9_999
_FIGURES_AT_ONCE = 1_000_000
_TOLERANCE = 1e-9


def dealt_arms_test(
    figures: ArrayLike,
    shown: ArrayLike,
    lots: ArrayLike,
    rng: np.random.Generator,
    n_deals: int = N_DEALS,
) -> ShuffleTest:
    """Ask whether seeing the proposals mattered to anybody: deal the arms again, inside the same lots.

    Parameters
    ----------
    figures, shown : array_like of shape (n_people, n_cases)
        As in `harness.stats.arms`.
    lots : array_like of shape (n_people,)
        Number of the lot of each person: people of one lot were dealt their arms together.
    rng : numpy.random.Generator
        Draws the deals, where there are too many to try each; its seed belongs in the manifest.
    n_deals : int
        Deals that are drawn then.

    Returns
    -------
    ShuffleTest
        Two-sided p-value, number of deals, and the statistic: the difference of the arms as it was seen.
        Exact (each deal tried once, the real one among them) up to 20,000 possible deals.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no case has both arms, or when only one deal is possible.

    Notes
    -----
    Valid because the arms were drawn by lot, whatever people and cases are like: under "the proposal changed
    nobody's grades" every deal was as likely, and the grades would have been these. People dealt: inside each
    lot every choice of as many people. Cases dealt: inside each lot every choice of as many cases for its
    first person, the same for who had the same half, the rest for who had the other half. The statistic is
    the mean over cases of shown minus control; with cases dealt each person's mean is taken off first, which
    no deal changes.

    References
    ----------
    R. A. Fisher, The Design of Experiments, 1935; B. Phipson & G. K. Smyth, 2010,
    doi:10.2202/1544-6115.1585: ``(b + 1) / (B + 1)`` where deals are drawn.

    Examples
    --------
    >>> saw = [[1], [0], [1], [0], [0], [1]]
    >>> towards = [[0.9], [0.1], [0.8], [0.3], [0.2], [0.7]]
    >>> found = dealt_arms_test(towards, saw, [1, 1, 2, 2, 3, 3], np.random.default_rng(1))
    >>> found.p_value, found.n_shuffles
    (0.25, 8)
    """
    y, seen = known_in_both(figures, shown)
    if design_of(seen) == "cases":
        y = y - ratio(np.nansum(y, axis=1, keepdims=True), (~np.isnan(y)).sum(axis=1, keepdims=True))
        groups = _groups_of_cases(seen, np.asarray(lots))
    else:
        groups = _groups_of_people(seen, np.asarray(lots))
    n_possible = prod(comb(len(group.places), group.n_chosen) for group in groups)
    if n_possible < 2:
        raise UndefinedStatisticError("only one deal is possible: nothing could have come out otherwise")
    real = float(_statistics(y, seen[None])[0])
    if np.isnan(real):
        raise UndefinedStatisticError("no case was graded in both arms")
    exact = n_possible <= MAX_EXACT_DEALS
    n_at_once = max(1, _FIGURES_AT_ONCE // seen.size)
    deals = (
        _every_deal(groups, n_possible, n_at_once) if exact else _drawn_deals(groups, rng, n_deals, n_at_once)
    )
    n_as_far = sum(_as_far(_statistics(y, _arms_of(groups, dealt, seen)), real) for dealt in deals)
    if exact:
        return ShuffleTest(n_as_far / n_possible, real, n_possible)
    return ShuffleTest((n_as_far + 1) / (n_deals + 1), real, n_deals)


class _Group(NamedTuple):
    """What is dealt together: so many of these places get the proposal."""

    places: IntArray
    """People, or cases of the first person of a lot."""
    n_chosen: int
    members: tuple[tuple[int, bool], ...] = ()
    """Cases dealt: each person of the lot, and whether he or she has the same half as the first."""


def _groups_of_people(seen: FloatArray, lots: np.ndarray) -> list[_Group]:
    arms = np.where((seen == 1).any(axis=1), 1.0, np.where((seen == 0).any(axis=1), 0.0, np.nan))
    groups = []
    for lot in np.unique(lots):
        places = np.flatnonzero((lots == lot) & ~np.isnan(arms))
        groups.append(_Group(places, int(arms[places].sum())))
    return [group for group in groups if len(group.places)]


def _groups_of_cases(seen: FloatArray, lots: np.ndarray) -> list[_Group]:
    groups = []
    for lot in np.unique(lots):
        left = [int(person) for person in np.flatnonzero(lots == lot) if not np.isnan(seen[person]).all()]
        while left:
            first, *others = left
            related = {person: _relation(seen[first], seen[person]) for person in others}
            members = ((first, True), *((who, same) for who, same in related.items() if same is not None))
            groups.append(_half(seen, members))
            left = [person for person, same in related.items() if same is None]
    return groups


def _relation(first: FloatArray, other: FloatArray) -> bool | None:
    """True: the same half; False: the other half; None: dealt apart, or no case in common."""
    both = ~np.isnan(first) & ~np.isnan(other)
    if not both.any():
        return None
    if (first[both] == other[both]).all():
        return True
    return False if (first[both] != other[both]).all() else None


def _half(seen: FloatArray, members: tuple[tuple[int, bool], ...]) -> _Group:
    """The first person's half, on every case that somebody of the group graded."""
    known = np.array([seen[person] if same else 1.0 - seen[person] for person, same in members])
    there = ~np.isnan(known).all(axis=0)
    half = np.nanmax(known[:, there], axis=0)
    return _Group(np.flatnonzero(there), int(half.sum()), members)


Dealt = list[BoolArray]
"""Of each group, (n_deals, n_places): which places get the proposal."""


def _every_deal(groups: Sequence[_Group], n_possible: int, n_at_once: int) -> Iterator[Dealt]:
    choices = [_all_choices(len(group.places), group.n_chosen) for group in groups]
    shape = tuple(len(one) for one in choices)
    for start in range(0, n_possible, n_at_once):
        which = np.unravel_index(np.arange(start, min(start + n_at_once, n_possible)), shape)
        yield [one[place] for one, place in zip(choices, which, strict=True)]


def _all_choices(n_places: int, n_chosen: int) -> BoolArray:
    found = np.zeros((comb(n_places, n_chosen), n_places), dtype=np.bool_)
    for row, chosen in enumerate(combinations(range(n_places), n_chosen)):
        found[row, list(chosen)] = True
    return found


def _drawn_deals(
    groups: Sequence[_Group], rng: np.random.Generator, n_deals: int, n_at_once: int
) -> Iterator[Dealt]:
    for start in range(0, n_deals, n_at_once):
        n_now = min(n_at_once, n_deals - start)
        orders = [rng.random((n_now, len(group.places))).argsort(axis=1).argsort(axis=1) for group in groups]
        yield [order < group.n_chosen for group, order in zip(groups, orders, strict=True)]


def _arms_of(groups: Sequence[_Group], dealt: Dealt, seen: FloatArray) -> FloatArray:
    """Arms of many deals, (n_deals, n_people, n_cases); NaN where there is no verdict."""
    arms = np.zeros((len(dealt[0]), *seen.shape))
    for group, chosen in zip(groups, dealt, strict=True):
        if not group.members:
            arms[:, group.places] = chosen[:, :, None]
        for person, same in group.members:
            arms[:, person, group.places] = chosen if same else ~chosen
    arms[:, np.isnan(seen)] = np.nan
    return arms


def _as_far(statistics: FloatArray, real: float) -> int:
    """Deals at least as far from 0 as the real one; one that leaves no case with both arms counts too."""
    return int((~(np.abs(statistics) < abs(real) - _TOLERANCE)).sum())


def _statistics(y: FloatArray, arms: FloatArray) -> FloatArray:
    """Mean over cases of shown minus control, of each deal (n_deals, n_people, n_cases)."""
    figures = np.nan_to_num(y)
    means = [
        ratio(np.einsum("dpc,pc->dc", mask, figures), mask.sum(axis=1))
        for mask in ((arms == arm).astype(np.float64) for arm in (1, 0))
    ]
    differences = means[0] - means[1]
    defined = ~np.isnan(differences)
    found: FloatArray = ratio(np.where(defined, differences, 0.0).sum(axis=1), defined.sum(axis=1))
    return found
