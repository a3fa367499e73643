"""Prediction-powered estimates: few cases graded by people, many by the judge only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import (
    SHARE,
    TAU,
    Bounds,
    mean_over_cases,
    nan_mean,
    record_interval,
    tidy,
    tidy_or_none,
    undefined,
)
from harness.compare.judges import Lengths, answer_lengths
from harness.compare.source import Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import Case, Estimate, Language, SemiAutomatic, Undefined
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.intervals import Interval
from harness.stats.pairs import mid_ranks, tie_share
from harness.stats.ppi import MIN_BOTH, MIN_CASES_SHARP, PoweredMean, powered_mean

POWERED = "PPI++, t on n - 2"
_ANY: Bounds = (-np.inf, np.inf)

Quantity = Literal["longest_answer", "system_mid_rank", "tie_share"]


class _Asked(NamedTuple):
    """One figure per case; for a system's mid-rank, whose."""

    quantity: Quantity
    system_id: str | None = None

    @property
    def within(self) -> Bounds:
        """Where its mean can lie."""
        return {"longest_answer": TAU, "tie_share": SHARE, "system_mid_rank": _ANY}[self.quantity]


class _Said(NamedTuple):
    """What one side said about a case."""

    grades: FloatArray
    """(n_verdicts, n_answers)."""
    languages: list[Language]
    """The language in which each verdict's answers were read."""


_Figures = Mapping[_Asked, Mapping[str, float]]
"""Figure -> case_id -> number; undefined ones are absent."""


def semi_automatic(layout: Layout, crowd: Crowd) -> tuple[SemiAutomatic, ...]:
    """Estimate what people would say on all cases of the run, from theirs on some and a judge's on all.

    Per judge and rulebook, base wording, when people graded some of its cases and at least three more have
    only the judge: does the ranking follow length (tau_x with the longest answer first), how much is tied,
    and, where answers say who wrote them, each system's mean mid-rank. Cases that people graded are taken
    for a random sample unless the source says that they are none; nobody having said so is passed on.
    Below thirty such cases the estimate is an illustration: it keeps its interval and says "too few cases".
    The crowd holds only what people said without a judge's proposal in sight: labels that a judge has touched
    would hide the judge's own error, which the method measures on them and takes out.
    """
    if crowd.kind != "people":
        return ()
    people = _people(crowd)
    lines = [line for line in layout.lines if line.key.wording == "base" and _has_both(line, people)]
    if not lines:
        return ()
    lengths = answer_lengths(layout.cases)
    by_people = _figures(people, layout, lengths)
    found: list[SemiAutomatic] = []
    for line in lines:
        found += _of_line(line, by_people, _figures(_judge(line), layout, lengths), layout)
    per_case = float(np.mean([len(said.grades) for said in people.values()]))
    return tuple(_with_saving(one, per_case) for one in found)


def _with_saving(one: SemiAutomatic, per_case: float) -> SemiAutomatic:
    """Say how many verdicts of people, so many per case, the judge stands in for at the same width."""
    if one.cases_worth is None:
        return one
    saved = tidy((one.cases_worth - one.n_both) * per_case)
    return one.model_copy(update={"people_verdicts_saved": saved})


def _has_both(line: Line, people: Mapping[str, _Said]) -> bool:
    """Some cases were graded by people too, and enough by the judge only."""
    read = [runs.case_id for runs in line.cases if len(runs.grades)]
    n_both = sum(case_id in people for case_id in read)
    return n_both > 0 and len(read) - n_both >= MIN_BOTH


def _of_line(line: Line, by_people: _Figures, by_judge: _Figures, layout: Layout) -> list[SemiAutomatic]:
    found = []
    for asked, people in by_people.items():
        judge = by_judge.get(asked, {})
        n_both = sum(case_id in people for case_id in judge)
        alone = len(judge) - n_both
        is_rare = asked.system_id is not None and n_both < MIN_BOTH
        if n_both and alone >= MIN_BOTH and not is_rare:
            found.append(_estimated(line, asked, (people, judge), layout.source.random_sample))
    return found


