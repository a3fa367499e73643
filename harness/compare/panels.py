"""Judges as one annotator, and without each of them in turn: who carries a panel, and who stands apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import TAU, mean_over_cases
from harness.compare.judges import PanelLines, panel_order, panel_ranks, panels_of
from harness.compare.source import Layout
from harness.schema import Estimate, PanelPart, Undefined, WithoutJudge
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray

_LARGEST_STACK = 2_000_000
"""Numbers in one stack of (cases, people, answers): more are taken in pieces."""


@dataclass(frozen=True)
class _Stack:
    """Cases with the same number of answers, seen at once."""

    ranks: FloatArray
    """(n_judges, n_cases, n_answers): mean mid-ranks; NaN where a judge has no readable verdict."""
    others: FloatArray
    """(n_cases, n_others, n_answers): the people (or the key); NaN where there are fewer."""


def panel_parts(layout: Layout, crowd: Crowd) -> tuple[PanelPart, ...]:
    """Measure every panel, and the same panel without each judge.

    A panel's order of a case is that of the table: the mean of its members' mean mid-ranks, over the members
    that have a readable verdict there. `carried` pairs the cases in which both panels have an order. With two
    judges, the panel without one is the other judge alone.
    """
    return tuple(_part(panel, layout, crowd) for panel in panels_of(layout))


def _part(panel: PanelLines, layout: Layout, crowd: Crowd) -> PanelPart:
    stacks = list(_stacks(panel, layout, crowd))
    n_ranked = sum(int((~np.isnan(stack.ranks[..., 0])).any(axis=0).sum()) for stack in stacks)
    because = crowd.why_no_tau(n_ranked, None)
    whole = _over(stacks, lambda stack: _tau_people(panel_order(stack.ranks), stack.others))
    key = panel.members[0].key
    return PanelPart(
        panel_id=panel.panel_id,
        judge_ids=tuple(line.key.judge_id for line in panel.members),
        rulebook_id=key.rulebook_id,
        language=key.language,
        tau_people=mean_over_cases(list(whole), because, TAU),
        without=tuple(
            _without(line.key.judge_id, place, stacks, (whole, because))
            for place, line in enumerate(panel.members)
        ),
    )


def _without(
    judge_id: str, place: int, stacks: list[_Stack], told: tuple[FloatArray, Undefined]
) -> WithoutJudge:
    whole, because = told
    left = _over(stacks, lambda stack: _tau_people(panel_order(_rest(stack, place)), stack.others))
    beside = _over(
        stacks, lambda stack: _tau(panel_order(stack.ranks[place][None]), panel_order(_rest(stack, place)))
    )
    return WithoutJudge(
        judge_id=judge_id,
        tau_people=_mean(left, because),
        carried=mean_over_cases(list(whole - left), because),
        tau_others=_mean(beside, "no_readable_verdict"),
    )


def _over(stacks: list[_Stack], figure: Callable[[_Stack], FloatArray]) -> FloatArray:
    """One figure per case, over all stacks."""
    return np.concatenate([figure(stack) for stack in stacks]) if stacks else np.empty(0)


def _mean(values: FloatArray, because: Undefined) -> Estimate:
    return mean_over_cases(list(values), because, TAU)


def _rest(stack: _Stack, place: int) -> FloatArray:
    return np.delete(stack.ranks, place, axis=0)


def _tau_people(order: FloatArray, others: FloatArray) -> FloatArray:
    """Per case, the mean agreement of an order with the others; NaN where either is missing."""
    n_cases, n_others, n_answers = others.shape
    if n_others == 0:
        return np.full(n_cases, np.nan)
    step = max(1, _LARGEST_STACK // (n_others * n_answers))
    parts = [
        _mean_defined(_tau(order[start : start + step, None], others[start : start + step]))
        for start in range(0, n_cases, step)
    ]
    return np.concatenate(parts)


def _tau(a: FloatArray, b: FloatArray) -> FloatArray:
    shape = np.broadcast_shapes(a.shape, b.shape)[:-1]
    if np.isnan(a).all() or np.isnan(b).all():
        return np.full(shape, np.nan)
    return np.asarray(tau_x(a, b)).reshape(shape)


def _mean_defined(taus: FloatArray) -> FloatArray:
    there = ~np.isnan(taus)
    n_there = there.sum(axis=-1)
    total = np.where(there, taus, 0.0).sum(axis=-1)
    mean = np.full(len(taus), np.nan)
    np.divide(total, n_there, out=mean, where=n_there > 0)
    return mean


def _stacks(panel: PanelLines, layout: Layout, crowd: Crowd) -> Iterator[_Stack]:
    """The cases that somebody of the panel was asked about, by their number of answers."""
    asked = np.unique(np.concatenate([line.numbers for line in panel.members]))
    ranks = panel_ranks(panel.members, len(layout.cases))
    by_size: dict[int, list[int]] = {}
    for number in asked.tolist():
        by_size.setdefault(len(layout.cases[number].answers), []).append(number)
    for n_answers, numbers in sorted(by_size.items()):
        others = [crowd.view(layout.cases[number].case_id).others for number in numbers]
        people = np.full((len(numbers), max(map(len, others)), n_answers), np.nan)
        for place, own in enumerate(others):
            people[place, : len(own)] = own
        nobody = np.full((len(panel.members), len(layout.cases), n_answers), np.nan)
        yield _Stack(ranks.get(n_answers, nobody)[:, numbers], people)
