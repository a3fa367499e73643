"""Why a question is asked, in words."""

from __future__ import annotations

from harness.schema.asking import Reason, SplitPair

NOBODY_LEFT = "everybody has ranked every case, and nobody is due for a repeat in this list"
FLAGGED = (
    "flagged by two signals or more: {who}; asked like everybody else, for a minority view looks the same: "
    "see --reliability, and ask them first"
)
NEW_PEOPLE = "no name: somebody who has not ranked that case, another person each time"
NOT_LIKE_OTHERS = (
    "an adjudicator's ranking is a record of its own phase: it enters no comparison and overrules nobody; "
    "where values differ there is nothing to settle"
)


def why_new(reason: Reason, n_rankings: int, n_level: int, random_share: float) -> str:
    """Why a case that this person has not ranked."""
    count = "no ranking yet" if n_rankings == 0 else f"{n_rankings} ranking{'s' * (n_rankings > 1)}"
    if reason == "fewest":
        return f"fewest rankings of what is open: {count}"
    if reason == "disputed":
        return f"fewest rankings of what is open ({count}), and most disputed of these"
    if reason == "level":
        return f"one of {n_level} open cases with fewest rankings ({count})"
    return f"by chance ({count}): {random_share:.0%} of draws go to any open case"


def why_retest(n_ranked: int, n_repeats: int) -> str:
    """Why a case that this person ranked before."""
    times = "none" if n_repeats == 0 else str(n_repeats)
    return f"again: {n_ranked} cases ranked, {times} of them twice; from the earlier half"


def why_adjudicate(pair: SplitPair) -> str:
    """Why somebody else shall look at a case."""
    sides = f"people {pair.n_first} : {pair.n_second} on {pair.first} against {pair.second}"
    if pair.reason == "split":
        return sides
    return f"{sides}, judges {pair.n_judges_first} : {pair.n_judges_second}"
