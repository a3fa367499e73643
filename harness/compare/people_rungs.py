"""The people's rungs of the noise ladder: the same person asked again, and two people."""

from __future__ import annotations

from harness.compare.crowd import Crowd
from harness.compare.estimates import undefined
from harness.compare.source import Layout, grades_array
from harness.compare.verdict_pairs import Gathered, Row, as_rows, compared, signs_of
from harness.schema import Rung


def people_rungs(layout: Layout, crowd: Crowd) -> tuple[Rung, ...]:
    """The same person asked again, and two people; words instead of figures for fewer than three people."""
    if crowd.kind != "people":
        return ()
    found = Gathered(len(layout.cases))
    for place, case in enumerate(layout.cases):
        names = tuple(answer.answer_id for answer in case.answers)
        if len(names) < 2:
            continue
        # Of anonymous votes nobody knows which are of the same person.
        again = _asked_again(crowd, case.case_id, names) if layout.source.people_known else []
        two = _two_people(crowd, case.case_id)
        for pairs in (*compared("nothing", as_rows(again)), *compared("person", as_rows(two))):
            if pairs[1] is None:
                found.add((pairs[0], None, None), place, pairs[2])
    return tuple(_shown(rung, crowd) for rung in found.rungs())


def _asked_again(crowd: Crowd, case_id: str, names: tuple[str, ...]) -> list[Row]:
    rows = []
    for who, member in enumerate(crowd.members):
        runs = member.verdicts.get(case_id, ())
        # A hundred people on two thousand cases: hardly anybody was asked again.
        signs = signs_of(grades_array(runs, names)) if len(runs) > 1 else ()
        rows += [Row("", who, place, one) for place, one in enumerate(signs)]
    return rows


def _two_people(crowd: Crowd, case_id: str) -> list[Row]:
    return [Row("", "", who, signs) for who, signs in enumerate(signs_of(crowd.view(case_id).others))]


def _shown(rung: Rung, crowd: Crowd) -> Rung:
    if rung.differs_in == "nothing" or crowd.enough:
        return rung
    few = undefined("too_few_people")
    return rung.model_copy(update={"agreement": few, "changed": few})
