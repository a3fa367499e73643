"""Judges beside a class: by hand, against the statistics behind it, and where something is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from harness.compare.class_judges import (
    Panel,
    class_order,
    employer_pairs,
    heat_picture,
    judges_picture,
    my_order,
    stability_picture,
)
from harness.compare.classroom import ClassGrades
from harness.schema import Cell, FailedVerdict, RankedVerdict, Verdict
from harness.stats.agreement import tau_x
from harness.stats.group import mean_cross_tau, mean_pairwise_tau

IDS = ("c-a", "c-b", "c-c", "c-d")
UP, DOWN, TIED = (1, 2, 3, 4), (4, 3, 2, 1), (2, 2, 2, 2)
CLASS = [DOWN, DOWN, (4, 4, 2, 1), (3, 4, 2, 1), DOWN]


def pupils(rows: Sequence[Sequence[float]], case_id: str = "c") -> ClassGrades:
    """Pupils p0, p1, … with these grades."""
    array = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return ClassGrades(case_id, IDS, 4, 1, tuple(f"p{n}" for n in range(len(array))), array)


def panel(said: Mapping[str, Sequence[Sequence[int] | None]], rulebook_id: str = "hhh") -> Panel:
    """Judges by name with their grades, repeat by repeat; None = could not be read."""
    verdicts: list[Verdict] = []
    for judge_id, runs in said.items():
        for repeat, grades in enumerate(runs):
            cell = Cell(
                annotator_id=judge_id,
                annotator_kind="judge",
                case_id="c",
                rulebook_id=rulebook_id,
                language="en",
                repeat=repeat,
            )
            verdicts.append(
                FailedVerdict(cell=cell, failure="unparsable", message="no")
                if grades is None
                else RankedVerdict(cell=cell, grades=dict(zip(IDS, map(float, grades), strict=True)))
            )
    return Panel(tuple(verdicts), {judge_id: judge_id.title() for judge_id in said})


def test_judges_stand_by_their_agreement_with_the_class() -> None:
    """Nearest first, each with the mean tau_x that the statistics give; who cannot be read comes last."""
    found = judges_picture(pupils(CLASS), panel({"far": [UP], "mute": [None], "near": [DOWN, DOWN]}), "hhh")
    assert [order.judge_id for order in found.judges] == ["near", "far", "mute"]
    near, mute = found.judges[0], found.judges[2]
    assert near.agreement is not None
    assert near.agreement.value == pytest.approx(mean_cross_tau(np.array(CLASS), np.array([DOWN, DOWN])))
    assert near.agreement.n == 5
    assert (mute.tiers, mute.undefined_because) == ((), "no_readable_verdict")


def test_the_lead_is_measured_pupil_by_pupil() -> None:
    """The difference of the two nearest judges is paired: its interval is that of the same pupils."""
    found = judges_picture(pupils(CLASS), panel({"near": [DOWN], "far": [UP]}), "hhh")
    apart = tau_x(np.array(CLASS, dtype=float), [DOWN]) - tau_x(np.array(CLASS, dtype=float), [UP])
    assert found.lead.value == pytest.approx(float(apart.mean()))
    assert found.lead.intervals[0].low > 0


def test_one_judge_alone_leads_nobody() -> None:
    """Without a second readable judge there is no lead, and the reason is told."""
    found = judges_picture(pupils(CLASS), panel({"near": [DOWN], "mute": [None]}), "hhh")
    assert (found.lead.value, found.lead.undefined_because) == (None, "one_judge")


def test_several_best_orders_are_averaged_for_the_drawing() -> None:
    """Two equal camps make every order between them as good; the drawn one is the mean: all tied."""
    assert class_order(pupils([UP, DOWN, UP, DOWN])).tiers == (IDS,)
    picture = judges_picture(pupils([(4, 3, 2, 1)] * 3), panel({}), "hhh")
    assert (picture.n_optima, picture.class_order.tiers) == (1, tuple((name,) for name in IDS))


def test_two_pupils_are_no_class() -> None:
    """Fewer than three pupils have no order and no judge near them: the words stand instead."""
    found = judges_picture(pupils([DOWN, DOWN]), panel({"near": [DOWN]}), "hhh")
    assert (found.class_order.tiers, found.class_order.undefined_because) == ((), "too_few_people")
    assert found.judges[0].agreement is not None
    assert found.judges[0].agreement.undefined_because == "too_few_people"


def test_the_heat_map_has_a_number_per_judge_and_case_and_the_class_s_own_line() -> None:
    """Cells are mean agreements, a dash without verdicts; the class's line is that of two pupils."""
    found = heat_picture([pupils(CLASS), pupils(CLASS, "other")], panel({"near": [DOWN]}), "hhh")
    expected = mean_cross_tau(np.array(CLASS), np.array([DOWN]))
    near, other = found.judges[0].by_case
    assert other is None
    assert near == pytest.approx(expected)
    assert found.pupils.by_case[0] == pytest.approx(mean_pairwise_tau(CLASS))


