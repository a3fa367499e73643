from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from harness.cli import COMMANDS, harness
from harness.cli.help_page import render_help_page

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]


def tree(command: click.Command, name: str = "harness") -> list[tuple[str, click.Command]]:
    """A command and all below it, with their full names."""
    found = [(name, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner_name in command.list_commands(context):
            inner = command.get_command(context, inner_name)
            assert inner is not None
            found += tree(inner, f"{name} {inner_name}")
    return found


@pytest.fixture
def recorded(bench: Bench, command: Command) -> Path:
    """Give a finished run of two judges."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random")
    assert command("run", "mini", "--quiet").code == 0
    return Path("results/mini")


# --- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, _ in tree(harness)])
def test_every_command_explains_itself(command: Command, name: str) -> None:
    """`--help` and `-h` of every command answer on stdout, with a sentence and exit code 0."""
    arguments = name.split()[1:]
    long, short = command(*arguments, "--help"), command(*arguments, "-h")
    assert long == short
    assert (long.code, long.err) == (0, "")
    assert long.out.startswith(f"Usage: {name}")
    assert len(long.out.splitlines()[2]) > 20


def test_every_option_and_command_has_words() -> None:
    """No option that takes a value is without help, but choices and lists that speak for themselves."""
    silent = [
        f"{name} {parameter.opts[0]}"
        for name, one in tree(harness)
        for parameter in one.params
        if isinstance(parameter, click.Option)
        and not parameter.help
        and not isinstance(parameter.type, click.Choice)
    ]
    assert [option for option in silent if not option.endswith("--seed")] == []


def test_short_helps_agree_with_the_list() -> None:
    """The list of commands says of each command what its own module says of it."""
    for name, (_, words) in COMMANDS.items():
        loaded = harness.get_command(click.Context(harness), name)
        assert loaded is not None
        assert loaded.name == name
        assert words.endswith(".")


def test_the_page_of_all_commands_is_current(root: Path, command: Command) -> None:
    """docs/cli.md is what `harness help-page` prints: write it again after changing a command."""
    assert command("help-page").out == render_help_page(harness)
    assert (root / "docs/cli.md").read_text(encoding="utf-8") == render_help_page(harness)


def test_version(command: Command) -> None:
    """`--version` prints the version."""
    from harness import __version__

    assert command("--version").out == f"harness, version {__version__}\n"


# --- usage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["replya", "x"], "Did you mean replay?", id="misspelt command"),
        pytest.param(["reports"], "Did you mean report?", id="plural"),
        pytest.param(["quux"], "No such command 'quux'", id="unknown command"),
        pytest.param(["replay", "--skipcorrupt", "x"], "--skip-corrupt", id="misspelt option"),
        pytest.param(["run"], "Missing argument 'EXPERIMENT'", id="missing argument"),
        pytest.param(["prompt", "poem", "--language", "de"], "'fr', 'en'", id="unknown language"),
        pytest.param(["prompt", "poem", "--repeat", "-1"], "x>=0", id="negative number"),
        pytest.param(["prompt", "poem", "--repeat", "4"], "4 presentations: 0 to 3", id="too many repeats"),
        pytest.param(["prompt", "poem", "--pair", "2"], "has 1 call", id="too many pairs"),
        pytest.param(
            ["run", "local-judges", "--replay", "--extend"], "cannot --extend", id="two ways at once"
        ),
        pytest.param(
            ["replay", "x", "--skip-corrupt"], "needs another --output", id="overwriting what is whole"
        ),
        pytest.param(["compare", "pyproject.toml"], "is a file", id="file for a folder"),
    ],
)
def test_wrong_usage_is_exit_2(
    command: Command, monkeypatch: pytest.MonkeyPatch, root: Path, arguments: list[str], words: str
) -> None:
    """Wrong usage ends with exit code 2, nothing on stdout, and words that help on stderr."""
    monkeypatch.chdir(root)
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.startswith("Usage: harness")


def test_no_command_shows_the_list(command: Command) -> None:
    """`harness` alone shows what there is."""
    done = command()
    assert "Commands:" in done.out + done.err


@pytest.mark.parametrize("name", ["replay", "compare", "report"])
def test_an_unknown_run_folder_is_named(bench: Bench, command: Command, name: str) -> None:
    """A run folder that is not there is one line, exit code 1, and no folder is created."""
    done = command(name, "results/nowhere")
    assert (done.code, done.out) == (1, "")
    words = "there is no run manifest here; check the path of the run folder"
    assert done.err.splitlines() == [f"error: results/nowhere/manifest.json: {words}"]
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["run", "annotatr"], "unknown experiment 'annotatr'", id="experiment"),
        pytest.param(["prompt", "poem", "--rulebook", "hh"], "unknown rulebook 'hh'", id="rulebook"),
        pytest.param(["prompt", "poem", "--judge", "gpt"], "unknown judge 'gpt'", id="judge"),
        pytest.param(["prompt", "poem", "--set", "anotator"], "unknown case set 'anotator'", id="set"),
        pytest.param(["prompt", "pome"], "no case 'pome' in this set; it has ibuprofen", id="case"),
        pytest.param(["check", "nowhere"], "nowhere", id="path"),
    ],
)
def test_an_unknown_name_is_one_line(
    bench: Bench, command: Command, arguments: list[str], words: str
) -> None:
    """A name that nobody knows is one line with the name, exit code 1, and nothing is written."""
    done = command(*arguments)
    assert done.code == 1
    lines = (done.out + done.err).splitlines()
    assert words in lines[0]
    assert "Traceback" not in done.out + done.err
    assert list(Path.cwd().iterdir()) == []


# --- stdout and stderr -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        pytest.param(["judges", "--json"], 0, id="judges"),
        pytest.param(["check", "--json"], None, id="check"),
        pytest.param(["prompt", "doctor", "--set", "mini", "--language", "en", "--json"], 0, id="prompt"),
        pytest.param(["run", "mini", "--json"], "verdicts", id="run"),
        pytest.param(["run", "mini", "--replay", "--json"], "verdicts", id="run --replay"),
        pytest.param(["replay", "results/mini", "--json"], "verdicts", id="replay"),
        pytest.param(["compare", "results/mini", "--reference", "none", "--json"], "rows", id="compare"),
        pytest.param(["local", "list", "--json"], 0, id="local"),
    ],
)
def test_json_is_all_that_is_on_stdout(
    recorded: Path, command: Command, arguments: list[str], field: str | int | None
) -> None:
    """With --json, stdout is one JSON document and nothing else, whatever is said on stderr."""
    done = command(*arguments)
    assert done.code == 0, done.err
    content: Any = json.loads(done.out)
    assert content == [] if field is None else content[field]


def test_progress_goes_to_stderr(recorded: Path, command: Command) -> None:
    """A run says how it goes on stderr and what it has on stdout; --quiet leaves stderr empty."""
    loud, quiet = command("run", "mini"), command("run", "mini", "--quiet")
    assert loud.out == quiet.out
    assert quiet.err == ""
    assert "script-longest 24/24, 24 recorded" in loud.err
    assert loud.out.splitlines() == [
        "results/mini: 48 verdicts, 0 of them failed, 0 calls open",
        "next: harness compare results/mini",
    ]


def test_prompt_prints_what_is_sent(bench: Bench, command: Command) -> None:
    """`harness prompt` prints the messages of the very request that a run records."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    command("run", "mini")
    where = ("--set", "mini", "--judge", "script-longest", "--language", "en", "--seed", "7", "--repeat", "2")
    request = json.loads(command("prompt", "doctor", *where, "--json").out)[0]
    cassette = "".join(path.read_text() for path in Path("results/mini/cassette").glob("*.jsonl"))
    assert f'"key":"{request["key"]}"' in cassette
    text = command("prompt", "doctor", *where).out
    assert all(message["content"] in text for message in request["messages"])
    assert '"sha256"' not in text


def test_the_key_of_a_local_judge_is_not_invented(command: Command) -> None:
    """A local model's key also holds its weights, which `prompt` does not look at: it prints no key then."""
    request = json.loads(command("prompt", "poem", "--judge", "qwen2.5-coder-1.5b", "--json").out)[0]
    assert "key" not in request
    assert "key" in json.loads(command("prompt", "poem", "--json").out)[0]


def test_a_missing_wording_is_one_line(bench: Bench, command: Command) -> None:
    """A wording that a rulebook lacks is named, with the rulebook."""
    bench.write(
        "prompts/rulebooks/terse.yaml",
        "rulebook_id: terse\ntitle: {en: T}\nsummary: {en: S}\nrole: treatment\npreamble: {base: {en: P}}\n"
        "rules: [{number: 1, criterion: other, text: {base: {en: R}}}]\n"
        "provenance: {kind: invented, date: '2026-11-21'}\n",
    )
    where = ("--set", "mini", "--language", "en", "--rulebook", "terse")
    assert command("prompt", "doctor", *where).code == 0
    done = command("prompt", "doctor", *where, "--wording", "paraphrase")
    assert (done.code, done.out) == (1, "")
    assert "terse.yaml" in done.err
    assert "no wording 'paraphrase'" in done.err


# --- pipes -----------------------------------------------------------------------------------------


def run_shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A line of shell in which `harness` is this interpreter's."""
    line = line.replace("harness ", f"{sys.executable} -m harness ")
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        encoding=variables.get("PYTHONIOENCODING", "utf-8"),
        env=os.environ | variables,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of a POSIX shell")
@pytest.mark.parametrize(
    "line", ["harness judges | head -n 1", "harness --help | head -n 1", "harness judges | true"]
)
def test_a_reader_may_leave_early(bench: Bench, line: str) -> None:
    """`| head` gets its line, and nobody complains about the pipe: no word on stderr, no traceback."""
    done = run_shell(line)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == line.count("head")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX locale")
def test_a_poor_terminal_gets_question_marks(bench: Bench) -> None:
    """A terminal without the letters of a prompt shows others in their place; the command does not break."""
    done = run_shell("harness prompt poem --language fr", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "MESSAGE DE L?UTILISATEUR" in done.stdout
