"""The methods page: the docstrings of the statistics that a comparison really used."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from harness.schema import Comparison, Components, Estimate, MethodNote, PeoplePanel, PersonReading, Row
from harness.stats import (
    agreement,
    anchoring,
    ask_next,
    blind,
    bounds,
    careful,
    choice,
    coefficients,
    consensus,
    design,
    drawn,
    false_consensus,
    following,
    group,
    intervals,
    lots,
    permutation,
    planning,
    ppi,
    procrustes,
    quasi,
    reliability,
    replacement,
    shift,
    spread,
    standings,
    weights,
    worth,
)
from harness.stats import map as maps

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


class _Used(NamedTuple):
    """Statistics, and whether a comparison holds a number that they made."""

    functions: tuple[Callable[..., object], ...]
    by: Callable[[Comparison], bool]


def method_notes(comparison: Comparison) -> tuple[MethodNote, ...]:
    """One note per statistic behind a number of this comparison, in the order of the report."""
    return tuple(note_of(function) for used in _METHODS if used.by(comparison) for function in used.functions)


def note_of(function: Callable[..., object]) -> MethodNote:
    """Turn a numpydoc docstring into a note: its summary, its Notes, its References."""
    whole = inspect.getdoc(function) or ""
    parts = _SECTION.split(whole)
    sections = dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    summary = " ".join(parts[0].split("\n\n")[0].split())
    return MethodNote(
        name=f"{function.__module__}.{function.__name__}",
        summary=summary,
        notes=sections.get("Notes", ""),
        references=tuple(_paragraphs(sections.get("References", ""))),
    )


def _paragraphs(text: str) -> list[str]:
    """One reference per line; a line that is indented goes on with the one before."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(" ") and lines:
            lines[-1] += " " + line.strip()
        elif line.strip():
            lines.append(line.strip())
    return lines


def _rows(*names: str) -> Callable[[Comparison], bool]:
    """Some row has one of these estimates."""
    return lambda comparison: any(_known(getattr(row, name)) for row in comparison.rows for name in names)


def _any_row(holds: Callable[[Row], bool]) -> Callable[[Comparison], bool]:
    return lambda comparison: any(holds(row) for row in comparison.rows)


def _any_component(holds: Callable[[Components], bool]) -> Callable[[Comparison], bool]:
    return lambda comparison: any(holds(found) for found in comparison.components)


def _panel(holds: Callable[[PeoplePanel], bool]) -> Callable[[Comparison], bool]:
    return lambda comparison: comparison.people_panel is not None and holds(comparison.people_panel)


def _people(holds: Callable[[PersonReading], bool]) -> Callable[[Comparison], bool]:
    """Some person of the people's panel has it."""
    return _panel(lambda panel: any(holds(one) for one in panel.people))


def _interval(method: str) -> Callable[[Comparison], bool]:
    """Some interval of the table, the reference or the shares was made in this way."""
    return lambda comparison: any(
        interval.method == method for estimate in _estimates(comparison) for interval in estimate.intervals
    )


def _estimates(comparison: Comparison) -> Iterable[Estimate]:
    for row in comparison.rows:
        yield from (row.tau_people, row.alpha_k, row.retest)
    reference = comparison.reference
    yield from (reference.human_human, reference.crowd_ceiling)
    for found in comparison.components:
        yield from (share.share for share in found.shares)


