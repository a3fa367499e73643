"""`harness reward` from the grades to the row in the table."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Done

Command = Callable[..., "Done"]
SHIPPED = Path("results/local-judges")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the shipped run, to write into."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "local-judges"))


def fitted(command: Command, run: Path, *options: str) -> dict[str, object]:
    """Fit on the author's key, from what can be counted."""
    done = command("reward", "fit", str(run), "--no-embedding", "--shuffles", "3", "--json", *options)
    assert done.code == 0, done.err
    found: dict[str, object] = json.loads(done.out)
    return found


def test_from_fit_to_the_table(command: Command, run: Path) -> None:
    """A model of the key is fitted and scored, and stands in the comparison with whose grades it learned."""
    learned = fitted(command, run, "--language", "en")
    assert learned["standing"] == "demonstration"
    assert json.loads((run / "reward.json").read_text()) == learned

    done = command("reward", "score", str(run))
    assert done.code == 0
    assert "6 cases predicted without having learned from them" in done.err

    done = command("compare", str(run), "--json")
    rows = [row for row in json.loads(done.out)["rows"] if row["kind"] == "learned"]
    assert [row["annotator_id"] for row in rows] == ["reward-local-judges"]
    assert rows[0]["learned"]["n_held_out"] == 6
    # What the comparison says of the held-out readings is what the fit said of itself.
    accuracy = learned["accuracy"]
    assert isinstance(accuracy, dict)
    assert rows[0]["tau_people"]["value"] == pytest.approx(accuracy["tau_people"]["value"])


@pytest.mark.slow
def test_the_report_of_a_run_shows_it(command: Command, run: Path) -> None:
    """Table and map name it apart from judges, people and baselines, in both languages."""
    fitted(command, run, "--language", "en")
    assert command("reward", "score", str(run)).code == 0
    assert command("report", str(run), "--language", "en").code == 0
    page = (run / "report.html").read_text()
    assert "AIs that learned from grades" in page
    assert "récompense reward-local-judges" in page


def test_the_page_and_its_json(command: Command, run: Path) -> None:
    """The page says `demonstration` in both languages; JSON holds the same cases."""
    fitted(command, run)
    done = command("reward", "report", str(run), "--language", "en")
    assert done.code == 0
    assert "Demonstration: 6 situations are too few" in done.err
    page = (run / "reward.html").read_text()
    assert "Démonstration" in page
    found = json.loads(command("reward", "report", str(run), "--json").out)
    assert len(found["cases"]) == 6


@pytest.mark.slow
def test_people_from_a_table(command: Command, run: Path, tmp_path: Path) -> None:
    """Grades of a class are learned like a key; a second class is another file, read beside the first."""
    table = tmp_path / "class.csv"
    cases = json.loads(command("compare", str(run), "--json").out)["cases"]
    with table.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["session", "annotator_id", "case_id", "answer_id", "grade"])
        for who in ("ana", "bo", "cy"):
            for case in cases:
                for place, answer in enumerate(case["answers"]):
                    rows.writerow(["s", who, case["case_id"], answer, 1 + (place + len(who)) % 4])
    learned = fitted(
        command, run, "--people", str(table), "--name", "Class A!", "-o", str(tmp_path / "a.json")
    )
    assert learned["reward_id"] == "class-a"
    training = learned["training"]
    assert isinstance(training, dict)
    assert (training["reference"], training["n_people"], training["n_rankings"]) == ("people", 3, 18)
    assert command("reward", "score", str(run), "--reward", str(tmp_path / "a.json")).code == 0


def test_what_is_missing_is_said(command: Command, run: Path, tmp_path: Path) -> None:
    """No reward model, too few cases: an error with the way out, exit code 1, no traceback."""
    done = command("reward", "score", str(run))
    assert done.code == 1
    assert "reward.json" in done.err
    done = command("reward", "fit", str(run), "--no-embedding", "--cases", "poem")
    assert done.code == 1
    assert "needs 4 at least" in done.err
    assert "Traceback" not in done.err
