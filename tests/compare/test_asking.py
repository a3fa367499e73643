"""Whom to ask about which case next."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from harness.compare import ComparisonSource
from harness.compare.asking import AskingRules, Ties, adjudication_questions, next_questions
from harness.errors import HarnessError
from harness.schema import RankedVerdict
from harness.schema.asking import AskingPlan, Question

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

EIGHT = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def source_of(
    kit: Kit, people: Sequence[RankedVerdict], cases: Sequence[str] = EIGHT, *, people_known: bool = True
) -> ComparisonSource:
    """A run of one steady judge beside these people."""
    bench = kit.bench({"j": kit.always("4312")}, people=people, cases=cases)
    return dataclasses.replace(bench.source(), people_known=people_known)


def some(kit: Kit, who: str, *case_ids: str, grades: str = "4321", **cell: object) -> list[RankedVerdict]:
    """One person's rankings of some cases."""
    return kit.votes(who, dict.fromkeys(case_ids, grades), session="s1", **cell)


def asked(kit: Kit, people: Sequence[RankedVerdict], **rules: object) -> AskingPlan:
    """The next questions after these rankings."""
    return next_questions(source_of(kit, people), AskingRules(**rules))  # type: ignore[arg-type]


def three_people(kit: Kit) -> list[RankedVerdict]:
    """P ranked seven cases, q two, r none of the last three."""
    return [*some(kit, "p", *EIGHT[:7]), *some(kit, "q", *EIGHT[:2]), *some(kit, "r", *EIGHT[:5])]


def test_nobody_is_asked_again_except_as_a_declared_repeat(kit: Kit) -> None:
    """Every question is new to its person, or numbered as a repeat of a case that he or she ranked."""
    people = three_people(kit)
    plan = asked(kit, people, n_questions=40)
    ranked = {(vote.cell.annotator_id, vote.cell.case_id) for vote in people}
    pairs = [(question.annotator_id, question.case_id) for question in plan.questions]
    assert len(set(pairs)) == len(pairs)
    for question, pair in zip(plan.questions, pairs, strict=True):
        assert (question.kind == "retest") == (pair in ranked)
        assert question.repeat == (1 if question.kind == "retest" else 0)
    # Three people have 24 cases between them, 14 are ranked; p alone has ranked six or more.
    assert Counter(question.kind for question in plan.questions) == {"new": 10, "retest": 1}
    assert "everybody has ranked every case" in plan.notes[0]


def test_later_phases_and_other_rules_count_as_ranked(kit: Kit) -> None:
    """Who discussed a case, or ranked it under another rulebook, has seen it and is not asked as if new."""
    people = [
        *some(kit, "p", "one"),
        *some(kit, "p", "two", phase=2),
        *some(kit, "p", "three", rulebook_id="none"),
    ]
    plan = asked(kit, people, n_questions=40)
    assert {question.case_id for question in plan.questions} == set(EIGHT[3:])


def test_work_is_shared_out(kit: Kit) -> None:
    """Whoever has least to do is asked first, until all have as much."""
    plan = asked(kit, three_people(kit), n_questions=6)
    assert [question.annotator_id for question in plan.questions[:3]] == ["q", "q", "q"]
    people = {one.annotator_id: one for one in plan.people}
    assert (people["p"].n_ranked, people["p"].n_asked) == (7, 0)
    totals = [people[who].n_ranked + people[who].n_asked for who in ("q", "r")]
    assert abs(totals[0] - totals[1]) <= 1


def test_level_cases_are_drawn_alike(kit: Kit) -> None:
    """Of what is open to a person all have one ranking: each is as likely, until one is left."""
    people = [*some(kit, "p", *EIGHT), *some(kit, "q", *EIGHT[:5])]
    plan = asked(kit, people, n_questions=3, annotators=("q",), retest_share=0.0)
    assert {question.case_id for question in plan.questions} == set(EIGHT[5:])
    assert all(question.n_people == 1 for question in plan.questions)
    first = plan.questions[0]
    assert first.n_open == 3
    assert first.reason == "level"
    assert first.probability == pytest.approx(0.3 / 3 + 0.7 / 3)
    assert plan.questions[-1].probability == pytest.approx(1.0)
    assert plan.questions[-1].reason == "fewest"


def test_ties_can_go_to_the_most_disputed(kit: Kit) -> None:
    """Asked so, of cases with fewest rankings the one that splits people is wanted; else all are alike."""
    people = [vote for who in "abc" for vote in some(kit, who, "one", "three", "four")]
    for who, grades in (("a", "4321"), ("b", "1234"), ("c", "1234")):
        people += some(kit, who, "two", grades=grades)
    source = source_of(kit, people, EIGHT[:4])

    def drawn(ties: Ties, seed: int) -> Question:
        rules = AskingRules(n_questions=1, annotators=("new",), ties=ties, seed=seed)
        return next_questions(source, rules).questions[0]

    wanted = [drawn("disputed", seed) for seed in range(30)]
    found = {(one.case_id == "two", one.reason, round(one.probability or 0, 6)) for one in wanted}
    assert found == {(True, "disputed", 0.775), (False, "random", 0.075)}
    assert drawn("chance", 0).probability == pytest.approx(0.25)


def test_a_repeat_is_due_after_six_cases_and_then_once_per_ten(kit: Kit) -> None:
    """With five rankings none, with six one from the earlier half, and none more once it is done."""
    assert all(one.kind == "new" for one in asked(kit, some(kit, "p", *EIGHT[:5]), n_questions=3).questions)
    question = asked(kit, some(kit, "p", *EIGHT[:6]), n_questions=1).questions[0]
    assert question.kind == "retest"
    assert question.case_id in EIGHT[:3]
    assert question.probability == pytest.approx(1 / 3)
    done = [*some(kit, "p", *EIGHT[:6]), *some(kit, "p", "two", repeat=1)]
    assert [one.kind for one in asked(kit, done).questions] == ["new", "new"]
    often = asked(kit, done, retest_share=0.5, retest_after=4).questions
    assert [one.kind for one in often].count("retest") == 1
    assert [one.kind for one in asked(kit, done, retest_share=0.0).questions] == ["new", "new"]


