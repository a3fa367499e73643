from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats import reading
from harness.formats.base import Place
from harness.formats.reading import (
    Ids,
    Problems,
    answer_ids,
    clean_text,
    json_entries,
    json_lines,
    json_whole,
    localised,
    number_option,
    slug,
    table_rows,
    truth_option,
)

FITS = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")

plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


# --- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gpt-4", "gpt-4"),
        ("GPT 4 (Turbo)", "gpt-4-turbo"),
        ("Réponse n° 3", "reponse-n-3"),
        ("vicuna-13b-v1.3", "vicuna-13b-v1.3"),
        ("../../etc", "etc"),
        ("日本", ""),
    ],
)
def test_slugs_are_readable(name: str, expected: str) -> None:
    """A slug keeps what our ids allow, in lower case, and a hyphen for the rest."""
    assert slug(name) == expected


def test_names_that_would_share_an_id_get_a_hash() -> None:
    """`C`, `C++` and `c` are three names: the first keeps the plain id, the others are told apart."""
    ids = Ids()
    found = [ids.of(name) for name in ("C", "C++", "c", "C")]
    assert found[0] == found[3] == "c"
    assert len(set(found)) == 3
    assert all(FITS.match(one) for one in found)
    assert found[1].startswith("c-")


def test_a_long_name_is_cut_and_hashed() -> None:
    """Two long names that begin alike stay apart."""
    ids = Ids()
    one, other = ids.of("a" * 100), ids.of("a" * 101)
    assert one != other
    assert len(one) == len(other) == 64


def test_a_name_without_letters_has_an_id() -> None:
    """What leaves nothing behind is named by its hash, alone and behind a case."""
    assert FITS.match(Ids().of("日本"))
    assert FITS.match(answer_ids("q1").of("日本"))


@given(st.lists(st.text(max_size=80), max_size=30))
def test_ids_are_one_to_one(names: list[str]) -> None:
    """Different names have different ids that fit, whatever the names are; the same name has one."""
    ids = Ids()
    found = [ids.of(name) for name in names]
    assert len(set(found)) == len(set(names))
    assert all(FITS.match(one) for one in found)
    assert [ids.of(name) for name in names] == found


def test_a_name_that_holds_its_case_is_not_doubled() -> None:
    """`poem-a` of the case `poem` keeps its id, as in our own tables; `a` beside it is told apart."""
    ids = answer_ids("poem")
    assert ids.of("poem-a") == "poem-a"
    assert ids.of("b") == "poem-b"
    assert ids.of("a").startswith("poem-a-")


@given(st.text(max_size=70), st.lists(st.text(max_size=70), max_size=8))
def test_answer_ids_fit(case: str, names: list[str]) -> None:
    """Ids of answers fit behind any case id, however long."""
    ids = answer_ids(Ids().of(case))
    found = [ids.of(name) for name in names]
    assert len(set(found)) == len(set(names))
    assert all(FITS.match(one) for one in found)


