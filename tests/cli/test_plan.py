"""`harness plan`: designs that reach a half-width, and what six cases cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.stats.planning import Design, half_width

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]


def planned(command: Command, *arguments: str) -> dict[str, Any]:
    """The plan as JSON."""
    done = command("plan", *arguments, "--json")
    assert done.code == 0
    loaded: dict[str, Any] = json.loads(done.out)
    return loaded


def test_designs_that_reach_a_tenth(command: Command) -> None:
    """Every design reaches the half-width, and would not with one case less."""
    plan = planned(command, "--half-width", "0.1")
    assert len(plan["studies"]) == 15
    for study in plan["studies"]:
        design = Design(study["n_cases"], study["n_people"], study["n_runs"])
        assert half_width(design) == pytest.approx(study["half_width"])
        assert study["half_width"] <= 0.1 < half_width(design._replace(n_cases=design.n_cases - 1))
    sizes = {(study["n_people"], study["n_runs"]): study["n_cases"] for study in plan["studies"]}
    assert sizes[5, 3] == 29


def test_the_work_of_a_design(command: Command) -> None:
    """29 cases, 5 people and 3 runs are 145 rankings and, for 2 judges under 3 rulebooks, 522 verdicts."""
    plan = planned(command, "--people", "5", "--runs", "3", "--judges", "2", "--rulebooks", "3")
    (study,) = plan["studies"]
    assert (study["n_cases"], study["n_rankings"], study["n_verdicts"]) == (29, 145, 29 * 3 * 2 * 3)


def test_six_cases_are_refused_in_words(command: Command) -> None:
    """With six cases no number of people is enough, and the text says what six cases cannot do."""
    studies = planned(command, "--cases", "6")["studies"]
    assert [study["n_people"] for study in studies] == [None, None, None]
    text = command("plan", "--cases", "6", "--language", "en").out
    assert "no number" in text
    assert "Six cases: ±0.22 at best for other cases" in text
    assert "10 people and 5 runs give ±0.085" in text


def test_fixed_cases_ask_for_people(command: Command) -> None:
    """With thirty cases and three runs the fewest people are named."""
    (study,) = planned(command, "--cases", "30", "--runs", "3")["studies"]
    assert study["half_width"] <= 0.1
    assert half_width(Design(30, study["n_people"] - 1, 3)) > 0.1


def test_a_whole_design_is_measured(command: Command) -> None:
    """With all three sizes fixed the half-width of that design is told, reached or not."""
    (study,) = planned(command, "--cases", "12", "--people", "5", "--runs", "3")["studies"]
    assert study["half_width"] == pytest.approx(half_width(Design(12, 5, 3)))
    assert study["half_width"] > 0.1


def test_paired_differences_need_fewer_cases(command: Command) -> None:
    """Judge minus people needs 13 cases and judge minus judge 18; --paired prints that one alone."""
    plan = planned(command)
    assert plan["judge_minus_people"] == {"sd": 0.16, "source": "published_world", "n_cases": 13}
    assert plan["judge_minus_judge"] == {"sd": 0.2, "source": "published_world", "n_cases": 18}
    text = command("plan", "--paired", "judges", "--language", "en").out
    assert "One judge minus another, on the same cases (SD 0.20): 18 cases." in text
    assert "people's own agreement" not in text


@pytest.mark.parametrize(("language", "words"), [("fr", "demi-largeur"), ("en", "half-width")])
def test_both_languages(command: Command, language: str, words: str) -> None:
    """The table and its lessons are there in French and in English, numbers included."""
    text = command("plan", "--language", language).out
    assert words in text
    assert ("±0,10" in text) == (language == "fr")


def test_a_half_width_of_nothing(command: Command) -> None:
    """A half-width of 0, or a study of two cases, is refused with what to do next."""
    nothing, two = command("plan", "--half-width", "0"), command("plan", "--cases", "2")
    assert (nothing.code, two.code) == (1, 1)
    assert "name one above 0" in nothing.err
    assert "plan 3 or more" in two.err


@pytest.fixture
def pilot(bench: Bench, command: Command) -> tuple[Path, Path]:
    """Give a run of two judges on eight cases, and a table of five people's grades."""
    names = [f"case-{letter}" for letter in "abcdefgh"]
    for place, name in enumerate(names):
        bench.write_case(name, tuple("x" * (1 + (place + n) % 4) for n in range(4)))
    text = bench.root.joinpath("cases/mini/set.yaml").read_text(encoding="utf-8")
    order = f"case_order: [doctor, garden, {', '.join(names)}]"
    bench.write("cases/mini/set.yaml", text.replace("case_order: [doctor, garden]", order))
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random", more=f", cases: [{', '.join(names)}]")
    assert command("run", "mini", "--quiet").code == 0
    rng = np.random.default_rng(1)
    rows = ["session,annotator_id,case_id,answer_id,grade"]
    rows += [
        f"s,p{who},{name},{name}-{letter},{rng.integers(1, 5)}"
        for who, name, letter in product(range(5), names, "abcd")
    ]
    return Path("results/mini"), bench.write("class.csv", "\n".join(rows) + "\n")


def test_a_pilot_brings_its_own_variation(command: Command, pilot: tuple[Path, Path]) -> None:
    """With eight cases, five people and several runs the run's variances replace the published ones."""
    run, table = pilot
    plan = planned(command, "--from", str(run), "--grades", str(table))
    assert plan["source"] == plan["judge_minus_judge"]["source"] == "this_run"
    assert plan["spread"] != planned(command)["spread"]
    assert "pilote" in command("plan", "--from", run, "--grades", table).out


def test_a_small_pilot_is_said_to_be_small(command: Command, pilot: tuple[Path, Path]) -> None:
    """Without people in the pilot the published variation stands in, and stderr says so."""
    done = command("plan", "--from", pilot[0], "--json")
    assert done.code == 0
    assert "too small to learn the variation from" in done.err
    assert json.loads(done.out)["source"] == "published_world"
