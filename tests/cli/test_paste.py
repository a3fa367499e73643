from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
ASK = ("paste", "chats", "--model", "Le Chat", "--set", "mini", "--language", "en")
JOINT = '{"case": 1, "A": 3, "B": 2, "C": 1}\n{"case": 2, "A": 1, "B": 2, "C": 3}\n'


class _Terminal(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def reply(bench: Bench, tmp_path: Path) -> Path:
    """Give a file with a reply to both cases."""
    path = tmp_path / "reply.txt"
    path.write_text(JOINT, encoding="utf-8")
    return path


def test_print_shows_the_prompt_and_keeps_nothing(bench: Bench, command: Command) -> None:
    """`--print` writes the prompt of all open cases to stdout, alone."""
    done = command(*ASK, "--print")
    assert (done.code, done.err) == (0, "")
    assert "CASE 2, ANSWER C" in done.out
    assert not (bench.root.parent / "work" / "chats").exists()


def test_a_reply_from_a_file_is_shown_and_kept(command: Command, reply: Path) -> None:
    """The grades understood are shown by the letters of the prompt, and the run compares and replays."""
    done = command(*ASK, "--reply", reply, "--yes")
    assert done.code == 0, done.err
    assert "doctor: A 3, B 2, C 1" in done.err
    assert done.out == "chats: 2 verdicts kept\n"
    assert command("replay", "chats", "--quiet").code == 0
    compared = command("compare", "chats", "--json")
    assert compared.code == 0, compared.err
    again = command(*ASK, "--reply", reply, "--yes")
    assert again.code == 1
    assert "--repeat" in again.err


def test_json_prints_what_was_kept(command: Command, reply: Path) -> None:
    """`--json` is a list of verdicts."""
    done = command(*ASK, "--reply", reply, "--yes", "--json")
    assert [one["cell"]["case_id"] for one in json.loads(done.out)] == ["doctor", "garden"]


def test_nobody_there_to_confirm(command: Command, reply: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal and without `--yes` nothing is kept."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    done = command(*ASK, "--reply", reply)
    assert done.code == 2
    assert "--yes" in done.err
    assert not Path("chats").exists()
    assert command(*ASK).code == 2


def test_a_conversation(bench: Bench, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case by case: a prompt, a reply that ends with a dot; an empty one skips, a confirmed one stays."""
    monkeypatch.setattr(sys, "stdin", _Terminal(".\nA: 1\nB: 3\nC: 2\n.\ny\n"))
    done = command(*ASK, "--one-by-one")
    assert done.code == 0, done.err
    assert done.out.count("USER’S MESSAGE") == 2
    assert "chats: 1 verdicts kept" in done.out
    assert "garden: A 1, B 3, C 2" in done.err


def test_a_reply_that_is_not_understood_says_why(command: Command, reply: Path) -> None:
    """A case that the reply leaves out is a failure in words, and is counted."""
    reply.write_text(JOINT.splitlines()[0], encoding="utf-8")
    done = command(*ASK, "--reply", reply, "--yes")
    assert "garden: not understood (unparsable: nothing about case 2)" in done.err
    assert "2 verdicts kept, 1 of them not understood" in done.out


def test_an_unknown_case_is_named(bench: Bench, command: Command) -> None:
    """A misspelt case is an error that lists the cases there are."""
    done = command(*ASK, "--cases", "doktor", "--print")
    assert done.code == 1
    assert "doctor, garden" in done.err
