from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import CassetteMissError, HarnessError, JudgeUnavailableError, StoreError
from harness.schema import Completion, Outcome
from harness.steer.calls import planned_calls
from harness.steer.folder import SteerFolder
from harness.steer.sampling import Asked, replay
from harness.steer.steered import build_steering, load_rewards

if TYPE_CHECKING:
    from tests.steer.conftest import Aviary


def test_every_reply_has_a_seed_and_a_key_of_its_own(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """Four questions, four replies each: sixteen different requests, seeds counting up from the preset's."""
    sampled = aviary.draw(asked, tmp_path)
    assert len({call.key for call in sampled.calls}) == 16
    assert [request.parameters["seed"] for request in aviary.parrot.asked[:5]] == [7, 8, 9, 10, 7]
    first = aviary.parrot.asked[0].messages
    assert [one.role for one in first] == ["system", "user"]
    assert "hhh" not in str(first)


def test_a_model_without_seeds_is_sent_none(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """Where the preset has no seed, no reply gets one; they are still different calls."""
    bare = asked.sampler.model_copy(
        update={"sampling": asked.sampler.sampling.model_copy(update={"seed": None})}
    )
    sampled = aviary.draw(replace(asked, sampler=bare), tmp_path)
    assert all("seed" not in request.parameters for request in aviary.parrot.asked)
    assert len({call.key for call in sampled.calls}) == 16


def test_what_was_drawn_is_never_drawn_again(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """After a breakdown the same command asks only what is left, and the record is that of one sitting."""
    aviary.parrot.breaks_at = 6
    stopped = aviary.draw(asked, tmp_path)
    assert (stopped.n_open, stopped.stopped) == (10, "parrot: no key")
    aviary.parrot.breaks_at = None
    whole = aviary.draw(asked, tmp_path)
    assert whole.n_open == 0
    assert len(aviary.parrot.asked) == 16


def test_a_folder_that_came_by_git_is_resumed(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """With the recording and no working store, nothing is asked again."""
    aviary.draw(asked, tmp_path)
    SteerFolder(tmp_path).work_path.unlink()
    assert aviary.draw(asked, tmp_path).n_open == 0
    assert len(aviary.parrot.asked) == 16


def test_more_replies_join_those_that_are_there(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """A larger n asks only the new ones; a smaller one afterwards asks nothing and loses nothing."""
    aviary.draw(asked, tmp_path)
    grown = aviary.draw(replace(asked, n_replies=6), tmp_path)
    assert (grown.manifest.n_replies, len(aviary.parrot.asked)) == (6, 24)
    assert aviary.draw(asked, tmp_path).manifest.n_replies == 6
    assert len(aviary.parrot.asked) == 24


def test_another_run_is_refused(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """Other questions or settings in the same folder are an error that names what differs."""
    aviary.draw(asked, tmp_path)
    other = asked.questions.model_copy(update={"instruction": None})
    with pytest.raises(StoreError, match="questions differ"):
        aviary.draw(replace(asked, questions=other), tmp_path)


def test_a_refused_prompt_is_kept_as_a_failure(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path
) -> None:
    """A reply that the provider refuses is counted, nobody can choose it, and replay says the same."""
    aviary.parrot.rejects = frozenset({2})
    sampled = aviary.draw(asked, tmp_path)
    assert sum(isinstance(one, Outcome) for one in sampled.ended.values()) == 4
    rewards = load_rewards([comfort])
    steering = build_steering(sampled, rewards)
    assert steering.n_failed == 4
    assert all(len(one.replies) == 3 for one in steering.questions)
    assert build_steering(replay(SteerFolder(tmp_path)), rewards) == steering


def test_without_two_replies_nobody_can_choose(
    aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path
) -> None:
    """Where every question has one reply at most, there is an error instead of a page."""
    aviary.parrot.rejects = frozenset({0, 1, 2})
    sampled = aviary.draw(asked, tmp_path)
    with pytest.raises(HarnessError, match="two replies"):
        build_steering(sampled, load_rewards([comfort]))


def test_replay_gives_the_same_bytes(aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path) -> None:
    """Read again from the recording alone, the record of the page is the same to the last byte."""
    folder, again = SteerFolder(tmp_path / "run"), SteerFolder(tmp_path / "again")
    rewards = load_rewards([comfort])
    folder.write_steering(build_steering(aviary.draw(asked, folder.path), rewards))
    again.write_steering(build_steering(replay(folder), rewards))
    assert again.record_path.read_bytes() == folder.record_path.read_bytes()
    assert again.read_steering() == folder.read_steering()


def test_a_damaged_recording_names_the_place(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """One flipped letter of the cassette is an error that names file and line."""
    aviary.draw(asked, tmp_path)
    shard = tmp_path / "cassette" / "000.jsonl"
    content = shard.read_bytes()
    assert b"vas-y" in content
    shard.write_bytes(content.replace(b"vas-y", b"vas-z", 1))
    with pytest.raises(StoreError, match=r"000\.jsonl:\d+: damaged"):
        replay(SteerFolder(tmp_path))


def test_a_reply_that_was_never_recorded_is_a_miss(aviary: Aviary, asked: Asked, tmp_path: Path) -> None:
    """A manifest that asks for more than was recorded is an error that says what differs."""
    aviary.draw(asked, tmp_path)
    folder = SteerFolder(tmp_path)
    folder.copy_manifest(folder.read_manifest().model_copy(update={"n_replies": 5}))
    with pytest.raises(CassetteMissError, match="repeat"):
        replay(folder)


def test_a_cut_reply_is_marked(aviary: Aviary, asked: Asked, tmp_path: Path, comfort: Path) -> None:
    """A reply that ended at the limit of tokens stays a candidate, and says so."""
    aviary.parrot.cut = frozenset({3})
    steering = build_steering(aviary.draw(asked, tmp_path), load_rewards([comfort]))
    assert [one.cut_off for one in steering.questions[0].replies] == [False, False, False, True]


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"format_version": 99}'])
def test_a_folder_of_something_else_is_named(tmp_path: Path, content: bytes) -> None:
    """A manifest that is none of a steering run is an error that names the file."""
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"manifest\.json"):
        SteerFolder(tmp_path).read_manifest()


@pytest.mark.slow
def test_one_real_reply_drawn_twice(asked: Asked, tmp_path: Path) -> None:
    """The smallest model: the same seed says the same word for word, another seed something else."""
    import asyncio

    from harness.judge.build import live_judge
    from harness.judge.weights import find_weights
    from harness.load.content import load_judge
    from harness.schema import Sampling
    from harness.steer.sampling import sample

    class Quiet:
        """Hear nothing."""

        def started(self, n_calls: dict[str, int]) -> None: ...
        def ended(self, judge_id: str, ended: object, *, recorded: bool, call: object = None) -> None: ...
        def stopped(self, judge_ids: tuple[str, ...], message: str) -> None: ...

    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    try:
        find_weights("local/smollm2-135m")
    except JudgeUnavailableError as error:
        pytest.skip(str(error))
    sampling = Sampling(temperature=1.0, seed=3, max_tokens=24)
    spec = load_judge("smollm2-135m").model_copy(update={"sampling": sampling})
    one = asked.questions.model_copy(update={"questions": asked.questions.questions[:1]})
    told = []
    for name in ("run", "again"):
        small = Asked(one, ("fr",), spec, 2)
        sampled = asyncio.run(
            sample(small, SteerFolder(tmp_path / name), live_judge, Quiet(), asyncio.Event())
        )
        found = [sampled.ended[call.key] for call in planned_calls(sampled.manifest)]
        told.append([reply.text for reply in found if isinstance(reply, Completion)])
    assert told[0] == told[1]
    assert len(set(told[0])) == 2