def _estimated(
    line: Line,
    asked: _Asked,
    sides: tuple[Mapping[str, float], Mapping[str, float]],
    random_sample: bool | None,
) -> SemiAutomatic:
    people, judge = sides
    both = [case_id for case_id in judge if case_id in people]
    only = [figure for case_id, figure in judge.items() if case_id not in people]
    powered = _powered([people[case_id] for case_id in both], [judge[case_id] for case_id in both], only)
    because: Undefined | None = "too_few_cases" if powered is None else None
    if random_sample is False:
        powered, because = None, "not_random_sample"
    return SemiAutomatic(
        row_id=f"judge:{':'.join(line.key)}",
        quantity=asked.quantity,
        system_id=asked.system_id,
        n_both=len(both),
        n_judge_only=len(only),
        random_sample=random_sample,
        people_only=mean_over_cases([people[case_id] for case_id in both], "not_measured", asked.within),
        combined=_combined(powered, len(both), asked.within, because),
        tuning=None if powered is None else tidy(powered.tuning),
        cases_worth=None if powered is None else tidy_or_none(powered.cases_worth),
    )


def _powered(people: list[float], judge: list[float], only: list[float]) -> PoweredMean | None:
    try:
        return powered_mean(people, judge, only, small_sample=True)
    except UndefinedStatisticError:
        return None


def _combined(
    powered: PoweredMean | None, n_both: int, within: Bounds, because: Undefined | None
) -> Estimate:
    if powered is None:
        return undefined(because or "too_few_cases")
    interval = Interval(max(powered.low, within[0]), min(powered.high, within[1]), n_both)
    return Estimate(
        value=tidy(powered.value),
        n=n_both,
        unit="cases",
        intervals=(record_interval(interval, "T3", POWERED),),
        undefined_because="too_few_cases" if n_both < MIN_CASES_SHARP else None,
    )


def _people(crowd: Crowd) -> dict[str, _Said]:
    """Every person's first vote, by case."""
    found = {}
    for case_id, grades in crowd.grades.items():
        voted = [place for place, member in enumerate(crowd.members) if member.verdicts.get(case_id)]
        if voted:
            languages = [crowd.members[place].verdicts[case_id][0].cell.language for place in voted]
            found[case_id] = _Said(grades[voted], languages)
    return found


def _judge(line: Line) -> dict[str, _Said]:
    """Every readable verdict of a line, by case."""
    return {
        runs.case_id: _Said(runs.grades, [line.key.language] * len(runs.grades))
        for runs in line.cases
        if len(runs.grades)
    }


def _figures(said: Mapping[str, _Said], layout: Layout, lengths: Lengths) -> _Figures:
    """Average every figure over the verdicts of each case."""
    found: dict[_Asked, dict[str, float]] = {}
    for case in layout.cases:
        if case.case_id in said:
            for asked, figure in _of_case(case, said[case.case_id], lengths).items():
                if not np.isnan(figure):
                    found.setdefault(asked, {})[case.case_id] = figure
    return found


def _of_case(case: Case, said: _Said, lengths: Lengths) -> dict[_Asked, float]:
    unknown = np.full(len(case.answers), np.nan)
    longest = np.array([lengths.get((case.case_id, language), unknown) for language in said.languages])
    found = {
        _Asked("longest_answer"): nan_mean(tau_x(said.grades, longest)),
        _Asked("tie_share"): nan_mean(tie_share(said.grades)),
    }
    return found | _mid_ranks(case, said.grades)


def _mid_ranks(case: Case, grades: FloatArray) -> dict[_Asked, float]:
    """Mean mid-rank of each system's answers; nothing unless every answer says who wrote it."""
    authors = [answer.author_model_id for answer in case.answers]
    if any(author is None for author in authors):
        return {}
    complete = grades[~np.isnan(grades).any(axis=1)]
    if len(complete) < 1:
        return {}
    means = mid_ranks(complete).mean(axis=0)
    return {
        _Asked("system_mid_rank", author): float(means[[other == author for other in authors]].mean())
        for author in dict.fromkeys(authors)
    }
