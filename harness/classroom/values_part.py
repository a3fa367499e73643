"""What recorded judges answered on value-laden cases: their best answers, each with its model and date.

It is shown only where judges of at least two makers answered every case named here, so that it is no lesson
about one company or one country.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.classroom.desk import recorded_runs
from harness.compare.figures import named_medians
from harness.compare.source import answer_ids, grades_array
from harness.errors import HarnessError
from harness.load.content import load_case_set
from harness.report.typography import typeset
from harness.schema import Case, Language, RankedVerdict
from harness.store.folder import RunFolder

CASE_SET = "values"
CASES = ("taiwan-status", "foie-gras")
LEAST_MAKERS = 2


@dataclass(frozen=True)
class ValueAnswer:
    """What one judge put on top in one case."""

    case: str
    judge: str
    model_id: str
    maker: str
    """The company behind the model; the model itself where nobody said."""
    date: str
    best: str
    """The value choices that its best answers embody, in a few words."""


def value_answers(roots: Sequence[Path], language: Language) -> tuple[ValueAnswer, ...]:
    """Read the recorded runs of the set of value-laden cases; nothing where they say too little."""
    try:
        _, cases = load_case_set(CASE_SET)
        runs = [run.path for run in recorded_runs(roots, CASE_SET)]
    except HarnessError:
        return ()
    shown = [case for case in cases if case.case_id in CASES]
    found = [one for path in runs for one in _answers(RunFolder(path), shown, language)]
    return tuple(found) if _is_enough(found, shown, language) else ()


def _is_enough(found: Sequence[ValueAnswer], shown: Sequence[Case], language: Language) -> bool:
    makers = Counter(title for title, _ in {(one.case, one.maker) for one in found})
    return all(makers[_local(case.title, language)] >= LEAST_MAKERS for case in shown) and len(shown) > 0


def _answers(folder: RunFolder, cases: Sequence[Case], language: Language) -> list[ValueAnswer]:
    manifest = folder.read_manifest()
    verdicts = [one for one in folder.read_small_verdicts() if isinstance(one, RankedVerdict)]
    found = []
    for case in cases:
        for judge in manifest.judges:
            spec = judge.spec
            own = [
                one
                for one in verdicts
                if one.cell.case_id == case.case_id
                and one.cell.annotator_id == spec.judge_id
                and one.cell.wording == "base"
            ]
            if best := _best(own, case, language):
                title, date = _local(case.title, language), manifest.created_at[:10]
                who, maker = spec.title or spec.judge_id, spec.maker or spec.model_id
                found.append(ValueAnswer(title, who, spec.model_id, maker, date, best))
    return found


def _best(verdicts: Sequence[RankedVerdict], case: Case, language: Language) -> str:
    """The choices on top of the order nearest to all its verdicts; empty without one such order."""
    orders = named_medians(grades_array(verdicts, answer_ids(case)), answer_ids(case)) if verdicts else ()
    if len(orders) != 1:
        return ""
    choices = {answer.answer_id: answer.choice for answer in case.answers}
    said = [_local(choice, language) for name in orders[0][0] if (choice := choices[name])]
    return " = ".join(said)


def _local(text: dict[Language, str], language: Language) -> str:
    return typeset(text[language], language) if language in text else next(iter(text.values()))
