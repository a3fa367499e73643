"""Who graded with a judge's proposal in sight, and who by lot did not: a study as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harness.compare.crowd import DEFAULT_RULEBOOK
from harness.compare.source import Layout, answer_ids
from harness.schema import Case, Language, Proposal, RankedVerdict
from harness.stats.agreement import tau_x
from harness.stats.arms import MIN_PEOPLE, design_of
from harness.stats.arrays import FloatArray, IntArray

_Who = tuple[str, str]
"""Session and pseudonym."""
Source = tuple[str, str]
"""Judge and rulebook."""


def votes_at_stake(layout: Layout) -> list[RankedVerdict]:
    """First votes that a proposal was at stake for, one per person and case."""
    shown = {case.case_id for case in layout.cases}
    found = [
        vote
        for vote in layout.source.people
        if vote.proposal is not None and vote.cell.phase == 1 and vote.cell.case_id in shown
    ]
    found.sort(key=lambda vote: (vote.cell.repeat, vote.cell.rulebook_id != DEFAULT_RULEBOOK))
    return list({(*_who(vote), vote.cell.case_id): vote for vote in reversed(found)}.values())


def _who(vote: RankedVerdict) -> _Who:
    return vote.cell.session or "", vote.cell.annotator_id


def source_of(proposal: Proposal) -> Source:
    """Whose proposal it was, and under which rules."""
    return proposal.judge_id or "", proposal.rulebook_id or ""


def times_with_proposal(layout: Layout) -> dict[tuple[str, str, Language], list[float]]:
    """Seconds that people took for a case with a judge's grades in sight; empty where nobody's are known.

    By judge, rulebook, and the language in which the people read.
    """
    found: dict[tuple[str, str, Language], list[float]] = {}
    for vote in votes_at_stake(layout):
        if vote.proposal is not None and vote.saw_proposal:
            known = [] if vote.seconds is None else [vote.seconds]
            found.setdefault((*source_of(vote.proposal), vote.cell.language), []).extend(known)
    return found


@dataclass(frozen=True)
class Study:
    """One judge's proposals, as arrays; row i of each is the same person."""

    source: Source
    cases: tuple[Case, ...]
    grades: list[FloatArray]
    """Per case (n_people, n_answers)."""
    proposals: list[FloatArray]
    shown: FloatArray
    """(n_people, n_cases): 1 saw it, 0 by lot not, NaN = no verdict."""
    seconds: FloatArray
    lots: IntArray
    n_aside: int
    simulated: bool

    @cached_property
    def taus(self) -> FloatArray:
        """tau_x of each person's grades with the proposal, (n_people, n_cases)."""
        columns = [
            tau_x(grades, proposal[None])
            for grades, proposal in zip(self.grades, self.proposals, strict=True)
        ]
        return np.array(columns, dtype=np.float64).reshape(len(self.cases), -1).T

    def n_people(self, arm: int) -> int:
        """People with a verdict in this arm."""
        return int((self.shown == arm).any(axis=1).sum())

    @property
    def is_enough(self) -> bool:
        """Whether there are three people in each arm, or three in all where cases were dealt."""
        if design_of(self.shown) == "cases":
            return len(self.shown) >= MIN_PEOPLE
        return min(self.n_people(1), self.n_people(0)) >= MIN_PEOPLE


def study_of(source: Source, votes: Sequence[RankedVerdict], layout: Layout) -> Study:
    """Gather who saw this judge's proposals, and who in the same sessions by lot saw none."""
    seen = [vote for vote in votes if vote.proposal and source_of(vote.proposal) == source]
    proposals = _most_shown(seen)
    kept = [
        vote for vote in seen if vote.proposal and dict(vote.proposal.grades) == proposals[vote.cell.case_id]
    ]
    sessions = {vote.cell.session for vote in seen}
    control = [vote for vote in votes if not vote.saw_proposal and vote.cell.session in sessions]
    control = [vote for vote in control if vote.cell.case_id in proposals]
    cases = tuple(case for case in layout.cases if case.case_id in proposals)
    people = sorted({_who(vote) for vote in (*kept, *control)})
    table = {(_who(vote), vote.cell.case_id): vote for vote in (*kept, *control)}
    return Study(
        source=source,
        cases=cases,
        grades=[_grades(case, people, table) for case in cases],
        proposals=[_row(proposals[case.case_id], case) for case in cases],
        shown=_matrix(cases, people, table, lambda vote: float(vote.saw_proposal)),
        seconds=_matrix(cases, people, table, lambda vote: vote.seconds or np.nan),
        lots=_lots(people, (*kept, *control)),
        n_aside=len(seen) - len(kept),
        simulated=any(vote.cell.simulated for vote in (*kept, *control)),
    )


def _most_shown(seen: Iterable[RankedVerdict]) -> dict[str, dict[str, float]]:
    """What was proposed in each case: the grades that most people had in sight."""
    counts: dict[str, Counter[tuple[tuple[str, float], ...]]] = {}
    for vote in seen:
        if vote.proposal is not None:
            grades = tuple(sorted(vote.proposal.grades.items()))
            counts.setdefault(vote.cell.case_id, Counter())[grades] += 1
    return {case_id: dict(min((-n, kind) for kind, n in one.items())[1]) for case_id, one in counts.items()}


_Votes = Mapping[tuple[_Who, str], RankedVerdict]


def _grades(case: Case, people: Sequence[_Who], table: _Votes) -> FloatArray:
    votes = [table.get((who, case.case_id)) for who in people]
    return np.array([_row({} if vote is None else vote.grades, case) for vote in votes])


def _row(grades: Mapping[str, float], case: Case) -> FloatArray:
    return np.array([grades.get(name, np.nan) for name in answer_ids(case)], dtype=np.float64)


def _matrix(
    cases: Sequence[Case], people: Sequence[_Who], table: _Votes, of: Callable[[RankedVerdict], float]
) -> FloatArray:
    votes = [[table.get((who, case.case_id)) for case in cases] for who in people]
    rows = [[np.nan if vote is None else of(vote) for vote in row] for row in votes]
    return np.array(rows, dtype=np.float64).reshape(len(people), len(cases))


def _lots(people: Sequence[_Who], votes: Iterable[RankedVerdict]) -> IntArray:
    """Number the lots; who has none is in one with everybody else of the session who has none."""
    told = {_who(vote): vote.proposal.lot for vote in votes if vote.proposal is not None}
    names = [(who[0], told.get(who) or "") for who in people]
    number = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], dtype=np.int64)
