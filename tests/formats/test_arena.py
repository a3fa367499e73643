"""Arena battles in the shapes they have when published: who voted, what the vote says, what is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.arena import FORMAT, read_arena
from harness.formats.assemble import assemble
from harness.formats.base import Imported

Row = dict[str, Any]


def talk(*texts: str) -> list[Row]:
    """Give a conversation whose turns alternate."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]


def battle(winner: str, **more: object) -> Row:
    """Give a battle as FastChat 0.2.36's clean_battle_data.py writes it, with texts of our own."""
    row: Row = {
        "question_id": "a1f0",
        "model_a": "wren",
        "model_b": "tern",
        "winner": winner,
        "judge": "arena_user_17",
        "conversation_a": talk("Name a bird.", "A wren."),
        "conversation_b": talk("Name a bird.", "A tern."),
        "turn": 1,
        "anony": True,
        "language": "English",
        "tstamp": 1687000000.5,
    }
    return row | more


def read(tmp_path: Path, rows: list[Row], options: Mapping[str, str] | None = None) -> Imported:
    """Read rows as one JSON list."""
    path = tmp_path / "battles.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return read_arena([path], options or {})


@pytest.mark.parametrize(
    ("winner", "choice", "text"),
    [
        ("model_a", "first", ""),
        ("model_b", "second", ""),
        ("tie", "tie", ""),
        ("tie (bothbad)", "tie", "both bad"),
        ("both_bad", "tie", "both bad"),
    ],
)
def test_both_bad_is_a_tie_that_says_so(tmp_path: Path, winner: str, choice: str, text: str) -> None:
    """Each vote keeps its kind: both bad ties the answers, and its text and a note tell it from a tie."""
    imported = read(tmp_path, [battle(winner)])
    (vote,) = imported.votes
    assert (vote.choice, vote.text) == (choice, text)
    assert any("both bad" in note for note in imported.notes) is bool(text)


def test_model_a_stood_on_the_left(tmp_path: Path) -> None:
    """The order of the file is the order shown, so that slot effects of people can be computed."""
    imported = read(tmp_path, [battle("model_a")])
    (verdict,) = assemble(imported).people
    assert verdict.presentation is not None
    assert [name.rsplit("-", 1)[-1] for name in verdict.presentation.order] == ["wren", "tern"]


def test_named_battles_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    """Votes with the systems' names in sight are not blind: they are counted, and the option keeps them."""
    rows = [battle("tie"), battle("tie", anony=False, question_id="b")]
    imported = read(tmp_path, rows)
    assert len(imported.votes) == 1
    assert any("names of the systems were shown" in note for note in imported.notes)
    assert len(read(tmp_path, rows, {"named": "keep"}).votes) == 2


def test_users_are_people_and_lists_are_judges(tmp_path: Path) -> None:
    """FastChat writes LLM judges as [LLM, template]; a system of the battles that judges is one too."""
    rows = [battle("tie"), battle("tie", judge=["gpt-4", "pair-v2"]), battle("tie", judge="tern")]
    imported = read(tmp_path, rows)
    assert [(vote.annotator_id, vote.kind) for vote in imported.votes] == [
        ("arena_user_17", "person"),
        ("gpt-4-pair-v2", "judge"),
        ("tern", "judge"),
    ]
    assert {vote.kind for vote in read(tmp_path, rows, {"judges": "llm"}).votes} == {"judge"}
    assert {vote.kind for vote in read(tmp_path, rows, {"judges": "people"}).votes} == {"person"}


def test_addresses_of_users_are_not_kept(tmp_path: Path) -> None:
    """FastChat's own logs hold internet addresses as user ids; no record holds them afterwards."""
    rows = [
        battle("tie", judge="arena_user_192.0.2.7"),
        battle("tie", judge="arena_user_2001:db8::1", question_id="b"),
        battle("model_a", judge="arena_user_192.0.2.7", question_id="c"),
    ]
    imported = read(tmp_path, rows)
    assert [vote.annotator_id for vote in imported.votes] == [
        "arena_address_1",
        "arena_address_2",
        "arena_address_1",
    ]
    assert "192.0.2.7" not in repr([verdict.model_dump() for verdict in assemble(imported).people])


def test_nobody_is_made_a_person(tmp_path: Path) -> None:
    """Without a voter's name each vote on a case is a slot; nobody is said to have voted twice."""
    rows = [battle("tie", judge=None), battle("model_a", judge=None)]
    imported = read(tmp_path, rows)
    assert not imported.people_known
    assert [vote.annotator_id for vote in imported.votes] == ["vote 1", "vote 2"]


