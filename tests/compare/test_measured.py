"""Figures of many cases at once are those of each case by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.compare import measured as module
from harness.compare.figures import or_nan
from harness.compare.measured import Measured, Numbers, measure_ahead, measured, own_tie_share
from harness.stats import agreement
from harness.stats.coefficients import top1
from harness.stats.consensus import kemeny_medians
from harness.stats.group import mean_pairwise_tau
from harness.stats.pairs import mid_ranks, tie_share, tiers

SOME = st.sampled_from([1.0, 2.0, 3.0, 4.0])
OR_NONE = st.sampled_from([1.0, 2.0, 3.0, math.nan])


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    """A case of two to four answers, complete or with gaps, with up to three others and lengths."""
    k, grade = draw(st.integers(2, 4)), draw(st.sampled_from([SOME, OR_NONE]))
    n_rankings, n_others = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    known = draw(st.booleans())
    longest = draw(hnp.arrays(np.float64, k, elements=st.sampled_from([20.0, 30.0, 41.0])))
    return Numbers(
        draw(hnp.arrays(np.float64, (n_rankings, k), elements=grade)),
        draw(hnp.arrays(np.float64, (n_others, k), elements=grade)),
        longest if known else np.full(k, math.nan),
    )


def mean(values: np.ndarray) -> float:
    """Of what is defined."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan


def by_definition(case: Numbers) -> dict[str, float]:
    """Each figure from its own function of `harness.stats`."""
    grades, (own, others) = case.grades, (case.grades[:, None], case.others[None])
    found = {
        "retest": or_nan(lambda: mean_pairwise_tau(grades)),
        "tie_share": mean(tie_share(grades)),
        "tau_longest": mean(agreement.tau_x(grades, case.longest[None])),
    }
    if len(case.others):
        found |= {
            "tau": mean(agreement.tau_x(own, others)),
            "conflict": mean(agreement.conflict_rate(own, others)),
            "hesitation": mean(agreement.hesitation_rate(own, others)),
            "top1": mean(top1(own, others)),
        }
    return found


def told(found: Measured) -> dict[str, float]:
    """The same figures as they were measured."""
    return {**found.against._asdict(), "retest": found.retest, "tie_share": found.tie_share} | {
        "tau_longest": found.tau_longest
    }


@given(st.lists(numbers(), min_size=1, max_size=6))
def test_every_figure_is_that_of_its_definition(cases: list[Numbers]) -> None:
    """Whatever is measured together: agreement, retest, ties, places and medians, gaps included."""
    module._known.clear()
    measure_ahead(cases)
    for case in cases:
        found = measured(case)
        expected = by_definition(case)
        assert {name: told(found)[name] for name in expected} == pytest.approx(expected, nan_ok=True)
        places = [mean(column) for column in mid_ranks(case.grades).T]
        ranked = {place: rank for place, rank in enumerate(places) if not math.isnan(rank)}
        assert dict(found.mid_ranks) == pytest.approx(ranked)
        assert own_tie_share(case.grades) == pytest.approx(expected["tie_share"], nan_ok=True)


@given(st.lists(numbers(), min_size=2, max_size=6))
def test_together_is_as_alone_to_the_last_bit(cases: list[Numbers]) -> None:
    """What a case is measured with changes nothing, so a run in other batches writes the same file."""
    module._known.clear()
    measure_ahead(cases)
    together = [repr(measured(case)) for case in cases]
    module._known.clear()
    assert [repr(measured(case)) for case in cases] == together


@given(numbers())
def test_medians_are_kemenys(case: Numbers) -> None:
    """Of the answers that anybody ranked, as tiers; none with fewer than two."""
    ranked = np.flatnonzero(~np.isnan(case.grades).all(axis=0))
    expected: list[tuple[tuple[int, ...], ...]] = []
    if len(ranked) > 1:
        orders = kemeny_medians(case.grades[:, ranked])
        expected = [tuple(tuple(int(ranked[a]) for a in tier) for tier in tiers(one)) for one in orders]
    assert list(measured(case).medians) == (expected if len(expected) <= module.MAX_MEDIANS else [])


def test_kinds_of_cases_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number kept has a bound, and what was asked for last is there."""
    monkeypatch.setattr(module, "_MOST_KEPT", 5)
    rng, nobody, lengths = np.random.default_rng(1), np.empty((0, 4)), np.arange(4.0)
    for _ in range(10):
        cases = [
            Numbers(rng.permutation(4.0 + np.arange(8.0)).reshape(2, 4), nobody, lengths) for _ in range(3)
        ]
        measure_ahead(cases)
        assert len(module._known) <= 5
        for case in cases:
            assert measured(case).mid_ranks
