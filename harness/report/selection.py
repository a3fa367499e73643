"""Which rows stand in front, which behind a fold, and what each is called."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.case_choice import shown_cases
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import BASELINES, IN_PAIRS, LANGUAGE_NAMES, SIMULATED, WORDINGS
from harness.schema import PROTOCOLS, CaseFacts, Comparison, Language, Protocol, Row, RowKind

_FRONT_PERSONS = 8


@dataclass(frozen=True)
class Selection:
    """The rows and cases of a comparison, sorted for reading.

    `ambiguous` are titles used under both protocols; `cases` are those shown one by one.
    """

    language: Language
    judges: tuple[Row, ...]
    panels: tuple[Row, ...]
    keys: tuple[Row, ...]
    persons: tuple[Row, ...]
    learned: tuple[Row, ...]
    baselines: tuple[Row, ...]
    others: tuple[Row, ...]
    ambiguous: frozenset[str]
    cases: tuple[CaseFacts, ...]

    @property
    def one_rulebook(self) -> bool:
        """Whether every judge was asked under the same rulebook: naming it each time tells nothing."""
        rows = (*self.judges, *self.others)
        return len({row.rulebook_id for row in rows}) == 1

    @property
    def front(self) -> tuple[Row, ...]:
        """Rows shown at once: persons only while they are few."""
        persons = self.persons if len(self.persons) <= _FRONT_PERSONS else ()
        return (*self.judges, *self.panels, *self.keys, *persons, *self.learned, *self.baselines)

    @property
    def folded_persons(self) -> tuple[Row, ...]:
        """Persons that do not stand in front because they are many."""
        return () if len(self.persons) <= _FRONT_PERSONS else self.persons

    def judges_asked(self, protocol: Protocol) -> tuple[Row, ...]:
        """Judge rows of one protocol."""
        return tuple(row for row in self.judges if (row.protocol or "listwise") == protocol)


def select(comparison: Comparison) -> Selection:
    """Sort the rows: base wording in the headline's language in front, the rest behind."""
    language = main_language(comparison)
    front = [row for row in comparison.rows if _is_front(row, language)]
    others = tuple(row for row in comparison.rows if not _is_front(row, language))
    judges = sorted(_of_kind(front, "judge"), key=lambda row: row.protocol == "pairwise")
    return Selection(
        language=language,
        judges=tuple(judges),
        panels=_of_kind(front, "panel"),
        keys=_of_kind(front, "key"),
        persons=_of_kind(front, "person"),
        learned=_of_kind(front, "learned"),
        # Without the texts of the answers nothing can be sorted by length: such a row says nothing.
        baselines=tuple(row for row in _of_kind(front, "baseline") if row.n_planned),
        others=others,
        ambiguous=_ambiguous(comparison),
        cases=shown_cases(comparison),
    )


def row_name(row: Row, voice: Voice) -> str:
    """Name a row's annotator in the reader's language."""
    if row.kind == "baseline" and row.annotator_id in BASELINES:
        name = voice.word(BASELINES[row.annotator_id])
    elif row.kind in ("panel", "key"):
        name = voice.row_kind(row.kind)
        own = row.annotator_id.removeprefix("panel-")
        if row.kind == "panel" and own not in PROTOCOLS:
            name = f"{name} ({disarm(own)})"
    elif row.kind == "learned":
        name = voice.say("reward_row", name=disarm(row.title))
    else:
        name = disarm(row.title)
    return f"{name} ({voice.word(SIMULATED)})" if row.simulated else name


def row_label(row: Row, voice: Voice, selection: Selection) -> str:
    """Name a row completely: annotator, rulebook, and what is not the usual."""
    parts = [row_name(row, voice), asked_how(row, voice, selection)]
    return " · ".join(filter(None, [*parts, *variant(row, voice, selection.language)]))


def asked_how(row: Row, voice: Voice, selection: Selection) -> str:
    """Name the protocol where a judge's name stands under both, and its rulebook where there are several."""
    is_told = row.rulebook_id is not None and row.kind in ("judge", "panel") and not selection.one_rulebook
    rulebook = voice.rulebook(row.rulebook_id) if is_told and row.rulebook_id is not None else ""
    return " · ".join(filter(None, [in_pairs(row, voice, selection), rulebook]))


def in_pairs(row: Row, voice: Voice, selection: Selection) -> str:
    """Say that a judge was asked in pairs, where its name stands under both protocols."""
    return _in_pairs(row, voice, selection.ambiguous)


def _in_pairs(row: Row, voice: Voice, ambiguous: frozenset[str]) -> str:
    is_told = row.protocol == "pairwise" and row.title in ambiguous
    return voice.word(IN_PAIRS) if is_told else ""


def variant(row: Row, voice: Voice, main_language: Language) -> list[str]:
    """Say what differs from base wording in the main language."""
    other_words = [voice.word(WORDINGS["paraphrase"])] if row.wording == "paraphrase" else []
    is_other = row.kind in ("judge", "panel") and row.language not in (None, main_language)
    return other_words + ([voice.word(LANGUAGE_NAMES[row.language])] if is_other and row.language else [])


def judge_titles(comparison: Comparison, voice: Voice) -> dict[str, str]:
    """Map judge_id to the title shown in the table; two judges of one title differ in how they were asked."""
    ambiguous = _ambiguous(comparison)
    return {
        row.annotator_id: " · ".join(filter(None, [disarm(row.title), _in_pairs(row, voice, ambiguous)]))
        for row in comparison.rows
        if row.kind == "judge"
    }


def _ambiguous(comparison: Comparison) -> frozenset[str]:
    """Titles used under both protocols."""
    return frozenset(_titles(comparison, "listwise") & _titles(comparison, "pairwise"))


def _titles(comparison: Comparison, protocol: Protocol) -> set[str]:
    return {row.title for row in comparison.rows if row.protocol == protocol}


def main_language(comparison: Comparison) -> Language:
    """Give the headline's language, or the first judge's."""
    asked = [part.language for part in comparison.components]
    rows = [row.language for row in comparison.rows if row.kind == "judge" and row.language]
    return next(iter([*asked, *rows]), "fr")


def _is_front(row: Row, language: Language) -> bool:
    if row.kind not in ("judge", "panel"):
        return True
    return row.wording in (None, "base") and row.language in (None, language)


def _of_kind(rows: list[Row], kind: RowKind) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.kind == kind)


def missing_verdicts(comparison: Comparison) -> tuple[int, int]:
    """How many planned verdicts of judges are not there at all, not even as a failure; and of how many."""
    rows = [row for row in comparison.rows if row.kind == "judge"]
    n_planned = sum(row.n_planned for row in rows)
    return n_planned - sum(row.n_ranked + sum(row.failures.values()) for row in rows), n_planned
