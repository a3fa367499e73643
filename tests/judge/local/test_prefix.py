from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.judge.local.prefix import (
    MIN_COMPUTED_ROWS,
    N_SPACER_TOKENS,
    ROWS_PER_GROUP,
    common_length,
    priming_prompt,
    reusable_length,
)

prompts = st.lists(st.integers(0, 3), max_size=40).map(lambda tail: [7] * 90 + tail + [9] * 70)


def test_common_length_stops_at_the_first_difference() -> None:
    """Only what both prompts begin with counts."""
    assert common_length([1, 2, 3, 4], [1, 2, 9, 4]) == 2
    assert common_length([1, 2], [1, 2, 3]) == 2
    assert common_length([], [1]) == 0


def test_reusable_length_by_hand() -> None:
    """103 common tokens of 200: 103 is cut to the multiple of four below, 100."""
    held, wanted = [1] * 103 + [2] * 97, [1] * 103 + [3] * 97
    assert reusable_length(held, wanted) == 100


def test_same_prompt_leaves_enough_rows() -> None:
    """A repeated prompt of 130 tokens reuses 64 of them: 66 remain, more than the 64 that attention needs."""
    assert reusable_length([1] * 130, [1] * 130) == 64


def test_short_prompts_are_computed_afresh() -> None:
    """Neither a short new prompt nor rows that a short prompt left behind are reused."""
    assert reusable_length([1] * 200, [1] * 60) == 0
    assert reusable_length([1] * 63, [1] * 200) == 0


@given(held=prompts, wanted=prompts)
def test_reuse_leaves_every_row_to_the_same_kernel(held: list[int], wanted: list[int]) -> None:
    """Whatever the prompts: a multiple of four, common to both, with 64 rows or more after it."""
    length = reusable_length(held, wanted)
    assert length % ROWS_PER_GROUP == 0
    assert held[:length] == wanted[:length]
    assert length <= min(len(held), len(wanted)) - MIN_COMPUTED_ROWS


@given(held=prompts, wanted=prompts)
def test_priming_cuts_exactly(held: list[int], wanted: list[int]) -> None:
    """The priming prompt shares exactly the reusable prefix with what is held and with what is wanted."""
    length = reusable_length(held, wanted)
    primed = priming_prompt(held, wanted, length)
    assert common_length(primed, held) == common_length(primed, wanted) == length
    assert len(primed) == length + N_SPACER_TOKENS
