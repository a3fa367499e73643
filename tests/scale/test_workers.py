"""Workers over one store: nothing lost, nothing invented, the folder of a single machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import JudgeUnavailableError, StoreError
from harness.judge.base import Judge
from harness.judge.build import live_judge
from harness.judge.cassette import RecordingJudge
from harness.judge.scripted import ScriptedJudge
from harness.load.content import load_experiment
from harness.run.content import gather_content
from harness.run.execute import Ended
from harness.run.plan import plan_run
from harness.run.session import record_run
from harness.scale.collect import Collected, collect
from harness.scale.keeping import Worked
from harness.scale.places import open_shared
from harness.scale.planning import Planning, plan_shared
from harness.scale.share import Share
from harness.scale.worker import Work, new_worker_id, work
from harness.schema import Completion, JudgeSpec, Limits, Recorder, Request
from harness.store.folder import RunFolder
from harness.store.shared import Lease, SharedStore, begun_row, ended_row, shown_url, url_passwords

pytestmark = pytest.mark.slow


class Quiet:
    """A progress that says nothing."""

    def started(self, n_calls: dict[str, int]) -> None:
        """Say nothing."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:
        """Say nothing."""

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say nothing."""


@pytest.fixture
def experiment(bench: Any) -> Path:  # noqa: ANN401 - the fixture of all folders
    """Give an experiment of 96 calls of four scripted judges, one of which always refuses."""
    bench.write_scripts("longest", "random", "refuses", "tied")
    path: Path = bench.write_experiment("script-longest", "script-random", "script-refuses", "script-tied")
    return path


def _planned(place: str, experiment: Path, calls_per_lease: int = 5) -> SharedStore:
    store = open_shared(place, "mini")
    plan_shared(load_experiment(experiment), "mini", store, planning=Planning(calls_per_lease))
    return store


def _work(store: SharedStore, index: int = 0, **more: Any) -> Worked:  # noqa: ANN401 - as Work takes them
    given = Work(store, Share(index, more.pop("n_workers", 1)), new_worker_id(index), **more)
    return asyncio.run(work(given, asyncio.Event()))


def _collected(store: SharedStore, folder: Path) -> Collected:
    return asyncio.run(collect(store, RunFolder(folder), Quiet()))


def _alone(experiment: Path, folder: Path) -> None:
    asyncio.run(
        record_run(load_experiment(experiment), RunFolder(folder), live_judge, Quiet(), asyncio.Event())
    )


def test_collected_is_the_run_of_one_machine(
    place: str, experiment: Path, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """Three workers at once and one machine write the same cassette, verdicts and times, byte for byte."""
    store = _planned(place, experiment)
    others = [open_shared(place, "mini") for _ in range(2)]

    async def three() -> list[Worked]:
        given = [
            Work(one, Share(index, 3), new_worker_id(index)) for index, one in enumerate([store, *others])
        ]
        return await asyncio.gather(*(work(one, asyncio.Event()) for one in given))

    worked = asyncio.run(three())
    n_calls = sum(tally.n_calls for tally in store.tally().values())
    assert sum(one.n_ended for one in worked) == n_calls > 90
    collected = _collected(store, tmp_path / "many")
    assert (collected.finished.n_open, collected.n_begun_twice, collected.n_attempts_failed) == (0, 0, 0)
    _alone(experiment, tmp_path / "one")
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    for one in (store, *others):
        one.close()


def test_a_lost_worker_costs_what_it_had_begun(
    place: str, experiment: Path, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """What a lost worker kept is not asked again; what it only began is asked again, and counted."""
    store = _planned(place, experiment)
    lease = store.claim(("script-longest",), "lost", 0.2)
    assert lease is not None
    kept, begun = store.open_calls(lease).calls[:2]
    answer = asyncio.run(ScriptedJudge(_spec("script-longest")).complete(kept.request))

    async def lose() -> None:
        await store.write([begun_row(kept, lease), ended_row(kept.key, lease, answer)])
        await store.write([begun_row(begun, lease)])

    asyncio.run(lose())
    worked = _work(store, lease_s=4.0)
    assert worked.n_ended == sum(tally.n_calls for tally in store.tally().values()) - 1
    assert not store.renew(lease, 1.0), "the lease has gone to another"
    collected = _collected(store, tmp_path / "many")
    assert (collected.finished.n_open, collected.n_begun_twice) == (0, 1)
    _alone(experiment, tmp_path / "one")
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    store.close()


def _spec(name: str) -> JudgeSpec:
    return JudgeSpec(judge_id=name, model_id=f"scripted/{name.removeprefix('script-')}")


def test_the_first_answer_of_a_key_stays(place: str, experiment: Path) -> None:
    """Two workers that both answered a key leave one answer: the earlier one, whatever came last."""
    store = _planned(place, experiment)
    lease = store.claim(("script-longest",), "first", 60.0)
    assert lease is not None
    call = store.open_calls(lease).calls[0]
    early, late = (
        Completion(text=text, finish_reason="stop", latency_s=0.0, completed_at=at)
        for text, at in (("early", "2026-01-01T00:00:00Z"), ("late", "2026-01-02T00:00:00Z"))
    )
    other = Lease(lease.judge_id, lease.bucket, "second", lease.number)

    async def both() -> None:
        await store.write([ended_row(call.key, lease, early)])
        await store.write([ended_row(call.key, other, late)])

    asyncio.run(both())
    assert [one.ending for one in store.endings()] == [early]
    store.close()


def test_a_lease_is_one_workers(place: str, experiment: Path) -> None:
    """A bucket is handed out once until its lease ends or is given back, and never after it has ended."""
    store = _planned(place, experiment, calls_per_lease=1000)
    first = store.claim(("script-tied",), "a", 60.0)
    assert first is not None
    assert store.claim(("script-tied",), "b", 60.0) is None
    assert store.renew(first, 60.0)
    store.release(first, ended=False)
    second = store.claim(("script-tied",), "b", 60.0)
    assert second is not None
    assert second.number == first.number + 1
    assert not store.renew(first, 60.0)
    store.release(second, ended=True)
    assert store.claim(("script-tied",), "c", 60.0) is None
    assert store.tally()["script-tied"].n_buckets_open == 0
    store.close()


def test_an_unusable_judge_stops_alone(place: str, experiment: Path, tmp_path: Path) -> None:
    """A judge whose key is refused is stopped for all workers, and the others go on; then it is resumed."""
    store = _planned(place, experiment)

    class Refused:
        def __init__(self, spec: JudgeSpec) -> None:
            self.spec = spec

        async def complete(self, _: Request) -> Completion:
            raise JudgeUnavailableError("the key is refused", judge_id=self.spec.judge_id)

        def runtime(self) -> dict[str, Any]:
            return {}

        async def aclose(self) -> None:
            return None

    def live(spec: JudgeSpec, recorder: Recorder) -> Judge:
        refused = spec.judge_id == "script-tied"
        return RecordingJudge(Refused(spec), recorder) if refused else live_judge(spec, recorder)

    _work(store, live=live)
    assert "the key is refused" in store.stops()["script-tied"]
    tallies = store.tally()
    assert [name for name, tally in tallies.items() if tally.n_buckets_open] == ["script-tied"]
    collected = _collected(store, tmp_path / "run")
    assert collected.finished.n_open == tallies["script-tied"].n_calls
    store.clear_stops()
    _work(store)
    assert _collected(store, tmp_path / "run").finished.n_open == 0
    store.close()


def test_planning_again_changes_nothing(place: str, experiment: Path, bench: Any) -> None:  # noqa: ANN401
    """The same plan is gone on with; another one under the same name is refused, with what differs."""
    store = _planned(place, experiment)
    before = store.tally()
    plan_shared(load_experiment(experiment), "mini", store, planning=Planning(5))
    assert store.tally() == before
    bench.write_scripts("obeys")
    other = bench.write_experiment("script-obeys")
    with pytest.raises(StoreError, match="differs in experiment, judges"):
        plan_shared(load_experiment(other), "mini", store, planning=Planning(5))
    store.close()


def test_changed_content_is_not_collected(
    place: str,
    experiment: Path,
    bench: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    """A case that changed since the plan was made is named, and nothing is written."""
    store = _planned(place, experiment)
    _work(store)
    bench.write_case("doctor", ("Short!", "A longer reply.", "The longest reply of all."))
    with pytest.raises(StoreError, match=r"cases/mini/doctor\.yaml"):
        _collected(store, tmp_path / "run")
    assert not (tmp_path / "run" / "verdicts.jsonl").exists()
    store.close()


def test_a_request_is_sent_as_it_was_planned(place: str, tmp_path: Path, bench: Any) -> None:  # noqa: ANN401
    """Fields keep their order on the way through the store: some providers answer in the schema's order."""
    bench.write_judge("remote", "openai/x")
    experiment = load_experiment(bench.write_experiment("remote"))
    store = open_shared(place, "mini")
    run = plan_shared(experiment, "mini", store, planning=Planning(1000))
    lease = store.claim(("remote",), "a", 60.0)
    assert lease is not None
    got = {call.key: call.request.model_dump_json() for call in store.open_calls(lease).calls}
    plan = plan_run(
        experiment, gather_content(experiment), {one.spec.judge_id: one.runtime for one in run.judges}
    )
    assert got == {call.key: call.request.model_dump_json() for cell in plan for call in cell.calls}
    assert len(got) > 10
    store.close()


