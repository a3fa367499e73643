from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble, dense, protocol_of
from harness.formats.base import Choice, Graded, Imported, Place, Vote
from harness.formats.row_books import SetFacts, imported_case_set, imported_judge
from harness.schema import Answer, Case, FailedVerdict, FailureReason, Presentation, Protocol, RankedVerdict
from harness.verdict import order_flips

NAMES = ("q1-a", "q1-b", "q1-c")
JUDGE = "judge-x"


def place(line: int = 1) -> Place:
    """A line of a file."""
    return Place(Path("votes.csv"), line)


def vote(pair: str, choice: Choice | FailureReason, line: int = 1, who: str = JUDGE, repeat: int = 0) -> Vote:
    """A vote on 'ab' = a shown first, b second; a person's when the name begins with p."""
    is_choice = choice in ("first", "second", "tie")
    return Vote(
        place=place(line),
        case_id="q1",
        annotator_id=who,
        kind="person" if who.startswith("p") else "judge",
        shown_first=f"q1-{pair[0]}",
        shown_second=f"q1-{pair[1]}",
        choice=choice if is_choice else None,  # type: ignore[arg-type]  # narrowed by the test above
        failure=None if is_choice else choice,  # type: ignore[arg-type]  # the same
        repeat=repeat,
    )


def imported(
    votes: Sequence[Vote] = (),
    graded: Sequence[Graded] = (),
    protocol: Protocol = "pairwise",
    names: Sequence[str] = NAMES,
) -> Imported:
    """One case with three answers, judged by judge-x."""
    case = Case(
        case_id="q1",
        title={"en": "One"},
        message={},
        answers=tuple(Answer(answer_id=name, text={}) for name in names),
    )
    return Imported(
        case_set=imported_case_set("set", "Set", ["q1"], SetFacts("en", len(names))),
        cases=(case,),
        judges=(imported_judge(JUDGE, JUDGE, "", protocol),),
        votes=votes,
        graded=graded,
    )


def always_first(pairs: Sequence[str]) -> list[Vote]:
    """A judge that takes whatever is shown first."""
    return [vote(pair, "first", line) for line, pair in enumerate(pairs, start=1)]


ALL_PAIRS = ["".join(pair) for pair in permutations("abc", 2)]


def test_both_orders_of_all_pairs_become_one_verdict() -> None:
    """A beats b and c, c beats b, in both orders: one ranking a > c > b, read like our own judges' pairs."""
    best = {"ab": "a", "ac": "a", "bc": "c"}
    votes = [
        vote(pair, "first" if pair[0] == best["".join(sorted(pair))] else "second") for pair in ALL_PAIRS
    ]
    (verdict,) = assemble(imported(votes)).judges
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"q1-a": 3.0, "q1-b": 1.0, "q1-c": 2.0}
    assert verdict.cell.protocol == "pairwise"
    assert [pair.p for pair in verdict.pairs] == [1.0, 1.0, 0.0]
    assert order_flips(verdict) == (0, 3)


def test_a_choice_that_turns_with_the_order_is_a_half_and_a_flip() -> None:
    """Always the first slot: every pair is .5 from 1 and 0, all answers tie, and all three pairs flip."""
    (verdict,) = assemble(imported(always_first(ALL_PAIRS))).judges
    assert isinstance(verdict, RankedVerdict)
    assert set(verdict.grades.values()) == {1.0}
    assert {(pair.p_first_shown_first, pair.p_first_shown_second) for pair in verdict.pairs} == {(1.0, 0.0)}
    assert order_flips(verdict) == (3, 3)


def test_a_tie_is_a_tie_and_no_flip() -> None:
    """A judge that ties a pair in both orders says .5 twice: that is not a turned choice."""
    (verdict,) = assemble(imported([vote("ab", "tie"), vote("ba", "tie")], names=NAMES[:2])).judges
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"q1-a": 1.0, "q1-b": 1.0}
    assert order_flips(verdict) == (0, 1)


