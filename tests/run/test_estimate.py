from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.load.content import load_experiment
from harness.run.estimate import JudgeEstimate, RunEstimate, estimate_run
from harness.run.expected import (
    CHARACTERS_PER_TOKEN,
    FEW,
    LATENCY_S,
    NOTHING,
    TOKENS_PER_FIELD,
    WRAPPING_TOKENS,
    Range,
    predicted_mean,
    request_characters,
)
from harness.run.plan import plan_run
from harness.run.session import record_run
from harness.schema import Completion, JudgeSpec, Recorder, Request, Usage
from harness.stats.planning import (
    SD_JUDGE_MINUS_JUDGE,
    Design,
    half_width,
    half_width_paired,
    least_half_width,
)
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bench
    from tests.run.conftest import Counting, Heard, Runs

PRICED = (
    "price: {usd_per_million_prompt_tokens: 1, usd_per_million_completion_tokens: 5, date: '2026-11-22', "
    "source: invented}\n"
)
LIMITS = "limits: {concurrency: 2, requests_per_min: 6}\n"


def remote(bench: Bench, name: str, more: str = "") -> None:
    """Write a preset of a hosted judge."""
    bench.write_judge(name, "openai/test", f"sampling: {{temperature: 0, max_tokens: 100}}\n{more}")


def estimated(path: Path | str, folder: Path | str = "run") -> RunEstimate:
    """Estimate an experiment."""
    from pathlib import Path as _Path

    return estimate_run(load_experiment(path), RunFolder(_Path(folder)))


def only(found: RunEstimate) -> JudgeEstimate:
    """The one judge of an estimate."""
    (judge,) = found.judges
    return judge


# --- calls -----------------------------------------------------------------------------------------


def test_every_call_of_the_plan_is_counted(bench: Bench) -> None:
    """Calls are those of the plan, one per presentation; two cases of three answers: 2 x 6 per rulebook."""
    remote(bench, "remote")
    found = estimated(bench.write_experiment("remote"))
    assert found.n_verdicts == only(found).n_calls == only(found).n_live == 2 * 2 * 6
    assert only(found).n_recorded == 0


def test_what_is_recorded_is_not_asked_again(bench: Bench, runs: Runs, counting: Counting) -> None:
    """After half a run the rest is live; after the whole run nothing is; failures are asked again."""
    bench.write_scripts("longest", "exhausted")
    path = bench.write_experiment("script-longest", "script-exhausted")
    experiment = load_experiment(path)
    runs.record(experiment, bench.root / "run", counting, stop_after=10)
    half = {one.judge_id: one for one in estimated(path, bench.root / "run").judges}
    n_asked = sum(one.n_recorded for one in half.values())
    assert 0 < n_asked < 24
    runs.record(experiment, bench.root / "run", counting)
    whole = {one.judge_id: one for one in estimated(path, bench.root / "run").judges}
    assert (whole["script-longest"].n_recorded, whole["script-longest"].n_live) == (24, 0)
    assert (whole["script-exhausted"].n_recorded, whole["script-exhausted"].n_live) == (0, 24)


def test_the_cassette_alone_is_enough(bench: Bench, runs: Runs, counting: Counting) -> None:
    """A run that came by git, without its working store, counts as recorded."""
    bench.write_scripts("longest")
    path = bench.write_experiment("script-longest")
    runs.record(load_experiment(path), bench.root / "run", counting)
    (bench.root / "run/.work.sqlite").unlink()
    assert only(estimated(path, bench.root / "run")).n_live == 0


def test_the_shipped_recording_is_named(bench: Bench, runs: Runs, counting: Counting) -> None:
    """What another folder of the search path holds is told, and not counted as recorded."""
    bench.write_scripts("longest")
    path = bench.write_experiment("script-longest")
    runs.record(load_experiment(path), bench.root / "results/mini", counting)
    found = estimated(path)
    assert (only(found).n_recorded, only(found).n_live, only(found).n_shipped) == (0, 24, 24)
    assert found.shipped == str(bench.root / "results/mini")


def test_what_two_presets_ask_alike_is_asked_once(bench: Bench) -> None:
    """The same request of two judges is one call."""
    remote(bench, "one", "protocol: pairwise\n")
    remote(bench, "two", "protocol: pairwise\n")
    bench.write_experiment("one", "two", rulebooks="none")
    found = estimated("mini")
    assert found.n_verdicts == 2 * 2 * 3
    assert [one.n_calls for one in found.judges] == [2 * 3 * 6, 0]


# --- tokens ----------------------------------------------------------------------------------------


def test_prompt_tokens_follow_the_documented_ratio(bench: Bench) -> None:
    """Without recordings: characters over the language's ratio, with the wrapping and the form on top."""
    remote(bench, "remote", "mechanism: text\n")
    path = bench.write_experiment("remote", rulebooks="none")
    from harness.run.content import gather_content

    experiment = load_experiment(path)
    plan = plan_run(experiment, gather_content(experiment), {"remote": {}})
    characters = sum(request_characters(call.request) for one in plan for call in one.calls)
    fewest, most = CHARACTERS_PER_TOKEN["en"]
    wanted = Range(characters / most, characters / fewest + WRAPPING_TOKENS[1] * 12)
    assert only(estimated(path)).prompt_tokens == pytest.approx(wanted)


