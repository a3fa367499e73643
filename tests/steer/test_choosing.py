from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.schema import Language
from harness.schema.steer import Choice, Question, SteeredQuestion
from harness.stats.arrays import FloatArray
from harness.steer.choosing import Drawn, steer_question
from harness.steer.steered import load_rewards
from harness.steer.worth import Taste

QUESTION = Question(question_id="q", title={"fr": "Q"}, message={"fr": "Dois-je essayer ?"})


class Said(NamedTuple):
    """What a fake reward says."""

    worth: FloatArray
    features: tuple[str, ...]
    contributions: FloatArray


def by_letters(situation: str, answers: Sequence[str], language: Language) -> Said:
    """Find a text the better the more `a` it holds."""
    counts = np.array([float(text.count("a")) for text in answers])
    return Said(counts, ("letters",), (counts - counts.mean())[:, None])


def steered(texts: Sequence[str]) -> SteeredQuestion:
    """Let the fake reward choose among these texts."""
    drawn = [Drawn(number, number, text, cut_off=False) for number, text in enumerate(texts, start=1)]
    return steer_question(QUESTION, "fr", drawn, {"letters": Taste(by_letters)})


def choice(asked: SteeredQuestion, chooser_id: str) -> Choice:
    """What one of those who choose took."""
    return next(one for one in asked.choices if one.chooser_id == chooser_id)


def picked(asked: SteeredQuestion, chooser_id: str) -> str:
    """The text that it took."""
    number = choice(asked, chooser_id).number
    return next(one.text for one in asked.replies if one.number == number)


def test_the_best_is_taken() -> None:
    """A reward takes the reply of the greatest worth, and says what lifted it above the mean."""
    asked = steered(["a", "aaa", "b", "aa"])
    found = choice(asked, "letters")
    assert (found.number, found.worth, found.mean_worth, found.tied) == (2, 3.0, 1.5, ())
    assert found.moved_by == (("letters", 1.5),)


def test_baselines_read_nothing() -> None:
    """The longest is the one with the most words, and the first is the first that was drawn."""
    asked = steered(["aaaaaaaaaaaa", "b b b", "b"])
    assert picked(asked, "longest") == "b b b"
    assert picked(asked, "first") == "aaaaaaaaaaaa"
    assert choice(asked, "longest").worth is None


@settings(max_examples=40)
@given(st.lists(st.text("ab ", max_size=6), min_size=2, max_size=8), st.integers(0, 10_000))
def test_the_order_of_the_replies_decides_nothing(texts: list[str], seed: int) -> None:
    """Whatever order the same replies come in, the same text is picked, also among ties."""
    mixed = list(texts)
    random.Random(seed).shuffle(mixed)
    for chooser_id in ("letters", "longest"):
        assert picked(steered(texts), chooser_id) == picked(steered(mixed), chooser_id)


def test_ties_are_reported() -> None:
    """Other texts of the same worth are named by their numbers; the same text again is no tie."""
    found = choice(steered(["ax", "ay", "ax", "b", "az"]), "letters")
    assert sorted([found.number, *found.tied]) == [1, 2, 5]


def test_equal_replies_are_one() -> None:
    """A reply that says the same word for word is no tie, and the first of them is shown."""
    asked = steered(["b", "aa", "aa", "aa"])
    assert (choice(asked, "letters").number, choice(asked, "letters").tied) == (2, ())
    assert asked.n_distinct == 2


def test_whose_grades_decides_what_is_said(comfort: Path, caution: Path) -> None:
    """Of the same replies, a reward that likes praise and one that likes referrals take different ones."""
    rewards = {one.chooser.chooser_id: one.taste for one in load_rewards([comfort, caution])}
    texts = ["Oui, vas-y.", "Bravo ! Magnifique !", "Consultez un médecin, il y a un risque."]
    drawn = [Drawn(number, None, text, cut_off=False) for number, text in enumerate(texts, start=1)]
    asked = steer_question(QUESTION, "fr", drawn, rewards)
    assert picked(asked, "comfort") == texts[1]
    assert picked(asked, "caution") == texts[2]
    assert {name for name, _ in choice(asked, "caution").moved_by} == {"referral", "warning"}


def test_plain_features_stand_beside_every_reply() -> None:
    """Words are counted, and the features are those that a reward reads."""
    traits = steered(["Bravo, bravo !", "non"]).replies[0].traits
    assert traits["words"] == 3
    assert traits["praise"] > 0 == traits["referral"]


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "\u202e\x00"])
def test_any_text_can_be_a_candidate(text: str) -> None:
    """An empty, blank or hostile reply is a candidate like the others."""
    assert picked(steered([text, "aaaa"]), "letters") == "aaaa"
