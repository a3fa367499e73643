from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import StoreError
from harness.run.session import Finished
from harness.schema import FailedVerdict, Outcome, Stops
from harness.store.batches import BatchLedger, refuse_while_alive
from harness.store.cassette import Cassette
from harness.store.work import WorkStore
from tests.faults.batch_provider import BatchProvider, Faults, seed_of, serving
from tests.run.batch_bench import KEY, BatchBench, bodies, live_bodies

if TYPE_CHECKING:
    from tests.conftest import Bench

N_CALLS = 12
"""Two cases of three answers, one rulebook: six presentations each."""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an invented key where the presets look for it."""
    monkeypatch.setenv("TEST_API_KEY", KEY)


@pytest.fixture
def provider() -> Iterator[BatchProvider]:
    """Give a provider in this process; a test puts faults into it."""
    with serving(BatchProvider()) as served:
        yield served


@pytest.fixture
def batches(bench: Bench, provider: BatchProvider) -> BatchBench:
    """Give an experiment of one listwise judge that asks the provider."""
    made = BatchBench(bench)
    made.judges(provider, "judge")
    return made


def third(kind: str) -> Callable[[dict[str, Any]], str]:
    """A fault for a third of the requests or so: which ones follows from the prompt."""
    return lambda body: kind if seed_of(body) % 3 == 0 else "good"


def n_third(provider: BatchProvider) -> int:
    """How many requests that is."""
    return sum(seed_of(line["body"]) % 3 == 0 for line in provider.submitted())


def failures(finished: Finished) -> list[str]:
    """The reasons of the failed verdicts."""
    return [one.failure for one in finished.verdicts if isinstance(one, FailedVerdict)]


# --- as if asked live ------------------------------------------------------------------------------


def test_ends_as_a_live_run(bench: Bench, provider: BatchProvider) -> None:
    """All protocols and both transports: same verdicts, keys, hashes and words as asked live."""
    batches = BatchBench(bench)
    kinds = {
        "lister": "",
        "tool": "mechanism: tool\n",
        "pairs": "protocol: pairwise\npair_reading: token_probability\n",
        "points": "protocol: pointwise\n",
        "straight": "transport: direct\nprotocol: pointwise\npair_reading: token_probability\n",
    }
    for name, more in kinds.items():
        batches.judges(provider, name, more=more, last=False)
    bench.write_experiment(*kinds, rulebooks="hhh")
    batches.live(Path("live"))
    seat = batches.sit()
    assert seat.finished.n_open == 0
    assert Path("live/verdicts.jsonl").read_bytes() == Path("run/verdicts.jsonl").read_bytes()
    assert bodies(provider) == live_bodies(provider)
    live, asked = batches.recordings(Path("live")), batches.recordings()
    assert live.keys() == asked.keys()
    for recording in live.values():
        batch_id = asked[recording.key].completion.batch_id
        assert batch_id in provider.batches
        changed = {"latency_s": 3600.0, "completed_at": "2030-03-17T18:46:40+00:00", "batch_id": batch_id}
        expected = recording.completion.model_copy(update=changed)
        found = asked[recording.key]
        if expected.versions != found.completion.versions:  # direct: another client carried the answer
            expected = expected.model_copy(update={"versions": found.completion.versions})
        assert found == recording.model_copy(update={"completion": expected})


def test_leaves_nothing_to_a_live_run(
    batches: BatchBench, provider: BatchProvider, command: Callable[..., Any]
) -> None:
    """After collection `harness run` asks nobody, replay and compare work, and no time is claimed."""
    batches.sit()
    assert command("run", "mini", "-o", "run", "-q").code == 0
    assert not provider.asked("POST /v1/chat/completions")
    before = Path("run/verdicts.jsonl").read_bytes()
    assert command("replay", "run", "-q").code == 0
    assert command("compare", "run", "--reference", "none").code == 0
    assert Path("run/verdicts.jsonl").read_bytes() == before
    timing = [json.loads(line) for line in Path("run/timing.jsonl").read_text("utf-8").splitlines()]
    assert {(one["latency_s"], one["prompt_tokens"]) for one in timing} == {(None, 700)}


def test_a_model_of_another_name_is_recorded_as_it_named_itself(
    batches: BatchBench, provider: BatchProvider
) -> None:
    """What answered stands in the recording, as in live calls."""
    provider.faults = Faults(echo="somebody-else")
    batches.sit()
    assert {one.completion.model_echo for one in batches.recordings().values()} == {"somebody-else"}


# --- what single requests come to ------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["busy", "broken", "missing", "batch_expired", "batch_cancelled", "odd", "choiceless"]
)
def test_a_failure_that_may_pass_is_open_again(
    batches: BatchBench, provider: BatchProvider, kind: str
) -> None:
    """It is counted, kept as an attempt, and submitted by the next sitting; nothing else is."""
    provider.faults = Faults(kind=third(kind))
    first = batches.sit()
    n_bad = n_third(provider)
    assert 0 < n_bad < N_CALLS
    assert (first.tally["n_answers"], first.tally["n_open"]) == (N_CALLS - n_bad, n_bad)
    assert first.tally.get("n_missing", 0) == (n_bad if kind == "missing" else 0)
    assert (first.finished.n_open, first.finished.n_failed) == (n_bad, 0)
    with WorkStore(batches.folder.work_path, read_only=True) as store:
        assert len(store.attempts()) == n_bad
    provider.faults = Faults()
    second = batches.sit()
    assert (second.desk.report.n_submitted, second.finished.n_open) == (n_bad, 0)


def test_a_request_that_is_refused_for_good_is_rejected(batches: BatchBench, provider: BatchProvider) -> None:
    """Too long is too long the next time too: an outcome in the cassette, a failed verdict."""
    provider.faults = Faults(kind=third("too-long"))
    seat = batches.sit()
    assert seat.tally["n_rejected"] == n_third(provider)
    assert failures(seat.finished) == ["rejected"] * n_third(provider)
    outcomes = [one for one in Cassette.read(batches.folder.cassette_path) if isinstance(one, Outcome)]
    assert {one.reason for one in outcomes} == {"rejected"}
    assert all("too long" in one.message for one in outcomes)


@pytest.mark.parametrize("kind", ["blocked", "filter"])
def test_a_blocked_prompt_is_a_finding(batches: BatchBench, provider: BatchProvider, kind: str) -> None:
    """A content filter is that provider's answer to this prompt, as an error or as a finish reason."""
    provider.faults = Faults(kind=third(kind))
    seat = batches.sit()
    assert seat.tally == {"n_answers": N_CALLS}
    assert failures(seat.finished) == ["filtered"] * n_third(provider)


