"""Orders of asking, replayed on people's real votes: what docs/next.md says came out."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.api.source import Asked, load_source
from harness.compare.replayed import replay_asking
from harness.formats import importing
from harness.schema.asking import AskingReplay, ReplayPoint
from harness.stats.revealing import POLICIES, Replaying

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def replay(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> AskingReplay:
    """PRD: three votes on each of 480 pairs, twenty seeds."""
    folder = tmp_path_factory.mktemp("prd") / "run"
    done = importing.import_files(importing.Asked("prd", (shared_data / "prd_vicuna80",), {}), folder)
    return replay_asking(load_source(done.folder, Asked()), POLICIES, Replaying())


def point(replay: AskingReplay, policy: str, place: int) -> ReplayPoint:
    """What one order had told after one budget."""
    return next(curve for curve in replay.curves if curve.policy == policy).points[place]


def test_the_set_is_what_the_page_says(replay: AskingReplay) -> None:
    """480 pairs in 80 cases have three votes; the pairs with one vote cannot be hidden and measured."""
    assert (replay.n_questions, replay.n_cases, replay.n_left_out) == (480, 80, 320)
    assert replay.human_human == pytest.approx(0.2458, abs=5e-5)
    assert replay.judge_human == pytest.approx(0.3165, abs=5e-5)


def test_where_people_hardly_agree_no_order_of_asking_gains(replay: AskingReplay) -> None:
    """Fewest first and random predict a hidden vote equally well, at every budget."""
    for place in range(3):
        difference = point(replay, "fewest", place).minus_random
        assert difference is not None
        interval = difference.intervals[0]
        assert interval.low < 0 < interval.high
        assert abs(interval.low) < 0.01 > interval.high


def test_with_two_votes_to_ask_for_there_is_nothing_to_adapt_to(replay: AskingReplay) -> None:
    """Disagreement shows with the second vote, which is the last: three orders are one."""
    for place in range(3):
        (first, *others) = (point(replay, policy, place) for policy in ("fewest", "disputed", "adaptive"))
        assert all(one.held_out == first.held_out for one in others)


def test_asking_where_judges_err_spoils_their_agreement_and_weights_help(replay: AskingReplay) -> None:
    """Judges first: their agreement with people is off by .15 after a quarter; weighted, by half of that."""
    found = point(replay, "judges", 0)
    assert found.judge_human_error is not None
    assert found.weighted_error is not None
    assert found.judge_human_error > 0.1
    assert found.weighted_error < 0.6 * found.judge_human_error
