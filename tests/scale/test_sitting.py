"""What one sitting of many workers may take, what judges are shown, and what collecting holds in memory."""

from __future__ import annotations

import asyncio
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from harness.errors import TransientJudgeError
from harness.judge.base import Judge
from harness.judge.build import live_judge
from harness.judge.cassette import RecordingJudge
from harness.judge.retry import RetryingJudge
from harness.load.content import load_experiment
from harness.run.session import record_run
from harness.scale import collect as collecting
from harness.scale.collect import collect
from harness.scale.keeping import Worked
from harness.scale.places import open_shared
from harness.scale.planning import Planning, plan_shared
from harness.scale.share import Share
from harness.scale.worker import Work, new_worker_id, work
from harness.schema import (
    CapabilityTable,
    Completion,
    JudgeCapabilities,
    JudgeSpec,
    Limits,
    Recorder,
    Request,
    Stops,
    Usage,
)
from harness.schema import Experiment as ExperimentRecord
from harness.store.folder import RunFolder
from harness.store.lines import parse_answered
from harness.store.shared import Ended, SharedStore
from tests.run.test_shots import CASES, HEADER, table
from tests.scale.test_workers import Quiet

pytestmark = pytest.mark.slow

CONCURRENCY = 4
N_WORKERS = 3
TOKENS = 100


@dataclass
class Hosted:
    """Judges that take a moment, tell their tokens, and fail the first attempts at a prompt."""

    n_failing: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    n_at_once: int = 0
    most_at_once: int = 0

    def live(self, spec: JudgeSpec, recorder: Recorder) -> Judge:
        """One of them, asked again and recorded as usual."""
        retrying = RetryingJudge(_Answers(spec, self), recorder=recorder, wait=lambda *_: 0.0)
        return RecordingJudge(retrying, recorder)


@dataclass
class _Answers:
    spec: JudgeSpec
    hosted: Hosted

    async def complete(self, request: Request) -> Completion:
        hosted, prompt = self.hosted, request.messages[-1].content
        hosted.asked[prompt] += 1
        hosted.n_at_once += 1
        hosted.most_at_once = max(hosted.most_at_once, hosted.n_at_once)
        await asyncio.sleep(0.002)
        hosted.n_at_once -= 1
        if hosted.asked[prompt] <= hosted.n_failing:
            raise TransientJudgeError("busy", judge_id=self.spec.judge_id)
        return Completion(
            text='{"A": 1, "B": 2, "C": 3, "best": "C", "worst": "A"}',
            finish_reason="stop",
            usage=Usage(prompt_tokens=TOKENS - 10, completion_tokens=10),
            latency_s=0.0,
            completed_at="2026-11-22T00:00:00+00:00",
        )

    def runtime(self) -> dict[str, Any]:
        return {}

    async def aclose(self) -> None:
        return None


@pytest.fixture
def planned(place: str, bench: Any) -> Iterator[Callable[[Stops], SharedStore]]:  # noqa: ANN401
    """Give what plans 48 calls of two hosted judges of one provider under ceilings."""
    price = "{usd_per_million_prompt_tokens: 1000, usd_per_million_completion_tokens: 1000"
    price += ", date: '2026-11-22', source: invented}"
    for name in ("first", "second"):
        bench.write_judge(
            name,
            f"openai/{name}",
            f"limits: {{concurrency: {CONCURRENCY}}}\nprice: {price}\n",
        )
    experiment = load_experiment(bench.write_experiment("first", "second"))
    stores: list[SharedStore] = []

    def plan(stops: Stops) -> SharedStore:
        store = open_shared(place, "mini")
        stores.append(store)
        plan_shared(experiment, "mini", store, planning=Planning(5))
        store.allow(stops)
        return store

    yield plan
    for one in stores:
        one.close()


def _all_work(place: str, hosted: Hosted) -> list[Worked]:
    """Let three workers with connections of their own work until nothing is left for them."""
    stores = [open_shared(place, "mini") for _ in range(N_WORKERS)]

    async def together() -> list[Worked]:
        given = [
            Work(store, Share(index, N_WORKERS), new_worker_id(index), live=hosted.live)
            for index, store in enumerate(stores)
        ]
        return list(await asyncio.gather(*(work(one, asyncio.Event()) for one in given)))

    try:
        return asyncio.run(together())
    finally:
        for one in stores:
            one.close()


def test_requests_stop_at_their_ceiling(place: str, planned: Callable[[Stops], SharedStore]) -> None:
    """Three workers together make exactly as many requests as they may; `again` begins a new sitting."""
    store, hosted = planned(Stops(max_calls=17)), Hosted()
    _all_work(place, hosted)
    assert hosted.asked.total() == store.account().n_calls == 17
    assert set(store.stops()) == {"first", "second"}
    assert all("17 requests (max_calls)" in why for why in store.stops().values())
    store.allow(Stops())
    store.clear_stops()
    _all_work(place, hosted)
    assert hosted.asked.total() == sum(tally.n_calls for tally in store.tally().values()) > 40
    assert all(tally.n_buckets_open == 0 for tally in store.tally().values())


