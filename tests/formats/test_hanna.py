"""HANNA, on a table of three systems and two writing prompts made by the test."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Graded, Imported
from harness.formats.registry import read_files
from harness.schema import FailedVerdict, RankedVerdict

JUDGES = ("Beluga-13B", "OrcaPlatypus", "Llama-13B", "Mistral-7B", "ChatGPT")
SYSTEMS = ("Human", "GPT-2", "GPT-2 (tag)")
Cell = tuple[str, str]
"""(system, column)."""


def write_table(folder: Path, changes: Mapping[Cell, str | None] | None = None) -> Path:
    """People give 4, 3, 2 to the three systems, judges 4.5, 3.5, 2.5; a change of None leaves a cell out."""
    changes = changes or {}
    columns = [f"Human {slot} {name}" for slot in (1, 2, 3) for name in ("CH", "RE")]
    columns += [f"{judge} {name} {p}" for judge in JUDGES for name in ("CH", "RE") for p in (1, 2, 3, 4)]
    path = folder / "hanna_metric_scores_llm.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["Model", *columns])
        writer.writeheader()
        for place, system in enumerate(SYSTEMS):
            told: dict[str, str | None] = {
                name: json.dumps([4 - place + 0.5 * (not name.startswith("Human"))] * 2) for name in columns
            }
            told |= {name: text for (whose, name), text in changes.items() if whose == system}
            writer.writerow({"Model": system, **told})
    return folder


def read(folder: Path, **options: str) -> Imported:
    """Read the table as the format."""
    return read_files("hanna", [folder], options)


def of(imported: Imported, who: str, rulebook: str = "none") -> Graded:
    """What one annotator said of the first writing prompt."""
    return next(
        one
        for one in imported.graded
        if (one.annotator_id, one.rulebook_id, one.case_id) == (who, rulebook, "prompt-00")
    )


def test_prompts_are_cases_and_systems_are_answers(tmp_path: Path) -> None:
    """One case per writing prompt, one answer per system with its author, and no text, for there is none."""
    imported = read(write_table(tmp_path))
    assert [case.case_id for case in imported.cases] == ["prompt-00", "prompt-01"]
    first = imported.cases[0]
    assert [answer.author_model_id for answer in first.answers] == list(SYSTEMS)
    assert (first.message, first.answers[0].text) == ({}, {})
    assert len({answer.answer_id for answer in first.answers}) == 3


def test_slots_are_nobody(tmp_path: Path) -> None:
    """Three slots of people; who they were is not known."""
    imported = read(write_table(tmp_path))
    people = {one.annotator_id for one in imported.graded if one.kind == "person"}
    assert people == {"slot-1", "slot-2", "slot-3"}
    assert imported.people_known is False
    assert list(of(imported, "slot-1", "unstated").grades.values()) == [4, 3, 2]


def test_four_instructions_are_four_rulebooks(tmp_path: Path) -> None:
    """Each judge has four verdicts on a prompt, one per instruction; the first is the bare one."""
    imported = read(write_table(tmp_path, {("Human", "ChatGPT CH 3"): "[1, 1]"}))
    assert [book.rulebook_id for book in imported.rulebooks] == [
        "none",
        "eval-prompt-2",
        "eval-prompt-3",
        "eval-prompt-4",
        "unstated",
    ]
    assert list(of(imported, "chatgpt", "eval-prompt-3").grades.values()) == [1, 3.5, 2.5]
    judged = assemble(imported).judges
    assert len(judged) == len(JUDGES) * 4 * 2
    assert {verdict.cell.protocol for verdict in judged} == {"pointwise"}


def test_grades_below_one_are_left_out_or_kept_on_demand(tmp_path: Path) -> None:
    """A mean below 1 holds a try without a grade: that answer is not graded, and a note counts it."""
    folder = write_table(tmp_path, {("GPT-2", "Llama-13B CH 1"): "[-1.0, 0.6666666666666666]"})
    dropped, kept = read(folder), read(folder, drop_below_one="false")
    assert list(of(dropped, "llama-13b").grades) == ["prompt-00-human", "prompt-00-gpt-2-tag"]
    assert list(of(kept, "llama-13b").grades.values()) == [4.5, -1.0, 2.5]
    assert any(note.startswith("2 grades") and "left out" in note for note in dropped.notes)
    assert any(note.startswith("2 grades") and "kept" in note for note in kept.notes)


def test_judge_without_any_grade_has_failed(tmp_path: Path) -> None:
    """When no answer of a case has a grade, the verdict is unparsable; no grade is made up."""
    folder = write_table(tmp_path, {(system, "ChatGPT CH 1"): "[-1.0, 3]" for system in SYSTEMS})
    first, second = [
        verdict
        for verdict in assemble(read(folder)).judges
        if (verdict.cell.annotator_id, verdict.cell.rulebook_id) == ("chatgpt", "none")
    ]
    assert isinstance(first, FailedVerdict)
    assert first.failure == "unparsable"
    assert isinstance(second, RankedVerdict)


def test_criterion_and_stories_are_options(tmp_path: Path) -> None:
    """One criterion a run; the stories that people wrote can be left out, as the paper does."""
    folder = write_table(tmp_path, {("GPT-2", "Human 1 RE"): "[1, 1]"})
    relevance = read(folder, criterion="relevance", stories="machines")
    assert [answer.author_model_id for answer in relevance.cases[0].answers] == ["GPT-2", "GPT-2 (tag)"]
    assert list(of(relevance, "slot-1", "unstated").grades.values()) == [1, 2]
    with pytest.raises(ImportFormatError, match="must be one of relevance"):
        read(folder, criterion="charm")


def test_table_itself_can_be_named(tmp_path: Path) -> None:
    """The path may be the folder or its table."""
    folder = write_table(tmp_path)
    assert read(folder / "hanna_metric_scores_llm.csv").cases == read(folder).cases


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "must be a JSON list"),
        ("[4, null]", "must be a JSON list of numbers"),
        ("[4, true]", "must be a JSON list of numbers"),
        ("[4]", r"equally many numbers in every cell, found \[1, 2\]"),
        ("[4, 6]", "grades end at 5"),
    ],
)
def test_wrong_cells_are_refused(cell: str, words: str, tmp_path: Path) -> None:
    """A cell that is no list of as many grades as there are writing prompts is an error."""
    folder = write_table(tmp_path, {("GPT-2", "Human 2 CH"): cell})
    with pytest.raises(ImportFormatError, match=words):
        read(folder)


def test_missing_column_is_named(tmp_path: Path) -> None:
    """A criterion that the table lacks is an error that names the column and the line."""
    with pytest.raises(ImportFormatError, match=r"csv:2: Human 1 EM: this column is missing"):
        read(write_table(tmp_path), criterion="empathy")
