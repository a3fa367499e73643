"""How much an answer's length alone raises its place, for a judge and for the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import JACKKNIFE, optional_interval, tidy, undefined
from harness.compare.judges import answer_lengths
from harness.compare.source import Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, Interval, Undefined
from harness.stats.arrays import FloatArray
from harness.stats.choice import Choices, build_choices, choice_weights, leave_one_case_out
from harness.stats.intervals import jackknife_t

MIN_LENGTH_CASES = 12
"""Fewer cases: the slope is drawn, without an interval (methods.md §6: with six cases a plot only)."""

MANY = 64
"""From so many rankings of a case on, equal ones are counted instead of listed."""


class _Side(NamedTuple):
    """Distinct rankings of one case with the log lengths that were read, and how often each occurred."""

    grades: FloatArray
    log_lengths: FloatArray
    counts: FloatArray


class _Fit(NamedTuple):
    slope: float
    left_out: FloatArray
    """(n_cases,): slopes without each case; empty below the limit."""


class LengthSlopes:
    """Slopes of judges and people on the same cases and with the same weights, so that they compare."""

    def __init__(self, layout: Layout, crowd: Crowd) -> None:
        self._layout, self._crowd = layout, crowd
        lengths = answer_lengths(layout.cases)
        self._logs = {place: np.log(np.maximum(found, 1.0)) for place, found in lengths.items()}
        self._fits: dict[tuple[tuple[str, ...], float], _Fit | None] = {}
        self._last: tuple[Line, dict[str, _Side], _Fit | None] | None = None

    def own(self, line: Line) -> Estimate:
        """The coefficient of centred log length in one judge's rankings."""
        sides, fit = self._own(line)
        if not sides:
            return undefined(_why_none(line))
        return undefined("no_variation") if fit is None else _estimate(fit, len(sides))

    def beside_people(self, line: Line) -> Estimate:
        """The judge's coefficient minus the people's, over the cases that both ranked."""
        if self._crowd.kind == "none":
            return undefined("no_people")
        sides, own = self._own(line)
        if not sides:
            return undefined(_why_none(line))
        shared = {case_id: side for case_id, side in sides.items() if case_id in self._people}
        if not shared:
            return undefined("no_people")
        per_case = _per_case(shared)
        judge = own if len(shared) == len(sides) else _fit(list(shared.values()), per_case)
        people = self._people_fit(tuple(shared), per_case)
        if judge is None or people is None:
            return undefined("no_variation")
        difference = _Fit(judge.slope - people.slope, judge.left_out - people.left_out)
        return _estimate(difference, len(shared))

    def _own(self, line: Line) -> tuple[dict[str, _Side], _Fit | None]:
        """What a line said, and its slope over all cases; both of its figures ask for them."""
        if self._last is None or self._last[0] is not line:
            sides = self._of_line(line)
            fit = _fit(list(sides.values()), _per_case(sides)) if sides else None
            self._last = line, sides, fit
        return self._last[1:]

    def _of_line(self, line: Line) -> dict[str, _Side]:
        found: list[_Side | None] = [None] * len(line.cases)
        for block in line.blocks:
            plain = _is_plain(block.grades)
            for place, grades, is_plain in zip(block.places.tolist(), block.grades, plain, strict=True):
                logs = self._logs.get((line.cases[place].case_id, line.key.language))
                if logs is not None:
                    read = np.broadcast_to(logs, grades.shape)
                    found[place] = (
                        _Side(grades, read, _once(len(grades))) if is_plain else _side(grades, read)
                    )
        return {runs.case_id: side for runs, side in zip(line.cases, found, strict=True) if side is not None}

    @cached_property
    def _people(self) -> Mapping[str, _Side]:
        """First votes by case, each with the lengths in the language that the person read."""
        found = {}
        for case_id, grades in self._crowd.grades.items():
            votes = [member.verdicts.get(case_id) for member in self._crowd.members]
            read = [runs[0].cell.language if runs else None for runs in votes]
            languages = sorted({language for language in read if language is not None})
            place = {language: number for number, language in enumerate(languages)}
            unknown = np.full(grades.shape[1], np.nan)
            # The last row is for those who did not vote.
            logs = np.array([*(self._logs.get((case_id, name), unknown) for name in languages), unknown])
            side = _side(grades, logs[[-1 if language is None else place[language] for language in read]])
            if side is not None:
                found[case_id] = side
        return found

    def _people_fit(self, case_ids: tuple[str, ...], per_case: float) -> _Fit | None:
        place = (case_ids, round(per_case, 9))
        if place not in self._fits:
            self._fits[place] = _fit([self._people[case_id] for case_id in case_ids], per_case)
        return self._fits[place]


