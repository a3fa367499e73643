"""People as annotators: who agrees, who is odd, what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harness.compare.crowd import Crowd, Member
from harness.compare.drawn import drawn_rankings
from harness.compare.estimates import (
    TAU,
    generator,
    mean_over_cases,
    nan_mean,
    record_test,
    tidy_or_none,
    transformed,
    undefined,
)
from harness.compare.figures import or_nan
from harness.compare.precision import precision_table
from harness.compare.source import Layout
from harness.compare.votes import first_vote
from harness.errors import UndefinedStatisticError
from harness.schema import (
    Estimate,
    NextCase,
    PeoplePanel,
    PersonReading,
    PersonSignal,
    RankedVerdict,
    ShuffleTest,
    Undefined,
)
from harness.stats import careful
from harness.stats.agreement import tau_x
from harness.stats.arrays import BoolArray, FloatArray
from harness.stats.ask_next import priority, shrunk_disagreement
from harness.stats.blind import better_than_chance
from harness.stats.group import mean_pairwise_tau
from harness.stats.pairs import tie_share

N_SHUFFLES = 999
"""For each person; the headline tests have more."""
MAX_TESTED = 20_000
"""Rankings by all people together up to which each person is tested against blind answers."""
MIN_SIGNALS = 2


def people_panel(layout: Layout, crowd: Crowd, n_shuffles: int = N_SHUFFLES) -> PeoplePanel | None:
    """Read the people as annotators; nobody is ever removed.

    Anonymous votes, or no people, have no readings; which case to ask about next and what a planned study
    would get stand all the same.
    """
    precision, source = precision_table(layout, crowd)
    known = crowd.kind == "people" and crowd.people_known
    read = _read_all(crowd) if known else None
    return PeoplePanel(
        people=() if read is None else _readings(read, layout.seed, min(n_shuffles, N_SHUFFLES)),
        next_cases=next_cases(crowd),
        precision=precision,
        variance_source=source,
        weighted_consensus=undefined(_why_no_weights(crowd)) if read is None else _weighted(read),
        drawn=drawn_rankings(layout, crowd),
    )


def next_cases(crowd: Crowd) -> tuple[NextCase, ...]:
    """All cases, the one to ask about next first: fewest rankings, then most disagreement.

    This is the part of `harness.stats.ask_next` that is not random.
    """
    case_ids = tuple(crowd.grades)
    people = crowd.kind == "people"
    counts = np.array([len(crowd.view(case_id).others) if people else 0 for case_id in case_ids])
    taus = np.array([crowd.human_human_of(case_id) for case_id in case_ids])
    expected = shrunk_disagreement(taus, counts)
    return tuple(
        NextCase(
            case_id=case_ids[place],
            n_people=int(counts[place]),
            disagreement=tidy_or_none((1.0 - taus[place]) / 2.0),
            expected_disagreement=tidy_or_none(expected[place]),
        )
        for place in priority(counts, expected)
    )


@dataclass(frozen=True)
class _Read:
    """What all people said, person by case."""

    crowd: Crowd
    agreement: FloatArray
    """(n_people, n_cases): leave-one-out tau_x, NaN = not graded."""
    seconds: FloatArray
    reliability: careful.Reliability | None
    """None with fewer than three people."""

    @property
    def low(self) -> BoolArray:
        """Who agrees far less than the rest."""
        if self.reliability is None:
            return np.zeros(len(self.agreement), dtype=np.bool_)
        return careful.low_agreement(self.reliability)


def _read_all(crowd: Crowd) -> _Read:
    agreement = np.array([crowd.agreement[case_id].leave_one_out for case_id in crowd.grades]).T
    place = {case_id: position for position, case_id in enumerate(crowd.grades)}
    seconds = np.full(agreement.shape, np.nan)
    for who, member in enumerate(crowd.members):
        for case_id, runs in member.verdicts.items():
            taken = runs[0].seconds
            seconds[who, place[case_id]] = np.nan if taken is None else taken
    return _Read(crowd, agreement, seconds, careful.reliability(agreement) if crowd.enough else None)


def _readings(read: _Read, seed: int, n_shuffles: int) -> tuple[PersonReading, ...]:
    low, times = read.low, careful.relative_time(read.seconds)
    tested = n_shuffles if sum(len(member.verdicts) for member in read.crowd.members) <= MAX_TESTED else 0
    readings = []
    for who in range(len(read.crowd.members)):
        test = _test(read.crowd, who, seed, tested) if read.crowd.enough and tested else None
        readings.append(_reading(read, who, _Odd(bool(low[who]), float(times[who])), test))
    return tuple(readings)


@dataclass(frozen=True)
class _Odd:
    """What only a comparison with the others tells."""

    low: bool
    relative_time: float


def _reading(read: _Read, who: int, odd: _Odd, test: ShuffleTest | None) -> PersonReading:
    member = read.crowd.members[who]
    grades = _own_grades(read.crowd, who)
    shares = [_tied(own.tobytes()) for own in grades.values()]
    tied = [share == 1.0 for share in shares]
    retest = _retest(member)
    signals = _signals(member, odd, tied, retest)
    return PersonReading(
        annotator_id=member.annotator_id,
        simulated=member.simulated,
        n_cases=len(grades),
        leave_one_out=_leave_one_out(read, who),
        reliability=_reliability(read, who),
        tie_share=tidy_or_none(nan_mean(shares)),
        all_tied_share=tidy_or_none(nan_mean(tied)),
        median_seconds=tidy_or_none(_median(read.seconds[who])),
        retest=retest,
        signals=signals,
        flagged=len(signals) >= MIN_SIGNALS,
        better_than_chance=test,
    )


def _signals(member: Member, odd: _Odd, tied: Sequence[bool], retest: Estimate) -> tuple[PersonSignal, ...]:
    """The signals of `harness.stats.careful`, in the order of the record; comparisons with NaN are false."""
    found: dict[PersonSignal, bool] = {
        "low_agreement": odd.low,
        "all_tied": len(tied) >= careful.MIN_CASES and sum(tied) > careful.ALL_TIED * len(tied),
        "same_slots": careful.commonest_pattern(_patterns(member)) >= careful.SAME_SLOTS,
        "too_fast": odd.relative_time < careful.FAST,
        "failed_retest": retest.value is not None and retest.value <= 0.0,
    }
    return tuple(signal for signal, seen in found.items() if seen)


def _own_grades(crowd: Crowd, who: int) -> Mapping[str, FloatArray]:
    own = {case_id: crowd.grades[case_id][who] for case_id in crowd.members[who].verdicts}
    return {case_id: grades for case_id, grades in own.items() if not np.isnan(grades).all()}


def _patterns(member: Member) -> list[tuple[int, ...]]:
    """Dense grades in the order in which the answers were shown, one per case whose order is known."""
    patterns = []
    for runs in member.verdicts.values():
        shown = runs[0].presentation
        if shown is not None and runs[0].grades.keys() == set(shown.order):
            grades = [runs[0].grades[name] for name in shown.order]
            levels = sorted(set(grades))
            patterns.append(tuple(levels.index(grade) for grade in grades))
    return patterns


@lru_cache(maxsize=20_000)
def _tied(grades: bytes) -> float:
    """Share of a ranking's pairs that are tied; 1 = all tied, NaN = no pair."""
    return nan_mean(tie_share(np.frombuffer(grades, dtype=np.float64)[None]))