def test_a_key_that_is_refused_halfway_stops_the_judge(batches: BatchBench, provider: BatchProvider) -> None:
    """What was answered stays; the others are open, nothing is kept of them, and a word is said."""
    provider.faults = Faults(kind=third("refused-key"))
    seat = batches.sit()
    assert seat.tally == {"n_answers": N_CALLS - n_third(provider), "n_open": n_third(provider)}
    assert "401" in seat.finished.stops["judge"]
    with WorkStore(batches.folder.work_path, read_only=True) as store:
        assert not store.attempts()


def test_the_order_of_answers_and_odd_lines_change_nothing(
    batches: BatchBench, provider: BatchProvider
) -> None:
    """Another order, a line twice, lines about nothing, halves of lines: counted, and the same verdicts."""
    batches.live(Path("live"))
    unknown = json.dumps({"custom_id": "somebody", "response": None, "error": {"code": "x"}}).encode()
    provider.faults = Faults(reverse=True, extra_lines=[b"{first}", unknown, b'{"custom_id": "ha', b"[]"])
    seat = batches.sit()
    counts = {"n_answers": N_CALLS, "n_duplicates": 1, "n_unknown": 1, "n_unreadable": 2}
    assert seat.tally == counts
    assert Path("live/verdicts.jsonl").read_bytes() == Path("run/verdicts.jsonl").read_bytes()


def test_a_cut_file_is_read_again(batches: BatchBench, provider: BatchProvider) -> None:
    """The rest may come the next time; nothing is open then."""
    provider.faults = Faults(cut=100)
    assert batches.sit().tally == {"n_answers": N_CALLS}


def test_what_a_cut_file_lacks_is_open_again(batches: BatchBench, provider: BatchProvider) -> None:
    """A file that stays cut is read three times; what it lacks is counted as missing, and open."""
    provider.faults = Faults(cut=100, n_cut=99)
    seat = batches.sit()
    counts = {"n_answers": N_CALLS - 1, "n_open": 1, "n_missing": 1, "n_unreadable": 1}
    assert seat.tally == counts
    assert len(provider.asked("GET /v1/files")) == 3


# --- what whole batches come to --------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["expired", "cancelled"])
def test_a_batch_that_ends_early_leaves_its_answers(
    batches: BatchBench, provider: BatchProvider, ending: str
) -> None:
    """Answers are kept, the others are open again."""
    kind = "batch_expired" if ending == "expired" else "missing"
    provider.faults = Faults(ending=ending, kind=third(kind))
    seat = batches.sit()
    assert seat.tally["n_open"] == n_third(provider)
    assert seat.tally["n_answers"] == N_CALLS - n_third(provider)
    assert not seat.desk.ledger.alive()


