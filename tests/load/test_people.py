from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from harness.errors import ImportFormatError, Problem
from harness.load.content import load_case_set
from harness.load.people import author_key_verdicts, load_people
from harness.schema import Presentation, RankedVerdict

if TYPE_CHECKING:
    from tests.load.conftest import World

HEADER = "session,annotator_id,case_id,answer_id,grade"
ROWS = ("s,ann,poem,poem-b,4", "s,ann,poem,poem-a,2", "s,ann,poem,poem-c,2", "s,ann,poem,poem-d,1")


def load(world: World, text: str | bytes, name: str = "people.csv") -> tuple[RankedVerdict, ...]:
    """Write a table and load it."""
    path = world.root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_people(path, *load_case_set("small", roots=[world.root]))


def table(*rows: str, header: str = HEADER) -> str:
    """Give a CSV text."""
    return "\n".join([header, *rows]) + "\n"


def problems_of(world: World, text: str | bytes, name: str = "people.csv") -> Sequence[Problem]:
    """Give every problem of a table."""
    with pytest.raises(ImportFormatError) as caught:
        load(world, text, name)
    return caught.value.problems


def test_one_ranking_keeps_grades_as_entered(world: World) -> None:
    """Four rows are one verdict, in the order of the case's answers, with the documented defaults."""
    (verdict,) = load(world, table(*ROWS))
    assert list(verdict.grades.items()) == [("poem-a", 2), ("poem-b", 4), ("poem-c", 2), ("poem-d", 1)]
    cell = verdict.cell
    assert (cell.annotator_id, cell.annotator_kind, cell.session) == ("ann", "person", "s")
    assert (cell.rulebook_id, cell.language, cell.phase, cell.repeat) == ("hhh", "fr", 1, 0)
    assert not cell.simulated
    assert verdict.presentation is None


def test_what_separates_the_columns_does_not_matter(world: World) -> None:
    """Commas, semicolons, tabs, a byte order mark, Windows line ends and blank lines give the same."""
    plain = table(*ROWS)
    expected = load(world, plain)
    assert load(world, plain.replace(",", ";")) == expected
    assert load(world, plain.replace(",", "\t"), "people.tsv") == expected
    assert load(world, b"\xef\xbb\xbf" + plain.replace("\n", "\r\n\r\n").encode()) == expected
    assert load(world, plain.upper().replace(plain.upper()[len(HEADER) :], plain[len(HEADER) :])) == expected


def test_every_optional_column_is_read(world: World) -> None:
    """Repeat, rulebook, phase, language, slot, seconds, dimensions and simulated reach the verdict."""
    header = f"{HEADER},repeat,rulebook_id,phase,language,slot,seconds,helpful,honest,harmless,simulated"
    rest = "1,none,2,en,{},12.5,4,1,,true"
    slots = {"poem-a": "10", "poem-b": "2", "poem-c": "1", "poem-d": "3"}
    rows = [f"s,ann,poem,{name},3,{rest.format(slot)}" for name, slot in slots.items()]
    (verdict,) = load(world, table(*rows, header=header))
    cell = verdict.cell
    assert (cell.repeat, cell.rulebook_id, cell.phase, cell.language) == (1, "none", 2, "en")
    assert cell.simulated
    assert verdict.seconds == 12.5
    assert verdict.dimensions["poem-c"] == {"helpful": 4, "honest": 1}
    assert verdict.presentation == Presentation(
        order=("poem-c", "poem-b", "poem-d", "poem-a"), slots=("1", "2", "3", "10")
    )


def test_rankings_are_told_apart(world: World) -> None:
    """Another person, session, case, rulebook, phase or repeat is another ranking, in order of appearance."""
    header = f"{HEADER},rulebook_id,phase,repeat"
    rows = [
        "s,ann,poem,poem-a,1,hhh,1,0",
        "s,bob,poem,poem-a,2,hhh,1,0",
        "t,ann,poem,poem-a,3,hhh,1,0",
        "s,ann,tea,tea-a,4,hhh,1,0",
        "s,ann,poem,poem-a,1,none,1,0",
        "s,ann,poem,poem-a,2,hhh,2,0",
        "s,ann,poem,poem-a,3,hhh,1,1",
        "s,ann,poem,poem-b,4,hhh,1,0",
    ]
    verdicts = load(world, table(*rows, header=header))
    assert len(verdicts) == 7
    assert verdicts[0].grades == {"poem-a": 1, "poem-b": 4}


