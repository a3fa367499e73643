"""AlpacaEval's annotations: preferences from 1 to 2, what is no verdict, who is a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.alpaca_eval import FORMAT, read_alpaca_eval
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.schema import FailedVerdict, RankedVerdict

Row = dict[str, Any]


def annotation(preference: float | str | None, **more: object) -> Row:
    """Give a record of annotations.json as alpaca_eval 0.6.6 writes it, with texts of our own."""
    row: Row = {
        "instruction": "Name a bird that cannot fly.",
        "output_1": "The ostrich.",
        "generator_1": "tern",
        "dataset": "birds",
        "datasplit": "eval",
        "output_2": "A penguin cannot.",
        "generator_2": "wren",
        "annotator": "weighted_alpaca_eval_gpt4_turbo",
        "preference": preference,
        "preference_version": "0.6.6",
        "preference_price_per_example": 0.01,
        "preference_raw_completion": {"text": "m"},
    }
    return row | more


def swapped(row: Row) -> Row:
    """Give the same comparison with its two outputs written the other way round."""
    other = {"1": "2", "2": "1"}
    return {
        (f"{name[:-1]}{other[name[-1]]}" if name[-2:] in ("_1", "_2") else name): value
        for name, value in row.items()
    }


def read(tmp_path: Path, rows: list[Row], options: Mapping[str, str] | None = None) -> Imported:
    """Read rows as one annotations.json."""
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return read_alpaca_eval([path], options or {})


def grades(imported: Imported) -> list[dict[str, float] | str]:
    """Grades by system of every judge's verdict, or how it failed."""
    authors = {answer.answer_id: answer.author_model_id for case in imported.cases for answer in case.answers}
    return [
        {str(authors[name]): grade for name, grade in verdict.grades.items()}
        if isinstance(verdict, RankedVerdict)
        else verdict.failure
        for verdict in assemble(imported).judges
    ]


@pytest.mark.parametrize(
    ("preference", "tern", "wren"),
    [(1, 2.0, 1.0), (1.0312, 2.0, 1.0), (1.49, 2.0, 1.0), (1.5, 1.0, 1.0), (1.51, 1.0, 2.0), (2.0, 1.0, 2.0)],
)
def test_a_preference_below_one_and_a_half_is_for_the_first_output(
    tmp_path: Path, preference: float, tern: float, wren: float
) -> None:
    """1 means output_1 and 2 means output_2; only 1.5 itself is a tie."""
    assert grades(read(tmp_path, [annotation(preference)])) == [{"tern": tern, "wren": wren}]


def test_the_tolerance_widens_the_tie(tmp_path: Path) -> None:
    """Preferences exactly as far from 1.5 as the tolerance are ties, further ones are not."""
    rows = [annotation(1.4), annotation(1.6, annotator="b"), annotation(1.39, annotator="c")]
    tied = {"tern": 1.0, "wren": 1.0}
    assert grades(read(tmp_path, rows, {"tolerance": "0.1"})) == [tied, tied, {"tern": 2.0, "wren": 1.0}]


@pytest.mark.parametrize("preference", [None, -1, -1.0, ""])
def test_no_preference_is_a_failure(tmp_path: Path, preference: float | None) -> None:
    """Null, and the -1 of the tool's caches, are failures and never ties."""
    imported = read(tmp_path, [annotation(preference)])
    (verdict,) = assemble(imported).judges
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "unparsable"
    assert any(note.startswith("Annotations without a preference") for note in imported.notes)


def test_an_old_zero_is_a_tie(tmp_path: Path) -> None:
    """Older files write 0 for a tie, as the tool itself still reads."""
    assert grades(read(tmp_path, [annotation(0)])) == [{"tern": 1.0, "wren": 1.0}]


def test_output_1_is_not_what_was_shown_first(tmp_path: Path) -> None:
    """The tool swaps at random and swaps back, so no verdict says which answer stood in which slot."""
    imported = read(tmp_path, [annotation(1.2)])
    assert assemble(imported).judges[0].presentation is None
    assert any("shown first is unknown" in note for note in imported.notes)


def test_two_judges_meet_on_one_case_whichever_output_came_first(tmp_path: Path) -> None:
    """The same two answers are one case in either spelling, and the verdicts agree."""
    rows = [annotation(1.2), swapped(annotation(1.2, annotator="claude")) | {"preference": 1.8}]
    imported = read(tmp_path, rows)
    assert len(imported.cases) == 1
    assert grades(imported) == [{"tern": 2.0, "wren": 1.0}] * 2


