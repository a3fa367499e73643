"""Who is on the map, and how each of them ranked each case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.judges import answer_lengths, panel_order, panel_ranks
from harness.compare.learned import learned_grades
from harness.compare.measured import MAX_MEDIANS
from harness.compare.source import Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import Case
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.consensus import kemeny_medians
from harness.stats.map import mean_columns

MAX_PEOPLE = 300
"""More people are drawn at random down to so many: distances grow with the square."""


@dataclass(frozen=True)
class OnMap:
    """One annotator on the map."""

    kind: Literal["person", "consensus", "judge", "panel", "learned", "baseline"]
    title: str
    row_id: str | None = None
    judge_id: str | None = None
    rulebook_id: str | None = None

    @property
    def makes_axes(self) -> bool:
        """People and judges make the axes; whoever is made of others is placed on them afterwards."""
        return self.kind in ("person", "judge")


class CaseRows(NamedTuple):
    """All rankings of one case, those of one annotator together."""

    present: IntArray
    """(n_present,): which points ranked the case, ascending."""
    grades: FloatArray
    """(n_rankings, n_answers)."""
    owner: IntArray
    """(n_rankings,): position in `present`."""


class Block(NamedTuple):
    """Neighbouring cases of a stack that the same points ranked."""

    numbers: IntArray
    """(n_cases,): which cases."""
    present: IntArray
    """(n_present,): which points."""
    owners: slice
    """Which owners they are: as many of each case."""


class Stack(NamedTuple):
    """All rankings of the cases with one number of answers, so that they are computed at once."""

    grades: FloatArray
    owner: IntArray
    """(n_rankings,): another number for every annotator in every case, ascending from 0."""
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Rankings:
    """The points, and what they said."""

    points: tuple[OnMap, ...]
    cases: tuple[CaseRows, ...]

    @cached_property
    def axes(self) -> BoolArray:
        """(n_points,): who makes the axes."""
        return np.array([point.makes_axes for point in self.points], dtype=np.bool_)

    @cached_property
    def stacks(self) -> tuple[Stack, ...]:
        """The cases laid on top of each other: those of one number of answers in stacks of bounded size."""
        found: dict[int, list[int]] = {}
        for number, case in enumerate(self.cases):
            if len(case.present):
                found.setdefault(case.grades.shape[1], []).append(number)
        stacks: list[Stack] = []
        for numbers in found.values():
            before = np.cumsum([0, *(len(self.cases[number].owner) for number in numbers[:-1])])
            for _, some in groupby(zip(numbers, before // _MOST_RANKINGS, strict=True), key=itemgetter(1)):
                stacks.append(_stack([(number, self.cases[number]) for number, _ in some]))
        return tuple(stacks)

    @cached_property
    def columns(self) -> tuple[FloatArray, ...]:
        """The mean thermometer of every annotator in every case, stack by stack."""
        return tuple(mean_columns(stack.grades, stack.owner) for stack in self.stacks)

    def only(self, kept: IntArray) -> Rankings:
        """The same for some of the points, in the given order (ascending)."""
        points = tuple(self.points[int(number)] for number in kept)
        return Rankings(points, tuple(_only(case, kept) for case in self.cases))


Said = Mapping[str, FloatArray]
"""case_id -> rankings, (n_rankings, n_answers)."""


def map_rankings(layout: Layout, crowd: Crowd, rng: np.random.Generator) -> Rankings:
    """Gather people, judges, and those placed afterwards: consensus, panels, reward models, baselines."""
    found: list[tuple[OnMap, Said]] = [*_people(crowd, rng), *_judges(_map_lines(layout))]
    found += [*_consensus(crowd), *_panels(_map_lines(layout), layout.cases), *_baselines(layout)]
    found += _learned(layout)
    spoken = [(point, said) for point, said in found if said]
    cases = [_case_rows(case, [said for _, said in spoken]) for case in layout.cases]
    return Rankings(tuple(point for point, _ in spoken), tuple(case for case in cases if len(case.present)))


def _case_rows(case: Case, spoken: Sequence[Said]) -> CaseRows:
    rows = [(number, said[case.case_id]) for number, said in enumerate(spoken) if case.case_id in said]
    grades = np.concatenate([np.empty((0, len(case.answers))), *(one for _, one in rows)])
    owner = np.repeat(np.arange(len(rows)), [len(one) for _, one in rows])
    return CaseRows(np.array([number for number, _ in rows], dtype=np.int64), grades, owner)


def _stack(cases: Sequence[tuple[int, CaseRows]]) -> Stack:
    n_owners = [0, *np.cumsum([len(case.present) for _, case in cases]).tolist()]
    owners = [case.owner + first for (_, case), first in zip(cases, n_owners, strict=False)]
    grades = np.concatenate([case.grades for _, case in cases])
    return Stack(grades, np.concatenate(owners), tuple(_blocks(cases, n_owners)))


def _blocks(cases: Sequence[tuple[int, CaseRows]], n_owners: Sequence[int]) -> Iterator[Block]:
    start = 0
    for end in range(1, len(cases) + 1):
        present = cases[start][1].present
        most = max(1, _MOST_DISTANCES // len(present) ** 2)
        full = end == len(cases) or end - start == most
        if full or not np.array_equal(present, cases[end][1].present):
            numbers = np.array([number for number, _ in cases[start:end]], dtype=np.int64)
            yield Block(numbers, present, slice(n_owners[start], n_owners[end]))
            start = end


_MOST_RANKINGS = 50_000
"""In a stack, whose thermometers stand in memory at once."""
_MOST_DISTANCES = 1_000_000
"""That stand in memory at once."""


def _only(case: CaseRows, kept: IntArray) -> CaseRows:
    stays = np.isin(case.present, kept)
    rows = stays[case.owner]
    owner = (np.cumsum(stays) - 1)[case.owner[rows]]
    return CaseRows(np.searchsorted(kept, case.present[stays]), case.grades[rows], owner)


def _people(crowd: Crowd, rng: np.random.Generator) -> Iterable[tuple[OnMap, Said]]:
    """Each person's first votes; nobody where votes are anonymous."""
    if crowd.kind != "people" or not crowd.people_known:
        return
    who = np.arange(len(crowd.members))
    if len(who) > MAX_PEOPLE:
        who = np.sort(rng.choice(who, MAX_PEOPLE, replace=False))
    for number in who:
        member = crowd.members[number]
        votes = {case_id: crowd.grades[case_id][[number]] for case_id in member.verdicts}
        said = {case_id: vote for case_id, vote in votes.items() if not np.isnan(vote).all()}
        yield OnMap("person", member.annotator_id, row_id=f"{member.kind}:{member.annotator_id}"), said


