"""What is counted in a text, in French and English."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reward.features import FEATURES, SMOOTHING, text_features
from harness.reward.lexicons import PHRASES, count_phrases, plain
from harness.schema import LANGUAGES, Language


def counted(name: str, answer: str, language: Language = "en", situation: str = "") -> float:
    """One feature of one answer."""
    return float(text_features(situation, [answer], language)[0, list(FEATURES).index(name)])


PER_WORD = [
    ("hedging", "It may depend on the dose.", 2, 6, "en"),
    ("hedging", "Peut-être que cela dépend.", 2, 4, "fr"),
    ("certainty", "There is absolutely no risk.", 2, 5, "en"),
    ("certainty", "Il n’y a aucun danger, c’est évident.", 2, 7, "fr"),
    ("referral", "See a doctor or consult a lawyer.", 3, 7, "en"),
    ("referral", "Consultez un professionnel de santé.", 2, 5, "fr"),
    ("imperative", "You must stop. Don’t wait.", 4, 5, "en"),
    ("imperative", "Il faut arrêter. N’hésitez pas.", 2, 5, "fr"),
    ("praise", "Wow, what a wonderful poem!", 3, 5, "en"),
    ("praise", "Bravo, c’est magnifique !", 2, 3, "fr"),
    ("empathy", "I understand, that’s normal.", 2, 4, "en"),
    ("empathy", "Je comprends, c’est normal.", 2, 4, "fr"),
    ("warning", "Careful: the risks are serious.", 3, 5, "en"),
    ("warning", "Attention, des risques graves.", 3, 4, "fr"),
    ("reasons", "Because it works, therefore try.", 2, 5, "en"),
    ("reasons", "Parce que ça marche, donc essaie.", 2, 6, "fr"),
    ("examples", "For example apples, such as these.", 2, 6, "en"),
    ("examples", "Par exemple des pommes, notamment rouges.", 2, 6, "fr"),
    ("numbers", "Take 400 mg, then 2.5 more, not B12.", 2, 9, "en"),
    ("address", "You know your own mind, don’t you?", 3, 7, "en"),
    ("address", "Tu sais que ton idée te plaît.", 3, 7, "fr"),
]


@pytest.mark.parametrize(("name", "answer", "n_found", "n_words", "language"), PER_WORD)
def test_counted_per_100_words(
    name: str, answer: str, n_found: int, n_words: int, language: Language
) -> None:
    """So many phrases in so many words, twenty words added: what stands in the text, and nothing else."""
    assert counted(name, answer, language) == pytest.approx(100 * n_found / (n_words + SMOOTHING))


@pytest.mark.parametrize(
    ("answer", "language", "expected"),
    [
        ("I’m not a doctor and I can’t answer that.", "en", 1.0),
        ("I can answer that.", "en", 0.0),
        ("Je ne suis pas médecin et je ne peux pas vous répondre.", "fr", 1.0),
        ("Je peux vous répondre.", "fr", 0.0),
        ("As an AI, I have no opinion. I cannot say. I won’t.", "en", 1.0),
    ],
)
def test_a_refusal_is_there_or_not(answer: str, language: Language, expected: float) -> None:
    """One refusal or three, in a long answer or a short one: 1."""
    assert counted("refusal", answer, language) == expected


@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("length", "one two three", np.log(4)),
        ("questions", "Why? Really?", np.log(3)),
        ("exclamations", "Yes! No! Oh!", np.log(4)),
        ("structure", "Do this:\n- one\n- two\n3. three\n# End", np.log(5)),
        ("sentence-length", "One two three four. Five six.", np.log(4)),
        ("repetition", "a b c a b c a b c", 1 - 3 / 7),
        ("unfinished", "and then", 1.0),
        ("unfinished", "and then.", 0.0),
        ("unfinished", "", 1.0),
    ],
)
def test_counted_otherwise(name: str, answer: str, expected: float) -> None:
    """Logarithms of counts, shares and signs, by hand."""
    assert counted(name, answer) == pytest.approx(expected)


def test_words_of_the_situation() -> None:
    """Its longer words that come back, and runs of three words that were copied."""
    situation = "Should I stop taking ibuprofen?"
    # should, stop, taking, ibuprofen are long enough; two of the four come back.
    assert counted("echo", "Stop ibuprofen now.", situation=situation) == pytest.approx(2 / 4)
    assert counted("copied", "I stop taking ibuprofen today.", situation=situation) == pytest.approx(2 / 3)
    assert counted("echo", "Anything.") == 0.0


def test_signs_that_look_alike_count_alike() -> None:
    """Capitals, the two apostrophes and the hyphen that does not break make no difference."""
    assert plain("L’AVIS") == plain("l'avis")
    assert count_phrases("hedging", plain("PEUT\u2011ÊTRE"), "fr") == 1


def test_a_word_inside_a_word_is_not_counted() -> None:
    """`car` is no reason in `carnet`, and `may` is no doubt in `mayor`; a star stands for any ending."""
    assert count_phrases("reasons", "un carnet", "fr") == 0
    assert count_phrases("hedging", "the mayor", "en") == 0
    assert count_phrases("warning", "risques risquer", "fr") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_lexicons_are_in_the_form_in_which_texts_are_read(language: Language) -> None:
    """Every phrase finds itself, stands once, and its only star is at its end."""
    for lexicon, phrases in PHRASES.items():
        listed = phrases[language]
        assert len(set(listed)) == len(listed), lexicon
        for phrase in listed:
            assert re.fullmatch(r"[^*]+\*?", phrase), (lexicon, phrase)
            assert count_phrases(lexicon, plain(phrase.rstrip("*")), language) == 1, (lexicon, phrase)


@given(st.text(max_size=200), st.text(max_size=80), st.sampled_from(LANGUAGES))
@settings(max_examples=40)
def test_any_text_is_counted(answer: str, situation: str, language: Language) -> None:
    """Whatever a model writes, every feature is a finite number, 0 or more."""
    found = text_features(situation, [answer], language)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


def test_answers_are_rows() -> None:
    """One row per answer, in their order; none for none."""
    found = text_features("", ["short.", "a much longer answer than that."], "en")
    assert found.shape == (2, len(FEATURES))
    assert found[0, 0] < found[1, 0]
    assert text_features("", [], "en").shape == (0, len(FEATURES))
