from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from harness.errors import ExperimentError
from harness.load.content import load_experiment
from harness.prompt import PAIR_SLOTS
from harness.run.content import gather_content
from harness.run.plan import PlannedCell, count_calls, plan_run
from harness.run.presenting import listwise_presentation, pair_presentations
from harness.schema import Experiment, request_key
from harness.stats.design import williams_square

if TYPE_CHECKING:
    from tests.conftest import Bench


def planned(experiment: Experiment) -> tuple[PlannedCell, ...]:
    """The plan of an experiment whose judges are all remote or scripted."""
    content = gather_content(experiment)
    return plan_run(experiment, content, {name: {} for name in content.judges})


def orders(plan: tuple[PlannedCell, ...], **fields: object) -> list[tuple[str, ...]]:
    """What is shown in the listwise cells with these fields, in the plan's order."""
    chosen = [one for one in plan if all(getattr(one.cell, name) == value for name, value in fields.items())]
    return [call.origin.presentation.order for one in chosen for call in one.calls]


def test_repeats_are_the_rows_of_a_williams_square(bench: Bench) -> None:
    """One full set of repeats shows every row once, each answer equally often in each slot."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    plan = planned(load_experiment("mini"))
    for case_id in ("doctor", "garden"):
        rows = orders(plan, case_id=case_id, rulebook_id="hhh")
        answer_ids = sorted(rows[0])
        named = [tuple(answer_ids.index(answer_id) for answer_id in row) for row in rows]
        assert sorted(named) == sorted(map(tuple, williams_square(3).tolist()))
        slots = Counter((answer_id, slot) for row in rows for slot, answer_id in enumerate(row))
        assert len(set(slots.values())) == 1


def test_the_order_is_the_same_under_every_rulebook_wording_and_language(bench: Bench) -> None:
    """Between two rulebooks only the rules differ: who is shown where is the same, repeat by repeat."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random", more=", wordings: [base, paraphrase]")
    plan = planned(load_experiment("mini"))
    for judge in ("script-longest", "script-random"):
        for case_id in ("doctor", "garden"):
            shown = {
                tuple(
                    orders(plan, annotator_id=judge, case_id=case_id, rulebook_id=rulebook, wording=wording)
                )
                for rulebook in ("hhh", "none")
                for wording in ("base", "paraphrase")
            }
            assert len(shown) == 1


def test_the_starting_row_varies_by_judge_case_and_seed(bench: Bench) -> None:
    """Judge, case and seed each decide where the square starts, and every row is a start for some."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    content = gather_content(load_experiment("mini"))
    doctor, garden = content.cases["doctor"], content.cases["garden"]

    def first(judge_id: str, seed: int) -> tuple[str, ...]:
        return listwise_presentation(doctor, judge_id, seed, 0).order

    assert len({first("judge", seed) for seed in range(100)}) == len(williams_square(3))
    assert len({first(f"judge-{number}", 7) for number in range(100)}) == len(williams_square(3))
    letters = [
        [
            "".join(name[-1] for name in listwise_presentation(case, "judge", seed, 0).order)
            for case in (doctor, garden)
        ]
        for seed in range(100)
    ]
    assert any(one != other for one, other in letters)
    assert first("judge", 7) == first("judge", 7)


def test_every_row_starts_equally_often(bench: Bench) -> None:
    """Over many judges the starting rows are spread evenly (within five standard errors)."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    doctor = gather_content(load_experiment("mini")).cases["doctor"]
    n_rows, n_judges = len(williams_square(3)), 3000
    starts = Counter(listwise_presentation(doctor, f"judge-{n}", 7, 0).order for n in range(n_judges))
    expected = n_judges / n_rows
    assert all(abs(count - expected) < 5 * expected**0.5 for count in starts.values())


@pytest.mark.parametrize("protocol", ["listwise", "pairwise"])
def test_too_many_repeats_are_refused(bench: Bench, protocol: str) -> None:
    """A repeat is a new presentation: more of them than there are is an error that says how many."""
    bench.write_judge("one", "scripted/longest", f"protocol: {protocol}\n")
    most = len(PAIR_SLOTS) if protocol == "pairwise" else len(williams_square(3))
    bench.write_experiment("one", more=f", repeats: {most}")
    assert {one.cell.repeat for one in planned(load_experiment("mini"))} == set(range(most))
    bench.write_experiment("one", more=f", repeats: {most + 1}")
    with pytest.raises(
        ExperimentError, match=rf"parts\.first\.repeats: {most + 1} repeats.*write {most} or less"
    ):
        planned(load_experiment("mini"))


