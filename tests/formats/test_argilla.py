"""Argilla's exports of both versions: ranks and ties, responses that are none, suggestions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.argilla import FORMAT, read_argilla
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.schema import RankedVerdict

Entry = dict[str, Any]

FIELDS = {"prompt": "Can I pay in two parts?", "reply-1": "Yes.", "reply-2": "No."}
ADA, BEN = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2))


def ranks(**by_option: int | None) -> list[Entry]:
    """Give a ranking as Argilla stores it."""
    return [{"value": name.replace("_", "-"), "rank": rank} for name, rank in by_option.items()]


def version_1(*responses: Entry, **more: object) -> Entry:
    """Give a record as `FeedbackRecord.json()` of argilla 1.29.1 writes it."""
    suggestion = {
        "question_name": "ranking",
        "value": ranks(reply_2=1, reply_1=2),
        "score": None,
        "type": "model",
        "agent": "small-judge",
    }
    row: Entry = {
        "fields": FIELDS,
        "metadata": {"shop": "north"},
        "vectors": {},
        "responses": list(responses),
        "suggestions": [suggestion],
        "external_id": "rec-7",
    }
    return row | more


def response(value: object, who: str | None = ADA, status: str = "submitted") -> Entry:
    """Give a response of argilla 1.29.1."""
    return {"user_id": who, "values": {"ranking": {"value": value}}, "status": status}


# `GenericIO.to_list(records, flatten=False)` of argilla 2.8.0: no status, and no ranks
NESTED_2: Entry = {
    "id": "rec-7",
    "fields": FIELDS,
    "metadata": {"shop": "north"},
    "suggestions": {
        "ranking": {"value": ["reply-1", "reply-2"], "score": [0.9, 0.4], "agent": "small-judge"}
    },
    "responses": {
        "ranking": [
            {"value": ["reply-2", "reply-1"], "user_id": ADA},
            {"value": ["reply-1", "reply-2"], "user_id": BEN},
        ],
        "comment": [{"value": "fine", "user_id": ADA}],
    },
    "vectors": {},
    "status": "pending",
    "_server_id": None,
}

# `GenericIO.to_list(records, flatten=True)` of argilla 2.8.0: BEN's response was discarded
FLAT_2: Entry = {
    "id": "rec-7",
    "status": "pending",
    "_server_id": None,
    **FIELDS,
    "ranking.responses": [["reply-2", "reply-1"], ["reply-1", "reply-2"]],
    "ranking.responses.users": [ADA, BEN],
    "ranking.responses.status": ["submitted", "discarded"],
    "comment.responses": ["fine"],
    "comment.responses.users": [ADA],
    "comment.responses.status": ["submitted"],
    "ranking.suggestion": ["reply-1", "reply-2"],
    "ranking.suggestion.score": [0.9, 0.4],
    "ranking.suggestion.agent": "small-judge",
}

# `format_as("datasets")` of argilla 1.29.1; a dataset turns a list of objects into an object of lists
COLUMNS_1: Entry = {
    **FIELDS,
    "ranking": [
        {"user_id": ADA, "value": {"rank": [2, 1], "value": ["reply-1", "reply-2"]}, "status": "submitted"},
        {"user_id": BEN, "value": ranks(reply_1=1, reply_2=1), "status": "discarded"},
    ],
    "ranking-suggestion": {"rank": [1, 2], "value": ["reply-1", "reply-2"]},
    "ranking-suggestion-metadata": {"type": "model", "score": None, "agent": "small-judge"},
    "external_id": "rec-7",
    "metadata": '{"shop": "north"}',
}


def read(tmp_path: Path, rows: object, options: Mapping[str, str] | None = None) -> Imported:
    """Read rows as one JSON file."""
    path = tmp_path / "records.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return read_argilla([path], options or {})


def said(imported: Imported) -> list[tuple[str, dict[str, float]]]:
    """Who gave which grades: judges first, then people; answers by the last part of their ids."""
    found = assemble(imported)
    return [
        (
            verdict.cell.annotator_id,
            {name.removeprefix("rec-7-"): grade for name, grade in verdict.grades.items()},
        )
        for verdict in (*found.judges, *found.people)
        if isinstance(verdict, RankedVerdict)
    ]


def test_equal_ranks_are_a_tie(tmp_path: Path) -> None:
    """Rank 1 is the best; answers of one rank share a grade, and gaps between ranks say nothing."""
    rows = [
        version_1(
            response(ranks(reply_1=1, reply_2=1)),
            response(ranks(reply_1=4, reply_2=2), BEN),
        )
    ]
    assert said(read(tmp_path, rows)) == [
        ("small-judge", {"reply-1": 1.0, "reply-2": 2.0}),
        (ADA, {"reply-1": 1.0, "reply-2": 1.0}),
        (BEN, {"reply-1": 1.0, "reply-2": 2.0}),
    ]


@pytest.mark.parametrize("status", ["discarded", "draft"])
def test_only_submitted_responses_are_verdicts(tmp_path: Path, status: str) -> None:
    """Discarded and draft responses are left out, with or without values, and counted."""
    rows = [
        version_1(
            response(ranks(reply_1=1, reply_2=2), status=status),
            {"user_id": BEN, "values": {}, "status": status},
        )
    ]
    imported = read(tmp_path, rows)
    assert [who for who, _ in said(imported)] == ["small-judge"]
    assert any("left out: 2." in note for note in imported.notes)


@pytest.mark.parametrize(
    "rows", [[NESTED_2], {name: [NESTED_2[name]] for name in NESTED_2}, {"rec-7": NESTED_2}]
)
def test_the_nested_export_hides_status_and_ties(tmp_path: Path, rows: object) -> None:
    """Argilla 2 nested (a list, columns, or by id) drops status and ranks: both losses are said in words."""
    imported = read(tmp_path, rows)
    assert said(imported) == [
        ("small-judge", {"reply-1": 2.0, "reply-2": 1.0}),
        (ADA, {"reply-1": 1.0, "reply-2": 2.0}),
        (BEN, {"reply-1": 2.0, "reply-2": 1.0}),
    ]
    assert any("does not say whether they were submitted, all kept: 2." in note for note in imported.notes)
    assert any("ties cannot be seen: 3." in note for note in imported.notes)


@pytest.mark.parametrize("row", [FLAT_2, COLUMNS_1])
def test_the_other_shapes_keep_the_status(tmp_path: Path, row: Entry) -> None:
    """Argilla 2 flat and Argilla 1 as a dataset say who discarded; texts and suggestion are found as well."""
    imported = read(tmp_path, [row])
    assert said(imported) == [
        ("small-judge", {"reply-1": 2.0, "reply-2": 1.0}),
        (ADA, {"reply-1": 1.0, "reply-2": 2.0}),
    ]
    assert [answer.text["en"] for answer in imported.cases[0].answers] == ["Yes.", "No."]
    assert imported.cases[0].message == {"en": "Can I pay in two parts?"}


def test_people_who_saw_a_suggestion_are_counted(tmp_path: Path) -> None:
    """A suggestion stands in front of people before they rank: that is said, for it pulls them."""
    imported = read(tmp_path, [version_1(response(ranks(reply_1=1, reply_2=2)))])
    assert any("shown a suggestion first: 1." in note for note in imported.notes)


def test_a_suggestion_by_a_person_is_a_person(tmp_path: Path) -> None:
    """Argilla marks suggestions that people made; those are no judge's."""
    row = version_1()
    row["suggestions"][0]["type"] = "human"
    assert read(tmp_path, [row]).graded[0].kind == "person"


