from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.report.prose_steer import FEATURE_WORDS, STEER
from harness.report.steer import render_steering, steer_headline, steering_findings
from harness.report.voice import Voice
from harness.reward import load_reward, write_reward
from harness.reward.features import FEATURES, NEARNESS
from harness.reward.reading import MEANING
from harness.schema import LANGUAGES, Language
from harness.schema.steer import Steering
from harness.steer.choosing import TRAITS, WORDS
from harness.steer.sampling import Asked
from harness.steer.steered import build_steering, load_rewards

if TYPE_CHECKING:
    from tests.steer.conftest import Aviary

HOSTILE = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "</p></main></body><h1>gotcha</h1>",
    "{{ 7 * 7 }} \u202egnirts \x07",
)


class Tags(HTMLParser):
    """Counts the elements of a page and gathers what loads something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it."""
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.loads += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "onerror")]
        self.ids += [value for name, value in attrs if name == "id" and value]


def text_of(page: str, language: Language) -> str:
    """What one edition says, without markup."""
    found = re.search(rf'<main lang="{language}".*?</main>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_whose_grades_is_said_in_both_languages(steering: Steering) -> None:
    """The finding, the two employers and their picks stand on one page, in French and in English."""
    page = render_steering(steering)
    for language, titles in {
        "fr": ("Le bien-être d’abord", "La prudence d’abord"),
        "en": ("Comfort first", "Caution first"),
    }.items():
        said = text_of(page, "fr" if language == "fr" else "en")
        assert all(title in said for title in titles)
    assert steer_headline(steering, Voice("en")) in text_of(page, "en")
    assert "4 of 4 questions" in text_of(page, "en")


def test_simulated_grades_are_called_so(steering: Steering) -> None:
    """The reward that learned made-up grades says so on its card and above; the other does not."""
    said = text_of(render_steering(steering), "en")
    assert "Comfort first simulated grades" in said
    assert "Caution first simulated grades" not in said
    assert "Simulated grades: “Comfort first”." in said
    assert "notes simulées" in text_of(render_steering(steering), "fr")


def test_too_few_cases_are_said(steering: Steering) -> None:
    """A reward of six situations is not to be relied on, and a mean of one question is no number."""
    assert "Too few graded cases" in text_of(render_steering(steering), "en")
    one = steering.model_copy(update={"questions": steering.questions[:1]})
    assert render_steering(one)


def test_hostile_replies_are_only_text(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path, caution: Path, steering: Steering
) -> None:
    """What a model wrote adds no element, no address and no invisible turn to the page."""
    aviary.parrot.replies = HOSTILE
    hostile = build_steering(aviary.draw(asked, tmp_path / "hostile"), load_rewards([comfort, caution]))
    page = render_steering(hostile)
    found = Tags(page)
    assert "script" not in found.counts
    assert "img" not in found.counts
    assert found.counts["h1"] == len(LANGUAGES)
    assert found.counts["main"] == len(LANGUAGES)
    assert not found.loads
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "⟨U+202E⟩" in page
    assert "{{ 7 * 7 }}" in page


def test_nothing_is_fetched_and_ids_are_unique(steering: Steering) -> None:
    """No script, nothing from elsewhere, one style, and every id once."""
    page = render_steering(steering)
    found = Tags(page)
    assert not found.loads
    assert "script" not in found.counts
    assert found.counts["style"] == 1
    assert "default-src 'none'" in page
    assert len(found.ids) == len(set(found.ids))


def test_luck_and_the_bound_are_told(steering: Steering) -> None:
    """The page says what the best of four gains by luck, and how far choosing can move the model."""
    said = text_of(render_steering(steering), "en")
    assert "by 1.03 standard deviations" in said  # expected largest of four normal numbers
    assert "log 4 − 3/4 = 0.64 nats" in said
    assert "two replies drawn at random differ in 75% of cases" in said


def test_every_reply_is_there(steering: Steering) -> None:
    """Behind the fold of each question stand all its replies whole, the picks starred."""
    page = render_steering(steering)
    assert all(reply.text in page for asked in steering.questions for reply in asked.replies)
    assert page.count("★") >= 2 * len(steering.questions)


def test_how_firm_a_pick_is_stands_on_its_card(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path
) -> None:
    """With twins of a reward, the page says how many would say the same, and beside it what chance gives."""
    reward = load_reward(comfort)
    whole = reward.training.model_copy(update={"case_ids": ("poem", "screens")})
    write_reward(reward.model_copy(update={"training": whole}), comfort)
    folder = comfort.with_name("comfort.twins")
    folder.mkdir()
    for name in whole.case_ids:
        part = whole.model_copy(update={"case_ids": (name,)})
        write_reward(reward.model_copy(update={"training": part}), folder / f"{name}.json")
    said = text_of(
        render_steering(build_steering(aviary.draw(asked, tmp_path / "run"), load_rewards([comfort]))), "en"
    )
    assert "the same pick: 2 times in 2" in said
    assert "“Comfort first” 100% (a draw at random: 25%)" in said


def test_a_reward_that_tells_nothing_apart_says_so(
    aviary: Aviary, asked: Asked, tmp_path: Path, reward_file: Callable[..., Path]
) -> None:
    """Where all replies are worth the same, the card says so instead of a worth."""
    rewards = load_rewards([reward_file("blind", {"structure": 1.0})])
    said = text_of(render_steering(build_steering(aviary.draw(asked, tmp_path), rewards)), "en")
    assert said.count("it finds all replies equally good") == 4


def test_one_reward_alone_is_held_against_the_first(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path
) -> None:
    """With one reward the finding is about it and a draw at random."""
    alone = build_steering(aviary.draw(asked, tmp_path), load_rewards([comfort]))
    assert "does not take the first that comes" in steer_headline(alone, Voice("en"))
    assert "One reward only" in text_of(render_steering(alone), "en")


def test_two_questions_are_too_few_for_a_share(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path, caution: Path
) -> None:
    """Two questions give words instead of shares and means, and a page all the same."""
    two = asked.questions.model_copy(update={"questions": asked.questions.questions[:2]})
    few = build_steering(
        aviary.draw(replace(asked, questions=two), tmp_path), load_rewards([comfort, caution])
    )
    said = text_of(render_steering(few), "en")
    assert "Too few questions to say how often picks differ" in said
    assert "Too few questions for a mean" in said
    assert "too few cases" in said


def test_twins_are_told_apart(
    aviary: Aviary, asked: Asked, tmp_path: Path, reward_file: Callable[..., Path]
) -> None:
    """Two rewards of the same rules carry their files' names."""
    files = [reward_file(name, {"praise": 1.0}) for name in ("monday", "tuesday")]
    twins = build_steering(aviary.draw(asked, tmp_path), load_rewards(files))
    said = text_of(render_steering(twins), "en")
    assert "Helpful, honest, harmless (monday)" in said
    assert "Helpful, honest, harmless (tuesday)" in said


def test_cases_that_it_learned_from_are_no_new_questions(steering: Steering) -> None:
    """Where the questions are the very cases of the training, the page says so."""
    questions = steering.manifest.questions
    known = questions.questions[0].model_copy(update={"question_id": "screens"})
    changed = questions.model_copy(update={"question_set_id": "annotator", "questions": (known,)})
    manifest = steering.manifest.model_copy(update={"questions": changed})
    words = "these are cases whose grades “Caution first”, “Comfort first” learned from"
    assert words not in text_of(render_steering(steering), "en")
    assert words in text_of(render_steering(steering.model_copy(update={"manifest": manifest})), "en")


def test_a_reward_of_another_language_is_said(
    aviary: Aviary, asked: Asked, tmp_path: Path, reward_file: Callable[..., Path]
) -> None:
    """French replies under a reward that learned English texts: the page warns."""
    rewards = load_rewards([reward_file("english", {"praise": 1.0}, language="en")])
    steering = build_steering(aviary.draw(asked, tmp_path), rewards)
    assert "learned from texts in another language (English)" in text_of(render_steering(steering), "en")


def test_features_have_words_in_both_languages() -> None:
    """Everything that a reward looks at, and everything that is compared, has a name that people read."""
    named = {*FEATURES, NEARNESS, MEANING, WORDS, *TRAITS}
    assert named <= FEATURE_WORDS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_fit_a_terminal(steering: Steering, language: Language) -> None:
    """The same findings as lines of text, with the caveats."""
    lines = steering_findings(steering, language)
    assert lines[0] == steer_headline(steering, Voice(language))
    assert any(Voice(language).say("steer_caveat_model") == line for line in lines)


def test_phrases_take_the_same_gaps_in_both_languages() -> None:
    """A phrase that has a gap in French has it in English."""
    gaps = re.compile(r"\{(\w+)\}")
    for name, both in STEER.items():
        assert set(gaps.findall(both["fr"])) == set(gaps.findall(both["en"])), name
