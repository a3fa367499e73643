"""From figures per case to one line of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.compare.coefficients import over_case_sums, strict_share
from harness.compare.crowd import Crowd
from harness.compare.estimates import SHARE, TAU, mean_over_cases, undefined
from harness.compare.figures import CaseFigures
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


def build_row(identity: Identity, figures: Sequence[CaseFigures], against: Against, extras: Extras) -> Row:
    """Average the figures over cases, every case with equal weight, and say why where there is none."""
    n_ranked = sum(case.n_ranked for case in figures)
    crowd = against.crowd
    no_tau = crowd.why_no_tau(n_ranked, against.without)
    no_verdict: Undefined = "no_readable_verdict" if n_ranked == 0 else "not_measured"
    no_human = no_tau if crowd.enough else crowd.why_no_human_human
    return Row(
        **vars(identity),
        n_planned=sum(case.n_planned for case in figures),
        n_ranked=n_ranked,
        failures=extras.failures,
        flags=extras.flags,
        tau_people=mean_over_cases([case.tau for case in figures], no_tau, TAU),
        floor=mean_over_cases([case.floor for case in figures], no_tau, SHARE),
        alpha_k=_alpha(figures, no_tau),
        conflict=mean_over_cases([case.conflict for case in figures], no_tau, SHARE),
        hesitation=mean_over_cases([case.hesitation for case in figures], no_tau, SHARE),
        delta_people=mean_over_cases([case.tau - case.human_human for case in figures], no_human),
        gap=mean_over_cases([case.gap for case in figures], _why_no_gap(figures, crowd, no_tau)),
        retest=mean_over_cases([case.retest for case in figures], _why_no_retest(n_ranked), TAU),
        tie_share=mean_over_cases([case.tie_share for case in figures], no_verdict, SHARE),
        s1=mean_over_cases([case.s1 for case in figures], no_tau, SHARE),
        s2=strict_share(figures, no_tau),
        top1=mean_over_cases([case.top1 for case in figures], no_tau, SHARE),
        order_flips=extras.order_flips,
        intransitive_triples=extras.intransitive_triples,
        tau_longest=mean_over_cases([case.tau_longest for case in figures], no_verdict, TAU),
        slot_effect=extras.slot_effect,
        slot_habit=extras.slot_habit,
        usd_per_1000=extras.usd_per_1000,
        seconds_per_1000=extras.seconds_per_1000,
        cases=tuple(case.reading() for case in figures),
    )


def _alpha(figures: Sequence[CaseFigures], because: Undefined) -> Estimate:
    parts = np.array([(case.tau, case.floor, 1.0) for case in figures if not np.isnan(case.tau)])
    return over_case_sums(parts, _alpha_of_sums, "everything_tied") if len(parts) else undefined(because)


def _alpha_of_sums(sums: FloatArray) -> FloatArray:
    """`harness.stats.agreement.alpha_k` of sums of (tau, floor, 1) over cases; NaN where it is undefined."""
    tau, floor, n_cases = np.moveaxis(sums, -1, 0)
    return ratio(tau - floor, n_cases - floor)


def _why_no_gap(figures: Sequence[CaseFigures], crowd: Crowd, no_tau: Undefined) -> Undefined:
    if not crowd.enough:
        return crowd.why_no_human_human
    return no_tau if all(np.isnan(case.tau) for case in figures) else "too_few_runs"


def _why_no_retest(n_ranked: int) -> Undefined:
    return "too_few_runs" if n_ranked else "no_readable_verdict"
