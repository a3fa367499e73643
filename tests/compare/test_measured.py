"""Figures of many cases at once are those of each case by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.compare.figures import or_nan
from harness.compare.measured import MAX_MEDIANS, Figures, Numbers, measured
from harness.stats import agreement
from harness.stats.coefficients import top1
from harness.stats.consensus import kemeny_medians
from harness.stats.group import mean_pairwise_tau
from harness.stats.pairs import mid_ranks, tie_share, tiers

SOME = st.sampled_from([1.0, 2.0, 3.0, 4.0])
OR_NONE = st.sampled_from([1.0, 2.0, 3.0, math.nan])


@st.composite
def cases_of_one_shape(draw: st.DrawFn) -> Numbers:
    """Cases of two to four answers, complete or with gaps, with up to three others and lengths."""
    k, grade = draw(st.integers(2, 4)), draw(st.sampled_from([SOME, OR_NONE]))
    n_cases, n_rankings, n_others = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(0, 3))
    lengths = st.sampled_from([20.0, 30.0, 41.0] if draw(st.booleans()) else [20.0, math.nan])
    return Numbers(
        draw(hnp.arrays(np.float64, (n_cases, n_rankings, k), elements=grade)),
        draw(hnp.arrays(np.float64, (n_cases, n_others, k), elements=grade)),
        draw(hnp.arrays(np.float64, (n_cases, k), elements=lengths)),
    )


def many_like(numbers: Numbers) -> Numbers:
    """The same rankings again and again: more than are measured kind by kind."""
    return Numbers(np.tile(numbers.grades, (1, 40, 1)), numbers.others, numbers.longest)


def mean(values: np.ndarray) -> float:
    """Of what is defined."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan


def by_definition(numbers: Numbers, case: int) -> dict[str, float]:
    """Each figure of a case from its own function of `harness.stats`."""
    grades, rest, longest = (part[case] for part in numbers)
    own, others = grades[:, None], rest[None]
    found = {
        "retest": or_nan(lambda: mean_pairwise_tau(grades)),
        "tie_share": mean(tie_share(grades)),
        "tau_longest": mean(agreement.tau_x(grades, longest[None])),
    }
    if len(rest):
        found |= {
            "tau": mean(agreement.tau_x(own, others)),
            "conflict": mean(agreement.conflict_rate(own, others)),
            "hesitation": mean(agreement.hesitation_rate(own, others)),
            "top1": mean(top1(own, others)),
        }
    return found


def told(figures: Figures, case: int) -> dict[str, float]:
    """The same figures as they were measured."""
    return {name: float(column[case]) for name, column in zip(Figures._fields, figures, strict=True)}


@given(cases_of_one_shape(), st.booleans())
def test_every_figure_is_that_of_its_definition(numbers: Numbers, many: bool) -> None:
    """Whatever is measured together: agreement, retest, ties and places, gaps included."""
    numbers = many_like(numbers) if many else numbers
    found = measured(numbers)
    for case, grades in enumerate(numbers.grades):
        expected = by_definition(numbers, case)
        seen = told(found.figures, case)
        assert {name: seen[name] for name in expected} == pytest.approx(expected, nan_ok=True)
        places = [mean(column) for column in mid_ranks(grades).T]
        assert found.mid_ranks[case] == pytest.approx(places, nan_ok=True)


@given(cases_of_one_shape())
def test_together_is_as_alone_to_the_last_bit(numbers: Numbers) -> None:
    """What a case is measured with changes nothing, so a run in other batches writes the same file."""
    together = measured(numbers)
    for case in range(len(numbers.grades)):
        alone = measured(numbers.only(slice(case, case + 1)))
        assert repr(told(alone.figures, 0)) == repr(told(together.figures, case))
        assert alone.mid_ranks[0].tobytes() == together.mid_ranks[case].tobytes()
        assert alone.medians[0] == together.medians[case]


@given(cases_of_one_shape())
def test_medians_are_kemenys(numbers: Numbers) -> None:
    """Of the answers that anybody ranked, as tiers; none with fewer than two."""
    for grades, found in zip(numbers.grades, measured(numbers).medians, strict=True):
        ranked = np.flatnonzero(~np.isnan(grades).all(axis=0))
        expected: list[tuple[tuple[int, ...], ...]] = []
        if len(ranked) > 1:
            orders = kemeny_medians(grades[:, ranked])
            expected = [tuple(tuple(int(ranked[a]) for a in tier) for tier in tiers(one)) for one in orders]
        assert list(found) == (expected if len(expected) <= MAX_MEDIANS else [])
