"""A class's grades -> what its screens show: bars, consensus, agreement, halves, before and after. Pure.

Everything about one case is computed from arrays of shape (n_pupils, n_answers); 500 pupils and six cases
take a fraction of a second. Intervals leave out one pupil at a time (T2: these cases, other pupils).
`class_judges` sets judges beside the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import JACKKNIFE_PEOPLE, MIN_PEOPLE
from harness.compare.estimates import nan_mean, optional_interval, record_test, tidy, tidy_or_none, undefined
from harness.compare.figures import named_medians
from harness.compare.source import answer_ids, grades_array
from harness.errors import UndefinedStatisticError
from harness.schema import Case, Estimate, RankedVerdict, ShuffleTest, Undefined
from harness.schema.class_pictures import AnswerShift, SplitPicture, TalkPicture
from harness.schema.classroom import CasePicture, GradeBar, HandCount, MovedPicture, Vote
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.halves import dealt_halves_test
from harness.stats.intervals import Transform, jackknife_t
from harness.stats.others import tau_sums
from harness.stats.pairs import mid_ranks, pair_signs, ratio

TOO_FEW: Undefined = "too_few_people"


@dataclass(frozen=True)
class ClassGrades:
    """What the pupils of a class, or of one half of it, said about one case in one vote."""

    case_id: str
    answer_ids: tuple[str, ...]
    n_grades: int
    vote: Vote
    pupil_ids: tuple[str, ...]
    grades: FloatArray
    """(n_pupils, n_answers): as entered, 1 = worst, NaN = not graded; nobody who graded nothing."""
    simulated: bool = False
    rulebook_id: str | None = None
    """None: the whole class."""

    @property
    def n_ordering(self) -> int:
        """Pupils who graded at least two answers: those who said something about an order."""
        return int(((~np.isnan(self.grades)).sum(axis=1) >= 2).sum())


def class_grades(
    people: Iterable[RankedVerdict],
    case: Case,
    n_grades: int,
    *,
    vote: Vote = 1,
    rulebook_id: str | None = None,
) -> ClassGrades:
    """Gather the grades of one case and vote, pupils in the order of their verdicts."""
    chosen = [
        verdict
        for verdict in people
        if verdict.cell.case_id == case.case_id
        and verdict.cell.phase == vote
        and verdict.cell.annotator_kind == "person"
        and (rulebook_id is None or verdict.cell.rulebook_id == rulebook_id)
    ]
    ids = answer_ids(case)
    return ClassGrades(
        case_id=case.case_id,
        answer_ids=ids,
        n_grades=n_grades,
        vote=vote,
        pupil_ids=tuple(verdict.cell.annotator_id for verdict in chosen),
        grades=grades_array(chosen, ids),
        simulated=any(verdict.cell.simulated for verdict in chosen),
        rulebook_id=rulebook_id,
    )


def case_picture(found: ClassGrades, hands: Iterable[HandCount] = ()) -> CasePicture:
    """Describe one case: how each answer was graded, the best orders, and how far two pupils agree.

    A show of hands is added to the bars; it orders nothing for any one pupil, and enters nothing else.
    """
    grades = found.grades
    enough = found.n_ordering >= MIN_PEOPLE
    return CasePicture(
        case_id=found.case_id,
        vote=found.vote,
        rulebook_id=found.rulebook_id,
        n=len(grades),
        n_complete=int((~np.isnan(grades)).all(axis=1).sum()),
        simulated=found.simulated,
        bars=grade_bars(found, hands),
        consensus=named_medians(grades, found.answer_ids) if enough else (),
        agreement=class_agreement(grades),
        pairs_agreeing=pairs_agreeing(grades),
    )


def grade_bars(found: ClassGrades, hands: Iterable[HandCount] = ()) -> tuple[GradeBar, ...]:
    """Count each answer's grades, from 1 = worst up, in the order of the case file."""
    counts = _grade_counts(found.grades, found.n_grades)
    place = {answer_id: number for number, answer_id in enumerate(found.answer_ids)}
    for hand in hands:
        if hand.case_id == found.case_id and hand.vote == found.vote and hand.answer_id in place:
            shown = hand.counts[: found.n_grades]
            counts[place[hand.answer_id], : len(shown)] += np.array(shown, dtype=np.int64)
    return tuple(
        GradeBar(answer_id=answer_id, counts=tuple(int(n) for n in row), n=int(row.sum()))
        for answer_id, row in zip(found.answer_ids, counts, strict=True)
    )


def class_agreement(grades: FloatArray) -> Estimate:
    """Mean tau_x of two pupils on a case; fewer than three pupils are too few to say."""
    sums = tau_sums(grades)
    n_pupils = int((sums.counts > 0).sum())
    if n_pupils < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    return _over_people(sums.mean, sums.without_each[sums.counts > 0])


def pairs_agreeing(grades: FloatArray) -> Estimate:
    """Share of pairs of answers, put apart by both, that two pupils order alike: C / (C + D), ties left out.

    This is what published figures for professional annotators count (they compare two answers at a time).
    """
    signs, missing = pair_signs(grades)
    strict = np.where(missing, 0, signs)
    above, below = (strict > 0).sum(axis=0), (strict < 0).sum(axis=0)
    same = np.where(strict > 0, above - 1, np.where(strict < 0, below - 1, 0)).sum(axis=1)
    other = np.where(strict > 0, below, np.where(strict < 0, above, 0)).sum(axis=1)
    judged = (same + other) > 0
    n_pupils = int(judged.sum())
    if n_pupils < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    alike, opposite = float(same.sum()) / 2.0, float(other.sum()) / 2.0
    rest_alike, rest_opposite = alike - same[judged], opposite - other[judged]
    without = ratio(rest_alike, rest_alike + rest_opposite)
    return _over_people(alike / (alike + opposite), without, "arcsin_sqrt")


