"""Questions without answers (`prompts/questions/<id>.yaml`), checked: each id once, every language there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from harness.errors import CaseError, Problem
from harness.load.cases import MAX_CHARACTERS
from harness.load.content import find_case_set, load_case_set
from harness.load.near import suggestion
from harness.load.roots import as_path, find_by_id, known_case_sets, known_ids
from harness.load.yaml import Place, Reading, read_located
from harness.schema import Case, Localised
from harness.schema.steer import Question, QuestionSet

QUESTIONS = "prompts/questions"


def load_questions(id_or_path: str | Path) -> QuestionSet:
    """The questions of that id or file; of a case set, the messages of its cases; raises CaseError."""
    path = as_path(id_or_path) or find_by_id(QUESTIONS, str(id_or_path))
    if path is not None and path.is_file() and path.stem != "set":
        return _checked(path)
    if path is None and str(id_or_path) not in known_case_sets():
        known = (*known_ids(QUESTIONS), *known_case_sets())
        words = f"no questions and no case set are called '{id_or_path}'{suggestion(str(id_or_path), known)}"
        raise CaseError([Problem(Path(QUESTIONS), None, "", words)])
    return _of_cases(id_or_path)


def read_questions(path: Path) -> tuple[QuestionSet | None, list[Problem]]:
    """Read one file of questions without raising: the record where it holds one, and every problem."""
    reading = read_located(path, QuestionSet)
    asked = reading.record
    if asked is None:
        return None, list(reading.problems)
    return asked, [
        *reading.problems,
        *_check_id(reading, asked),
        *_check_twice(reading, asked),
        *_check_texts(reading, asked),
    ]


def _checked(path: Path) -> QuestionSet:
    asked, problems = read_questions(path)
    if asked is None or problems:
        raise CaseError(problems)
    return asked


def _check_id(reading: Reading[QuestionSet], asked: QuestionSet) -> list[Problem]:
    path = reading.document.path
    if asked.question_set_id == path.stem:
        return []
    words = f"'{asked.question_set_id}' stands in {path.name}; the id and the file's name must be the same"
    return [reading.problem(("question_set_id",), words)]


def _check_twice(reading: Reading[QuestionSet], asked: QuestionSet) -> list[Problem]:
    counts = Counter(question.question_id for question in asked.questions)
    return [
        reading.problem(("questions", position, "question_id"), f"'{question.question_id}' stands twice")
        for position, question in enumerate(asked.questions)
        if counts[question.question_id] > 1
    ]


def _check_texts(reading: Reading[QuestionSet], asked: QuestionSet) -> list[Problem]:
    texts: list[tuple[Place, Localised]] = [(("title",), asked.title)]
    if asked.instruction is not None:
        texts.append((("instruction",), asked.instruction))
    for position, question in enumerate(asked.questions):
        texts += [(("questions", position, "title"), question.title)]
        texts += [(("questions", position, "message"), question.message)]
    problems = []
    for place, text in texts:
        for language in asked.languages:
            if language not in text:
                problems.append(reading.problem((*place, language), "is missing; `languages` declares it"))
            elif len(text[language]) > MAX_CHARACTERS:
                words = f"has {len(text[language]):,} characters; at most {MAX_CHARACTERS:,} are read"
                problems.append(reading.problem((*place, language), words))
    return problems


def _of_cases(id_or_path: str | Path) -> QuestionSet:
    case_set, cases = load_case_set(find_case_set(id_or_path))
    return QuestionSet(
        question_set_id=case_set.set_id,
        title=case_set.title,
        languages=case_set.languages,
        questions=tuple(_of_case(case) for case in cases),
        provenance=case_set.provenance,
    )


def _of_case(case: Case) -> Question:
    return Question(question_id=case.case_id, title=case.title, conflict=case.conflict, message=case.message)
