from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.pairwise import FORMAT, LAYOUT
from harness.schema import FailedVerdict, RankedVerdict
from harness.verdict import order_flips

if TYPE_CHECKING:
    from tests.formats.conftest import Desk

HEADER = "case_id,answer_a,answer_b,winner,annotator_id,annotator_kind"


def test_the_example_reads(desk: Desk) -> None:
    """The example of the documentation is a file of this format."""
    done = desk.verdicts("pairwise", FORMAT.example)
    assert Counter(verdict.outcome for verdict in done.judges) == {"ranked": 1, "failed": 1}
    assert len(done.people) == 1


def test_verdict_kinds_are_kept_apart(desk: Desk) -> None:
    """A turned choice, a tie, a refusal and an empty winner are four different things."""
    table = f"""
{HEADER},shown_first
turns,x,y,a,judge-x,judge,a
turns,x,y,b,judge-x,judge,b
ties,x,y,tie,judge-x,judge,a
ties,x,y,tie,judge-x,judge,b
refuses,x,y,refused,judge-x,judge,a
refuses,x,y,a,judge-x,judge,b
silent,x,y,a,judge-x,judge,a
silent,x,y,,judge-x,judge,b
"""
    imported = desk.read("pairwise", table)
    turns, ties, refuses, silent = assemble(imported).judges
    assert isinstance(turns, RankedVerdict)
    assert isinstance(ties, RankedVerdict)
    assert isinstance(refuses, FailedVerdict)
    assert isinstance(silent, FailedVerdict)
    assert (order_flips(turns), order_flips(ties)) == ((1, 1), (0, 1))
    assert turns.grades == {"turns-x": 1.0, "turns-y": 1.0}
    assert (refuses.failure, silent.failure) == ("refused", "unparsable")
    assert "1 rows have no winner: counted as verdicts that could not be read" in imported.notes


def test_the_winner_is_an_answer_not_a_slot(desk: Desk) -> None:
    """`a` wins although it was shown second: winners are named after answers, slots only say the order."""
    done = desk.verdicts("pairwise", f"{HEADER},shown_first\nq1,x,y,a,p1,person,b\n")
    (verdict,) = done.people
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"q1-x": 2.0, "q1-y": 1.0}
    assert verdict.presentation is not None
    assert verdict.presentation.order == ("q1-y", "q1-x")


@pytest.mark.parametrize(
    ("table", "options", "known"),
    [
        (f"{HEADER}\nq1,x,y,a,p1,person\n", {}, True),
        (f"{HEADER}\nq1,x,y,a,p1,person\n", {"order": "unknown"}, False),
        (f"{HEADER},shown_first\nq1,x,y,a,p1,person,\n", {}, False),
    ],
)
def test_an_order_that_nobody_told_is_not_made_up(
    desk: Desk, table: str, options: dict[str, str], *, known: bool
) -> None:
    """An empty cell, or `order=unknown`, leaves the presentation out."""
    (verdict,) = desk.verdicts("pairwise", table, options).people
    assert (verdict.presentation is not None) == known


@pytest.mark.parametrize(
    ("rows", "options", "protocol"),
    [
        ("q1,x,y,a,j,judge,a\nq1,x,y,a,j,judge,b\n", {}, "pairwise"),
        ("q1,x,y,a,j,judge,a\nq2,x,y,a,j,judge,b\n", {}, "listwise"),
        ("q1,x,y,a,j,judge,a\nq2,x,y,a,j,judge,b\n", {"protocol": "pairwise"}, "pairwise"),
    ],
)
def test_the_protocol_of_a_judge(desk: Desk, rows: str, options: dict[str, str], protocol: str) -> None:
    """A judge that saw no pair in both orders has nothing to join, unless we are told otherwise."""
    (spec,) = desk.read("pairwise", f"{HEADER},shown_first\n{rows}", options).judges
    assert (spec.protocol, spec.model_id) == (protocol, "imported/j")


def test_several_answers_make_one_ranking(desk: Desk) -> None:
    """Three answers, three pairs, both orders: one verdict with grades 3, 2, 1."""
    rows = [
        f"q1,{one},{other},{'a' if one < other else 'b'},j,judge"
        for one in "xyz"
        for other in "xyz"
        if one != other
    ]
    (verdict,) = desk.verdicts("pairwise", "\n".join([HEADER, *rows]) + "\n").judges
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"q1-x": 3.0, "q1-y": 2.0, "q1-z": 1.0}


