from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.scores import FORMAT, LAYOUT
from harness.schema import FailedVerdict, RankedVerdict

if TYPE_CHECKING:
    from tests.formats.conftest import Desk

HEADER = "case_id,answer_id,score,annotator_id,annotator_kind"


def grades(desk: Desk, rows: str, options: dict[str, str] | None = None) -> list[dict[str, float]]:
    """Grades of people, by the answers' own names."""
    done = desk.verdicts("scores", f"{HEADER}\n{rows}", options)
    return [
        {name.partition("-")[2]: grade for name, grade in verdict.grades.items()}
        for verdict in (*done.people, *done.judges)
        if isinstance(verdict, RankedVerdict)
    ]


THREE = "q,x,{},p,person\nq,y,{},p,person\nq,z,{},p,person\n"


@pytest.mark.parametrize(
    ("scores", "options", "expected"),
    [
        ((8.5, 8.5, 2), {}, {"x": 2.0, "y": 2.0, "z": 1.0}),
        ((8.5, 8.4, 2), {"tolerance": "0.1"}, {"x": 2.0, "y": 2.0, "z": 1.0}),
        ((1, 2, 3), {"lower_is_better": "true"}, {"x": 3.0, "y": 2.0, "z": 1.0}),
        (("0,5", "0,25", "-1e3"), {}, {"x": 3.0, "y": 2.0, "z": 1.0}),
    ],
)
def test_scores_become_grades(
    desk: Desk, scores: tuple[object, ...], options: dict[str, str], expected: dict[str, float]
) -> None:
    """Equal numbers tie, neighbours within the tolerance tie, ranks are turned round, commas are decimals."""
    rows = THREE.format(*(f'"{score}"' for score in scores))
    assert grades(desk, rows, options) == [expected]


def test_the_example_reads(desk: Desk) -> None:
    """The example of the documentation is a file of this format; its judge graded each answer alone."""
    imported = desk.read("scores", FORMAT.example)
    assert [spec.protocol for spec in imported.judges] == ["pointwise"]
    assert [spec.model_id for spec in imported.judges] == ["imported/gpt-4o"]
    done = assemble(imported)
    assert (len(done.judges), len(done.people)) == (1, 1)


def test_a_missing_score_leaves_the_others(desk: Desk) -> None:
    """One refused answer of three: the other two are ranked, and the loss is counted with its kind."""
    rows = "q,x,3,j,judge\nq,y,refused,j,judge\nq,z,1,j,judge\n"
    imported = desk.read("scores", f"{HEADER}\n{rows}")
    (verdict,) = assemble(imported).judges
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"q-x": 2.0, "q-z": 1.0}
    assert any("refused 1" in note for note in imported.notes)


def test_nothing_read_is_a_failure(desk: Desk) -> None:
    """When no answer has a score, the verdict failed with the kind that the file names."""
    rows = "q,x,refused,j,judge\nq,y,,j,judge\nr,x,,j,judge\nr,y,,j,judge\n"
    one, other = desk.verdicts("scores", f"{HEADER}\n{rows}").judges
    assert isinstance(one, FailedVerdict)
    assert isinstance(other, FailedVerdict)
    assert (one.failure, other.failure) == ("refused", "unparsable")


def test_the_same_score_twice_names_both_lines(desk: Desk) -> None:
    """Two scores for one answer by one annotator: both lines, and what to do."""
    with pytest.raises(ImportFormatError, match=r"table.csv:3: answer_id: 'x' has a score at .*table.csv:2"):
        desk.read("scores", f"{HEADER}\nq,x,1,p,person\nq,x,2,p,person\nq,y,2,p,person\n")


def test_sessions_and_repeats_are_apart(desk: Desk) -> None:
    """The same name in two sessions, and the same person asked twice, are four rankings."""
    rows = [
        f"q,{answer},{grade},p,person,{session},{repeat}"
        for session in ("mon", "tue")
        for repeat in (0, 1)
        for answer, grade in (("x", 1), ("y", 2))
    ]
    done = desk.verdicts("scores", "\n".join([f"{HEADER},session,repeat", *rows]) + "\n")
    assert len({(v.cell.session, v.cell.repeat) for v in done.people}) == len(done.people) == 4


def test_a_case_with_one_answer_is_left_out_and_said(desk: Desk) -> None:
    """Nothing can be ranked there; the import says which."""
    imported = desk.read("scores", f"{HEADER}\nq,x,1,p,person\nr,x,1,p,person\nr,y,2,p,person\n")
    assert [case.case_id for case in imported.cases] == ["r"]
    assert len(assemble(imported).people) == 1
    assert any("1 cases have one answer only: left out (q" in note for note in imported.notes)


def test_sixty_five_answers_are_too_many(desk: Desk) -> None:
    """A case has 64 answers at most; the 65th is named."""
    rows = "".join(f"q,a{number},{number},p,person\n" for number in range(65))
    with pytest.raises(ImportFormatError, match=r"table.csv:66: is answer 65 of case 'q'; at most 64"):
        desk.read("scores", f"{HEADER}\n{rows}")
    assert len(grades(desk, rows.rpartition("q,a64")[0])[0]) == 64


@pytest.mark.parametrize("score", ["nan", "inf", "high", "1;2", "1.2.3"])
def test_what_is_no_number_is_named(desk: Desk, score: str) -> None:
    """Only finite numbers and the names of failures are scores."""
    with pytest.raises(ImportFormatError, match="score: must be a number or a failure"):
        desk.read("scores", f"{HEADER}\nq,x,{score},p,person\nq,y,2,p,person\n")


def test_a_file_without_votes_is_refused(desk: Desk) -> None:
    """A table of answers alone, and a header alone, hold no votes."""
    with pytest.raises(ImportFormatError, match="holds answers and no votes"):
        desk.read("scores", "case_id,answer_id,text\nq,x,Hello\n")
    with pytest.raises(ImportFormatError, match="nothing beneath it"):
        desk.read("scores", f"{HEADER}\n")


cells = st.one_of(
    st.sampled_from(["q1", "q2", "x", "y", "1", "2.5", "-3", "nan", "refused", "judge", "key", "", '"']),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=6),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    columns=st.lists(st.sampled_from([*LAYOUT.required, *LAYOUT.optional]), max_size=12),
    rows=st.lists(st.lists(cells, max_size=12), max_size=8),
)
def test_no_table_crashes(desk: Desk, columns: list[str], rows: list[list[str]]) -> None:
    """Whatever stands in a table, it is read or refused as this format."""
    text = "\n".join(",".join(cells) for cells in [columns, *rows])
    try:
        assemble(desk.read("scores", desk.write("fuzz.csv", text)))
    except ImportFormatError:
        return


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(numbers=st.lists(st.integers(-99, 99), min_size=2, max_size=8))
def test_turning_the_scale_round_turns_the_grades(desk: Desk, numbers: list[int]) -> None:
    """`lower_is_better` gives the reverse order, ties included."""
    rows = "".join(f"q,a{place},{number},p,person\n" for place, number in enumerate(numbers))
    up, down = grades(desk, rows)[0], grades(desk, rows, {"lower_is_better": "true"})[0]
    height = max(up.values()) + 1
    assert {name: height - grade for name, grade in up.items()} == down
