from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.schema import Message, Recording
from harness.store import Cassette, merge, shards, write_cassette
from tests.store.conftest import Calls


def export(folder: Path, calls: Calls, *numbers: int, text: str = '{"A": 4, "B": 1}') -> str:
    """Write a cassette of these calls."""
    return write_cassette(folder, [calls.recording(n, text) for n in numbers], [], calls.texts(*numbers))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_what_was_written_is_found(tmp_path: Path, calls: Calls) -> None:
    """A written cassette gives back every recording, outcome and text, and None for anything else."""
    outcome = calls.outcome(3)
    write_cassette(tmp_path / "c", [calls.recording(1), calls.recording(2)], [outcome], calls.texts(1, 2, 3))
    cassette = Cassette.read(tmp_path / "c")
    assert cassette.find(calls.recording(1).key) == calls.recording(1)
    assert cassette.find(outcome.key) == outcome
    assert cassette.find("0" * 64) is None
    assert (len(list(cassette.recordings())), list(cassette.outcomes())) == (2, [outcome])
    assert cassette.texts == calls.texts(1, 2, 3)


def test_same_content_same_bytes(tmp_path: Path, calls: Calls) -> None:
    """The order in which answers were recorded leaves no trace, and unused texts are not shared."""
    export(tmp_path / "a", calls, 1, 2, 3)
    write_cassette(tmp_path / "b", [calls.recording(n) for n in (3, 1, 2)], [], calls.texts(2, 3, 1, 9))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_digest_can_be_checked_with_cat(tmp_path: Path, calls: Calls) -> None:
    """The digest is the SHA-256 of the files as they lie, answers first."""
    digest = export(tmp_path / "c", calls, 1, 2, 3)
    files = [tmp_path / "c" / "000.jsonl", tmp_path / "c" / "texts-000.jsonl"]
    assert digest == hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    assert Cassette.read(tmp_path / "c").digest() == digest


def test_merge_is_a_union_in_either_order(tmp_path: Path, calls: Calls) -> None:
    """Merging two cassettes gives the same bytes in either order, and the bytes of a common export."""
    first = Cassette.build([calls.recording(1)], [calls.outcome(2)], calls.texts(1, 2))
    second = Cassette.build(
        [calls.recording(2), calls.recording(3)], [calls.outcome(4)], calls.texts(2, 3, 4)
    )
    for name, pair in (("a", (first, second)), ("b", (second, first))):
        union, n_conflicts = merge(*pair)
        assert n_conflicts == 0
        union.write(tmp_path / name)
    write_cassette(
        tmp_path / "whole",
        [calls.recording(n) for n in (1, 2, 3)],
        [calls.outcome(4)],
        calls.texts(1, 2, 3, 4),
    )
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(tmp_path / "whole")


def test_conflicting_completions_are_counted(calls: Calls) -> None:
    """Two different completions under one key are one conflict; the first cassette's stays."""
    first = Cassette.build([calls.recording(1, "first")], [], calls.texts(1))
    second = Cassette.build([calls.recording(1, "second"), calls.recording(2)], [], calls.texts(1, 2))
    union, n_conflicts = merge(first, second)
    assert (n_conflicts, len(union)) == (1, 2)
    assert union.find(calls.recording(1).key) == calls.recording(1, "first")


def test_latest_outcome_and_first_completion(calls: Calls) -> None:
    """Of several outcomes the latest is kept, of several completions the first, and a completion wins."""
    outcomes = [calls.outcome(1, "new", "2026-02"), calls.outcome(1, "old", "2026-01"), calls.outcome(2)]
    recordings = [calls.recording(2, "first"), calls.recording(2, "second")]
    cassette = Cassette.build(recordings, outcomes, calls.texts(1, 2))
    assert [one.message for one in cassette.outcomes()] == ["new"]
    assert [one.completion.text for one in cassette.recordings()] == ["first"]


