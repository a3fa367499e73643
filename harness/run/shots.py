"""Examples before the case that is judged: other cases with people's grades, as turns of the conversation.

The case itself, its canary twin, and every case that shares a text with it can never be an example: cases
are joined into groups by twins and by equal texts (of messages and answers, in any language), and an example
always comes from another group. A case with an injected order is no example at all.

Which cases, and in which order, is decided by the experiment's seed and the case alone. So every judge and
every rulebook has the same examples where people graded the same cases, and four examples begin with those of
two.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from harness.errors import ExperimentError, Problem
from harness.load.people import load_people
from harness.prompt import TIE_WORDS, PromptSource, Template, listwise_slots
from harness.run.asking import render_messages
from harness.run.content import Content
from harness.schema import (
    Case,
    CaseSet,
    JudgeSpec,
    Message,
    Presentation,
    RankedVerdict,
    ShotSource,
    canonical_json,
)
from harness.schema.ablation import ablated_rule
from harness.schema.related import related_groups
from harness.store.folder import RunFolder

Grades = Mapping[str, int]


def read_shots(path: Path, case_set: CaseSet, cases: Sequence[Case]) -> ShotSource:
    """The consensus of a table of people's grades.

    Of each person the first grade of an answer counts, and of all persons the median; between two grades the
    lower. A case counts where every answer was graded. What people said with a judge's proposal in sight does
    not count: a judge would be shown what a judge said.

    Raises
    ------
    ImportFormatError
        The table cannot be read; every problem is named.
    ExperimentError
        No case has a grade for each of its answers.
    """
    verdicts = [one for one in load_people(path, case_set, cases) if not one.saw_proposal]
    voters: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for one in sorted(verdicts, key=lambda verdict: (verdict.cell.phase, verdict.cell.repeat)):
        place = voters.setdefault((one.cell.rulebook_id, one.cell.case_id), {})
        first = place.setdefault(_person(one), {})
        first |= {name: grade for name, grade in one.grades.items() if name not in first}
    grades: dict[str, dict[str, dict[str, int]]] = {}
    for (rulebook_id, case_id), votes in sorted(voters.items()):
        answer_ids = next(_answer_ids(case) for case in cases if case.case_id == case_id)
        consensus = _consensus(votes.values(), answer_ids)
        if consensus is not None:
            grades.setdefault(rulebook_id, {})[case_id] = consensus
    if not grades:
        raise ExperimentError([Problem(path, None, "", "no case has a grade for each of its answers")])
    return ShotSource(
        name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        n_people=len({_person(one) for one in verdicts}),
        grades=grades,
    )


def with_shots_of(content: Content, folder: RunFolder | None, given: Path | ShotSource | None) -> Content:
    """The content with the grades of a table or at hand, or with those that the folder's run began with.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    if not any(spec.shots for spec in content.judges.values()):
        return content
    if isinstance(given, Path):
        given = read_shots(given, content.case_set, tuple(content.cases.values()))
    if given is not None:
        return replace(content, shots=given)
    if folder is None or not folder.manifest_path.exists():
        return content
    return replace(content, shots=folder.read_manifest().shots)


def _person(verdict: RankedVerdict) -> str:
    return f"{verdict.cell.session}/{verdict.cell.annotator_id}"


def _answer_ids(case: Case) -> tuple[str, ...]:
    return tuple(answer.answer_id for answer in case.answers)


def _consensus(
    votes: Iterable[Grades | Mapping[str, float]], answer_ids: tuple[str, ...]
) -> dict[str, int] | None:
    by_answer = {name: [vote[name] for vote in votes if name in vote] for name in answer_ids}
    if not all(by_answer.values()):
        return None
    return {name: int(statistics.median_low(given)) for name, given in by_answer.items()}


@dataclass(frozen=True)
class Shot:
    """One example: a case, what is shown of it, and the reply that people's grades make."""

    case: Case
    presentation: Presentation
    reply: str


