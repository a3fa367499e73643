"""What each rule does: the rulebook beside itself without the rule (`harness run --ablate-rules`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import generator, mean_over_cases, record_test, tidy
from harness.compare.figures import NAN, or_nan
from harness.compare.pairing import complete_repeats, match, shift_gap
from harness.compare.source import CaseRuns, Layout, Line
from harness.schema import RuleEffect, ShuffleTest, Undefined
from harness.schema.ablation import ablated_rule
from harness.stats.arrays import FloatArray
from harness.stats.group import mean_cross_tau
from harness.stats.permutation import holm, rulebook_test


class _Sides(NamedTuple):
    """One rule of one judge's rulebook: the line with it, and the line without it."""

    rule: int
    whole: Line
    without: Line

    def cases(self) -> list[tuple[CaseRuns, CaseRuns]]:
        """Cases that both lines were asked."""
        beside = [(runs, self.without.of_case(runs.case_id)) for runs in self.whole.cases]
        return [(runs, other) for runs, other in beside if other is not None]


def rule_effects(layout: Layout, crowd: Crowd, n_shuffles: int) -> tuple[RuleEffect, ...]:
    """One effect per rule that was left out, for one judge, rulebook, wording and language at a time.

    The p-values of the rules of one rulebook and judge are corrected together (Holm). `n_shuffles` = 0 leaves
    the tests out.
    """
    families: dict[tuple[str, ...], list[_Sides]] = {}
    for without in layout.ablated:
        found = ablated_rule(without.key.rulebook_id)
        assert found is not None  # `Layout.ablated` holds nothing else
        whole = layout.find(without.key._replace(rulebook_id=found[0]))
        if whole is not None:
            families.setdefault(tuple(whole.key), []).append(_Sides(found[1], whole, without))
    return tuple(
        effect
        for family in families.values()
        for effect in _corrected([_effect(sides, layout, crowd, n_shuffles) for sides in family])
    )


def _effect(sides: _Sides, layout: Layout, crowd: Crowd, n_shuffles: int) -> RuleEffect:
    key, protocol = sides.whole.key, sides.whole.protocol
    cases = sides.cases()
    gaps = [shift_gap(whole, without, protocol) for whole, without in cases]
    deltas = [_tau(whole, crowd) - _tau(without, crowd) for whole, without in cases]
    return RuleEffect(
        judge_id=key.judge_id,
        protocol=protocol,
        rulebook_id=key.rulebook_id,
        rule=sides.rule,
        wording=key.wording,
        language=key.language,
        gap=mean_over_cases(gaps, _why_no_gap(cases)),
        towards_people=mean_over_cases(deltas, _why_no_delta(cases, crowd)),
        test=_test(sides, layout.seed, n_shuffles),
    )


def _test(sides: _Sides, seed: int, n_shuffles: int) -> ShuffleTest | None:
    """Shuffle with and without within case (and presentation, where both were asked in the same ones)."""
    tables: list[FloatArray] = []
    same = []
    for whole, without in sides.cases():
        common = complete_repeats(whole).keys() & complete_repeats(without).keys()
        if common:
            matched = match([whole, without], common, sides.whole.protocol)
            tables.append(matched.columns[None])
            same.append(matched.same_presentations)
    if not tables or not n_shuffles:
        return None
    rng = generator(seed, "rule effect", *sides.without.key)
    found = rulebook_test(tables, rng, n_shuffles, same_presentations=all(same))
    again = "label pair" if sides.whole.protocol == "pairwise" else "presentation"
    return record_test(found, f"case and {again}" if all(same) else "case")


def _corrected(effects: Sequence[RuleEffect]) -> list[RuleEffect]:
    """Holm over the rules that have a test."""
    tested = [effect.test.p for effect in effects if effect.test is not None]
    adjusted = iter(holm(tested) if tested else np.empty(0))
    return [
        effect if effect.test is None else effect.model_copy(update={"holm_p": tidy(next(adjusted))})
        for effect in effects
    ]


def _tau(runs: CaseRuns, crowd: Crowd) -> float:
    others = crowd.view(runs.case_id).others
    return or_nan(lambda: mean_cross_tau(runs.grades, others)) if len(others) else NAN


def _why_no_gap(cases: Sequence[tuple[CaseRuns, CaseRuns]]) -> Undefined:
    read = [sum(side[place].n_ranked for side in cases) for place in (0, 1)]
    return "too_few_runs" if all(read) else "no_readable_verdict"


def _why_no_delta(cases: Sequence[tuple[CaseRuns, CaseRuns]], crowd: Crowd) -> Undefined:
    if crowd.kind == "none" or _why_no_gap(cases) == "too_few_runs":
        return "no_people"
    return "no_readable_verdict"
