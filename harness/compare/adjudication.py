"""Pairs of answers to look at again: people stand on two sides, or against the judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from harness.compare.crowd import Crowd, build_crowd
from harness.compare.facts import SIDES
from harness.compare.judges import TIED_WITHIN, member_mean_ranks
from harness.compare.source import ComparisonSource, Layout, Line, answer_ids, build_layout
from harness.errors import HarnessError
from harness.schema import Case
from harness.schema.asking import Adjudication, SplitPair, SplitReason
from harness.stats.arrays import FloatArray
from harness.stats.pairs import pair_signs
from harness.stats.settling import rankings_to_settle

MIN_PEOPLE = 2
MIN_JUDGES = 2
MOST_JUDGES = 2 / 3
"""Share of the judges that must be on one side for people to stand against them."""

_PLACES: tuple[SplitReason, ...] = ("both", "split", "against_judges")


def queue_of(source: ComparisonSource) -> Adjudication:
    """The queue of a run; see `adjudication_queue`."""
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases, people_known=source.people_known)
    return adjudication_queue(layout, crowd)


def adjudication_queue(layout: Layout, crowd: Crowd) -> Adjudication:
    """List the pairs on which people split or stand against the judges; no grade is changed by it.

    Split: at least one in three on each side, of two people or more. Against the judges: most people on one
    side, two thirds of two judges or more on the other, each judge by its mean order. First come the pairs
    that are both, then split ones, then those against the judges; within these the most even first, then
    those with most people.

    Raises
    ------
    HarnessError
        There are no people to be split.
    """
    if crowd.kind != "people":
        raise HarnessError(
            "nobody ranked these cases yet: name a table of people's grades with --people FILE"
        )
    lines = judge_lines(layout, crowd)
    rows = [_counts(case, crowd, lines) for case in layout.cases]
    found = [pair for case, counts in zip(layout.cases, rows, strict=True) for pair in _pairs(case, counts)]
    return Adjudication(
        run_id=layout.source.manifest.run_id,
        judges_rulebook_id=lines[0].key.rulebook_id if lines else None,
        n_cases=len({pair.case_id for pair in found}),
        n_pairs=sum(int((counts[:3].sum(axis=0) >= MIN_PEOPLE).sum()) for counts in rows),
        pairs=tuple(sorted(found, key=_urgency)),
    )


def judge_lines(layout: Layout, crowd: Crowd) -> tuple[Line, ...]:
    """Lines of the judges that people are set beside here: base wording, one rulebook, one language.

    The rulebook that people had, where a judge was asked under it; else the first of the run. The first
    language. A judge that was asked in several ways has one line for each.
    """
    base = [line for line in layout.lines if line.key.wording == "base"]
    had = {name for member in crowd.members for name in member.rulebook_ids}
    asked = [name for name in layout.rulebook_ids if any(line.key.rulebook_id == name for line in base)]
    wanted = next((name for name in asked if name in had), asked[0] if asked else None)
    under = [line for line in base if line.key.rulebook_id == wanted]
    spoken = {line.key.language for line in under}
    language = next((name for name in layout.languages if name in spoken), None)
    return tuple(line for line in under if line.key.language == language)


def _counts(case: Case, crowd: Crowd, lines: Sequence[Line]) -> FloatArray:
    """(5, n_pairs): people above, below, tied; judges above, below."""
    n_pairs = len(case.answers) * (len(case.answers) - 1) // 2
    if n_pairs == 0:
        return np.zeros((5, 0))
    signs, missing = pair_signs(crowd.view(case.case_id).others)
    people = [(signs > 0).sum(axis=0), (signs < 0).sum(axis=0), ((signs == 0) & ~missing).sum(axis=0)]
    orders = [member_mean_ranks(line.of_case(case.case_id)) for line in lines]
    known = np.array([order.round(TIED_WITHIN) for order in orders if order is not None])
    judged = pair_signs(known.reshape(-1, len(case.answers)))[0]
    return np.array([*people, (judged > 0).sum(axis=0), (judged < 0).sum(axis=0)], dtype=np.float64)


def _pairs(case: Case, counts: FloatArray) -> Iterator[SplitPair]:
    for (first, second), column in zip(combinations(answer_ids(case), 2), counts.T, strict=True):
        above, below, tied, judges_above, judges_below = (int(count) for count in column)
        reason = _reason((above, below, tied), (judges_above, judges_below))
        if reason is not None:
            more = rankings_to_settle(above, below)
            yield SplitPair(
                case_id=case.case_id,
                first=first,
                second=second,
                reason=reason,
                n_first=above,
                n_second=below,
                n_tied=tied,
                n_judges_first=judges_above,
                n_judges_second=judges_below,
                to_settle=None if np.isinf(more) else int(more),
            )


def _reason(people: tuple[int, int, int], judges: tuple[int, int]) -> SplitReason | None:
    above, below, _ = people
    n_people = sum(people)
    if n_people < MIN_PEOPLE:
        return None
    is_split = SIDES * min(above, below) >= n_people
    lead, backing = above - below, judges[0] - judges[1]
    one_sided = sum(judges) >= MIN_JUDGES and max(judges) >= MOST_JUDGES * sum(judges)
    is_against = one_sided and lead * backing < 0
    if is_split:
        return "both" if is_against else "split"
    return "against_judges" if is_against else None


def _urgency(pair: SplitPair) -> tuple[int, float, int]:
    n_people = pair.n_first + pair.n_second + pair.n_tied
    return _PLACES.index(pair.reason), -min(pair.n_first, pair.n_second) / n_people, -n_people
