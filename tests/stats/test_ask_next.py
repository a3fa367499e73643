"""Which case to ask about next."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import ask_next

NAN = float("nan")


def test_shrunk_disagreement_by_hand() -> None:
    """Disagreements .45 (6 people) and .1 (2 people); their mean weighs 5 : 1."""
    # tau .1 -> .45, tau .8 -> .1; mean (5 * .45 + 1 * .1) / 6 = 2.35 / 6.
    mean = 2.35 / 6
    found = ask_next.shrunk_disagreement([0.1, 0.8, NAN, 0.3], [6, 2, 1, 0])
    expected = [(6 * 0.45 + 4 * mean) / 10, (2 * 0.1 + 4 * mean) / 6, mean, mean]
    assert found[:3] == pytest.approx(expected[:3])
    # A case whose count says nobody: its tau is not believed.
    assert found[3] == pytest.approx(mean)


def test_disagreement_is_unknown_without_two_people_anywhere() -> None:
    """Nobody ranked the same case as somebody else: no case has a disagreement."""
    assert np.isnan(ask_next.shrunk_disagreement([NAN, NAN], [1, 1])).all()


def test_variance_drop_by_hand() -> None:
    """.3 / (2 * 3) = .05 with two people, infinite with nobody."""
    assert ask_next.variance_drop([0.3, 0.3], [2, 0]).tolist() == pytest.approx([0.05, np.inf])


def test_fewest_rankings_come_first_then_disagreement() -> None:
    """Two rankings before three; of two level cases the disputed one; of equal ones the earlier."""
    order = ask_next.priority([3, 2, 2, 3, 3], [0.9, 0.1, 0.4, 0.9, 0.95])
    assert order.tolist() == [2, 1, 4, 0, 3]
    assert ask_next.priority([2, 1, 2], [NAN, NAN, NAN]).tolist() == [1, 0, 2]


def test_probabilities_by_hand() -> None:
    """Four open cases of five: .3 / 4 each, and .7 more for the one with fewest rankings and most dispute."""
    drawn = ask_next.ask_next(
        [3, 2, 2, 0, 5], [0.5, 0.1, 0.4, 0.9, 0.9], np.random.default_rng(5), [True, True, True, False, True]
    )
    assert drawn.probabilities == pytest.approx([0.075, 0.075, 0.775, 0.0, 0.075])
    assert drawn.probability == drawn.probabilities[drawn.case]


def test_level_cases_share_the_first_place() -> None:
    """Where nothing tells two cases apart, each is as likely as the other."""
    drawn = ask_next.ask_next([1, 1, 4], [NAN] * 3, np.random.default_rng(5))
    assert drawn.probabilities == pytest.approx([0.45, 0.45, 0.1])


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=1, max_size=12),
    st.floats(0.3, 1.0),
    st.integers(0, 2**32),
)
def test_three_in_ten_draws_go_anywhere(cases: list[tuple[int, float]], share: float, seed: int) -> None:
    """Whatever the cases look like, each has its part of the random share, and probabilities add up to 1."""
    n_people, disagreement = zip(*cases, strict=True)
    drawn = ask_next.ask_next(n_people, disagreement, np.random.default_rng(seed), random_share=share)
    assert drawn.probabilities.sum() == pytest.approx(1.0)
    assert (drawn.probabilities >= share / len(cases) - 1e-12).all()
    assert 0.0 < drawn.probability <= 1.0


def test_stored_probabilities_undo_the_choosing() -> None:
    """Weighted by 1 / probability, draws estimate the total over all cases, though one case is preferred."""
    rng = np.random.default_rng(6)
    worth = np.array([5.0, 1.0, 2.0, 9.0])
    drawn = [ask_next.ask_next([0, 3, 3, 3], [0.2] * 4, rng) for _ in range(4_000)]
    estimate = np.mean([worth[found.case] / found.probability for found in drawn])
    assert estimate == pytest.approx(17.0, rel=0.06)
    assert np.mean([worth[found.case] for found in drawn]) * 4 > 18.0


def test_every_case_fills_up_evenly() -> None:
    """Asked again and again, cases differ by few rankings: fewest first means nobody is forgotten."""
    rng = np.random.default_rng(7)
    counts = np.zeros(8)
    for _ in range(160):
        counts[ask_next.ask_next(counts, [0.5] * 8, rng).case] += 1
    assert counts.min() >= 17
    assert counts.max() <= 26


def test_the_same_seed_asks_the_same() -> None:
    """The draw depends on the generator alone."""
    draws = [ask_next.ask_next([1] * 20, [0.3] * 20, np.random.default_rng(8)).case for _ in range(2)]
    assert draws[0] == draws[1]


@pytest.mark.parametrize("share", [0.0, 0.29, 1.01, NAN])
def test_less_than_three_in_ten_at_random_is_refused(share: float) -> None:
    """A smaller random share would leave cases that look settled unchecked for ever."""
    with pytest.raises(ValueError, match="random_share"):
        ask_next.ask_next([1], [0.1], np.random.default_rng(0), random_share=share)


def test_nothing_left_to_ask() -> None:
    """A person who graded every case is asked about none."""
    with pytest.raises(UndefinedStatisticError, match="no case is left"):
        ask_next.ask_next([1, 2], [0.1, 0.1], np.random.default_rng(0), is_open=[False, False])
