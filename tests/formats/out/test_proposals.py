"""Verdicts that people gave with a judge's proposal in sight: in the table that says so, and nowhere else."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from harness.api.exporting import load_material
from harness.formats.importing import Asked, import_files
from harness.formats.out.choosing import without_proposals
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.formats.out.conftest import Exporting

VOTES = """\
annotator_id,annotator_kind,session,case_id,answer_id,grade,proposal,proposed_grade,lot
p1,person,monday,q1,a,4,mill/hhh,3,1
p1,person,monday,q1,b,1,mill/hhh,2,1
p1,person,monday,q1,c,1,mill/hhh,1,1
p2,person,monday,q1,a,2,none,,1
p2,person,monday,q1,b,3,none,,1
p2,person,monday,q1,c,1,none,,1
mill,judge,,q1,a,3,,,
mill,judge,,q1,b,2,,,
mill,judge,,q1,c,1,,,
"""


@pytest.fixture
def study(exporting: Exporting) -> RunFolder:
    """A run in which one of two people saw what the judge proposed."""
    votes = exporting.folder / "study.csv"
    votes.write_text(VOTES, encoding="utf-8")
    import_files(
        Asked("long", (exporting.folder / "answers.csv", votes), {}, None), exporting.folder / "study"
    )
    return RunFolder(exporting.folder / "study")


def test_a_run_folder_keeps_what_was_in_sight(study: RunFolder) -> None:
    """Imported, written, and read again: one verdict with a proposal, one that by lot had none."""
    people = load_material(study).people
    assert [one.saw_proposal for one in people] == [True, False]
    assert all(one.proposal is not None and one.proposal.lot == "1" for one in people)


def test_the_long_table_says_who_saw_what(exporting: Exporting, study: RunFolder) -> None:
    """All people, with the three columns."""
    path = exporting("long", run=study).path / "people.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["proposal"], row["proposed_grade"], row["lot"]) for row in rows] == [
        *(("mill/hhh", grade, "1") for grade in ("3", "2", "1")),
        *[("none", "", "1")] * 3,
    ]


@pytest.mark.parametrize("name", ["pairs", "rankings", "datasets", "argilla", "label-studio"])
def test_formats_that_cannot_say_it_leave_it_out(exporting: Exporting, study: RunFolder, name: str) -> None:
    """Nothing passes a judge's influence on as what people think; the account counts what is missing."""
    done = exporting(name, run=study)
    assert any("proposal in sight, left out (the format long has them): 1." in note for note in done.notes)
    texts = [(done.path / one).read_text(encoding="utf-8") for one in done.files if one != "README.md"]
    assert not any("p1" in text for text in texts)


def test_without_such_verdicts_nothing_is_said(exporting: Exporting) -> None:
    """A run in which nobody saw proposals is exported as ever."""
    material = load_material(exporting.run)
    assert without_proposals(material) == material
