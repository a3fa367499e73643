from __future__ import annotations

from pathlib import Path

import pytest

from harness import schema
from harness.load.authored import read_case, read_plan, read_set
from harness.load.judges import read_judge

ANSWER = "  - {{answer_id: q-{0}, text: {{en: Answer {0}}}}}\n"
CASE = "case_id: q\ntitle: {en: Q}\nconflict: {en: none}\nstakes: subtle\nmessage: {en: What?}\nanswers:\n"


def case_file(folder: Path, n_answers: int, without: str = "") -> Path:
    """A case with so many answers, without one of its fields."""
    lines = [line for line in CASE.splitlines() if not without or not line.startswith(without)]
    path = folder / "q.yaml"
    path.write_text("\n".join(lines) + "\n" + "".join(ANSWER.format(n) for n in range(n_answers)))
    return path


def messages(path: Path) -> list[str]:
    """What is wrong with a case file."""
    return [problem.message for problem in read_case(path).problems]


@pytest.mark.parametrize("n_answers", [2, 10])
def test_authored_cases_have_two_to_ten_answers(tmp_path: Path, n_answers: int) -> None:
    """The record that comes out is the plain one, so that records of files and of imports are alike."""
    reading = read_case(case_file(tmp_path, n_answers))
    assert reading.problems == ()
    assert type(reading.record) is schema.Case


@pytest.mark.parametrize(
    ("n_answers", "words"),
    [(1, "must have at least 2 entries, found 1"), (11, "must have at most 10 entries, found 11")],
)
def test_other_numbers_of_answers_are_refused_in_files(tmp_path: Path, n_answers: int, words: str) -> None:
    """Imported sets may have 64 answers; a file that people write may not."""
    assert messages(case_file(tmp_path, n_answers)) == [words]


@pytest.mark.parametrize("field", ["conflict", "stakes", "message"])
def test_fields_that_imports_may_lack_are_needed_in_files(tmp_path: Path, field: str) -> None:
    """An authored case without them is refused by the record's own name."""
    (message,) = messages(case_file(tmp_path, 2, without=field))
    assert message.startswith("is missing; Case needs it")


def test_an_authored_answer_needs_its_text(tmp_path: Path) -> None:
    """An empty text is refused, as before."""
    path = case_file(tmp_path, 2)
    path.write_text(path.read_text().replace("text: {en: Answer 1}", "text: {}"))
    assert messages(path) == ["is empty"]


def test_the_scale_of_an_authored_set_ends_at_ten(tmp_path: Path) -> None:
    """set.yaml keeps its bounds."""
    path = tmp_path / "set.yaml"
    path.write_text(
        "set_id: s\ntitle: {en: S}\ndescription: {en: S}\nlanguages: [en]\nn_grades: 11\ncase_order: [q]\n"
        "provenance: {kind: invented, date: '2026-11-21'}\n"
    )
    assert [problem.message for problem in read_set(path).problems] == ["must be at most 10, found 11"]


def test_an_authored_experiment_has_parts(tmp_path: Path) -> None:
    """Only imported votes of people alone have none."""
    path = tmp_path / "e.yaml"
    path.write_text("experiment_id: e\ntitle: {en: E}\ncase_set: s\nseed: 1\nparts: []\n")
    assert [problem.message for problem in read_plan(path).problems] == ["is empty"]


def test_a_preset_may_be_pointwise(tmp_path: Path) -> None:
    """A judge may be asked for each answer alone, in words or by token probabilities."""
    path = tmp_path / "alone.yaml"
    for reading in ("word", "token_probability"):
        path.write_text(
            f"judge_id: alone\nmodel_id: openai/gpt-4o\nprotocol: pointwise\npair_reading: {reading}\n"
        )
        spec, problems = read_judge(path)
        assert problems == []
        assert spec is not None
        assert spec.protocol == "pointwise"


def test_records_are_wider_than_files() -> None:
    """An imported case may have 64 answers, no texts and no stated conflict."""
    answers = tuple(schema.Answer(answer_id=f"q-{n}", text={}) for n in range(64))
    case = schema.Case(case_id="q", title={"en": "Q"}, message={}, answers=answers)
    assert (case.conflict, case.stakes, len(case.answers)) == (None, None, 64)
