from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import ExperimentError
from harness.load.content import load_experiment
from harness.prompt import POINT_SLOTS
from harness.run.content import gather_content
from harness.run.plan import PlannedCell, plan_run
from harness.schema import FailedVerdict, Presentation, RankedVerdict, request_key

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.run.conftest import Counting, Runs

LONG = ("Short.", "word " * 60, "word " * 110)


def planned() -> tuple[PlannedCell, ...]:
    """The plan of the bench's experiment."""
    experiment = load_experiment("mini")
    content = gather_content(experiment)
    return plan_run(experiment, content, {name: {} for name in content.judges})


@pytest.fixture
def alone(bench: Bench) -> Bench:
    """Give a bench whose doctor's answers have 6, 300 and 550 characters, and a pointwise judge."""
    bench.write_case("doctor", LONG)
    bench.write_judge("alone", "scripted/longest", "protocol: pointwise\n")
    bench.write_experiment("alone")
    return bench


def test_a_pointwise_cell_asks_every_answer_once(alone: Bench) -> None:
    """One call per answer, each showing that answer only, under the slot name of its repeat."""
    plan = planned()
    assert {one.cell.repeat for one in plan} == {0, 1, 2}
    for one in plan:
        answer_ids = [f"{one.cell.case_id}-{letter}" for letter in "abc"]
        slot = POINT_SLOTS[one.cell.repeat]
        assert [call.origin.presentation for call in one.calls] == [
            Presentation(order=(name,), slots=(slot,)) for name in answer_ids
        ]
        for call in one.calls:
            text = call.request.messages[-1].content
            assert text.count("ANSWER ") == 1
            assert call.key == request_key(call.request)
    calls = [call for one in plan for call in one.calls]
    assert len({call.key for call in calls}) == len(calls) == 2 * 2 * 3 * 3


def test_no_other_answer_reaches_a_pointwise_judge(alone: Bench) -> None:
    """Neither the texts nor the ids of the other answers stand in a call."""
    for one in planned():
        for call, others in zip(one.calls, ((1, 2), (0, 2), (0, 1)), strict=True):
            whole = "\n".join(message.content for message in call.request.messages)
            assert "doctor-" not in whole
            if one.cell.case_id == "doctor":
                texts = [text.strip() for text in LONG]
                shown = [text for text in whole.splitlines() if text in texts]
                assert all(texts[other] not in shown for other in others)
                assert len(shown) == 1


def test_a_pointwise_run_is_read_replayed_and_compared(alone: Bench, runs: Runs, counting: Counting) -> None:
    """The grades of the single calls make the verdict, and a replay gives the same bytes."""
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    assert len(counting.asked) == 36
    doctor = [one for one in finished.verdicts if one.cell.case_id == "doctor"]
    for one in doctor:
        assert isinstance(one, RankedVerdict)
        # one grade more for every 200 characters
        assert one.grades == {"doctor-a": 1.0, "doctor-b": 2.0, "doctor-c": 3.0}
        assert one.cell.protocol == "pointwise"
        assert len(one.completion_keys) == 3
    before = Path("run/verdicts.jsonl").read_bytes()
    runs.replay(Path("run"))
    assert Path("run/verdicts.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("refuses", "refused"),
        ("rambles", "unparsable"),
        ("truncated", "truncated"),
        ("exhausted", "exhausted"),
        ("rejected", "rejected"),
    ],
)
def test_failures_of_a_pointwise_run(
    alone: Bench, runs: Runs, counting: Counting, script: str, failure: str
) -> None:
    """Each way to fail is a failed verdict of its kind that names the answer."""
    alone.write_judge("alone", f"scripted/{script}", "protocol: pointwise\n")
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    for one in finished.verdicts:
        assert isinstance(one, FailedVerdict)
        assert one.failure == failure
        assert one.message.startswith(f"answer {one.cell.case_id}-a: ")


def test_token_grades(alone: Bench, runs: Runs, counting: Counting) -> None:
    """With token probabilities the candidates are the grades, and the verdict is the expected grade."""
    more = "protocol: pointwise\npair_reading: token_probability\n"
    alone.write_judge("alone", "scripted/longest", more)
    requests = [call.request for one in planned() for call in one.calls]
    assert {request.endpoint for request in requests} == {"next_token"}
    assert all(request.parameters["candidates"] == ["1", "2", "3", "4"] for request in requests)
    assert all("{" not in request.messages[0].content for request in requests)
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    doctor = next(one for one in finished.verdicts if one.cell.case_id == "doctor")
    assert isinstance(doctor, RankedVerdict)
    # .9 on the grade and .1/3 on each of the three others: (.9·g + (10 - g)/30) / 1 = .8667 g + .3333
    expected = {"doctor-a": 1.2, "doctor-b": 2.07, "doctor-c": 2.93}
    assert doctor.grades == pytest.approx(expected, abs=0.005)


def test_a_scale_of_two_digits_has_no_token_grades(alone: Bench) -> None:
    """A grade of two digits is no single token: refused, with what to write instead."""
    alone.write_judge("alone", "scripted/longest", "protocol: pointwise\npair_reading: token_probability\n")
    path = alone.root / "cases/mini/set.yaml"
    path.write_text(path.read_text().replace("n_grades: 4", "n_grades: 10"))
    with pytest.raises(ExperimentError, match="write pair_reading: word"):
        planned()


def test_more_repeats_than_slot_names_are_refused(alone: Bench) -> None:
    """A repeat is a new slot name, never a copy."""
    alone.write_experiment("alone", more=", repeats: 4")
    with pytest.raises(ExperimentError, match=r"4 repeats.*3 slot names.*write 3 or less"):
        planned()


def test_dimensions_of_single_answers(alone: Bench, runs: Runs, counting: Counting) -> None:
    """The switch of the experiment asks a pointwise judge too, where it replies in words."""
    experiment = load_experiment("mini").model_copy(update={"dimensions": True})
    finished = runs.record(experiment, Path("run"), counting)
    one = next(one for one in finished.verdicts if one.cell.case_id == "doctor")
    assert isinstance(one, RankedVerdict)
    assert set(one.dimensions["doctor-b"].values()) == {2}
    assert len(one.dimensions["doctor-b"]) == 3
