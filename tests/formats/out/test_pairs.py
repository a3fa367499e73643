"""Preference pairs: the shapes that TRL publishes, ties, pools, and a split without leaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.api.exporting import Export
from harness.errors import HarnessError
from harness.formats.out.split import split_cases
from harness.schema import Answer, Canary, Case


class Exporting(Protocol):
    """What the fixture gives."""

    def __call__(self, name: str, **choices: Any) -> Export:  # noqa: ANN401 - any choice
        """Export the small run."""


def rows(path: Path) -> list[dict[str, Any]]:
    """JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pairs(exporting: Exporting, **choices: object) -> list[dict[str, Any]]:
    """The training side."""
    return rows(exporting("pairs", **choices).path / "train.jsonl")


def won(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Who preferred what, in short."""
    return sorted((row["annotator_id"], row["chosen_id"][-1], row["rejected_id"][-1]) for row in found)


def test_every_pair_that_a_person_put_apart_is_a_row(exporting: Exporting) -> None:
    """By hand: =p1 says a>b=c and a>b, p2 says b>a, p3 says a>b; the tie is dropped and counted."""
    done = exporting("pairs")
    assert won(rows(done.path / "train.jsonl")) == [
        ("=p1", "a", "b"), ("=p1", "a", "b"), ("=p1", "a", "c"), ("p2", "b", "a"), ("p3", "a", "b"),
    ]  # fmt: skip
    assert done.counts["tied"] == 1


def test_a_kept_tie_pulls_both_ways_alike(exporting: Exporting) -> None:
    """Two rows with margin 0, one the other turned round."""
    ties = [row for row in pairs(exporting, ties="keep") if row["tie"]]
    assert [(row["chosen_id"][-1], row["rejected_id"][-1], row["margin"]) for row in ties] == [
        ("b", "c", 0), ("c", "b", 0),
    ]  # fmt: skip


def test_a_pool_is_the_majority_with_its_counts_and_nobodys_name(exporting: Exporting) -> None:
    """Two of three say a>b in q1: margin (2 - 1) / 3; no id and no session of a person is in the file."""
    found = pairs(exporting, annotators="pool")
    first = next(row for row in found if row["case_id"] == "q1" and row["rejected_id"].endswith("b"))
    assert (first["n_for"], first["n_against"], first["n_tied"]) == (2, 1, 0)
    assert first["margin"] == pytest.approx(1 / 3)
    assert {(row["annotator_id"], row["session"]) for row in found} == {("pooled", None)}


def test_margins_of_single_people_lie_between_0_and_1(exporting: Exporting) -> None:
    """The widest difference that the scale of four grades allows is 1."""
    margins = {row["annotator_id"]: row["margin"] for row in pairs(exporting) if row["case_id"] == "q1"}
    assert margins == {"=p1": 1.0, "p2": pytest.approx(1 / 3), "p3": pytest.approx(2 / 3)}


@pytest.mark.parametrize("style", ["chat", "text"])
@pytest.mark.parametrize("trainer", ["dpo", "reward"])
def test_the_columns_are_those_that_trl_publishes(exporting: Exporting, trainer: str, style: str) -> None:
    """TRL's dataset formats (v0.25): explicit prompt for DPO, implicit for reward; messages or strings."""
    row = next(one for one in pairs(exporting, trainer=trainer, style=style) if one["case_id"] == "q2")
    assert ("prompt" in row) is (trainer == "dpo")
    question, answer = "Name a colour.", "Red."
    if style == "text":
        assert row.get("prompt", "") + row["chosen"] == f"{question}\n\n{answer}"
    else:
        assert [*row.get("prompt", []), *row["chosen"]] == [
            {"role": "user", "content": question}, {"role": "assistant", "content": answer},
        ]  # fmt: skip


def test_texts_that_are_missing_are_no_pairs(exporting: Exporting) -> None:
    """Pairs in a language that the cases have not are refused in words."""
    with pytest.raises(HarnessError, match="no texts in this language"):
        exporting("pairs", language="fr")


def case(case_id: str, message: str, canary_of: str | None = None) -> Case:
    """A case with two answers; the canary's answers are its own."""
    answers = tuple(Answer(answer_id=f"{case_id}-{end}", text={"en": end}) for end in "ab")
    canary = (
        Canary(answer_id=f"{case_id}-a", twin_case_id=canary_of, twin_answer_id=f"{canary_of}-a")
        if canary_of
        else None
    )
    return Case(
        case_id=case_id, title={"en": case_id}, message={"en": message}, answers=answers, canary=canary
    )


def test_no_message_stands_on_both_sides() -> None:
    """Cases with one message, and a canary with its twin, stay together whatever the seed."""
    cases = [
        case("a1", "Hello  there"),
        case("a2", "Hello there"),
        case("b", "Why?"),
        case("b-x", "Why!", "b"),
    ]
    for seed in range(20):
        sides = split_cases([*cases, case("c", "How?")], 0.4, seed)
        assert sides["a1"] == sides["a2"]
        assert sides["b"] == sides["b-x"]
        assert set(sides.values()) == {"train", "test"}
    drawn = {tuple(split_cases([*cases, case("c", "How?")], 0.4, seed).values()) for seed in range(20)}
    assert len(drawn) > 1


def test_one_message_cannot_be_split() -> None:
    """A test side that would hold what was trained on is refused."""
    with pytest.raises(HarnessError, match="both sides"):
        split_cases([case("a1", "Hello"), case("a2", "Hello")], 0.5, 0)
