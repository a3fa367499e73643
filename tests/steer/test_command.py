from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from harness.cli import harness as command_line
from harness.cli import run as run_module
from harness.cli import steer as steer_module
from harness.errors import HarnessError, StoreError
from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.schema import JudgeSpec, Recorder
from harness.steer.folder import SteerFolder, shipped_steering

if TYPE_CHECKING:
    from tests.steer.conftest import Aviary

MOST_BYTES = 600_000
Steer = Callable[..., Result]


@pytest.fixture
def steer(aviary: Aviary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Steer:
    """Give `harness steer ARGUMENTS`, whose model is a parrot."""
    monkeypatch.chdir(tmp_path)

    def live(spec: JudgeSpec, recorder: Recorder, **_: object) -> Judge:
        aviary.parrot.spec = spec
        return RecordingJudge(aviary.parrot, recorder)

    monkeypatch.setattr(run_module, "live_judge", live)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(command_line, ["steer", *map(str, arguments)])

    return run


def test_questions_are_asked_and_a_page_is_written(steer: Steer, comfort: Path, caution: Path) -> None:
    """One command: replies, rewards beside them, the record, the page; stdout says where."""
    done = steer("steering", "--reward", comfort, "--reward", caution, "-n", "4", "--language", "en", "-q")
    assert done.exit_code == 0, done.output
    folder = SteerFolder(Path("results/steering-steering"))
    assert folder.page_path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in folder.reward_files()] == ["caution.json", "comfort.json"]
    assert len(folder.read_steering().questions) == 8
    assert str(folder.page_path.resolve()) in done.stdout.splitlines()[-1]
    assert "Simulated grades" in done.stdout


def test_the_same_command_resumes(steer: Steer, comfort: Path, aviary: Aviary) -> None:
    """After a breakdown: exit code 1 and what to do; then only what is left is asked."""
    aviary.parrot.breaks_at = 5
    first = steer("steering", "--reward", comfort, "-n", "4", "-q")
    assert first.exit_code == 1
    assert "27 replies are left" in first.stdout
    assert "parrot: no key" in first.stdout
    aviary.parrot.breaks_at = None
    assert steer("steering", "--reward", comfort, "-n", "4", "-q").exit_code == 0
    assert len(aviary.parrot.asked) == 32


def test_one_question_of_ones_own(steer: Steer, comfort: Path, aviary: Aviary) -> None:
    """--message asks a question that stands in no file, in the language that is named."""
    done = steer(
        "--message", "May I?", "--asked-in", "en", "--reward", comfort, "-n", "4", "--json", "-q"
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["picks"][0]["picks"]["comfort"] == 2
    assert aviary.parrot.asked[0].messages[-1].content == "May I?"
    assert len(aviary.parrot.asked) == 4


def test_replay_reads_a_folder_again_under_another_reward(
    steer: Steer, comfort: Path, caution: Path, aviary: Aviary
) -> None:
    """The replies of a folder can be chosen from anew by whoever comes later, and nobody is asked."""
    steer("steering", "--reward", comfort, "-n", "4", "-o", "run", "-q")
    n_asked = len(aviary.parrot.asked)
    done = steer("--replay", "-o", "run", "--reward", caution, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["choosers"] == ["caution", "longest", "first"]
    assert [path.name for path in SteerFolder(Path("run")).reward_files()] == ["caution.json"]
    assert len(aviary.parrot.asked) == n_asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("steering", "--message", "Why?"), "not both"),
        (("steering", "--replay", "-o", "run"), "--replay reads the questions"),
        (("--replay",), "needs --output"),
        (("--message", "Why?", "--asked-in", "fr,en"), "in one language"),
        (("--message", " ", "--asked-in", "fr"), "is empty"),
        (("steering", "--asked-in", "de"), "these questions are there in fr, en"),
        (("steering", "-n", "1"), "n"),
    ],
)
def test_usage_that_makes_no_sense_is_refused(
    steer: Steer, comfort: Path, arguments: tuple[str, ...], words: str
) -> None:
    """Exit code 2 and a sentence that says what to do; nothing is asked."""
    done = steer(*arguments, "--reward", comfort)
    assert done.exit_code == 2
    assert words in done.stderr


