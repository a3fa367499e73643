from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError
from harness.schema.batch import BatchNote, BatchTally
from harness.store.batches import BatchLedger, refuse_while_alive

KEYS = ("a" * 64, "b" * 64)


@pytest.fixture
def ledger(tmp_path: Path) -> BatchLedger:
    """Give a ledger in an empty run folder."""
    return BatchLedger(tmp_path / "run")


def note(name: str, state: str, **facts: Any) -> BatchNote:  # noqa: ANN401 - fields of many kinds
    """A step of a batch."""
    return BatchNote.model_validate({"name": name, "state": state, "at": "2030-05-01T12:00:00+00:00"} | facts)


def test_a_batch_is_what_its_notes_say_together(ledger: BatchLedger) -> None:
    """A later note changes what it says and nothing else."""
    ledger.note(note("batch-1", "prepared", judge_id="judge", keys=KEYS))
    ledger.note(note("batch-1", "uploaded", file_id="file-1"))
    ledger.note(note("batch-1", "created", batch_id="b-1", status="validating"))
    ledger.note(note("batch-2", "prepared", judge_id="judge"))
    first, second = ledger.entries().values()
    assert (first.note.state, first.note.keys, first.note.file_id) == ("created", KEYS, "file-1")
    assert (first.judge_id, first.note.batch_id, first.alive) == ("judge", "b-1", True)
    assert second.note.state == "prepared"
    assert BatchLedger(ledger.folder.parent).entries() == ledger.entries()


@pytest.mark.parametrize("state", ["collected", "lost"])
def test_what_is_over_is_not_alive(ledger: BatchLedger, state: str) -> None:
    """Its calls may be asked again, live too."""
    ledger.note(note("batch-1", "prepared", keys=KEYS))
    with pytest.raises(StoreError, match="2 calls are with a provider in 1 batches"):
        refuse_while_alive(ledger)
    tally = BatchTally(n_answers=2, n_rejected=0, n_open=0)
    ledger.note(note("batch-1", state, tally=tally))
    refuse_while_alive(ledger)
    assert ledger.alive() == []


def test_no_ledger_is_an_empty_one(ledger: BatchLedger) -> None:
    """Reading creates nothing."""
    assert ledger.entries() == {}
    assert not ledger.folder.exists()


@pytest.mark.parametrize("torn", [b"{", b'{"name":"batch-9","state":"created"', b"x" * 200_000])
def test_a_torn_last_line_was_never_acknowledged(ledger: BatchLedger, torn: bytes) -> None:
    """It is left out when reading, and cut off before the next note."""
    ledger.note(note("batch-1", "prepared"))
    with ledger.path.open("ab") as stream:
        stream.write(torn)
    assert list(ledger.entries()) == ["batch-1"]
    ledger.note(note("batch-2", "prepared"))
    assert list(ledger.entries()) == ["batch-1", "batch-2"]
    assert ledger.path.read_bytes().count(b"\n") == 2


def test_a_damaged_line_is_named(ledger: BatchLedger) -> None:
    """It may hide a batch that is paid: nothing goes on without a person."""
    ledger.note(note("batch-1", "prepared"))
    ledger.path.write_bytes(b"rubbish\n" + ledger.path.read_bytes())
    with pytest.raises(StoreError, match=r"ledger.jsonl:1: damaged"):
        ledger.alive()


def test_requests_are_whole_or_known_not_to_be(ledger: BatchLedger) -> None:
    """The hash of the file stands in the ledger, so that a changed file is not uploaded."""
    requests = ledger.new_requests()
    requests.add(KEYS[0], b'{"custom_id": "a"}\n')
    ledger.note(note(requests.name, "prepared", sha256=requests.close(), keys=KEYS[:1]))
    (entry,) = ledger.alive()
    assert ledger.requests_are_whole(entry)
    ledger.requests_path(entry.name).write_bytes(b"other\n")
    assert not ledger.requests_are_whole(entry)
    ledger.drop_requests(entry.name)
    assert not ledger.requests_are_whole(entry)


def test_sweeping_leaves_the_living(ledger: BatchLedger) -> None:
    """Files that an interruption left behind go, those of batches that are alive stay."""
    kept, left, dropped = (ledger.new_requests() for _ in range(3))
    ledger.note(note(kept.name, "prepared"))
    for requests in (kept, left):
        requests.close()
    dropped.drop()
    ledger.sweep()
    assert [path.name for path in ledger.folder.glob("batch-*.jsonl")] == [f"{kept.name}.jsonl"]