@pytest.mark.parametrize("stops", [Stops(max_tokens=15 * TOKENS), Stops(max_usd=15 * TOKENS / 1000)])
def test_tokens_and_money_stop_within_the_calls_in_flight(
    place: str, planned: Callable[[Stops], SharedStore], stops: Stops
) -> None:
    """All workers together take no more than the ceiling and what they had in flight, and tell all of it."""
    store, hosted = planned(stops), Hosted()
    _all_work(place, hosted)
    in_flight = N_WORKERS * CONCURRENCY
    assert 15 <= hosted.asked.total() <= 15 + in_flight
    assert store.account().n_tokens == hosted.asked.total() * TOKENS
    assert store.account().usd == pytest.approx(hosted.asked.total() * TOKENS / 1000)
    assert len(list(store.endings())) == hosted.asked.total(), "what was paid for is kept"


def test_every_attempt_is_a_request(place: str, planned: Callable[[Stops], SharedStore]) -> None:
    """An attempt that fails counts, and no further one is made at the ceiling; the call stays open."""
    store, hosted = planned(Stops(max_calls=9)), Hosted(n_failing=1)
    _all_work(place, hosted)
    assert hosted.asked.total() == store.account().n_calls == 9
    n_answered = len(list(store.endings()))
    assert 0 < n_answered < 9
    assert len(list(store.attempts())) == 9 - n_answered


