"""Whom to ask about which case next: new rankings, planned repeats, and split cases for somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.compare.adjudication import adjudication_queue
from harness.compare.asking_people import Askable, who_can_be_asked
from harness.compare.asking_words import (
    FLAGGED,
    NEW_PEOPLE,
    NOBODY_LEFT,
    NOT_LIKE_OTHERS,
    why_adjudicate,
    why_new,
    why_retest,
)
from harness.compare.crowd import DEFAULT_RULEBOOK, build_crowd
from harness.compare.estimates import generator, tidy, tidy_or_none
from harness.compare.people_panel import people_panel
from harness.compare.source import ComparisonSource, answer_ids, build_layout
from harness.schema import Cell, PersonReading
from harness.schema.asking import AskedPerson, AskingPlan, Question, QuestionKind, Reason, SplitPair
from harness.stats.arrays import BoolArray, FloatArray
from harness.stats.ask_next import RANDOM_SHARE, ask_next, shrunk_disagreement

RETEST_SHARE = 0.1
RETEST_AFTER = 6
"""Rankings after which a person is asked about one of them again; then once per 1 / `RETEST_SHARE`."""

_SURPLUS = 1e-12
"""More than this above the random share: a case that was wanted."""

Ties = Literal["chance", "disputed"]
TIES: tuple[Ties, ...] = ("chance", "disputed")


@dataclass(frozen=True)
class AskingRules:
    """How the next questions are chosen."""

    n_questions: int = 10
    annotators: tuple[str, ...] = ()
    """Who can be asked; empty = everybody who ranked something."""
    seed: int | None = None
    """None = the experiment's."""
    session: str | None = None
    """Of people who are new; None = that of the last ranking."""
    random_share: float = RANDOM_SHARE
    ties: Ties = "chance"
    """Between cases with equally few rankings."""
    retest_share: float = RETEST_SHARE
    retest_after: int = RETEST_AFTER


@dataclass(frozen=True)
class _Drawn:
    """What is asked, before it is known of whom."""

    case_id: str
    kind: QuestionKind
    reason: Reason
    why: str
    n_open: int = 1
    probability: float | None = None
    cell: Cell | None = None
    """The ranking that is asked for again."""
    phase: int = 1


def next_questions(source: ComparisonSource, rules: AskingRules) -> AskingPlan:
    """Draw the next questions: whoever has least to do gets a planned repeat when one is due, else a case.

    Nobody is asked about a case that he or she ranked, in whatever phase and under whatever rules, except as
    a declared repeat; and nobody is asked twice about a case in one list. Cases already in the list count as
    ranked. The same run, people and seed give the same list.

    Raises
    ------
    HarnessError
        A name stands for two people.
    """
    desk = _Desk(source, rules)
    while len(desk.questions) < rules.n_questions and desk.ask_somebody():
        pass
    return desk.plan()


def adjudication_questions(source: ComparisonSource, rules: AskingRules) -> AskingPlan:
    """Ask about the cases of the adjudication queue, each once, people who have not ranked them.

    The rankings belong to a phase of their own, after every other: they are a record beside the first votes,
    enter no comparison, and overrule nobody.

    Raises
    ------
    HarnessError
        There are no people to be split, or a name stands for two people.
    """
    desk = _Desk(source, rules)
    first: dict[str, SplitPair] = {}
    for pair in adjudication_queue(desk.layout, desk.crowd).pairs:
        first.setdefault(pair.case_id, pair)
    for pair in list(first.values())[: rules.n_questions]:
        desk.adjudicate(pair)
    return desk.plan()


