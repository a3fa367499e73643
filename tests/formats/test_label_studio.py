"""Label Studio's exports: rankings, buckets, pairs, and the annotations that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.label_studio import FORMAT, read_label_studio
from harness.schema import RankedVerdict

Entry = dict[str, Any]

ITEMS = [
    {"id": "tern", "title": "1", "body": "A tern."},
    {"id": "wren", "title": "2", "html": "<p>A wren.</p>"},
    {"id": "rook", "title": "A rook."},
]


def region(ranker: object, name: str = "rank") -> Entry:
    """Give a result of the Ranker tag, whose value label-studio-sdk 2.1.2 accepts (RankerTag)."""
    return {
        "id": "Dx_aB91ISN",
        "from_name": name,
        "to_name": "items",
        "type": "ranker",
        "value": {"ranker": ranker},
        "origin": "manual",
    }


def picked(side: str) -> Entry:
    """Give a result of the Pairwise tag, whose two names are its own (PairwiseTag.label of the sdk)."""
    value = {"selected": side}
    return {"id": "p", "from_name": "pw", "to_name": "pw", "type": "pairwise", "value": value}


def annotation(*regions: Entry, by: object = 3, **more: object) -> Entry:
    """Give an annotation as the JSON export writes it."""
    row: Entry = {
        "id": 1001,
        "completed_by": by,
        "result": list(regions),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-09T22:16:08.728353Z",
        "lead_time": 4.288,
        "result_count": len(regions),
        "parent_prediction": None,
        "parent_annotation": None,
    }
    return row | more


def task(*annotations: Entry, predictions: tuple[Entry, ...] = (), **content: object) -> Entry:
    """Give a task as the JSON export writes it."""
    told: Entry = content or {"prompt": "Name a bird.", "items": ITEMS}
    return {
        "id": 7,
        "data": told,
        "annotations": list(annotations),
        "predictions": list(predictions),
        "drafts": [],
        "meta": {},
        "project": 83,
    }


def read(tmp_path: Path, tasks: list[Entry], options: Mapping[str, str] | None = None) -> Imported:
    """Read tasks as one export."""
    path = tmp_path / "project-83.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return read_label_studio([path], options or {})


def people(imported: Imported) -> list[tuple[str, dict[str, float]]]:
    """Who gave which grades, answers by the last part of their ids."""
    return [
        (
            verdict.cell.annotator_id,
            {name.removeprefix("7-"): grade for name, grade in verdict.grades.items()},
        )
        for verdict in assemble(imported).people
        if isinstance(verdict, RankedVerdict)
    ]


@pytest.mark.parametrize("ranker", [{"rank": ["wren", "rook", "tern"]}, ["wren", "rook", "tern"]])
def test_the_first_of_a_ranking_is_the_best(tmp_path: Path, ranker: object) -> None:
    """An order of ids becomes grades with the highest first, in the newer and the older shape."""
    imported = read(tmp_path, [task(annotation(region(ranker)))])
    assert people(imported) == [("user-3", {"tern": 1.0, "wren": 3.0, "rook": 2.0})]
    assert imported.cases[0].message == {"en": "Name a bird."}
    assert [answer.text["en"] for answer in imported.cases[0].answers] == [
        "A tern.",
        "<p>A wren.</p>",
        "A rook.",
    ]


def test_buckets_need_their_order(tmp_path: Path) -> None:
    """The export does not say which bucket is better; told so, answers in one bucket are tied."""
    tasks = [task(annotation(region({"good": ["rook", "tern"], "poor": ["wren"], "_": []})))]
    with pytest.raises(ImportFormatError, match="name them from best to worst"):
        read(tmp_path, tasks)
    imported = read(tmp_path, tasks, {"buckets": "good,poor"})
    assert people(imported) == [("user-3", {"tern": 2.0, "wren": 1.0, "rook": 2.0})]
    turned = read(tmp_path, tasks, {"buckets": "poor,good"})
    assert people(turned) == [("user-3", {"tern": 1.0, "wren": 2.0, "rook": 1.0})]


def test_what_is_in_no_bucket_is_not_ranked(tmp_path: Path) -> None:
    """`_` holds what nobody moved: those answers are missing from the ranking, and that is counted."""
    tasks = [task(annotation(region({"_": ["wren"], "good": ["tern"], "poor": ["rook"]})))]
    imported = read(tmp_path, tasks, {"buckets": "good,poor"})
    assert people(imported) == [("user-3", {"tern": 2.0, "rook": 1.0})]
    assert any("leave answers out" in note and note.endswith("1.") for note in imported.notes)


def test_a_bucket_that_was_not_named_is_refused(tmp_path: Path) -> None:
    """A bucket that the option forgets is an error, never a silent loss."""
    tasks = [task(annotation(region({"good": ["tern"], "rude": ["wren", "rook"]})))]
    with pytest.raises(ImportFormatError, match="bucket 'rude'"):
        read(tmp_path, tasks, {"buckets": "good,poor"})


def test_an_untouched_ranking_is_counted(tmp_path: Path) -> None:
    """The editor stores the order shown when nobody moved anything; such rankings are said to be there."""
    rows = [
        annotation(region({"rank": ["tern", "wren", "rook"]})),
        annotation(region({"rank": ["rook", "wren"]}), by=4),
    ]
    imported = read(tmp_path, [task(*rows)])
    assert any("exactly the order shown" in note and note.endswith("1.") for note in imported.notes)


def test_browsers_show_whole_numbers_first(tmp_path: Path) -> None:
    """JavaScript lists keys that are whole numbers first, rising: that is the order that people saw."""
    items = [
        {"id": "b", "body": "x"},
        {"id": 10, "body": "y"},
        {"id": "9", "body": "z"},
        {"id": "07", "body": "w"},
    ]
    ranking = annotation(region({"rank": ["9", "10", "b", "07"]}))
    imported = read(tmp_path, [task(ranking, question="Which?", answers=items)])
    assert [name.removeprefix("7-") for name in imported.graded[0].shown] == ["9", "10", "b", "07"]
    assert any("exactly the order shown" in note for note in imported.notes)


def test_skipped_annotations_are_no_verdicts(tmp_path: Path) -> None:
    """A cancelled annotation is left out, though its result may still be there."""
    rows = [annotation(region({"rank": ["tern", "wren", "rook"]}), was_cancelled=True)]
    rows.append(annotation(region({"rank": ["wren", "tern", "rook"]}), by=4))
    imported = read(tmp_path, [task(*rows)])
    assert [who for who, _ in people(imported)] == ["user-4"]
    assert any("was_cancelled" in note and note.endswith("1.") for note in imported.notes)


def test_choosing_nothing_is_no_tie(tmp_path: Path) -> None:
    """Pairwise knows left, right and nothing; nothing leaves no result, and is left out and counted."""
    rows = [annotation(picked("right")), annotation(by=4)]
    pair = task(*rows, question="Which?", text1="A tern.", text2="A wren.")
    imported = read(tmp_path, [pair])
    assert [(vote.annotator_id, vote.choice) for vote in imported.votes] == [("user-3", "second")]
    assert [answer.text["en"] for answer in imported.cases[0].answers] == ["A tern.", "A wren."]
    assert any("that is no tie: 1." in note for note in imported.notes)


def test_the_fields_of_a_pair_can_be_named(tmp_path: Path) -> None:
    """The export does not say which fields a pair compares; unknown names are asked for, not guessed."""
    tasks = [task(annotation(picked("left")), question="Which?", tern="A tern.", wren="A wren.")]
    with pytest.raises(ImportFormatError, match="pair=LEFT,RIGHT"):
        read(tmp_path, tasks)
    imported = read(tmp_path, tasks, {"pair": "wren,tern", "authors": "id"})
    assert [answer.author_model_id for answer in imported.cases[0].answers] == ["wren", "tern"]
    assert imported.votes[0].choice == "first"


def test_users_are_numbers(tmp_path: Path) -> None:
    """Names and addresses of users stay in the export; several annotations are several people."""
    user = {"id": 12, "email": "ada@example.org", "first_name": "Ada", "last_name": "L."}
    ranking = region({"rank": ["tern", "wren", "rook"]})
    rows = [annotation(ranking, by=user), annotation(ranking, by=13), annotation(ranking, by=user)]
    imported = read(tmp_path, [task(*rows)])
    verdicts = assemble(imported).people
    assert [(verdict.cell.annotator_id, verdict.cell.repeat) for verdict in verdicts] == [
        ("user-12", 0),
        ("user-13", 0),
        ("user-12", 1),
    ]
    assert "example.org" not in repr(imported)
    assert people(imported)[0][1] == {"tern": 3.0, "wren": 2.0, "rook": 1.0}


def test_nobody_is_made_a_person(tmp_path: Path) -> None:
    """Without completed_by nobody knows who annotated; the ids are places in the task."""
    ranking = region({"rank": ["tern", "wren", "rook"]})
    imported = read(tmp_path, [task(annotation(ranking, by=None), annotation(ranking, by=None))])
    assert not imported.people_known
    assert [who for who, _ in people(imported)] == ["annotation-1", "annotation-2"]


def test_predictions_are_judges(tmp_path: Path) -> None:
    """A prediction is an LLM's ranking, also in the documentation's shape without `result`."""
    full: Entry = {
        "model_version": "owl-2",
        "result": [region({"rank": ["wren", "tern", "rook"]})],
        "score": 0.9,
    }
    bare = region({"rank": ["rook", "tern", "wren"]})
    ranking = annotation(region({"rank": ["tern", "wren", "rook"]}), parent_prediction=5)
    imported = read(tmp_path, [task(ranking, predictions=(full, bare))])
    assert [judge.judge_id for judge in imported.judges] == ["owl-2", "prediction"]
    assert [verdict.cell.annotator_kind for verdict in assemble(imported).judges] == ["judge", "judge"]
    assert any("saw a ranking first: 1." in note for note in imported.notes)


def test_one_of_several_tags_is_chosen(tmp_path: Path) -> None:
    """A task with two rankings needs the name of the one that is meant."""
    two = annotation(
        region({"rank": ["tern", "wren", "rook"]}), region({"kind": ["rook", "wren", "tern"]}, "kind")
    )
    with pytest.raises(ImportFormatError, match="kind, rank; name one"):
        read(tmp_path, [task(two)])
    imported = read(tmp_path, [task(two)], {"control": "kind"})
    assert people(imported)[0][1] == {"tern": 1.0, "wren": 2.0, "rook": 3.0}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"prompt": "x", "rank": ["tern"], "annotator": 1}, "export as JSON"),
        (task(annotation(region({"rank": ["gull", "tern"]}))), "ranks 'gull'"),
        (task(annotation(region({"rank": ["tern", "tern"]}))), "ranks 'tern' twice"),
        (task(annotation(region({"rank": []}))), "ranks nothing"),
        (task(annotation(region("tern"))), "must be a list or an object"),
        (task(annotation(picked("both")), text1="a", text2="b"), "selected: is 'both'"),
        (task(annotation({**region([]), "value": {"items": ["a"], "weights": [1.0]}})), "Ranker of 2019"),
        (task(annotation(region({"rank": ["a", "b"]})), items=[{"id": "a"}, {"id": "a"}]), "stands twice"),
        (task(annotation(region({"rank": ["a"]})), text="x"), "name one: option items=FIELD"),
    ],
)
def test_what_is_wrong_is_named_with_the_number_of_its_entry(
    tmp_path: Path, entry: Entry, message: str
) -> None:
    """A task that cannot be read is an error at its number, and every one of them is listed."""
    good = task(annotation(region({"rank": ["tern", "wren", "rook"]})))
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, [good | {"id": 6}, entry, entry])
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows can be imported as it stands."""
    assert people(read(tmp_path, json.loads(FORMAT.example))) == [("user-3", {"tern": 2.0, "wren": 1.0})]