def test_the_commands_of_a_sitting(
    bench: Any,  # noqa: ANN401
    tmp_path: Path,
    command: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`plan --max-calls` stops the worker, `status` says so, `again` lets it go on."""
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "meeting"))
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    assert command("scale", "plan", "mini", "--calls-per-lease", "5", "--max-calls", "7", "-q").code == 0
    assert command("scale", "worker", "mini").out == "7 calls ended here\n"
    told = command("scale", "status", "mini").out
    assert "stopped: the limit of 7 requests (max_calls) is reached" in told
    assert "this sitting: 7 requests, " in told
    assert command("scale", "collect", "mini", "-o", "run").code == 1, "calls are open"
    assert command("scale", "again", "mini", "--max-calls", "100").code == 0
    assert command("scale", "worker", "mini").out == "17 calls ended here\n"
    assert '"max_calls": 100' in command("scale", "status", "mini", "--json").out
    assert command("scale", "collect", "mini", "-o", "run").code == 0
    assert len(RunFolder(Path("run")).read_verdicts()) == 24


def test_money_needs_prices(bench: Any, tmp_path: Path, command: Callable[..., Any]) -> None:  # noqa: ANN401
    """A ceiling of money is refused where a judge has no price, before anything is planned."""
    bench.write_judge("hosted", "openai/x")
    bench.write_experiment("hosted")
    done = command("scale", "plan", "mini", "--store", str(tmp_path / "meeting"), "--max-usd", "5")
    assert done.code == 1
    assert "max_usd needs the price of every judge, and hosted has none" in done.err
    assert not (tmp_path / "meeting").exists()


def test_judges_of_one_provider_share_its_limits() -> None:
    """Judges of one provider get its places once, divided among the workers; another provider is apart."""
    limits = Limits(concurrency=6, requests_per_min=60.0)
    one, other = (JudgeSpec(judge_id=name, model_id=f"openai/{name}", limits=limits) for name in "ab")
    usual = JudgeSpec(judge_id="c", model_id="openai/c")
    apart = JudgeSpec(judge_id="d", model_id="mistral/d")
    shares = [Share(index, 2).specs([one, other, usual, apart]) for index in range(2)]
    for share in shares:
        assert {share[name].limits.concurrency for name in "abc"} == {3}
        assert {share[name].limits.requests_per_min for name in "abc"} == {30.0}
        assert share["d"].limits.concurrency == Limits().concurrency // 2
        assert share["d"].limits.requests_per_min is None
    assert Share(6, 7).specs([one]) == {}


def test_a_worker_asks_a_provider_as_all_its_judges(place: str, bench: Any) -> None:  # noqa: ANN401
    """In one worker too the judges of a provider have its places together, not each."""
    from harness.judge.provider import Provider
    from harness.scale.worker import _Worker

    for name in ("first", "second"):
        bench.write_judge(
            name, f"openai/{name}", "transport: direct\napi_key_env: NO_KEY\nlimits: {concurrency: 6}\n"
        )
    store = open_shared(place, "mini")
    run = plan_shared(load_experiment(bench.write_experiment("first", "second")), "mini", store)

    def provider(judge: Any) -> Provider:  # noqa: ANN401 - through the nest of judges
        while not hasattr(judge, "_provider"):
            judge = getattr(judge, "inner", None) or judge._inner
        found: Provider = judge._provider
        return found

    worker = _Worker(Work(store, Share(0, 2), "w"), run, asyncio.Event())
    first, second = (provider(judge) for judge in worker._judges.values())
    assert first is second
    assert first.gate.most == 3
    store.close()


# --- what judges are shown -------------------------------------------------------------------------

REFUSES = JudgeCapabilities(
    judge_id="script-longest.shots-2",
    model_id="scripted/longest",
    mechanism="native",
    checked_at="2026-11-22T00:00:00+00:00",
    usable=True,
    traits=(),
    dropped=("temperature",),
    n_calls=1,
)


def test_examples_and_capabilities_come_along(
    place: str,
    bench: Any,  # noqa: ANN401
    tmp_path: Path,
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    """Graded cases and refused parameters reach workers and folder: the same bytes as one machine's."""
    grades, capabilities = _shown(bench), CapabilityTable(judges=(REFUSES,))
    experiment, store = load_experiment("mini"), open_shared(place, "mini")
    plan_shared(experiment, "mini", store, planning=Planning(5, capabilities, grades))
    grades.rename("elsewhere.csv")
    plan_shared(experiment, "mini", store, planning=Planning(5))  # goes on with what it was planned with
    asyncio.run(work(Work(store, Share(0, 1), new_worker_id(0)), asyncio.Event()))
    asyncio.run(collect(store, RunFolder(tmp_path / "many"), Quiet()))
    _alone(experiment, tmp_path / "one", capabilities, Path("elsewhere.csv"))
    many, one = RunFolder(tmp_path / "many"), RunFolder(tmp_path / "one")
    assert many.read_manifest().capabilities == one.read_manifest().capabilities == capabilities
    assert contents(many.path)["verdicts.jsonl"] == contents(one.path)["verdicts.jsonl"]
    assert many.read_verdicts()
    lines = (many.cassette_path / "000.jsonl").read_bytes()
    assert lines == (one.cassette_path / "000.jsonl").read_bytes()
    assert b'"role":"assistant"' in lines
    assert b"temperature" not in lines
    store.close()


def _shown(bench: Any) -> Path:  # noqa: ANN401
    """Write four cases, a judge that is shown two of them first, and a table of people's grades."""
    bench.write_case("kitchen", ("Boil it.", "Fry it slowly.", "Leave it."))
    bench.write_case("train", ("Wait here.", "Take the next one.", "Walk, it is near."))
    path = bench.root / "cases/mini/set.yaml"
    path.write_text(path.read_text().replace("[doctor, garden]", f"[{', '.join(CASES)}]"))
    bench.write_scripts("longest")
    bench.write_experiment(REFUSES.judge_id, rulebooks="hhh")
    grades = Path("class.csv")
    grades.write_text(HEADER + table(dict.fromkeys(CASES, (1, 3, 4))))
    return grades


def _alone(experiment: ExperimentRecord, folder: Path, table: CapabilityTable, shots: Path) -> None:
    asyncio.run(
        record_run(
            experiment,
            RunFolder(folder),
            live_judge,
            Quiet(),
            asyncio.Event(),
            capabilities=table,
            shots_from=shots,
        )
    )


# --- collecting ------------------------------------------------------------------------------------


@dataclass
class _Alive:
    """Counts records that came, and how many of them are still held by somebody."""

    n_seen: int = 0
    n_now: int = 0
    most: int = 0

    def add(self, record: object) -> None:
        """One more."""
        self.n_seen += 1
        self.n_now += 1
        self.most = max(self.most, self.n_now)
        weakref.finalize(record, self._gone)

    def _gone(self) -> None:
        self.n_now -= 1

    def counted(self, payload: bytes | str) -> object:
        """A recording that is read for its verdict."""
        found = parse_answered(payload)
        self.add(found)
        return found


class _Watched:
    """A store whose endings are counted."""

    def __init__(self, inner: SharedStore) -> None:
        self._inner = inner
        self.alive = _Alive()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the store's
        return getattr(self._inner, name)

    def endings(self) -> Iterator[Ended]:
        """The store's, watched."""
        for one in self._inner.endings():
            self.alive.add(one.ending)
            yield one


def test_collecting_holds_a_piece_at_a_time(
    place: str,
    bench: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many answers there are, collecting holds some pieces of them: here 16 of 96 at most."""
    bench.write_scripts("longest", "random", "obeys", "tied")
    experiment = load_experiment(
        bench.write_experiment("script-longest", "script-random", "script-obeys", "script-tied")
    )
    store = open_shared(place, "mini")
    plan_shared(experiment, "mini", store, planning=Planning(4))
    asyncio.run(work(Work(store, Share(0, 1), new_worker_id(0)), asyncio.Event()))
    monkeypatch.setattr(collecting, "N_AT_ONCE", 4)
    monkeypatch.setattr("harness.store.stream.N_ROWS_AT_ONCE", 4)
    monkeypatch.setattr("harness.store.postgres.N_ROWS_AT_ONCE", 4)
    reading = _Alive()
    monkeypatch.setattr("harness.store.work.parse_answered", reading.counted)
    watched = _Watched(store)
    collected = asyncio.run(collect(cast("SharedStore", watched), RunFolder(tmp_path / "many"), Quiet()))
    assert watched.alive.n_seen == reading.n_seen == len(collected.finished.verdicts) == 96
    assert watched.alive.most <= 16
    assert reading.most <= 4
    store.close()
