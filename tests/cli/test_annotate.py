"""`harness annotate` over a pipe: whole sittings of simulated people on the shipped run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import load_run
from harness.annotate.proposals import load_proposals, proposed
from harness.cli import harness
from harness.errors import HarnessError
from harness.load.content import load_case_set
from harness.load.people import load_people
from harness.schema import RankedVerdict
from harness.store.folder import RunFolder

RUN = "results/local-judges"
JUDGE = "qwen2.5-coder-1.5b"
SIX = "4 2 1 3\ny\n1 2 3 4\n4 4 1 1\n2 2 3 3\n1 1 1 2\n4 3 2 1\n"


@pytest.fixture
def table(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table to fill; the shipped run is below the current folder."""
    monkeypatch.chdir(root)
    return tmp_path / "people.csv"


def sit(table: Path, person: str, typed: str, *options: str) -> Result:
    """One sitting of somebody simulated."""
    arguments = ["annotate", RUN, "--person", person, "-o", str(table), "--simulated", *options]
    return CliRunner().invoke(harness, arguments, input=typed)


def people(table: Path) -> tuple[RankedVerdict, ...]:
    """What is in the table."""
    return load_people(table, *load_case_set("annotator"))


def test_a_study_from_the_first_case_to_the_report(table: Path) -> None:
    """Eight simulated people, half of whom see proposals: arms, table, comparison, and what the page says."""
    for number in range(8):
        done = sit(table, f"p{number}", SIX, "--propose", JUDGE, "--seed", "3", "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout) == {"person": f"p{number}", "n_graded": 6, "n_done": 6, "n_left": 0}
        saw = people(table)[-1].saw_proposal
        assert ("A language model" in done.stderr or "Un modèle de langage" in done.stderr) == saw
    found = people(table)
    assert [sum(one.saw_proposal for one in found), len(found)] == [24, 48]
    assert all(one.cell.simulated and one.proposal is not None for one in found)
    compared = load_run(RUN).compare(table, n_shuffles=99)
    (part,) = compared.record.anchoring
    assert (part.judge_id, part.design, part.simulated) == (JUDGE, "people", True)
    assert (part.n_people_shown, part.n_people_control) == (4, 4)
    assert part.effect.value is not None
    assert compared.record.simulated
    text = compared.to_markdown()
    assert "simulated" in text
    assert "the proposals of" in text


def test_a_real_pipe(table: Path, root: Path) -> None:
    """As a process of its own: typed lines in, the account on stdout, everything that is read on stderr."""
    command = [sys.executable, "-m", "harness", "annotate", RUN, "--person", "otter", "--simulated"]
    done = subprocess.run(
        [*command, "-o", str(table), "--cases", "poem,language"],
        cwd=root, input="4 2 1 3\n\n1 2 3 4\n", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{table}: 2 cases graded by otter\n"
    assert "C’est fini, merci." in done.stderr
    assert [one.cell.case_id for one in people(table)] == ["language", "poem"]


def test_an_experiment_has_cases_and_no_proposals(table: Path) -> None:
    """People can grade before any judge is asked; proposals need a run."""
    arguments = ["annotate", "local-judges", "--person", "otter", "-o", str(table), "--cases", "poem"]
    assert CliRunner().invoke(harness, arguments, input="4 2 1 3\n\n").exit_code == 0
    with pytest.raises(HarnessError, match="needs a run folder"):
        CliRunner().invoke(harness, [*arguments, "--propose", JUDGE], catch_exceptions=False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--propose", "qwen"], "no readable verdict of the judge 'qwen'"),
        (["--propose", JUDGE, "--rulebook", "hhh", "--cases", "poeme"], "did you mean 'poem'"),
        (["--rulebook", "hhhh"], "did you mean 'hhh'"),
    ],
)
def test_what_is_not_there_is_named(table: Path, options: list[str], words: str) -> None:
    """With what may have been meant; nothing is written."""
    arguments = ["annotate", RUN, "--person", "otter", "-o", str(table), *options]
    with pytest.raises(HarnessError, match=words):
        CliRunner().invoke(harness, arguments, catch_exceptions=False)
    assert not table.exists()


@pytest.mark.parametrize("name", ["", "=1+1", "x" * 61, "a\tb"])
def test_a_name_is_one_that_tables_show(table: Path, name: str) -> None:
    """No empty name, no formula, no control character: a usage error."""
    assert sit(table, name, SIX).exit_code == 2


def test_the_proposal_is_the_mean_over_presentations(root: Path) -> None:
    """Of all readable verdicts on a case, as a whole grade; a judge of slots only proposes ties."""
    folder = RunFolder(root / RUN)
    _, cases = load_case_set("annotator")
    found = load_proposals(folder, cases, (JUDGE, "hhh"), ("fr", 4))
    verdicts = [
        one.grades
        for one in folder.read_verdicts()
        if isinstance(one, RankedVerdict)
        and (one.cell.annotator_id, one.cell.rulebook_id, one.cell.wording) == (JUDGE, "hhh", "base")
        and (one.cell.case_id, one.cell.language) == ("poem", "fr")
    ]
    mean = {name: sum(one[name] for one in verdicts) / len(verdicts) for name in verdicts[0]}
    assert {name: abs(grade - mean[name]) <= 0.5 for name, grade in found["poem"].grades.items()} == {
        f"poem-{letter}": True for letter in "abcd"
    }
    assert found["poem"].judge_id == JUDGE
    square = [dict(zip(order, (1.0, 2, 3, 4), strict=True)) for order in ("abdc", "bcad", "cdba", "dacb")]
    assert {proposed(square, letter, 4) for letter in "abcd"} == {3.0}


def test_help_says_which_design_answers_what() -> None:
    """Both designs, what they are for, and an example."""
    text = " ".join(CliRunner().invoke(harness, ["annotate", "--help"]).output.split())
    for words in (
        "`--design people` deals whole people",
        "`--design cases` shows each person",
        "--propose gpt-4o",
    ):
        assert words in text
