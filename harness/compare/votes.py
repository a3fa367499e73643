"""Several votes of one person on the pairs of one case: one ranking, where they cover all pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from harness.schema import PairReading, RankedVerdict
from harness.verdict.pairwise import rank_pairs

_WINS = {True: 1.0, False: 0.0}


def first_vote(runs: Sequence[RankedVerdict]) -> Mapping[str, float]:
    """The grades that count for one person in one case: the first ranking, or votes that make one together.

    Votes on all pairs of the answers that they name are joined as a judge's pairs are: by the mean share of
    wins. Where a pair is missing nothing can be filled in, and only the first vote counts.
    """
    first = _first_round(runs)
    if not _make_one_ranking(first):
        return runs[0].grades
    votes = {frozenset(verdict.grades): verdict for verdict in first}
    names = _names(first)
    pairs = [_reading(votes[frozenset(pair)], pair) for pair in combinations(names, 2)]
    return rank_pairs(pairs, names)


class Unused(NamedTuple):
    """Votes of one person on one case that do not enter comparisons."""

    other_pairs: int
    """Of the first round, beside the one that counts: their pairs do not make one ranking."""
    repeats: int
    """Of later rounds; they serve the person's own retest."""


def unused(runs: Sequence[RankedVerdict]) -> Unused:
    """Count what `first_vote` leaves aside."""
    first = _first_round(runs)
    aside = 0 if _make_one_ranking(first) else len(first) - 1
    return Unused(aside, len(runs) - len(first))


def _first_round(runs: Sequence[RankedVerdict]) -> list[RankedVerdict]:
    return [verdict for verdict in runs if verdict.cell.repeat == runs[0].cell.repeat]


def _names(first: Sequence[RankedVerdict]) -> list[str]:
    return list(dict.fromkeys(name for verdict in first for name in verdict.grades))


def _make_one_ranking(first: Sequence[RankedVerdict]) -> bool:
    """Several votes, one on each pair of the answers that they name."""
    if len(first) == 1:
        return False
    votes = {frozenset(verdict.grades) for verdict in first if len(verdict.grades) == 2}
    n_names = len(_names(first))
    return len(votes) == len(first) == n_names * (n_names - 1) // 2


def _reading(verdict: RankedVerdict, pair: tuple[str, str]) -> PairReading:
    one, other = (verdict.grades[name] for name in pair)
    share = 0.5 if one == other else _WINS[one > other]
    return PairReading(first=pair[0], second=pair[1], p_first_shown_first=share, p_first_shown_second=share)
