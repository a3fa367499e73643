"""Which cases are shown one by one: all of a short set, those that divide most of a long one."""

from __future__ import annotations

from statistics import fmean

from harness.schema import CaseFacts, Comparison

MOST_CASES = 24
SHOWN_CASES = 12


def is_long(comparison: Comparison) -> bool:
    """Whether a set is too long to show every case."""
    return len(comparison.cases) > MOST_CASES


def shown_cases(comparison: Comparison) -> tuple[CaseFacts, ...]:
    """Give all cases of a short set; of a long one those on which judges and reference differ most."""
    if not is_long(comparison):
        return comparison.cases
    taus: dict[str, list[float]] = {}
    for row in comparison.rows:
        if row.kind == "judge":
            for reading in row.cases:
                if reading.tau_people is not None:
                    taus.setdefault(reading.case_id, []).append(reading.tau_people)
    spread = taus or _apart(comparison)
    ordered = sorted(
        comparison.cases, key=lambda case: fmean(spread[case.case_id]) if case.case_id in spread else 2.0
    )
    kept = {case.case_id for case in ordered[:SHOWN_CASES]}
    return tuple(case for case in comparison.cases if case.case_id in kept)


def _apart(comparison: Comparison) -> dict[str, list[float]]:
    """Without a reference: how often two judges neighbouring in the table put another answer on top."""
    tops: dict[str, list[frozenset[str]]] = {}
    for row in comparison.rows:
        for reading in row.cases if row.kind == "judge" else ():
            if reading.mid_ranks:
                best = max(reading.mid_ranks.values())
                tops.setdefault(reading.case_id, []).append(
                    frozenset(a for a, r in reading.mid_ranks.items() if r == best)
                )
    return {case_id: [-len(set(found)) / len(found)] for case_id, found in tops.items()}
