"""Which judge's grades a person was shown: in the record, and in the columns of the people's table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from harness.api.exporting import file_bytes
from harness.errors import ImportFormatError
from harness.formats.out.long import PEOPLE_COLUMNS, people_table
from harness.load.content import load_case_set
from harness.load.people import load_people
from harness.schema import Cell, Proposal, RankedVerdict, canonical_json
from harness.schema.small import small_copy

if TYPE_CHECKING:
    from tests.load.conftest import World

HEADER = "session,annotator_id,case_id,answer_id,grade,proposal,proposed_grade,lot"
PROPOSED = {"poem-a": 1.0, "poem-b": 2.0, "poem-c": 3.0, "poem-d": 4.0}
SHOWN = Proposal(judge_id="gpt-4o", rulebook_id="hhh", grades=PROPOSED)


def vote(proposal: Proposal | None = None, **cell: object) -> RankedVerdict:
    """One person's grades of the poem."""
    told = {"annotator_id": "ann", "annotator_kind": "person", "case_id": "poem", "rulebook_id": "hhh"}
    return RankedVerdict(
        cell=Cell.model_validate({**told, "language": "fr", "session": "s", **cell}),
        grades={"poem-a": 1, "poem-b": 4, "poem-c": 2, "poem-d": 2},
        proposal=proposal,
    )


def load(world: World, text: str | bytes) -> tuple[RankedVerdict, ...]:
    """Write a table and load it."""
    path = world.root / "people.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_people(path, *load_case_set("small", roots=[world.root]))


def problems(world: World, *rows: str) -> list[tuple[int | None, str, str]]:
    """Give line, column and message of every problem."""
    with pytest.raises(ImportFormatError) as caught:
        load(world, "\n".join([HEADER, *rows]))
    return [(one.line, one.field, one.message) for one in caught.value.problems]


def test_a_verdict_without_a_proposal_says_nothing_of_it() -> None:
    """Verdicts of before keep their bytes: the field is absent, not null, in small copies too."""
    assert b"proposal" not in canonical_json(vote())
    assert b"proposal" not in canonical_json(small_copy(vote()))
    assert json.loads(canonical_json(vote(Proposal(lot="1"))))["proposal"] == {
        "grades": {}, "judge_id": None, "lot": "1", "rulebook_id": None,
    }  # fmt: skip


def test_a_verdict_keeps_its_proposal_through_its_bytes() -> None:
    """Shown, or kept back by lot: what is written is what is read."""
    for proposal in (SHOWN, SHOWN.model_copy(update={"lot": "3"}), Proposal(), Proposal(lot="3")):
        written = vote(proposal)
        assert RankedVerdict.model_validate_json(canonical_json(written)) == written


def test_only_grades_in_sight_are_a_proposal_seen() -> None:
    """The control arm saw nothing, and neither did who was never part of such a study."""
    assert [vote(one).saw_proposal for one in (SHOWN, Proposal(lot="1"), None)] == [True, False, False]


@pytest.mark.parametrize("part", [{"judge_id": "j"}, {"rulebook_id": "hhh"}, {"grades": {"poem-a": 1}}])
def test_half_a_proposal_is_refused(part: dict[str, object]) -> None:
    """A proposal names its judge, its rulebook and its grades, or is none."""
    with pytest.raises(ValidationError, match="names its judge"):
        Proposal.model_validate(part)


def test_a_written_table_is_read_back(world: World) -> None:
    """Both arms, and a person outside the study, come back as they were, lots included."""
    people = [
        vote(SHOWN.model_copy(update={"lot": "1"}), annotator_id="ann"),
        vote(Proposal(lot="1"), annotator_id="bob"),
        vote(annotator_id="cy"),
    ]
    assert load(world, file_bytes(people_table(people, "s", "csv"))) == tuple(people)


def test_a_table_without_proposals_has_no_column_for_them() -> None:
    """Tables of people who were never shown anything keep their bytes."""
    assert people_table([vote()], "s", "csv").columns == PEOPLE_COLUMNS
    assert "proposal" not in PEOPLE_COLUMNS


def test_each_mistake_in_the_columns_is_told(world: World) -> None:
    """A strange source, a grade without a proposal, one beside 'none', one out of range or missing."""
    rows = [
        "s,ann,poem,poem-a,1,gpt-4o,1,",
        "s,ann,poem,poem-b,1,,3,",
        "s,ann,poem,poem-c,1,none,3,",
        "s,ann,poem,poem-d,1,gpt-4o/hhh,9,",
        "s,ann,tea,tea-a,1,gpt-4o/hhh,,",
    ]
    found = problems(world, *rows)
    assert [(line, column) for line, column, _ in found] == [
        (2, "proposal"),
        (3, "proposal"),
        (4, "proposed_grade"),
        (5, "proposed_grade"),
        (6, "proposed_grade"),
    ]
    assert found[0][2] == "must be 'none' or JUDGE/RULEBOOK as in 'gpt-4o/hhh', found 'gpt-4o'"


def test_one_ranking_has_one_proposal(world: World) -> None:
    """Two sources, two lots, or a proposal on some rows only are errors that name the column."""
    rows = [
        "s,ann,poem,poem-a,1,gpt-4o/hhh,1,1",
        "s,ann,poem,poem-b,1,other/hhh,1,1",
        "s,ann,poem,poem-c,1,gpt-4o/hhh,1,2",
        "s,ann,poem,poem-d,1,,,",
    ]
    told = [(line, column) for line, column, _ in problems(world, *rows)]
    assert told == [(3, "proposal"), (4, "lot"), (5, "proposal")]
