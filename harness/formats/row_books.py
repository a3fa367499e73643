"""Cases and judges as they grow row by row: each text kept once, contradictions named with both lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.formats.base import Place
from harness.formats.reading import Ids, Problems, answer_ids, localised
from harness.schema import MAX_ANSWERS, Answer, Case, CaseSet, JudgeSpec, Language, Protocol, Provenance


@dataclass
class _Said:
    """A value that several rows may repeat, and where it was said first."""

    value: str = ""
    place: Place | None = None


@dataclass
class _AnswerDraft:
    answer_id: str
    text: _Said = field(default_factory=_Said)
    author: _Said = field(default_factory=_Said)


@dataclass
class _CaseDraft:
    case_id: str
    name: str
    ids: Ids
    message: _Said = field(default_factory=_Said)
    title: _Said = field(default_factory=_Said)
    answers: dict[str, _AnswerDraft] = field(default_factory=dict)


class CaseBook:
    """Gathers the cases of an import; names of cases and answers become ids that fit."""

    def __init__(self, language: Language, problems: Problems) -> None:
        self.language = language
        self.problems = problems
        self._ids = Ids()
        self._cases: dict[str, _CaseDraft] = {}

    def case(self, place: Place, name: str, *, message: str = "", title: str = "") -> str:
        """The id of a case, with what this row says about it; an empty text says nothing."""
        draft = self._cases.get(name)
        if draft is None:
            case_id = self._ids.of(name)
            draft = self._cases[name] = _CaseDraft(case_id, name, answer_ids(case_id))
        self._say(draft.message, message, place, f"the message of case '{name}'")
        self._say(draft.title, title, place, f"the title of case '{name}'")
        return draft.case_id

    def answer(self, place: Place, case: str, name: str, *, text: str = "", author: str = "") -> str:
        """The id of an answer of a case (both by name), with what this row says about it."""
        self.case(place, case)
        draft = self._cases[case]
        answer = draft.answers.get(name)
        if answer is None:
            answer = draft.answers[name] = _AnswerDraft(draft.ids.of(name))
            if len(draft.answers) == MAX_ANSWERS + 1:
                words = f"is answer {MAX_ANSWERS + 1} of case '{case}'; at most {MAX_ANSWERS} are read"
                self.problems.note(place, "", words)
        self._say(answer.text, text, place, f"the text of answer '{name}' of case '{case}'")
        self._say(answer.author, author, place, f"the author of answer '{name}' of case '{case}'")
        return answer.answer_id

    def cases(self) -> tuple[Case, ...]:
        """Every case that has two answers or more, in the order in which they were met.

        Call `problems.raise_any()` first: a case with too many answers is no record.
        """
        return tuple(self._case(draft) for draft in self._cases.values() if len(draft.answers) > 1)

    def single(self) -> tuple[str, ...]:
        """Ids of the cases with one answer only: nothing can be ranked there."""
        return tuple(draft.case_id for draft in self._cases.values() if len(draft.answers) < 2)

    def n_without_text(self) -> tuple[int, int]:
        """How many answers have no text, and of how many."""
        told = [bool(one.text.value) for draft in self._cases.values() for one in draft.answers.values()]
        return (told.count(False), len(told))

    @property
    def n_answers(self) -> int:
        """Answers of the case that has most."""
        return max((len(draft.answers) for draft in self._cases.values()), default=0)

    def _say(self, said: _Said, value: str, place: Place, what: str) -> None:
        if not value:
            return
        if said.place is None:
            said.value, said.place = value, place
        elif said.value != value:
            self.problems.note(place, "", f"{what} is another one than at {said.place}")

    def _case(self, draft: _CaseDraft) -> Case:
        message = draft.message.value
        return Case(
            case_id=draft.case_id,
            title=localised(draft.title.value or draft.name, self.language),
            message=localised(message, self.language) if message else {},
            answers=tuple(
                Answer(
                    answer_id=answer.answer_id,
                    text=localised(answer.text.value, self.language) if answer.text.value else {},
                    author_model_id=answer.author.value or None,
                )
                for answer in draft.answers.values()
            ),
        )


class JudgeBook:
    """Gathers the judges of an import; a judge's name becomes an id, its model is `imported/...`."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._ids = Ids()
        self._models: dict[str, _Said] = {}

    def judge(self, place: Place, name: str, model_id: str = "") -> str:
        """The id of a judge, with the model that this row names."""
        said = self._models.setdefault(name, _Said())
        if model_id and said.place is None:
            said.value, said.place = model_id, place
        elif model_id and said.value != model_id:
            self.problems.note(place, "model_id", f"'{name}' is {said.value} at {said.place}")
        return self._ids.of(name)

    def names(self) -> tuple[str, ...]:
        """Names of the judges, in the order in which they were met."""
        return tuple(self._models)

    def specs(self, protocols: dict[str, Protocol]) -> tuple[JudgeSpec, ...]:
        """The judges, with the protocol of each by its id."""
        return tuple(
            imported_judge(self._ids.of(name), name, said.value, protocols[self._ids.of(name)])
            for name, said in self._models.items()
        )


def imported_judge(judge_id: str, title: str, model_id: str, protocol: Protocol) -> JudgeSpec:
    """The record of a judge whose verdicts were read from a file: it can be compared, never asked."""
    return JudgeSpec(
        judge_id=judge_id, model_id=f"imported/{model_id or title}", title=title, protocol=protocol
    )


@dataclass(frozen=True)
class SetFacts:
    """What a case set says besides its id, title and cases."""

    language: Language
    n_answers: int
    """Answers of the case that has most."""
    description: str = ""
    provenance: Provenance | None = None


def imported_case_set(set_id: str, title: str, case_ids: Sequence[str], told: SetFacts) -> CaseSet:
    """The case set of an import, for readers: one language, grades as long as the longest case.

    `title` and the description stand in the language of the import.
    """
    return CaseSet(
        set_id=set_id,
        title={told.language: title},
        description={told.language: told.description or title},
        languages=(told.language,),
        n_grades=max(2, told.n_answers),
        case_order=tuple(case_ids),
        provenance=told.provenance
        or Provenance(kind="imported", date=datetime.now(UTC).date().isoformat(), note="imported file"),
    )
