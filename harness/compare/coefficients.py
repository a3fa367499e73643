"""Coefficients that readers ask for beside the headline: S2 of a row, alpha and W of the people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import (
    JACKKNIFE,
    MIN_CASES,
    SHARE,
    mean_over_cases,
    optional_interval,
    tidy,
    undefined,
)
from harness.compare.figures import NAN, or_nan
from harness.compare.measured import Figures
from harness.schema import Estimate, Undefined
from harness.stats.arrays import FloatArray
from harness.stats.intervals import jackknife_t
from harness.stats.pairs import mid_ranks
from harness.stats.reliability import (
    Coincidences,
    alpha_of,
    coincidences,
    kendall_w,
    krippendorff_alpha_ordinal,
)


def over_case_sums(
    parts: FloatArray, estimator: Callable[[FloatArray], FloatArray], because: Undefined
) -> Estimate:
    """Estimate a figure that is a function of sums over cases, and leave out one case for its interval (T3).

    `parts` holds one row per case; `estimator` turns one row of sums, or a stack of them, into the figure,
    NaN where it is undefined. The same as `over_cases`, in one pass instead of one per case.
    """
    n_cases = len(parts)
    total = parts.sum(axis=0)
    value = float(estimator(total)) if n_cases else NAN
    if np.isnan(value):
        return undefined(because)
    few = n_cases < MIN_CASES
    found = (
        ()
        if few
        else optional_interval(lambda: jackknife_t(estimator(total - parts), value), "T3", JACKKNIFE)
    )
    return Estimate(
        value=tidy(value),
        n=n_cases,
        unit="cases",
        intervals=found,
        undefined_because="too_few_cases" if few else None,
    )


def strict_share(figures: Figures, because: Undefined) -> Estimate:
    """S2 of a row: mean over the cases that have a pair which neither side ties; n = all such pairs.

    Undefined cases are left out, never counted as 0: the interval's n says how many are defined.
    """
    if np.isnan(figures.tau).all():
        return undefined(because, "pairs")
    estimate = mean_over_cases(figures.s2, "everything_tied", SHARE)
    return estimate.model_copy(update={"n": int(figures.n_strict.sum()), "unit": "pairs"})


def krippendorff(crowd: Crowd) -> Estimate:
    """Ordinal alpha of the people, on mid-ranks, over all units (case, answer); jackknife over cases.

    The answers of one case depend on each other, so cases are left out and never units.
    """
    if not crowd.enough:
        return undefined(crowd.why_no_human_human)
    ranks = [mid_ranks(voters) for case_id in crowd.grades if len(voters := crowd.view(case_id).others) > 1]
    scale = (
        np.unique(np.concatenate([values[~np.isnan(values)] for values in ranks])) if ranks else np.empty(0)
    )
    n_values = len(scale)
    counted = [coincidences(values, scale) for values in ranks]
    parts = np.array([np.append(found.observed.ravel(), found.totals) for found in counted])

    def estimator(sums: FloatArray) -> FloatArray:
        observed = sums[..., : n_values**2].reshape(*sums.shape[:-1], n_values, n_values)
        return alpha_of(Coincidences(observed, sums[..., n_values**2 :]))

    return over_case_sums(parts.reshape(len(counted), n_values**2 + n_values), estimator, "no_variation")


def kendall(crowd: Crowd) -> Estimate:
    """Kendall's W with ties, mean over the cases that two people ranked completely."""
    if not crowd.enough:
        return undefined(crowd.why_no_human_human)
    incomplete = crowd.why_no_median == "incomplete_rankings"
    because: Undefined = "incomplete_rankings" if incomplete else "everything_tied"
    return mean_over_cases([case_w(crowd, case_id) for case_id in crowd.grades], because, SHARE)


def case_w(crowd: Crowd, case_id: str) -> float:
    """Kendall's W of the people in one case, complete rankings only; NaN where undefined."""
    others = crowd.view(case_id).others
    complete = others[~np.isnan(others).any(axis=1)]
    return or_nan(lambda: kendall_w(complete).w) if crowd.enough else NAN


def case_alpha(crowd: Crowd, case_id: str) -> float:
    """Krippendorff's alpha of the people in one case, its answers as units; NaN where undefined."""
    others = crowd.view(case_id).others
    return or_nan(lambda: krippendorff_alpha_ordinal(mid_ranks(others))) if crowd.enough else NAN
