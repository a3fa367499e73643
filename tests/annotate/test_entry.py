"""What a person types for a case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.annotate.entry import Grades, Wrong, example, read_entry
from harness.annotate.words import PHRASES
from harness.schema import LANGUAGES

SLOTS = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("typed", "grades"),
    [
        ("4 2 1 3", (4, 2, 1, 3)),
        ("4213", (4, 2, 1, 3)),
        (" 4,2 ; 1  3 ", (4, 2, 1, 3)),
        ("a4 B=2 c: 1 d 3", (4, 2, 1, 3)),
        ("d3 c1 b2 a4", (4, 2, 1, 3)),
        ("1 1 1 1", (1, 1, 1, 1)),
    ],
)
def test_grades_in_every_spelling(typed: str, grades: tuple[int, ...]) -> None:
    """In the order of the slots, run together, or by name."""
    assert read_entry(typed, SLOTS, 4) == Grades(grades)


def test_corrections_keep_what_is_not_named() -> None:
    """With a proposal, `=` keeps all and a letter changes one; without, letters must be complete."""
    assert read_entry("=", SLOTS, 4, (4, 3, 2, 1)) == Grades((4, 3, 2, 1))
    assert read_entry("b 1", SLOTS, 4, (4, 3, 2, 1)) == Grades((4, 1, 2, 1))
    assert read_entry("b 1", SLOTS, 4) == Wrong("wrong_missing", {"slots": "A C D"})


def test_two_digit_scales_are_not_run_together() -> None:
    """On a scale to 12, `12 1` are two grades, and `121` is one that is too high."""
    assert read_entry("12 1", ("A", "B"), 12) == Grades((12, 1))
    assert read_entry("121", ("A", "B"), 12) == Wrong("wrong_count", {"wanted": "2", "found": "1"})


def test_commands_in_both_languages() -> None:
    """Letters and words, whatever the case."""
    for typed, command in (
        ("u", "undo"),
        ("Annuler", "undo"),
        ("Q", "quit"),
        ("règles", "rules"),
        ("?", "help"),
    ):
        assert read_entry(typed, SLOTS, 4) == command


@given(st.text(max_size=40), st.integers(2, 10), st.integers(2, 12), st.booleans())
def test_nothing_typed_crashes_or_leaves_the_scale(
    typed: str, n_slots: int, n_grades: int, proposed: bool
) -> None:
    """Any text is a command, a complaint that has its words, or one grade per slot on the scale."""
    slots = [chr(ord("A") + place) for place in range(n_slots)]
    found = read_entry(typed, slots, n_grades, [1] * n_slots if proposed else None)
    if isinstance(found, Grades):
        assert len(found.grades) == n_slots
        assert all(1 <= grade <= n_grades for grade in found.grades)
    elif isinstance(found, Wrong):
        for language in LANGUAGES:
            assert PHRASES[found.phrase][language].format(**found.values)
    else:
        assert found in ("undo", "skip", "quit", "rules", "help", "case")


@given(st.integers(2, 10), st.integers(2, 9))
def test_the_example_can_be_typed(n_slots: int, n_grades: int) -> None:
    """Whoever copies it has graded."""
    slots = [chr(ord("A") + place) for place in range(n_slots)]
    assert isinstance(read_entry(example(n_slots, n_grades), slots, n_grades), Grades)
