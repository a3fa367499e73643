"""What people grade: the cases of a run folder or of an experiment, and the rules that they are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.load.content import load_case_set, load_experiment, load_rulebook
from harness.load.near import suggestion
from harness.schema import Case, CaseSet, Experiment, Language, Rulebook
from harness.store.folder import RunFolder


@dataclass(frozen=True)
class Content:
    """Cases in the set's order, and the run that they were asked in, when one was named."""

    case_set: CaseSet
    cases: tuple[Case, ...]
    folder: RunFolder | None
    brought: tuple[Rulebook, ...] = ()
    """Rulebooks that an imported run has in its folder."""

    def rulebook(self, rulebook_id: str) -> Rulebook:
        """The rules that people are given.

        Raises
        ------
        RulebookError
            Nobody has such a rulebook.
        """
        own = next((one for one in self.brought if one.rulebook_id == rulebook_id), None)
        return own if own is not None else load_rulebook(rulebook_id)

    def chosen(self, case_ids: tuple[str, ...], language: Language) -> tuple[Case, ...]:
        """These cases, or all of them; each must have its texts in this language.

        Raises
        ------
        HarnessError
            A case is unknown, or cannot be read in this language.
        """
        known = [case.case_id for case in self.cases]
        for case_id in case_ids:
            if case_id not in known:
                raise HarnessError(
                    f"unknown case '{case_id}' in '{self.case_set.set_id}'{suggestion(case_id, known)}"
                )
        cases = tuple(case for case in self.cases if not case_ids or case.case_id in case_ids)
        for case in cases:
            if language not in case.message or any(language not in one.text for one in case.answers):
                words = f"the case '{case.case_id}' has no text in '{language}': name another --language"
                raise HarnessError(words)
        return cases


def load_content(target: str) -> Content:
    """Find a run folder, or an experiment by its id or file.

    Raises
    ------
    HarnessError
        It is neither, or its cases are wrong.
    """
    folder = RunFolder(Path(target))
    if folder.manifest_path.is_file():
        return _of_run(folder)
    if Path(target).is_dir():
        raise HarnessError(f"{target}: holds no run (no manifest.json); name a run folder or an experiment")
    experiment = load_experiment(target)
    case_set, cases = load_case_set(experiment.case_set)
    return Content(case_set, _asked(experiment, cases), None)


def _of_run(folder: RunFolder) -> Content:
    manifest = folder.read_manifest()
    if manifest.imported is not None:
        return Content(manifest.case_set, tuple(folder.read_cases()), folder, tuple(folder.read_rulebooks()))
    case_set, cases = load_case_set(manifest.case_set.set_id)
    return Content(case_set, _asked(manifest.experiment, cases), folder)


def _asked(experiment: Experiment, cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """The cases that some part asks about."""
    if not experiment.parts or any(part.cases is None for part in experiment.parts):
        return cases
    named = {case_id for part in experiment.parts for case_id in part.cases or ()}
    return tuple(case for case in cases if case.case_id in named)
