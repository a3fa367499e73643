from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from harness.schema.steer import Choice, Question, Reply, SteeredQuestion
from harness.steer.choosing import TRAITS
from harness.steer.figures import (
    differing,
    disagreement,
    expected_largest,
    luck,
    mean_of,
    shifts,
    standings,
    wilson,
)


def question(
    worths: Sequence[tuple[float, float]], picks: tuple[int, int], texts: str = "abcd"
) -> SteeredQuestion:
    """One question: worths under rewards x and y, and which reply each of them took."""
    replies = tuple(
        Reply(
            number=number,
            seed=None,
            text=texts[number - 1],
            cut_off=False,
            traits={"words": float(number), **dict.fromkeys(TRAITS, 0.0)},
            worths={"x": worth_x, "y": worth_y},
        )
        for number, (worth_x, worth_y) in enumerate(worths, start=1)
    )
    return SteeredQuestion(
        question=Question(question_id="q", title={"fr": "Q"}, message={"fr": "?"}),
        language="fr",
        replies=replies,
        n_distinct=len({one.text for one in replies}),
        choices=(
            Choice(chooser_id="x", number=picks[0]),
            Choice(chooser_id="y", number=picks[1]),
            Choice(chooser_id="first", number=1),
        ),
    )


OPPOSED = question([(0.0, 3.0), (1.0, 2.0), (2.0, 1.0), (3.0, 0.0)], (4, 1))
AGREED = question([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)], (4, 4))


def test_wilson_against_the_published_example() -> None:
    """Newcombe 1998, table I: 81 of 263 has the score interval .2553 to .3662."""
    found = wilson(81, 263).intervals[0]
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_wilson_stays_inside() -> None:
    """All of eight is no certainty: the interval ends at 1 and begins well below."""
    found = wilson(8, 8).intervals[0]
    assert found.high == 1.0
    assert round(found.low, 4) == 0.6756  # 8 / (8 + z²), by hand


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_questions_have_no_share(n: int) -> None:
    """With one or two questions there are words instead of a number."""
    assert wilson(n, n).undefined_because == "too_few_cases"
    assert mean_of([0.5] * n).undefined_because == "too_few_cases"


@pytest.mark.parametrize(("n", "expected"), [(2, 1 / math.sqrt(math.pi)), (3, 1.5 / math.sqrt(math.pi))])
def test_luck_of_the_best_in_closed_form(n: int, expected: float) -> None:
    """The expected largest of two and of three normal numbers has a closed form."""
    assert math.isclose(expected_largest(n), expected, rel_tol=1e-9)


def test_luck_of_the_best_of_eight_and_twelve() -> None:
    """Harter 1961, table 1: 1.42360 for eight and 1.62923 for twelve."""
    assert round(expected_largest(8), 4) == 1.4236
    assert round(expected_largest(12), 4) == 1.6292


def test_the_bound_on_how_far_choosing_moves() -> None:
    """Log n - (n - 1)/n nats, and nothing where there is no choice."""
    found = luck([OPPOSED, AGREED, AGREED], 4, ["x"])
    assert found.kl_bound == round(math.log(4) - 0.75, 6)
    assert found.gains["x"].value == pytest.approx(1.5 / math.sqrt(5 / 3), abs=1e-6)  # SD of 0, 1, 2, 3


def test_a_reward_that_finds_all_the_same_gains_nothing() -> None:
    """Questions where every reply is worth the same are left out, and counted as left out."""
    flat = question([(1.0, 0.0), (1.0, 1.0)], (1, 2))
    assert luck([flat, OPPOSED], 4, ["x"]).gains["x"].n == 1


def test_how_often_picks_differ() -> None:
    """One of three questions: the share, and beside it what two draws at random would give."""
    found = {(one.first_id, one.second_id): one for one in differing([OPPOSED, AGREED, AGREED], "fr")}
    assert found["x", "y"].share.value == pytest.approx(1 / 3, abs=1e-6)
    assert found["x", "y"].by_chance == 0.75
    assert found["x", "first"].share.value == 1.0


def test_equal_texts_do_not_differ() -> None:
    """Two picks with the same words are the same, whatever their numbers; chance counts them so too."""
    same = question([(0.0, 3.0), (3.0, 0.0)], (2, 1), texts="aa")
    found = next(differing([same, same, same], "fr"))
    assert (found.share.value, found.by_chance) == (0.0, 0.0)


def test_a_tie_that_holds_the_other_pick_is_no_difference() -> None:
    """Who finds both replies equally good does not differ from who wants one of them."""
    choices = (
        Choice(chooser_id="x", number=4, tied=(1,)),
        Choice(chooser_id="y", number=1),
        Choice(chooser_id="first", number=2),
    )
    found = {
        (one.first_id, one.second_id): one.share.value
        for one in differing([OPPOSED.model_copy(update={"choices": choices})] * 3, "fr")
    }
    assert found == {("x", "y"): 0.0, ("x", "first"): 1.0, ("y", "first"): 1.0}


def test_disagreement_of_several_and_of_one() -> None:
    """Among several rewards: not all the same text; one alone is held against the first reply."""
    three = [OPPOSED, AGREED, AGREED]
    assert disagreement(three, ["x", "y"]).value == pytest.approx(1 / 3, abs=1e-6)
    assert disagreement(three, ["y"]).value == pytest.approx(2 / 3, abs=1e-6)


def test_where_a_pick_stands_in_the_other_order() -> None:
    """Opposed rewards put each other's pick at the bottom, agreeing ones at the top."""
    opposed = {(one.chooser_id, one.reward_id): one for one in standings([OPPOSED] * 3, "fr", ["x", "y"])}
    assert opposed["x", "x"].place.value == 1.0
    assert opposed["y", "x"].place.value == 0.0
    agreed = {(one.chooser_id, one.reward_id): one for one in standings([AGREED] * 3, "fr", ["x", "y"])}
    assert agreed["y", "x"].place.value == 1.0


def test_ties_stand_in_the_middle() -> None:
    """Where all replies are worth the same, every pick stands at one half."""
    flat = question([(1.0, 1.0)] * 4, (2, 3))
    assert all(one.place.value == 0.5 for one in standings([flat] * 3, "fr", ["x"]))


def test_chance_is_where_draws_at_random_fall() -> None:
    """The bounds hold the exact 95 % of the sum of independent uniform draws, to the noise of the draws."""
    found = next(standings([OPPOSED] * 8, "fr", ["x"])).chance
    exact = np.array([1.0])
    for _ in range(8):  # places 0, 1/3, 2/3, 1: the mean of eight is a sum of 0 … 24, over 24
        exact = np.convolve(exact, np.full(4, 0.25))
    below = np.cumsum(exact)
    low, high = np.searchsorted(below, 0.025) / 24, np.searchsorted(below, 0.975) / 24
    assert found[0] == pytest.approx(low, abs=0.05)
    assert found[1] == pytest.approx(high, abs=0.05)
    assert found[0] < 0.5 < found[1]


def test_what_picks_have_more_of() -> None:
    """Reply 4 has 4 words where the mean is 2.5: the pick is 1.5 words longer."""
    found = {(one.chooser_id, one.trait): one for one in shifts([OPPOSED] * 3, "fr")}
    assert found["x", "words"].mean == 2.5
    assert found["x", "words"].difference.value == 1.5
    assert found["y", "words"].difference.value == -1.5
    assert found["x", "praise"].chance == (0.0, 0.0)
