"""Rewards with weights chosen by hand, questions, and a model that replies from a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import JsonValue

from harness.errors import JudgeRejectedError, JudgeUnavailableError
from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.reward import write_reward
from harness.reward.features import FEATURES
from harness.schema import Completion, JudgeSpec, Language, Limits, Provenance, Recorder, Request, Sampling
from harness.schema.reward import RewardFeature, RewardModel, RewardTraining
from harness.schema.steer import Question, QuestionSet, Steering
from harness.steer.folder import SteerFolder
from harness.steer.sampling import Asked, Sampled, sample
from harness.steer.steered import build_steering, load_rewards

RewardFile = Callable[..., Path]

REPLIES = (
    "Oui, vas-y.",
    "Bravo ! Quelle magnifique idée, je comprends, et je suis ravi pour toi !",
    "Je ne suis pas médecin : consultez un professionnel, il y a un risque de rechute.",
    "Cela dépend : peut-être que oui, peut-être que non, et il faudrait en savoir davantage avant tout.",
)
"""Short, flattering, cautious, and the longest."""


@dataclass
class Parrot:
    """A model that says the n-th of its sentences to the n-th repeat; it counts how often it is asked."""

    spec: JudgeSpec
    replies: tuple[str, ...] = REPLIES
    asked: list[Request] = field(default_factory=list)
    breaks_at: int | None = None
    rejects: frozenset[int] = frozenset()
    cut: frozenset[int] = frozenset()

    async def complete(self, request: Request) -> Completion:
        """Answer, unless it is to break down here."""
        if self.breaks_at is not None and len(self.asked) >= self.breaks_at:
            raise JudgeUnavailableError("parrot: no key")
        self.asked.append(request)
        if request.repeat in self.rejects:
            raise JudgeRejectedError("parrot: not this one")
        text = self.replies[request.repeat % len(self.replies)]
        return Completion(
            text=text,
            finish_reason="length" if request.repeat in self.cut else "stop",
            latency_s=0.5,
            completed_at="2030-05-01T12:00:00Z",
        )

    def runtime(self) -> dict[str, JsonValue]:
        """Say that nothing runs it."""
        return {}

    async def aclose(self) -> None:
        """Hold nothing."""


class Quiet:
    """A progress that remembers how calls ended."""

    def __init__(self) -> None:
        self.n_new = 0
        self.n_recorded = 0

    def started(self, n_calls: dict[str, int]) -> None:
        """Begin."""

    def ended(self, judge_id: str, ended: object, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002
        """Count."""
        self.n_recorded += recorded
        self.n_new += not recorded

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Hear of an end."""


@dataclass
class Aviary:
    """Draws replies of a parrot into a folder."""

    parrot: Parrot
    progress: Quiet = field(default_factory=Quiet)

    def draw(self, asked: Asked, path: Path) -> Sampled:
        """Draw what is missing."""

        def live(spec: JudgeSpec, recorder: Recorder) -> Judge:
            self.parrot.spec = spec
            return RecordingJudge(self.parrot, recorder)

        return asyncio.run(sample(asked, SteerFolder(path), live, self.progress, asyncio.Event()))


@pytest.fixture
def questions() -> QuestionSet:
    """Give four questions in French."""
    return QuestionSet(
        question_set_id="four",
        title={"fr": "Quatre questions", "en": "Four questions"},
        instruction={"fr": "Réponds en français.", "en": "Answer in English."},
        languages=("fr",),
        questions=tuple(
            Question(
                question_id=f"q{number}",
                title={"fr": f"Question {number}", "en": f"Question {number}"},
                message={"fr": f"Dois-je essayer {number} fois ?"},
            )
            for number in range(1, 5)
        ),
        provenance=Provenance(kind="invented", date="2030-05-01"),
    )


@pytest.fixture
def spec() -> JudgeSpec:
    """Give the preset of a model that is asked one thing at a time."""
    return JudgeSpec(
        judge_id="parrot",
        model_id="scripted/parrot",
        title="Parrot 0.1B",
        sampling=Sampling(temperature=0.8, seed=7, max_tokens=50),
        limits=Limits(concurrency=1),
    )


@pytest.fixture
def asked(questions: QuestionSet, spec: JudgeSpec) -> Asked:
    """Give four replies to each of the four questions."""
    return Asked(questions, ("fr",), spec, 4)


@pytest.fixture
def aviary(spec: JudgeSpec) -> Aviary:
    """Give a parrot and what draws its replies."""
    return Aviary(Parrot(spec))


@pytest.fixture
def reward_file(tmp_path: Path) -> RewardFile:
    """Give what writes a reward with weights of your choice, and gives its path."""

    def write(
        reward_id: str,
        weights: Mapping[str, float],
        *,
        rulebook_id: str = "hhh",
        simulated: bool = False,
        language: Language = "fr",
    ) -> Path:
        path = tmp_path / f"{reward_id}.json"
        write_reward(_reward(reward_id, weights, rulebook_id, language, simulated=simulated), path)
        return path

    return write


def _reward(
    reward_id: str, weights: Mapping[str, float], rulebook_id: str, language: Language, *, simulated: bool
) -> RewardModel:
    assert weights.keys() <= FEATURES.keys()
    return RewardModel(
        reward_id=reward_id,
        method="rank-ordered-logit",
        ridge=1.0,
        standing="too_few",
        features=tuple(
            RewardFeature(
                name=name,
                kind="text",
                centre=0.0,
                scale=1.0,
                lowest=-1e6,
                highest=1e6,
                weight=weight,
                interval=None,
            )
            for name, weight in weights.items()
        ),
        training=RewardTraining(
            run_id="made-up",
            run_created_at="2030-05-01T12:00:00Z",
            case_set_id="annotator",
            store_sha256="0" * 64,
            reference="people",
            rulebook_ids=(rulebook_id,),
            n_people=3,
            n_rankings=18,
            n_situations=6,
            case_ids=("screens",),
            situations=(),
            language=language,
            simulated=simulated,
            seed=0,
            fitted_at="2030-05-01T12:00:00Z",
            harness_version="0",
        ),
    )


@pytest.fixture
def comfort(reward_file: RewardFile) -> Path:
    """Give a reward that likes praise and exclamations."""
    weights = {"praise": 1.0, "exclamations": 1.0}
    return reward_file("comfort", weights, rulebook_id="comfort-first", simulated=True)


@pytest.fixture
def caution(reward_file: RewardFile) -> Path:
    """Give a reward that likes referrals and warnings."""
    return reward_file("caution", {"referral": 1.0, "warning": 1.0}, rulebook_id="caution-first")


@pytest.fixture
def steering(aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path, caution: Path) -> Steering:
    """Give a whole record: four questions, four replies each, two rewards."""
    sampled = aviary.draw(asked, tmp_path / "run")
    return build_steering(sampled, load_rewards([comfort, caution]))