def test_reply_tokens_run_from_the_bare_form_to_max_tokens(bench: Bench) -> None:
    """Three grades, best, worst and reason: six fields; at most what the preset allows."""
    remote(bench, "remote")
    found = only(estimated(bench.write_experiment("remote", rulebooks="none")))
    assert found.completion_tokens == Range(12 * 6 * TOKENS_PER_FIELD, 12 * 100)
    assert not found.learnt


@pytest.mark.parametrize("rulebooks", ["none", "hhh, none"])
def test_recorded_calls_teach_tokens_and_seconds(
    bench: Bench, runs: Runs, counting: Counting, rulebooks: str
) -> None:
    """Completions that told 40 tokens each promise 40 each, with no range at all."""
    remote(bench, "remote", PRICED + LIMITS)
    path = bench.write_experiment("remote", rulebooks="none")
    _record(path, bench.root / "run", runs.heard)
    path = bench.write_experiment("remote", rulebooks=rulebooks, extra="")
    found = only(estimated(path, bench.root / "run"))
    assert found.learnt
    assert found.completion_tokens == pytest.approx(Range(40.0 * found.n_live, 40.0 * found.n_live))
    assert found.prompt_tokens.low <= found.prompt_tokens.high
    assert found.n_live == (12 if "hhh" in rulebooks else 0)


