"""`harness steer`."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click

from harness.cli.progress import run_progress
from harness.cli.run import Asking, finishing_on_ctrl_c
from harness.errors import StoreError
from harness.judge.build import Shared
from harness.judge.provider import Providers
from harness.load.content import load_judge
from harness.load.questions import load_questions
from harness.report.figures.figure import shortened
from harness.report.steer import render_steering, steering_findings
from harness.schema import LANGUAGES, JudgeSpec, Language, Provenance, Sampling, text_sha256
from harness.schema.steer import MAX_REPLIES, Question, QuestionSet, Steering
from harness.steer.folder import SteerFolder, shipped_steering
from harness.steer.sampling import Asked, Sampled, replay, sample
from harness.steer.steered import LoadedReward, build_steering, load_rewards

DEMO = Path("results", "demo-steering")
EXIT_OPEN = 1


@dataclass(frozen=True)
class _Drawing:
    """How replies are drawn."""

    sampler: str
    n_replies: int
    languages: str
    temperature: float
    top_p: float
    seed: int
    max_tokens: int

    def spec(self) -> JudgeSpec:
        """The preset's model with these settings; its note is about judging."""
        drawn = Sampling(
            temperature=self.temperature, top_p=self.top_p, seed=self.seed, max_tokens=self.max_tokens
        )
        return load_judge(self.sampler).model_copy(update={"sampling": drawn, "note": None})

    def asked(self, questions: QuestionSet) -> Asked:
        """What is asked of whom."""
        named = [name.strip() for name in self.languages.split(",") if name.strip()]
        unknown = [name for name in named if name not in questions.languages]
        if unknown or not named:
            known = ", ".join(questions.languages)
            raise click.UsageError(f"--asked-in {self.languages}: these questions are there in {known}")
        languages = cast("list[Language]", list(dict.fromkeys(named)))
        return Asked(questions, tuple(languages), self.spec(), self.n_replies)


@click.command(short_help="Rewards choose among a model's replies: whose grades change what it says.")
@click.argument("questions", required=False)
@click.option("--message", help="Ask this one question instead, in the language of --asked-in.")
@click.option(
    "--reward",
    "rewards",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A reward model of `harness reward fit`; again for more.  [default: those in the folder, else ours]",
)
@click.option(
    "--sampler",
    default="qwen2.5-coder-1.5b",
    show_default=True,
    help="Preset of the model that writes the replies (`harness judges` lists them).",
)
@click.option(
    "--replies",
    "-n",
    "n_replies",
    type=click.IntRange(2, MAX_REPLIES),
    default=8,
    show_default=True,
    help="Replies drawn per question.",
)
@click.option(
    "--asked-in",
    "languages",
    default="fr",
    show_default=True,
    metavar="FR,EN",
    help="Languages in which the questions are asked.",
)
@click.option(
    "--temperature",
    type=click.FloatRange(0.0, 2.0),
    default=0.8,
    show_default=True,
    help="How freely words are drawn; at 0 all replies are the same.",
)
@click.option(
    "--top-p",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=0.95,
    show_default=True,
    help="Share of the probability that words are drawn from.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the first reply.")
