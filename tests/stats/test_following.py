"""People shown one proposal: false consensus, proposals left as they are, wrong ones that are followed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats.arms import left_out_people
from harness.stats.false_consensus import consensus_over_people, false_consensus
from harness.stats.following import followed, followed_over_cases, followed_over_people, unchanged
from harness.stats.group import mean_pairwise_tau

NAN = np.nan
SIX = np.array([[1.0]] * 3 + [[0.0]] * 3)


def some_people(seed: int = 1, n_cases: int = 4) -> list[np.ndarray]:
    """Eight people's grades of three answers."""
    return [
        np.random.default_rng([seed, case]).integers(1, 5, (8, 3)).astype(float) for case in range(n_cases)
    ]


def test_agreement_of_each_arm_is_that_of_its_people() -> None:
    """Per case and arm: mean tau_x of all pairs of people, as the group statistic gives it."""
    cases = some_people()
    seen = np.repeat([[1.0]] * 5 + [[0.0]] * 3, 4, axis=1)
    found = false_consensus(cases, seen)
    assert found.shown == pytest.approx([mean_pairwise_tau(grades[:5]) for grades in cases])
    assert found.control == pytest.approx([mean_pairwise_tau(grades[5:]) for grades in cases])


def test_the_same_proposal_makes_people_alike() -> None:
    """Three who repeat it agree fully; of the others two agree, one is opposite: 1 - (1 - 1 - 1)/3 = 4/3."""
    people = np.array([[2.0, 1]] * 3 + [[2, 1], [2, 1], [1, 2]])
    assert false_consensus([people], SIX).difference == pytest.approx([4 / 3])


@pytest.mark.parametrize("by_cases", [False, True])
def test_the_interval_of_consensus_leaves_each_person_out(by_cases: bool) -> None:
    """Centre and width are those of a jackknife in plain loops, for both designs."""
    cases = some_people()
    seen = np.repeat([[1.0]] * 4 + [[0.0]] * 4, 4, axis=1)
    if by_cases:
        seen[::2, ::2] = 1 - seen[::2, ::2]
    left_out = np.array(
        [
            false_consensus([np.delete(one, who, axis=0) for one in cases], np.delete(seen, who, axis=0))
            .difference.mean()
            for who in range(8)
        ]
    )  # fmt: skip
    groups = [left_out] if by_cases else [left_out[:4], left_out[4:]]
    error = sum((len(one) - 1) / len(one) * ((one - one.mean()) ** 2).sum() for one in groups) ** 0.5
    found = consensus_over_people(cases, seen)
    centre, half = (found.low + found.high) / 2, (found.high - found.low) / 2
    assert centre == pytest.approx(false_consensus(cases, seen).difference.mean())
    # Quantiles of t with 7 degrees of freedom, and with Welch's between 3 and 6.
    assert (2.364 if by_cases else 2.446) <= half / error + 1e-3 <= (2.366 if by_cases else 3.183)


def test_a_wrong_pair_is_followed_or_not() -> None:
    """Proposed 1 2. Control: three say 2 1, one 1 2, and for each most of the others are against it: 1 of 4.

    Shown: one of three follows.
    """
    people = np.array([[1.0, 2], [2, 1], [2, 1], [2, 1], [2, 1], [2, 1], [1, 2]])
    found = followed([people], [[1, 2]], [[1]] * 3 + [[0]] * 4)
    assert (found.n_pairs, found.n_cases) == (1, 1)
    assert found.shown == pytest.approx(1 / 3)
    assert found.control == pytest.approx(1 / 4)
    assert found.difference == pytest.approx(1 / 12)


def test_both_arms_weigh_pairs_alike() -> None:
    """Pair 1 counts for 4 of the control arm, pair 2 (bare majority of 3 : 2) for the 2 who follow it only.

    Shown follow pair 1 always and pair 2 never: 4/6. Control: (1 of 4) + (2 of 2) = 3/6.
    """
    first = np.array([[1.0, 2]] * 3 + [[2, 1]] * 3 + [[1, 2], [np.nan, np.nan]])
    second = np.array([[2.0, 1]] * 3 + [[2, 1]] * 3 + [[1, 2]] * 2)
    found = followed([first, second], [[1, 2], [1, 2]], [[1, 1]] * 3 + [[0, 0]] * 5)
    assert found.shown == pytest.approx(4 / 6)
    assert found.control == pytest.approx(3 / 6)
    assert (found.n_pairs, found.n_cases) == (2, 2)


