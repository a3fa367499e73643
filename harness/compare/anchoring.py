"""What a judge's proposals did to the people who saw them: figures of both arms, and their differences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import JACKKNIFE_PEOPLE
from harness.compare.estimates import (
    JACKKNIFE,
    SHARE,
    TAU,
    Bounds,
    exact,
    generator,
    mean_over_cases,
    nan_mean,
    optional_interval,
    record_test,
    tidy,
    tidy_or_none,
    undefined,
)
from harness.compare.proposed import Study, source_of, study_of, votes_at_stake
from harness.compare.source import Layout
from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, ShuffleTest
from harness.schema.anchoring import Anchoring, AnchoringCase
from harness.stats.anchoring import anchoring_effect, effect_over_cases, effect_over_people
from harness.stats.arms import ArmMeans, arm_means, design_of
from harness.stats.arrays import FloatArray
from harness.stats.false_consensus import consensus_over_people, false_consensus
from harness.stats.following import Followed, followed, followed_over_cases, followed_over_people, unchanged
from harness.stats.intervals import Interval
from harness.stats.lots import dealt_arms_test


def anchoring(layout: Layout, n_shuffles: int) -> tuple[Anchoring, ...]:
    """Say what each judge's proposals did to the people who saw them; empty where nobody could see any.

    A person's first vote on a case counts, as everywhere. Held beside each other are, per judge and its
    rulebook, who saw its grades of a case, and who in the same sessions by lot saw none.
    """
    votes = votes_at_stake(layout)
    sources = sorted({source_of(vote.proposal) for vote in votes if vote.proposal and vote.saw_proposal})
    studies = [study_of(source, votes, layout) for source in sources]
    return tuple(_anchoring(study, layout, n_shuffles) for study in studies)


def _anchoring(study: Study, layout: Layout, n_shuffles: int) -> Anchoring:
    taus = arm_means(study.taus, study.shown)
    alike = false_consensus(study.grades, study.shown)
    same = unchanged(study.grades, study.proposals)
    kept = arm_means(same, study.shown)
    wrong = followed(study.grades, study.proposals, study.shown)
    judge_id, rulebook_id = study.source
    return Anchoring(
        judge_id=judge_id,
        rulebook_id=rulebook_id,
        design=design_of(study.shown),
        simulated=study.simulated,
        n_people_shown=study.n_people(1),
        n_people_control=study.n_people(0),
        n_verdicts_shown=int((study.shown == 1).sum()),
        n_verdicts_control=int((study.shown == 0).sum()),
        n_aside=study.n_aside,
        tau_shown=_mean(taus.shown, study, TAU),
        tau_control=_mean(taus.control, study, TAU),
        effect=_effect(study.taus, study),
        test=_test(study, layout.seed, n_shuffles),
        human_shown=_mean(alike.shown, study, TAU),
        human_control=_mean(alike.control, study, TAU),
        false_consensus=_difference(alike, study, partial(consensus_over_people, study.grades, study.shown)),
        unchanged_shown=_mean(kept.shown, study, SHARE),
        unchanged_control=_mean(kept.control, study, SHARE),
        n_wrong_pairs=wrong.n_pairs,
        followed_shown=_pooled(wrong.shown, wrong.n_cases, study),
        followed_control=_pooled(wrong.control, wrong.n_cases, study),
        followed_more=_followed_more(wrong, study),
        cases=_cases(study, taus, alike),
        **_times(study),
    )


def _mean(values: FloatArray, study: Study, within: Bounds) -> Estimate:
    """One arm: the mean over cases, with words where an arm has too few people."""
    if not study.is_enough:
        return undefined("too_few_people")
    return mean_over_cases(values.tolist(), "does_not_apply", within)


def _effect(figures: FloatArray, study: Study) -> Estimate:
    try:
        value = anchoring_effect(figures, study.shown)
    except UndefinedStatisticError:
        return undefined("incomplete_grid" if study.is_enough else "too_few_people")
    spans = (
        *optional_interval(lambda: effect_over_cases(figures, study.shown), "T3", JACKKNIFE),
        *optional_interval(lambda: effect_over_people(figures, study.shown), "T2", JACKKNIFE_PEOPLE),
    )
    n_cases = int((~np.isnan(arm_means(figures, study.shown).difference)).sum())
    return Estimate(value=tidy(value), n=n_cases, unit="cases", intervals=spans)


def _difference(arms: ArmMeans, study: Study, over_people: Callable[[], Interval]) -> Estimate:
    """Shown minus control, both as means over the cases that have them."""
    if not study.is_enough:
        return undefined("too_few_people")
    estimate = mean_over_cases(arms.difference.tolist(), "does_not_apply")
    if estimate.value is None:
        return estimate
    people = optional_interval(over_people, "T2", JACKKNIFE_PEOPLE)
    return estimate.model_copy(update={"intervals": (*estimate.intervals, *people)})


def _pooled(share: float, n_cases: int, study: Study) -> Estimate:
    if not study.is_enough:
        return undefined("too_few_people")
    return undefined("does_not_apply") if np.isnan(share) else exact(share, n_cases)


def _followed_more(wrong: Followed, study: Study) -> Estimate:
    estimate = _pooled(wrong.difference, wrong.n_cases, study)
    if estimate.value is None:
        return estimate
    arrays = (study.grades, study.proposals, study.shown)
    spans = (
        *optional_interval(lambda: followed_over_cases(*arrays), "T3", JACKKNIFE),
        *optional_interval(lambda: followed_over_people(*arrays), "T2", JACKKNIFE_PEOPLE),
    )
    return estimate.model_copy(update={"intervals": spans})


def _test(study: Study, seed: int, n_shuffles: int) -> ShuffleTest | None:
    if not study.is_enough or n_shuffles == 0:
        return None
    rng = generator(seed, "arms dealt anew", *study.source)
    try:
        found = dealt_arms_test(study.taus, study.shown, study.lots, rng, n_shuffles)
    except UndefinedStatisticError:
        return None
    return record_test(found, "lot")


class _Arm(NamedTuple):
    name: str
    is_shown: float


def _times(study: Study) -> dict[str, Estimate]:
    """Mean times of both arms, and their ratio; words where nobody's time is known."""
    found = {}
    for arm in (_Arm("seconds_shown", 1.0), _Arm("seconds_control", 0.0)):
        taken = study.seconds[(study.shown == arm.is_shown) & ~np.isnan(study.seconds)]
        unknown = undefined("time_unknown", "verdicts")
        found[arm.name] = exact(nan_mean(taken), len(taken), "verdicts") if len(taken) else unknown
    if any(one.value is None for one in found.values()):
        return {**found, "time_ratio": undefined("time_unknown")}
    return {**found, "time_ratio": _powered(_effect(np.log(study.seconds), study))}


def _powered(estimate: Estimate) -> Estimate:
    """A difference of logarithms as a ratio."""
    if estimate.value is None:
        return estimate
    turned = [
        one.model_copy(update={"low": tidy(np.exp(one.low)), "high": tidy(np.exp(one.high))})
        for one in estimate.intervals
    ]
    return estimate.model_copy(update={"value": tidy(np.exp(estimate.value)), "intervals": tuple(turned)})


def _cases(study: Study, taus: ArmMeans, alike: ArmMeans) -> tuple[AnchoringCase, ...]:
    return tuple(
        AnchoringCase(
            case_id=case.case_id,
            n_shown=int((study.shown[:, place] == 1).sum()),
            n_control=int((study.shown[:, place] == 0).sum()),
            tau_shown=tidy_or_none(taus.shown[place]),
            tau_control=tidy_or_none(taus.control[place]),
            human_shown=tidy_or_none(alike.shown[place]),
            human_control=tidy_or_none(alike.control[place]),
        )
        for place, case in enumerate(study.cases)
    )
