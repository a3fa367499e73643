"""Judges beside a class: whose order is near, where they part, what another employer changes, who is steady.

Judges come as ordinary verdicts, failed ones included; `names` says what each is called on the screen. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from harness.compare.classroom import TOO_FEW, ClassGrades, class_agreement
from harness.compare.crowd import JACKKNIFE_PEOPLE, MIN_PEOPLE
from harness.compare.estimates import (
    SHARE,
    TAU,
    mean_over_cases,
    nan_mean,
    optional_interval,
    tidy,
    tidy_or_none,
    undefined,
)
from harness.compare.figures import NAN, named_medians, or_nan
from harness.compare.source import grades_array
from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, FailedVerdict, RankedVerdict, Undefined, Verdict
from harness.schema.class_pictures import (
    EmployerPair,
    HeatLine,
    HeatPicture,
    JudgesPicture,
    MyOrder,
    StabilityLine,
    StabilityPicture,
    Tiers,
)
from harness.schema.classroom import Order
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.consensus import kemeny_medians
from harness.stats.group import all_pairs, mean_pairwise_tau
from harness.stats.intervals import jackknife_t
from harness.stats.pairs import mid_ranks, ratio, tiers

_TIED_WITHIN = 9
"""Decimals to which two places averaged over equally good orders must agree to be tied."""


@dataclass(frozen=True)
class Panel:
    """The judges of a class: their verdicts under every rulebook, and what they are called."""

    verdicts: tuple[Verdict, ...]
    names: Mapping[str, str]
    """judge_id -> name; the order is that of the screens where nothing else orders them."""

    def grades(self, judge_id: str, rulebook_id: str, case_id: str, answers: Sequence[str]) -> FloatArray:
        """(n_verdicts, n_answers) of one judge under one rulebook on one case."""
        found = self._of(judge_id, rulebook_id, case_id)
        return grades_array([one for one in found if isinstance(one, RankedVerdict)], answers)

    def n_failed(self, judge_id: str, rulebook_id: str, case_id: str) -> int:
        """How many of its verdicts could not be had or read."""
        found = self._of(judge_id, rulebook_id, case_id)
        return sum(isinstance(verdict, FailedVerdict) for verdict in found)

    def asked(self, rulebook_id: str) -> tuple[str, ...]:
        """Judges that were asked anything under a rulebook."""
        met = {one.cell.annotator_id for one in self.verdicts if one.cell.rulebook_id == rulebook_id}
        return tuple(judge_id for judge_id in self.names if judge_id in met)

    @cached_property
    def rulebook_ids(self) -> tuple[str, ...]:
        """Rulebooks that somebody was asked under, in the order in which they are met."""
        return tuple(dict.fromkeys(one.cell.rulebook_id for one in self.verdicts))

    def _of(self, judge_id: str, rulebook_id: str, case_id: str) -> list[Verdict]:
        return self._by_cell.get((judge_id, rulebook_id, case_id), [])

    @cached_property
    def _by_cell(self) -> Mapping[tuple[str, str, str], list[Verdict]]:
        found: dict[tuple[str, str, str], list[Verdict]] = {}
        for one in self.verdicts:
            cell = one.cell
            found.setdefault((cell.annotator_id, cell.rulebook_id, cell.case_id), []).append(one)
        return found


def judges_picture(found: ClassGrades, panel: Panel, rulebook_id: str) -> JudgesPicture:
    """Set the class's order of a case beside each judge's; where several orders are as good, their mean."""
    orders, per_pupil = [], {}
    for judge_id in panel.asked(rulebook_id):
        own = panel.grades(judge_id, rulebook_id, found.case_id, found.answer_ids)
        per_pupil[judge_id] = _with_each_pupil(found.grades, own)
        orders.append(_judge_order(found, panel, (judge_id, rulebook_id), per_pupil[judge_id]))
    nearest = sorted(orders, key=lambda order: _falling(order.agreement))
    return JudgesPicture(
        case_id=found.case_id,
        rulebook_id=rulebook_id,
        n=found.n_ordering,
        n_optima=_n_optima(found),
        class_order=class_order(found).model_copy(update={"agreement": class_agreement(found.grades)}),
        judges=tuple(nearest),
        lead=_lead(nearest, per_pupil),
    )


def class_order(found: ClassGrades) -> Order:
    """The class's best order; the mean of all of them where several are equally good."""
    if found.n_ordering < MIN_PEOPLE:
        return Order(name="", tiers=(), undefined_because=TOO_FEW)
    places = _one_order(found.grades, found.answer_ids)
    because: Undefined | None = None if places else "incomplete_rankings"
    return Order(name="", tiers=places, undefined_because=because)