def test_options_without_a_rank_are_missing(tmp_path: Path) -> None:
    """A rank of null leaves its option out of the ranking, and that is counted."""
    value = [*ranks(reply_1=1, reply_2=2), {"value": "reply-3", "rank": None}]
    third = version_1(response(ranks(reply_1=1, reply_2=2, reply_3=3), BEN), response(value))
    imported = read(tmp_path, [third])
    assert said(imported)[2] == (ADA, {"reply-1": 2.0, "reply-2": 1.0})
    assert any(note.startswith("Rankings that leave options without a rank") for note in imported.notes)


def test_one_of_several_questions_is_chosen(tmp_path: Path) -> None:
    """Two ranked questions need a name; a name that nothing ranks is refused with those that are."""
    row = version_1(response(ranks(reply_1=1, reply_2=2)))
    row["responses"][0]["values"]["kindness"] = {"value": ranks(reply_1=2, reply_2=1)}
    with pytest.raises(ImportFormatError, match="kindness, ranking; name one"):
        read(tmp_path, [row])
    imported = read(tmp_path, [row], {"question": "kindness"})
    assert said(imported) == [(ADA, {"reply-1": 1.0, "reply-2": 2.0})]
    with pytest.raises(ImportFormatError, match="no ranking answers 'tone'"):
        read(tmp_path, [row], {"question": "tone"})


