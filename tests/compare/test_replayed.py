"""A run's rankings hidden and asked for again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.compare.replayed import replay_asking
from harness.errors import HarnessError
from harness.schema import RankedVerdict
from harness.schema.asking import AskingReplay, ReplayPoint
from harness.stats.revealing import POLICIES, Replaying

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = tuple(f"case-{number}" for number in range(24))


def planted(kit: Kit, n_people: int = 10) -> ComparisonSource:
    """Every other case is clear; on the rest half the people guess. The judge sides with the other half."""
    rng = np.random.default_rng(8)
    people: list[RankedVerdict] = []
    for who in range(n_people):
        for place, case_id in enumerate(CASES):
            order = rng.permutation(4) if place % 2 and rng.random() < 0.5 else np.arange(4)
            grades = "".join(str(4 - int(one)) for one in order)
            people += kit.votes(f"p{who}", {case_id: grades})
    return kit.bench({"j": kit.always("4321")}, people=people, cases=CASES, repeats=1).source()


def last_point(replay: AskingReplay, policy: str) -> ReplayPoint:
    """What one order had told after the largest budget."""
    return next(curve for curve in replay.curves if curve.policy == policy).points[-1]


def test_a_replay_says_what_it_replayed(kit: Kit) -> None:
    """Questions, votes and seeds are counted; random and fewest are always there to compare with."""
    replay = replay_asking(planted(kit), ["adaptive"], Replaying(n_seeds=3))
    assert (replay.n_questions, replay.n_cases, replay.n_left_out) == (24, 24, 0)
    assert (replay.n_votes, replay.fewest_votes, replay.most_votes) == (240, 10, 10)
    assert [curve.policy for curve in replay.curves] == ["random", "fewest", "adaptive"]
    assert [point.n_rankings for point in replay.curves[0].points] == [54, 108, 162]
    # Clear cases 1; elsewhere two people agree when both are no guessers: .25. Mean .625.
    assert replay.human_human == pytest.approx(0.625, abs=0.06)


def test_an_order_is_not_compared_with_itself(kit: Kit) -> None:
    """Random has no difference to random, fewest none to fewest; the other differences are opposite."""
    replay = replay_asking(planted(kit), [], Replaying(n_seeds=3))
    at_random, fewest = (last_point(replay, policy) for policy in ("random", "fewest"))
    assert (at_random.minus_random, fewest.minus_fewest) == (None, None)
    assert at_random.minus_fewest is not None
    assert fewest.minus_random is not None
    assert at_random.minus_fewest.value == -fewest.minus_random.value  # type: ignore[operator]
    assert [interval.target for interval in fewest.minus_random.intervals] == ["T3"]
    assert fewest.minus_random.n == 24


@pytest.mark.slow
def test_where_disagreement_is_planted_asking_there_helps(kit: Kit) -> None:
    """Half of the cases are clear: resampled, asking where people differ errs less than at random."""
    replay = replay_asking(planted(kit, 30), POLICIES, Replaying(resampled=12, budgets=(0.4,), n_seeds=30))
    point = last_point(replay, "adaptive")
    assert point.held_out is None
    assert point.minus_random is not None
    assert point.minus_random.value is not None
    assert point.minus_random.value < -0.05 * (last_point(replay, "random").everything.value or 0)


def test_the_same_seed_replays_the_same(kit: Kit) -> None:
    """Every number follows from the run and the seed."""
    source = planted(kit, 4)
    first, again, other = (
        replay_asking(source, ["judges"], Replaying(n_seeds=2), seed) for seed in (3, 3, 4)
    )
    assert first == again
    assert first.curves != other.curves


def test_pairs_that_were_voted_on_by_themselves_are_questions(kit: Kit) -> None:
    """Votes on pairs of a case are so many questions; intervals are over cases all the same."""
    people: list[RankedVerdict] = []
    for who in range(4):
        for case_id in CASES[:3]:
            people += kit.votes(f"p{who}", {case_id: "21.."})
            people += kit.votes(f"q{who}", {case_id: "..21"})
    source = kit.bench({"j": kit.always("4321")}, people=people, cases=CASES[:3]).source()
    replay = replay_asking(source, [], Replaying(n_seeds=2))
    assert (replay.n_questions, replay.n_cases) == (6, 3)
    assert last_point(replay, "fewest").everything.n == 3
    assert replay.judge_human == pytest.approx(1.0)


def test_repeats_later_phases_and_thin_cases_are_left_out(kit: Kit) -> None:
    """Only first votes are hidden, each person's once, and a case needs three of them."""
    people = [vote for who in "abc" for vote in kit.votes(who, {"case-0": "4321"})]
    people += [vote for who in "ab" for vote in kit.votes(who, {"case-1": "4321"})]
    people += kit.votes("a", {"case-0": "1234"}, repeat=1)
    people += kit.votes("d", {"case-0": "1234"}, phase=2)
    source = kit.bench({"j": kit.always("4321")}, people=people, cases=CASES[:2]).source()
    replay = replay_asking(source, [], Replaying(n_seeds=2))
    assert (replay.n_questions, replay.n_left_out, replay.n_votes) == (1, 1, 3)
    assert replay_asking(source, [], Replaying(n_seeds=2, resampled=3)).n_questions == 2


def test_too_few_votes_are_an_error(kit: Kit) -> None:
    """Where nobody ranked a case three times there is nothing to hide."""
    source = dataclasses.replace(planted(kit), people=tuple(kit.votes("p", dict.fromkeys(CASES, "4321"))))
    with pytest.raises(HarnessError, match="3 people or more"):
        replay_asking(source, [], Replaying(n_seeds=2))
