"""`harness export`: what it says, what it refuses, and what a program reads."""

from __future__ import annotations

import json
import sys
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


def test_pseudonyms_search_free_text_and_say_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra nothing is written, and both remedies are named; --no-redact goes on."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    words = (RUN, "--to", "card", "--who", "judges", "--pseudonymise", "-o", tmp_path / "out")
    found = exported(*words)
    assert isinstance(found.exception, HarnessError)
    assert "[privacy]" in str(found.exception)
    assert "--no-redact" in str(found.exception)
    assert not (tmp_path / "out").exists()
    assert exported(*words, "--no-redact").exit_code == 0


def test_a_pipeline_for_names_needs_a_search(tmp_path: Path) -> None:
    """A pipeline that would read nothing is a usage error."""
    assert exported(RUN, "--to", "card", "-o", tmp_path / "out", "--names-with", "x").exit_code == 2


def test_the_card_of_a_run_bears_consent_and_date(tmp_path: Path) -> None:
    """What the shell gives stands on the card; a date that is none is a usage error."""
    words = (RUN, "--to", "card", "--consent", "Nobody was asked: models only")
    found = exported(*words, "--keep-until", "2027-01-31", "-o", tmp_path / "out")
    assert found.exit_code == 0, found.output
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "Nobody was asked: models only" in card
    assert "2027-01-31" in card
    assert exported(*words, "--keep-until", "soon", "-o", tmp_path / "other").exit_code == 2


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
