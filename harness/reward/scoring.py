"""A reward model as an annotator of a run: what it says of each case, not having learned from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.reward.files import load_reward
from harness.reward.learn import situation_digests
from harness.reward.reading import worth
from harness.reward.table import has_texts
from harness.schema import Case, Language
from harness.schema.reward import LearnedFrom, LearnedReadings, RewardModel
from harness.stats.reward_check import WORTH_DIGITS
from harness.store.disk import read_bytes
from harness.store.folder import RunFolder
from harness.store.learned import read_learned, write_learned

Origin = Literal["held_out", "new", "left_out"]
Worths = Mapping[str, float]


@dataclass(frozen=True)
class CaseWorths:
    """What is predicted for one case, and how that can be: by a fit without it, or because it is new."""

    origin: Origin
    worths: Worths


def score_run(folder: RunFolder, cases: Sequence[Case], path: Path) -> LearnedReadings:
    """Let the reward model of a file read the cases of a run, and keep what it says in `reward.jsonl`.

    A line of the same reward model is replaced, others stay.

    Raises
    ------
    StoreError
        The file is no reward model, or the run's folder cannot be written to.
    HarnessError
        The reward model needs the extra `reward`.
    """
    reward = load_reward(path)
    digest = hashlib.sha256(read_bytes(path, "reward model")).hexdigest()
    readings = learned_readings(reward, digest, cases)
    kept = [one for one in read_learned(folder.path) if one.source.reward_id != reward.reward_id]
    write_learned(folder.path, [*kept, readings])
    return readings


def learned_readings(reward: RewardModel, digest: str, cases: Sequence[Case]) -> LearnedReadings:
    """Read cases as `worths_of_cases` does, with the provenance that a comparison shows."""
    language = reward.training.language
    found = worths_of_cases(reward, cases, language)
    origins = [one.origin for one in found.values()]
    training = reward.training
    source = LearnedFrom(
        reward_id=reward.reward_id,
        reward_sha256=digest,
        method=reward.method,
        standing=reward.standing,
        embedding_id=None if reward.embedding is None else reward.embedding.embedding_id,
        run_id=training.run_id,
        reference=training.reference,
        rulebook_ids=training.rulebook_ids,
        n_people=training.n_people,
        n_situations=training.n_situations,
        language=language,
        simulated=training.simulated,
        n_held_out=origins.count("held_out"),
        n_new=origins.count("new"),
        n_left_out=origins.count("left_out"),
    )
    said = {case_id: dict(one.worths) for case_id, one in found.items() if one.worths}
    return LearnedReadings(source=source, cases=said)


def worths_of_cases(reward: RewardModel, cases: Sequence[Case], language: Language) -> dict[str, CaseWorths]:
    """Predict the answers of each case without having learned from its situation.

    Where the situation was learned from, the prediction is the one by the fit that left it out, and there is
    none if these are other answers. Where it is new, the whole model predicts.

    Raises
    ------
    HarnessError
        The model reads meanings, and the extra `reward` is missing.
    """
    held_out = {one.case_id: one.worths for one in reward.held_out}
    seen = frozenset(reward.training.situations)
    found = {}
    for case in cases:
        if not seen.isdisjoint(situation_digests(case)):
            found[case.case_id] = _known(case, held_out.get(case.case_id, {}))
        elif has_texts(case, language):
            found[case.case_id] = _new(reward, case, language)
        else:
            found[case.case_id] = CaseWorths("left_out", {})
    return found


def _known(case: Case, held_out: Worths) -> CaseWorths:
    same = held_out.keys() == {answer.answer_id for answer in case.answers}
    return CaseWorths("held_out", held_out) if same else CaseWorths("left_out", {})


def _new(reward: RewardModel, case: Case, language: Language) -> CaseWorths:
    names = [answer.answer_id for answer in case.answers]
    texts = [answer.text[language] for answer in case.answers]
    worths = worth(reward, case.message[language], texts, language).round(WORTH_DIGITS).tolist()
    return CaseWorths("new", dict(zip(names, worths, strict=True)))
