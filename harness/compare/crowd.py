"""Whose rankings the judges are compared with: people, the author's key, or nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np

from harness.compare.estimates import (
    TAU,
    mean_over_cases,
    nan_mean,
    optional_interval,
    undefined,
)
from harness.compare.source import answer_ids
from harness.compare.votes import first_vote, unused
from harness.errors import UndefinedStatisticError
from harness.schema import AnnotatorKind, Case, Estimate, RankedVerdict, Undefined
from harness.schema.comparison import VotesAside
from harness.stats.arrays import FloatArray
from harness.stats.consensus import MAX_ANSWERS
from harness.stats.group import crowd_ceiling
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.others import TauSums, tau_sums
from harness.stats.pairs import dense_grades, ratio

MIN_PEOPLE = 3
"""One or two people get words instead of human-human figures."""
MIN_VOTES = 2
"""Anonymous votes on one case: how many people gave all of them is unknown, so two votes are enough."""
DEFAULT_RULEBOOK = "hhh"
JACKKNIFE_PEOPLE = "jackknife-t over people"

ReferenceKind = Literal["people", "key", "none"]


@dataclass(frozen=True)
class Member:
    """One person (or the author's key): first votes under one rulebook, by case, repeats in order."""

    annotator_id: str
    kind: AnnotatorKind
    verdicts: Mapping[str, tuple[RankedVerdict, ...]]

    @property
    def simulated(self) -> bool:
        """True when any of the verdicts is simulated."""
        return any(verdict.cell.simulated for runs in self.verdicts.values() for verdict in runs)

    @property
    def rulebook_ids(self) -> tuple[str, ...]:
        """Rulebooks under which the verdicts were given, sorted."""
        return tuple(sorted({runs[0].cell.rulebook_id for runs in self.verdicts.values()}))


class View(NamedTuple):
    """What one row is held against in one case."""

    others: FloatArray
    """(n_others, n_answers): first votes, repeat 0; nobody who ranked nothing."""
    human_human: float
    """Mean tau_x between two people; NaN where it is not shown."""
    consistency: float
    """Mean tau_x between two of the others; NaN where no gap is shown."""


@dataclass(frozen=True)
class Crowd:
    """The reference, case by case; row i of every array is member i, all NaN where he or she did not rank."""

    kind: ReferenceKind
    members: tuple[Member, ...]
    grades: Mapping[str, FloatArray]
    other_keys: tuple[Member, ...] = ()
    """The author's key when people are the reference: a row like a judge's."""
    people_known: bool = True
    """False: anonymous votes; a member is then the first, second, … vote of a case, and nobody."""
    votes_aside: Mapping[VotesAside, int] = field(default_factory=dict)
    """People's votes that do not enter comparisons, by reason; reasons without any are left out."""

    @property
    def enough(self) -> bool:
        """True when human-human figures may be shown: three people, or two anonymous votes on some case."""
        least = MIN_PEOPLE if self.people_known else MIN_VOTES
        return self.kind == "people" and len(self.members) >= least

    @cached_property
    def agreement(self) -> Mapping[str, TauSums]:
        """case_id -> each member's sum of tau_x to the others."""
        return {case_id: tau_sums(grades) for case_id, grades in self.grades.items()}

    def human_human_of(self, case_id: str) -> float:
        """Mean tau_x between two people in one case; NaN with fewer than three people in all."""
        return self.agreement[case_id].mean if self.enough and case_id in self.grades else np.nan

    def view(self, case_id: str, without: int | None = None) -> View:
        """What a row is held against in a case; `without` leaves the member out who is the row."""
        if without is None:
            return self._views[case_id]
        if not self.enough:
            return View(self.grades[case_id][:0], np.nan, np.nan)
        kept = np.delete(self.grades[case_id], without, axis=0)
        consistency = float(self.agreement[case_id].without_each[without])
        return View(_who_ranked(kept), self.human_human_of(case_id), consistency)

    @cached_property
    def _views(self) -> Mapping[str, View]:
        views = {}
        for case_id, grades in self.grades.items():
            human_human = self.human_human_of(case_id)
            views[case_id] = View(_who_ranked(grades), human_human, human_human)
        return views

    def why_no_tau(self, n_ranked: int, without: int | None) -> Undefined:
        """The reason when a row agrees with nobody."""
        if self.kind == "none":
            return "no_people"
        if without is not None:
            return "too_few_people" if self.kind == "people" else "does_not_apply"
        return "no_people" if n_ranked else "no_readable_verdict"

    @property
    def why_no_human_human(self) -> Undefined:
        """The reason when there is no human-human figure."""
        return "no_people" if self.kind == "none" else "too_few_people"

    @property
    def why_no_median(self) -> Undefined:
        """The reason when no case has a median of the others: rankings with holes, or too few of them."""
        complete = (_complete(grades) for grades in self.grades.values())
        if any(len(rankings) > 1 for rankings in complete):
            return "too_few_people"
        several = any(len(_who_ranked(grades)) > 1 for grades in self.grades.values())
        return "incomplete_rankings" if several else "too_few_people"

    def human_human(self, case_ids: Sequence[str]) -> Estimate:
        """Mean over cases of the agreement between two people, for other cases (T3) and other people (T2).

        Anonymous votes: the same mean over pairs of votes, and nothing about other people.
        """
        because = self.why_no_human_human
        if not self.enough:
            return undefined(because)
        estimate = mean_over_cases([self.human_human_of(case_id) for case_id in case_ids], because, TAU)
        if estimate.value is None or not self.people_known:
            return estimate
        people = optional_interval(lambda: self._interval_over_people(case_ids), "T2", JACKKNIFE_PEOPLE)
        return estimate.model_copy(update={"intervals": (*estimate.intervals, *people)})

    def crowd_ceiling(self) -> Estimate:
        """Mean over cases of a person's agreement with the median of the others."""
        if not self.enough:
            return undefined(self.why_no_human_human)
        widths = [grades.shape[1] for grades in self.grades.values()]
        # A Kemeny median is searched over subsets of answers: no further than ten of them.
        too_many = bool(widths) and min(widths) > MAX_ANSWERS
        because: Undefined = "too_many_answers" if too_many else self.why_no_median
        return mean_over_cases([_ceiling(grades) for grades in self.grades.values()], because, TAU)

    def _interval_over_people(self, case_ids: Sequence[str]) -> Interval:
        found = [self.agreement[case_id] for case_id in case_ids]
        totals, n_defined = np.zeros(len(self.members)), np.zeros(len(self.members))
        for case in found:
            without_each = case.without_each
            defined = ~np.isnan(without_each)
            totals[defined] += without_each[defined]
            n_defined += defined
        return jackknife_t(ratio(totals, n_defined), nan_mean([case.mean for case in found]))


def build_crowd(
    people: Iterable[RankedVerdict], cases: Sequence[Case], *, people_known: bool = True
) -> Crowd:
    """Gather the reference for these cases: people if there are any, else the author's key, else nobody.

    Only first votes count (phase 1) that were given without a judge's proposal in sight. A person who ranked
    a case under several rulebooks counts once, with the employer's (`hhh`) if it is among them, else the
    first by name; repeats beyond the first are kept for his or her own retest. With `people_known` = False
    the ids of annotators are slots, not people.
    """
    shown = {case.case_id for case in cases}
    votes = [verdict for verdict in people if verdict.cell.case_id in shown]
    first_votes = [verdict for verdict in votes if verdict.cell.phase == 1 and not verdict.saw_proposal]
    persons = _members([verdict for verdict in first_votes if verdict.cell.annotator_kind == "person"])
    keys = _members([verdict for verdict in first_votes if verdict.cell.annotator_kind == "key"])
    members, kind = (persons, "people") if persons else (keys, "key" if keys else "none")
    grades = {case.case_id: _first_votes(members, case) for case in cases}
    # Whoever wrote the key is known; only people can be anonymous.
    known = people_known or kind != "people"
    others = keys if persons else ()
    return Crowd(_KINDS[kind], members, grades, others, known, _votes_aside(votes, persons))


def _votes_aside(votes: Sequence[RankedVerdict], persons: Sequence[Member]) -> dict[VotesAside, int]:
    """Count the people's votes that are not compared, by reason."""
    all_mine = [verdict for verdict in votes if verdict.cell.annotator_kind == "person"]
    mine = [verdict.cell for verdict in all_mine if not verdict.saw_proposal]
    kept = [runs for member in persons for runs in member.verdicts.values()]
    left = [unused(runs) for runs in kept if len(runs) > 1]
    n_first = sum(cell.phase == 1 for cell in mine)
    found: dict[VotesAside, int] = {
        "other_pairs": sum(one.other_pairs for one in left),
        "repeats": sum(one.repeats for one in left),
        "other_rulebooks": n_first - sum(len(runs) for runs in kept),
        "later_phases": len(mine) - n_first,
        "proposal_shown": len(all_mine) - len(mine),
    }
    return {reason: count for reason, count in found.items() if count}


_KINDS: dict[str, ReferenceKind] = {"people": "people", "key": "key", "none": "none"}


def _members(verdicts: Sequence[RankedVerdict]) -> tuple[Member, ...]:
    sessions: dict[str, set[str]] = defaultdict(set)
    gathered: dict[tuple[str, str], dict[str, list[RankedVerdict]]] = {}
    for verdict in verdicts:
        cell = verdict.cell
        who = (cell.annotator_id, cell.session or "")
        sessions[cell.annotator_id].add(who[1])
        gathered.setdefault(who, {}).setdefault(cell.case_id, []).append(verdict)
    members = []
    for (annotator_id, session), by_case in sorted(gathered.items()):
        # The same name in two sessions is two people.
        unique = annotator_id if len(sessions[annotator_id]) == 1 else f"{session}/{annotator_id}"
        chosen = {case_id: _one_rulebook(runs) for case_id, runs in by_case.items()}
        kind = next(iter(chosen.values()))[0].cell.annotator_kind
        members.append(Member(unique, kind, chosen))
    return tuple(members)


def _one_rulebook(runs: Sequence[RankedVerdict]) -> tuple[RankedVerdict, ...]:
    names = {verdict.cell.rulebook_id for verdict in runs}
    chosen = DEFAULT_RULEBOOK if DEFAULT_RULEBOOK in names else min(names)
    kept = [verdict for verdict in runs if verdict.cell.rulebook_id == chosen]
    return tuple(sorted(kept, key=lambda verdict: verdict.cell.repeat))


def _first_votes(members: Sequence[Member], case: Case) -> FloatArray:
    ids = answer_ids(case)
    rows = np.full((len(members), len(ids)), np.nan)
    for position, member in enumerate(members):
        runs = member.verdicts.get(case.case_id)
        if runs:
            grades = first_vote(runs)
            rows[position] = [grades.get(answer_id, np.nan) for answer_id in ids]
    return rows


def _who_ranked(grades: FloatArray) -> FloatArray:
    return grades[~np.isnan(grades).all(axis=1)]


def _complete(grades: FloatArray) -> FloatArray:
    return grades[~np.isnan(grades).any(axis=1)]


def _ceiling(grades: FloatArray) -> float:
    complete = dense_grades(_complete(grades))
    # The order of the people does not matter: few answers and people make the same crowd again and again.
    sorted_rows = np.ascontiguousarray(complete[np.lexsort(complete.T)])
    return _ceiling_of(sorted_rows.tobytes(), complete.shape[1])


@lru_cache(maxsize=4_096)
def _ceiling_of(grades: bytes, n_answers: int) -> float:
    try:
        return crowd_ceiling(np.frombuffer(grades, dtype=np.float64).reshape(-1, n_answers))
    except UndefinedStatisticError:
        return float("nan")
