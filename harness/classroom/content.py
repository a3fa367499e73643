"""Cases and rulebooks of a lesson, read once and kept as they were when the lesson began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.errors import HarnessError
from harness.load.content import load_case_set, load_rulebooks
from harness.load.near import suggestion
from harness.schema import Case, CaseSet, Rulebook
from harness.schema.classroom import ClassSettings


@dataclass(frozen=True)
class LessonContent:
    """What a class reads: the cases of its session, in order, and its employers' rulebooks."""

    case_set: CaseSet
    cases: tuple[Case, ...]
    rulebooks: tuple[Rulebook, ...]

    @cached_property
    def answers(self) -> Mapping[str, tuple[str, ...]]:
        """The answers of each case, in file order."""
        return {case.case_id: tuple(answer.answer_id for answer in case.answers) for case in self.cases}

    def case(self, case_id: str) -> Case:
        """One case of the session."""
        return next(case for case in self.cases if case.case_id == case_id)

    def rulebook(self, rulebook_id: str) -> Rulebook:
        """One of the session's rulebooks."""
        return next(one for one in self.rulebooks if one.rulebook_id == rulebook_id)


class Shelf:
    """Content by what settings name; a file that changes during a lesson changes nothing."""

    def __init__(self, roots: Sequence[Path] | None = None) -> None:
        """Look in these content folders (None = the usual search path)."""
        self._roots = roots
        self._read: dict[tuple[object, ...], LessonContent] = {}

    def of(self, settings: ClassSettings) -> LessonContent:
        """The content that settings name.

        Raises
        ------
        InputError
            A case set or a rulebook is unknown, or its file is wrong.
        HarnessError
            The set has no such case, or a text is missing in the session's language.
        """
        key = (settings.language, settings.case_set, settings.case_ids, settings.rulebooks)
        if key not in self._read:
            self._read[key] = self._load(settings)
        return self._read[key]

    def _load(self, settings: ClassSettings) -> LessonContent:
        case_set, cases = load_case_set(settings.case_set, roots=self._roots)
        by_id = {case.case_id: case for case in cases}
        for case_id in settings.case_ids:
            if case_id not in by_id:
                near = suggestion(case_id, list(by_id))
                raise HarnessError(f"no case '{case_id}' in the set '{case_set.set_id}'{near}")
        if len(set(settings.case_ids)) < len(settings.case_ids):
            raise HarnessError("a case is named twice; a class grades each case once")
        if len(set(settings.rulebooks)) < len(settings.rulebooks):
            raise HarnessError("a rulebook is named twice; two halves need two different employers")
        chosen = tuple(by_id[case_id] for case_id in settings.case_ids)
        _refuse_untranslated(chosen, settings)
        return LessonContent(case_set, chosen, load_rulebooks(settings.rulebooks, roots=self._roots))


def _refuse_untranslated(cases: Sequence[Case], settings: ClassSettings) -> None:
    for case in cases:
        if any(settings.language not in text for text in (case.message, *(one.text for one in case.answers))):
            raise HarnessError(f"the case '{case.case_id}' has no text in '{settings.language}'")
