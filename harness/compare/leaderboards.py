"""Systems as people and judges rank them, when answers say who wrote them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import (
    MIN_CASES,
    SHARE,
    mean_over_cases,
    nan_mean,
    tidy,
    tidy_or_none,
    undefined,
)
from harness.compare.rows import DOES_NOT_APPLY
from harness.compare.source import Layout, Line
from harness.compare.systems import Board, Systems
from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, Interval, Leaderboard, Standing
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.coefficients import spearman
from harness.stats.quasi import quasi_variances
from harness.stats.standings import mean_places, win_shares
from harness.stats.worth import WorthFit, davidson_luce, is_connected, worth_intervals

GHOST = 0.5
"""Wins and losses of every system against a ghost: one that nobody beat gets a finite worth too."""
CLUSTERED = "t, cluster-robust over cases"
MIN_CORRELATED = 3
"""Two systems correlate by +1 or -1, whatever they are."""


class _Side(NamedTuple):
    """One side's rankings and the worths that they give; None where they give none."""

    row_id: str | None
    board: Board
    fit: WorthFit | None


def leaderboards(layout: Layout, crowd: Crowd) -> tuple[Leaderboard, ...]:
    """Rank the systems by the people together and by every judge row in base wording.

    Only when answers of different systems stand beside each other and some system answers two cases: else
    there is nothing to join cases by.
    """
    systems = Systems(layout.cases)
    if not systems.usable:
        return ()
    boards: list[tuple[str | None, Board | None]] = []
    if crowd.kind == "people":
        boards.append((None, systems.board(crowd.grades)))
    boards += [
        (f"judge:{':'.join(line.key)}", systems.board(_grades(line)))
        for line in layout.lines
        if line.key.wording == "base"
    ]
    sides = [_Side(row_id, board, _fit(board)) for row_id, board in boards if board is not None]
    people = next((side for side in sides if side.row_id is None), None)
    return tuple(_leaderboard(side, people) for side in sides)


def _grades(line: Line) -> dict[str, FloatArray]:
    return {runs.case_id: runs.grades for runs in line.cases if len(runs.grades)}


def _fit(board: Board) -> WorthFit | None:
    """Worths with a ghost; every distinct ranking of a case counts as often as it was given."""
    pool = board.pool
    try:
        return davidson_luce(
            pool.grades, pool.items, weights=pool.weights, clusters=pool.clusters, npseudo=GHOST
        )
    except UndefinedStatisticError:
        return None


def _leaderboard(side: _Side, people: _Side | None) -> Leaderboard:
    board, fit = side.board, side.fit
    standings = _standings(board, fit)
    order = sorted(range(len(standings)), key=lambda place: _by_worth(standings[place]))
    ties = dict(zip(fit.tie_sizes, fit.log_delta, strict=True)) if fit is not None else {}
    return Leaderboard(
        row_id=side.row_id,
        standings=tuple(standings[place] for place in order),
        connected=is_connected(board.pool.grades, board.pool.items),
        log_tie=tidy(ties[2]) if 2 in ties else None,
        spearman_people=_beside_people(side, people),
    )


def _by_worth(standing: Standing) -> tuple[float, float, str]:
    return (-(standing.worth.value or 0.0), -(standing.win_share.value or 0.0), standing.system_id)


def _standings(board: Board, fit: WorthFit | None) -> list[Standing]:
    n_systems = len(board.systems)
    won = win_shares(board.pool, n_systems)
    places = mean_places(board.pool, n_systems)
    worths = _worths(fit, (~np.isnan(won)).sum(axis=0))
    errors = _quasi_errors(fit, n_systems)
    return [
        Standing(
            system_id=name,
            n_answers=int(board.n_answers[place]),
            mean_mid_rank=tidy_or_none(nan_mean(places[:, place])) if board.one_size else None,
            win_share=mean_over_cases(_defined(won[:, place]), "no_readable_verdict", SHARE),
            worth=worths[place],
            quasi_se=tidy_or_none(float(errors[place])),
        )
        for place, name in enumerate(board.systems)
    ]


def _defined(values: FloatArray) -> list[float]:
    return [float(value) for value in values[~np.isnan(values)]]


def _worths(fit: WorthFit | None, n_cases: IntArray) -> list[Estimate]:
    """Each worth with its interval over cases, where the system stands in three of them or more."""
    if fit is None:
        return [undefined("everything_tied") for _ in n_cases]
    try:
        ends = worth_intervals(fit)
    except UndefinedStatisticError:
        ends = None
    found = []
    for place, n in enumerate(n_cases.tolist()):
        enough = ends is not None and n >= MIN_CASES
        found.append(
            Estimate(
                value=tidy(fit.log_worth[place]),
                n=n,
                unit="cases",
                intervals=(_interval(ends[place], fit.n_clusters),) if ends is not None and enough else (),
                undefined_because=None if enough else "too_few_cases",
            )
        )
    return found


def _interval(ends: FloatArray, n_cases: int) -> Interval:
    return Interval(low=tidy(ends[0]), high=tidy(ends[1]), target="T3", method=CLUSTERED, n=n_cases)


def _quasi_errors(fit: WorthFit | None, n_systems: int) -> FloatArray:
    """Quasi-standard errors from the covariance that the intervals use; NaN where there is none."""
    nothing = np.full(n_systems, np.nan)
    if fit is None or fit.case_covariance is None or fit.n_clusters < MIN_CASES:
        return nothing
    try:
        return np.sqrt(quasi_variances(fit.case_covariance))
    except UndefinedStatisticError:
        return nothing


def _beside_people(side: _Side, people: _Side | None) -> Estimate:
    if people is None:
        return undefined("no_people", "pairs")
    if side is people:
        return DOES_NOT_APPLY
    if side.fit is None or people.fit is None:
        return undefined("everything_tied", "pairs")
    theirs = dict(zip(people.board.systems, people.fit.log_worth, strict=True))
    own = dict(zip(side.board.systems, side.fit.log_worth, strict=True))
    shared = [name for name in own if name in theirs]
    if len(shared) < MIN_CORRELATED:
        return undefined("does_not_apply", "pairs")
    try:
        found = float(spearman([tidy(own[name]) for name in shared], [tidy(theirs[name]) for name in shared]))
    except UndefinedStatisticError:
        return undefined("everything_tied", "pairs")
    return Estimate(value=tidy(found), n=len(shared), unit="pairs")
