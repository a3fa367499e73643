"""Blocks that processors share come in order, whatever becomes of the processes that make them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import CassetteMissError, StoreError
from harness.load.content import load_experiment
from harness.run import replaying, shares
from harness.run.shares import in_order, n_processors, spread
from harness.store import Cassette, shards

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.run.conftest import Counting, Runs

    Contents = Callable[[Path], dict[str, bytes]]

N_BLOCKS = 7
HERE = os.getpid()


def numbered(first: int, step: int) -> Iterator[int]:
    """Blocks that know their number."""
    yield from range(first, N_BLOCKS, step)


@pytest.mark.parametrize("n_workers", [1, 2, 3, 7, 9])
def test_blocks_come_in_order(n_workers: int) -> None:
    """As many as there are, once each, also with more workers than blocks."""
    assert [*in_order(numbered, n_workers)] == [*range(N_BLOCKS)]


def test_no_blocks_are_no_blocks() -> None:
    """Workers without work end."""
    assert [*in_order(lambda _first, _step: iter(()), 2)] == []


def test_the_work_is_done_elsewhere() -> None:
    """Two workers are two processes, and neither is this one."""
    makers = [*in_order(lambda first, step: (os.getpid() for _ in numbered(first, step)), 2)]
    assert len(set(makers)) == 2
    assert os.getpid() not in makers


def test_a_worker_that_dies_is_replaced_by_whoever_reads() -> None:
    """Half the blocks are lost with their process; all of them come, in order."""

    def dying(first: int, step: int) -> Iterator[int]:
        for number in numbered(first, step):
            if number == 3 and os.getpid() != HERE:
                os._exit(9)
            yield number

    assert [*in_order(dying, 2)] == [*range(N_BLOCKS)]


def test_an_error_is_raised_here_after_the_blocks_before_it() -> None:
    """In its own words, with the blocks that came before handed on."""

    def failing(first: int, step: int) -> Iterator[int]:
        for number in numbered(first, step):
            if number == 4:
                raise ValueError("the fourth is spoilt")
            yield number

    found: list[int] = []
    with pytest.raises(ValueError, match="the fourth is spoilt"):
        found.extend(number for number in in_order(failing, 2))
    blocks = in_order(failing, 2)
    assert [next(blocks) for _ in range(4)] == [0, 1, 2, 3]
    blocks.close()  # type: ignore[attr-defined]


def test_elsewhere_than_on_linux_one_process_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where forks are not safe there are none."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert n_processors() == 1


@pytest.mark.parametrize("n_ones", [0, 1, 3, 4, 9])
def test_work_is_spread_as_map_does_it(monkeypatch: pytest.MonkeyPatch, n_ones: int) -> None:
    """One by one or by several processes: the same, in order; few are not worth a process."""
    monkeypatch.setattr(shares, "n_processors", lambda: 3)
    found = [*spread(lambda number: (2 * number, os.getpid()), range(n_ones))]
    assert [number for number, _ in found] == [*range(0, 2 * n_ones, 2)]
    assert all((pid == HERE) is (n_ones < shares.MIN_SPREAD) for _, pid in found)


@pytest.mark.parametrize("damage", ["none", "line", "torn", "missing", "text", "twice", "order", "unlisted"])
def test_a_cassette_read_by_several_is_the_same(
    bench: Bench, runs: Runs, counting: Counting, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """What can be trusted, what cannot and in which words does not depend on who read which file."""
    monkeypatch.setattr(shares, "n_processors", lambda: 3)
    monkeypatch.setattr(shards, "MAX_SHARD_BYTES", 12_000)
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random")
    runs.record(load_experiment("mini"), Path("run"), counting)
    folder = Path("run/cassette")
    assert len([*folder.glob("0*.jsonl")]) >= shares.MIN_SPREAD
    _spoil(folder, damage)
    alone = Cassette.read(folder, skip_corrupt=True)
    shared = Cassette.read(folder, skip_corrupt=True, read_files=spread)
    assert (shared, shared.known_digest) == (alone, alone.known_digest)
    assert [*shared.answers] == [*alone.answers]
    assert shared.corrupt == alone.corrupt
    assert bool(alone.corrupt) is (damage not in {"none"})


def _spoil(folder: Path, damage: str) -> None:
    """Damage the second file of answers, or a text."""
    path = folder / ("texts-000.jsonl" if damage == "text" else "001.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    spoilt = {
        "line": [lines[0].replace(b"completion", b"Completion", 1), *lines[1:]],
        "torn": [*lines[:-1], lines[-1][:-9]],
        "text": lines[1:],
        "twice": [*lines, lines[0]],
        "order": lines[::-1],
    }
    if damage == "missing":
        path.unlink()
    elif damage == "unlisted":
        (folder / "900.jsonl").write_bytes(b"")
    elif damage != "none":
        path.write_bytes(b"".join(spoilt[damage]))


# --- replays ---------------------------------------------------------------------------------------


@pytest.fixture(params=[2, 3])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """So many processors, and blocks small enough for each to have some."""
    monkeypatch.setattr(replaying, "MIN_SHARED", 0)
    monkeypatch.setattr(replaying, "CELLS_IN_BLOCK", 3)
    monkeypatch.setattr(replaying, "n_processors", lambda: request.param)
    return int(request.param)


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """An experiment of two judges."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random")
    return bench


@pytest.mark.usefixtures("many")
def test_a_shared_replay_writes_the_same_bytes(
    bench: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """Verdicts and failures of every kind, what they took, and every call heard of once."""
    scripts = ("longest", "random", "refuses", "exhausted", "truncated")
    bench.write_scripts(*scripts)
    bench.write_judge("pairs", "scripted/random", "protocol: pairwise\n")
    bench.write_experiment(*(f"script-{name}" for name in scripts), "pairs")
    recorded = runs.record(load_experiment("mini"), Path("run"), counting)
    before, n_calls = contents(Path("run")), runs.heard.n_ended
    replayed = runs.replay(Path("run"), Path("again"))
    assert contents(Path("again")) == before
    assert replayed.timings == recorded.timings
    assert (replayed.n_failed, len(replayed.verdicts)) == (recorded.n_failed, len(recorded.verdicts))
    assert replayed.n_failed > 0
    assert runs.heard.n_ended == 2 * n_calls


@pytest.mark.usefixtures("many")
def test_a_shared_replay_names_a_miss(mini: Bench, runs: Runs, counting: Counting) -> None:
    """One changed letter is the error that it is in one process, and nothing is written."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    path = mini.root / "cases/mini/doctor.yaml"
    path.write_text(path.read_text().replace("about the doctor", "about this doctor"))
    with pytest.raises(CassetteMissError, match="case doctor"):
        runs.replay(Path("run"), Path("again"))
    assert not Path("again").exists()


@pytest.mark.usefixtures("many", "mini")
def test_a_shared_replay_lets_no_key_through(
    mini: Bench,
    runs: Runs,
    counting: Counting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a worker finds is named with its line, and no file is made."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    monkeypatch.setenv("SOME_API_KEY", "script-longest")
    with pytest.raises(StoreError, match=r"verdicts\.jsonl:1"):
        runs.replay(Path("run"), Path("again"))
    assert not (Path("again") / "verdicts.jsonl").exists()
