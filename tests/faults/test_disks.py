from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import StoreError
from harness.store import WorkStore, migrations
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def run(bench: Bench, command: Command) -> Path:
    """Give a finished run of one judge: 24 verdicts."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    assert command("run", "mini", "-o", "run", "--quiet").code == 0
    return Path("run")


def flip(path: Path, place: bytes) -> int:
    """Change one letter of what follows `place`; the number of its line."""
    content = bytearray(path.read_bytes())
    position = content.index(place) + len(place)
    content[position] ^= 1
    path.write_bytes(content)
    return content[:position].count(b"\n") + 1


# --- a flipped byte --------------------------------------------------------------------------------


def test_a_flipped_byte_is_named(run: Path, command: Command, contents: Contents) -> None:
    """One changed letter in the cassette is one error with file and line, and nothing is rewritten."""
    line = flip(run / "cassette/000.jsonl", b'"text":"')
    before = contents(run)
    for arguments in (["replay", "run"], ["run", "mini", "-o", "run", "--replay"], ["compare", "run"]):
        done = command(*arguments)
        assert (done.code, done.out) == (1, "")
        assert f"run/cassette/000.jsonl:{line}: damaged" in done.err
        assert "--skip-corrupt" in done.err
        assert "Traceback" not in done.err
    assert contents(run) == before


def test_a_run_that_only_replays_can_leave_it_out_too(
    run: Path, command: Command, contents: Contents
) -> None:
    """`run --replay --skip-corrupt OTHER` writes what `replay --skip-corrupt -o OTHER` writes."""
    line = flip(run / "cassette/000.jsonl", b'"text":"')
    before = contents(run)
    asked = ("run", "mini", "-o", "run", "--replay", "--quiet", "--skip-corrupt")
    done = command(*asked, "other")
    assert done.code == 1
    assert f"left out: run/cassette/000.jsonl:{line}" in done.err
    assert contents(run) == before
    command("replay", "run", "--skip-corrupt", "-o", "rest", "--quiet")
    assert contents(Path("other")) == contents(Path("rest"))
    assert "needs another folder" in command(*asked, "run").err
    assert "goes with --replay" in command("run", "mini", "-o", "run", "--skip-corrupt", "other").err
    assert contents(run) == before


def test_a_damaged_line_can_be_left_out(run: Path, command: Command, contents: Contents) -> None:
    """With --skip-corrupt the rest is replayed elsewhere; what is missing is named, and counted as open."""
    line = flip(run / "cassette/000.jsonl", b'"text":"')
    before = contents(run)
    done = command("replay", "run", "--skip-corrupt", "-o", "rest", "--quiet")
    assert done.code == 1
    assert done.out.startswith("rest: 23 verdicts, 0 of them failed, 1 calls missing, recordings ")
    assert done.out.endswith(", 1 damaged places left out\n")
    assert f"left out: run/cassette/000.jsonl:{line}: damaged" in done.err
    assert contents(run) == before
    rest = {one.model_dump_json() for one in RunFolder(Path("rest")).read_verdicts()}
    assert rest < {one.model_dump_json() for one in RunFolder(run).read_verdicts()}
    # What was left out can be asked again, and the run is whole as before.
    assert command("run", "mini", "-o", "rest").code == 0
    assert Path("rest/verdicts.jsonl").read_bytes() == before["verdicts.jsonl"]


def test_a_report_says_what_is_missing(run: Path, command: Command) -> None:
    """A verdict whose recording is damaged is neither a failure nor silent: both reports count it."""
    flip(run / "cassette/000.jsonl", b'"text":"')
    assert command("replay", "run", "--skip-corrupt", "-o", "rest", "--quiet").code == 1
    told = command("compare", "rest", "--reference", "none", "--language", "en").out
    assert "1 of the 24 planned verdicts" in " ".join(told.split())
    assert command("report", "rest").code == 0
    page = Path("rest/report.html").read_text("utf-8").replace("\u202f", " ").replace("\u00a0", " ")
    assert "1 of the 24 planned verdicts" in page
    assert "1 des 24 verdicts prévus" in page
    assert command("report", "run", "--format", "markdown").code == 1  # the damaged run itself is refused
    assert "planned verdicts" not in command("compare", "rest", "--json", "--reference", "none").out


def test_a_damaged_prompt_text_is_put_back(run: Path, command: Command, contents: Contents) -> None:
    """A lost message text is known from the plan: nothing is missing, and the rest is the whole cassette."""
    flip(run / "cassette/texts-000.jsonl", b'"text":"')
    done = command("replay", "run", "--skip-corrupt", "-o", "rest", "--quiet")
    assert done.code == 0
    assert done.out.startswith("rest: 24 verdicts, 0 of them failed, recordings ")
    assert "damaged places left out" in done.out
    assert "left out: run/cassette/texts-000.jsonl:1: damaged" in done.err
    assert command("compare", "rest", "--reference", "none").code == 0
    rest = contents(Path("rest"))
    del rest["comparison.json"]
    assert command("run", "mini", "-o", "fresh", "--quiet").code == 0
    assert rest == contents(Path("fresh"))


def test_many_damaged_lines_leave_the_rest(run: Path, command: Command) -> None:
    """Each damaged line costs its own verdict and no other; the places are listed for programs too."""
    path = run / "cassette/000.jsonl"
    lines = path.read_bytes().split(b"\n")
    for number in (0, 7, 23):
        lines[number] = lines[number][:-30] + b"x" * 10 + lines[number][-20:]
    path.write_bytes(b"\n".join(lines))
    done = command("replay", "run", "--skip-corrupt", "-o", "rest", "--quiet", "--json")
    told = json.loads(done.out)
    assert (told["verdicts"], told["failed"], told["open_calls"]) == (21, 0, 3)
    assert [place.split(": ")[0] for place in told["corrupt"]] == [f"{path}:{n}" for n in (1, 8, 24)]


def test_damage_does_not_excuse_a_miss(run: Path, bench: Bench, command: Command) -> None:
    """Leaving one damaged line out does not hide that a case has changed since."""
    flip(run / "cassette/000.jsonl", b'"text":"')
    bench.write_case("garden", ("Changed.", "Wait.", "Ask a neighbour."))
    done = command("replay", "run", "--skip-corrupt", "-o", "rest")
    assert done.code == 1
    assert "not recorded: a call to scripted/longest" in done.err
    assert not Path("rest/verdicts.jsonl").exists()


def test_a_damaged_cassette_is_not_asked_again_in_silence(run: Path, command: Command) -> None:
    """Resuming a clone whose cassette is damaged is refused too: nothing is paid for twice unseen."""
    line = flip(run / "cassette/000.jsonl", b'"text":"')
    (run / ".work.sqlite").unlink()
    done = command("run", "mini", "-o", "run")
    assert (done.code, done.out) == (1, "")
    assert f"run/cassette/000.jsonl:{line}: damaged" in done.err


def test_a_torn_cassette_is_named(run: Path, command: Command) -> None:
    """A cassette that was cut in the middle of a line is an error that names the line."""
    path = run / "cassette/000.jsonl"
    n_lines = len(path.read_bytes().splitlines())
    path.write_bytes(path.read_bytes()[:-100])
    done = command("replay", "run")
    assert done.code == 1
    assert f"000.jsonl:{n_lines}: torn" in done.err


@pytest.mark.parametrize("name", ["manifest.json", "cassette/manifest.json"])
def test_a_damaged_manifest_is_named(run: Path, command: Command, name: str) -> None:
    """A manifest that is no JSON any more is one error that names it."""
    (run / name).write_text("{")
    done = command("replay", "run")
    assert done.code == 1
    assert name in done.err
    assert "Traceback" not in done.err


# --- a disk that cannot be written to --------------------------------------------------------------


def test_a_read_only_folder_is_named(run: Path, command: Command, seal: Callable[[Path], None]) -> None:
    """Where nothing can be written, every writing command is one line with a remedy; reading goes on."""
    Path("sealed").mkdir()
    shutil.copytree(run, "sealed/run")
    before = sorted(path.name for path in Path("sealed").rglob("*"))
    seal(Path("sealed"))
    for arguments in (
        ["run", "mini", "-o", "sealed/new"],
        ["run", "mini", "-o", "sealed/run"],
        ["replay", "sealed/run"],
        ["compare", "sealed/run", "--reference", "none"],
    ):
        done = command(*arguments, *(["--quiet"] if arguments[0] != "compare" else []))
        assert (done.code, done.out) == (1, "")
        assert "cannot be written to" in done.err
        assert len(done.err.splitlines()) == 1
    assert sorted(path.name for path in Path("sealed").rglob("*")) == before
    assert command("replay", "sealed/run", "-o", "copy").code == 0


@pytest.mark.parametrize("free_kb", [8, 150])
def test_a_full_disk_loses_nothing(
    run: Path, command: Command, contents: Contents, small_disk: Path, free_kb: int
) -> None:
    """On a full disk a run ends with one line; once there is space it resumes to the same bytes."""
    filler = small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler.write_bytes(b"x" * (free - free_kb * 1024))
    done = command("run", "mini", "-o", small_disk / "run", "--quiet")
    assert (done.code, done.out) == (1, "")
    assert "disk is full" in done.err or "may be full" in done.err
    assert len(done.err.splitlines()) == 1
    filler.unlink()
    assert command("run", "mini", "-o", small_disk / "run", "--quiet").code == 0
    assert contents(small_disk / "run") == contents(run)
    assert not [
        path for path in (small_disk / "run").rglob("*") if path.name.endswith((".tmp", ".new", ".old"))
    ]


# --- a store of another version --------------------------------------------------------------------


def test_a_run_with_an_older_store_goes_on(
    run: Path,
    command: Command,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A run that an older harness began is migrated and ends with the same bytes; the older file is named."""
    shutil.rmtree(run / "cassette")
    before = (run / "verdicts.jsonl").read_bytes()
    older = migrations.MIGRATIONS
    newer = (*older, ("ALTER TABLE completions ADD COLUMN note TEXT",))
    monkeypatch.setattr(migrations, "MIGRATIONS", newer)
    assert command("run", "mini", "-o", "run", "--quiet").code == 0
    assert (run / "verdicts.jsonl").read_bytes() == before
    backup = run / ".work.sqlite.v1-backup"
    assert [record.getMessage() for record in caplog.records if record.name == migrations.__name__] == [
        f"run/.work.sqlite: brought from store version 1 to 2; the older file is kept as {backup}"
    ]
    # The older harness still reads the older file, and refuses the newer one with a word.
    monkeypatch.setattr(migrations, "MIGRATIONS", older)
    with WorkStore(backup, read_only=True) as store:
        assert len(list(store.recordings())) == 24
    with pytest.raises(StoreError, match="written by a newer harness"):
        WorkStore(run / ".work.sqlite")
