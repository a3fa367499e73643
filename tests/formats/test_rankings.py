from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.rankings import FORMAT, parse_ranking
from harness.schema import FailedVerdict, RankedVerdict

if TYPE_CHECKING:
    from tests.formats.conftest import Desk

HEADER = "case_id,ranking,annotator_id"


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ("A=D>C>B", (("A", "D"), ("C",), ("B",))),
        (" A = D > C ", (("A", "D"), ("C",))),
        ("B", (("B",),)),
        ('[["A", "D"], "C", ["B"]]', (("A", "D"), ("C",), ("B",))),
        ('["a>b", "c=d"]', (("a>b",), ("c=d",))),
        ("[1, 2]", (("1",), ("2",))),
    ],
)
def test_rankings_are_tiers(text: str, tiers: tuple[tuple[str, ...], ...]) -> None:
    """Best first; `=` ties; lists are tiers, and a bare name is a tier of its own."""
    assert parse_ranking(text) == tiers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A>B>A", "names 'A' twice"),
        ("A>>B", "empty place"),
        ("A>", "empty place"),
        ("B<A", "best answer first"),
        ('["A", ["B", ["C"]]]', "list of names"),
        ('["A", null]', "list of names"),
        ('["A"', "no JSON list"),
        ("[[]]", "empty place"),
        ("[]", "empty place"),
    ],
)
def test_what_is_no_ranking_says_why(text: str, words: str) -> None:
    """Nothing is guessed: an empty place, a name twice or the other direction is refused."""
    with pytest.raises(ValueError, match=words):
        parse_ranking(text)


def test_the_best_has_the_highest_grade(desk: Desk) -> None:
    """A=D>C>B: A and D have 3, C 2, B 1; who is not named has no grade."""
    done = desk.verdicts("rankings", f"{HEADER}\nq,A=D>C>B,p1\nq,D>A,p2\n")
    one, other = done.people
    assert isinstance(one, RankedVerdict)
    assert isinstance(other, RankedVerdict)
    assert one.grades == {"q-a": 3.0, "q-d": 3.0, "q-c": 2.0, "q-b": 1.0}
    assert other.grades == {"q-a": 1.0, "q-d": 2.0}


def test_the_example_reads(desk: Desk) -> None:
    """The example of the documentation is a file of this format: quotes, lists, shown order and a refusal."""
    done = desk.verdicts("rankings", FORMAT.example)
    ranked, failed = done.judges
    assert isinstance(ranked, RankedVerdict)
    assert isinstance(failed, FailedVerdict)
    assert ranked.presentation is not None
    assert ranked.presentation.order == ("q1-a", "q1-b", "q1-c", "q1-d")
    assert failed.failure == "refused"
    assert len(done.people) == 2


def test_lists_in_json_lines(desk: Desk) -> None:
    """JSON lines may hold the tiers as lists; the same verdicts come out as from text."""
    rows = [
        {"case_id": "q", "ranking": [["A", "D"], ["C"], "B"], "annotator_id": "p1", "shown": list("ABCD")},
        {"case_id": "q", "ranking": "D>A", "annotator_id": "p2"},
    ]
    lines = desk.write("r.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    done = desk.verdicts("rankings", lines)
    table = desk.verdicts("rankings", f'{HEADER},shown\nq,A=D>C>B,p1,"A,B,C,D"\nq,D>A,p2,\n')
    assert [verdict.model_dump() for verdict in done.people] == [v.model_dump() for v in table.people]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"case_id": ["q"], "ranking": "A>B", "annotator_id": "p"}, "case_id: must be a single value"),
        ({"case_id": "q", "ranking": {"A": 1}, "annotator_id": "p"}, "ranking: must be a single value"),
        ({"case_id": "q", "annotator_id": "p"}, "ranking: is missing in this row"),
        ({"case_id": "q", "rankings": "A>B", "annotator_id": "p"}, "did you mean 'ranking'"),
    ],
)
def test_wrong_json_lines_are_named(desk: Desk, record: dict[str, object], words: str) -> None:
    """A wrong field of a JSON line says its line and what would be right."""
    with pytest.raises(ImportFormatError, match=words) as caught:
        desk.read("rankings", desk.write("r.jsonl", json.dumps(record) + "\n"))
    assert caught.value.line == 1


def test_the_same_ranking_twice_names_both_lines(desk: Desk) -> None:
    """Two rankings of one person on one case, not numbered as repeats, are an error."""
    with pytest.raises(ImportFormatError, match=r"table.csv:3: .*first at .*table.csv:2"):
        desk.verdicts("rankings", f"{HEADER}\nq,A>B>C,p\nq,B>A>C,p\n")


def test_a_wrong_ranking_names_its_line(desk: Desk) -> None:
    """Every wrong row is named at once."""
    with pytest.raises(ImportFormatError) as caught:
        desk.read("rankings", f"{HEADER}\nq,A>A,p1\nq,B<A,p2\nq,A>B,p3\n")
    assert [problem.line for problem in caught.value.problems] == [2, 3]


names = st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=8, unique=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=names, cuts=st.lists(st.booleans(), min_size=8, max_size=8))
def test_written_and_listed_rankings_agree(order: list[str], cuts: list[bool]) -> None:
    """Any weak order reads the same as `A=B>C` and as lists."""
    tiers: list[list[str]] = [[order[0]]]
    for name, cut in zip(order[1:], cuts, strict=False):
        if cut:
            tiers.append([name])
        else:
            tiers[-1].append(name)
    written = ">".join("=".join(tier) for tier in tiers)
    assert parse_ranking(written) == parse_ranking(json.dumps(tiers)) == tuple(map(tuple, tiers))


@given(st.text(max_size=40))
def test_no_text_crashes_the_parser(text: str) -> None:
    """Any text is a ranking or a ValueError."""
    try:
        tiers = parse_ranking(text)
    except ValueError:
        return
    assert all(name for tier in tiers for name in tier)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(text=st.text(alphabet="[]{}\"',:AB>=q1p\n0 ", max_size=120))
def test_no_file_crashes(desk: Desk, text: str) -> None:
    """Whatever stands in a file of JSON lines, it is read or refused as this format."""
    try:
        assemble(desk.read("rankings", desk.write("fuzz.jsonl", text)))
    except ImportFormatError:
        return
