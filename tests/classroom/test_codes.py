from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.classroom.cards import card_order, rulebook_for
from harness.classroom.codes import (
    ALPHABET,
    RECOVERY_LENGTH,
    digest,
    new_code,
    new_recovery,
    new_token,
    normalise,
)
from harness.classroom.pseudonyms import ANIMALS, draw_pseudonym, name_of
from harness.errors import NotAdmittedError
from harness.schema.classroom import Pupil

INSULTS = """
    âne chien chienne cochon porc truie vache baleine singe rat raton cafard punaise vipère serpent requin
    dinde oie poule bécasse buse thon morue mouton veau bœuf bouc chacal hyène vautour corbeau larve sangsue
    crapaud limace paon pie perroquet blaireau cougar phoque belette étourneau gazelle pigeon autruche
    donkey ass dog bitch pig hog sow cow whale monkey ape cockroach bug snake viper shark turkey goose hen
    chicken sheep goat jackal hyena vulture maggot leech toad slug peacock parrot badger weasel skunk beaver
    sloth pussy cat louse worm raccoon cuckoo vermin ostrich
"""
"""Animals that one calls people in French or English, and does not mean well."""


@given(st.integers())
def test_codes_have_signs_that_nobody_confuses(seed: int) -> None:
    """A code is four signs without 0, O, 1, I and L, and is read back however it is typed."""
    code = new_code(random.Random(seed))
    assert len(code) == 4
    assert not set(code) & set("0O1IL")
    assert normalise(f" {code[:2].lower()}-{code[2:]} ") == code


def test_secrets_are_long_enough() -> None:
    """A browser's token has 128 bits, the word for another device more than 40; no two are alike."""
    assert len(ALPHABET) ** RECOVERY_LENGTH > 2**40
    assert len({new_token() for _ in range(50)}) == len({new_recovery() for _ in range(50)}) == 50
    assert all(len(new_token()) >= 22 for _ in range(50))
    assert digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@pytest.mark.parametrize(
    ("typed", "reason"), [("AB1D", "sign"), ("ÄBCD", "sign"), ("ABC", "length"), ("", "length")]
)
def test_what_cannot_be_a_code_says_why(typed: str, reason: str) -> None:
    """A wrong sign and a wrong length are different mistakes, and are named as such."""
    with pytest.raises(NotAdmittedError) as refused:
        normalise(typed)
    assert refused.value.reason == reason


@given(st.integers(0, 2**128), st.integers(1, 2000), st.sampled_from([("hhh",), ("hhh", "helpful-first")]))
def test_halves_differ_by_one_at_most(seed: int, n: int, rulebooks: tuple[str, ...]) -> None:
    """However many join, each employer has as many pupils as the other, or one more."""
    found = [rulebook_for(rulebooks, seed, number) for number in range(1, min(n, 60) + 1)]
    counts = [found.count(name) for name in rulebooks]
    assert max(counts) - min(counts) <= 1


def test_halves_are_drawn() -> None:
    """Who gets which employer is chance: neighbours in the queue are not simply taken in turn."""
    found = [rulebook_for(("a", "b"), 11, number) for number in range(1, 41)]
    firsts = found[::2]
    assert 0 < firsts.count("a") < len(firsts)


@given(st.integers(0, 2**128), st.integers(2, 6))
def test_cards_are_balanced(seed: int, n_answers: int) -> None:
    """In each block of pupils every answer stands in every place, and follows every other, equally often."""
    answers = [f"a{n}" for n in range(n_answers)]
    n_block = n_answers if n_answers % 2 == 0 else 2 * n_answers
    orders = [card_order(answers, seed, number, "poem") for number in range(1, n_block + 1)]
    assert all(sorted(order) == answers for order in orders)
    for place in range(n_answers):
        seen = [order[place] for order in orders]
        assert {seen.count(name) for name in answers} == {n_block // n_answers}
    follows = [pair for order in orders for pair in pairwise(order)]
    assert {follows.count(pair) for pair in follows} == {n_block // n_answers}


def test_cards_differ_between_cases_and_stay_for_a_pupil() -> None:
    """A pupil's order is the same after a reload, and another one in another case."""
    answers = ["a", "b", "c", "d"]
    mine = [card_order(answers, 3, 5, "poem") for _ in range(2)]
    assert mine[0] == mine[1]
    assert len({card_order(answers, 3, 5, f"case-{n}") for n in range(12)}) > 1


@given(st.integers(0, 2**128))
def test_no_two_pupils_share_a_pseudonym(seed: int) -> None:
    """Five hundred pupils have five hundred pseudonyms."""
    drawn = [draw_pseudonym(seed, number) for number in range(1, 501)]
    assert len(set(drawn)) == 500
    assert len({animal for animal, _ in drawn[: len(ANIMALS)]}) == len(ANIMALS)


def test_animals_come_in_pairs() -> None:
    """At least sixty animals, each with one name of its own in each language, and none that insults."""
    french, english = [one.fr for one in ANIMALS], [one.en for one in ANIMALS]
    assert len(ANIMALS) >= 60
    assert len(set(french)) == len(set(english)) == len(ANIMALS)
    assert not {name.casefold() for name in (*french, *english)} & set(re.findall(r"\w+", INSULTS))


def test_a_pseudonym_reads_in_both_languages() -> None:
    """The same pupil is "Loutre 7" in French and "Otter 7" in English."""
    otter = next(place for place, one in enumerate(ANIMALS) if one.en == "Otter")
    pupil = Pupil(pupil_id="p-1", number=1, animal=otter, animal_number=7, rulebook_id="hhh")
    assert (name_of(pupil, "fr"), name_of(pupil, "en")) == ("Loutre 7", "Otter 7")
