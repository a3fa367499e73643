from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.cli.estimate_words import dollars, duration
from harness.run.expected import Range

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

PRICE = (
    "price: {usd_per_million_prompt_tokens: 1, usd_per_million_completion_tokens: 5, date: '2026-11-22', "
    "source: a page}\n"
)


@pytest.fixture
def written(bench: Bench) -> Bench:
    """Give an experiment of a judge with a price, one without, and a script."""
    bench.write_judge("priced", "openai/test", PRICE)
    bench.write_judge("open", "mistral/test")
    bench.write_scripts("longest")
    bench.write_experiment("priced", "open", "script-longest")
    return bench


def test_the_table_tells_money_time_and_sharpness(written: Bench, command: Callable[..., Done]) -> None:
    """People read one line per judge, a total that admits what is unknown, and the price's source."""
    done = command("estimate", "mini")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines() if line.strip()}
    assert "unknown" in lines["open"]
    assert "time only" in lines["script-longest"]
    assert "$" in lines["priced"]
    assert "+ unknown (no price in the preset: open)" in lines["money"]
    assert "2026-11-22, a page" in lines["price"]
    assert "(0.5 of the price, 2026-11-22, https://" in lines["batches"]
    assert "warning: 2 cases say nothing about other cases" in done.out


def test_where_nothing_is_known_the_total_is_unknown(written: Bench, command: Callable[..., Done]) -> None:
    """No zero stands in for an unknown price."""
    done = command("estimate", "mini", "--judges", "open")
    assert "money   unknown (no price in the preset: open)" in done.out
    assert "$0" not in done.out


def test_programs_read_the_same_numbers(written: Bench, command: Callable[..., Done]) -> None:
    """JSON has ranges as low and high, unknown as null, prices with their source."""
    found = json.loads(command("estimate", "mini", "--json").out)
    judges = {one["judge_id"]: one for one in found["judges"]}
    assert judges["open"]["usd"] is None
    assert judges["priced"]["usd"].keys() == {"low", "high"}
    assert judges["priced"]["price"]["source"] == "a page"
    assert judges["priced"]["batches"]["price_factor"] == 0.5
    assert judges["open"]["batches"] is None
    assert found["usd_unknown"] == ["open"]
    assert judges["open"]["n_live"] == judges["open"]["n_calls"] == 24
    assert found["sharpness"]["n_cases"] == 2


def test_settings_change_the_estimate_as_they_change_the_run(
    written: Bench, command: Callable[..., Done]
) -> None:
    """The options of `run` are those of `estimate`: fewer repeats, cases and judges are fewer calls."""
    options = ("--set", "parts.first.repeats=2", "--cases", "doctor", "--judges", "open")
    found = json.loads(command("estimate", "mini", "--json", *options).out)
    assert [one["n_calls"] for one in found["judges"]] == [1 * 2 * 2]
    wrong = command("estimate", "mini", "--set", "parts.first.repeat=2")
    assert wrong.code == 1
    assert "--set parts.first.repeat=2" in wrong.err


def test_a_run_records_what_was_set(written: Bench, command: Callable[..., Done]) -> None:
    """The manifest holds the experiment as the command line left it, and replays without the options."""
    options = (
        "--set",
        "parts.first.repeats=2",
        "--cases",
        "doctor",
        "--judges",
        "script-longest",
        "--seed",
        "9",
    )
    assert command("run", "mini", "-o", "run", "-q", *options).code == 0

    experiment = json.loads(Path("run/manifest.json").read_text())["experiment"]
    (part,) = experiment["parts"]
    assert (part["repeats"], part["cases"], part["judges"]) == (2, ["doctor"], ["script-longest"])
    assert experiment["seed"] == 9
    assert command("replay", "run", "-q").code == 0
    other = command("run", "mini", "-o", "run", "-q", "--judges", "script-longest")
    assert other.code == 1
    assert "another run" in other.err


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Range(0, 0), "$0"),
        (Range(0.0123, 0.0456), "$0.012–0.046"),
        (Range(1234.5, 2000), "$1,234.50–2,000.00"),
    ],
)
def test_money_has_two_digits_that_count(found: Range, words: str) -> None:
    """Cents matter in a small run and not in a large one."""
    assert dollars(found) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Range(3, 90), "3–90 s"),
        (Range(60, 600), "1–10 min"),
        (Range(3600, 36_000), "1–10 h"),
        (Range(86_400, 432_000), "1–5 days"),
        (Range(240, 240), "4 min"),
    ],
)
def test_time_is_in_the_unit_of_its_longer_end(found: Range, words: str) -> None:
    """Nobody reads 432,000 seconds."""
    assert duration(found) == words
