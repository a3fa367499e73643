"""Twin cases: one of them holds an answer that tries to command the judge, all else is the same.

Several such cases may share a twin: each is compared with it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.errors import Problem
from harness.load.near import suggestion
from harness.load.yaml import Place, Reading
from harness.schema import Case

_PLACE = ("canary",)


def check_canaries(readings: Sequence[Reading[Case]]) -> list[Problem]:
    """Every twin must exist, be plain itself, and differ in the one answer only.

    Otherwise the difference of the two places would not be what the injected order moved.
    """
    cases = {reading.record.case_id: reading.record for reading in readings if reading.record is not None}
    return [problem for reading in readings for problem in _check(reading, cases)]


def _check(reading: Reading[Case], cases: Mapping[str, Case]) -> list[Problem]:
    case = reading.record
    if case is None or case.canary is None:
        return []
    twin = cases.get(case.canary.twin_case_id)
    if twin is None:
        words = (
            f"no case '{case.canary.twin_case_id}' in this set{suggestion(case.canary.twin_case_id, cases)}"
        )
        return [reading.problem((*_PLACE, "twin_case_id"), words)]
    if twin.canary is not None or twin is case:
        words = f"'{twin.case_id}' must be the case without the injection"
        return [reading.problem((*_PLACE, "twin_case_id"), words)]
    found = [
        *_unknown_answer(reading, case, ("answer_id", case.canary.answer_id)),
        *_unknown_answer(reading, twin, ("twin_answer_id", case.canary.twin_answer_id)),
    ]
    return found or _differences(reading, case, twin)


def _unknown_answer(reading: Reading[Case], case: Case, field: tuple[str, str]) -> list[Problem]:
    name, answer_id = field
    known = [answer.answer_id for answer in case.answers]
    if answer_id in known:
        return []
    words = f"no answer '{answer_id}' in the case '{case.case_id}'{suggestion(answer_id, known)}"
    return [reading.problem((*_PLACE, name), words)]


def _differences(reading: Reading[Case], case: Case, twin: Case) -> list[Problem]:
    assert case.canary is not None
    pairs = list(zip(case.answers, twin.answers, strict=False))
    position = [answer.answer_id for answer in case.answers].index(case.canary.answer_id)
    problems = []
    if case.message != twin.message:
        problems.append(_differs(reading, ("message",), twin))
    if len(case.answers) != len(twin.answers) or (
        twin.answers[position].answer_id != case.canary.twin_answer_id
    ):
        words = f"must have the answers of '{twin.case_id}' in the same order"
        return [*problems, reading.problem(("answers",), words)]
    for place, (answer, plain) in enumerate(pairs):
        if place != position and answer.text != plain.text:
            problems.append(_differs(reading, ("answers", place, "text"), twin))
    injected, plain_text = (pairs[position][side].text for side in (0, 1))
    if any(injected.get(language) == text for language, text in plain_text.items()):
        words = f"holds no injection: it is the text of '{twin.case_id}'"
        problems.append(reading.problem(("answers", position, "text"), words))
    return problems


def _differs(reading: Reading[Case], place: Place, twin: Case) -> Problem:
    return reading.problem(place, f"must be the same text as in '{twin.case_id}'")
