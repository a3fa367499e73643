from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.api.exporting import file_bytes
from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.long import FORMAT, LAYOUT
from harness.formats.out.long import people_table
from harness.load.content import load_case_set
from harness.load.people import load_people
from harness.schema import FailedVerdict, RankedVerdict

if TYPE_CHECKING:
    from tests.formats.conftest import Desk

# The table of docs/people.md.
PEOPLE = """
session,annotator_id,case_id,answer_id,grade,seconds,slot,helpful,phase
2026-11-23-b,p01,poem,poem-a,2,74,B,3,1
2026-11-23-b,p01,poem,poem-b,4,74,A,4,1
2026-11-23-b,p01,poem,poem-c,1,74,D,,1
2026-11-23-b,p01,poem,poem-d,2,74,C,,1
2026-11-23-b,p02,poem,poem-a,3,41,,,2
2026-11-23-b,p02,poem,poem-b,4,41,,,2
2026-11-23-b,p02,poem,poem-d,1,41,,,2
"""


def test_our_people_table_reads_as_the_people_loader_does(desk: Desk) -> None:
    """The table of docs/people.md gives the same grades, cells and presentations as `compare --people`."""
    case_set, cases = load_case_set("annotator")
    expected = load_people(desk.write("people.csv", PEOPLE), case_set, cases)
    found = desk.verdicts("long", PEOPLE, {"language": "fr"}).people
    assert len(found) == len(expected) == 2
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one, RankedVerdict)
        assert one.cell == other.cell
        assert one.model_dump() == other.model_dump()


def test_how_a_case_was_drawn_comes_along(desk: Desk) -> None:
    """The probability of a draw is read as the people loader does; one that cannot be is told."""
    head, *rows = PEOPLE.strip().splitlines()
    table = "\n".join([f"{head},probability", *(f"{row},0.25" for row in rows)])
    case_set, cases = load_case_set("annotator")
    expected = load_people(desk.write("people.csv", table), case_set, cases)
    found = desk.verdicts("long", table, {"language": "fr"}).people
    assert [one.model_dump() for one in found] == [one.model_dump() for one in expected]
    assert {one.probability for one in expected} == {0.25}
    again = desk.write("again.csv", file_bytes(people_table(expected, "s", "csv")).decode())
    assert load_people(again, case_set, cases) == expected
    with pytest.raises(ImportFormatError, match="above 0 and at most 1"):
        desk.verdicts("long", table.replace("0.25", "1.25"))


def test_what_people_were_shown_comes_along(desk: Desk) -> None:
    """A judge's proposal, and the lot that kept it from somebody, are read as the people loader does."""
    head, *rows = PEOPLE.strip().splitlines()
    ends = {
        "p01": ["gpt-4o/hhh,1,4", "gpt-4o/hhh,4,4", "gpt-4o/hhh,2,4", "gpt-4o/hhh,2,4"],
        "p02": ["none,,4"] * 3,
    }
    told = [f"{row},{ends[row.split(',')[1]].pop(0)}" for row in rows]
    table = "\n".join([f"{head},proposal,proposed_grade,lot", *told, ""])
    expected = load_people(desk.write("people.csv", table), *load_case_set("annotator"))
    assert [one.saw_proposal for one in expected] == [True, False]
    found = desk.verdicts("long", table, {"language": "fr"}).people
    assert [one.model_dump() for one in found] == [one.model_dump() for one in expected]
    with pytest.raises(ImportFormatError, match="must be 'none' or JUDGE/RULEBOOK"):
        desk.verdicts("long", table.replace("gpt-4o/hhh", "gpt-4o"), {"language": "fr"})


def test_judges_stand_beside_people(desk: Desk) -> None:
    """annotator_kind and model_id bring judges in; kinds are kept apart."""
    imported = desk.read("long", FORMAT.example)
    done = assemble(imported)
    assert [spec.model_id for spec in imported.judges] == ["imported/openai/gpt-4o"]
    assert [spec.protocol for spec in imported.judges] == ["listwise"]
    (judge,), (person,) = done.judges, done.people
    assert isinstance(judge, RankedVerdict)
    assert isinstance(person, RankedVerdict)
    assert judge.cell.annotator_kind == "judge"
    assert list(person.grades.values()) == [2.0, 4.0, 2.0]
    assert person.cell.rulebook_id == "hhh"


