"""People, consensus and judges on one plane, and whether the data allow the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import generator, tidy
from harness.compare.map_points import OnMap, Rankings, Stack, map_rankings
from harness.compare.source import Layout
from harness.errors import UndefinedStatisticError
from harness.schema import MapPoint, OpinionMap, Undefined
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.map import (
    MIN_MAPS,
    MIN_SHARED,
    Plane,
    case_distances,
    ellipse,
    mean_columns,
    mean_distances,
    place,
    plane,
    relabelled,
)
from harness.stats.map_columns import relabelled_columns, summed_distances
from harness.stats.procrustes import procrustes

MIN_CASES = 4
"""Without one of them three are left, the fewest that make a distance."""
MIN_POINTS = 5
"""Fewer annotators than this are read from a table."""
MAX_SINGLE = 20
"""Cases are left out one by one up to here."""
N_GROUPS = 10
"""More cases are left out in so many groups."""
N_NULL = 19
"""Relabelled maps: a figure above all of them has p = .05."""
COMPLETE_SHARE = 0.5
"""A map without gaps is preferred when it keeps so many of those who could make the axes."""
KNOWN_SHARE = 0.5
"""Who has no distance to half of the others has no place among them."""


def opinion_map(layout: Layout, crowd: Crowd) -> OpinionMap:
    """Put people and judges on a plane, and say whether it shows more than relabelled answers would.

    People and judges (base wording, the first language that each was asked in) make the axes; consensus,
    panels and baselines are placed on them afterwards. The map is shown when

    - at least five people or pairs of judge and rulebook share at least four cases (judges alone are enough:
      the map then says how they differ, not who is near people), and
    - its stability, the mean Procrustes R² of maps without one case, lies above that of all of 19 maps of
      relabelled answers, and so does the share that its two axes hold: neither is then chance at the 5 %
      level.

    More than 300 people are drawn at random down to 300. Where distances are unknown (fewer than three
    shared cases), those with most gaps do not make the axes, but are placed like the panels: until no gap is
    left, if half of them can stay, else until everybody has a distance to half of the rest. More than 20
    cases are left out in ten groups.
    """
    rng = generator(layout.seed, "map")
    rankings = map_rankings(layout, crowd, rng)
    n_cases = len(rankings.cases)
    if n_cases < MIN_CASES:
        return _no_map("too_few_cases", n_cases)
    kept = _well_known(rankings)
    if len(kept) < MIN_POINTS:
        return _no_map(_why_too_few(rankings, crowd), n_cases)
    try:
        return _map(rankings, kept, rng)
    except UndefinedStatisticError:
        return _no_map("no_variation", n_cases)


class _Tables(NamedTuple):
    """Squared distances summed over the cases of each group, and how many cases those are."""

    sums: FloatArray
    """(n_groups, n_points, n_points)."""
    counts: FloatArray

    @property
    def whole(self) -> FloatArray:
        """Mean distances over all cases."""
        return mean_distances(self.sums.sum(axis=0), self.counts.sum(axis=0))

    def without(self, group: int) -> FloatArray:
        """Mean distances when one group of cases is left out: known where they are known on the whole."""
        counts = self.counts.sum(axis=0)
        rest = np.where(counts < MIN_SHARED, 0.0, counts - self.counts[group])
        return mean_distances(self.sums.sum(axis=0) - self.sums[group], rest, min_shared=1)


class _Drawn(NamedTuple):
    """A map with those that leave out a group of cases laid over it."""

    whole: Plane
    points: FloatArray
    """(n_points, 2): those who make the axes, then the others; NaN = no place."""
    others: FloatArray
    """(n_maps, n_points, 2): the same on the maps without a group."""
    stability: float


def _map(rankings: Rankings, kept: IntArray, rng: np.random.Generator) -> OpinionMap:
    placed = np.setdiff1d(np.arange(len(rankings.points)), kept)
    everybody = np.concatenate([kept, placed])
    tables = _tables(rankings)
    drawn = _draw(_reordered(tables, everybody), len(kept), rng)
    on_axes = rankings.only(kept)
    null = [_draw(_tables(on_axes, rng), len(kept), rng) for _ in range(N_NULL)]
    inertias, stabilities = [one.whole.inertia for one in null], [one.stability for one in null]
    shown = drawn.stability > max(stabilities) and drawn.whole.inertia > max(inertias)
    return OpinionMap(
        points=_points([rankings.points[int(number)] for number in everybody], drawn),
        n_cases=len(rankings.cases),
        inertia=tidy(drawn.whole.inertia),
        null_inertia=tidy(float(np.mean(inertias))),
        stability=tidy(drawn.stability),
        null_stability=tidy(float(np.mean(stabilities))),
        shown=shown,
        undefined_because=None if shown else "not_better_than_noise",
    )


def _tables(rankings: Rankings, rng: np.random.Generator | None = None) -> _Tables:
    """Distances by group of cases; with a generator, those of relabelled answers."""
    n_points, n_groups = len(rankings.points), _n_groups(len(rankings.cases))
    sums, counts = np.zeros((n_groups, n_points, n_points)), np.zeros((n_groups, n_points, n_points))
    for stack, own in zip(rankings.stacks, rankings.columns, strict=True):
        columns = own if rng is None else _relabelled(stack, own, rng)
        for block in stack.blocks:
            table = columns[block.owners].reshape(len(block.numbers), len(block.present), -1)
            group_of, where = block.numbers % n_groups, np.ix_(block.present, block.present)
            for group in np.unique(group_of):
                added, known = _distances(table[group_of == group])
                sums[group][where] += added
                counts[group][where] += known
    return _Tables(sums, counts)


def _relabelled(stack: Stack, columns: FloatArray, rng: np.random.Generator) -> FloatArray:
    if not np.isnan(stack.grades).any():
        return relabelled_columns(columns, rng)
    return mean_columns(relabelled(stack.grades, stack.owner, rng), stack.owner)


def _distances(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums of squared distances over cases, and in how many of these they are known."""
    if not np.isnan(table).any():
        return summed_distances(table), np.full((table.shape[1],) * 2, float(len(table)))
    distances = case_distances(table)
    return np.nansum(distances, axis=0), (~np.isnan(distances)).sum(axis=0).astype(np.float64)


