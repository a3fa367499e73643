"""From figures per case to one line of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from harness.compare.coefficients import over_case_sums, strict_share
from harness.compare.crowd import Crowd
from harness.compare.estimates import SHARE, TAU, mean_over_cases, undefined
from harness.compare.figures import RowFigures
from harness.compare.measured import Figures
from harness.schema import (
    Estimate,
    FailureReason,
    Flag,
    Language,
    Protocol,
    Row,
    RowKind,
    SlotEffect,
    SlotHabit,
    Undefined,
    Wording,
)
from harness.stats.arrays import FloatArray
from harness.stats.pairs import ratio

DOES_NOT_APPLY = undefined("does_not_apply", "verdicts")


@dataclass(frozen=True)
class Identity:
    """Who a row is."""

    row_id: str
    kind: RowKind
    annotator_id: str
    title: str
    simulated: bool = False
    model_id: str | None = None
    protocol: Protocol | None = None
    rulebook_id: str | None = None
    wording: Wording | None = None
    language: Language | None = None


@dataclass(frozen=True)
class Extras:
    """What only some rows have: failures, order figures, cost and time."""

    failures: dict[FailureReason, int] = field(default_factory=dict)
    flags: dict[Flag, int] = field(default_factory=dict)
    order_flips: Estimate = DOES_NOT_APPLY
    intransitive_triples: Estimate = DOES_NOT_APPLY
    slot_effect: SlotEffect | None = None
    slot_habit: SlotHabit | None = None
    usd_per_1000: Estimate = DOES_NOT_APPLY
    seconds_per_1000: Estimate = DOES_NOT_APPLY


@dataclass(frozen=True)
class Against:
    """Whom a row is compared with; `without` is the member who is the row himself or herself."""

    crowd: Crowd
    without: int | None = None


def build_row(identity: Identity, said: RowFigures, against: Against, extras: Extras) -> Row:
    """Average the figures over cases, every case with equal weight, and say why where there is none."""
    n_ranked = sum(said.n_ranked)
    figures, crowd = said.figures, against.crowd
    no_tau = crowd.why_no_tau(n_ranked, against.without)
    no_verdict: Undefined = "no_readable_verdict" if n_ranked == 0 else "not_measured"
    no_human = no_tau if crowd.enough else crowd.why_no_human_human
    return Row(
        **vars(identity),
        n_planned=sum(said.n_planned),
        n_ranked=n_ranked,
        failures=extras.failures,
        flags=extras.flags,
        tau_people=mean_over_cases(figures.tau, no_tau, TAU),
        floor=mean_over_cases(figures.floor, no_tau, SHARE),
        alpha_k=_alpha(figures, no_tau),
        conflict=mean_over_cases(figures.conflict, no_tau, SHARE),
        hesitation=mean_over_cases(figures.hesitation, no_tau, SHARE),
        delta_people=mean_over_cases(figures.tau - said.human_human, no_human),
        gap=mean_over_cases(said.gap, _why_no_gap(figures, crowd, no_tau)),
        retest=mean_over_cases(figures.retest, _why_no_retest(n_ranked), TAU),
        tie_share=mean_over_cases(figures.tie_share, no_verdict, SHARE),
        s1=mean_over_cases(figures.s1, no_tau, SHARE),
        s2=strict_share(figures, no_tau),
        top1=mean_over_cases(figures.top1, no_tau, SHARE),
        order_flips=extras.order_flips,
        intransitive_triples=extras.intransitive_triples,
        tau_longest=mean_over_cases(figures.tau_longest, no_verdict, TAU),
        slot_effect=extras.slot_effect,
        slot_habit=extras.slot_habit,
        usd_per_1000=extras.usd_per_1000,
        seconds_per_1000=extras.seconds_per_1000,
        cases=said.readings(),
    )


def _alpha(figures: Figures, because: Undefined) -> Estimate:
    known = ~np.isnan(figures.tau)
    parts = np.column_stack([figures.tau, figures.floor, np.ones(len(known))])[known]
    return over_case_sums(parts, _alpha_of_sums, "everything_tied") if len(parts) else undefined(because)


def _alpha_of_sums(sums: FloatArray) -> FloatArray:
    """`harness.stats.agreement.alpha_k` of sums of (tau, floor, 1) over cases; NaN where it is undefined."""
    tau, floor, n_cases = np.moveaxis(sums, -1, 0)
    return ratio(tau - floor, n_cases - floor)


def _why_no_gap(figures: Figures, crowd: Crowd, no_tau: Undefined) -> Undefined:
    if not crowd.enough:
        return crowd.why_no_human_human
    return no_tau if np.isnan(figures.tau).all() else "too_few_runs"


def _why_no_retest(n_ranked: int) -> Undefined:
    return "too_few_runs" if n_ranked else "no_readable_verdict"
