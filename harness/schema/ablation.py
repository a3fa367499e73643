"""A rulebook with one rule left out: how it is named, and what it holds.

The remaining rules keep their numbers, and the preamble stays. So the prompt differs in nothing but the line
that is gone, and a cited number means the same rule everywhere. The gap in the numbers is visible to a judge.
"""

from __future__ import annotations

import re

from harness.schema.content import Rulebook

MIN_RULES = 2
"""With fewer, leaving one out leaves no rulebook."""
LONGEST_ENDING = len(".without-30")
"""Characters that a name grows by; the name of a record has 64 at most."""

_ABLATED = re.compile(r"^(?P<base>.+)\.without-(?P<rule>[1-9][0-9]?)$")


def ablated_id(rulebook_id: str, number: int) -> str:
    """Name of a rulebook without one of its rules.

    Examples
    --------
    >>> ablated_id("hhh", 3)
    'hhh.without-3'
    """
    return f"{rulebook_id}.without-{number}"


def ablated_rule(rulebook_id: str) -> tuple[str, int] | None:
    """The whole rulebook and the number that is left out; None for a rulebook that is whole.

    Examples
    --------
    >>> ablated_rule("hhh.without-3")
    ('hhh', 3)
    >>> ablated_rule("hhh") is None
    True
    """
    found = _ABLATED.match(rulebook_id)
    return (found["base"], int(found["rule"])) if found else None


def without_rule(rulebook: Rulebook, number: int) -> Rulebook:
    """The rulebook without the rule of this number; every other rule keeps its own.

    Raises
    ------
    ValueError
        It has no such rule, or no other.
    """
    kept = tuple(rule for rule in rulebook.rules if rule.number != number)
    if len(kept) == len(rulebook.rules) or not kept:
        raise ValueError(f"the rulebook '{rulebook.rulebook_id}' has no rule {number} beside others")
    return rulebook.model_copy(
        update={
            "rulebook_id": ablated_id(rulebook.rulebook_id, number),
            "title": {language: f"{title} (− {number})" for language, title in rulebook.title.items()},
            "rules": kept,
            # What it states counts with all its rules.
            "stated_weights": {},
        }
    )


def ablations(rulebook: Rulebook) -> tuple[Rulebook, ...]:
    """The rulebook once without each of its rules; none when it has fewer than two."""
    if len(rulebook.rules) < MIN_RULES:
        return ()
    return tuple(without_rule(rulebook, rule.number) for rule in rulebook.rules)