def _map_lines(layout: Layout) -> tuple[Line, ...]:
    """One line per judge and rulebook: base wording, the first language that it was asked in."""
    first: dict[tuple[str, str], Line] = {}
    for line in layout.lines:
        if line.key.wording == "base":
            first.setdefault((line.key.judge_id, line.key.rulebook_id), line)
    return tuple(first.values())


def _judges(lines: Sequence[Line]) -> Iterable[tuple[OnMap, Said]]:
    for line in lines:
        key = line.key
        point = OnMap(
            "judge",
            line.spec.title or line.spec.judge_id,
            row_id=f"judge:{':'.join(key)}",
            judge_id=key.judge_id,
            rulebook_id=key.rulebook_id,
        )
        yield point, {runs.case_id: runs.grades for runs in line.cases if len(runs.grades)}


def _consensus(crowd: Crowd) -> Iterable[tuple[OnMap, Said]]:
    """All Kemeny medians of the people in each case; the author's key is no consensus."""
    if crowd.kind == "people" and crowd.enough:
        medians = {case_id: _medians(crowd.view(case_id).others) for case_id in crowd.grades}
        yield OnMap("consensus", "people"), {name: found for name, found in medians.items() if len(found)}


def _medians(grades: FloatArray) -> FloatArray:
    """Medians over the answers that somebody ranked; none where more than twelve are equally good."""
    ranked = ~np.isnan(grades).all(axis=0)
    if not ranked.any():
        return grades[:0]
    try:
        found = kemeny_medians(grades[:, ranked], MAX_MEDIANS)
    except UndefinedStatisticError:
        return grades[:0]
    whole = np.full((len(found), grades.shape[1]), np.nan)
    whole[:, ranked] = found
    return whole


def _panels(lines: Sequence[Line], cases: Sequence[Case]) -> Iterable[tuple[OnMap, Said]]:
    gathered: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        gathered.setdefault((line.protocol, line.key.rulebook_id, line.key.language), []).append(line)
    for (protocol, rulebook_id, language), members in gathered.items():
        if len(members) > 1:
            row_id = f"panel:{protocol}:{rulebook_id}:base:{language}"
            title = f"panel of {len(members)} judges"
            yield OnMap("panel", title, row_id=row_id, rulebook_id=rulebook_id), _panel(members, cases)


def _panel(members: Sequence[Line], cases: Sequence[Case]) -> Said:
    orders = [panel_order(ranks) for ranks in panel_ranks(members, len(cases)).values()]
    return {
        cases[number].case_id: order[[number]]
        for order in orders
        for number in np.flatnonzero(~np.isnan(order[:, 0])).tolist()
    }


def _learned(layout: Layout) -> Iterable[tuple[OnMap, Said]]:
    for readings in layout.source.learned:
        reward_id = readings.source.reward_id
        said = zip(layout.cases, learned_grades(readings, layout.cases), strict=True)
        point = OnMap("learned", reward_id, row_id=f"learned:{reward_id}")
        yield point, {case.case_id: grades for case, grades in said if len(grades)}


def _baselines(layout: Layout) -> Iterable[tuple[OnMap, Said]]:
    tied = {case.case_id: np.ones((1, len(case.answers))) for case in layout.cases}
    yield OnMap("baseline", "all-tied", row_id="baseline:all-tied"), tied
    language = layout.lines[0].key.language if layout.lines else layout.languages[0]
    lengths = answer_lengths(layout.cases)
    longest = {
        case.case_id: lengths[case.case_id, language][None]
        for case in layout.cases
        if (case.case_id, language) in lengths
    }
    yield OnMap("baseline", "longest-answer", row_id="baseline:longest-answer"), longest