def _retest(member: Member) -> Estimate:
    """Mean tau_x between a person's own rankings of the same case."""
    found = []
    for runs in member.verdicts.values():
        repeats: dict[int, list[RankedVerdict]] = {}
        for verdict in runs:
            repeats.setdefault(verdict.cell.repeat, []).append(verdict)
        if len(repeats) > 1:
            found.append(_agreement_of([first_vote(votes) for votes in repeats.values()]))
    return mean_over_cases(found, "too_few_runs", TAU)


def _agreement_of(rankings: Sequence[Mapping[str, float]]) -> float:
    names = sorted({name for ranking in rankings for name in ranking})
    grades = np.array([[ranking.get(name, np.nan) for name in names] for ranking in rankings])
    return or_nan(lambda: mean_pairwise_tau(grades))


def _leave_one_out(read: _Read, who: int) -> Estimate:
    if not read.crowd.enough:
        return undefined("too_few_people")
    return mean_over_cases(list(read.agreement[who]), "not_measured", TAU)


def _reliability(read: _Read, who: int) -> Estimate:
    if read.reliability is None:
        return undefined("too_few_people")
    if np.isnan(read.reliability.kappa):
        return undefined("too_few_cases")
    kept = float(read.reliability.believed[who])
    raw = mean_over_cases(list(read.reliability.deviations[who]), "not_measured")
    return transformed(raw, lambda value: value * kept)


def _test(crowd: Crowd, who: int, seed: int, n_shuffles: int) -> ShuffleTest | None:
    cases = [(own, crowd.view(case_id, who).others) for case_id, own in _own_grades(crowd, who).items()]
    rng = generator(seed, "better than chance", crowd.members[who].annotator_id)
    try:
        return record_test(better_than_chance(cases, rng, n_shuffles), "case")
    except UndefinedStatisticError:
        return None


def _weighted(read: _Read) -> Estimate:
    """How far the people's mean places stay when everybody counts by his or her agreement with the others."""
    if not read.crowd.enough:
        return undefined(_why_no_weights(read.crowd))
    weights = np.array(
        [max(nan_mean(own), 0.0) if not np.isnan(own).all() else 0.0 for own in read.agreement]
    )
    found = [_moved(grades, weights) for grades in read.crowd.grades.values()]
    return mean_over_cases(found, "not_measured", TAU)


def _moved(grades: FloatArray, weights: FloatArray) -> float:
    orders = [careful.weighted_borda(grades, each) for each in (np.ones(len(grades)), weights)]
    return or_nan(lambda: float(tau_x(orders[0], orders[1])))


def _why_no_weights(crowd: Crowd) -> Undefined:
    if crowd.kind != "people":
        return "no_people"
    return "too_few_people" if crowd.people_known else "people_unknown"


def _median(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")