def test_another_employer_changes_orders_not_grades() -> None:
    """The same order with other grades has not changed; who was asked under one rulebook only is left out."""
    first = panel({"same": [(4, 3, 2, 1)], "turned": [DOWN], "once": [DOWN]})
    second = panel({"same": [(9, 7, 5, 3)], "turned": [UP]}, "other")
    both = Panel((*first.verdicts, *second.verdicts), first.names)
    pairs = {
        pair.before.judge_id: pair.changed for pair in employer_pairs(pupils(CLASS), both, ("hhh", "other"))
    }
    assert pairs == {"same": False, "turned": True}


def test_an_unreadable_side_is_no_change() -> None:
    """A judge that failed under one of two rulebooks has neither changed nor kept its order."""
    first, second = panel({"half": [DOWN]}), panel({"half": [None]}, "other")
    both = Panel((*first.verdicts, *second.verdicts), first.names)
    (pair,) = employer_pairs(pupils(CLASS), both, ("hhh", "other"))
    assert pair.changed is None


def test_a_steady_judge_repeats_its_order() -> None:
    """Agreement with itself is the mean tau_x of its verdicts; failures are counted beside them."""
    found = stability_picture([pupils(CLASS)], panel({"shaky": [UP, DOWN, None], "steady": [UP, UP]}), "hhh")
    steady, shaky = found.judges
    assert (steady.judge_id, steady.retest.value, steady.same_order.value) == ("steady", 1.0, 1.0)
    assert (shaky.retest.value, shaky.same_order.value) == (-1.0, 0.0)
    assert (shaky.n_ranked, shaky.n_failed) == (2, 1)


def test_asked_once_a_judge_is_neither_steady_nor_shaky() -> None:
    """One verdict says nothing about the next."""
    found = stability_picture([pupils(CLASS)], panel({"once": [UP]}), "hhh")
    assert found.judges[0].retest.undefined_because == "too_few_runs"


def test_my_nearest_judges_are_all_those_at_the_same_agreement() -> None:
    """Two judges that order as the pupil does are both the nearest; the class is met without the pupil."""
    judges = panel({"one": [DOWN], "two": [DOWN], "far": [UP], "mute": [None]})
    mine = my_order(pupils([DOWN, UP, UP]), "p0", judges, "hhh")
    assert mine.nearest == ("one", "two")
    assert mine.with_judges == {"one": 1.0, "two": 1.0, "far": -1.0}
    assert mine.with_class == -1.0


def test_ungraded_answers_and_pupils_who_graded_nothing() -> None:
    """Blanks are left out of an order; a pupil without grades has no order and no nearest judge."""
    nan = float("nan")
    rows = [(4.0, nan, nan, 1.0), *[tuple(map(float, DOWN))] * 3]
    mine = my_order(pupils(rows), "p0", panel({"far": [UP]}), "hhh")
    assert mine.mine == (("c-a",), ("c-d",))
    assert mine.with_judges == {"far": -1.0}
    nobody = my_order(pupils(rows), "somebody", panel({"far": [UP]}), "hhh")
    assert (nobody.mine, nobody.with_judges, nobody.nearest) == ((), {}, ())


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_relabelling_answers_changes_no_number(shift: int) -> None:
    """Turning the answers round in everybody's grades leaves every agreement as it is."""
    rng = np.random.default_rng(shift)
    rows = rng.integers(1, 5, (7, 4)).astype(float)
    own = rng.integers(1, 5, 4).tolist()
    turned = [tuple(np.roll(row, shift)) for row in rows]
    before = judges_picture(pupils([tuple(row) for row in rows]), panel({"j": [tuple(own)]}), "hhh")
    after = judges_picture(pupils(turned), panel({"j": [tuple(np.roll(own, shift))]}), "hhh")
    assert before.judges[0].agreement == after.judges[0].agreement