@pytest.mark.parametrize("code", ["billing_hard_limit_reached", "token_limit_exceeded", "invalid_json_line"])
def test_a_failed_batch_stops_its_judge_and_no_other(
    batches: BatchBench, provider: BatchProvider, code: str
) -> None:
    """The provider's words are told, without the key in them; a judge of another account goes on."""
    provider.faults = Faults(ending="failed", errors=[{"code": code, "message": f"no, {KEY}", "line": 7}])
    with serving(BatchProvider()) as other:
        batches.judges(other, "second", last=False)
        batches.bench.write_experiment("judge", "second", rulebooks="hhh")
        seat = batches.sit()
    assert (seat.finished.n_open, len(seat.finished.verdicts)) == (N_CALLS, N_CALLS)
    stopped = seat.finished.stops["judge"]
    assert code in stopped
    assert "line 7" in stopped
    assert KEY not in stopped
    assert list(seat.finished.stops) == ["judge"]
    assert not seat.desk.ledger.alive()


def test_a_refused_account_is_not_asked_by_its_other_judges(
    batches: BatchBench, provider: BatchProvider
) -> None:
    """One key, two judges: after the first refusal nothing more is uploaded by the second."""
    provider.faults = Faults(http={"POST /v1/files": [401] * 9})
    batches.judges(provider, "judge", "second")
    seat = batches.sit(max_requests=1)
    assert set(seat.finished.stops) == {"judge", "second"}
    assert len(provider.asked("POST /v1/files")) <= 2
    assert seat.finished.n_open == 2 * N_CALLS


@pytest.mark.parametrize("statuses", [[429, 500, 503], [0, 0]])
def test_looking_goes_on_through_trouble(
    batches: BatchBench, provider: BatchProvider, statuses: list[int]
) -> None:
    """A busy or broken provider, or a dropped connection, costs looks and no answers."""
    provider.faults = Faults(http={"GET /v1/batches/": list(statuses), "GET /v1/files/": list(statuses)})
    seat = batches.sit()
    assert seat.tally == {"n_answers": N_CALLS}
    assert seat.words.count("looked at again") == len(statuses)


def test_pauses_grow_up_to_five_minutes(batches: BatchBench, provider: BatchProvider) -> None:
    """A batch of a day is looked at some hundreds of times, not once a second."""
    provider.faults = Faults(n_looks=30)
    pauses = batches.sit().time.pauses
    assert pauses[:3] == [15.0, 22.5, 33.75]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 300.0


def test_waiting_ends_after_many_failed_looks(batches: BatchBench, provider: BatchProvider) -> None:
    """Nobody waits for ever for a provider that is gone; the batch stays alive for the next sitting."""
    provider.faults = Faults(http={"GET /v1/batches/": [500] * 20})
    seat = batches.sit()
    assert "20 failed looks" in seat.finished.stops["judge"]
    assert len(seat.desk.ledger.alive()) == 1
    assert batches.sit(submit=False).finished.n_open == 0


# --- nothing twice ---------------------------------------------------------------------------------


def test_what_is_alive_is_not_submitted_again(batches: BatchBench, provider: BatchProvider) -> None:
    """A second submission adds nothing; live asking is refused; collection ends both."""
    assert batches.sit(collect=False).desk.report.n_submitted == N_CALLS
    assert batches.sit(collect=False).desk.report.n_submitted == 0
    with pytest.raises(StoreError, match="12 calls are with a provider"):
        refuse_while_alive(BatchLedger(batches.folder.path))
    assert batches.sit(submit=False).finished.n_open == 0
    refuse_while_alive(BatchLedger(batches.folder.path))
    assert len(provider.batches) == 1


@pytest.mark.parametrize("list_batches", [True, False])
def test_a_creation_without_an_answer_is_looked_for(
    batches: BatchBench, provider: BatchProvider, *, list_batches: bool
) -> None:
    """The batch exists although the answer was lost: it is found; where nobody can list, it is counted."""
    provider.faults = Faults(http={"POST /v1/batches": [0]}, list_batches=list_batches)
    seat = batches.sit()
    assert seat.finished.n_open == 0
    report = seat.desk.report
    assert (report.n_found, report.n_maybe_twice) == ((1, 0) if list_batches else (0, 1))
    assert len(provider.batches) == (1 if list_batches else 2)


def test_a_busy_creation_is_tried_again(batches: BatchBench, provider: BatchProvider) -> None:
    """429 and 500 create nothing: the list is asked, then one batch is created."""
    provider.faults = Faults(http={"POST /v1/batches": [429, 500], "POST /v1/files": [503]})
    seat = batches.sit()
    assert (seat.finished.n_open, len(provider.batches), len(provider.files)) == (0, 1, 2)