def test_a_missing_pair_fails_the_verdict() -> None:
    """Five of six ordered pairs: no ranking, and the message names the sixth."""
    (verdict,) = assemble(imported(always_first(ALL_PAIRS[:-1]))).judges
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "exhausted"
    assert "pair q1-c (shown first), q1-b" in verdict.message


@pytest.mark.parametrize("reason", ["refused", "unparsable", "filtered", "truncated"])
def test_a_failed_pair_fails_the_verdict_with_its_reason(reason: FailureReason) -> None:
    """Refused stays refused, unparsable stays unparsable; the line and the text are kept."""
    votes = [*always_first(["ab"]), vote("ba", reason, line=7)]
    (verdict,) = assemble(imported(votes, names=NAMES[:2])).judges
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == reason
    assert "votes.csv:7" in verdict.message
    assert verdict.presentation == Presentation(order=("q1-b", "q1-a"), slots=("A", "B"))


def test_listwise_votes_are_numbered_by_presentation() -> None:
    """One order is presentation 0, the other 1, whichever comes first in the file; order is kept."""
    votes = [vote("ba", "first", 1), vote("ab", "tie", 2)]
    first, second = assemble(imported(votes, protocol="listwise", names=NAMES[:2])).judges
    assert isinstance(first, RankedVerdict)
    assert isinstance(second, RankedVerdict)
    assert (first.cell.repeat, second.cell.repeat) == (0, 1)
    assert first.grades == {"q1-a": 1.0, "q1-b": 1.0}
    assert second.grades == {"q1-a": 1.0, "q1-b": 2.0}
    assert second.presentation == Presentation(order=("q1-b", "q1-a"), slots=("A", "B"))


def test_people_vote_one_by_one() -> None:
    """A person's vote is a ranking of two answers; failures stay failures, unknown orders unknown."""
    unknown = vote("bc", "second", 2, "p2")
    votes = [vote("ab", "first", 1, "p1"), vote("ab", "refused", 3, "p3")]
    done = assemble(imported([*votes[:1], replace(unknown, order_known=False), *votes[1:]]))
    one, two, three = done.people
    assert isinstance(one, RankedVerdict)
    assert isinstance(two, RankedVerdict)
    assert isinstance(three, FailedVerdict)
    assert one.grades == {"q1-a": 2.0, "q1-b": 1.0}
    assert one.presentation is not None
    assert two.grades == {"q1-b": 1.0, "q1-c": 2.0}
    assert two.presentation is None
    assert three.failure == "refused"
    assert done.judges == ()


def test_a_person_may_vote_on_several_pairs_of_a_case() -> None:
    """Different pairs are different votes; the same pair twice is one too many, and both lines are named."""
    done = assemble(imported([vote("ab", "first", 1, "p1"), vote("bc", "first", 2, "p1")]))
    assert len(done.people) == 2
    with pytest.raises(ImportFormatError) as caught:
        assemble(imported([vote("ab", "first", 1, "p1"), vote("ba", "first", 2, "p1")]))
    assert "votes.csv:2" in str(caught.value)
    assert "first at votes.csv:1" in str(caught.value)


@pytest.mark.parametrize("protocol", ["pairwise", "listwise"])
def test_the_same_vote_twice_names_both_lines(protocol: Protocol) -> None:
    """A second file for the same judge and pair is not taken in silently."""
    twins = [vote("ab", "first", 3), vote("ba", "first", 4), vote("ab", "second", 9)]
    with pytest.raises(ImportFormatError) as caught:
        assemble(imported(twins, protocol=protocol, names=NAMES[:2]))
    assert "votes.csv:9" in str(caught.value)
    assert "first at votes.csv:3" in str(caught.value)