def test_sessions_of_the_newer_files_are_no_people(tmp_path: Path) -> None:
    """The 140k set: message parts, both_bad, and a session id where older files had a user."""
    parts = [
        {"role": "user", "content": [{"type": "text", "text": "Name a bird."}]},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "A wren."}, {"type": "image", "image": "x"}],
        },
    ]
    row = {
        "id": "f1",
        "model_a": "wren",
        "model_b": "tern",
        "winner": "both_bad",
        "evaluation_session_id": "s9",
        "evaluation_order": 1,
        "conversation_a": parts,
        "conversation_b": parts,
        "language": "en",
    }
    imported = read(tmp_path, [row])
    assert not imported.people_known
    assert [vote.annotator_id for vote in imported.votes] == ["session s9"]
    assert imported.cases[0].answers[0].text == {"en": "A wren."}


def test_the_csv_with_one_column_per_winner(tmp_path: Path) -> None:
    """Kaggle's train.csv: JSON lists in its cells, a null turn, and a field beyond Python's limit."""
    path = tmp_path / "train.csv"
    long = "so " * 60_000
    path.write_text(
        "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n"
        '30192,wren,tern,"[""Name a bird."", ""And?""]",'
        '"[""A wren."", null]","[""A tern."", ""Ice.""]",0,1,0\n'
        f'30193,wren,tern,"[""Go on.""]","[""{long}""]","[""No.""]",0,0,1\n',
        encoding="utf-8",
    )
    imported = read_arena([path], {})
    assert [vote.choice for vote in imported.votes] == ["second", "tie"]
    assert imported.cases[0].message == {"en": "Name a bird.\n\nAnd?"}
    assert not imported.people_known


def test_battles_without_conversations_have_no_texts(tmp_path: Path) -> None:
    """clean_battle_*.json holds neither ids nor texts: each row is a case of its own, and that is said."""
    bare = {
        name: value
        for name, value in battle("tie").items()
        if name not in ("question_id", "conversation_a", "conversation_b")
    }
    imported = read(tmp_path, [bare, bare])
    assert len(imported.cases) == 2
    assert imported.cases[0].message == {}
    assert any("2 of 2" in note for note in imported.notes)


def test_a_system_may_meet_itself(tmp_path: Path) -> None:
    """Two answers of one system are two answers, told apart by their sides."""
    imported = read(tmp_path, [battle("model_b", model_a="tern")])
    (case,) = imported.cases
    assert [answer.author_model_id for answer in case.answers] == ["tern", "tern"]
    assert [answer.text["en"] for answer in case.answers] == ["A wren.", "A tern."]


def test_other_languages_can_be_left_out(tmp_path: Path) -> None:
    """The option only_language selects; without it several languages are said to stand together."""
    rows = [battle("tie"), battle("tie", language="French", question_id="b")]
    assert any("2 languages" in note for note in read(tmp_path, rows).notes)
    imported = read(tmp_path, rows, {"only_language": "english"})
    assert len(imported.votes) == 1
    assert any("other languages" in note for note in imported.notes)


def test_the_same_voter_again_is_a_repeat(tmp_path: Path) -> None:
    """A second vote of one user on one battle is that user's retest."""
    imported = read(tmp_path, [battle("tie"), battle("model_a")])
    assert [verdict.cell.repeat for verdict in assemble(imported).people] == [0, 1]


def test_other_texts_under_one_id_are_refused(tmp_path: Path) -> None:
    """Two conversations under one id and pair cannot be joined; both places are named."""
    other = battle("tie", conversation_b=talk("Name a bird.", "A gull."))
    with pytest.raises(ImportFormatError, match=r"json:2: another text of .*json:1"):
        read(tmp_path, [battle("tie"), other])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (battle("leftvote"), "winner: is 'leftvote'"),
        (battle("tie", model_a=None), "model_a: is missing"),
        (battle("tie", conversation_a="talk"), "conversation_a: must be a list of messages"),
        (battle("tie", conversation_a=[{"role": "owl", "content": "hoo"}]), "whose role is 'owl'"),
        (battle("tie", conversation_a=[{"role": "user", "content": 4}]), "neither a text nor a list"),
        (
            {"model_a": "a", "model_b": "b", "winner_model_a": 1, "winner_model_b": 1, "winner_tie": 0},
            "exactly one",
        ),
        (
            {"model_a": "a", "model_b": "b", "winner_model_a": 2, "winner_model_b": 0, "winner_tie": 0},
            "0 or 1",
        ),
    ],
)
def test_what_is_wrong_is_named_with_the_number_of_its_entry(tmp_path: Path, row: Row, message: str) -> None:
    """A row that cannot be read is an error at its number, and every one of them is listed."""
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, [battle("tie"), row, row])
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows can be imported as it stands."""
    assert [vote.text for vote in read(tmp_path, json.loads(FORMAT.example)).votes] == ["both bad"]
