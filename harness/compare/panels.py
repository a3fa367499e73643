"""Judges as one annotator, and without each of them in turn: who carries a panel, and who stands apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import TAU, mean_over_cases
from harness.compare.judges import TIED_WITHIN, PanelLines, member_mean_ranks, panels_of
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
    whole = _over(stacks, lambda stack: _tau_people(_order(stack.ranks), stack.others))
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
    left = _over(stacks, lambda stack: _tau_people(_order(_rest(stack, place)), stack.others))
    beside = _over(stacks, lambda stack: _tau(_order(stack.ranks[place][None]), _order(_rest(stack, place))))
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


def _order(ranks: FloatArray) -> FloatArray:
    """Mean over the judges that ranked a case, of shape (n_cases, n_answers); NaN where none did."""
    there = ~np.isnan(ranks[..., 0])
    total = np.where(there[..., None], ranks, 0.0).sum(axis=0)
    n_there = there.sum(axis=0)[:, None]
    mean = np.full_like(total, np.nan)
    np.divide(total, n_there, out=mean, where=n_there > 0)
    return np.asarray(mean.round(TIED_WITHIN))


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
    asked = [
        [case.case_id for case in layout.cases if line.of_case(case.case_id) is not None]
        for line in panel.members
    ]
    some = set().union(*map(set, asked))
    by_size: dict[int, list[str]] = {}
    for case in layout.cases:
        if case.case_id in some:
            by_size.setdefault(len(case.answers), []).append(case.case_id)
    for n_answers, case_ids in sorted(by_size.items()):
        yield _stack(panel, case_ids, n_answers, {one: crowd.view(one).others for one in case_ids})


def _stack(
    panel: PanelLines, case_ids: list[str], n_answers: int, others: Mapping[str, FloatArray]
) -> _Stack:
    ranks = np.full((len(panel.members), len(case_ids), n_answers), np.nan)
    for judge, line in enumerate(panel.members):
        for place, case_id in enumerate(case_ids):
            found = member_mean_ranks(line.of_case(case_id))
            if found is not None:
                ranks[judge, place] = found
    n_others = max(len(others[case_id]) for case_id in case_ids)
    people = np.full((len(case_ids), n_others, n_answers), np.nan)
    for place, case_id in enumerate(case_ids):
        people[place, : len(others[case_id])] = others[case_id]
    return _Stack(ranks, people)
