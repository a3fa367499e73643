"""What each rulebook, each other wording and each other language moved, for one judge at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import generator, mean_over_cases, tidy, tidy_or_none, undefined
from harness.compare.figures import NAN, or_nan
from harness.compare.pairing import shift_gaps
from harness.compare.source import Layout, Line, LineKey
from harness.schema import CaseMove, Estimate, FactorShift, RulebookMove, Undefined
from harness.schema.small import small_copy
from harness.stats.arrays import FloatArray
from harness.stats.group import mean_cross_tau, mean_cross_taus
from harness.stats.intervals import sign_flip_test
from harness.stats.permutation import holm

Role = Literal["reference", "none", "placebo", "treatment"]
_USUAL_ROLES: dict[str, Role] = {"none": "none", "placebo": "placebo"}
"""Roles of rulebooks that are not at hand, by their ids."""
FEWEST_SIGN_FLIPS = 6
"""Cases below which no outcome of the two-sided sign-flip test reaches .05: 2 / 2^5 = .0625."""


def rulebook_moves(layout: Layout, crowd: Crowd) -> tuple[RulebookMove, ...]:
    """One move per line under a rulebook whose judge was also asked without rules, same wording, language.

    Which rulebook has no rules, and which is the placebo, their own roles say; the first of each counts.
    """
    found = []
    desk = _Desk(layout, crowd)
    for line in layout.lines:
        without = _in_role(layout, line, "none")
        if without is not None and role_of(layout, line.key.rulebook_id) != "none":
            placebo = _in_role(layout, line, "placebo")
            found.append(_move(line, (without, placebo), desk))
    return tuple(_corrected(found))


class _Desk:
    """What several moves of one judge need: gaps between two lines, and agreement with people."""

    def __init__(self, layout: Layout, crowd: Crowd) -> None:
        self.layout = layout
        self.crowd = crowd
        self._gaps: dict[tuple[LineKey, LineKey], dict[str, float]] = {}
        self._taus: dict[LineKey, dict[str, float]] = {}

    def gaps(self, line: Line, without: Line) -> dict[str, float]:
        """case_id -> value gap between the two; NaN where it is undefined."""
        both = line.key, without.key
        if both not in self._gaps:
            self._gaps[both] = _gaps(line, without)
        return self._gaps[both]

    def taus(self, line: Line) -> dict[str, float]:
        """case_id -> agreement with the people (or the key); NaN where there is nobody to agree with."""
        if line.key not in self._taus:
            self._taus[line.key] = _taus(line, self.crowd)
        return self._taus[line.key]


def role_of(layout: Layout, rulebook_id: str) -> Role:
    """The rulebook's place in the experiment; of one that is not at hand, what its id says."""
    known = (one.role for one in layout.source.rulebooks if one.rulebook_id == rulebook_id)
    return next(known, _USUAL_ROLES.get(rulebook_id, "treatment"))


def _in_role(layout: Layout, line: Line, role: Role) -> Line | None:
    """The same judge, wording and language under the first rulebook of this role that it was asked."""
    named = [name for name in layout.rulebook_ids if role_of(layout, name) == role]
    asked = (layout.find(line.key._replace(rulebook_id=name)) for name in named)
    return next((one for one in asked if one is not None), None)


def _corrected(moves: Sequence[RulebookMove]) -> list[RulebookMove]:
    """Holm over the sign-flip tests of one judge's rulebooks in one wording and language."""
    families: dict[tuple[str, ...], list[float]] = {}
    for move in moves:
        if move.sign_flip_p is not None:
            families.setdefault(_family(move), []).append(move.sign_flip_p)
    adjusted = {family: iter(holm(p_values)) for family, p_values in families.items()}
    return [
        move
        if move.sign_flip_p is None
        else move.model_copy(update={"sign_flip_holm_p": tidy(next(adjusted[_family(move)]))})
        for move in moves
    ]


def _family(move: RulebookMove) -> tuple[str, ...]:
    return move.judge_id, move.wording, move.language


def factor_shifts(layout: Layout) -> tuple[FactorShift, ...]:
    """How far each judge and rulebook moved in the paraphrase (same language) and in the second language.

    Paraphrase: in the first of the set's languages that has both wordings. Language: base wording, the first
    two languages that were asked.
    """
    found = []
    for judge_id, rulebook_id in dict.fromkeys((line.key[:2]) for line in layout.lines):
        own = [line for line in layout.lines if line.key[:2] == (judge_id, rulebook_id)]
        found += _factor("paraphrase", _two_wordings(own)) + _factor("language", _two_languages(own))
    return tuple(found)


