"""FastChat's MT-bench files: both orders, merged verdicts, people's votes, single scores, texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.mt_bench import FORMAT, read_mt_bench
from harness.schema import FailedVerdict, RankedVerdict

Row = dict[str, Any]


def games(g1: str, g2: str, *, question: int = 81, turn: int = 1, **more: object) -> Row:
    """Give a row as `play_a_match_pair` of FastChat 0.2.36 writes it."""
    row: Row = {
        "question_id": question,
        "model_1": "tern",
        "model_2": "wren",
        "g1_winner": g1,
        "g2_winner": g2,
        "judge": ["gpt-4", "pair-v2" if turn == 1 else "pair-v2-multi-turn"],
        "g1_user_prompt": "...",
        "g1_judgment": "Both are kind. [[A]]",
        "g2_user_prompt": "...",
        "g2_judgment": "Both are kind. [[B]]",
        "turn": turn,
        "tstamp": 1687000000.25,
    }
    return row | more


def ballot(winner: str, judge: object = "expert_3", *, swapped: bool = False, turn: int = 1) -> Row:
    """Give a row of the dataset lmsys/mt_bench_human_judgments, with texts of our own."""
    names = ("wren", "tern") if swapped else ("tern", "wren")
    row: Row = {"question_id": 81, "winner": winner, "judge": judge, "turn": turn}
    for side, name in zip("ab", names, strict=True):
        row[f"model_{side}"] = name
        row[f"conversation_{side}"] = [
            {"role": "user", "content": "Name a bird."},
            {"role": "assistant", "content": f"A {name}."},
            {"role": "user", "content": "Does it swim?"},
            {"role": "assistant", "content": f"The {name} hardly does."},
        ]
    return row


def score(system: str, number: object, *, turn: int = 1, text: str = "Rating: [[7]]") -> Row:
    """Give a row as `play_a_match_single` of FastChat 0.2.36 writes it."""
    return {
        "question_id": 81,
        "model": system,
        "judge": ["gpt-4", "single-v1"],
        "user_prompt": "...",
        "judgment": text,
        "score": number,
        "turn": turn,
        "tstamp": 1687000000.5,
    }


def write(path: Path, rows: list[Row]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(tmp_path: Path, rows: list[Row], options: Mapping[str, str] | None = None) -> Imported:
    """Read rows as one file."""
    return read_mt_bench([write(tmp_path / "judgments.jsonl", rows)], options or {})


def ranked(imported: Imported) -> list[RankedVerdict]:
    """Every judge's verdict, all of them ranked."""
    return [verdict for verdict in assemble(imported).judges if isinstance(verdict, RankedVerdict)]


def by_system(imported: Imported, verdict: RankedVerdict) -> dict[str, float]:
    """Grades by the system that wrote the answer."""
    authors = {answer.answer_id: answer.author_model_id for case in imported.cases for answer in case.answers}
    return {str(authors[name]): grade for name, grade in verdict.grades.items()}


def test_winners_are_systems_already_in_both_orders(tmp_path: Path) -> None:
    """`model_1` in game 2 is the system of the field model_1, though it was shown second there."""
    imported = read(tmp_path, [games("model_1", "model_1")])
    assert [vote.choice for vote in imported.votes] == ["first", "second"]
    (verdict,) = ranked(imported)
    assert by_system(imported, verdict) == {"tern": 2.0, "wren": 1.0}
    assert [(pair.p_first_shown_first, pair.p_first_shown_second) for pair in verdict.pairs] == [(1.0, 1.0)]


def test_a_judge_that_follows_the_slot_is_seen_to_do_so(tmp_path: Path) -> None:
    """Another winner in each game is a tie whose two orders still stand beside it."""
    imported = read(tmp_path, [games("model_1", "model_2")])
    (verdict,) = ranked(imported)
    assert by_system(imported, verdict) == {"tern": 1.0, "wren": 1.0}
    assert [(pair.p_first_shown_first, pair.p_first_shown_second) for pair in verdict.pairs] == [(1.0, 0.0)]


def test_an_error_is_no_tie(tmp_path: Path) -> None:
    """A game without a winner fails the verdict; a provider that never answered is told apart."""
    silent = games("error", "model_2", question=82, g1_judgment="$ERROR$")
    failed = assemble(read(tmp_path, [games("model_1", "error"), silent])).judges
    assert all(isinstance(verdict, FailedVerdict) for verdict in failed)
    assert [getattr(verdict, "failure", None) for verdict in failed] == ["unparsable", "exhausted"]


def test_the_second_turn_is_another_case(tmp_path: Path) -> None:
    """FastChat's cleaning script would drop turn 2 as a duplicate; here it is a case with its own message."""
    imported = read(tmp_path, [ballot("model_a"), ballot("model_b", turn=2)])
    assert len(imported.cases) == 2
    first, second = imported.cases
    assert first.message == {"en": "Name a bird."}
    assert second.message == {"en": "Name a bird.\n\nDoes it swim?"}
    assert [answer.text["en"] for answer in second.answers] == [
        "The tern hardly does.",
        "The wren hardly does.",
    ]