def test_a_proposal_that_most_share_has_no_wrong_pair() -> None:
    """Nor has one that ties what others order: shares are undefined, not 0."""
    people = np.array([[1.0, 2], [2, 1], [2, 1], [2, 1], [2, 1], [2, 1]])
    for proposal in ([2, 1], [1, 1], [NAN, 1]):
        found = followed([people], [proposal], SIX)
        assert (found.n_pairs, found.n_cases) == (0, 0)
        assert np.isnan([found.shown, found.control]).all()


def test_two_people_in_the_control_arm_are_no_majority() -> None:
    """A case in which fewer than three saw nothing has no wrong pair."""
    people = np.array([[1.0, 2], [2, 1], [2, 1], [2, 1], [2, 1], [NAN, NAN]])
    assert followed([people], [[1, 2]], SIX).n_pairs == 0


def test_ungraded_answers_make_no_reading() -> None:
    """Whoever left out an answer says nothing about its pairs, in either arm."""
    people = np.array([[1.0, NAN], [1, 2], [2, 1], [2, 1], [2, 1], [2, 1], [2, NAN]])
    found = followed([people], [[1, 2]], [[1]] * 3 + [[0]] * 4)
    assert found.shown == pytest.approx(1 / 2)
    assert found.control == pytest.approx(0.0)


@pytest.mark.parametrize("over", [followed_over_people, followed_over_cases])
def test_following_more_than_chance_has_an_interval(over: Any) -> None:  # noqa: ANN401 - either of two
    """Seven of eight follow where one of eight does unseen, a little more or less by case: above 0."""
    shown = np.array([[1.0, 2]] * 7 + [[2, 1]])
    control = np.array([[2.0, 1]] * 7 + [[1, 2]])
    cases = [np.vstack([shown, control])] * 3 + [np.vstack([shown[::-1], control])]
    cases[2] = np.vstack([shown, np.vstack([control[:6], control[7:], control[7:]])])
    seen = np.repeat([[1.0]] * 8 + [[0.0]] * 8, 4, axis=1)
    found = over(cases, [[1, 2]] * 4, seen)
    assert 0 < found.low < followed(cases, [[1, 2]] * 4, seen).difference < found.high
    assert found.n_units == (16 if over is followed_over_people else 4)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_names_of_answers_and_order_of_people_do_not_matter(seed: int) -> None:
    """Relabelling answers and reordering people changes nothing."""
    cases = some_people(seed)
    rng = np.random.default_rng(seed)
    proposals = [rng.integers(1, 5, 3).astype(float) for _ in cases]
    seen = np.repeat((np.arange(8) % 2)[:, None], 4, axis=1).astype(float)
    plain = followed(cases, proposals, seen)
    names, people = rng.permutation(3), rng.permutation(8)
    turned = followed(
        [one[people][:, names] for one in cases], [one[names] for one in proposals], seen[people]
    )
    assert turned.n_pairs == plain.n_pairs
    assert (turned.shown, turned.control) == pytest.approx((plain.shown, plain.control), nan_ok=True)


def test_unchanged_means_every_grade() -> None:
    """The same order is not enough, and an answer that was not graded says nothing."""
    people = np.array([[1.0, 2, 3], [1, 2, 4], [1, NAN, 3], [NAN, NAN, NAN]])
    assert unchanged([people], [[1, 2, 3]])[:, 0].tolist()[:3] == [1.0, 0.0, 1.0]
    assert np.isnan(unchanged([people], [[1, 2, 3]])[3, 0])
    assert np.isnan(unchanged([people], [[NAN] * 3])).all()


def test_nothing_to_look_at_is_refused() -> None:
    """No case, one answer, or two people of an arm: undefined."""
    with pytest.raises(UndefinedStatisticError):
        unchanged([], [])
    with pytest.raises(UndefinedStatisticError):
        false_consensus([np.ones((6, 1))], SIX)
    with pytest.raises(UndefinedStatisticError):
        consensus_over_people([np.ones((5, 2))], SIX[1:])
    with pytest.raises(UndefinedStatisticError, match="2 people saw proposals, 3 none: three at least"):
        left_out_people(np.zeros(5), 0.0, SIX[1:])
    with pytest.raises(UndefinedStatisticError):
        followed_over_people([np.ones((6, 2))], [[1, 2]], SIX)
    with pytest.raises(UndefinedStatisticError, match="three at least"):
        followed_over_cases([np.ones((6, 2))], [[1, 2]], SIX)