def _known(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.value is not None


def _shares_known(found: Components) -> bool:
    return any(_known(share.share) for share in found.shares)


_METHODS: tuple[_Used, ...] = (
    _Used((agreement.tau_x, agreement.kemeny_distance), _rows("tau_people", "retest", "tau_longest")),
    _Used((agreement.conflict_rate, agreement.hesitation_rate), _rows("conflict")),
    _Used((agreement.floor, agreement.alpha_k), _rows("alpha_k")),
    _Used((agreement.s1, agreement.s2, coefficients.top1), _rows("s1", "s2", "top1")),
    _Used((group.value_gap,), _rows("gap")),
    _Used((group.mean_pairwise_tau,), lambda found: _known(found.reference.human_human)),
    _Used(
        (group.crowd_ceiling, consensus.kemeny_medians), lambda found: _known(found.reference.crowd_ceiling)
    ),
    _Used(
        (reliability.krippendorff_alpha_ordinal,), lambda found: _known(found.reference.krippendorff_alpha)
    ),
    _Used((reliability.kendall_w,), lambda found: _known(found.reference.kendall_w)),
    _Used(
        (shift.components_square,),
        _any_component(lambda found: found.complete_squares and _shares_known(found)),
    ),
    _Used(
        (shift.components,), _any_component(lambda found: not found.complete_squares and _shares_known(found))
    ),
    _Used((permutation.model_test,), _any_component(lambda found: found.model_test is not None)),
    _Used((permutation.rulebook_test,), _any_component(lambda found: found.rulebook_test is not None)),
    _Used(
        (intervals.sign_flip_test,),
        lambda found: any(move.sign_flip_p is not None for move in found.moves),
    ),
    _Used((design.williams_square, design.slot_effect), _any_row(lambda row: row.slot_effect is not None)),
    _Used(
        (design.slot_effect_test,),
        _any_row(lambda row: row.slot_effect is not None and row.slot_effect.test is not None),
    ),
    _Used((careful.reliability, careful.low_agreement), _people(lambda one: _known(one.reliability))),
    _Used((blind.better_than_chance,), _people(lambda one: one.better_than_chance is not None)),
    _Used((careful.weighted_borda,), _panel(lambda panel: _known(panel.weighted_consensus))),
    _Used(
        (ask_next.priority, ask_next.shrunk_disagreement),
        _panel(lambda panel: any(case.disagreement is not None for case in panel.next_cases)),
    ),
    _Used((drawn.inverse_probability_mean,), _panel(lambda panel: panel.drawn is not None)),
    _Used(
        (maps.plane, maps.place, procrustes.procrustes, maps.ellipse),
        lambda found: found.opinion_map is not None and found.opinion_map.inertia is not None,
    ),
    _Used(
        (replacement.alternative_annotator,),
        lambda found: any(_known(one.rho) for one in found.replacements),
    ),
    _Used(
        (anchoring.anchoring_effect, anchoring.effect_over_people, false_consensus.false_consensus),
        lambda found: any(_known(one.effect) for one in found.anchoring),
    ),
    _Used((lots.dealt_arms_test,), lambda found: any(one.test is not None for one in found.anchoring)),
    _Used((following.followed,), lambda found: any(_known(one.followed_more) for one in found.anchoring)),
    _Used((ppi.powered_mean,), lambda found: any(_known(one.combined) for one in found.semi_automatic)),
    _Used((weights.conflict_wins, intervals.jeffreys_interval), lambda found: bool(found.weights)),
    _Used(
        (choice.choice_weights, weights.implied_shares),
        lambda found: any(_known(share) for one in found.weights for share in one.shares.values()),
    ),
    _Used((choice.choice_weights,), lambda found: any(_known(one.length_slope_own) for one in found.biases)),
    _Used(
        (bounds.tau_extremes,), lambda found: any(one.worst_tau_people is not None for one in found.biases)
    ),
    _Used(
        (standings.win_shares, worth.davidson_luce, worth.worth_intervals, quasi.quasi_variances),
        lambda found: bool(found.leaderboards),
    ),
    _Used(
        (planning.half_width, spread.spread_of),
        lambda found: found.people_panel is not None and bool(found.people_panel.precision),
    ),
    _Used((intervals.mean_t_interval,), _interval("t over cases")),
    _Used((intervals.interval_over_cases,), _interval("jackknife-t on arcsin-sqrt")),
    _Used((intervals.interval_over_runs,), _interval("jackknife-t")),
    _Used((intervals.interval_over_people,), _interval("jackknife-t over people")),
)