def _record(path: Path, folder: Path, heard: Heard) -> None:
    from harness.judge.cassette import RecordingJudge

    class Told:
        def __init__(self, spec: JudgeSpec) -> None:
            self.spec = spec

        async def complete(self, request: Request) -> Completion:
            usage = Usage(prompt_tokens=request_characters(request) // 4, completion_tokens=40)
            return Completion(
                text="{}",
                finish_reason="stop",
                usage=usage,
                latency_s=2.0,
                completed_at="2026-11-22T00:00:00Z",
            )

        def runtime(self) -> dict[str, object]:
            return {}

        async def aclose(self) -> None:
            return None

    def live(spec: JudgeSpec, recorder: Recorder) -> RecordingJudge:
        return RecordingJudge(Told(spec), recorder)  # type: ignore[arg-type]

    asyncio.run(record_run(load_experiment(path), RunFolder(folder), live, heard, asyncio.Event()))


def test_a_prediction_is_of_a_mean() -> None:
    """By hand: 10 … 18 have mean 14 and variance 10; for five more, 1.96 sqrt(10 (1/5 + 1/5)) = 3.92."""
    low, high = predicted_mean([10.0, 12.0, 14.0, 16.0, 18.0], 5)
    assert (low, high) == pytest.approx((14 - 3.92, 14 + 3.92))
    assert predicted_mean([3.0, 1.0, 2.0], 100) == Range(1.0, 3.0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(0, 1000))
def test_a_prediction_holds_the_mean_and_no_negative_number(seen: list[float], n_new: int) -> None:
    """The mean that was seen lies inside, and more calls to come never widen it."""
    low, high = predicted_mean(seen, n_new)
    mean = math.fsum(seen) / len(seen)
    assert 0 <= low <= mean * (1 + 1e-9) + 1e-9
    assert mean <= high * (1 + 1e-9) + 1e-9
    wider = predicted_mean(seen, n_new + 10)
    assert len(seen) < FEW or wider.high <= high + 1e-6


# --- money -----------------------------------------------------------------------------------------


def test_money_is_tokens_times_price(bench: Bench) -> None:
    """By hand: a dollar a million for prompts, five for replies, at both ends of the range."""
    remote(bench, "remote", PRICED)
    found = estimated(bench.write_experiment("remote"))
    one = only(found)
    assert one.usd is not None
    assert one.usd.low == pytest.approx((one.prompt_tokens.low + 5 * one.completion_tokens.low) / 1e6)
    assert one.usd.high == pytest.approx((one.prompt_tokens.high + 5 * one.completion_tokens.high) / 1e6)
    assert found.usd == one.usd
    assert found.usd_unknown == ()


def test_an_unknown_price_is_unknown(bench: Bench) -> None:
    """Without a price there is no number, and the total says whose part is missing."""
    remote(bench, "priced", PRICED)
    bench.write_judge("open", "mistral/test")
    found = estimated(bench.write_experiment("priced", "open", rulebooks="none"))
    usd = {one.judge_id: one.usd for one in found.judges}
    assert usd["open"] is None
    assert found.usd == usd["priced"]
    assert found.usd_unknown == ("open",)


def test_what_runs_here_costs_time(bench: Bench) -> None:
    """A script, a local model and a server on this machine cost no money; a server elsewhere may."""
    bench.write_scripts("longest")
    remote(bench, "here", "api_base: http://localhost:11434/v1\nservice: here\n")
    remote(bench, "there", "api_base: http://example.org/v1\nservice: there\n")
    found = estimated(bench.write_experiment("script-longest", "here", "there"))
    assert [one.costs for one in found.judges] == ["time", "time", "money"]
    assert found.usd_unknown == ("there",)


# --- time ------------------------------------------------------------------------------------------


def test_time_is_what_the_tightest_limit_says(bench: Bench) -> None:
    """24 calls at 6 a minute are 4 minutes; two at a time, 1 to 10 seconds each, are 12 to 120 s."""
    remote(bench, "remote", LIMITS)
    one = only(estimated(bench.write_experiment("remote")))
    assert one.seconds == Range(240.0, 240.0)
    assert one.limited_by == "6 requests/min"
    remote(bench, "remote", "limits: {concurrency: 2}\n")
    one = only(estimated(bench.write_experiment("remote")))
    assert one.seconds == Range(24 / 2 * LATENCY_S[0], 24 / 2 * LATENCY_S[1])
    assert one.limited_by == "2 at a time (assumed)"
    remote(bench, "remote", "limits: {tokens_per_min: 100}\n")
    one = only(estimated(bench.write_experiment("remote")))
    assert one.seconds is not None
    tokens = one.prompt_tokens.high + one.completion_tokens.high
    assert one.seconds.high == pytest.approx(tokens / 100 * 60)


def test_providers_work_at_the_same_time(bench: Bench) -> None:
    """The run takes as long as its slowest provider, not as long as all of them together."""
    remote(bench, "slow", "limits: {requests_per_min: 1}\n")
    bench.write_judge("fast", "mistral/test")
    found = estimated(bench.write_experiment("slow", "fast", rulebooks="none"))
    assert found.seconds == Range(12 * 60.0, 12 * 60.0)


def test_a_local_model_that_was_never_timed_takes_unknown_time(bench: Bench, tmp_path: Path) -> None:
    """No guess: the time is unknown, the total says so, and weights that are missing are a note."""
    bench.write_judge("small", f"gguf:{tmp_path}/gone.gguf")
    found = estimated(bench.write_experiment("small"))
    assert only(found).seconds is None
    assert found.seconds_unknown == ("small",)
    assert found.seconds == NOTHING
    assert "small cannot be asked on this machine" in found.notes[0]


# --- what it will be able to show ------------------------------------------------------------------


def test_half_widths_are_those_of_the_plan(bench: Bench) -> None:
    """The same formulas as `harness plan`, for the run's own number of cases and runs."""
    for name in ("third", "fourth", "fifth", "sixth"):
        bench.write_case(name, ("One.", "Two, longer.", "Three, the longest."))
    bench.write(
        "cases/mini/set.yaml",
        "set_id: mini\ntitle: {en: Mini}\ndescription: {en: Six cases}\nlanguages: [en]\nn_grades: 4\n"
        "case_order: [doctor, garden, third, fourth, fifth, sixth]\n"
        "provenance: {kind: invented, date: '2026-11-21'}\n",
    )
    bench.write_scripts("longest")
    found = estimated(bench.write_experiment("script-longest")).sharpness
    assert (found.n_cases, found.n_runs, found.n_people) == (6, 6, 10)
    assert found.other_cases == half_width(Design(6, 10, 6))
    assert found.other_cases_at_best == least_half_width(6)
    assert found.judge_minus_judge == half_width_paired(6, SD_JUDGE_MINUS_JUDGE)


@pytest.mark.parametrize(
    ("judges", "rulebooks", "more", "words"),
    [
        (("script-longest",), "hhh, none", ", repeats: 1", "no noise share"),
        (("script-longest",), "hhh, none", "", "2 cases say nothing about other cases"),
        (("script-longest",), "hhh, none", "", "one judge: no share of the model"),
        (("script-longest", "script-tied"), "hhh", "", "one rulebook: no share of the rulebook"),
        (("script-longest",), "hhh, none", "", "no placebo rulebook"),
        (("script-longest",), "hhh, placebo", "", "no rulebook without rules"),
        (("script-longest",), "hhh", ", repeats: 2", "no whole squares of presentations (script-longest)"),
    ],
)
def test_what_a_run_cannot_show_is_said_before(
    bench: Bench, judges: tuple[str, ...], rulebooks: str, more: str, words: str
) -> None:
    """Each thing that the size rules out is a warning, and not one when the size allows it."""
    bench.write_scripts("longest", "tied")
    found = estimated(bench.write_experiment(*judges, rulebooks=rulebooks, more=more))
    assert any(words in warning for warning in found.sharpness.warnings)
    assert found.sharpness.other_cases is None
    whole = estimated(
        bench.write_experiment("script-longest", "script-tied", rulebooks="hhh, none, placebo")
    ).sharpness.warnings
    assert len(whole) == 1, "only the number of cases is left to complain about"


def test_nobody_is_asked_and_nothing_is_written(bench: Bench, counting: Counting) -> None:
    """An estimate leaves no folder behind."""
    bench.write_scripts("longest")
    estimated(bench.write_experiment("script-longest"), bench.root / "new-run")
    assert not (bench.root / "new-run").exists()
    assert counting.asked == []
