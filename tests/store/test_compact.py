from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import StoreError
from harness.schema import Cell, FailedVerdict, Presentation, RankedVerdict, Verdict, VerdictTiming
from harness.schema.small import TimingTable, small_record
from harness.store import Cassette, shards, write_cassette
from harness.store.cassette import cassette_digest
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.store.conftest import Calls

SHOWN = Presentation(order=("a", "b", "c"), slots=("A", "B", "C"))
KEYS = ("0" * 64,)


def cell(repeat: int) -> Cell:
    """The same cell, asked once more."""
    names = {
        "annotator_id": "judge one",
        "annotator_kind": "judge",
        "case_id": "doctor",
        "rulebook_id": "hhh",
    }
    return Cell.model_validate({**names, "language": "en", "protocol": "listwise", "repeat": repeat})


VERDICTS: list[Verdict] = [
    RankedVerdict(
        cell=cell(0),
        grades={"a": 1, "b": 2.5, "c": 4},
        best="c",
        worst="a",
        reason="because",
        rules_cited=(1, 2),
        flags=("repaired",),
        presentation=SHOWN,
        completion_keys=KEYS,
    ),
    FailedVerdict(cell=cell(1), failure="refused", message="no", text="I will not", presentation=SHOWN),
    RankedVerdict(cell=cell(2), grades={"a": 1, "b": 2.5, "c": 4}, presentation=SHOWN, completion_keys=KEYS),
]
TIMINGS = [VerdictTiming(position=place, latency_s=0.25, attempts=1) for place in range(3)]


def test_small_records_say_what_the_others_say(tmp_path: Path) -> None:
    """Only the reason and the keys of recordings are gone; what lines say alike is kept once."""
    folder = RunFolder(tmp_path)
    folder.write_verdicts(VERDICTS)
    folder.write_timing(TIMINGS)
    small = folder.read_small_verdicts()
    for read, whole in zip(small, folder.read_verdicts(), strict=True):
        dropped = {"completion_keys": (), **({"reason": None} if isinstance(whole, RankedVerdict) else {})}
        assert read == whole.model_copy(update=dropped)
        assert read.model_dump(mode="json") == whole.model_copy(update=dropped).model_dump(mode="json")
    assert small[0].presentation is small[1].presentation is small[2].presentation
    assert isinstance(small[0], RankedVerdict)
    assert isinstance(small[2], RankedVerdict)
    assert small[0].grades is small[2].grades
    assert [*folder.read_timing_table().values()] == TIMINGS


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}\n", "1: damaged"), ("", ""), ('{"a": 1}', "1: torn"), ("{}\n{}\n{", "3: torn")],
)
def test_damaged_files_are_refused_line_by_line(tmp_path: Path, content: str, words: str) -> None:
    """A damaged line is named with its number, a torn end before everything else; no verdicts is none."""
    folder = RunFolder(tmp_path)
    folder.verdicts_path.write_text(content)
    for read in (folder.read_verdicts, folder.read_small_verdicts):
        if words:
            with pytest.raises(StoreError, match=words):
                read()
        else:
            assert read() == []
    folder.verdicts_path.unlink()
    with pytest.raises(StoreError, match="no file of verdicts"):
        folder.read_small_verdicts()


def test_the_digest_of_the_files_is_that_of_the_lines(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing the files gives the cassette's digest; a file that was changed is read, and the place named."""
    monkeypatch.setattr(shards, "MAX_SHARD_BYTES", 2_000)
    recordings = [calls.recording(number) for number in range(5)]
    digest = write_cassette(tmp_path / "cassette", recordings, [], calls.texts(*range(5)))
    assert len(list((tmp_path / "cassette").glob("*.jsonl"))) > 2
    assert cassette_digest(tmp_path / "cassette") == Cassette.read(tmp_path / "cassette").digest() == digest
    shard = next((tmp_path / "cassette").glob("0*.jsonl"))
    shard.write_bytes(shard.read_bytes().replace(b"stop", b"stap"))
    with pytest.raises(StoreError, match=shard.name):
        cassette_digest(tmp_path / "cassette")


def test_a_record_of_known_fields_is_the_same_record() -> None:
    """Made without a check, it equals, prints and is written as one that was checked."""
    checked = cell(3)
    made = small_record(Cell, dict(checked))
    assert made == checked
    assert (repr(made), made.model_dump_json()) == (repr(checked), checked.model_dump_json())
    with pytest.raises(KeyError, match="annotator_kind"):
        small_record(Cell, {"annotator_id": "judge one"})


def test_a_table_of_timings_gives_them_back() -> None:
    """By position, wherever they stand; untold tokens stay untold, and no other position is known."""
    told = [
        VerdictTiming(position=7, latency_s=1.5, attempts=2, prompt_tokens=0, completion_tokens=9),
        VerdictTiming(position=2, latency_s=0, attempts=0),
    ]
    for timings in (told, TIMINGS, []):
        table = TimingTable(timings)
        assert dict(table) == {one.position: one for one in timings}
        assert len(table) == len(timings)
        for position in (-1, 3, 8):
            assert position not in table


def test_a_table_of_timings_lists_what_is_known() -> None:
    """Seconds and tokens come as columns, in the order asked for; what is untold or unknown is left out."""
    told = [
        VerdictTiming(position=7, latency_s=1.5, attempts=2, prompt_tokens=0, completion_tokens=9),
        VerdictTiming(position=2, latency_s=None, attempts=0, prompt_tokens=4),
        VerdictTiming(position=1, latency_s=0, attempts=0, prompt_tokens=3, completion_tokens=0),
    ]
    table = TimingTable(told)
    assert table.latencies([1, 2, 7, 8]) == [0.0, 1.5]
    assert table.tokens([7, 2, 1, -1]) == [(0, 9), (3, 0)]
    in_order = TimingTable(one.model_copy(update={"position": row}) for row, one in enumerate(told))
    assert in_order.latencies([2, 0, 1, 3, -1]) == [0.0, 1.5]
    assert in_order.tokens([0, 1, 2]) == [(0, 9), (3, 0)]
