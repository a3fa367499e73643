from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.judge.scripted import ScriptedJudge
from harness.schema import Completion, Request, request_key
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
Contents = Callable[[Path], dict[str, bytes]]
DRIVER = Path(__file__).with_name("driver.py")
N_CALLS = 48
ACKNOWLEDGED = Path("acknowledged.txt")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """Give a bench with two judges, a pairwise one among them, and their experiment."""
    bench.write_scripts("longest")
    bench.write_judge("pairs", "scripted/first-slot", "protocol: pairwise\n")
    # 2 cases x 6 presentations, and 2 cases x 3 repeats x 6 ordered pairs
    bench.write_experiment("script-longest", "pairs", rulebooks="hhh")
    return bench


@pytest.fixture
def whole(mini: Bench, command: Command, contents: Contents) -> dict[str, bytes]:
    """Give the files of a run that nobody interrupted."""
    assert command("run", "mini", "-o", "whole", "--quiet").code == 0
    return contents(Path("whole"))


def disturb(signal: str, moment: str, number: int) -> subprocess.CompletedProcess[str]:
    """`harness run mini -o run` as a process that gets a signal."""
    folder = Path("run").absolute()
    how = [signal, moment, str(number), str(folder), str(ACKNOWLEDGED)]
    return subprocess.run(
        [sys.executable, str(DRIVER), *how, "run", "mini", "-o", str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the keys that judges of this process are asked from now on."""
    keys: list[str] = []
    ask = ScriptedJudge.complete

    async def noted(self: ScriptedJudge, request: Request) -> Completion:
        keys.append(request_key(request))
        return await ask(self, request)

    monkeypatch.setattr(ScriptedJudge, "complete", noted)
    return keys


def acknowledged() -> set[str]:
    """Keys whose recording was acknowledged by the process that was disturbed."""
    return set(ACKNOWLEDGED.read_text().split()) if ACKNOWLEDGED.exists() else set()


FEW_KILLS = [("call", 20), ("file", 9), ("file", 24)]
MANY_KILLS = [("call", number) for number in range(1, N_CALLS, 6)] + [
    ("file", number) for number in range(1, 60, 3)
]


def check_kill(
    moment: tuple[str, int], whole: dict[str, bytes], asked: list[str], command: Command, contents: Contents
) -> None:
    """Kill a run, resume it, and compare it with the one that was not killed."""
    killed = disturb("SIGKILL", *moment)
    if moment[0] == "call":
        assert killed.returncode == -9, killed.stderr
    before = acknowledged()
    done = command("run", "mini", "-o", "run", "--quiet")
    assert done.code == 0, done.err
    assert set(asked) & before == set()
    assert len(asked) == len(set(asked))
    assert contents(Path("run")) == whole
    assert command("replay", "run", "--quiet").code == 0
    assert contents(Path("run")) == whole


@pytest.mark.parametrize("moment", FEW_KILLS)
def test_a_killed_run_resumes_to_the_same_bytes(
    moment: tuple[str, int], whole: dict[str, bytes], asked: list[str], command: Command, contents: Contents
) -> None:
    """After `kill -9` nothing acknowledged is asked again, and the folder ends as if nothing had happened."""
    check_kill(moment, whole, asked, command, contents)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MANY_KILLS)
def test_a_run_killed_at_any_moment_resumes_to_the_same_bytes(
    moment: tuple[str, int], whole: dict[str, bytes], asked: list[str], command: Command, contents: Contents
) -> None:
    """The same at many calls, and at many touches of a file."""
    check_kill(moment, whole, asked, command, contents)


def test_ctrl_c_finishes_what_is_in_flight(
    whole: dict[str, bytes], asked: list[str], command: Command, contents: Contents
) -> None:
    """Ctrl-C keeps what was asked, writes a whole folder, says how to go on, and ends with exit code 1."""
    done = disturb("SIGINT", "call", 10)
    assert done.returncode == 1
    assert "finishing what is in flight; Ctrl-C again stops at once" in done.stderr
    first, *others = done.stdout.splitlines()
    kept = acknowledged()
    assert first.endswith(f"0 of them failed, {N_CALLS - len(kept)} calls open")
    assert others == ["the same command asks the open calls"]
    assert 10 <= len(kept) < N_CALLS
    assert len(RunFolder(Path("run")).read_verdicts()) > 0
    assert command("run", "mini", "-o", "run").code == 0
    assert set(asked) & kept == set()
    assert contents(Path("run")) == whole


def test_ctrl_c_twice_stops_at_once(
    whole: dict[str, bytes], asked: list[str], command: Command, contents: Contents
) -> None:
    """The second Ctrl-C ends with exit code 130, and what was acknowledged is not asked again."""
    done = disturb("SIGINT", "twice", 10)
    assert done.returncode == 130
    assert done.stdout == ""
    assert "stopped; the same command resumes" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    kept = acknowledged()
    assert command("run", "mini", "-o", "run").code == 0
    assert set(asked) & kept == set()
    assert contents(Path("run")) == whole


def test_two_processes_cannot_write_one_run(mini: Bench, command: Command) -> None:
    """While one process writes a run, a second one gets one line that names the first."""
    holding = (
        "import sys\nfrom pathlib import Path\nfrom harness.store.folder import RunFolder\n"
        "with RunFolder(Path('run')).lock():\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        done = command("run", "mini", "-o", "run")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"error: the run run is being written by process {other.pid} on ")
        assert len(done.err.splitlines()) == 1
        assert [path.name for path in Path("run").iterdir()] == [".run.lock"]
        other.kill()
    # The lock dies with its process.
    assert command("run", "mini", "-o", "run").code == 0
