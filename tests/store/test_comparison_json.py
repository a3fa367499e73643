"""Readings of cases are written as every other record is, only sooner."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from harness.schema import CaseMove, CaseReading, canonical_json
from harness.store.comparison_json import move_json, reading_json

NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
NUMBERS = st.none() | st.floats(-1e6, 1e6).map(lambda number: round(number, 10) + 0.0)
TIERS = st.lists(st.lists(NAMES, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple)
READINGS = st.builds(
    CaseReading,
    case_id=NAMES,
    n_ranked=st.integers(0, 10**9),
    n_planned=st.integers(0, 10**9),
    tau_people=NUMBERS,
    gap=NUMBERS,
    mid_ranks=st.dictionaries(NAMES, st.floats(1, 9) | st.sampled_from([1.0, 2.5, 1e-7]), max_size=4),
    medians=st.lists(TIERS, max_size=2).map(tuple),
)
MOVES = st.builds(CaseMove, case_id=NAMES, gap=NUMBERS, net_gap=NUMBERS, towards_people=NUMBERS)


@given(READINGS)
def test_a_reading_is_written_in_canonical_json(reading: CaseReading) -> None:
    """The very bytes that the canonical writer gives, whatever the numbers; no field is forgotten."""
    assert reading_json(reading).encode() == canonical_json(reading)
    assert json.loads(reading_json(reading)).keys() == CaseReading.model_fields.keys()


@given(MOVES)
def test_a_move_is_written_in_canonical_json(move: CaseMove) -> None:
    """The same of what a rulebook moved in a case."""
    assert move_json(move).encode() == canonical_json(move)
    assert json.loads(move_json(move)).keys() == CaseMove.model_fields.keys()
