"""PRD / Vicuna-80, on a set of two questions made by the test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.registry import read_files
from harness.schema import FailedVerdict, RankedVerdict

SYSTEMS = ("gpt4", "claude", "vicuna-13b", "gpt35", "bard")
FIRST, SECOND, TIE, UNREAD = 1, 2, 3, -1


def lines(path: Path, rows: list[dict[str, object]]) -> None:
    """Write a file of JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def review(first: str, second: str, score: int, number: int = 1) -> dict[str, object]:
    """One row of a judge's file."""
    return {
        "question_id": number,
        "answer1_id": f"{first}{number}",
        "answer2_id": f"{second}{number}",
        "text": f"raw review {score}",
        "score": score,
    }


def write_set(folder: Path) -> Path:
    """Two questions, five answers each; judge gpt4 prefers what stands earlier in SYSTEMS, in both orders."""
    questions: list[dict[str, object]] = [
        {"question_id": number, "text": f"Question {number}?"} for number in (1, 2)
    ]
    lines(folder / "prompts/vicuna_questions.jsonl", questions)
    prompt: dict[str, object] = {"description": "General", "defaults": {"prompt": "Rate helpfulness."}}
    lines(folder / "prompts/vicuna_prompt_threeclass.jsonl", [prompt])
    for system in SYSTEMS:
        rows: list[dict[str, object]] = [
            {"question_id": number, "answer_id": f"{system}{number}", "text": f"{system} says {number}"}
            for number in (1, 2)
        ]
        lines(folder / f"generations/answer_{system}.jsonl", rows)
    for first in SYSTEMS:
        for second in SYSTEMS:
            if first != second:
                score = FIRST if SYSTEMS.index(first) < SYSTEMS.index(second) else SECOND
                judge_file(folder, first, second, [review(first, second, score, n) for n in (1, 2)])
    people: list[dict[str, object]] = [
        {"question_id": 1, "text": "Question 1?", "score": score} for score in (FIRST, TIE, SECOND)
    ]
    lines(folder / "ratings-human/answer_bard-vs-answer_gpt4-human-reviewer_threeclass.jsonl", people)
    return folder


def judge_file(folder: Path, first: str, second: str, rows: list[dict[str, object]], mark: str = "_") -> None:
    """One judge's file for an ordered pair."""
    name = f"answer{mark}{first}-vs-answer{mark}{second}-gpt4-reviewer{mark}threeclass.jsonl"
    lines(folder / "ratings-gpt4" / name, rows)


def read(folder: Path, **options: str) -> Imported:
    """Read the set as the format."""
    return read_files("prd", [folder], options)


def test_both_orders_become_one_ranking(tmp_path: Path) -> None:
    """Twenty verdicts on a question become one ranking of five; the winner is the first in both orders."""
    judged = assemble(read(write_set(tmp_path))).judges
    assert [type(verdict) for verdict in judged] == [RankedVerdict, RankedVerdict]
    first = judged[0]
    assert isinstance(first, RankedVerdict)
    assert first.grades == {f"q01-{system}": 5.0 - place for place, system in enumerate(SYSTEMS)}


def test_authors_are_the_judges(tmp_path: Path) -> None:
    """An answer's author has the name of the judge's model, so that self-preference can be computed."""
    imported = read(write_set(tmp_path))
    assert [judge.model_id for judge in imported.judges] == ["imported/gpt4"]
    assert "gpt4" in {answer.author_model_id for answer in imported.cases[0].answers}


def test_votes_of_people_are_slots_of_one_pair(tmp_path: Path) -> None:
    """Three votes on a pair are three voters, named after pair and number; nobody is known."""
    imported = read(write_set(tmp_path))
    people = [vote for vote in imported.votes if vote.kind == "person"]
    assert [vote.annotator_id for vote in people] == [f"bard-gpt4-vote{number}" for number in (1, 2, 3)]
    assert [vote.choice for vote in people] == ["first", "tie", "second"]
    assert people[0].shown_first == "q01-bard"
    assert imported.people_known is False