def test_a_cell_that_two_parts_name_stands_once(bench: Bench) -> None:
    """Overlapping parts ask nothing twice, and the first part decides the order."""
    bench.write_scripts("longest", "random")
    second = (
        "- {part_id: second, judges: [script-longest, script-random], rulebooks: [none], languages: [en]}\n"
    )
    bench.write_experiment("script-longest", extra=second)
    plan = planned(load_experiment("mini"))
    cells = [one.cell.model_dump_json() for one in plan]
    n_rows = len(williams_square(3))
    assert len(cells) == len(set(cells)) == (2 + 1) * 2 * n_rows
    assert [one.cell.annotator_id for one in plan] == ["script-longest"] * 4 * n_rows + [
        "script-random"
    ] * 2 * n_rows


def test_a_pairwise_cell_asks_every_pair_in_both_orders(bench: Bench) -> None:
    """A pairwise verdict rests on every ordered pair, shown under the slot names of its repeat."""
    bench.write_judge("pairs", "scripted/longest", "protocol: pairwise\n")
    bench.write_experiment("pairs")
    plan = planned(load_experiment("mini"))
    assert {one.cell.repeat for one in plan} == {0, 1, 2}
    for one in plan:
        shown = [call.origin.presentation for call in one.calls]
        answer_ids = [f"{one.cell.case_id}-{letter}" for letter in "abc"]
        assert sorted(presentation.order for presentation in shown) == sorted(permutations(answer_ids, 2))
        assert {presentation.slots for presentation in shown} == {PAIR_SLOTS[one.cell.repeat]}


def test_pairs_that_begin_alike_are_neighbours(bench: Bench) -> None:
    """Calls that share their beginning come one after the other, so that a prompt cache can serve them."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    doctor = gather_content(load_experiment("mini")).cases["doctor"]
    firsts = [presentation.order[0] for presentation in pair_presentations(doctor, 0)]
    assert firsts == sorted(firsts)


def test_every_call_of_a_plan_has_a_key_of_its_own(bench: Bench) -> None:
    """No two calls of a plan share a key, and planning again gives the same keys."""
    bench.write_scripts("longest", "random")
    bench.write_judge("pairs", "scripted/longest", "protocol: pairwise\n")
    bench.write_experiment("script-longest", "script-random", "pairs", more=", wordings: [base, paraphrase]")
    plan = planned(load_experiment("mini"))
    calls = [call for one in plan for call in one.calls]
    assert len({call.key for call in calls}) == len(calls)
    assert all(call.key == request_key(call.request) for call in calls)
    assert [call.key for one in planned(load_experiment("mini")) for call in one.calls] == [
        call.key for call in calls
    ]


def test_the_shipped_experiment_has_unique_keys() -> None:
    """In the run that is shipped, too, no call can be answered by another call's recording."""
    calls = [call.key for one in planned(load_experiment("local-judges")) for call in one.calls]
    assert len(calls) == len(set(calls)) > 1000


def test_dimensions_are_asked_for_only_where_they_can_be_given(bench: Bench) -> None:
    """The switch of the experiment changes listwise prompts and leaves pairwise ones as they are."""
    bench.write_scripts("longest")
    bench.write_judge("pairs", "scripted/longest", "protocol: pairwise\n")
    bench.write_experiment("script-longest", "pairs")
    plain = load_experiment("mini")
    switched = plain.model_copy(update={"dimensions": True})
    for before, after in zip(planned(plain), planned(switched), strict=True):
        pairwise = before.cell.protocol == "pairwise"
        assert (before.calls == after.calls) is pairwise
        assert after.dimensions is not pairwise


def test_cells_are_in_the_order_in_which_they_are_asked(bench: Bench) -> None:
    """One judge after the other, then rulebook by rulebook, case by case, repeat by repeat."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-random", "script-longest")
    cells = [one.cell for one in planned(load_experiment("mini"))]
    ranks = [
        (
            ["script-random", "script-longest"].index(cell.annotator_id),
            ["hhh", "none"].index(cell.rulebook_id),
            ["doctor", "garden"].index(cell.case_id),
            cell.repeat,
        )
        for cell in cells
    ]
    assert ranks == sorted(ranks)


def test_the_keys_of_a_plan_are_those_of_its_requests(bench: Bench) -> None:
    """What cells share is written once; request, key and origin of every call stay what they say."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random", more=", wordings: [base, paraphrase]")
    experiment = load_experiment("mini")
    plan = planned(experiment)
    for one in plan:
        for call in one.calls:
            assert call.key == request_key(call.request)
            assert call.request.repeat == call.origin.repeat == one.cell.repeat
            assert call.origin.case_id == one.cell.case_id
    content = gather_content(experiment)
    counted = count_calls(experiment, content, {name: {} for name in content.judges})
    assert counted == Counter(one.spec.judge_id for one in plan for _ in one.calls)
