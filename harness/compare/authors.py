"""Who wrote the answers, and whether a judge prefers its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import mean_over_cases, undefined
from harness.compare.figures import NAN
from harness.compare.judges import member_mean_ranks
from harness.compare.source import CaseRuns, Layout, Line
from harness.schema import Case, Estimate
from harness.stats.arrays import FloatArray
from harness.stats.pairs import mid_ranks


def plain_name(model_id: str) -> str:
    """A model's name without its provider: what stands after the last slash, in small letters.

    `openrouter/openai/gpt-4.1`, `imported/GPT-4.1` and `gpt-4.1` are the same model; versions are not joined.
    """
    return model_id.rsplit("/", maxsplit=1)[-1].strip().casefold()


def authors(case: Case) -> tuple[str | None, ...]:
    """The plain name of each answer's author, in file order; None where nobody said."""
    return tuple(
        None if answer.author_model_id is None else plain_name(answer.author_model_id)
        for answer in case.answers
    )


class SelfPreference:
    """Places that judges give to answers of their own model, beside those that other judges give them."""

    def __init__(self, layout: Layout, crowd: Crowd) -> None:
        self._layout = layout
        self._authors = {case.case_id: authors(case) for case in layout.cases}
        self._crowd = crowd
        self._ranks: dict[tuple[int, str], FloatArray | None] = {}

    @property
    def known(self) -> bool:
        """True when some answer says who wrote it."""
        return any(name is not None for names in self._authors.values() for name in names)

    def of(self, line: Line) -> Estimate:
        """Difference in differences on its own answers: (judge - people) minus the other judges' same figure.

        In mid-ranks: +0.5 = half a place higher than other judges put the same answers. The people are the
        same on both sides and cancel out; they are subtracted where they are known, so that each difference
        can be read by itself. Other judges: those of another model, same rulebook, wording and language.
        """
        if not self.known:
            return undefined("authors_unknown")
        own_name = plain_name(line.spec.model_id)
        written = [
            case_id
            for case_id, names in self._authors.items()
            if own_name in names and set(names) != {own_name}
        ]
        if not written:
            return undefined("does_not_apply")
        others = self._rivals.get(line.key[1:], ())
        rivals = [other for other in others if plain_name(other.spec.model_id) != own_name]
        if not rivals:
            return undefined("one_judge")
        values = [self._difference(line, rivals, case_id, own_name) for case_id in written]
        return mean_over_cases(values, "no_readable_verdict")

    def _difference(self, line: Line, rivals: Sequence[Line], case_id: str, own_name: str) -> float:
        own = np.array([name == own_name for name in self._authors[case_id]])
        mine = self._mean_ranks(line, case_id)
        theirs = [found for rival in rivals if (found := self._mean_ranks(rival, case_id)) is not None]
        if mine is None or not theirs:
            return NAN
        people = self._people.get(case_id, np.zeros(len(own)))
        beside_people = [float((ranks - people)[own].mean()) for ranks in theirs]
        return float((mine - people)[own].mean()) - float(np.mean(beside_people))

    def _mean_ranks(self, line: Line, case_id: str) -> FloatArray | None:
        place = (id(line), case_id)
        if place not in self._ranks:
            runs: CaseRuns | None = line.of_case(case_id)
            self._ranks[place] = member_mean_ranks(runs)
        return self._ranks[place]

    @cached_property
    def _rivals(self) -> Mapping[tuple[str, ...], list[Line]]:
        found: dict[tuple[str, ...], list[Line]] = {}
        for line in self._layout.lines:
            found.setdefault(tuple(line.key[1:]), []).append(line)
        return found

    @cached_property
    def _people(self) -> Mapping[str, FloatArray]:
        """Mean mid-ranks of the people who ranked a whole case."""
        found = {}
        for case_id, grades in self._crowd.grades.items():
            complete = grades[~np.isnan(grades).any(axis=1)]
            if len(complete):
                found[case_id] = mid_ranks(complete).mean(axis=0)
        return found
