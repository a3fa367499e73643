"""From a run and its people to a reward model that says what it learned and how well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.compare import ComparisonSource
from harness.errors import HarnessError
from harness.reward.features import FEATURES
from harness.reward.learn import Wish, fit_source, situation_digests
from harness.schema import canonical_json
from harness.schema.reward import RewardModel
from tests.reward.conftest import made_source, votes

WISH = Wish("reward-made", "2026-11-22T00:00:00+00:00", embedding=False, n_shuffles=9)


@pytest.fixture(scope="module")
def learned(source: ComparisonSource) -> RewardModel:
    """What is learned from fourteen situations."""
    return fit_source(source, WISH)


def test_the_taste_of_people_is_learned(learned: RewardModel) -> None:
    """Length raises, a refusal lowers, and situations left out are predicted better than chance."""
    weights = {feature.name: feature.weight for feature in learned.features}
    assert weights["length"] > 0.3
    assert weights["refusal"] < -0.1
    assert learned.accuracy is not None
    assert learned.accuracy.tau_people.value is not None
    assert learned.accuracy.tau_people.value > 0.4
    assert learned.accuracy.null is not None
    assert learned.accuracy.null.p == pytest.approx(0.1)


def test_the_record_says_what_it_was_made_of(source: ComparisonSource, learned: RewardModel) -> None:
    """Run, people, situations, language, method, seed: all of it stands in the file."""
    training = learned.training
    assert (training.run_id, training.case_set_id) == ("made", "made")
    assert (training.reference, training.n_people, training.n_rankings) == ("people", 4, 56)
    assert (training.n_situations, training.language, training.rulebook_ids) == (14, "en", ("hhh",))
    assert training.simulated
    assert training.seed == source.manifest.experiment.seed
    assert learned.standing == "trial"
    assert learned.embedding is None
    assert {feature.kind for feature in learned.features} == {"text"}
    assert {feature.name for feature in learned.features} <= set(FEATURES)
    assert len(training.situations) == 14


def test_every_case_was_predicted_without_it(source: ComparisonSource, learned: RewardModel) -> None:
    """One prediction per answer, and those of a case do not depend on its own grades."""
    assert [one.case_id for one in learned.held_out] == [case.case_id for case in source.cases]
    turned = tuple(
        verdict.model_copy(update={"grades": {name: 5.0 - grade for name, grade in verdict.grades.items()}})
        if verdict.cell.case_id == "made-03"
        else verdict
        for verdict in source.people
    )
    other = fit_source(replace(source, people=turned), replace(WISH, n_shuffles=0))
    assert other.held_out[3] == learned.held_out[3]
    assert other.held_out[4] != learned.held_out[4]


def test_the_same_run_gives_the_same_bytes(source: ComparisonSource, learned: RewardModel) -> None:
    """Learning twice from one run gives one file, to the byte."""
    assert canonical_json(fit_source(source, WISH)) == canonical_json(learned)


def test_figures_are_those_of_the_comparison(learned: RewardModel) -> None:
    """People's own agreement and the rule of length stand beside, on the same cases."""
    found = learned.accuracy
    assert found is not None
    assert found.human_human.value is not None
    assert found.longest.value is not None
    assert found.beyond_longest.value == pytest.approx(
        (found.tau_people.value or 0.0) - found.longest.value, abs=1e-9
    )
    assert (found.scheme, found.n_folds, found.tau_people.n) == ("leave-one-situation-out", 14, 14)
    assert found.floor.value == pytest.approx(0.0)
    assert found.in_sample.value is not None
    assert found.in_sample.value >= (found.tau_people.value or 0.0)


def test_few_situations_are_a_demonstration() -> None:
    """Six situations: three features at most, and the word for it."""
    found = fit_source(made_source(6), replace(WISH, n_shuffles=0))
    assert found.standing == "demonstration"
    assert len(found.features) <= 3
    assert found.accuracy is not None
    for figure in (found.accuracy.tau_people, found.accuracy.longest, found.accuracy.in_sample):
        assert all(-1 <= span.low <= span.high <= 1 for span in figure.intervals)
    assert found.accuracy.null is None


def test_too_few_situations_are_refused() -> None:
    """Three situations teach nothing that could be checked; the message says how many are needed."""
    with pytest.raises(HarnessError, match="in 3 situations; a reward model needs 4"):
        fit_source(made_source(3), WISH)


def test_nobody_to_learn_from_is_said(source: ComparisonSource) -> None:
    """A run without grades names the option that brings them."""
    with pytest.raises(HarnessError, match="--people"):
        fit_source(replace(source, people=()), WISH)


def test_cases_are_chosen_by_pattern(source: ComparisonSource) -> None:
    """Only cases whose id fits are learned from."""
    found = fit_source(source, replace(WISH, patterns=("made-0*",), n_shuffles=0))
    assert len(found.training.case_ids) == 10


def test_twins_are_one_situation() -> None:
    """A case that shares its message with another is left out together with it."""
    source = made_source(8)
    twin = source.cases[0]
    copied = twin.model_copy(
        update={
            "case_id": "twin",
            "answers": tuple(
                one.model_copy(
                    update={"answer_id": f"twin-{one.answer_id}", "text": {"en": f"{one.text['en']} x"}}
                )
                for one in twin.answers
            ),
        }
    )
    cases = (*source.cases, copied)
    taste = len
    found = fit_source(
        replace(source, cases=cases, people=tuple(votes(cases, taste))), replace(WISH, n_shuffles=0)
    )
    assert found.training.n_situations == 8
    assert len(found.training.case_ids) == 9
    assert situation_digests(copied) == situation_digests(twin)


def test_davidson_luce_learns_the_same_taste(source: ComparisonSource, learned: RewardModel) -> None:
    """Ties as outcomes of their own change the weights, not their direction."""
    other = fit_source(source, replace(WISH, method="davidson-luce", n_shuffles=0))
    weights = {feature.name: feature.weight for feature in other.features}
    assert weights["length"] > 0.3
    assert weights["refusal"] < -0.1
    assert weights != {feature.name: feature.weight for feature in learned.features}


def test_answers_that_are_alike_teach_nothing(source: ComparisonSource) -> None:
    """Where no feature differs, the error says so instead of a model that knows nothing."""
    cases = tuple(
        case.model_copy(
            update={
                "answers": tuple(
                    one.model_copy(update={"text": {"en": f"{case.case_id} same."}}) for one in case.answers
                )
            }
        )
        for case in source.cases
    )
    with pytest.raises(HarnessError, match="nothing can be learned"):
        fit_source(replace(source, cases=cases), replace(WISH, n_shuffles=0))
