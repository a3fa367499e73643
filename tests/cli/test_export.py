"""`harness export`: what it says, what it refuses, and what a program reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import harness
from harness.errors import HarnessError
from harness.formats.out.registry import SUMMARIES
from harness.load.roots import shipped_root

RUN = shipped_root() / "results" / "local-judges"


def exported(*words: object) -> Result:
    """`harness export` with these words."""
    return CliRunner().invoke(harness, ["export", *map(str, words)])


def test_help_names_every_format() -> None:
    """Whoever asks learns what there is."""
    found = exported("--help")
    assert found.exit_code == 0
    assert all(name in found.output for name in SUMMARIES)


def test_the_folder_is_named_on_stdout_and_the_account_on_stderr(tmp_path: Path) -> None:
    """Works in a pipe; with --json the account is what a program reads."""
    words = (RUN, "--to", "rankings", "--who", "judges", "--rulebook", "none")
    found = exported(*words, "-o", tmp_path / "one")
    assert found.exit_code == 0, found.output
    assert found.stdout.strip() == str(tmp_path / "one")
    assert "counts: rankings" in found.stderr
    told = json.loads(exported(*words, "-o", tmp_path / "two", "--json").stdout)
    assert told["format"] == "rankings"
    assert told["counts"]["rankings"] == len((tmp_path / "two" / "rankings.jsonl").read_text().splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "paris"), "did you mean 'pairs'"),
        (("--to", "pairs"), "--people FILE"),
        (("--to", "pairs", "--who", "judges", "--rulebook", "nobodys"), "nobody answered under nobodys"),
    ],
)
def test_what_cannot_be_exported_is_said_with_the_remedy(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """No traceback, no folder."""
    found = exported(RUN, *words, "-o", tmp_path / "out")
    assert isinstance(found.exception, HarnessError)
    assert said in str(found.exception)
    assert not (tmp_path / "out").exists()


def test_options_of_pseudonyms_need_pseudonyms(tmp_path: Path) -> None:
    """A mapping of nothing is a usage error."""
    found = exported(RUN, "--to", "long", "-o", tmp_path / "out", "--mapping", tmp_path / "m.csv")
    assert found.exit_code == 2


def test_a_table_of_people_is_exported_with_a_run_of_ones_own(tmp_path: Path) -> None:
    """People of a table leave as the same table, which `harness check` reads."""
    table = tmp_path / "class.csv"
    rows = [
        f"b,p{n},poem,poem-{letter},{grade},fr"
        for n in range(5)
        for letter, grade in zip("abcd", "1423", strict=True)
    ]
    table.write_text("\n".join(["session,annotator_id,case_id,answer_id,grade,language", *rows, ""]))
    found = exported(RUN, "--to", "long", "--people", table, "-o", tmp_path / "out")
    assert found.exit_code == 0, found.output
    assert "warning" not in found.stderr
    checked = CliRunner().invoke(harness, ["check", str(tmp_path / "out" / "people.csv")])
    assert checked.exit_code == 0, checked.output