def test_swapped_spellings_of_a_pair_are_one_case(tmp_path: Path) -> None:
    """Two people who prefer the same system agree, whichever of them saw it as model_a."""
    rows = [ballot("model_a", "expert_1"), ballot("model_b", "expert_2", swapped=True)]
    imported = read(tmp_path, rows)
    people = [verdict for verdict in assemble(imported).people if isinstance(verdict, RankedVerdict)]
    assert len(imported.cases) == 1
    assert [verdict.cell.annotator_id for verdict in people] == ["expert_1", "expert_2"]
    assert [by_system(imported, verdict) for verdict in people] == [{"tern": 2.0, "wren": 1.0}] * 2


def test_pairs_of_one_question_have_titles_of_their_own(tmp_path: Path) -> None:
    """Who reads a list of cases can tell two pairs of one question apart."""
    other = ballot("tie") | {"model_b": "rook"}
    other["conversation_b"] = [*other["conversation_b"][:1], {"role": "assistant", "content": "A rook."}]
    titles = [case.title["en"] for case in read(tmp_path, [ballot("tie"), other]).cases]
    assert titles == ["Name a bird. (81 turn 1 tern vs wren)", "Name a bird. (81 turn 1 rook vs tern)"]
    assert read(tmp_path, [ballot("tie")]).cases[0].title == {"en": "Name a bird."}


def test_nobody_says_which_answer_people_saw_first(tmp_path: Path) -> None:
    """People's votes carry no presentation, so that no slot effect is computed from field names."""
    (verdict,) = assemble(read(tmp_path, [ballot("tie")])).people
    assert verdict.presentation is None


def test_inconsistent_is_told_apart_from_a_tie(tmp_path: Path) -> None:
    """`tie (inconsistent)` counts as a tie, named as such and counted; the option makes it a failure."""
    rows = [ballot("tie", ["gpt-4", "pair-v2"]), ballot("tie (inconsistent)", ["gpt-4", "pair-v2"], turn=2)]
    plain, contradicted = ranked(read(tmp_path, rows))
    assert (plain.reason, contradicted.reason) == (None, "tie (inconsistent)")
    imported = read(tmp_path, rows, {"inconsistent": "failed"})
    assert [verdict.outcome for verdict in assemble(imported).judges] == ["ranked", "failed"]
    assert any("contradicted itself" in note and note.endswith("1.") for note in imported.notes)


def test_merged_and_ordered_judgments_are_two_judges(tmp_path: Path) -> None:
    """Verdicts whose orders are merged already never stand in one row with those that still have both."""
    imported = read(tmp_path, [games("model_1", "model_1"), ballot("model_a", ["gpt-4", "pair-v2"])])
    assert {judge.judge_id: judge.protocol for judge in imported.judges} == {
        "gpt-4-pair": "pairwise",
        "gpt-4-merged": "listwise",
    }


def test_answers_graded_alone_are_no_two_orders(tmp_path: Path) -> None:
    """Rows with m1_score repeat one comparison of two scores as both games; they are grades, not votes."""
    row = games("model_1", "model_1", judge=["gpt-4", "single-v1"], m1_score=9, m2_score=4)
    row.pop("turn")
    imported = read(tmp_path, [row])
    assert not imported.votes
    assert [judge.protocol for judge in imported.judges] == ["pointwise"]
    assert by_system(imported, ranked(imported)[0]) == {"tern": 2.0, "wren": 1.0}


def test_single_scores_alone_rank_all_systems_of_a_question(tmp_path: Path) -> None:
    """Equal scores are a tie; -1 is a score that could not be read, and its answer is missing."""
    rows = [score("tern", 7), score("wren", 9.5), score("swift", 7), score("rook", -1)]
    imported = read(tmp_path, rows)
    (verdict,) = ranked(imported)
    assert by_system(imported, verdict) == {"tern": 1.0, "swift": 1.0, "wren": 2.0}
    assert len(imported.cases[0].answers) == 4
    assert any("missing from their rankings: 1." in note for note in imported.notes)


def test_single_scores_beside_votes_rank_the_pairs_that_were_voted_on(tmp_path: Path) -> None:
    """Scores of systems that nobody compared are left out and counted; a failed score fails its pair."""
    rows = [ballot("tie"), ballot("tie", turn=2), score("tern", 3), score("wren", 5), score("rook", 9)]
    rows += [score("tern", -1, turn=2, text="$ERROR$"), score("wren", 5, turn=2)]
    imported = read(tmp_path, rows)
    read_one, failed = assemble(imported).judges
    assert isinstance(read_one, RankedVerdict)
    assert by_system(imported, read_one) == {"tern": 1.0, "wren": 2.0}
    assert isinstance(failed, FailedVerdict)
    assert failed.failure == "exhausted"
    assert any("belong to no pair" in note and note.endswith("1.") for note in imported.notes)


