"""A run and its people as what can be learned from: answers with their features, and all their rankings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from harness.compare import ComparisonSource
from harness.compare.crowd import Crowd, build_crowd
from harness.errors import HarnessError
from harness.reward.embedding import embed
from harness.reward.features import FEATURES, NEARNESS, text_features
from harness.schema import Case, Language
from harness.schema.related import related_groups
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.reward import Graded
from harness.stats.reward_check import stack_rankings
from harness.stats.reward_limits import MIN_SITUATIONS


@dataclass(frozen=True)
class Table:
    """What people ranked, laid out for learning."""

    cases: tuple[Case, ...]
    language: Language
    crowd: Crowd
    graded: Graded
    names: tuple[str, ...]
    """Of the columns of `graded.counted`."""

    @property
    def n_rankings(self) -> int:
        """How many rankings of two answers or more there are."""
        votes = (self.crowd.grades[case.case_id] for case in self.cases)
        return sum(int(((~np.isnan(grades)).sum(axis=1) > 1).sum()) for grades in votes)

    def by_answer(self, numbers: FloatArray) -> list[dict[str, float]]:
        """One number per answer as one dictionary per case."""
        found: list[dict[str, float]] = [{} for _ in self.cases]
        answers = (answer.answer_id for case in self.cases for answer in case.answers)
        for number, case, name in zip(numbers.tolist(), self.graded.case_of.tolist(), answers, strict=True):
            found[case][name] = number
        return found


def build_table(
    source: ComparisonSource,
    *,
    embedding: bool,
    language: Language | None = None,
    patterns: Sequence[str] = (),
) -> Table:
    """Gather the first votes of people (or the author's key) with the features of the answers.

    These are the very votes with which judges are compared. Each case weighs 1, shared by all who ranked it,
    so that neither a case with many voters nor a person with many cases decides; whoever disagrees counts
    like everybody.

    Parameters
    ----------
    source
        A run and its people.
    embedding
        Read meanings too.
    language
        In which the answers are read; None = the one in which most rankings were given.
    patterns
        Only cases whose id fits one of these (`natural-*`); none = all.

    Raises
    ------
    HarnessError
        Too few situations were ranked, the cases have no texts, or the extra `reward` is missing.
    """
    ranked = {verdict.cell.case_id for verdict in source.people}
    wanted = [case for case in source.cases if case.case_id in ranked and _fits(case.case_id, patterns)]
    asked = build_crowd(source.people, wanted, people_known=source.people_known)
    chosen = language or _commonest_language(asked)
    cases = tuple(case for case in wanted if _is_ranked(asked, case) and has_texts(case, chosen))
    crowd = build_crowd(source.people, cases, people_known=source.people_known)
    group = related_groups(cases)
    n_situations = len(set(group.values()))
    if n_situations < MIN_SITUATIONS:
        raise HarnessError(
            f"people ranked answers, with texts in '{chosen}', in {n_situations} situations; a reward model "
            f"needs {MIN_SITUATIONS} at least: one to predict, one to leave out, two to learn from"
        )
    counted, vectors = measure(cases, chosen, embedding=embedding)
    names = (*FEATURES, NEARNESS) if embedding else tuple(FEATURES)
    return Table(cases, chosen, crowd, _graded(cases, group, crowd, (counted, vectors)), names)


def measure(cases: Sequence[Case], language: Language, *, embedding: bool) -> tuple[FloatArray, FloatArray]:
    """Measure every answer of some cases: features with a name, and vectors of meaning (none without)."""
    counted = np.concatenate(
        [text_features(case.message[language], _answers(case, language), language) for case in cases]
    )
    if not embedding:
        return counted, np.empty((len(counted), 0))
    answers = embed([text for case in cases for text in _answers(case, language)])
    situations = embed([case.message[language] for case in cases])
    sizes = [len(case.answers) for case in cases]
    near = np.einsum("ij,ij->i", answers, np.repeat(situations, sizes, axis=0))
    return np.column_stack([counted, near]), answers


def _answers(case: Case, language: Language) -> list[str]:
    return [answer.text[language] for answer in case.answers]


def _fits(case_id: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(case_id, pattern) for pattern in patterns)


def _commonest_language(crowd: Crowd) -> Language:
    spoken: Counter[Language] = Counter(
        runs[0].cell.language for member in crowd.members for runs in member.verdicts.values()
    )
    if not spoken:
        raise HarnessError(
            "nobody ranked these cases: name a table of people's grades (--people FILE), or cases that have "
            "an author's key"
        )
    # The language's own name decides between equals.
    return min(spoken, key=lambda one: (-spoken[one], one))


def has_texts(case: Case, language: Language) -> bool:
    """Whether the situation and every answer of a case can be read in a language."""
    return language in case.message and all(language in answer.text for answer in case.answers)


def _is_ranked(crowd: Crowd, case: Case) -> bool:
    return bool(((~np.isnan(crowd.grades[case.case_id])).sum(axis=1) > 1).any())


def _graded(
    cases: Sequence[Case],
    group: Mapping[str, str],
    crowd: Crowd,
    measured: tuple[FloatArray, FloatArray],
) -> Graded:
    starts = np.cumsum([0, *(len(case.answers) for case in cases)])
    grades, items, weights = stack_rankings(
        [
            (crowd.grades[case.case_id], np.arange(start, start + len(case.answers)))
            for case, start in zip(cases, starts, strict=False)
        ]
    )
    sizes = [len(case.answers) for case in cases]
    return Graded(
        counted=measured[0],
        vectors=measured[1],
        case_of=np.repeat(np.arange(len(cases)), sizes),
        situation_of=_numbered(group[case.case_id] for case in cases),
        grades=grades,
        items=items,
        weights=weights,
    )


def _numbered(names: Iterable[str]) -> IntArray:
    """Numbers from 0, in the order in which names appear."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], dtype=np.int64)