class _Desk:
    """The list as it grows."""

    def __init__(self, source: ComparisonSource, rules: AskingRules) -> None:
        self.layout = build_layout(source)
        self.crowd = build_crowd(source.people, self.layout.cases, people_known=source.people_known)
        self.questions: list[Question] = []
        self._source, self._rules = source, rules
        votes = [vote for vote in source.people if vote.cell.annotator_kind == "person"]
        self._cells = [vote.cell for vote in votes]
        self._people = who_can_be_asked(votes, rules.annotators, rules.session, known=source.people_known)
        self._seed = self.layout.seed if rules.seed is None else rules.seed
        self._rng = generator(self._seed, "ask next", str(len(votes)))
        self._case_ids = [case.case_id for case in self.layout.cases]
        people = self.crowd.kind == "people"
        counts = [len(self.crowd.view(one).others) if people else 0 for one in self._case_ids]
        self._counts = np.array(counts, dtype=np.int64)
        taus = [self.crowd.human_human_of(one) for one in self._case_ids]
        self._disagreement: FloatArray = shrunk_disagreement(taus, self._counts)
        self._notes: list[str] = []

    def ask_somebody(self) -> bool:
        """Add one question; False when nobody can be asked anything."""
        due = {id(person) for person in self._people if self._is_due(person)}
        person = self._least_busy([one for one in self._people if id(one) in due or self._has_open(one)])
        if person is None:
            self._notes.append(NOBODY_LEFT)
            return False
        self._add(person, self._repeat_of(person) if id(person) in due else self._new_for(person))
        return True

    def adjudicate(self, pair: SplitPair) -> None:
        """Add a question about a pair's case, for whoever has least to do and has not ranked it."""
        place = self._case_ids.index(pair.case_id)
        person = self._least_busy([one for one in self._people if self._open(one)[place]])
        phase = 1 + max(cell.phase for cell in self._cells)
        drawn = _Drawn(pair.case_id, "adjudication", "split", why_adjudicate(pair), phase=phase)
        self._add(person or Askable(None, None, self._people[0].session), drawn)

    def plan(self) -> AskingPlan:
        """The list, who is asked how much, and what to know about it."""
        readings = self._readings()
        people = tuple(_asked_person(one, readings, self.questions) for one in self._people if one.name)
        return AskingPlan(
            run_id=self._source.manifest.run_id,
            seed=self._seed,
            n_rankings=len(self._cells),
            random_share=self._rules.random_share,
            ties=self._rules.ties,
            retest_share=self._rules.retest_share,
            retest_after=self._rules.retest_after,
            people_known=self._source.people_known,
            questions=tuple(self.questions),
            people=people,
            notes=tuple(self._all_notes(people)),
        )

    def _all_notes(self, people: Sequence[AskedPerson]) -> list[str]:
        flagged = ", ".join(person.annotator_id for person in people if person.flagged)
        kinds = {question.kind for question in self.questions}
        more = {
            FLAGGED.format(who=flagged): bool(flagged),
            NEW_PEOPLE: any(question.annotator_id is None for question in self.questions),
            NOT_LIKE_OTHERS: "adjudication" in kinds,
        }
        return [*self._notes, *(note for note, holds in more.items() if holds)]

    def _readings(self) -> dict[str, PersonReading]:
        panel = people_panel(self.layout, self.crowd, 0)
        return {} if panel is None else {one.annotator_id: one for one in panel.people}

    def _open(self, person: Askable) -> BoolArray:
        done = _done(person)
        return np.array([case_id not in done for case_id in self._case_ids], dtype=np.bool_)

    def _has_open(self, person: Askable) -> bool:
        return not _done(person).issuperset(self._case_ids)

    def _is_due(self, person: Askable) -> bool:
        return person.is_due(self._rules.retest_share, self._rules.retest_after)

    def _least_busy(self, people: Sequence[Askable]) -> Askable | None:
        if not people:
            return None
        least = min(person.load for person in people)
        level = [person for person in people if person.load == least]
        return level[int(self._rng.integers(len(level)))]

    def _new_for(self, person: Askable) -> _Drawn:
        is_open = self._open(person)
        disputed = self._rules.ties == "disputed"
        wanted = self._disagreement if disputed else np.full(len(is_open), np.nan)
        drawn = ask_next(self._counts, wanted, self._rng, is_open, self._rules.random_share)
        n_here, level = int(self._counts[drawn.case]), is_open & (self._counts == self._counts[is_open].min())
        by_chance = self._rules.random_share / is_open.sum()
        reason: Reason = "random"
        if drawn.probability > by_chance + _SURPLUS:
            reason = "fewest" if level.sum() == 1 else "disputed" if disputed else "level"
        why = why_new(reason, n_here, int(level.sum()), self._rules.random_share)
        return _Drawn(self._case_ids[drawn.case], "new", reason, why, int(is_open.sum()), drawn.probability)

    def _repeat_of(self, person: Askable) -> _Drawn:
        candidates = person.repeat_candidates()
        case_id = candidates[int(self._rng.integers(len(candidates)))]
        why = why_retest(person.n_ranked, person.n_again)
        chance = 1.0 / len(candidates)
        return _Drawn(case_id, "retest", "retest_due", why, len(candidates), chance, person.cells[case_id])

    def _add(self, person: Askable, drawn: _Drawn) -> None:
        place = self._case_ids.index(drawn.case_id)
        cell = drawn.cell
        names = answer_ids(self.layout.cases[place])
        question = Question(
            number=len(self.questions) + 1,
            kind=drawn.kind,
            case_id=drawn.case_id,
            annotator_id=person.annotator_id,
            session=person.session,
            rulebook_id=cell.rulebook_id if cell else self._rulebook,
            language=cell.language if cell else self._source.manifest.case_set.languages[0],
            repeat=0 if cell is None else person.repeats[drawn.case_id] + 1,
            phase=drawn.phase if cell is None else cell.phase,
            order=tuple(names[int(slot)] for slot in self._rng.permutation(len(names))),
            probability=None if drawn.probability is None else tidy(drawn.probability),
            n_open=drawn.n_open,
            n_people=int(self._counts[place]),
            disagreement=tidy_or_none(self._disagreement[place]),
            reason=drawn.reason,
            why=drawn.why,
        )
        self.questions.append(question)
        person.asked.add(drawn.case_id)
        self._counts[place] += drawn.kind == "new"

    @property
    def _rulebook(self) -> str:
        """The rules that most rankings were given under."""
        counted = Counter(cell.rulebook_id for cell in self._cells)
        return counted.most_common(1)[0][0] if counted else DEFAULT_RULEBOOK


def _done(person: Askable) -> set[str]:
    """Cases that this person is not asked about anew; somebody without a name is another one each time."""
    return set(person.cells) | (person.asked if person.name else set())


def _asked_person(
    person: Askable, readings: dict[str, PersonReading], questions: Sequence[Question]
) -> AskedPerson:
    reading, who = readings.get(str(person.name)), (person.annotator_id, person.session)
    return AskedPerson(
        annotator_id=str(person.name),
        session=person.session,
        n_ranked=person.n_ranked,
        n_repeats=person.repeats.total(),
        n_asked=sum((one.annotator_id, one.session) == who for one in questions),
        signals=reading.signals if reading else (),
        flagged=bool(reading and reading.flagged),
    )