def test_options_can_be_systems_and_fields_the_question(tmp_path: Path) -> None:
    """An option's name is a system only when the reader is told so; the question's fields can be named."""
    row = version_1(response(ranks(reply_1=1, reply_2=2)), fields=FIELDS | {"rules": "Be kind."})
    told = read(tmp_path, [row], {"authors": "options", "prompt": "rules"})
    assert [answer.author_model_id for answer in told.cases[0].answers] == ["reply-1", "reply-2"]
    assert told.cases[0].message == {"en": "Be kind."}
    plain = read(tmp_path, [row])
    assert [answer.author_model_id for answer in plain.cases[0].answers] == [None, None]
    assert plain.cases[0].message == {"en": "Can I pay in two parts?\n\nBe kind."}


def test_nobody_is_made_a_person(tmp_path: Path) -> None:
    """A response without a user is a slot: who ranked is then unknown."""
    rows = [
        version_1(response(ranks(reply_1=1, reply_2=2), None), response(ranks(reply_1=1, reply_2=2), None))
    ]
    imported = read(tmp_path, rows)
    assert not imported.people_known
    assert [who for who, _ in said(imported)][1:] == ["response 1", "response 2"]


def test_json_lines_are_read(tmp_path: Path) -> None:
    """One record a line gives the same as a list."""
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(NESTED_2) + "\n", encoding="utf-8")
    assert said(read_argilla([path], {})) == said(read(tmp_path, [NESTED_2]))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": 1, "text": "x"}, "no record of Argilla"),
        (version_1(response(ranks(reply_1=0, reply_2=1))), "a rank must be a whole number from 1"),
        (version_1(response([*ranks(reply_1=1), *ranks(reply_1=2)])), "ranks an option twice"),
        (version_1(response(ranks(reply_1=None, reply_2=None))), "without any rank"),
        (version_1(response(ranks(reply_1=1, reply_2=2), status="done")), "status: is 'done'"),
        (FLAT_2 | {"ranking.responses.users": [ADA]}, "not as many users"),
        (COLUMNS_1 | {"ranking-suggestion": {"rank": [1], "value": ["a", "b"]}}, "2 options and 1 ranks"),
    ],
)
def test_what_is_wrong_is_named_with_the_number_of_its_entry(
    tmp_path: Path, row: Entry, message: str
) -> None:
    """A record that cannot be read is an error at its number, and every one of them is listed."""
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, [NESTED_2 | {"id": "good"}, row, row])
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_a_file_without_rankings_is_refused(tmp_path: Path) -> None:
    """Records that nobody has ranked are nothing to import."""
    with pytest.raises(ImportFormatError, match="holds no verdict"):
        read(tmp_path, [version_1(suggestions=[])])


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows can be imported as it stands."""
    assert said(read(tmp_path, [json.loads(FORMAT.example)])) == [
        ("small-judge", {"reply-1-tern": 1.0, "reply-1-wren": 1.0}),
        ("0c1e", {"reply-1-tern": 2.0, "reply-1-wren": 1.0}),
    ]
