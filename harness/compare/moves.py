"""What each rulebook, each other wording and each other language moved, for one judge at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import generator, mean_over_cases, shuffles_for, tidy, tidy_all, undefined
from harness.compare.figures import or_nan, stacked
from harness.compare.pairing import shift_gaps
from harness.compare.source import Layout, Line, LineKey
from harness.schema import CaseMove, Estimate, FactorShift, RulebookMove, Undefined
from harness.schema.small import small_record
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
    """What several moves of one judge need: gaps between two lines, and agreement with people.

    One number for every case of the run; NaN where it is undefined, or the line was not asked.
    """

    def __init__(self, layout: Layout, crowd: Crowd) -> None:
        self.layout = layout
        self.crowd = crowd
        self._gaps: dict[tuple[LineKey, LineKey], FloatArray] = {}
        self._taus: dict[LineKey, FloatArray] = {}

    def gaps(self, line: Line, without: Line) -> FloatArray:
        """Value gaps between the two."""
        both = line.key, without.key
        if both not in self._gaps:
            self._gaps[both] = shift_gaps(line, without, len(self.layout.cases))
        return self._gaps[both]

    def taus(self, line: Line) -> FloatArray:
        """Agreement with the people (or the key); NaN where there is nobody to agree with."""
        if line.key not in self._taus:
            self._taus[line.key] = _taus(line, self.layout, self.crowd)
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
    found, n_cases = [], len(layout.cases)
    for judge_id, rulebook_id in dict.fromkeys((line.key[:2]) for line in layout.lines):
        own = [line for line in layout.lines if line.key[:2] == (judge_id, rulebook_id)]
        found += _factor("paraphrase", _two_wordings(own), n_cases)
        found += _factor("language", _two_languages(own), n_cases)
    return tuple(found)


def _move(line: Line, others: tuple[Line, Line | None], desk: _Desk) -> RulebookMove:
    without, placebo = others
    is_placebo = role_of(desk.layout, line.key.rulebook_id) == "placebo"
    asked = line.numbers
    gaps = desk.gaps(line, without)[asked]
    nothing = np.full(len(desk.layout.cases), np.nan)
    beside = nothing if is_placebo or placebo is None else desk.gaps(placebo, without)
    net_gaps = gaps - beside[asked]
    deltas = (desk.taus(line) - desk.taus(without))[asked]
    columns = ([runs.case_id for runs in line.cases], *map(tidy_all, (gaps, net_gaps, deltas)))
    cases = [
        small_record(CaseMove, dict(zip(_CASE_MOVE, told, strict=True)))
        for told in zip(*columns, strict=True)
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
        sign_flip_p=_sign_flip(deltas, desk.layout, line),
        cases=tuple(cases),
    )


_CASE_MOVE = ("case_id", "gap", "net_gap", "towards_people")


def _net(values: FloatArray, because: Undefined, *, is_placebo: bool, placebo: Line | None) -> Estimate:
    if is_placebo:
        return undefined("does_not_apply")
    return mean_over_cases(values, "not_measured" if placebo is None else because)


def _taus(line: Line, layout: Layout, crowd: Crowd) -> FloatArray:
    taus = np.full(len(layout.cases), np.nan)
    views = [crowd.view(runs.case_id).others for runs in line.cases]
    for block in line.blocks:
        for some, others in stacked([views[place] for place in block.places.tolist()]):
            numbers, own = line.numbers[block.places[some]], block.grades[some]
            # Complete cases of one shape are measured together.
            if others.shape[1] and not (np.isnan(own).any() or np.isnan(others).any()):
                taus[numbers] = mean_cross_taus(own, others)
            else:
                found = [or_nan(partial(mean_cross_tau, *case)) for case in zip(own, others, strict=True)]
                taus[numbers] = found
    return taus


def _why_no_gap(line: Line, without: Line) -> Undefined:
    read = [side.n_ranked for side in (line, without)]
    return "too_few_runs" if all(read) else "no_readable_verdict"


def _why_no_delta(line: Line, without: Line, crowd: Crowd) -> Undefined:
    if crowd.kind == "none":
        return "no_people"
    return "no_readable_verdict" if _why_no_gap(line, without) == "no_readable_verdict" else "no_people"


def _sign_flip(deltas: FloatArray, layout: Layout, line: Line) -> float | None:
    defined = deltas[~np.isnan(deltas)]
    if len(defined) < FEWEST_SIGN_FLIPS:
        return None
    rng = generator(layout.seed, "sign flip", *line.key)
    return tidy(sign_flip_test(defined, rng, shuffles_for(layout.source.table.n_verdicts)))


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


def _factor(
    factor: Literal["paraphrase", "language"], sides: tuple[Line, Line] | None, n_cases: int
) -> list[FactorShift]:
    if sides is None:
        return []
    one, other = sides
    gaps = shift_gaps(one, other, n_cases)[one.numbers]
    return [
        FactorShift(
            judge_id=one.key.judge_id,
            protocol=one.protocol,
            rulebook_id=one.key.rulebook_id,
            factor=factor,
            gap=mean_over_cases(gaps, _why_no_gap(one, other)),
        )
    ]