def talk_picture(before: ClassGrades, after: ClassGrades) -> TalkPicture:
    """Compare two votes of those pupils who ordered the case in both."""
    first, second = _twice(before, after)
    taus = np.asarray(tau_x(first, second)) if len(first) else np.empty(0)
    both = ~np.isnan(taus)
    first, second, moved = first[both], second[both], (taus[both] < 1.0).astype(np.float64)
    return TalkPicture(
        moved=MovedPicture(
            case_id=before.case_id,
            n=len(moved),
            share_moved=_share_of_people(moved),
            agreement_before=class_agreement(first),
            agreement_after=class_agreement(second),
            before=grade_bars(_with_grades(before, first)),
            after=grade_bars(_with_grades(after, second)),
        ),
        shifts=_shifts(before.answer_ids, first, second),
    )


def split_picture(first: ClassGrades, second: ClassGrades, rng: np.random.Generator) -> SplitPicture:
    """Compare two halves that had different rulebooks; a show of hands stays out."""
    return SplitPicture(
        case_id=first.case_id,
        halves=(case_picture(first), case_picture(second)),
        shifts=_shifts(first.answer_ids, first.grades, second.grades),
        within=_within(first, second),
        between=_between(first, second),
        test=_dealt(first, second, rng),
    )


def _grade_counts(grades: FloatArray, n_grades: int) -> IntArray:
    return np.stack([(grades == grade).sum(axis=0) for grade in range(1, n_grades + 1)], axis=1)


def _over_people(value: float, without_each: FloatArray, transform: Transform = "none") -> Estimate:
    found = optional_interval(lambda: jackknife_t(without_each, value, transform), "T2", JACKKNIFE_PEOPLE)
    return Estimate(value=tidy(value), n=len(without_each), unit="people", intervals=found)


def _share_of_people(yes: FloatArray) -> Estimate:
    """A share of pupils, each yes or no."""
    n_pupils = len(yes)
    if n_pupils < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    without = (yes.sum() - yes) / (n_pupils - 1)
    return _over_people(float(yes.mean()), without, "arcsin_sqrt")


def _twice(before: ClassGrades, after: ClassGrades) -> tuple[FloatArray, FloatArray]:
    place = {pupil_id: number for number, pupil_id in enumerate(after.pupil_ids)}
    shared = [(number, place[name]) for number, name in enumerate(before.pupil_ids) if name in place]
    rows = np.array(shared, dtype=np.int64).reshape(-1, 2)
    return before.grades[rows[:, 0]], after.grades[rows[:, 1]]


def _with_grades(found: ClassGrades, grades: FloatArray) -> ClassGrades:
    return ClassGrades(found.case_id, found.answer_ids, found.n_grades, found.vote, (), grades)


def _shifts(names: Sequence[str], first: FloatArray, second: FloatArray) -> tuple[AnswerShift, ...]:
    means = zip(names, _mean_ranks(first), _mean_ranks(second), strict=True)
    return tuple(
        AnswerShift(answer_id=name, first=tidy_or_none(one), second=tidy_or_none(other))
        for name, one, other in means
    )


def _mean_ranks(grades: FloatArray) -> FloatArray:
    ranks = mid_ranks(grades)
    known = ~np.isnan(ranks)
    return ratio(np.where(known, ranks, 0.0).sum(axis=0), known.sum(axis=0))


def _within(first: ClassGrades, second: ClassGrades) -> Estimate:
    """Both halves' own agreement, each half with equal weight; one pupil of either half is left out."""
    if min(first.n_ordering, second.n_ordering) < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    halves = (tau_sums(first.grades), tau_sums(second.grades))
    means = [half.mean for half in halves]
    left_out = [
        (half.without_each[half.counts > 0] + other) / 2.0
        for half, other in zip(halves, reversed(means), strict=True)
    ]
    return _over_people(sum(means) / 2.0, np.concatenate(left_out))


def _between(first: ClassGrades, second: ClassGrades) -> Estimate:
    if min(first.n_ordering, second.n_ordering) < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    table = np.array(tau_x(_ordering(first)[:, None], _ordering(second)[None]))
    known = ~np.isnan(table)
    sums, counts = np.where(known, table, 0.0), known.astype(np.float64)
    without = [
        ratio(sums.sum() - sums.sum(axis=axis), counts.sum() - counts.sum(axis=axis)) for axis in (1, 0)
    ]
    return _over_people(nan_mean(table), np.concatenate(without))


def _ordering(half: ClassGrades) -> FloatArray:
    found: FloatArray = half.grades[(~np.isnan(half.grades)).sum(axis=1) >= 2]
    return found


def _dealt(first: ClassGrades, second: ClassGrades, rng: np.random.Generator) -> ShuffleTest | None:
    complete = [half.grades[~np.isnan(half.grades).any(axis=1)] for half in (first, second)]
    if min(len(half) for half in complete) < MIN_PEOPLE:
        return None
    try:
        return record_test(dealt_halves_test(complete[0], complete[1], rng), "class")
    except UndefinedStatisticError:
        return None