def test_two_presets_that_ask_the_same_submit_it_once(batches: BatchBench, provider: BatchProvider) -> None:
    """One model under two names is paid once, and both get the verdicts."""
    where = f"api_base: {provider.url}\nservice: loop\napi_key_env: TEST_API_KEY\nprotocol: pointwise\n"
    for name in ("judge", "twin"):
        batches.bench.write_judge(name, "openai/judge", where)
    batches.bench.write_experiment("judge", "twin", rulebooks="hhh")
    seat = batches.sit()
    keys = [line["custom_id"] for line in provider.submitted()]
    assert len(keys) == len(set(keys)) == 18
    assert (len(seat.finished.verdicts), seat.finished.n_open) == (12, 0)


# --- limits, and judges without batches ------------------------------------------------------------


def test_batches_are_split_at_what_they_may_hold(batches: BatchBench, provider: BatchProvider) -> None:
    """By requests and by bytes; every request stands in exactly one batch."""
    batches.sit(max_requests=5, collect=False)
    sizes = [len(provider.files[one["input_file_id"]].splitlines()) for one in provider.batches.values()]
    assert sizes == [5, 5, 2]
    batches.sit(max_bytes=1, folder=Path("other"), collect=False)
    assert len(provider.batches) == 3 + N_CALLS
    keys = [line["custom_id"] for line in provider.submitted()]
    assert sorted(keys) == sorted([*set(keys)] * 2)


def test_only_what_fits_is_submitted(batches: BatchBench, provider: BatchProvider) -> None:
    """Calls, tokens and money: even if every call used the longest reply it allows."""
    price = (
        "price: {usd_per_million_prompt_tokens: 0, usd_per_million_completion_tokens: 1000, "
        "date: '2026-11-22', source: invented}\n"
    )
    batches.judges(provider, "judge", more=price)
    seat = batches.sit(stops=Stops(max_calls=2), collect=False)
    assert seat.desk.report.n_over_limits == N_CALLS - 2
    # 400 tokens of a reply are 40 cents.
    seat = batches.sit(stops=Stops(max_usd=0.85), collect=False, folder=Path("usd"))
    assert (seat.desk.report.n_submitted, seat.desk.report.n_over_limits) == (2, N_CALLS - 2)
    seat = batches.sit(stops=Stops(max_tokens=500), collect=False, folder=Path("tokens"))
    assert seat.desk.report.n_submitted <= 1


def test_judges_without_batches_are_named(batches: BatchBench, provider: BatchProvider) -> None:
    """They are left open with the reason, or asked live when that is wanted."""
    batches.bench.write_scripts("longest")
    batches.bench.write_experiment("judge", "script-longest", rulebooks="hhh")
    seat = batches.sit()
    assert (seat.finished.n_open, list(seat.desk.report.left)) == (N_CALLS, ["script-longest"])
    assert "script-longest is not asked in batches but left open" in seat.words
    seat = batches.sit(others_live=True)
    assert (seat.finished.n_open, len(provider.batches)) == (0, 1)


def test_a_server_without_batches_says_so(batches: BatchBench, provider: BatchProvider) -> None:
    """An OpenAI-compatible server that knows no files: a clear word, and everything stays open."""
    provider.faults = Faults(http={"POST /v1/files": [404]})
    seat = batches.sit()
    assert "this server offers no batches" in seat.finished.stops["judge"]
    assert not seat.desk.ledger.alive()
    assert seat.finished.n_open == N_CALLS


# --- interruptions ---------------------------------------------------------------------------------


def test_ctrl_c_stops_waiting_and_keeps_the_batch(batches: BatchBench, provider: BatchProvider) -> None:
    """The sitting ends at once, and the next one collects what was submitted."""
    provider.faults = Faults(n_looks=9)
    seat = batches.sit(halt_after=2)
    assert seat.finished.interrupted
    assert len(seat.time.pauses) == 2
    assert (batches.sit().finished.n_open, len(provider.batches)) == (0, 1)


def test_max_minutes_ends_waiting(batches: BatchBench, provider: BatchProvider) -> None:
    """The sitting lasts no longer than it may."""
    provider.faults = Faults(n_looks=99)
    seat = batches.sit(max_minutes=2.0)
    assert seat.time.passed_s == pytest.approx(120.0)
    assert seat.finished.n_open == N_CALLS


def test_no_key_is_written_anywhere(batches: BatchBench, provider: BatchProvider) -> None:
    """Neither ledger nor store nor verdicts hold the key that the provider was sent."""
    provider.faults = Faults(ending="failed", errors=[{"code": "x", "message": f"Bearer {KEY}"}])
    batches.sit()
    provider.faults = Faults(echo=KEY)
    batches.sit()
    assert any(KEY in one["key"] for one in provider.requests)
    written = [path.read_bytes() for path in Path("run").rglob("*") if path.is_file()]
    assert written
    assert not any(KEY.encode() in content for content in written)
