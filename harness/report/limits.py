"""What these data can and cannot say, from their numbers of cases, people and repeats."""

from __future__ import annotations

from statistics import median

from harness.report.headline import mostly_order, share_of
from harness.report.selection import Selection, select
from harness.report.voice import Voice, preferred
from harness.schema import Comparison

FEWEST_CASES = 3
FEWEST_PEOPLE = 3
FEWEST_RUNS = 2
RUNS_FOR_SLOTS = 12
CASES_FOR_SHARES = 60
CASES_FOR_REPLACEMENT = 30
CASES_FOR_WEIGHTS = 60
CASES_FOR_CAMPS = 60
USUAL_CLOSE = 0.2
# Half-widths of the difference of two judges' agreement over n cases, when they differ by SD 0.20 per case.
_CLOSE = ((100, 0.04), (50, 0.06), (30, 0.07), (20, 0.09), (12, 0.13), (9, 0.15))
_SEVERAL_ANSWERS = 3


def close(comparison: Comparison) -> float:
    """Give the difference in agreement below which two rows are not ranked.

    The usual values hold for rankings of three answers and more; of two answers, one verdict is all or
    nothing, and the rows' own intervals say how far apart two of them must be.
    """
    n_cases = len(comparison.cases)
    usual = next((width for least, width in _CLOSE if n_cases >= least), USUAL_CLOSE)
    sizes = [len(case.answers) for case in comparison.cases]
    if sizes and median(sizes) >= _SEVERAL_ANSWERS:
        return usual
    width = typical_half_width(select(comparison))
    return usual if width is None else max(usual, width)


def typical_half_width(selection: Selection) -> float | None:
    """Give the median half-width of the judges' intervals for other cases."""
    spans = [preferred(row.tau_people) for row in selection.judges]
    widths = [(span.high - span.low) / 2 for span in spans if span is not None and span.target == "T3"]
    return median(widths) if widths else None


def say_possible(comparison: Comparison, voice: Voice) -> tuple[str, ...]:
    """Say what may be said in these cases, each only where it was measured."""
    n_cases = voice.counted(len(comparison.cases), "cases")
    reference = comparison.reference
    models = any(part.model_test for part in comparison.components)
    rules = any(part.rulebook_test for part in comparison.components)
    runs = max((part.n_runs for part in comparison.components), default=0)
    ordered = any(mostly_order(part) for part in comparison.components)
    slots = [row for row in select(comparison).judges if row.slot_effect is not None]
    pairs = {
        "can_shuffle": models and rules,
        "can_shuffle_model": models and not rules,
        "can_shuffle_rulebook": rules and not models,
        "can_shares": runs >= FEWEST_RUNS and not ordered,
        "can_shares_order": runs >= FEWEST_RUNS and ordered,
        "can_people": reference.kind == "people" and reference.human_human.value is not None,
        "can_slots": any(row.n_ranked >= RUNS_FOR_SLOTS for row in slots),
        "can_ladder": any(rung.changed.value is not None for rung in comparison.ladder),
        "can_counts": comparison.n_verdicts > 0,
    }
    n_people = voice.counted(reference.n_annotators, "people")
    found = [
        voice.say(name, n_cases=n_cases, n_people=n_people)
        if name == "can_people"
        else voice.say(name, n_cases=n_cases)
        for name, holds in pairs.items()
        if holds
    ]
    return tuple(found)


def say_limits(comparison: Comparison, voice: Voice) -> tuple[str, ...]:
    """Say what may not be concluded: from so few cases, people and repeats, and from rankings at all."""
    said = [
        *_cases(comparison, voice),
        *_people(comparison, voice),
        *_runs(comparison, voice),
        *_kinds(comparison, voice),
    ]
    return tuple(said)


def _cases(comparison: Comparison, voice: Voice) -> list[str]:
    n = len(comparison.cases)
    n_cases = voice.counted(n, "cases")
    width = typical_half_width(select(comparison))
    said = [voice.say("limits_cases", n_cases=n_cases)]
    if n < FEWEST_CASES:
        said.append(voice.say("limits_too_few_cases", n_cases=n_cases))
    elif width is not None:
        said.append(voice.say("limits_general", half=voice.decimal(width), n_cases=n_cases))
    said.append(voice.say("limits_rank", close=voice.decimal(close(comparison))))
    if any(share.share.value is not None for part in comparison.components for share in part.shares):
        said.append(voice.say("limits_grid" if n >= CASES_FOR_SHARES else "limits_grid_few"))
    if n < CASES_FOR_REPLACEMENT and comparison.reference.kind == "people":
        said.append(voice.say("limits_replace", n=voice.whole(CASES_FOR_REPLACEMENT)))
    if comparison.weights and n < CASES_FOR_WEIGHTS:
        said.append(voice.say("limits_weights", n_cases=n_cases))
    return said


def _people(comparison: Comparison, voice: Voice) -> list[str]:
    reference = comparison.reference
    if reference.kind != "people":
        return [voice.say("limits_no_people")]
    said = []
    if not reference.people_known:
        said.append(voice.say("limits_anonymous"))
    elif reference.n_annotators < FEWEST_PEOPLE:
        said.append(voice.say("limits_few_people", n_people=voice.counted(reference.n_annotators, "people")))
    retested = [row for row in comparison.rows if row.kind == "person" and row.retest.value is not None]
    if not retested:
        said.append(voice.say("limits_human_noise"))
    if not reference.people_known:
        return said
    few = len(comparison.cases) < CASES_FOR_CAMPS
    said.append(voice.say("limits_camps" if few else "limits_camps_many"))
    return said


def _runs(comparison: Comparison, voice: Voice) -> list[str]:
    runs = [part.n_runs for part in comparison.components]
    return [voice.say("limits_one_run")] if runs and max(runs) < FEWEST_RUNS else []


def _kinds(comparison: Comparison, voice: Voice) -> list[str]:
    """What rankings of texts never tell, as far as it concerns this comparison."""
    said = [voice.say("limits_severity")]
    if any(one.length_slope_own.value is not None for one in comparison.biases):
        said.append(voice.say("limits_length"))
    if any(one.factor == "language" for one in comparison.factors):
        said.append(voice.say("limits_language"))
    if any(share_of(part, "reaction").value is not None for part in comparison.components):
        said.append(voice.say("limits_interaction"))
    return said