def test_the_rulebook_that_an_empty_cell_means(desk: Desk) -> None:
    """`hhh` as in docs/people.md, unless the option says another."""
    table = "annotator_id,case_id,answer_id,grade\np,q,x,1\np,q,y,2\n"
    assert desk.verdicts("long", table).people[0].cell.rulebook_id == "hhh"
    assert desk.verdicts("long", table, {"rulebook": "none"}).people[0].cell.rulebook_id == "none"


def test_grades_are_kept_as_entered(desk: Desk) -> None:
    """4, 4, 2.5 stay 4, 4, 2.5; a scale of whole numbers is the set's scale."""
    table = "annotator_id,case_id,answer_id,grade\np,q,x,4\np,q,y,4\np,q,z,{}\n"
    (verdict,) = desk.verdicts("long", table.format(2.5)).people
    assert isinstance(verdict, RankedVerdict)
    assert list(verdict.grades.values()) == [4.0, 4.0, 2.5]
    assert desk.read("long", table.format(2)).case_set.n_grades == 4


def test_a_failed_judge_is_a_failure(desk: Desk) -> None:
    """When every grade of a ranking is a failure, so is the verdict; a single one leaves it incomplete."""
    table = (
        "annotator_id,case_id,answer_id,grade,annotator_kind\n"
        "j,q,x,truncated,judge\nj,q,y,truncated,judge\nj,r,x,1,judge\nj,r,y,,judge\nj,r,z,2,judge\n"
    )
    imported = desk.read("long", table)
    failed, partly = assemble(imported).judges
    assert isinstance(failed, FailedVerdict)
    assert failed.failure == "truncated"
    assert isinstance(partly, RankedVerdict)
    assert len(partly.grades) == 2
    assert any("1 rankings lack single grades" in note for note in imported.notes)


def test_two_languages(desk: Desk) -> None:
    """Grades given to the French and to the English version are different rankings of one case."""
    table = "annotator_id,case_id,answer_id,grade,language\np,q,x,1,fr\np,q,y,2,fr\np,q,x,2,en\np,q,y,1,en\n"
    imported = desk.read("long", table)
    assert set(imported.case_set.languages) == {"fr", "en"}
    assert {verdict.cell.language for verdict in assemble(imported).people} == {"fr", "en"}


def test_simulated_people_stay_simulated(desk: Desk) -> None:
    """Invented annotators are known as such."""
    table = "annotator_id,case_id,answer_id,grade,simulated\np,q,x,1,true\np,q,y,2,true\n"
    assert desk.verdicts("long", table).people[0].cell.simulated


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("p,q,x,high,,,", "grade: must be a number or a failure"),
        ("p,q,x,1,0,,", "phase: must be a whole number of 1 or more"),
        ("p,q,x,1,,de,", "language: must be one of fr, en"),
        ("p,q,x,1,,,perhaps", "simulated: must be true or false"),
        ("p,q,y,1,,,", "'y' is graded twice in this ranking"),
    ],
)
def test_wrong_rows_are_named(desk: Desk, row: str, words: str) -> None:
    """Each wrong row says its line, its column and what would be right."""
    header = "annotator_id,case_id,answer_id,grade,phase,language,simulated"
    with pytest.raises(ImportFormatError, match=words) as caught:
        desk.read("long", f"{header}\np,q,y,1,,,\n{row}\n")
    assert caught.value.line == 3


def test_parquet(desk: Desk) -> None:
    """A Parquet table gives the same verdicts as CSV."""
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "annotator_id": ["p", "p"],
        "case_id": ["q", "q"],
        "answer_id": ["x", "y"],
        "grade": [1.0, 2.0],
    }
    path: Path = desk.folder / "grades.parquet"
    parquet.write_table(pa.table(columns), path)
    table = "annotator_id,case_id,answer_id,grade\np,q,x,1\np,q,y,2\n"
    assert desk.verdicts("long", path).people == desk.verdicts("long", table).people


cells = st.one_of(
    st.sampled_from(["q1", "x", "y", "1", "2", "3.5", "judge", "fr", "true", "", "A", "filtered", '"']),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=6),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    columns=st.lists(st.sampled_from([*LAYOUT.required, *LAYOUT.optional]), max_size=12, unique=True),
    rows=st.lists(st.lists(cells, max_size=12), max_size=8),
)
def test_no_table_crashes(desk: Desk, columns: list[str], rows: list[list[str]]) -> None:
    """Whatever stands in a table, it is read or refused as this format."""
    text = "\n".join(",".join(cells) for cells in [columns, *rows])
    try:
        assemble(desk.read("long", desk.write("fuzz.csv", text)))
    except ImportFormatError:
        return