def heat_picture(cases: Sequence[ClassGrades], panel: Panel, rulebook_id: str) -> HeatPicture:
    """Mean agreement of every judge with the class, case by case, and of two pupils among themselves."""
    lines = [
        _heat_line(
            panel.names[judge_id], judge_id, [_with_class(one, panel, judge_id, rulebook_id) for one in cases]
        )
        for judge_id in panel.asked(rulebook_id)
    ]
    among = [class_agreement(one.grades).value for one in cases]
    pupils = _heat_line("", None, [NAN if value is None else value for value in among])
    return HeatPicture(
        case_ids=tuple(one.case_id for one in cases),
        judges=tuple(sorted(lines, key=lambda line: _falling(line.overall))),
        pupils=pupils,
    )


def employer_pairs(
    found: ClassGrades, panel: Panel, rulebook_ids: tuple[str, str]
) -> tuple[EmployerPair, ...]:
    """Each judge's order of a case under two employers, those asked under both."""
    first, second = rulebook_ids
    both = [judge_id for judge_id in panel.asked(first) if judge_id in panel.asked(second)]
    pairs = []
    for judge_id in both:
        before, after = (_judge_order(found, panel, (judge_id, name), None) for name in rulebook_ids)
        known = bool(before.tiers and after.tiers)
        changed = before.tiers != after.tiers if known else None
        pairs.append(EmployerPair(before=before, after=after, changed=changed))
    return tuple(pairs)


def stability_picture(cases: Sequence[ClassGrades], panel: Panel, rulebook_id: str) -> StabilityPicture:
    """How far each judge agrees with itself when it is asked again, the answers in another order."""
    lines = [_stability_line(cases, panel, judge_id, rulebook_id) for judge_id in panel.asked(rulebook_id)]
    steady = sorted(lines, key=lambda line: _falling(line.retest))
    return StabilityPicture(
        rulebook_id=rulebook_id, case_ids=tuple(one.case_id for one in cases), judges=tuple(steady)
    )


def my_order(found: ClassGrades, pupil_id: str, panel: Panel, rulebook_id: str) -> MyOrder:
    """One pupil's order beside the other pupils' and the judges', and which judge is nearest to it."""
    others = [name != pupil_id for name in found.pupil_ids]
    mine = found.grades[[not other for other in others]][:1]
    rest = found.grades[others]
    asked = panel.asked(rulebook_id)
    taus = {
        judge_id: _cross(mine, panel.grades(judge_id, rulebook_id, found.case_id, found.answer_ids))
        for judge_id in asked
    }
    known = {judge_id: tidy(tau) for judge_id, tau in taus.items() if not np.isnan(tau)}
    best = max(known.values(), default=0.0)
    enough = found.n_ordering >= MIN_PEOPLE
    return MyOrder(
        case_id=found.case_id,
        mine=_named(mine[0], found.answer_ids) if len(mine) else (),
        with_class=tidy_or_none(_cross(mine, rest)) if enough else None,
        class_order=class_order(found),
        judges=tuple(_judge_order(found, panel, (judge_id, rulebook_id), None) for judge_id in asked),
        with_judges=known,
        nearest=tuple(judge_id for judge_id, tau in known.items() if tau >= best),
    )


def _judge_order(
    found: ClassGrades, panel: Panel, who: tuple[str, str], per_pupil: FloatArray | None
) -> Order:
    judge_id, rulebook_id = who
    own = panel.grades(judge_id, rulebook_id, found.case_id, found.answer_ids)
    places = _one_order(own, found.answer_ids)
    return Order(
        name=panel.names[judge_id],
        judge_id=judge_id,
        rulebook_id=rulebook_id,
        tiers=places,
        undefined_because=None if places else "no_readable_verdict",
        agreement=None if per_pupil is None else _mean_over_pupils(per_pupil, because_of=own),
    )


def _one_order(grades: FloatArray, names: Sequence[str]) -> Tiers:
    """The order nearest to all of these; the mean places of all such orders where there are several."""
    ranked = np.flatnonzero(~np.isnan(grades).all(axis=0))
    if len(grades) == 0 or len(ranked) < 2:
        return ()
    places = _places(np.ascontiguousarray(grades[:, ranked]).tobytes(), len(ranked))
    return tuple(tuple(names[int(ranked[place])] for place in tier) for tier in places)