def test_the_same_text_twice_was_never_judged(tmp_path: Path) -> None:
    """Equal outputs get 1.5 without a question to the judge; they are left out and counted."""
    imported = read(
        tmp_path, [annotation(1.2), annotation(1.5, output_2="The ostrich.", instruction="Again")]
    )
    assert len(imported.cases) == len(imported.graded) == 1
    assert any("nobody was asked" in note and note.endswith("1.") for note in imported.notes)


def test_coin_flips_are_no_verdicts(tmp_path: Path) -> None:
    """Rows marked is_noisy_label are left out and counted."""
    imported = read(tmp_path, [annotation(1.2), annotation(2, is_noisy_label=True)])
    assert len(imported.graded) == 1
    assert any("coin flip" in note for note in imported.notes)


def test_a_numbered_vote_is_no_person(tmp_path: Path) -> None:
    """annotator_index numbers the votes on one pair: people vote, but who they are stays unknown."""
    rows = [annotation(1, annotator_index=index, annotator=None) for index in range(4)]
    imported = read(tmp_path, rows)
    assert not imported.people_known
    assert not imported.judges
    assert [verdict.cell.annotator_id for verdict in assemble(imported).people] == [
        "vote 0",
        "vote 1",
        "vote 2",
        "vote 3",
    ]


def test_pairs_of_one_instruction_are_said_to_depend_on_each_other(tmp_path: Path) -> None:
    """Two systems against one reference are two cases, and the reader says that they are not independent."""
    rows = [annotation(1.2), annotation(1.9, generator_2="rook", output_2="The kiwi.")]
    imported = read(tmp_path, rows)
    assert [case.case_id for case in imported.cases] == ["0001-tern-vs-wren", "0001-rook-vs-tern"]
    assert any("not independent" in note for note in imported.notes)


def test_other_texts_of_the_same_two_systems_are_another_case(tmp_path: Path) -> None:
    """Systems that answered one instruction twice are not joined: every pair of texts is its own case."""
    imported = read(tmp_path, [annotation(1.2), annotation(1.2, output_2="The kiwi.")])
    assert len({case.case_id for case in imported.cases}) == 2
    assert [verdict.cell.repeat for verdict in assemble(imported).judges] == [0, 0]


def test_the_same_annotation_again_is_a_repeat(tmp_path: Path) -> None:
    """A judge that stands twice on one pair answered it twice."""
    imported = read(tmp_path, [annotation(1.2), annotation(1.7)])
    assert [verdict.cell.repeat for verdict in assemble(imported).judges] == [0, 1]


def test_caches_without_systems_are_read_by_text(tmp_path: Path) -> None:
    """The tool's caches name no generators; answers are then told apart by their texts, authors unknown."""
    row = annotation(1.2)
    cache = {name: row[name] for name in ("instruction", "output_1", "output_2", "annotator", "preference")}
    imported = read(tmp_path, [cache, swapped(cache) | {"annotator": "claude", "preference": 1.9}])
    (case,) = imported.cases
    assert [answer.author_model_id for answer in case.answers] == [None, None]
    first, second = (verdict.grades for verdict in assemble(imported).judges if verdict.outcome == "ranked")
    assert first == second


def test_only_the_named_annotators_are_read(tmp_path: Path) -> None:
    """The option annotators keeps the named judges and counts the rows it leaves out."""
    rows = [annotation(1.2), annotation(1.2, annotator="claude")]
    imported = read(tmp_path, rows, {"annotators": "claude"})
    assert [judge.judge_id for judge in imported.judges] == ["claude"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (annotation(2.5), "preference: is 2.5"),
        (annotation("much"), "preference: must be a finite number"),
        (annotation(1, annotator=None), "annotator: is missing"),
        (annotation(1, output_1=None), "output_1: is missing"),
        (annotation(1, instruction="  "), "instruction: is missing"),
        (annotation(1, generator_1=["tern"]), "generator_1: must be a name"),
    ],
)
def test_what_is_wrong_is_named_with_the_number_of_its_entry(tmp_path: Path, row: Row, message: str) -> None:
    """An entry that cannot be read is an error at its number, and every one of them is listed."""
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, [annotation(1.2), row, row])
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows can be imported as it stands."""
    assert grades(read(tmp_path, json.loads(FORMAT.example))) == [
        {"tern-7b": 2.0, "wren-13b": 1.0},
        "unparsable",
    ]