# --- JSON ------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(entries=st.lists(plain_json, max_size=6), chunk=st.integers(1, 40), indent=st.sampled_from([None, 1]))
@example(entries=[0.5, 1e-7, 1e22, 12, -3.25], chunk=1, indent=None)
@example(entries=[[0.5], {"a": 1e-7}, "e-", True], chunk=2, indent=None)
def test_a_list_is_read_entry_by_entry(
    tmp_path: Path, entries: list[object], chunk: int, indent: int | None
) -> None:
    """Wherever the chunks of a file end, its entries come out as `json.load` gives them, numbered from 1."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps(entries, indent=indent), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_CHUNK", chunk)
        found = list(json_entries(path))
    assert [entry for _, entry in found] == entries
    assert [place.line for place, _ in found] == list(range(1, len(entries) + 1))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1}', 1, "one JSON list"),
        ("", 1, "one JSON list"),
        ("[1, 2", 2, "never closed"),
        ("[1 2]", 1, "expected ','"),
        ("[1, oops]", 2, "not valid JSON"),
        ("[" * 100_000, 1, "not valid JSON"),
    ],
)
def test_a_damaged_list_names_the_entry(tmp_path: Path, text: str, line: int, words: str) -> None:
    """What is no list, or is cut, is an error at the entry where it shows."""
    path = tmp_path / "list.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFormatError) as caught:
        list(json_entries(path))
    assert caught.value.line == line
    assert words in str(caught.value)


def test_json_lines_name_their_line(tmp_path: Path) -> None:
    """A line that is no JSON object is named; empty lines are none."""
    path = tmp_path / "votes.jsonl"
    path.write_text('{"a": 1}\n\n[1]\n', encoding="utf-8")
    rows = json_lines(path)
    assert next(rows) == (Place(path, 1), {"a": 1})
    with pytest.raises(ImportFormatError, match=r"votes.jsonl:3: must be a JSON object, found a list"):
        next(rows)


def test_a_whole_file_names_the_line_of_a_mistake(tmp_path: Path) -> None:
    """One JSON document: the line of the mistake is told."""
    path = tmp_path / "one.json"
    path.write_text('{"a": 1,\n "b": oops}', encoding="utf-8")
    with pytest.raises(ImportFormatError) as caught:
        json_whole(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_bytes_that_are_no_text_are_an_error(tmp_path: Path, name: str) -> None:
    """A file that is not UTF-8 is named, never half read."""
    path = tmp_path / name
    path.write_bytes(b'["\xff\xfe"]')
    with pytest.raises(ImportFormatError, match="UTF-8"):
        list(json_entries(path))


# --- tables and values -----------------------------------------------------------------------------


def test_a_table_streams(tmp_path: Path) -> None:
    """200,000 rows of 500 bytes pass through a few megabytes: the file's text is never held."""
    path = tmp_path / "long.csv"
    filler = "x" * 480
    with path.open("w", encoding="utf-8") as stream:
        stream.write("a,b\n")
        stream.writelines(f"{number},{filler}\n" for number in range(200_000))
    problems = Problems()
    tracemalloc.start()
    n_rows = sum(1 for _ in table_rows(path, problems, ("a", "b")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == 200_000
    assert problems.n_found == 0
    assert peak < path.stat().st_size / 10


def test_a_list_streams(tmp_path: Path) -> None:
    """A JSON list of 40 MB is read in a few: one entry and one chunk at a time."""
    path = tmp_path / "long.json"
    entry = json.dumps({"text": "x" * 2000})
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[" + ",\n".join([entry] * 20_000) + "]")
    tracemalloc.start()
    n_entries = sum(1 for _ in json_entries(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_entries == 20_000
    assert peak < path.stat().st_size / 5


def test_problems_beyond_two_hundred_are_counted() -> None:
    """The first 200 problems are told, and how many there are beyond."""
    problems = Problems()
    for line in range(1, 1_251):
        problems.note(Place(Path("votes.csv"), line), "winner", "is wrong")
    with pytest.raises(ImportFormatError) as caught:
        problems.raise_any()
    assert len(caught.value.problems) == 201
    assert "and 1,050 more problems" in str(caught.value)


def test_texts_lose_what_no_record_holds() -> None:
    """Control characters and halves of characters become U+FFFD; an empty answer says so."""
    assert clean_text("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert localised("  ", "en") == {"en": "(empty answer)"}


def test_wrong_options_are_named() -> None:
    """An option that is no truth or no number names itself."""
    with pytest.raises(ImportFormatError, match=r"--option lower_is_better: .*true or false"):
        truth_option({"lower_is_better": "perhaps"}, "lower_is_better", default=False)
    with pytest.raises(ImportFormatError, match="--option tolerance"):
        number_option({"tolerance": "-1"}, "tolerance", 0.0)
