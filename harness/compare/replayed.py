"""People's rankings of a run, hidden and asked for again: whether the order of asking matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.adjudication import judge_lines
from harness.compare.crowd import Crowd, build_crowd
from harness.compare.estimates import generator, mean_over_cases, tidy, tidy_or_none
from harness.compare.source import ComparisonSource, Layout, Line, answer_ids, build_layout, grades_array
from harness.errors import HarnessError, UndefinedStatisticError
from harness.schema import Estimate, RankedVerdict
from harness.schema.asking import AskingPolicy, AskingReplay, ReplayCurve, ReplayPoint
from harness.stats.arrays import FloatArray
from harness.stats.intervals import mean_t_interval
from harness.stats.pairs import thermometer
from harness.stats.revealing import Replaying, Revealed, Votes, all_revealed, reveal

MIN_VOTES = 3
"""One to hold out, and two that can be asked for."""
MIN_RESAMPLED = 2
COMPARED_WITH: tuple[AskingPolicy, ...] = ("random", "fewest")
"""Always replayed."""


class _Question(NamedTuple):
    """A case, or some of its answers that people voted on by themselves."""

    case_id: str
    names: tuple[str, ...]


class _Laid(NamedTuple):
    """All votes as arrays."""

    questions: tuple[_Question, ...]
    votes: Votes
    n_left_out: int


class _Known(NamedTuple):
    """What is the same for every policy."""

    laid: _Laid
    human_human: float
    judge_human: float
    resampled: bool


def replay_asking(
    source: ComparisonSource, policies: Sequence[AskingPolicy], settings: Replaying, seed: int | None = None
) -> AskingReplay:
    """Ask for rankings that are known, in the order of each policy, and compare what each had told when.

    A question is a case, or a set of its answers that people voted on by themselves (pairs). Only first votes
    count, and only questions with three votes: one is held out, two or more can be asked for. With
    `settings.resampled` votes are drawn with replacement, from two votes on: a simulation in which people
    differ exactly as those few did.

    Raises
    ------
    HarnessError
        No question has enough votes.
    """
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases, people_known=source.people_known)
    least = MIN_RESAMPLED if settings.resampled else MIN_VOTES
    laid = _lay_out(layout, crowd, least)
    seed = layout.seed if seed is None else seed
    resampled = settings.resampled > 0
    known = _Known(laid, *all_revealed(laid.votes, resampled=resampled), resampled)
    found: dict[AskingPolicy, Revealed] = {
        policy: reveal(laid.votes, policy, settings, generator(seed, "replay of asking"))
        for policy in dict.fromkeys((*COMPARED_WITH, *policies))
    }
    n_votes = laid.votes.n_votes
    return AskingReplay(
        run_id=source.manifest.run_id,
        n_questions=len(laid.questions),
        n_cases=len({question.case_id for question in laid.questions}),
        n_left_out=laid.n_left_out,
        n_votes=int(n_votes.sum()),
        fewest_votes=int(n_votes.min()),
        most_votes=int(n_votes.max()),
        resampled=settings.resampled,
        n_seeds=settings.n_seeds,
        seed=seed,
        random_share=settings.random_share,
        human_human=tidy_or_none(known.human_human),
        judge_human=tidy_or_none(known.judge_human),
        curves=tuple(_curve(policy, found, known) for policy in found),
    )


def _lay_out(layout: Layout, crowd: Crowd, least: int) -> _Laid:
    rankings: dict[_Question, dict[tuple[str, str | None], RankedVerdict]] = {}
    names_of = {case.case_id: answer_ids(case) for case in layout.cases}
    for verdict in _first_votes(layout.source.people):
        names = tuple(name for name in names_of.get(verdict.cell.case_id, ()) if name in verdict.grades)
        who = (verdict.cell.annotator_id, verdict.cell.session)
        if len(names) > 1:
            rankings.setdefault(_Question(verdict.cell.case_id, names), {}).setdefault(who, verdict)
    kept = {question: tuple(told.values()) for question, told in rankings.items() if len(told) >= least}
    if not kept:
        raise HarnessError(
            f"no case was ranked by {least} people or more: there is nothing to hide and reveal"
        )
    lines = judge_lines(layout, crowd)
    columns = [thermometer(grades_array(told, question.names)) for question, told in kept.items()]
    judges = [_judges(question, lines, names_of) for question in kept]
    return _Laid(tuple(kept), Votes(_stacked(columns), _stacked(judges)[:, 0]), len(rankings) - len(kept))


def _first_votes(people: Iterable[RankedVerdict]) -> Iterable[RankedVerdict]:
    return (
        verdict
        for verdict in people
        if verdict.cell.annotator_kind == "person" and verdict.cell.phase == 1 and verdict.cell.repeat == 0
    )


def _judges(
    question: _Question, lines: Sequence[Line], names_of: Mapping[str, tuple[str, ...]]
) -> FloatArray:
    """(1, columns): mean over judges of their mean thermometers; NaN where none said anything."""
    places = [names_of[question.case_id].index(name) for name in question.names]
    found = []
    for line in lines:
        runs = line.of_case(question.case_id)
        grades = np.empty((0, len(places))) if runs is None else runs.grades[:, places]
        complete = grades[~np.isnan(grades).any(axis=1)]
        if len(complete):
            found.append(thermometer(complete).mean(axis=0))
    n_pairs = len(places) * (len(places) - 1) // 2
    return np.mean(found, axis=0)[None] if found else np.full((1, 2 * n_pairs), np.nan)


def _stacked(tables: Sequence[FloatArray]) -> FloatArray:
    """Tables of different sizes in one array, filled up with NaN."""
    shape = tuple(max(table.shape[axis] for table in tables) for axis in (0, 1))
    stack = np.full((len(tables), *shape), np.nan)
    for place, table in enumerate(tables):
        stack[place, : table.shape[0], : table.shape[1]] = table
    return stack


def _curve(policy: AskingPolicy, found: Mapping[AskingPolicy, Revealed], known: _Known) -> ReplayCurve:
    n_budgets = len(found[policy].n_revealed)
    return ReplayCurve(
        policy=policy, points=tuple(_point(policy, place, found, known) for place in range(n_budgets))
    )


def _point(
    policy: AskingPolicy, place: int, found: Mapping[AskingPolicy, Revealed], known: _Known
) -> ReplayPoint:
    own, laid = found[policy], known.laid
    errors = {name: _error(one, known)[place] for name, one in found.items()}
    beside = {name: np.abs(one.judge_human[place] - known.judge_human) for name, one in found.items()}

    def minus(other: AskingPolicy) -> Estimate | None:
        return None if policy == other else _over_cases(errors[policy] - errors[other], laid)

    return ReplayPoint(
        n_rankings=int(own.n_revealed[place]),
        held_out=None if known.resampled else _over_cases(own.held_out[place], laid),
        everything=_over_cases(own.everything[place], laid),
        minus_random=minus("random"),
        minus_fewest=minus("fewest"),
        human_human_error=_root_mean_square(own.human_human[place] - known.human_human),
        human_human_bias=tidy_or_none(float((own.human_human[place] - known.human_human).mean())),
        judge_human_error=_root_mean_square(own.judge_human[place] - known.judge_human),
        weighted_error=_root_mean_square(own.weighted[place] - known.judge_human),
        judge_human_minus_random=None
        if policy == "random"
        else _over_seeds(beside[policy] - beside["random"]),
    )


def _error(found: Revealed, known: _Known) -> FloatArray:
    """What policies are compared by: the vote held out, where there is one."""
    return found.everything if known.resampled else found.held_out


def _over_cases(errors: FloatArray, laid: _Laid) -> Estimate:
    """Mean over cases of their questions' mean over seeds; questions of one case are no independent ones."""
    by_case: dict[str, list[float]] = {}
    for question, error in zip(laid.questions, errors.mean(axis=0), strict=True):
        by_case.setdefault(question.case_id, []).append(float(error))
    return mean_over_cases([float(np.mean(own)) for own in by_case.values()], "too_few_cases")


def _over_seeds(differences: FloatArray) -> tuple[float, float, float] | None:
    try:
        found = mean_t_interval(differences)
    except UndefinedStatisticError:
        return None
    return tidy(float(differences.mean())), tidy(found.low), tidy(found.high)


def _root_mean_square(errors: FloatArray) -> float | None:
    return tidy_or_none(float(np.sqrt(np.mean(errors**2))))