@click.option(
    "--max-tokens",
    type=click.IntRange(1, 4096),
    default=220,
    show_default=True,
    help="Where a reply is cut off.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write.  [default: results/demo-steering, or results/steering-QUESTIONS]",
)
@click.option("--replay", "only_replay", is_flag=True, help="Ask nobody: read what the folder has recorded.")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def steer(
    questions: str | None,
    message: str | None,
    rewards: tuple[Path, ...],
    output: Path | None,
    *,
    only_replay: bool,
    language: str,
    as_json: bool,
    quiet: bool,
    **drawing: object,
) -> None:
    """Best of n: draw n replies to each question, let each reward pick one, and write one page about it.

    QUESTIONS is an id or file of prompts/questions, or a case set, whose users' messages are then asked. A
    reward learned from somebody's grades to predict them; the page shows that whose grades these were changes
    what the assistant says, beside what the longest reply and a draw at random would have been.

    Without QUESTIONS nothing is asked: the replies are those of the recording that came with the harness, so
    that your own reward can choose among them without a model. With QUESTIONS, the same command resumes.

    \b
    harness steer
    harness steer --reward class.json --reward comfort-first.json
    harness steer steering --reward class.json -n 16 -o results/monday
    harness steer --message "My cat ate my homework. What do I say?" --asked-in en --reward class.json
    harness steer --replay -o results/monday

    Exit code 1: replies are left to be drawn.
    """  # noqa: D301 - click wants the character itself
    if questions is not None and message is not None:
        raise click.UsageError("name questions, or ask one with --message: not both")
    how = _Drawing(**drawing)  # type: ignore[arg-type]
    wanted = _wanted(questions, message, how)
    if wanted is not None and only_replay:
        raise click.UsageError("--replay reads the questions from the recording: name only --output")
    if only_replay and output is None:
        raise click.UsageError("--replay needs --output: the folder that holds the recording")
    folder = SteerFolder(output or (DEMO if wanted is None else Path("results", _folder_name(wanted))))
    source = folder if only_replay or wanted is not None else _beside_no_other(folder)
    loaded = load_rewards(rewards or source.reward_files() or shipped_steering().reward_files())
    sampled = replay(source) if wanted is None else asyncio.run(_draw(how.asked(wanted), folder, quiet=quiet))
    if sampled.n_open:
        click.echo(_open_words(sampled, folder))
        sys.exit(EXIT_OPEN)
    _write(folder, build_steering(sampled, loaded), loaded, cast("Language", language), as_json=as_json)


def _beside_no_other(folder: SteerFolder) -> SteerFolder:
    """The shipped recording, which may not be read into a folder that has a recording of its own."""
    if folder.cassette_path.exists() or folder.work_path.exists():
        raise StoreError(
            f"{folder.path}: holds a recording of its own; read that one with --replay, "
            "or name another --output for the one that came with the harness"
        )
    return shipped_steering()


def _wanted(questions: str | None, message: str | None, how: _Drawing) -> QuestionSet | None:
    """What is to be asked; None = nothing."""
    if message is None:
        return None if questions is None else load_questions(questions)
    if how.languages not in LANGUAGES:
        raise click.UsageError("--message is in one language: name it with --asked-in fr or --asked-in en")
    spoken = how.languages
    if not message.strip():
        raise click.UsageError("--message is empty")
    said = {spoken: message}
    return QuestionSet(
        question_set_id=f"message-{text_sha256(message)[:8]}",
        title=said,
        languages=(spoken,),
        questions=(Question(question_id="message", title={spoken: shortened(message, 60)}, message=said),),
        provenance=Provenance(kind="invented", date=datetime.now(UTC).date().isoformat()),
    )


def _folder_name(questions: QuestionSet) -> str:
    return f"steering-{questions.question_set_id}"


async def _draw(asked: Asked, folder: SteerFolder, *, quiet: bool) -> Sampled:
    stop = asyncio.Event()
    with run_progress(quiet=quiet) as progress, finishing_on_ctrl_c(stop, progress):
        asking = Asking(Shared(Providers(), None, stop, progress.retried), progress)
        return await sample(asked, folder, asking, progress, stop)


def _open_words(sampled: Sampled, folder: SteerFolder) -> str:
    why = f"given up: {sampled.stopped}\n" if sampled.stopped else ""
    return f"{why}{folder.path}: {sampled.n_open} replies are left to be drawn; the same command goes on"


def _write(
    folder: SteerFolder,
    steering: Steering,
    rewards: tuple[LoadedReward, ...],
    language: Language,
    *,
    as_json: bool,
) -> None:
    folder.copy_manifest(steering.manifest)
    folder.write_rewards(file for one in rewards for file in one.files)
    folder.write_steering(steering)
    folder.write_page(render_steering(steering, language=language))
    if as_json:
        click.echo(json.dumps(_summary(folder, steering), indent=2))
        return
    for line in steering_findings(steering, language):
        click.echo(line)
    click.echo(f"\npage: {folder.page_path.resolve()}")


def _summary(folder: SteerFolder, steering: Steering) -> dict[str, object]:
    return {
        "folder": str(folder.path),
        "page": str(folder.page_path),
        "choosers": [one.chooser_id for one in steering.choosers],
        "differing": [one.model_dump(mode="json") for one in steering.differing],
        "picks": [
            {
                "question_id": one.question.question_id,
                "language": one.language,
                "picks": {choice.chooser_id: choice.number for choice in one.choices},
            }
            for one in steering.questions
        ],
    }