def test_a_repeat_keeps_rules_and_language_of_the_first_time(kit: Kit) -> None:
    """Only the person's own change of mind may differ between the two."""
    people = some(kit, "p", *EIGHT[:6], rulebook_id="none", language="en")
    question = asked(kit, people, n_questions=1).questions[0]
    assert (question.kind, question.rulebook_id, question.language) == ("retest", "none", "en")


def test_the_same_seed_asks_the_same_and_another_seed_does_not(kit: Kit) -> None:
    """The list follows from run, people and seed; one ranking more draws anew."""
    people = three_people(kit)
    plans = [asked(kit, people, seed=seed) for seed in (1, 1, 2)]
    assert plans[0] == plans[1]
    assert plans[0].questions != plans[2].questions
    assert plans[0].seed == 1


def test_answers_are_shown_in_a_drawn_order(kit: Kit) -> None:
    """Every question shows all answers of its case, not always in the order of the file."""
    plan = asked(kit, three_people(kit), n_questions=8)
    for question in plan.questions:
        assert sorted(question.order) == [f"{question.case_id}-{letter}" for letter in "abcd"]
    assert any(list(question.order) != sorted(question.order) for question in plan.questions)


def test_flagged_people_are_asked_and_named(kit: Kit) -> None:
    """Two signals lead to words, never to leaving somebody out."""
    careful = [
        vote
        for who in "abcdef"
        for vote in some(kit, who, *EIGHT[:7], grades="4321" if who != "f" else "4312")
    ]
    timed = [vote.model_copy(update={"seconds": 60.0}) for vote in careful]
    tied = [vote.model_copy(update={"seconds": 5.0}) for vote in some(kit, "z", *EIGHT[:7], grades="2222")]
    plan = asked(kit, [*timed, *tied], n_questions=20)
    person = next(one for one in plan.people if one.annotator_id == "z")
    assert person.flagged
    assert person.n_asked > 0
    assert any("z" in note and "asked like everybody else" in note for note in plan.notes)


def test_anonymous_votes_and_no_votes_ask_anybody(kit: Kit) -> None:
    """Where nobody is known, cases are drawn, and whoever has not ranked them is asked."""
    anonymous = next_questions(source_of(kit, three_people(kit), people_known=False), AskingRules())
    nobody = asked(kit, [])
    for plan in (anonymous, nobody):
        assert len(plan.questions) == 10
        assert {question.annotator_id for question in plan.questions} == {None}
        assert plan.people == ()
        assert any("another person each time" in note for note in plan.notes)
    # Every case once before any is asked about twice, but for the draws by chance.
    assert len({question.case_id for question in nobody.questions}) >= 6


def test_people_who_are_new_can_be_named(kit: Kit) -> None:
    """Somebody without rankings gets the session of the last ranking, or the one that is said."""
    plan = asked(kit, three_people(kit), annotators=("new", "p"), n_questions=2)
    assert [(one.annotator_id, one.session) for one in plan.people] == [("new", "s1"), ("p", "s1")]
    assert {question.annotator_id for question in plan.questions} == {"new"}
    (question,) = asked(kit, [], annotators=("new",), session="today", n_questions=1).questions
    assert question.session == "today"


def test_one_name_in_two_sessions_is_two_people(kit: Kit) -> None:
    """A bare name that stands for two is refused, and the two names to choose from are given."""
    people = [*kit.votes("p", {"one": "4321"}, session="a"), *kit.votes("p", {"two": "4321"}, session="b")]
    with pytest.raises(HarnessError, match="'p' stands for 2 people: name one of a/p, b/p"):
        asked(kit, people, annotators=("p",))
    plan = asked(kit, people, annotators=("b/p",), n_questions=20)
    assert {(question.annotator_id, question.session) for question in plan.questions} == {("p", "b")}
    assert "two" not in {question.case_id for question in plan.questions}


def split_people(kit: Kit) -> list[RankedVerdict]:
    """Case one: three against two on every pair; case two: all agree; case three was ranked by one."""
    sides = ("4321", "4321", "4321", "1234", "1234")
    people = [vote for who, grades in enumerate(sides) for vote in some(kit, f"p{who}", "one", grades=grades)]
    return [
        *people,
        *[vote for who in range(4) for vote in some(kit, f"p{who}", "two", grades="4312")],
        *some(kit, "p0", "three"),
    ]


def test_a_split_case_goes_to_somebody_else_in_a_phase_of_its_own(kit: Kit) -> None:
    """An adjudicator has not ranked the case, and the ranking can change no comparison."""
    plan = adjudication_questions(
        source_of(kit, [*split_people(kit), *some(kit, "q", "four", phase=3)]), AskingRules()
    )
    (question,) = plan.questions
    assert (question.case_id, question.kind, question.annotator_id) == ("one", "adjudication", "q")
    assert question.phase == 4
    assert question.probability is None
    assert "people 3 : 2" in question.why
    assert any("overrules nobody" in note for note in plan.notes)


def test_nobody_left_to_adjudicate_is_said(kit: Kit) -> None:
    """When everybody known has ranked the split case, the person is left open."""
    plan = adjudication_questions(source_of(kit, split_people(kit)), AskingRules())
    assert [question.annotator_id for question in plan.questions] == [None]
    assert any("another person each time" in note for note in plan.notes)
