"""`harness classroom`: what can be done without a server, and what is said when something is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

MINI = ("--set", "mini", "--language", "en")


@pytest.fixture
def rehearsed(bench: Bench, command: Callable[..., Done]) -> str:
    """Begin a rehearsal and give its id."""
    done = command("classroom", "rehearse", "--pupils", "6", *MINI)
    assert done.code == 0, done.err
    return done.out.split("/t/")[1].split("#")[0]


def test_a_rehearsal_is_listed_exported_and_deleted(
    rehearsed: str, command: Callable[..., Done], tmp_path: Path
) -> None:
    """A lesson goes its whole way in the terminal: begun, listed, written as a run, deleted."""
    (listed,) = json.loads(command("classroom", "list", "--json").out)
    assert listed["session_id"] == rehearsed
    assert listed["n_pupils"] == 6
    assert listed["simulated"] is True
    exported = command("classroom", "export", rehearsed, "-o", tmp_path / "run")
    assert exported.code == 0, exported.err
    assert (tmp_path / "run" / "manifest.json").is_file()
    assert command("classroom", "export", rehearsed, "-o", tmp_path / "class.csv").code == 0
    assert (tmp_path / "class.csv").read_text(encoding="utf-8").startswith("session;")
    assert command("classroom", "delete", rehearsed, "--yes").code == 0
    assert json.loads(command("classroom", "list", "--json").out) == []
    gone = command("classroom", "delete", rehearsed, "--yes")
    assert gone.code == 1
    assert gone.err.startswith("error: ")


def test_a_link_is_new_each_time(rehearsed: str, command: Callable[..., Done]) -> None:
    """A further teacher's link has a secret of its own, under the address that is named."""
    asked = ("classroom", "link", rehearsed, "--url", "https://class.example/")
    one, two = command(*asked).out, command(*asked).out
    assert one.startswith(f"https://class.example/t/{rehearsed}#k=")
    assert one != two


@pytest.mark.parametrize("kind", ["file", "sheets"])
def test_editions_without_a_server_are_written(
    bench: Bench, command: Callable[..., Done], tmp_path: Path, kind: str
) -> None:
    """The file and the sheets are single pages that name every case and load nothing."""
    path = tmp_path / "page.html"
    done = command("classroom", kind, "-o", path, *MINI)
    assert done.code == 0, done.err
    page = path.read_text(encoding="utf-8")
    assert "What about the doctor?" in page
    assert "src=" not in page.replace("'script-src", "")


def test_each_half_of_a_class_gets_a_file_of_its_own(
    bench: Bench, command: Callable[..., Done], tmp_path: Path
) -> None:
    """Two rulebooks: a file for each half and one for the teacher, all three named on stdout."""
    done = command(
        "classroom", "file", "-o", tmp_path / "c.html", *MINI, "--rulebook", "hhh", "--rulebook", "none"
    )
    assert done.code == 0, done.err
    names = [f"c{name}.html" for name in ("-1", "-2", "-teacher")]
    assert done.out.split() == [str(tmp_path / name) for name in names]
    assert sorted(path.name for path in tmp_path.glob("c*.html")) == names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rehearse", "--set", "nothing"), "unknown case set"),
        (("rehearse", *MINI, "--case", "nothing"), "no case 'nothing'"),
        (("rehearse", *MINI, "--rulebook", "a", "--rulebook", "b", "--rulebook", "c"), "rulebooks"),
        (("export", "no-such-lesson"), "no-such-lesson"),
        (("serve", "--public-url", "class.example"), "public address"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    bench: Bench, command: Callable[..., Done], arguments: tuple[str, ...], said: str
) -> None:
    """Wrong ids and options end with exit code 1 and a sentence, never a traceback."""
    done = command("classroom", *arguments)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err


def test_without_the_extra_the_command_says_what_to_install(
    bench: Bench, command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain installation is told which extra the classroom needs."""
    monkeypatch.setattr("harness.cli.classroom_asked.find_spec", lambda _: None)
    done = command("classroom", "--no-browser")
    assert done.code == 1
    assert "[classroom]" in done.err