class ShotPool:
    """Chooses examples for every call of an experiment."""

    def __init__(self, source: ShotSource, cases: Mapping[str, Case], seed: int) -> None:
        self._source = source
        self._cases = cases
        self._seed = seed
        self._group = related_groups(cases.values())

    def candidates(self, case: Case, rulebook_id: str, language: str) -> list[Case]:
        """Cases that may be shown before this one, in the order in which they are taken."""
        whole, _ = ablated_rule(rulebook_id) or (rulebook_id, 0)
        graded = self._source.grades.get(whole, {})
        usable = [
            self._cases[name]
            for name in graded
            if name in self._cases and self._may_precede(self._cases[name], case, language)
        ]
        return sorted(usable, key=lambda other: self._drawn("case", case.case_id, other.case_id))

    def _may_precede(self, other: Case, case: Case, language: str) -> bool:
        has_texts = language in other.message and all(language in answer.text for answer in other.answers)
        is_other = self._group[other.case_id] != self._group[case.case_id]
        return is_other and other.canary is None and has_texts

    def _drawn(self, *names: str) -> str:
        return hashlib.sha256(canonical_json(["shots", self._seed, *names])).hexdigest()

    def shots(self, spec: JudgeSpec, source: PromptSource, slots: tuple[str, ...]) -> tuple[Shot, ...]:
        """As many examples as the judge wants before this case.

        Raises
        ------
        ExperimentError
            People graded too few other cases under this rulebook.
        """
        found: list[Shot] = []
        candidates = self.candidates(source.case, source.rulebook.rulebook_id, source.language)
        for other in candidates:
            if len(found) == spec.shots:
                break
            shot = self._shot(spec, source, other, (slots, len(found)))
            found += [shot] if shot is not None else []
        if len(found) < spec.shots:
            raise self._too_few(spec, source, len(found))
        return tuple(found)

    def _too_few(self, spec: JudgeSpec, source: PromptSource, n_found: int) -> ExperimentError:
        rulebook_id = source.rulebook.rulebook_id
        words = (
            f"{spec.judge_id} wants {spec.shots} graded cases before {source.case.case_id} under "
            f"{rulebook_id}, and the people of {self._source.name} graded {n_found} that may stand there; "
            "ask for fewer, leave this rulebook or language to other judges, or name another table"
        )
        return ExperimentError([Problem(Path(self._source.name), None, "", words)])

    def _shot(
        self, spec: JudgeSpec, source: PromptSource, other: Case, place: tuple[tuple[str, ...], int]
    ) -> Shot | None:
        slots, number = place
        whole, _ = ablated_rule(source.rulebook.rulebook_id) or (source.rulebook.rulebook_id, 0)
        grades = self._source.grades[whole][other.case_id]
        drawn = sorted(grades, key=lambda name: self._drawn("answer", source.case.case_id, name))
        if spec.protocol == "pointwise":
            shown = Presentation(order=(drawn[0],), slots=slots)
            return Shot(other, shown, _grade_reply(spec, shown, grades))
        if spec.protocol == "pairwise":
            return self._pair(spec, source, other, (drawn, grades, slots, number))
        shown = Presentation(order=tuple(drawn), slots=listwise_slots(len(drawn)))
        return Shot(other, shown, _list_reply(shown, grades))

    def _pair(
        self,
        spec: JudgeSpec,
        source: PromptSource,
        other: Case,
        drawn: tuple[list[str], Grades, tuple[str, ...], int],
    ) -> Shot | None:
        """The first pair that people graded apart; the better one stands first in every other example."""
        names, grades, slots, number = drawn
        apart = [pair for pair in combinations(names, 2) if grades[pair[0]] != grades[pair[1]]]
        if not apart:
            if spec.pair_reading != "word":
                return None
            shown = Presentation(order=tuple(names[:2]), slots=slots)
            return Shot(other, shown, TIE_WORDS[source.language])
        worse, better = sorted(apart[0], key=grades.__getitem__)
        begin = int(self._drawn("first", source.case.case_id)[:8], 16)
        better_first = (begin + number) % 2 == 0
        order = (better, worse) if better_first else (worse, better)
        return Shot(other, Presentation(order=order, slots=slots), slots[0 if better_first else 1])


def _grade_reply(spec: JudgeSpec, shown: Presentation, grades: Grades) -> str:
    grade = grades[shown.order[0]]
    return json.dumps({shown.slots[0]: grade}) if spec.pair_reading == "word" else str(grade)


def _list_reply(shown: Presentation, grades: Grades) -> str:
    """The form as far as people filled it: they cited no rule and gave no reason."""
    by_slot = {slot: grades[name] for slot, name in zip(shown.slots, shown.order, strict=True)}
    best = max(by_slot, key=by_slot.__getitem__)
    worst = min(reversed(by_slot), key=by_slot.__getitem__)
    return json.dumps({**by_slot, "best": best, "worst": worst})


def shot_messages(
    spec: JudgeSpec, template: Template, source: PromptSource, shots: Iterable[Shot]
) -> tuple[Message, ...]:
    """The examples as turns: what the judge was shown, and what people would have replied."""
    turns: list[Message] = []
    for shot in shots:
        shown = source.model_copy(update={"case": shot.case})
        user = render_messages(spec, template, shown, shot.presentation)[-1]
        turns += [user, Message(role="assistant", content=shot.reply)]
    return tuple(turns)
