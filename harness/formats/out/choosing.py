"""Whose verdicts leave the house: people or judges, which rulebooks, simulated ones only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from harness.errors import HarnessError
from harness.formats.out.base import Choices, Material
from harness.load.near import listing
from harness.schema import FailedVerdict, RankedVerdict, Verdict

V = TypeVar("V", RankedVerdict, Verdict)


def choose(material: Material, choices: Choices) -> Material:
    """The part of a run that was asked for.

    Raises
    ------
    HarnessError
        Nothing is left, or somebody in it is simulated and nobody said that this is wanted.
    """
    chosen = replace(
        material,
        people=_under(material.people, choices) if choices.who in ("people", "both") else (),
        judges=_under(material.judges, choices) if choices.who in ("judges", "both") else (),
        keys=_under(material.keys, choices) if choices.with_key else (),
    )
    if choices.who != "nobody" and not chosen.verdicts:
        raise HarnessError(_nothing(material, choices))
    if chosen.simulated and not choices.simulated:
        raise HarnessError(
            "some of these people are simulated; say --simulated to export them, marked as such in every file"
        )
    return chosen


def without_proposals(material: Material) -> Material:
    """The material without what people said with a judge's grades in sight: that is partly the judge's.

    A file that does not say which verdicts these are would pass them on as what people think.
    """
    alone = tuple(one for one in material.people if not one.saw_proposal)
    n_touched = len(material.people) - len(alone)
    what = "Verdicts of people given with a judge's proposal in sight, left out (the format long has them)"
    return replace(material, people=alone, notes=(*material.notes, *left_out(what, n_touched)))


def _under(verdicts: Iterable[V], choices: Choices) -> tuple[V, ...]:
    return tuple(
        one for one in verdicts if not choices.rulebooks or one.cell.rulebook_id in choices.rulebooks
    )


def _nothing(material: Material, choices: Choices) -> str:
    if choices.who == "people" and not material.people:
        return "this run holds no people's grades: name a table (--people FILE), or say --who judges"
    if choices.who == "judges" and not material.judges:
        return "this run holds no judges' verdicts: say --who people"
    names = sorted({one.cell.rulebook_id for one in (*material.people, *material.judges)})
    return f"nobody answered under {listing(choices.rulebooks)}; the rulebooks here are {listing(names)}"


def ranked(verdicts: Iterable[Verdict]) -> tuple[RankedVerdict, ...]:
    """Those that could be read."""
    return tuple(one for one in verdicts if isinstance(one, RankedVerdict))


def n_failed(verdicts: Iterable[Verdict]) -> int:
    """How many could not be had or read; they rank nothing."""
    return sum(isinstance(one, FailedVerdict) for one in verdicts)


def first_votes(verdicts: Iterable[RankedVerdict]) -> tuple[RankedVerdict, ...]:
    """What each annotator said first: before any talk, in the plain wording, before any repeat."""
    return tuple(
        one for one in verdicts if one.cell.phase == 1 and one.cell.repeat == 0 and one.cell.wording == "base"
    )


def tiers(grades: dict[str, float]) -> list[list[str]]:
    """The weak order behind grades: tiers of answer ids, best first, each in the order of the case."""
    heights = sorted(set(grades.values()), reverse=True)
    return [[name for name, grade in grades.items() if grade == height] for height in heights]


def left_out(what: str, n: int) -> Sequence[str]:
    """A sentence about what is not in the files, or none."""
    return [f"{what}: {n:,}."] if n else []