@lru_cache(maxsize=4_096)
def _places(grades: bytes, n_answers: int) -> tuple[tuple[int, ...], ...]:
    """The tiers of rankings given as bytes: every pupil's page asks for the same ones."""
    try:
        medians = kemeny_medians(np.frombuffer(grades, dtype=np.float64).reshape(-1, n_answers))
    except UndefinedStatisticError:
        return ()
    return tiers(mid_ranks(medians).mean(axis=0).round(_TIED_WITHIN))


def _named(grades: FloatArray, names: Sequence[str]) -> Tiers:
    return tuple(tuple(names[place] for place in tier) for tier in tiers(grades))


def _n_optima(found: ClassGrades) -> int:
    """How many orders are equally good; 0 = too few pupils, or more than a screen can list."""
    return len(named_medians(found.grades, found.answer_ids)) if found.n_ordering >= MIN_PEOPLE else 0


def _with_each_pupil(pupils: FloatArray, own: FloatArray) -> FloatArray:
    """(n_pupils,): each pupil's mean tau_x with a judge's verdicts; NaN where they share no pair."""
    if len(own) == 0 or len(pupils) == 0:
        return np.full(len(pupils), np.nan)
    table = np.array(tau_x(pupils[:, None], own[None]))
    known = ~np.isnan(table)
    sums, counts = np.where(known, table, 0.0).sum(axis=1), known.sum(axis=1)
    return ratio(sums, counts)


def _mean_over_pupils(per_pupil: FloatArray, because_of: FloatArray) -> Estimate:
    known = per_pupil[~np.isnan(per_pupil)]
    if len(because_of) == 0:
        return undefined("no_readable_verdict", "people")
    if len(known) < MIN_PEOPLE:
        return undefined(TOO_FEW, "people")
    without = (known.sum() - known) / (len(known) - 1)
    mean = float(known.mean())
    span = optional_interval(lambda: jackknife_t(without, mean), "T2", JACKKNIFE_PEOPLE)
    return Estimate(value=tidy(mean), n=len(known), unit="people", intervals=span)


def _falling(estimate: Estimate | None) -> float:
    """Sorts the largest first, and what is undefined last."""
    return np.inf if estimate is None or estimate.value is None else -estimate.value


def _lead(nearest: Sequence[Order], per_pupil: Mapping[str, FloatArray]) -> Estimate:
    """By how much the nearest judge is nearer than the next one, pupil by pupil."""
    known = [one.judge_id for one in nearest if one.judge_id and _falling(one.agreement) < np.inf]
    if len(known) < 2:
        return undefined("one_judge" if known else "no_readable_verdict", "people")
    apart = per_pupil[known[0]] - per_pupil[known[1]]
    return _mean_over_pupils(apart, because_of=apart)


def _heat_line(name: str, judge_id: str | None, values: Sequence[float]) -> HeatLine:
    overall = mean_over_cases(values, "no_readable_verdict" if judge_id else TOO_FEW, TAU)
    return HeatLine(
        name=name, judge_id=judge_id, by_case=tuple(tidy_or_none(value) for value in values), overall=overall
    )


def _with_class(found: ClassGrades, panel: Panel, judge_id: str, rulebook_id: str) -> float:
    if found.n_ordering < MIN_PEOPLE:
        return NAN
    return _cross(found.grades, panel.grades(judge_id, rulebook_id, found.case_id, found.answer_ids))


def _cross(pupils: FloatArray, own: FloatArray) -> float:
    return nan_mean(_with_each_pupil(pupils, own))


def _stability_line(
    cases: Sequence[ClassGrades], panel: Panel, judge_id: str, rulebook_id: str
) -> StabilityLine:
    own = [panel.grades(judge_id, rulebook_id, one.case_id, one.answer_ids) for one in cases]
    values = [or_nan(partial(mean_pairwise_tau, grades)) for grades in own]
    alike = [or_nan(partial(_alike, grades)) for grades in own]
    return StabilityLine(
        name=panel.names[judge_id],
        judge_id=judge_id,
        n_ranked=sum(len(grades) for grades in own),
        n_failed=sum(panel.n_failed(judge_id, rulebook_id, one.case_id) for one in cases),
        by_case=tuple(tidy_or_none(value) for value in values),
        retest=mean_over_cases(values, "too_few_runs", TAU),
        same_order=mean_over_cases(alike, "too_few_runs", SHARE),
    )


def _alike(grades: FloatArray) -> float:
    """Share of pairs of verdicts that order the answers in exactly the same way."""
    taus = np.asarray(tau_x(*all_pairs(grades)))
    known = taus[~np.isnan(taus)]
    return float((known >= 1.0).mean()) if len(known) else NAN