def test_jsonl_and_parquet_say_the_same_as_csv(world: World) -> None:
    """The three formats give the same verdicts, numbers as numbers or as text."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    expected = load(world, table(*ROWS))
    names = HEADER.split(",")
    records = [dict(zip(names, row.split(","), strict=True)) for row in ROWS]
    typed = [{**record, "grade": float(record["grade"]), "seconds": None} for record in records]
    lines = "\n\n".join(json.dumps(record) for record in typed)
    assert load(world, lines, "people.jsonl") == expected
    path = world.root / "people.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(typed), path)
    assert load_people(path, *load_case_set("small", roots=[world.root])) == expected


def test_every_wrong_row_is_told_with_its_line(world: World) -> None:
    """Unknown names and impossible values are all told at once, each with line and column."""
    header = f"{HEADER},language,seconds,phase,helpful,simulated,rulebook_id"
    rows = [
        "s,ann,poem,poem-e,4,,,,,,",
        "s,ann,peom,poem-a,4,,,,,,",
        "s,ann,poem,tea-a,4,,,,,,",
        "s,ann,poem,poem-a,5,,,,,,",
        "s,ann,poem,poem-a,0,,,,,,",
        "s,ann,poem,poem-a,2.5,,,,,,",
        "s,ann,poem,poem-a,,,,,,,",
        "s,,poem,poem-a,best,de,-3,0,9,maybe,My Rules",
        "s,ann,poem,poem-a",
    ]
    problems = problems_of(world, table(*rows, header=header))
    told = [(problem.line, problem.field) for problem in problems]
    assert told == [
        (2, "answer_id"),
        (3, "case_id"),
        (4, "answer_id"),
        (5, "grade"),
        (6, "grade"),
        (7, "grade"),
        (8, "grade"),
        (9, "annotator_id"),
        (9, "grade"),
        (9, "rulebook_id"),
        (9, "phase"),
        (9, "language"),
        (9, "seconds"),
        (9, "simulated"),
        (9, "helpful"),
        (10, ""),
    ]
    words = {problem.line: problem.message for problem in problems}
    assert words[3] == "unknown case 'peom' in 'small'; did you mean 'poem'?"
    assert words[7] == "must be a whole number from 1 to 4, found '2.5'"
    assert words[8] == "must be a whole number from 1 to 4, found nothing"
    assert words[10] == "has 4 values where the header has 11 columns"


def test_a_whole_number_may_carry_its_zero(world: World) -> None:
    """A spreadsheet's 3.0 or 3,0 is the grade 3."""
    text = table("s;ann;poem;poem-a;3.0", "s;ann;poem;poem-b;2,0", header=HEADER.replace(",", ";"))
    assert load(world, text)[0].grades == {"poem-a": 3, "poem-b": 2}


def test_an_answer_is_graded_once(world: World) -> None:
    """The same answer twice in one ranking is an error that names the first line."""
    (problem,) = problems_of(world, table(*ROWS, "s,ann,poem,poem-b,1"))
    assert (problem.line, problem.field) == (6, "answer_id")
    assert "first on line 2" in problem.message


def test_one_ranking_has_one_language_time_and_order(world: World) -> None:
    """Two languages, times or flags in one ranking, a slot used twice or left out are errors."""
    header = f"{HEADER},language,seconds,simulated,slot"
    rows = [
        "s,ann,poem,poem-a,1,fr,10,true,A",
        "s,ann,poem,poem-b,1,en,11,false,A",
        "s,ann,poem,poem-c,1,,,,",
    ]
    problems = problems_of(world, table(*rows, header=header))
    assert [(problem.line, problem.field) for problem in problems] == [
        (3, "language"),
        (3, "seconds"),
        (3, "simulated"),
        (3, "slot"),
        (4, "slot"),
    ]
    assert "but line 2 of the same ranking says fr" in problems[0].message


def test_missing_and_unknown_columns_are_told_together(world: World) -> None:
    """Each missing column and each unknown one is named, with what may have been meant; rows are not read."""
    problems = problems_of(world, table("s,ann,x,y,1", header="session,annotator,case_id,note,note"))
    told = {problem.field: problem.message for problem in problems}
    assert told.keys() == {"annotator", "note", "annotator_id", "answer_id", "grade"}
    assert told["annotator"] == "unknown column; did you mean 'annotator_id'?"
    assert "stands twice" in told["note"]
    assert {problem.line for problem in problems} == {1}


