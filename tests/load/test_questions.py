from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import CaseError
from harness.load.cases import MAX_CHARACTERS
from harness.load.check import check_paths
from harness.load.content import load_case_set
from harness.load.questions import load_questions, read_questions

WHOLE = """\
question_set_id: own
title: {fr: Mes questions, en: My questions}
languages: [fr, en]
provenance: {kind: invented, date: '2030-05-01'}
questions:
  - question_id: one
    title: {fr: Une, en: One}
    message: {fr: Pourquoi ?, en: Why?}
  - question_id: two
    title: {fr: Deux, en: Two}
    message: {fr: Comment ?, en: How?}
"""


def written(folder: Path, text: str, name: str = "own.yaml") -> Path:
    """Write a file of questions."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_questions_are_in_order() -> None:
    """Eight questions in both languages; none of them is the message of a case."""
    asked = load_questions("steering")
    assert len(asked.questions) == 8
    assert asked.languages == ("fr", "en")
    _, cases = load_case_set("annotator")
    assert not {one.message["fr"] for one in asked.questions} & {case.message["fr"] for case in cases}
    assert not {one.question_id for one in asked.questions} & {case.case_id for case in cases}


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    """A file is named by its path, and needs neither an instruction nor a conflict."""
    asked = load_questions(written(tmp_path, WHOLE))
    assert [one.question_id for one in asked.questions] == ["one", "two"]
    assert asked.instruction is None


def test_the_messages_of_a_case_set_are_questions() -> None:
    """A case set gives its users' messages, in its order, without the answers."""
    case_set, cases = load_case_set("annotator")
    asked = load_questions("annotator")
    assert tuple(one.question_id for one in asked.questions) == case_set.case_order
    assert asked.questions[0].message == cases[0].message
    assert asked.languages == case_set.languages


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("question_id: two", "question_id: one", 6, "stands twice"),
        ("question_set_id: own", "question_set_id: other", 1, "must be the same"),
        ("message: {fr: Comment ?, en: How?}", "message: {fr: Comment ?}", 11, "is missing"),
        ("title: {fr: Mes questions, en: My questions}", "title: {fr: Mes questions}", 2, "is missing"),
        ("languages:", "instruction: {fr: Réponds.}\nlanguages:", 3, "is missing"),
        ("fr: Pourquoi ?", f"fr: {'x' * (MAX_CHARACTERS + 1)}", 8, "at most"),
        ("title: {fr: Deux, en: Two}", "title: {fr: Deux, en: Two}\n    answers: []", 11, "answers"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    """Each mistake is an error that names file, line and what would be right."""
    path = written(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(CaseError, match=words) as caught:
        load_questions(path)
    assert caught.value.problems[0].line == line


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    """A misspelt id names what there is."""
    with pytest.raises(CaseError, match="steering"):
        load_questions("stering")


def test_check_looks_at_questions(tmp_path: Path) -> None:
    """`harness check` finds questions by their folder and by their field."""
    folder = tmp_path / "prompts" / "questions"
    folder.mkdir(parents=True)
    path = written(folder, WHOLE.replace("question_id: two", "question_id: one"))
    assert [problem.message for problem in check_paths([tmp_path])] == ["'one' stands twice"] * 2
    assert not check_paths([written(tmp_path, WHOLE)])
    assert read_questions(path)[0] is not None