def test_the_same_judgment_again_is_a_repeat(tmp_path: Path) -> None:
    """FastChat appends to its files; the second time is a repeat, not an overwritten first."""
    imported = read(tmp_path, [games("model_1", "model_1"), games("model_2", "model_2")])
    assert [verdict.cell.repeat for verdict in assemble(imported).judges] == [0, 1]


def test_names_of_people_are_an_option(tmp_path: Path) -> None:
    """`author_1` is a person like `expert_1`, can be left out, and any other name is a judge."""
    rows = [ballot("tie", "expert_1"), ballot("tie", "author_1"), ballot("tie", "owl-judge")]
    imported = read(tmp_path, rows)
    kinds = {vote.annotator_id: vote.kind for vote in imported.votes}
    assert kinds == {"expert_1": "person", "author_1": "person", "owl-judge-merged": "judge"}
    assert len(read(tmp_path, rows, {"authors": "leave-out"}).votes) == 2
    mine = read(tmp_path, rows, {"people": "expert,author,owl"})
    assert {vote.kind for vote in mine.votes} == {"person"}


def test_texts_come_from_the_question_and_answer_files(tmp_path: Path) -> None:
    """A folder data/mt_bench gives judgments their texts; its reference answers are left alone."""
    for name in ("model_answer", "model_judgment", "reference_answer"):
        (tmp_path / name).mkdir()
    asked = [{"question_id": 81, "category": "birds", "turns": ["Name a bird.", "Does it swim?"]}]
    write(tmp_path / "question.jsonl", asked)
    for name in ("tern", "wren"):
        turns = [f"A {name}.", f"The {name} hardly does."]
        row = {
            "question_id": 81,
            "answer_id": "x",
            "model_id": name,
            "choices": [{"index": 0, "turns": turns}],
        }
        write(tmp_path / "model_answer" / f"{name}.jsonl", [row])
        write(tmp_path / "reference_answer" / f"{name}.jsonl", [row])
    write(tmp_path / "model_judgment" / "gpt-4_pair.jsonl", [games("model_1", "tie", turn=2)])
    (case,) = read_mt_bench([tmp_path], {}).cases
    assert case.message == {"en": "Name a bird.\n\nDoes it swim?"}
    assert next(answer.text["en"] for answer in case.answers) == "The tern hardly does."


def test_an_answer_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """A join that would meet a key twice is refused with both places, as for reference answers."""
    row = {"question_id": 81, "model_id": "tern", "choices": [{"index": 0, "turns": ["A tern."]}]}
    path = write(tmp_path / "x.jsonl", [games("tie", "tie"), row, row])
    with pytest.raises(ImportFormatError, match=r"x.jsonl:3: .*stands twice.*x.jsonl:2"):
        read_mt_bench([path], {})


def test_other_texts_for_one_answer_are_refused(tmp_path: Path) -> None:
    """Two runs of one system cannot be read as one answer."""
    other = ballot("tie", "expert_4")
    other["conversation_a"][1]["content"] = "A gull."
    with pytest.raises(ImportFormatError, match=r":2: another text of tern"):
        read(tmp_path, [ballot("tie"), other])


def test_parquet_and_json_lists_are_read_like_lines(tmp_path: Path) -> None:
    """The published Parquet with nested conversations gives the same as JSON lines and as a JSON list."""
    parquet = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    rows = [ballot("model_a"), ballot("tie", "expert_1", swapped=True)]
    for row in rows:
        row["judge"] = str(row["judge"])
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "human.parquet")
    (tmp_path / "human.json").write_text(json.dumps(rows), encoding="utf-8")
    expected = read(tmp_path, rows)
    for name in ("human.parquet", "human.json"):
        found = read_mt_bench([tmp_path / name], {})
        assert found.cases == expected.cases
        assert [vote.choice for vote in found.votes] == [vote.choice for vote in expected.votes]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (games("A", "model_1"), "g1_winner: is 'A'"),
        (games("model_1", "model_1", turn=3), "turn: is 3"),
        (games("model_1", "model_1", model_2="tern"), "compares tern with itself"),
        (ballot("left"), "winner: is 'left'"),
        (score("tern", "high"), "score: must be a finite number"),
        ({"question_id": 81}, "no row of MT-bench"),
        (games("tie", "tie", judge=[]), "judge: is an empty list"),
        ({"question_id": 81, "turns": [1]}, "turns: must be a list of texts"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, row: Row, message: str) -> None:
    """A row that cannot be read is an error at its line, and every one of them is listed."""
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, [games("tie", "tie"), row, row])
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_a_file_without_judgments_is_refused(tmp_path: Path) -> None:
    """Questions alone are nothing to import."""
    with pytest.raises(ImportFormatError, match="holds no verdict"):
        read(tmp_path, [{"question_id": 81, "turns": ["Name a bird."]}])


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows can be imported as it stands."""
    path = tmp_path / "example.jsonl"
    path.write_text(FORMAT.example, encoding="utf-8")
    assert len(assemble(read_mt_bench([path], {})).judges) == 1