def _move(line: Line, others: tuple[Line, Line | None], desk: _Desk) -> RulebookMove:
    without, placebo = others
    is_placebo = role_of(desk.layout, line.key.rulebook_id) == "placebo"
    gap_of = desk.gaps(line, without)
    beside = {} if is_placebo or placebo is None else desk.gaps(placebo, without)
    taus, before = desk.taus(line), desk.taus(without)
    gaps = [gap_of[runs.case_id] for runs in line.cases]
    net_gaps = [gap - beside.get(runs.case_id, NAN) for gap, runs in zip(gaps, line.cases, strict=True)]
    deltas = [taus[runs.case_id] - before.get(runs.case_id, NAN) for runs in line.cases]
    cases = [
        small_copy(
            CaseMove(
                case_id=runs.case_id,
                gap=tidy_or_none(gap),
                net_gap=tidy_or_none(net),
                towards_people=tidy_or_none(delta),
            )
        )
        for runs, gap, net, delta in zip(line.cases, gaps, net_gaps, deltas, strict=True)
    ]
    no_gap = _why_no_gap(line, without)
    return RulebookMove(
        judge_id=line.key.judge_id,
        protocol=line.protocol,
        rulebook_id=line.key.rulebook_id,
        wording=line.key.wording,
        language=line.key.language,
        gap=mean_over_cases(gaps, no_gap),
        net_gap=_net(net_gaps, no_gap, is_placebo=is_placebo, placebo=placebo),
        towards_people=mean_over_cases(deltas, _why_no_delta(line, without, desk.crowd)),
        sign_flip_p=_sign_flip(deltas, generator(desk.layout.seed, "sign flip", *line.key)),
        cases=tuple(cases),
    )


def _net(values: Sequence[float], because: Undefined, *, is_placebo: bool, placebo: Line | None) -> Estimate:
    if is_placebo:
        return undefined("does_not_apply")
    return mean_over_cases(values, "not_measured" if placebo is None else because)


def _gaps(line: Line, without: Line) -> dict[str, float]:
    sides = [(runs, other) if (other := without.of_case(runs.case_id)) else None for runs in line.cases]
    found = shift_gaps(sides, line.protocol)
    return {runs.case_id: gap for runs, gap in zip(line.cases, found, strict=True)}


def _taus(line: Line, crowd: Crowd) -> dict[str, float]:
    taus = {}
    # Complete cases of one shape are measured together.
    alike: dict[tuple[tuple[int, ...], ...], list[tuple[str, FloatArray, FloatArray]]] = {}
    for runs in line.cases:
        own, others = runs.grades, crowd.view(runs.case_id).others
        if len(own) == 0 or len(others) == 0 or np.isnan(own).any() or np.isnan(others).any():
            taus[runs.case_id] = or_nan(partial(mean_cross_tau, own, others))
        else:
            alike.setdefault((own.shape, others.shape), []).append((runs.case_id, own, others))
    for group in alike.values():
        found = mean_cross_taus([own for _, own, _ in group], [others for _, _, others in group])
        taus |= {case_id: float(tau) for (case_id, _, _), tau in zip(group, found, strict=True)}
    return taus


def _why_no_gap(line: Line, without: Line) -> Undefined:
    read = [sum(len(runs.ranked) for runs in side.cases) for side in (line, without)]
    return "too_few_runs" if all(read) else "no_readable_verdict"


def _why_no_delta(line: Line, without: Line, crowd: Crowd) -> Undefined:
    if crowd.kind == "none":
        return "no_people"
    return "no_readable_verdict" if _why_no_gap(line, without) == "no_readable_verdict" else "no_people"


def _sign_flip(deltas: Sequence[float], rng: np.random.Generator) -> float | None:
    defined = [delta for delta in deltas if not np.isnan(delta)]
    return tidy(sign_flip_test(defined, rng)) if len(defined) >= FEWEST_SIGN_FLIPS else None


def _two_wordings(lines: Sequence[Line]) -> tuple[Line, Line] | None:
    base = [line for line in lines if line.key.wording == "base"]
    for line in base:
        other = line.key._replace(wording="paraphrase")
        found = next((candidate for candidate in lines if candidate.key == other), None)
        if found is not None:
            return line, found
    return None


def _two_languages(lines: Sequence[Line]) -> tuple[Line, Line] | None:
    base = [line for line in lines if line.key.wording == "base"]
    return (base[0], base[1]) if len(base) > 1 else None


def _factor(factor: Literal["paraphrase", "language"], sides: tuple[Line, Line] | None) -> list[FactorShift]:
    if sides is None:
        return []
    one, other = sides
    gaps = [*_gaps(one, other).values()]
    return [
        FactorShift(
            judge_id=one.key.judge_id,
            protocol=one.protocol,
            rulebook_id=one.key.rulebook_id,
            factor=factor,
            gap=mean_over_cases(gaps, _why_no_gap(one, other)),
        )
    ]