def _why_none(line: Line) -> Undefined:
    """No verdict, or verdicts on answers whose texts (imported votes) are not at hand."""
    return "not_measured" if line.n_ranked else "no_readable_verdict"


def _side(grades: FloatArray, log_lengths: FloatArray) -> _Side | None:
    """Keep what says something about length: rankings of two answers or more with known lengths."""
    k = grades.shape[1]
    if _is_plain(grades[None])[0] and not np.isnan(log_lengths).any():
        return _Side(grades, log_lengths, _once(len(grades)))
    known = np.where(np.isnan(log_lengths), np.nan, grades)
    usable = (~np.isnan(known)).sum(axis=1) > 1
    if not usable.any():
        return None
    if usable.sum() < MANY:
        return _Side(known[usable], log_lengths[usable], _once(int(usable.sum())))
    both = np.column_stack([known[usable], log_lengths[usable]])
    # NaN differs from itself; minus infinity does not.
    filled = np.where(np.isnan(both), -np.inf, both)
    distinct, counts = np.unique(filled, axis=0, return_counts=True)
    distinct[np.isinf(distinct)] = np.nan
    return _Side(distinct[:, :k], distinct[:, k:], counts.astype(np.float64))


def _is_plain(grades: FloatArray) -> list[bool]:
    """In which cases every ranking is complete and says something, and they are few enough to be listed."""
    _, n_rankings, n_answers = grades.shape
    says_something = n_answers > 1 and 0 < n_rankings < MANY
    plain: list[bool] = (~np.isnan(grades).any(axis=(1, 2)) & says_something).tolist()
    return plain


@lru_cache(maxsize=MANY)
def _once(n_rankings: int) -> FloatArray:
    """Each ranking occurred once; sides with as many rankings share it."""
    counts = np.ones(n_rankings)
    counts.flags.writeable = False
    return counts


def _per_case(sides: Mapping[str, _Side]) -> float:
    """The judge's verdicts per case: what a case weighs on both sides, so the ridge shrinks them alike."""
    return float(sum(side.counts.sum() for side in sides.values())) / len(sides)


def _fit(sides: Sequence[_Side], per_case: float) -> _Fit | None:
    try:
        choices = _choices(sides, per_case)
    except UndefinedStatisticError:
        return None
    full = choice_weights(choices)
    enough = len(sides) >= MIN_LENGTH_CASES
    left_out = leave_one_case_out(choices, full)[:, 0] if enough else np.zeros(0)
    return _Fit(float(full[0]), left_out)


def _choices(sides: Sequence[_Side], per_case: float) -> Choices:
    sizes = np.array([len(side.counts) for side in sides])
    widths = np.array([side.grades.shape[1] for side in sides])
    grades, logs = (np.full((sizes.sum(), widths.max()), np.nan) for _ in range(2))
    cases = np.repeat(np.arange(len(sizes)), sizes)
    for width in np.unique(widths).tolist():
        rows = (widths == width)[cases]
        own = [side for side in sides if side.grades.shape[1] == width]
        grades[rows, :width] = np.concatenate([side.grades for side in own])
        logs[rows, :width] = np.concatenate([side.log_lengths for side in own])
    counts = np.concatenate([side.counts for side in sides])
    weights = counts * (per_case / np.bincount(cases, weights=counts))[cases]
    return build_choices(grades, logs[:, :, None], cases=cases, weights=weights)


def _estimate(fit: _Fit, n_cases: int) -> Estimate:
    intervals: tuple[Interval, ...] = ()
    if len(fit.left_out):
        intervals = optional_interval(lambda: jackknife_t(fit.left_out, fit.slope), "T3", JACKKNIFE)
    return Estimate(
        value=tidy(fit.slope),
        n=n_cases,
        unit="cases",
        intervals=intervals,
        undefined_because=None if n_cases >= MIN_LENGTH_CASES else "too_few_cases",
    )