def test_without_a_reward_those_that_came_with_the_harness_choose(steer: Steer) -> None:
    """A question of one's own can be asked before anybody graded anything."""
    done = steer("--message", "Puis-je ?", "-n", "2", "--json", "-q")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["choosers"][:3] == ["hhh", "caution-first", "comfort-first"]


def test_nobody_there_to_choose_is_said_before_anything_is_asked(
    steer: Steer, aviary: Aviary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without any reward there is an error before the first reply is drawn."""
    monkeypatch.setattr(steer_module, "shipped_steering", lambda: SteerFolder(tmp_path / "nothing"))
    done = steer("steering", "-q")
    assert isinstance(done.exception, HarnessError)
    assert "--reward FILE" in str(done.exception)
    assert not aviary.parrot.asked


def test_the_shipped_recording_is_not_read_over_another(steer: Steer, comfort: Path) -> None:
    """A folder that holds replies of its own keeps its manifest."""
    assert steer("steering", "--reward", comfort, "-n", "2", "-o", "mine", "-q").exit_code == 0
    before = SteerFolder(Path("mine")).manifest_path.read_bytes()
    done = steer("-o", "mine")
    assert isinstance(done.exception, StoreError)
    assert "--replay" in str(done.exception)
    assert SteerFolder(Path("mine")).manifest_path.read_bytes() == before


def test_two_rewards_of_one_name_are_refused(steer: Steer, comfort: Path) -> None:
    """A reward that stands twice, or is called like a baseline, is an error."""
    done = steer("--reward", comfort, "--reward", comfort)
    assert "two of those who choose are called 'comfort'" in str(done.exception)


# --- what came with the harness --------------------------------------------------------------------


def test_the_shipped_recording_replays_to_the_same_bytes(steer: Steer) -> None:
    """`harness steer` alone needs neither model nor network, and finds what was committed, byte for byte."""
    done = steer()
    assert done.exit_code == 0, done.output
    folder, shipped = SteerFolder(Path("results/demo-steering")), shipped_steering()
    assert folder.record_path.read_bytes() == shipped.record_path.read_bytes()
    assert folder.manifest_path.read_bytes() == shipped.manifest_path.read_bytes()
    for path in shipped.reward_files():
        assert (folder.rewards_path / path.name).read_bytes() == path.read_bytes()


def test_the_shipped_run_says_what_it_is() -> None:
    """Real replies of a real model; grades of the author's key, and made-up ones that say so."""
    steering = shipped_steering().read_steering()
    rewards = {one.chooser_id: one for one in steering.choosers if one.training is not None}
    assert rewards["hhh"].training is not None
    assert (rewards["hhh"].training.reference, rewards["hhh"].training.simulated) == ("key", False)
    for name in ("comfort-first", "caution-first"):
        training = rewards[name].training
        assert training is not None
        assert training.simulated
        assert training.rulebook_ids == (name,)
    assert steering.manifest.sampler.runtime["weights_sha256"]
    assert not steering.n_failed


def test_the_shipped_run_is_small() -> None:
    """A few hundred kilobytes in all."""
    folder = shipped_steering().path
    ignored = ("report.html", ".work.sqlite")
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(ignored)]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES


def test_a_class_can_let_its_own_reward_choose(steer: Steer, comfort: Path) -> None:
    """A reward of one's own chooses among the shipped replies: no model is needed for that."""
    done = steer("--reward", comfort, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["choosers"] == ["comfort", "longest", "first"]


def test_no_loop_is_left_running(steer: Steer, comfort: Path) -> None:
    """The command can run twice in one process."""
    for _ in range(2):
        assert steer("steering", "--reward", comfort, "-n", "2", "-q").exit_code == 0
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
