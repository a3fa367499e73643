"""A reward model beside the people whose grades it learned, case by case: what its page shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.compare import ComparisonSource
from harness.compare.crowd import Crowd, build_crowd
from harness.compare.estimates import nan_mean, tidy, tidy_or_none
from harness.compare.judges import answer_lengths
from harness.errors import HarnessError
from harness.reward.embedding import embedding_installed
from harness.reward.reading import explain
from harness.schema import Case, Language
from harness.schema.reward import PredictedAnswer, PredictedCase, RewardModel, RewardReport, shown_cases
from harness.stats.agreement import tau_x
from harness.stats.reward_check import win_shares

MOST_CHARACTERS = 240
"""Of an answer that are shown."""
_MOST_MOVES = 3


def build_report(reward: RewardModel, source: ComparisonSource) -> RewardReport:
    """Set the predictions of a reward model beside the grades of its own run.

    Raises
    ------
    HarnessError
        The reward model learned from another run, or other people.
    """
    learned = {one.case_id: one.worths for one in reward.held_out}
    cases = [case for case in source.cases if case.case_id in learned]
    if source.manifest.run_id != reward.training.run_id or len(cases) < len(learned):
        raise HarnessError(
            f"the reward model {reward.reward_id} learned from the run {reward.training.run_id}; "
            "name that run to see its predictions beside the grades"
        )
    crowd = build_crowd(source.people, cases, people_known=source.people_known)
    language = reward.training.language
    predicted = [_predicted(case, learned[case.case_id], crowd, language) for case in cases]
    ordered = sorted(predicted, key=_agreement, reverse=True)
    if reward.embedding is None or embedding_installed():
        by_id = {case.case_id: case for case in cases}
        shown = {one.case_id for one in shown_cases(ordered)}
        ordered = [
            _explained(one, by_id[one.case_id], reward) if one.case_id in shown else one for one in ordered
        ]
    titles = {one.rulebook_id: one.title for one in source.rulebooks}
    named = {name: titles[name] for name in reward.training.rulebook_ids if name in titles}
    return RewardReport(reward=reward, rulebook_titles=named, cases=tuple(ordered))


def _agreement(case: PredictedCase) -> float:
    return -1.0 if case.tau_people is None else case.tau_people


def _predicted(case: Case, worths: Mapping[str, float], crowd: Crowd, language: Language) -> PredictedCase:
    names = [answer.answer_id for answer in case.answers]
    grades = crowd.grades[case.case_id]
    ranked = grades[(~np.isnan(grades)).sum(axis=1) > 1]
    worth = np.array([worths[name] for name in names])
    lengths = answer_lengths([case])[case.case_id, language]
    won = win_shares(ranked)
    return PredictedCase(
        case_id=case.case_id,
        title=case.title,
        tau_people=tidy_or_none(nan_mean(tau_x(ranked, worth[None]))),
        tau_longest=tidy_or_none(nan_mean(tau_x(ranked, lengths[None]))),
        answers=tuple(
            PredictedAnswer(
                answer_id=answer.answer_id,
                text=answer.text[language][:MOST_CHARACTERS],
                worth=worths[answer.answer_id],
                people=tidy_or_none(share),
            )
            for answer, share in zip(case.answers, won, strict=True)
        ),
    )


def _explained(predicted: PredictedCase, case: Case, reward: RewardModel) -> PredictedCase:
    language = reward.training.language
    texts = [answer.text[language] for answer in case.answers]
    found = explain(reward, case.message[language], texts, language)
    answers = []
    for answer, row in zip(predicted.answers, found.contributions, strict=True):
        strongest = np.argsort(-np.abs(row), kind="stable")[:_MOST_MOVES]
        moves = [(found.features[place], tidy(row[place])) for place in strongest if abs(row[place]) > 0]
        answers.append(answer.model_copy(update={"moved_by": tuple(moves)}))
    return predicted.model_copy(update={"answers": tuple(answers)})
