"""What `harness next` says."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.numbers import bounds, decimal, p_value, percent, whole
from harness.schema import Estimate, PersonReading
from harness.schema.asking import (
    Adjudication,
    AnnotatorTable,
    AskedPerson,
    AskingPlan,
    AskingReplay,
    Question,
    ReplayCurve,
    ReplayPoint,
    SplitPair,
)

_NOTHING = "–"
_ANYBODY = "(anybody)"
_FEW_CASES = 12
VALUES = (
    "People who split may value different things: such a pair has no right answer, and more rankings then "
    "measure a minority instead of ending it."
)
OPTIMISM = (
    "'to settle': more rankings until a 95 % interval leaves out one half, if people go on splitting like "
    "this. Leads among few are larger than they last, and half of all samples fall short: ask for more."
)
UNPROVEN = (
    "A flag says look and ask, never remove: whoever holds a minority view agrees less, too. With 6, 12, 24 "
    "cases agreement is called low for .63, .82, .96 of the people who answer at random, and for .01 of the "
    "careful; of these, .71, .95, 1.0 pass the test against blind answers (chance): with few cases a large p "
    "accuses nobody (simulated)."
)
FEW = "fewer than {few} cases: too few to certify anybody"
HELD_OUT = (
    "distance: of the consensus so far to a vote that stays hidden, squared, per pair (0 = the same, 0.5 = "
    "no idea). The hidden vote's own noise is in it for every policy alike: look at the differences."
)
RESAMPLED = (
    "Simulated: votes are drawn with replacement from the few real ones, as if people differed exactly as "
    "those did; distance is to the mean of the real ones. Real people differ more evenly: gains shrink."
)
ERRORS = (
    "HH: error of the mean tau between two people (root mean square over seeds; in brackets its mean, with "
    "sign). JH: of the mean tau of judges and people; weighted: the same mean by 1 / probability."
)


_PERSON_HEADS = ("person", "ranked", "again", "asked now", "signals")


def plan_text(plan: AskingPlan) -> str:
    """The questions, who has how much to do, and what to know."""
    heads = ("", "case", "person", "kind", "p", "why")
    rows = [_question(question) for question in plan.questions]
    lines = [
        f"{len(rows)} questions, seed {plan.seed}, after {whole(plan.n_rankings, 'en')} rankings by people",
        "",
        *_table([heads, *rows], left=(1, 2, 3, 5)),
    ]
    if plan.people:
        lines += ["", *_table([_PERSON_HEADS, *(_person(one) for one in plan.people)], left=(0, 4))]
    return "\n".join([*lines, *([""] if plan.notes else []), *(f"note: {note}" for note in plan.notes)])


def _question(one: Question) -> tuple[str, ...]:
    who = _ANYBODY if one.annotator_id is None else one.annotator_id
    chance = _NOTHING if one.probability is None else decimal(one.probability, "en", 3)
    return f"{one.number}", one.case_id, who, one.kind, chance, one.why


def _person(one: AskedPerson) -> tuple[str, ...]:
    return (
        one.annotator_id,
        whole(one.n_ranked, "en"),
        whole(one.n_repeats, "en"),
        whole(one.n_asked, "en"),
        _signals(one.signals, flagged=one.flagged),
    )


def adjudication_text(queue: Adjudication, most: int) -> str:
    """The pairs to look at again, the first `most` of them."""
    shown, of_all, n_cases = (whole(n, "en") for n in (len(queue.pairs), queue.n_pairs, queue.n_cases))
    lines = [f"{shown} of {of_all} pairs of answers, in {n_cases} cases"]
    if queue.pairs:
        heads = ("case", "first", "second", "people", "tied", "judges", "why", "to settle")
        rows = [_pair(pair) for pair in queue.pairs[:most]]
        lines += ["", *_table([heads, *rows], left=(0, 1, 2, 6))]
    if len(queue.pairs) > most:
        lines.append(f"... and {whole(len(queue.pairs) - most, 'en')} more: -n {len(queue.pairs)}")
    judges = "no judges" if queue.judges_rulebook_id is None else f"judges under {queue.judges_rulebook_id}"
    return "\n".join([*lines, "", f"people: first : second; {judges} likewise.", VALUES, OPTIMISM])


def _pair(pair: SplitPair) -> tuple[str, ...]:
    return (
        pair.case_id,
        pair.first,
        pair.second,
        f"{pair.n_first} : {pair.n_second}",
        str(pair.n_tied),
        f"{pair.n_judges_first} : {pair.n_judges_second}",
        {"split": "split", "against_judges": "against judges", "both": "split, against judges"}[pair.reason],
        "no number" if pair.to_settle is None else whole(pair.to_settle, "en"),
    )


def annotators_text(table: AnnotatorTable) -> str:
    """People as annotators, flagged ones first."""
    heads = ("person", "cases", "agreement", "reliability", "again", "all tied", "chance", "signals")
    lines = _table([heads, *(_reading(one) for one in table.people)], left=(0, 7))
    if table.retest is None:
        again = "nobody ranked a case twice: how much of disagreement is noise is unknown"
    else:
        times = whole(table.retest.n_verdict_pairs, "en")
        again = f"the same person asked again: tau {_number(table.retest.agreement)}, {times} times"
    n_flagged = sum(one.flagged for one in table.people)
    few = [FEW.format(few=_FEW_CASES)] if all(one.n_cases < _FEW_CASES for one in table.people) else []
    summary = f"{len(table.people)} people, {n_flagged} flagged; {again}"
    return "\n".join([*lines, "", summary, *few, UNPROVEN])


def _reading(one: PersonReading) -> tuple[str, ...]:
    test = one.better_than_chance
    return (
        one.annotator_id,
        whole(one.n_cases, "en"),
        _number(one.leave_one_out),
        _number(one.reliability, signed=True),
        _NOTHING if one.retest.value is None else _number(one.retest),
        _NOTHING if one.all_tied_share is None else percent(one.all_tied_share, "en"),
        _NOTHING if test is None else p_value(test.p, "en"),
        _signals(one.signals, flagged=one.flagged),
    )


def replay_text(replay: AskingReplay) -> str:
    """What each order of asking had told after so many rankings."""
    counts = (replay.n_questions, replay.n_cases, replay.n_left_out)
    n_questions, n_cases, left = (whole(n, "en") for n in counts)
    people, judges = _plain(replay.human_human), _plain(replay.judge_human)
    span = range(replay.fewest_votes, replay.most_votes + 1)
    votes = " to ".join(str(n) for n in dict.fromkeys((span[0], span[-1]))) + " votes each"
    lines = [
        f"{n_questions} questions in {n_cases} cases with {votes}; {left} left out with fewer",
        f"all votes: tau between two people {people}, judges and people {judges}; {replay.n_seeds} seeds",
        "",
        *_table([_REPLAY_HEADS, *(row for curve in replay.curves for row in _curve(curve))], left=(0,)),
        "",
        RESAMPLED if replay.resampled else HELD_OUT,
        ERRORS,
        "Intervals: 95 %, other cases like these, paired.",
    ]
    return "\n".join(lines)


_REPLAY_HEADS = (
    *("policy", "asked", "distance", "minus random", "minus fewest", "HH error", "JH error", "weighted"),
)


def _curve(curve: ReplayCurve) -> list[tuple[str, ...]]:
    return [_point(curve.policy if place == 0 else "", point) for place, point in enumerate(curve.points)]


def _point(name: str, point: ReplayPoint) -> tuple[str, ...]:
    bias = "" if point.human_human_bias is None else f" ({_small(point.human_human_bias, signed=True)})"
    return (
        name,
        whole(point.n_rankings, "en"),
        _plain((point.held_out or point.everything).value),
        _difference(point.minus_random),
        _difference(point.minus_fewest),
        f"{_plain(point.human_human_error)}{bias}",
        _plain(point.judge_human_error),
        _plain(point.weighted_error),
    )


def _difference(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return _NOTHING
    ends = [f"[{_small(one.low)}, {_small(one.high)}]" for one in found.intervals[:1]]
    return " ".join([_small(found.value, signed=True), *ends])


def _small(number: float, *, signed: bool = False) -> str:
    return decimal(number, "en", 4, signed=signed)


def _plain(number: float | None) -> str:
    return _NOTHING if number is None else _small(number)


def _number(found: Estimate, *, signed: bool = False) -> str:
    if found.value is None:
        return str(found.undefined_because).replace("_", " ")
    ends = [bounds(one.low, one.high, "en") for one in found.intervals[:1]]
    return " ".join([decimal(found.value, "en", signed=signed), *ends])


def _signals(signals: Sequence[str], *, flagged: bool) -> str:
    names = ", ".join(name.replace("_", " ") for name in signals)
    return f"LOOK: {names}" if flagged else names or _NOTHING


def _table(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """Columns under each other; numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return [line.rstrip() for line in lines]