def _n_groups(n_cases: int) -> int:
    return n_cases if n_cases <= MAX_SINGLE else N_GROUPS


def _reordered(tables: _Tables, order: IntArray) -> _Tables:
    return _Tables(tables.sums[:, order][:, :, order], tables.counts[:, order][:, :, order])


def _well_known(rankings: Rankings) -> IntArray:
    """Who makes the axes."""
    known = ~np.isnan(_tables(rankings).whole)
    everybody = np.flatnonzero(rankings.axes)
    without_gaps = _peeled(known, everybody, 1.0)
    if len(without_gaps) >= COMPLETE_SHARE * len(everybody):
        return without_gaps
    return _peeled(known, everybody, KNOWN_SHARE)


def _peeled(known: BoolArray, kept: IntArray, share: float) -> IntArray:
    """Leave out whoever has the smallest share of known distances, one by one, until all have enough."""
    while len(kept) > 1:
        shares = (known[np.ix_(kept, kept)].sum(axis=1) - 1) / (len(kept) - 1)
        if shares.min() >= share:
            break
        kept = np.delete(kept, int(shares.argmin()))
    return kept


def _draw(tables: _Tables, n_axes: int, rng: np.random.Generator) -> _Drawn:
    whole_table = tables.whole
    whole = plane(whole_table[:n_axes, :n_axes], rng)
    others, shares = [], []
    for group in range(len(tables.sums)):
        table = tables.without(group)
        try:
            found = plane(table[:n_axes, :n_axes], rng, start=whole.points)
            laid = procrustes(whole.points, found.points)
        except UndefinedStatisticError:
            continue
        shares.append(laid.r2)
        others.append(laid.carry(_all_points(found, table, n_axes)))
    if len(shares) < MIN_MAPS:
        raise UndefinedStatisticError("too few maps without a case to tell how stable the map is")
    return _Drawn(whole, _all_points(whole, whole_table, n_axes), np.array(others), float(np.mean(shares)))


def _all_points(found: Plane, table: FloatArray, n_axes: int) -> FloatArray:
    added = [place(found, row[:n_axes]) for row in table[n_axes:]]
    return np.concatenate([found.points, np.reshape(added, (-1, found.points.shape[1]))])


def _points(who: Sequence[OnMap], drawn: _Drawn) -> tuple[MapPoint, ...]:
    points = []
    for number, one in enumerate(who):
        x, y = drawn.points[number]
        if not np.isnan(x):
            region = _region(drawn.others[:, number])
            points.append(MapPoint(**vars(one), x=tidy(x), y=tidy(y), ellipse=region))
    return tuple(points)


def _region(places: FloatArray) -> tuple[float, float, float] | None:
    known = places[~np.isnan(places).any(axis=1)]
    if len(known) < MIN_MAPS or 2 * len(known) < len(places):
        return None
    long, short, angle = ellipse(known)
    return tidy(long), tidy(short), tidy(angle)


def _why_too_few(rankings: Rankings, crowd: Crowd) -> Undefined:
    if rankings.axes.sum() >= MIN_POINTS:
        return "incomplete_grid"
    if crowd.kind == "people":
        return "too_few_people" if crowd.people_known else "people_unknown"
    return "no_people"


def _no_map(because: Undefined, n_cases: int) -> OpinionMap:
    return OpinionMap(points=(), n_cases=n_cases, shown=False, undefined_because=because)