def test_second_file_is_chosen_by_its_spelling(tmp_path: Path) -> None:
    """Two spellings for one judge and ordered pair: the underscore counts, or the other on demand."""
    folder = write_set(tmp_path)
    judge_file(folder, "gpt4", "bard", [review("gpt4", "bard", TIE, n) for n in (1, 2)], mark="-")
    assert choice_of(read(folder)) == "first"
    assert choice_of(read(folder, spelling="hyphen")) == "tie"
    assert sum("was not used" in note for note in read(folder).notes) == 1


def choice_of(imported: Imported) -> str | None:
    """What the judge says of GPT-4 shown before Bard on question 1."""
    shown = ("q01-gpt4", "q01-bard")
    return next(vote.choice for vote in imported.votes if (vote.shown_first, vote.shown_second) == shown)


def test_two_files_of_one_spelling_are_refused(tmp_path: Path) -> None:
    """When no spelling tells two files apart, both are named and nothing is read."""
    folder = write_set(tmp_path)
    name = "ratings-gpt4/answer_gpt4-vs-answer_bard-gpt4-reviewer_two.jsonl"
    lines(folder / name, [review("gpt4", "bard", TIE)])
    with pytest.raises(ImportFormatError, match=r"several files for one judge and ordered pair: .*_two"):
        read(folder)


def test_names_without_the_usual_ending_are_read(tmp_path: Path) -> None:
    """A file may lack threeclass in its name: only judge and pair count."""
    folder = write_set(tmp_path)
    usual = folder / "ratings-gpt4/answer_bard-vs-answer_vicuna-13b-gpt4-reviewer_threeclass.jsonl"
    usual.rename(usual.with_name("answer_bard-vs-answer_vicuna-13b-gpt4-reviewer.jsonl"))
    assert len(assemble(read(folder)).judges) == 2


def test_rows_about_other_answers_than_the_name_says_are_refused(tmp_path: Path) -> None:
    """A row whose answer ids are not those of the pair in the file's name is an error with its line."""
    folder = write_set(tmp_path)
    judge_file(folder, "gpt4", "bard", [review("gpt4", "bard", 1), review("bard", "gpt4", 1, 2)])
    with pytest.raises(ImportFormatError, match=r"threeclass\.jsonl:2: answer1_id: is not the id of gpt4's"):
        read(folder)


def test_review_without_a_verdict_is_a_failure(tmp_path: Path) -> None:
    """The authors' -1 is no tie: the judge's verdict on that question fails, with the raw review."""
    folder = write_set(tmp_path)
    rows = [review("gpt4", "bard", UNREAD), review("gpt4", "bard", 1, 2)]
    judge_file(folder, "gpt4", "bard", rows)
    first, second = assemble(read(folder)).judges
    assert isinstance(first, FailedVerdict)
    assert (first.failure, first.text) == ("unparsable", "raw review -1")
    assert isinstance(second, RankedVerdict)


@pytest.mark.parametrize("score", [0, 4])
def test_unknown_codes_are_refused(score: int, tmp_path: Path) -> None:
    """Only 1, 2, 3 and -1 are verdicts."""
    folder = write_set(tmp_path)
    judge_file(folder, "gpt4", "bard", [review("gpt4", "bard", score)])
    with pytest.raises(ImportFormatError, match=f"found {score}"):
        read(folder)


def test_systems_without_answers_are_left_out_and_counted(tmp_path: Path) -> None:
    """Votes on systems whose answers are not in the files do not become cases without texts."""
    folder = write_set(tmp_path)
    row: dict[str, object] = {"question_id": 1, "text": "Question 1?", "score": 1}
    name = "ratings-human/answer_guanaco-7b-vs-answer_bard-human-reviewer_threeclass.jsonl"
    lines(folder / name, [row, row])
    imported = read(folder)
    assert sum(vote.kind == "person" for vote in imported.votes) == 3
    assert any("guanaco-7b 2" in note for note in imported.notes)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    """A folder without the set says what is missing."""
    with pytest.raises(ImportFormatError, match="holds no generations"):
        read(tmp_path)