def test_a_missing_run_says_what_to_do(place: str) -> None:
    """Whoever asks for a run that nobody planned is told how to plan it."""
    store = open_shared(place, "nothing")
    with pytest.raises(StoreError, match="harness scale plan"):
        store.read_run()
    store.close()


def test_a_damaged_part_is_named(experiment: Path, tmp_path: Path) -> None:
    """A flipped byte in a part is an error that names the file; the torn end of a journal is none."""
    store = _planned(str(tmp_path / "meeting"), experiment, calls_per_lease=1000)
    lease = store.claim(("script-longest",), "a", 60.0)
    assert lease is not None
    calls = store.open_calls(lease).calls
    asyncio.run(store.write([begun_row(call, lease) for call in calls]))
    (part,) = (tmp_path / "meeting").rglob("*.jsonl")
    whole = part.read_bytes()
    part.write_bytes(whole + whole[:50])
    assert len(store.open_calls(lease).calls) == len(calls)
    part.write_bytes(whole.replace(b"begun", b"began", 1))
    with pytest.raises(StoreError, match=str(part.name)):
        store.open_calls(lease)
    store.close()


@pytest.mark.parametrize("concurrency", [1, 5, 8, 64])
@pytest.mark.parametrize("n_workers", [1, 2, 3, 7])
def test_shares_add_up(concurrency: int, n_workers: int) -> None:
    """All shares of a provider's limits together are its limits."""
    limits = Limits(concurrency=concurrency, requests_per_min=600, tokens_per_min=90_000)
    spec = JudgeSpec(judge_id="remote", model_id="openai/x", limits=limits)
    given = [
        one.limits for index in range(n_workers) for one in Share(index, n_workers).specs([spec]).values()
    ]
    assert sum(one.concurrency for one in given) == concurrency
    assert sum(one.requests_per_min or 0 for one in given) == pytest.approx(600)
    assert sum(one.tokens_per_min or 0 for one in given) == pytest.approx(90_000)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cr3t-Word@host/db",
        "postgresql://me:s3cr3t-Word@host:99999999/db",
        "postgresql://host/db?user=me&password=s3cr3t-Word",
        "postgres://me:s3cr3t-Word@[broken/db",
    ],
)
def test_no_message_holds_the_password(url: str) -> None:
    """Neither the shown URL nor any error about it holds the password."""
    assert "s3cr3t-Word" in url_passwords(url)
    assert "s3cr3t-Word" not in shown_url(url)
    pytest.importorskip(
        "psycopg", reason="psycopg is not installed: pip install 'llm-judge-harness[postgres]'"
    )
    with pytest.raises(StoreError) as raised:
        open_shared(url.replace("host", "127.0.0.1"), "mini")
    assert "s3cr3t-Word" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_password_in_argv_is_refused(command: Callable[..., Any]) -> None:
    """The command line is seen by everybody on a machine: a password there is refused, and not repeated."""
    done = command("scale", "status", "mini", "--store", "postgresql://me:s3cr3t-Word@127.0.0.1/db")
    assert done.code == 2
    assert "PGPASSWORD" in done.err
    assert "s3cr3t-Word" not in done.out + done.err
