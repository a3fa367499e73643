"""Votes hidden and asked for again."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray
from harness.stats.group import mean_cross_tau, mean_pairwise_tau
from harness.stats.pairs import thermometer
from harness.stats.revealing import (
    POLICIES,
    Policy,
    Replaying,
    Revealed,
    Votes,
    agreement_with_judges,
    all_revealed,
    reveal,
)


def votes_of(rankings: list[FloatArray], judges: list[list[float]] | None = None) -> Votes:
    """Votes of questions with any number of people and answers."""
    tables = [thermometer(np.asarray(one)) for one in rankings]
    shape = tuple(max(table.shape[axis] for table in tables) for axis in (0, 1))
    columns = np.full((len(tables), *shape), np.nan)
    said = np.full((len(tables), shape[1]), np.nan)
    for place, table in enumerate(tables):
        columns[place, : table.shape[0], : table.shape[1]] = table
        if judges is not None:
            said[place, : table.shape[1]] = thermometer(judges[place])
    return Votes(columns, said)


def planted(n_questions: int = 60, n_people: int = 12, seed: int = 2) -> Votes:
    """Pairs of answers: half clear (95 % prefer the first), half not (60 %); the judge likes the first."""
    rng = np.random.default_rng(seed)
    share = np.where(np.arange(n_questions) % 2, 0.95, 0.6)
    first = rng.random((n_questions, n_people)) < share[:, None]
    rankings = [np.where(one[:, None], [2.0, 1.0], [1.0, 2.0]) for one in first]
    return votes_of(rankings, [[2.0, 1.0]] * n_questions)


def revealed(votes: Votes, policy: Policy, **settings: object) -> Revealed:
    """One replay, always with the same seed."""
    return reveal(votes, policy, Replaying(**settings), np.random.default_rng(1))  # type: ignore[arg-type]


RAGGED = votes_of(
    [
        np.array([[4.0, 3, 2, 1], [4, 4, 2, 1], [1, 2, 3, 4]]),
        np.array([[2.0, 1], [1, 2], [2, 1], [1, 1]]),
        np.array([[1.0, 2, 3], [3, 2, 1]]),
    ],
    [[4, 3, 2, 1], [2, 1], [3, 1, 2]],
)


def test_full_figures_are_those_of_the_comparison() -> None:
    """With all votes, people's and judges' mean agreement are what the harness computes elsewhere."""
    tables = [
        np.array([[4.0, 3, 2, 1], [4, 4, 2, 1], [1, 2, 3, 4]]),
        np.array([[2.0, 1], [1, 2], [2, 1], [1, 1]]),
        np.array([[1.0, 2, 3], [3, 2, 1]]),
    ]
    judges = [[[4.0, 3, 2, 1]], [[2.0, 1]], [[3.0, 1, 2]]]
    between, beside = all_revealed(RAGGED)
    assert between == pytest.approx(np.mean([mean_pairwise_tau(one) for one in tables]))
    pairs = zip(tables, judges, strict=True)
    assert beside == pytest.approx(np.mean([mean_cross_tau(one, judge) for one, judge in pairs]))


def test_agreement_with_nobody_is_unknown() -> None:
    """A question without judges, and a vote that is not there, have no agreement."""
    found = agreement_with_judges(votes_of([np.array([[2.0, 1], [1, 2]]), np.array([[2.0, 1]] * 3)]))
    assert np.isnan(found).all()
    assert np.isnan(agreement_with_judges(RAGGED)).sum() == 3


@pytest.mark.parametrize("policy", POLICIES)
def test_everything_revealed_is_the_same_in_every_order(policy: Policy) -> None:
    """Asked to the end, all orders know the same, and agree with what is held out exactly alike."""
    votes = planted(12, 5)
    found, at_random = (revealed(votes, one, budgets=(1.0,), n_seeds=3) for one in (policy, "random"))
    assert found.n_revealed.tolist() == [12 * 4]
    assert found.held_out == pytest.approx(at_random.held_out)
    assert found.human_human == pytest.approx(at_random.human_human)
    assert found.judge_human == pytest.approx(at_random.judge_human)


def test_the_consensus_of_all_by_hand() -> None:
    """Two people agree on both questions: no doubt, so the third vote is predicted without error."""
    votes = votes_of([np.array([[2.0, 1]] * 3), np.array([[1.0, 2]] * 3)])
    found = revealed(votes, "fewest", budgets=(0.5, 1.0), n_seeds=4)
    # Half of four votes: one per question with seven tenths or more, and the mean of one vote is exact.
    assert found.held_out[1] == pytest.approx(0.0)
    assert found.everything[1] == pytest.approx(0.0)


def test_doubt_pulls_the_consensus_to_the_middle() -> None:
    """Votes 2 : 2 everywhere: tau is below 0, a consensus says nothing, and every vote is .5 away."""
    votes = votes_of([np.array([[2.0, 1], [2, 1], [1, 2], [1, 2]])] * 3)
    found = revealed(votes, "random", n_seeds=5)
    assert found.held_out == pytest.approx(0.5, abs=0.02)


def test_the_same_votes_are_hidden_for_every_policy() -> None:
    """Asked for one of many votes, two orders that draw alike have the very same errors."""
    votes = planted(30, 3)
    # Two can be revealed: disputes are unknown until nothing is open that could be preferred.
    one, other = (revealed(votes, policy) for policy in ("fewest", "disputed"))
    assert np.array_equal(one.held_out, other.held_out)


def test_fewest_first_fills_up_evenly_and_random_does_not() -> None:
    """With as many votes as questions few questions have none; at random about 1 / e of them have."""
    votes = planted(40, 7)
    evenly, at_random = (
        revealed(votes, policy, budgets=(1 / 6,), n_seeds=8) for policy in ("fewest", "random")
    )
    # Nobody was asked: the consensus has no idea, and every strict vote is one half away.
    unasked = [float((one.held_out[0] == 0.5).mean()) for one in (evenly, at_random)]
    assert unasked[0] < 0.25
    assert 0.3 < unasked[1] < 0.5


def test_asking_where_people_differ_helps_where_differences_are_planted() -> None:
    """Half of the questions are clear: with a true consensus known, adaptive asking errs less than random."""
    votes = planted(60, 40)
    errors = {
        policy: revealed(votes, policy, resampled=12, budgets=(0.5,), n_seeds=20).everything.mean()
        for policy in ("random", "adaptive")
    }
    assert errors["adaptive"] < 0.95 * errors["random"]


def test_disputed_first_makes_people_look_more_agreed_than_they_are() -> None:
    """Third votes on split questions first: in mid-round agreement is too high; drawn evenly it is not."""
    votes = planted(200, 4, seed=5)
    full = all_revealed(votes)[0]
    mid_round = 2.5 / 3
    bias = {
        policy: (revealed(votes, policy, budgets=(mid_round,)).human_human[0] - full).mean()
        for policy in ("fewest", "disputed")
    }
    assert bias["disputed"] > 0.05
    assert abs(bias["fewest"]) < 0.02


def test_undoing_the_choice_of_cases_that_judges_get_wrong() -> None:
    """Asked first where judges and people part, their mean agreement is too low; weighted it is less so."""
    rng = np.random.default_rng(3)
    share = np.where(np.arange(80) % 2, 0.95, 0.1)
    first = rng.random((80, 6)) < share[:, None]
    votes = votes_of([np.where(one[:, None], [2.0, 1], [1, 2]) for one in first], [[2.0, 1]] * 80)
    full = all_revealed(votes)[1]
    found = revealed(votes, "judges", budgets=(0.4,))
    plain, weighted = (abs((mean - full).mean()) for mean in (found.judge_human, found.weighted))
    assert plain > 0.02
    assert weighted < plain


def test_random_needs_no_weights() -> None:
    """Drawn evenly, the plain and the weighted mean aim at the same figure."""
    votes = planted(60, 6)
    found, full = revealed(votes, "random", n_seeds=40), all_revealed(votes)[1]
    assert found.weighted.mean() == pytest.approx(full, abs=0.02)


def test_drawing_with_replacement_aims_at_its_own_agreement() -> None:
    """Two draws from the same few people agree more than two people: errors are measured from that."""
    votes = planted(40, 3)
    inflated = all_revealed(votes, resampled=True)[0]
    assert inflated > all_revealed(votes)[0]
    found = revealed(votes, "fewest", resampled=8, budgets=(1.0,), n_seeds=30)
    assert found.human_human.mean() == pytest.approx(inflated, abs=0.03)


def test_one_vote_cannot_be_hidden_and_asked_for() -> None:
    """A question with a single vote, or no question, is no replay."""
    single = Votes(thermometer([[[2.0, 1.0]]]), np.full((1, 2), np.nan))
    for votes in (single, Votes(np.empty((0, 3, 2)), np.empty((0, 2)))):
        with pytest.raises(UndefinedStatisticError, match="two votes"):
            revealed(votes, "random")
