"""PandaLM, on a test set of one whole task and one loose pair made by the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.registry import read_files
from harness.schema import FailedVerdict, RankedVerdict

SYSTEMS = ("bloom-7b", "cerebras-gpt-6.7B", "llama-7b", "opt-7b", "pythia-6.9b")
Entry = dict[str, Any]


def pair(idx: int, first: str, second: str, task: str = "whole") -> Entry:
    """One entry: the first system is better to annotators 1 and 2, a tie to annotator 3."""
    return {
        "idx": idx,
        "cmp_key": f"{first}_{second}",
        "instruction": f"Instruction {task}",
        "input": "",
        "response1": f"{first} on {task}",
        "response2": f"{second} on {task}",
        "annotator1": 1,
        "annotator2": 1,
        "annotator3": 0,
    }


def write_set(folder: Path, change: Callable[[list[Entry]], object] = len) -> Path:
    """Ten pairs of one task and one pair of another; GPT-3.5 says 2 and fails on the last, PandaLM ties."""
    entries = [pair(idx, *systems) for idx, systems in enumerate(combinations(SYSTEMS, 2))]
    entries.append(pair(10, "opt-7b", "llama-7b", "loose"))
    change(entries)
    gpt = [{"idx": entry["idx"], "gpt_result": "2", "gpt_reason": "because"} for entry in entries]
    gpt[-1]["gpt_result"] = "garbage"
    panda = [{"idx": entry["idx"], "pandalm_result": 0, "pandalm_reason": ""} for entry in entries]
    for name, content in (
        ("testset-v1.json", entries),
        ("gpt-3.5-turbo-testset-v1.json", gpt),
        ("pandalm-7b-testset-v1.json", panda),
    ):
        (folder / name).write_text(json.dumps(content), "utf-8")
    return folder


def read(folder: Path, **options: str) -> Imported:
    """Read the set as the format."""
    return read_files("pandalm", [folder], options)


def test_garbage_is_a_failure_and_no_tie(tmp_path: Path) -> None:
    """A reply without a verdict fails as unparsable; a tie is a verdict."""
    judged = assemble(read(write_set(tmp_path))).judges
    last = {one.cell.annotator_id: one for one in judged if one.cell.case_id == "pair-010"}
    assert isinstance(last["gpt-3.5-turbo"], FailedVerdict)
    assert last["gpt-3.5-turbo"].failure == "unparsable"
    tied = last["pandalm-7b"]
    assert isinstance(tied, RankedVerdict)
    assert len(set(tied.grades.values())) == 1


def test_people_are_three_known_persons(tmp_path: Path) -> None:
    """Every pair has one vote of each of the three persons."""
    imported = read(write_set(tmp_path))
    people = [vote for vote in imported.votes if vote.kind == "person"]
    assert imported.people_known
    assert len(people) == 33
    assert [vote.choice for vote in people[:3]] == ["first", "first", "tie"]


def test_instruction_is_not_in_the_files(tmp_path: Path) -> None:
    """Nobody's instruction is known: that is a rulebook of its own, and never the harness's bare one."""
    for view in ("pairs", "rankings"):
        imported = read(write_set(tmp_path), view=view)
        used = {vote.rulebook_id for vote in imported.votes} | {one.rulebook_id for one in imported.graded}
        assert used == {"unstated"}
        assert [book.rulebook_id for book in imported.rulebooks] == ["unstated"]


def test_authors_come_from_the_pair(tmp_path: Path) -> None:
    """The two systems of the pair wrote the two answers, in its order."""
    case = read(write_set(tmp_path)).cases[10]
    assert [answer.author_model_id for answer in case.answers] == ["opt-7b", "llama-7b"]


def test_rankings_are_copeland_scores_with_ties(tmp_path: Path) -> None:
    """All ten pairs of a task become one ranking of five per annotator: wins count 1, ties a half."""
    imported = read(write_set(tmp_path), view="rankings")
    assert [case.case_id for case in imported.cases] == ["task-00"]
    grades = {one.annotator_id: list(one.grades.values()) for one in imported.graded}
    assert grades["annotator1"] == [5, 4, 3, 2, 1]
    assert grades["annotator3"] == [1, 1, 1, 1, 1]
    assert grades["gpt-3.5-turbo"] == [1, 2, 3, 4, 5]
    assert len(assemble(imported).judges) == 2


def test_one_failed_pair_fails_the_ranking(tmp_path: Path) -> None:
    """A judge without a verdict on one of the ten pairs has no ranking of five."""

    def last_is_whole(entries: list[Entry]) -> None:
        entries.insert(0, entries.pop() | {"idx": 11})

    imported = read(write_set(tmp_path, last_is_whole), view="rankings")
    failed = [one.annotator_id for one in imported.graded if one.failure]
    assert failed == ["gpt-3.5-turbo"]


def test_tasks_that_show_a_system_with_two_texts_are_left_out(tmp_path: Path) -> None:
    """Pairs about different texts are never joined into one ranking; white space at the ends is nothing."""

    def spaced(entries: list[Entry]) -> None:
        entries[0]["response1"] += "\n"

    def changed(entries: list[Entry]) -> None:
        entries[0]["response1"] = "another text"

    assert len(read(write_set(tmp_path, spaced), view="rankings").cases) == 1
    with pytest.raises(ImportFormatError, match="one text per system"):
        read(write_set(tmp_path, changed), view="rankings")


def test_answers_that_are_no_text_are_read_and_counted(tmp_path: Path) -> None:
    """The JSON value true is the answer 'true', and a note says how many there are."""

    def odd(entries: list[Entry]) -> None:
        entries[10]["response1"] = True

    imported = read(write_set(tmp_path, odd))
    assert imported.cases[10].answers[0].text["en"] == "true"
    assert any(note.startswith("1 answers") for note in imported.notes)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("annotator1", 3, "must be 1, 2 or 0"),
        ("annotator1", "garbage", "must be 1, 2 or 0"),
        ("cmp_key", "llama-7b", "two different systems"),
        ("idx", 9, "stands twice"),
        ("response1", None, "is missing"),
    ],
)
def test_wrong_entries_are_refused_with_their_number(
    column: str, value: object, words: str, tmp_path: Path
) -> None:
    """What cannot be read is an error that names file and entry; people are never without a verdict."""

    def wrong(entries: list[Entry]) -> None:
        entries[10][column] = value

    with pytest.raises(ImportFormatError, match=rf"testset-v1\.json:11: .*{words}"):
        read(write_set(tmp_path, wrong))


def test_judges_must_have_judged_the_same_pairs(tmp_path: Path) -> None:
    """A judge's file that lacks a pair is refused: figures over different pairs do not compare."""
    folder = write_set(tmp_path)
    path = folder / "pandalm-7b-testset-v1.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))[:-1]), "utf-8")
    with pytest.raises(ImportFormatError, match="no row is joined with 10"):
        read(folder)
