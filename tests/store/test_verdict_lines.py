"""A file of verdicts read by the form of its lines is the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from harness.errors import StoreError
from harness.schema import (
    Cell,
    FailedVerdict,
    Flag,
    PairReading,
    Presentation,
    RankedVerdict,
    Verdict,
    VerdictTiming,
    canonical_json,
)
from harness.schema.small import TimingTable
from harness.store.folder import RunFolder
from harness.store.verdict_lines import LineReader, read_timings, read_verdicts
from harness.store.verdict_table import TableBuilder, VerdictTable, table_of

NAMES = st.sampled_from(["a", "b-1", "0.c_d", "x" * 64])
TEXTS = st.text(max_size=5) | st.sampled_from(['","cell":{', "\\", '"', "é\n\u2028", ""])
FLAGS: st.SearchStrategy[Flag] = st.sampled_from(get_args(Flag))
VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)

CELLS = st.builds(
    Cell,
    annotator_id=TEXTS,
    annotator_kind=st.sampled_from(["judge", "person", "key"]),
    case_id=NAMES,
    rulebook_id=NAMES,
    wording=st.sampled_from(["base", "paraphrase"]),
    language=st.sampled_from(["fr", "en"]),
    protocol=st.sampled_from([None, "listwise", "pairwise", "pointwise"]),
    repeat=st.integers(0, 2**31 - 1),
    phase=st.integers(1, 3),
    session=st.none() | TEXTS,
    simulated=st.booleans(),
)
PRESENTATIONS = st.builds(
    Presentation,
    order=st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    slots=st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
)
PAIRS = st.builds(
    PairReading,
    first=NAMES,
    second=NAMES,
    p_first_shown_first=st.sampled_from([0.0, 0.25, 1.0]),
    p_first_shown_second=st.sampled_from([0.5, 1.0]),
)
RANKED = st.builds(
    RankedVerdict,
    cell=CELLS,
    grades=st.dictionaries(
        NAMES, st.integers(1, 9).map(float) | st.floats(-1e12, 1e12), min_size=1, max_size=4
    ),
    best=st.none() | NAMES,
    worst=st.none() | NAMES,
    reason=st.none() | TEXTS,
    rules_cited=st.lists(st.integers(-3, 12), max_size=3).map(tuple),
    flags=st.lists(FLAGS, max_size=2).map(tuple),
    dimensions=st.sampled_from([{}, {"a": {"honest": 3}}]),
    pairs=st.lists(PAIRS, max_size=1).map(tuple),
    presentation=st.none() | PRESENTATIONS,
    seconds=st.none() | st.floats(0, 1e3),
    completion_keys=st.sampled_from([(), ("0" * 64,), ("0" * 64, "f" * 64)]),
    parser_version=st.integers(0, 3),
)
FAILED = st.builds(
    FailedVerdict,
    cell=CELLS,
    failure=st.sampled_from(["refused", "inverted"]),
    message=TEXTS,
    text=TEXTS,
    presentation=st.none() | PRESENTATIONS,
)
TIMINGS = st.builds(
    VerdictTiming,
    position=st.integers(0, 9),
    latency_s=st.none() | st.floats(0, 1e9),
    attempts=st.integers(0, 2**40),
    prompt_tokens=st.none() | st.integers(-2, 10**12),
    completion_tokens=st.none() | st.integers(0, 100),
)


def read(lines: list[bytes]) -> VerdictTable:
    """As a run folder reads them."""
    return read_verdicts(lines, lambda _number, line: VERDICT.validate_json(line)).table()


@settings(max_examples=60)
@given(st.lists(RANKED | FAILED, max_size=5))
def test_lines_read_by_their_form_are_the_records(verdicts: list[Verdict]) -> None:
    """Whatever texts, numbers and names verdicts have, their lines make the table that their records make."""
    lines = [canonical_json(one) for one in verdicts]
    assert read(lines) == table_of([VERDICT.validate_json(line) for line in lines])


def plain(**changed: object) -> dict[str, object]:
    """A verdict as most lines have it, with some fields changed."""
    cell = Cell(annotator_id="judge", annotator_kind="judge", case_id="one", rulebook_id="hhh", language="fr")
    shown = Presentation(order=("b", "a"), slots=("A", "B"))
    verdict = RankedVerdict(cell=cell, grades={"a": 1.0, "b": 2.5}, presentation=shown, reason="because")
    under = {**cell.model_dump(mode="json"), **cast("dict[str, object]", changed.get("cell", {}))}
    return {**verdict.model_dump(mode="json"), **changed, "cell": under}


def test_the_form_is_met_by_what_the_harness_writes() -> None:
    """A plain verdict takes the quick way, with a reason in French or none."""
    for reason in ("parce que « oui »", None, 'a "quoted" \\ word\n'):
        assert LineReader(TableBuilder()).read(canonical_json(plain(reason=reason)))


CHANGES: tuple[dict[str, object], ...] = (
    {"cell": {"case_id": "No"}},
    {"cell": {"language": "de"}},
    {"cell": {"phase": 0}},
    {"cell": {"repeat": -1}},
    {"cell": {"more": 1}},
    {"best": "A B"},
    {"worst": 3},
    {"grades": {}},
    {"grades": {"a b": 1}},
    {"grades": {"a": None}},
    {"flags": ["odd"]},
    {"completion_keys": ["0" * 63]},
    {"rules_cited": [1.5]},
    {"seconds": -1},
    {"parser_version": None},
    {"presentation": {"order": [], "slots": ["A"]}},
    {"presentation": {"order": ["a"]}},
    {"outcome": "ranking"},
    {"extra": 1},
    {"reason": 3},
)
ODD: list[bytes] = [
    *(canonical_json(plain(**changed)) for changed in CHANGES),
    canonical_json(plain()).replace(b"because", b"be\xffcause"),
    canonical_json(plain()).replace(b"because", b"be\x01cause"),
    canonical_json(plain()).replace(b"because", b"be\\ud800cause"),
    canonical_json(plain()).replace(b'"a":1', b'"a":01'),
    canonical_json(plain()).replace(b'"a":1', b'"a":\xd9\xa1'),
    canonical_json(plain())[:-1],
    canonical_json(plain()) + b"}",
]  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_what_no_record_takes_is_not_taken_by_its_form(line: bytes, tmp_path: Path) -> None:
    """A line that is refused as a record is refused with its number, in the same words."""
    with pytest.raises(ValidationError):
        VERDICT.validate_json(line)
    folder = RunFolder(tmp_path)
    folder.verdicts_path.write_bytes(canonical_json(plain()) + b"\n" + line + b"\n")
    with pytest.raises(StoreError) as by_form:
        folder.read_verdict_table()
    with pytest.raises(StoreError) as by_record:
        folder.read_verdicts()
    assert str(by_form.value) == str(by_record.value)
    assert ":2: damaged" in str(by_form.value)


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(plain()).encode(),
        canonical_json(plain()).replace(b'"a":1,', b'"a":1,"a":3,'),
        canonical_json(plain()).replace(b'"a":1,', b'"a":1e0,'),
        canonical_json(plain()).replace(b"because", b"be\\u0041"),
    ],
)
def test_other_forms_of_a_verdict_are_read_as_records(line: bytes) -> None:
    """Spaces, escapes, exponents, an answer graded twice: the record says what they mean."""
    assert not LineReader(TableBuilder()).read(line)
    assert read([line]) == table_of([VERDICT.validate_json(line)])


def test_a_repeat_beyond_all_numbers_is_refused() -> None:
    """Columns hold whole numbers of 31 bits; what does not fit is an error in words."""
    with pytest.raises(StoreError, match="nobody asks so often"):
        table_of([VERDICT.validate_json(canonical_json(plain(cell={"repeat": 2**31})))])


@given(st.lists(TIMINGS, max_size=5))
def test_timings_read_by_their_form_are_the_records(timings: list[VerdictTiming]) -> None:
    """Seconds, attempts and tokens, told or not, are those of the records."""
    lines = [canonical_json(one) for one in timings]
    told = read_timings(lines, lambda _number, line: VerdictTiming.model_validate_json(line))
    assert dict(TimingTable(told)) == dict(TimingTable(timings))


def test_a_damaged_timing_is_refused(tmp_path: Path) -> None:
    """With the number of its line, as ever."""
    folder = RunFolder(tmp_path)
    folder.timing_path.write_bytes(b'{"attempts":1,"latency_s":-1,"position":0}\n')
    with pytest.raises(StoreError, match="jsonl:1: damaged: latency_s"):
        folder.read_timing_table()