def test_a_row_of_json_without_a_field_is_told(world: World) -> None:
    """In JSON lines each row is asked for its fields, and unknown ones are named once."""
    sound = {"session": "s", "annotator_id": "a", "case_id": "poem", "answer_id": "poem-a", "grade": 1}
    lines = [
        {**sound, "mood": 1},
        {**sound, "answer_id": "poem-b", "mood": 2},
        {"session": "s", "case_id": "poem", "grade": [1]},
        {"session": "s", "case_id": "poem", "grade": 1},
    ]
    text = "\n".join([*(json.dumps(line) for line in lines), '{"a": 1, "a": 2}', "[1]", "{"])
    told = [(problem.line, problem.field) for problem in problems_of(world, text, "people.jsonl")]
    assert told == [
        (1, "mood"),
        (3, "grade"),
        (4, "annotator_id"),
        (4, "answer_id"),
        (5, ""),
        (6, ""),
        (7, ""),
    ]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "people.csv", "is empty"),
        (HEADER + "\n", "people.csv", "holds no grades"),
        ("", "people.jsonl", "is empty"),
        (b"not parquet", "people.parquet", "not a readable Parquet file"),
        ("x", "people.xlsx", "cannot tell the format"),
        (table(*ROWS).encode() + b"s,caf\xe9,poem,poem-a,1\n", "people.csv", "not UTF-8 (byte 0xe9"),
        (table('s,"ann,poem,poem-b,4'), "people.csv", "not valid CSV"),
        (table("s,a\x00b,poem,poem-b,4"), "people.csv", "control character U+0000"),
        (table(f"s,{'a' * 300},poem,poem-b,4"), "people.csv", "at most 200"),
    ],
)
def test_a_file_that_is_no_table_is_told(world: World, text: str | bytes, name: str, words: str) -> None:
    """What cannot be read at all is one problem in plain words."""
    (problem,) = problems_of(world, text, name)
    assert words in problem.message


def test_a_missing_file_is_told(world: World) -> None:
    """A path without a file is named."""
    with pytest.raises(ImportFormatError, match="no such file"):
        load_people(world.root / "none.csv", *load_case_set("small", roots=[world.root]))


def test_parquet_without_its_library_says_what_to_install(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pyarrow the message names the extra to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (problem,) = problems_of(world, b"PAR1", "people.parquet")
    assert "[parquet]" in problem.message


def test_a_thousand_problems_are_two_hundred_and_a_count(world: World) -> None:
    """The list of problems is cut, and says how many more there are."""
    problems = problems_of(world, table(*(["s,ann,poem,poem-a,9"] * 1000)))
    assert len(problems) == 201
    assert problems[-1].message == "and 800 more problems"


def test_rulebooks_are_checked_where_they_are_known(world: World) -> None:
    """A misspelt rulebook is an error only when the caller says which there are."""
    path = world.root / "people.csv"
    path.write_text(table(f"{ROWS[0]},hhhh", header=f"{HEADER},rulebook_id"), encoding="utf-8")
    content = load_case_set("small", roots=[world.root])
    assert load_people(path, *content)[0].cell.rulebook_id == "hhhh"
    with pytest.raises(ImportFormatError, match="did you mean 'hhh'"):
        load_people(path, *content, rulebooks=["hhh", "none"])


def test_the_key_keeps_its_order_with_one_as_worst(world: World) -> None:
    """The author's tiers become dense grades, 1 for the worst tier; a case without a key has no verdict."""
    world.change(
        "cases/small/poem.yaml",
        lambda content: content.update(author_key=[["poem-c"], ["poem-a", "poem-d"], ["poem-b"]]),
    )
    world.change("cases/small/tea.yaml", lambda content: content.update(author_key=None))
    (verdict,) = author_key_verdicts(*load_case_set("small", roots=[world.root]))
    assert verdict.grades == {"poem-a": 2, "poem-b": 1, "poem-c": 3, "poem-d": 2}
    assert (verdict.cell.annotator_id, verdict.cell.annotator_kind) == ("author-key", "key")
    assert (verdict.cell.case_id, verdict.cell.rulebook_id) == ("poem", "hhh")


def test_the_probability_of_a_draw_is_kept(world: World) -> None:
    """Where `harness next` drew the case, the verdict knows how likely that was; else nothing is said."""
    rows = [f"{row},{'0.25' if place == 0 else ''}" for place, row in enumerate(ROWS)]
    (verdict,) = load(world, table(*rows, header=f"{HEADER},probability"))
    assert verdict.probability == 0.25
    (plain,) = load(world, table(*ROWS))
    assert plain.probability is None
    assert "probability" not in plain.model_dump()
    assert RankedVerdict.model_validate(verdict.model_dump()) == verdict


@pytest.mark.parametrize("given", ["0", "-0.1", "1.01", "often", "nan"])
def test_a_probability_outside_its_range_is_told(world: World, given: str) -> None:
    """A case that could not be drawn was not drawn."""
    (problem,) = problems_of(world, table(f"{ROWS[0]},{given}", header=f"{HEADER},probability"))
    assert problem.field == "probability"
    assert "above 0 and at most 1" in problem.message


def test_one_ranking_was_drawn_once(world: World) -> None:
    """Two probabilities in one ranking contradict each other."""
    rows = (f"{ROWS[0]},0.5", f"{ROWS[1]},0.25")
    (problem,) = problems_of(world, table(*rows, header=f"{HEADER},probability"))
    assert "line 2 of the same ranking says 0.5" in problem.message