def test_repeats_are_verdicts_of_their_own() -> None:
    """The same pair in a numbered repeat is no twin."""
    votes = [vote(pair, "first", repeat=repeat) for repeat, pair in product((0, 1), ("ab", "ba"))]
    done = assemble(imported(votes, names=NAMES[:2])).judges
    assert [verdict.cell.repeat for verdict in done] == [0, 1]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (vote("ad", "first"), "names 'q1-d', which is no answer of 'q1'"),
        (vote("aa", "first"), "with itself"),
        (vote("ab", "first", who="stranger"), "the judge 'stranger', which the import does not list"),
    ],
)
def test_rows_that_name_what_is_not_there_are_errors(row: Vote, words: str) -> None:
    """Strangers among cases, answers and judges are named with their line."""
    with pytest.raises(ImportFormatError, match=words):
        assemble(imported([row]))


def graded(grades: dict[str, float], **more: object) -> Graded:
    """One judge's grades."""
    return Graded(place(1), "q1", JUDGE, "judge", grades, **more)  # type: ignore[arg-type]  # fields by name


def test_grades_are_kept_as_entered() -> None:
    """Grades with gaps and ties stay what they are, in the order of the case; the order shown is kept."""
    one = graded({"q1-c": 7.5, "q1-a": 1.0}, shown=("q1-c", "q1-a"), text="because")
    (verdict,) = assemble(imported(graded=[one], protocol="pointwise")).judges
    assert isinstance(verdict, RankedVerdict)
    assert list(verdict.grades.items()) == [("q1-a", 1.0), ("q1-c", 7.5)]
    assert verdict.presentation == Presentation(order=("q1-c", "q1-a"), slots=("A", "B"))
    assert verdict.reason == "because"
    assert verdict.cell.protocol == "pointwise"


@pytest.mark.parametrize(
    "wrong", [graded({}), graded({"q1-a": 1.0}, failure="refused"), graded({"q1-a": float("nan")})]
)
def test_grades_must_be_numbers_or_a_failure(wrong: Graded) -> None:
    """Neither nothing, nor both, nor NaN."""
    with pytest.raises(ImportFormatError):
        assemble(imported(graded=[wrong], protocol="listwise"))


def test_a_judge_that_grades_alone_casts_no_votes() -> None:
    """Votes of a pointwise judge are a mistake of the reader."""
    with pytest.raises(ImportFormatError, match="grades each answer alone"):
        assemble(imported([vote("ab", "first")], protocol="pointwise"))


# --- dense grades ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "tolerance", "expected"),
    [
        ({"a": 3.0, "b": 9.5, "c": 3.0}, 0.0, {"a": 1.0, "b": 2.0, "c": 1.0}),
        ({"a": 1.0, "b": 1.2, "c": 1.4}, 0.2, {"a": 1.0, "b": 1.0, "c": 1.0}),
        ({"a": 1.0, "b": 1.3, "c": 1.4}, 0.2, {"a": 1.0, "b": 2.0, "c": 2.0}),
        ({"a": -1.0, "b": -3.0}, 0.0, {"a": 2.0, "b": 1.0}),
        ({}, 0.0, {}),
    ],
)
def test_dense_grades_by_hand(scores: dict[str, float], tolerance: float, expected: dict[str, float]) -> None:
    """Equal numbers tie, neighbours within the tolerance tie, chains are not cut."""
    assert dense(scores, tolerance) == expected


@given(st.dictionaries(st.text(max_size=3), st.integers(-50, 50).map(lambda n: n / 8), max_size=8))
def test_dense_grades_keep_the_order(scores: dict[str, float]) -> None:
    """Grades run from 1 without gaps; equal scores tie, and a better score has a better grade."""
    grades = dense(scores)
    assert set(grades.values()) == set(map(float, range(1, len(set(scores.values())) + 1)))
    for one, other in permutations(scores, 2):
        assert (grades[one] > grades[other]) == (scores[one] > scores[other])


def test_a_judge_is_pairwise_when_it_saw_a_pair_both_ways() -> None:
    """One pair in both orders is enough; the same order twice is not."""
    assert protocol_of([vote("ab", "first"), vote("ba", "tie")]) == "pairwise"
    assert protocol_of([vote("ab", "first"), vote("ab", "tie"), vote("bc", "tie")]) == "listwise"