def test_texts_and_authors_come_in_once(desk: Desk) -> None:
    """Texts and authors stand on the first row or in a table of their own; the case has them."""
    table = f"{HEADER},text_a,text_b,author_a,message\nq1,x,y,a,p1,person,Hello,,gpt-4,Greet me\n"
    answers = desk.write("answers.csv", "case_id,answer_id,text\nq1,y,Bye\n")
    (case,) = desk.read("pairwise", [desk.write("votes.csv", table), answers]).cases
    assert case.message == {"en": "Greet me"}
    # the table of answers is read first, so its answer stands first
    assert [answer.text for answer in case.answers] == [{"en": "Bye"}, {"en": "Hello"}]
    assert [answer.author_model_id for answer in case.answers] == [None, "gpt-4"]


def test_a_text_that_changes_is_named_with_both_lines(desk: Desk) -> None:
    """Two texts for one answer are an error: one of the files is not what it seems."""
    table = f"{HEADER},text_a\nq1,x,y,a,p1,person,Hello\nq1,x,y,a,p2,person,Good day\n"
    with pytest.raises(ImportFormatError, match=r"table.csv:3: the text of answer 'x' .*table.csv:2"):
        desk.read("pairwise", table)


@pytest.mark.parametrize(
    ("row", "line", "words"),
    [
        ("q1,x,x,a,p1,person", 2, "compared with itself"),
        ("q1,x,y,left,p1,person", 2, "winner: must be a, b, tie or a failure"),
        (",x,y,a,p1,person", 2, "case_id: is empty"),
        ("q1,x,y,a,,person", 2, "annotator_id: is empty"),
        ("q1,x,y,a,p1,robot", 2, "annotator_kind: must be judge, person or key"),
        ("q1,x,y,a,p1", 2, "has 5 values where the header has 6"),
    ],
)
def test_wrong_rows_are_named(desk: Desk, row: str, line: int, words: str) -> None:
    """Each wrong row says its line, its column and what would be right."""
    with pytest.raises(ImportFormatError, match=words) as caught:
        desk.read("pairwise", f"{HEADER}\n{row}\nq9,x,y,a,p1,person\n")
    assert caught.value.line == line


def test_columns_are_checked(desk: Desk) -> None:
    """A missing column and a misspelt one are named, with the near one."""
    with pytest.raises(ImportFormatError) as caught:
        desk.read("pairwise", "case_id,answer_a,answer_b,winer,annotator_id\nq1,x,y,a,p1\n")
    assert "did you mean 'winner'?" in str(caught.value)
    assert "winner: this column is missing" in str(caught.value)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_tabs_and_json_lines(desk: Desk, mark: str) -> None:
    """The same votes as CSV with other marks and as JSON lines give the same import."""
    table = f"{HEADER}\nq1,x,y,a,p1,person\n"
    lines = '{"case_id": "q1", "answer_a": "x", "answer_b": "y", "winner": "a", "annotator_id": "p1"}\n'
    one = desk.verdicts("pairwise", table).people
    assert desk.verdicts("pairwise", table.replace(",", mark)).people == one
    assert desk.verdicts("pairwise", desk.write("votes.jsonl", lines)).people == one


def test_votes_on_several_pairs_are_said(desk: Desk) -> None:
    """When a person votes on several pairs of a case, the notes say what becomes of it."""
    table = f"{HEADER}\nq1,x,y,a,p1,person\nq1,y,z,a,p1,person\n"
    assert any("several pairs of one case" in note for note in desk.read("pairwise", table).notes)


cells = st.one_of(
    st.sampled_from(
        ["q1", "q2", "x", "y", "a", "b", "tie", "refused", "judge", "person", "", "1", "日本", '"']
    ),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    columns=st.lists(st.sampled_from([*LAYOUT.required, *LAYOUT.optional]), max_size=14),
    rows=st.lists(st.lists(cells, max_size=14), max_size=8),
)
def test_no_table_crashes(desk: Desk, columns: list[str], rows: list[list[str]]) -> None:
    """Whatever stands in a table, it is read or refused; verdicts name what is in the cases."""
    text = "\n".join(",".join(cells) for cells in [columns, *rows])
    try:
        imported = desk.read("pairwise", desk.write("fuzz.csv", text))
        done = assemble(imported)
    except ImportFormatError:
        return
    known = {answer.answer_id for case in imported.cases for answer in case.answers}
    for verdict in (*done.judges, *done.people):
        assert not isinstance(verdict, RankedVerdict) or set(verdict.grades) <= known


def test_the_text_of_a_big_file_is_not_held(desk: Desk) -> None:
    """100,000 votes that repeat two texts of 400 characters: what stays is far less than the file."""
    path = desk.folder / "big.csv"
    text = "word " * 80
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"{HEADER},text_a,text_b\n")
        stream.writelines(
            f"q{number % 50},x,y,a,p{number},person,{text}{number % 50},{text}\n" for number in range(100_000)
        )
    tracemalloc.start()
    imported = desk.read("pairwise", path)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(imported.votes) == 100_000
    assert len(imported.cases) == 50
    assert held < path.stat().st_size / 1.5