def test_missing_text_refused(calls: Calls) -> None:
    """A completion whose message text is lost cannot be exported silently."""
    with pytest.raises(StoreError, match=r"message text .* is missing"):
        Cassette.build([calls.recording(1)], [], {})


def test_shards_stay_under_the_limit(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a thousand answers spread over numbered shards under the limit, sorted by key throughout."""
    monkeypatch.setattr(shards, "MAX_SHARD_BYTES", 200_000)
    recordings = [calls.recording(n) for n in range(1_200)]
    write_cassette(tmp_path / "c", recordings, [], calls.texts(*range(1_200)))
    files = sorted((tmp_path / "c").glob("*.jsonl"))
    assert [file.name for file in files[:3]] == ["000.jsonl", "001.jsonl", "002.jsonl"]
    assert any(file.name == "texts-001.jsonl" for file in files)
    assert all(file.stat().st_size <= 200_000 for file in files)
    cassette = Cassette.read(tmp_path / "c")
    assert list(cassette.answers) == sorted(recording.key for recording in recordings)


def test_one_long_answer_has_a_shard_of_its_own(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line longer than the limit is kept whole."""
    monkeypatch.setattr(shards, "MAX_SHARD_BYTES", 5_000)
    long = calls.recording(1, "🩺 עברית\u0000\n" * 2_000)
    write_cassette(tmp_path / "c", [long, calls.recording(2)], [], calls.texts(1, 2))
    assert Cassette.read(tmp_path / "c").find(long.key) == long


def test_empty_cassette(tmp_path: Path) -> None:
    """A cassette without answers can be written and read; a folder that is none is an error."""
    write_cassette(tmp_path / "c", [], [], {})
    assert len(Cassette.read(tmp_path / "c")) == 0
    with pytest.raises(StoreError, match="there is no cassette here"):
        Cassette.read(tmp_path / "elsewhere")


def test_any_flipped_bit_is_found(tmp_path: Path, calls: Calls) -> None:
    """Whichever bit of whichever file flips, the file is named; in a shard, the line too."""
    folder = tmp_path / "c"
    export(folder, calls, 1, 2, 3)
    intact = contents(folder)
    draw = random.Random(20260102)
    for name, _ in itertools.product(intact, range(60)):
        flipped = bytearray(intact[name])
        place = draw.randrange(len(flipped))
        flipped[place] ^= 1 << draw.randrange(8)
        (folder / name).write_bytes(flipped)
        with pytest.raises(StoreError) as caught:
            Cassette.read(folder)
        line = intact[name][:place].count(b"\n") + 1
        assert (name if name == "manifest.json" else f"{folder / name}:{line}: ") in str(caught.value)
        (folder / name).write_bytes(intact[name])
    Cassette.read(folder)


def test_torn_last_line_is_named(tmp_path: Path, calls: Calls) -> None:
    """A file cut in the middle of its last line is named with that line; the other lines can be kept."""
    folder = tmp_path / "c"
    export(folder, calls, 1, 2, 3)
    path = folder / "000.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StoreError, match=r"000\.jsonl:3: torn.*\n.*damaged in 1 place") as caught:
        Cassette.read(folder)
    cassette = Cassette.read(folder, skip_corrupt=True)
    assert len(cassette) == 2
    assert cassette.corrupt == (str(caught.value).splitlines()[0],)


def test_missing_and_strange_lines_are_named(tmp_path: Path, calls: Calls) -> None:
    """A removed line, a removed file and a doubled line are all noticed, though each line is intact."""
    folder = tmp_path / "c"
    export(folder, calls, 1, 2)
    lines = (folder / "000.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "000.jsonl").write_bytes(lines[0])
    with pytest.raises(StoreError, match=r"000\.jsonl: differs from manifest\.json"):
        Cassette.read(folder)
    (folder / "000.jsonl").write_bytes(lines[0] + lines[1] + lines[0])
    with pytest.raises(StoreError, match=r"000\.jsonl:3: the key .* stands here twice"):
        Cassette.read(folder)
    (folder / "texts-000.jsonl").unlink()
    with pytest.raises(
        StoreError, match=r"(?s)texts-000\.jsonl: listed .* missing.*message text .* is missing"
    ):
        Cassette.read(folder)


def test_key_must_belong_to_its_request(tmp_path: Path, calls: Calls) -> None:
    """A line whose request was edited is refused although its checksum was made to fit."""
    other = calls.recording(2)
    forged = Recording.model_validate({**calls.recording(1).model_dump(), "key": other.key})
    shards.write_shards(tmp_path / "c", Cassette.build([forged], [], calls.texts(1)).answer_lines(), [])
    with pytest.raises(StoreError, match=r"000\.jsonl:1: the key .* is not the key of the request beside it"):
        Cassette.read(tmp_path / "c")


def test_newer_format_refused(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cassette of another format version is refused by name, not called damaged."""
    monkeypatch.setattr(shards, "CASSETTE_FORMAT_VERSION", 2)
    export(tmp_path / "c", calls, 1)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="cassette format 2, but this harness reads format 1"):
        Cassette.read(tmp_path / "c")


def test_secret_stops_the_export(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in an answer, a parameter or a message stops the export before the first byte."""
    export(tmp_path / "c", calls, 1)
    before = contents(tmp_path / "c")
    monkeypatch.setenv("ACME_API_KEY", "number 2?")
    with pytest.raises(StoreError, match=r"nothing was written.*message text"):
        export(tmp_path / "c", calls, 1, 2)
    with pytest.raises(StoreError, match=r"answer \w+\.completion\.text"):
        export(tmp_path / "c", calls, 1, text="my key is sk-abcdefghijklmnop1234")
    assert contents(tmp_path / "c") == before


def test_folder_with_other_files_is_left_alone(tmp_path: Path, calls: Calls) -> None:
    """A folder that holds anything but a cassette is not replaced."""
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "thesis.docx").write_text("years of work")
    with pytest.raises(StoreError, match=r"thesis\.docx, which is no part of a cassette"):
        export(tmp_path / "c", calls, 1)
    assert (tmp_path / "c" / "thesis.docx").read_text() == "years of work"


def test_full_disk_leaves_the_old_cassette(small_disk: Path, calls: Calls) -> None:
    """When the disk fills up during an export, the message says so and the old cassette stays whole."""
    export(small_disk / "c", calls, 1)
    before = contents(small_disk / "c")
    long = calls.recording(2, os.urandom(600_000).hex())
    with pytest.raises(StoreError, match="the disk is full"):
        write_cassette(small_disk / "c", [long], [], calls.texts(2))
    assert contents(small_disk / "c") == before
    assert [path.name for path in small_disk.iterdir()] == ["c"]


def test_read_only_folder(tmp_path: Path, calls: Calls, seal: Callable[[Path], None]) -> None:
    """A read-only folder gives the remedy, and can still be read."""
    export(tmp_path / "run" / "c", calls, 1)
    seal(tmp_path / "run")
    with pytest.raises(StoreError, match=r"cannot be written to .*; choose another output folder"):
        export(tmp_path / "run" / "c", calls, 1, 2)
    assert len(Cassette.read(tmp_path / "run" / "c")) == 1


STEPS = ("open", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir")


def _killed_at(step: int, export_again: Callable[[], object]) -> bool:
    """Run in a child that is killed before its n-th change to the disk; whether it was killed."""
    child = os.fork()
    if child == 0:
        count = itertools.count(1)

        def deadly(function: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **options: object) -> object:
                if next(count) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **options)

            return call

        for name in STEPS:
            setattr(os, name, deadly(getattr(os, name)))
        export_again()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0 or os.WIFSIGNALED(status)
    return os.WIFSIGNALED(status)


def _n_answers(folder: Path) -> int | str:
    """How many answers the cassette holds, or why it cannot be read."""
    try:
        return len(Cassette.read(folder))
    except StoreError as error:
        return str(error).partition(": ")[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that can be killed at an exact step")
@pytest.mark.parametrize("first_export", [False, True])
def test_kill_at_every_step_leaves_old_or_new(tmp_path: Path, calls: Calls, first_export: bool) -> None:
    """Killed before any single change to the disk, the cassette reads as the old or the new one, whole."""
    seen = set[int | str]()
    for step in itertools.count(1):
        folder = tmp_path / str(step) / "c"
        if not first_export:
            export(folder, calls, 1)
        killed = _killed_at(step, lambda folder=folder: export(folder, calls, 1, 2, 3))  # type: ignore[misc]
        seen.add(_n_answers(folder))
        export(folder, calls, 1, 2, 3, 4)
        assert len(Cassette.read(folder)) == 4
        assert {path.name for path in folder.parent.iterdir()} == {"c"}
        if not killed:
            break
    nothing = "there is no cassette here; check the path of the run folder"
    assert seen == ({nothing, 3} if first_export else {1, 3})
    assert step > 10


class TestNearestMiss:
    """What a person reads when replay finds nothing."""

    def cassette(self, calls: Calls) -> Cassette:
        """Twenty calls, and one under another LLM."""
        recordings = [calls.recording(n) for n in range(20)] + [calls.recording(3, model_id="openai/gpt-5")]
        return Cassette.build(recordings, [calls.outcome(30)], calls.texts(*range(20), 30))

    def test_one_letter(self, calls: Calls) -> None:
        """One changed letter is pointed at, with both sides around it and where the recording stands."""
        request = calls.request(7)
        system, user = request.messages
        asked = request.model_copy(
            update={
                "messages": (system, Message(role="user", content=user.content.replace("doctor", "Doctor")))
            }
        )
        why = self.cassette(calls).explain_miss(asked)
        position = user.content.index("doctor") + 1
        assert f"messages[1] differs at character {position}: recorded '" in why
        assert "Which doctor should I" in why
        assert "asked '" in why
        assert "Which Doctor should I" in why
        assert (
            f"recorded under judge gpt-4o, case doctor, rulebook hhh (base), fr, listwise, repeat 0 "
            f"(key {calls.recording(7).key[:12]})"
        ) in why

    def test_changed_tag_does_not_hide_the_letter(self, calls: Calls) -> None:
        """A delimiter derived from the changed text changes too; the letter itself is what is shown."""
        request = calls.request(7)
        system, user = request.messages
        changed = user.content.replace("number 7", "number  7")
        tag = changed[changed.index("-") + 1 : changed.index(">")]
        message = Message(role="user", content=changed.replace(tag, "0123abcd"))
        why = self.cassette(calls).explain_miss(request.model_copy(update={"messages": (system, message)}))
        assert f"character {user.content.index('7?') + 1}" in why

    def test_settings(self, calls: Calls) -> None:
        """A changed parameter or repeat is named with both values."""
        asked = calls.request(5, parameters={"temperature": 0.7, "max_tokens": 400}, repeat=2)
        why = self.cassette(calls).explain_miss(asked)
        assert "parameters.temperature differs: recorded 0, asked 0.7" in why
        assert "repeat differs: recorded 0, asked 2" in why
        assert "max_tokens" not in why
        assert "messages" not in why

    def test_nearest_has_the_same_judge(self, calls: Calls) -> None:
        """A recording of the same LLM is nearer than one of the same text under another LLM."""
        asked = calls.request(3, model_id="openai/gpt-5", messages=calls.request(4).messages)
        why = self.cassette(calls).explain_miss(asked)
        assert "model_id" not in why
        assert "messages[1] differs" in why

    def test_failures_are_recordings_too(self, calls: Calls) -> None:
        """A call that ended without a completion can be the nearest one."""
        why = self.cassette(calls).explain_miss(calls.request(30, repeat=1))
        assert calls.outcome(30).key[:12] in why

    def test_nothing_recorded(self, calls: Calls) -> None:
        """An empty cassette says so."""
        assert "nothing at all is recorded" in Cassette.build([], [], {}).explain_miss(calls.request(1))
