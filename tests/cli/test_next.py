"""`harness next`: a list, a table to fill in that is read back, a queue, people, a replay."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.api import load_run
from harness.load.roots import shipped_root

if TYPE_CHECKING:
    from tests.conftest import Done

Command = Callable[..., "Done"]
RUN = shipped_root() / "results" / "local-judges"
CASES = ("ibuprofen", "screens", "poison-novel", "language", "antidepressant", "poem")
GRADES = {"a": "4321", "b": "4312", "c": "1234", "d": "4321"}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Four people: a ranked all six cases, b five, c and d three."""
    rows = ["session,annotator_id,case_id,answer_id,grade"]
    for who, n_cases in (("a", 6), ("b", 5), ("c", 3), ("d", 3)):
        for case_id in CASES[:n_cases]:
            given = zip("abcd", GRADES[who], strict=True)
            rows += [f"s,{who},{case_id},{case_id}-{letter},{grade}" for letter, grade in given]
    path = tmp_path / "class.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


def as_json(command: Command, *words: str | Path) -> dict[str, Any]:
    """What the command prints as JSON."""
    done = command("next", RUN, *words, "--json")
    assert done.code == 0, done.err
    loaded: dict[str, Any] = json.loads(done.out)
    return loaded


def test_the_list_says_who_what_and_why(command: Command, people: Path) -> None:
    """Text and JSON are one list; every line has its reason in words."""
    done = command("next", RUN, "--people", people, "-n", "4", "--seed", "3")
    plan = as_json(command, "--people", people, "-n", "4", "--seed", "3")
    assert done.code == 0
    assert done.out.startswith("4 questions, seed 3, after 17 rankings by people")
    for question in plan["questions"]:
        assert question["why"] in done.out
        assert question["annotator_id"] in {"b", "c", "d"}
        assert 0 < question["probability"] <= 1


def test_the_table_is_filled_in_and_read_back(command: Command, people: Path, tmp_path: Path) -> None:
    """Filled in and added to the people's grades, it gives a comparison that undoes the drawing."""
    table = tmp_path / "next.csv"
    plan = as_json(command, "--people", people, "-n", "5", "-o", table)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == 5 * 4
    assert {row["grade"] for row in rows} == {""}
    assert [row["slot"] for row in rows[:4]] == ["A", "B", "C", "D"]
    assert [row["answer_id"] for row in rows[:4]] == plan["questions"][0]["order"]
    before = [{**row, "probability": ""} for row in csv.DictReader(people.open(encoding="utf-8"))]
    filled = [{**row, "grade": "4321"[place % 4]} for place, row in enumerate(rows)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows([*before, *filled])
    table.write_text(text.getvalue(), encoding="utf-8")
    panel = load_run(RUN).compare(people=table, n_shuffles=0).record.people_panel
    assert panel is not None
    assert panel.drawn is not None
    n_new = sum(question["kind"] == "new" for question in plan["questions"])
    assert (panel.drawn.n_drawn, panel.drawn.n_not_drawn) == (n_new, 17)
    assert as_json(command, "--people", table)["n_rankings"] == 17 + 5


def test_an_unfilled_table_is_told_line_by_line(command: Command, people: Path, tmp_path: Path) -> None:
    """Questions that nobody answered are no grades: the reader says where they are."""
    done = command("next", RUN, "--people", people, "-n", "1", "--csv")
    table = tmp_path / "next.csv"
    table.write_text(done.out, encoding="utf-8")
    found = command("compare", RUN, "--people", table)
    assert found.code == 1
    assert "next.csv:2: grade:" in found.err


def test_the_queue_in_words_and_as_questions(command: Command, people: Path) -> None:
    """Pairs with counts, and that disagreement may be no error; as a table it asks somebody else."""
    done = command("next", RUN, "--people", people, "--adjudicate", "-n", "2")
    assert done.code == 0
    assert "value different things" in done.out
    assert "more: -n" in done.out
    queue = as_json(command, "--people", people, "--adjudicate")
    assert {pair["reason"] for pair in queue["pairs"]} <= {"split", "both", "against_judges"}
    table = command("next", RUN, "--people", people, "--adjudicate", "--annotators", "e", "-n", "1", "--csv")
    (row, *_) = csv.DictReader(io.StringIO(table.out))
    assert (row["annotator_id"], row["phase"], row["probability"]) == ("e", "2", "")


def test_people_as_annotators_in_words(command: Command, people: Path) -> None:
    """The table cites how little six cases can certify."""
    done = command("next", RUN, "--people", people, "--reliability")
    assert done.code == 0
    assert "4 people, " in done.out
    assert "nobody ranked a case twice" in done.out
    assert "fewer than 12 cases" in done.out
    assert ".63, .82, .96" in done.out
    assert [one["annotator_id"] for one in as_json(command, "--people", people, "--reliability")["people"]]


def test_a_replay_in_words(command: Command, people: Path) -> None:
    """Each order has its lines, and what a distance is stands below; a simulation says that it is one."""
    words = ("next", RUN, "--people", people, "--replay", "--seeds", "2", "--policies", "judges")
    done = command(*words)
    assert done.code == 0
    assert all(f"\n{policy} " in done.out for policy in ("random", "fewest", "judges"))
    assert "a vote that stays hidden" in done.out
    assert "Simulated: votes are drawn with replacement" in command(*words, "--resampled", "4").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--replay", "--adjudicate"), "choose one of --adjudicate, --replay"),
        (("--replay", "--csv"), "--replay asks no questions"),
        (("--replay", "--policies", "best"), "no policy 'best'"),
        (("--random-share", "0.1"), "0.3<=x<=1"),
    ],
)
def test_what_does_not_go_together_is_refused(command: Command, words: tuple[str, ...], said: str) -> None:
    """A wrong use exits with 2 and says which options clash."""
    done = command("next", RUN, *words)
    assert done.code == 2
    assert said in done.err.replace("\n", " ")


@pytest.mark.parametrize("mode", ["--adjudicate", "--reliability", "--replay"])
def test_without_people_only_questions_can_be_had(command: Command, mode: str) -> None:
    """Before anybody ranked anything the first questions go to anybody; the rest needs people."""
    done = command("next", RUN, mode)
    assert done.code == 1
    assert "error:" in done.err
    assert as_json(command, "-n", "3")["questions"][0]["annotator_id"] is None
