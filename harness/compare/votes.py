"""Several votes of one person on the pairs of one case: one ranking, where they cover all pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from harness.schema import PairReading, RankedVerdict
from harness.verdict.pairwise import rank_pairs

_WINS = {True: 1.0, False: 0.0}


def first_vote(runs: Sequence[RankedVerdict]) -> Mapping[str, float]:
    """The grades that count for one person in one case: the first ranking, or votes that make one together.

    Votes on all pairs of the answers that they name are joined as a judge's pairs are: by the mean share of
    wins. Where a pair is missing nothing can be filled in, and only the first vote counts.
    """
    first = [verdict for verdict in runs if verdict.cell.repeat == runs[0].cell.repeat]
    votes = {frozenset(verdict.grades): verdict for verdict in first if len(verdict.grades) == 2}
    names = list(dict.fromkeys(name for verdict in first for name in verdict.grades))
    wanted = len(names) * (len(names) - 1) // 2
    if len(first) == 1 or not len(votes) == len(first) == wanted:
        return runs[0].grades
    pairs = [_reading(votes[frozenset(pair)], pair) for pair in combinations(names, 2)]
    return rank_pairs(pairs, names)


def _reading(verdict: RankedVerdict, pair: tuple[str, str]) -> PairReading:
    one, other = (verdict.grades[name] for name in pair)
    share = 0.5 if one == other else _WINS[one > other]
    return PairReading(first=pair[0], second=pair[1], p_first_shown_first=share, p_first_shown_second=share)
