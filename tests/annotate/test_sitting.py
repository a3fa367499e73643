"""A person grades cases at a terminal. All people here are simulated: lines typed by the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.annotate.screen import presentation_for
from harness.annotate.words import PHRASES
from harness.errors import HarnessError, ImportFormatError
from harness.schema import Language, Proposal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.annotate.conftest import Desk

    Typed = list[str | Callable[[], str]]


def shown(case_id: str) -> Proposal:
    """Grades 4 3 2 1 of the answers a b c d."""
    grades = {f"{case_id}-{letter}": 4.0 - "abcd".index(letter) for letter in "abcd"}
    return Proposal(judge_id="judge-x", rulebook_id="hhh", grades=grades, lot="1")


def test_three_cases_are_three_verdicts(desk: Desk) -> None:
    """Grades belong to the answers that stood in the slots; time, order, language and rules are kept."""
    entries: Typed = [desk.after(30, "4 2 1 3"), "y", desk.after(20, "1111"), desk.after(9.96, "4,4,1,1")]
    assert desk.sit(entries) == (3, 3, 0)
    first, second, third = desk.people.verdicts()
    order = presentation_for(desk.cases[0], "otter", "s").order
    assert [first.grades[name] for name in order] == [4, 2, 1, 3]
    assert first.presentation is not None
    assert first.presentation.order == order
    assert (first.seconds, second.seconds, third.seconds) == (30, 20, 10)
    assert set(second.grades.values()) == {1}
    cell = third.cell
    assert (cell.annotator_id, cell.case_id, cell.rulebook_id) == ("otter", "three", "hhh")
    assert (cell.language, cell.session, cell.simulated) == ("en", "s", True)
    assert first.proposal is None


def test_each_person_has_an_own_order_that_stays() -> None:
    """The same person sees the same order again; over people every answer stands in every slot."""
    from tests.annotate.conftest import case

    orders = [presentation_for(case("one"), f"p{number}", "s").order for number in range(200)]
    assert orders[0] == presentation_for(case("one"), "p0", "s").order
    for slot in range(4):
        counts = [sum(order[slot] == f"one-{letter}" for order in orders) for letter in "abcd"]
        assert min(counts) > 25


def test_the_same_command_resumes(desk: Desk) -> None:
    """What was graded before stays and is not asked again; leaving is no loss."""
    assert desk.sit(["4 2 1 3", "", "q"]) == (1, 1, 2)
    assert desk.sit(["1 2 3 4"]) == (1, 2, 1)
    assert "Graded already: 1; 2 to go." in desk.screen
    assert "Situation 2 of 3: Title two" in desk.screen
    assert desk.sit(["1 2 3 4"]) == (1, 3, 0)
    assert desk.sit([]) == (0, 3, 0)


def test_two_people_fill_one_table(desk: Desk) -> None:
    """Each finds only his or her own cases done."""
    desk.sit(["4 2 1 3", "", "1 2 3 4", "1 1 1 1"], "otter")
    assert desk.sit(["4 2 1 3", "", "1 2 3 4", "1 1 1 1"], "fox") == (3, 3, 0)
    assert len(desk.people.verdicts()) == 6


def test_going_back_takes_the_last_case_out(desk: Desk) -> None:
    """It is asked again, and the time of both looks is its time; before the first there is nothing."""
    entries: Typed = [
        "u", desk.after(10, "4 2 1 3"), "", desk.after(5, "u"), desk.after(7, "1 2 3 4"),
        "", "4 4 4 4", "4 4 4 4",
    ]  # fmt: skip
    assert desk.sit(entries) == (3, 3, 0)
    first = next(one for one in desk.people.verdicts() if one.cell.case_id == "one")
    order = presentation_for(desk.cases[0], "otter", "s").order
    assert [first.grades[name] for name in order] == [1, 2, 3, 4]
    assert first.seconds == 17
    assert "There is nothing before." in desk.screen
    assert "Back to: Title one." in desk.screen


def test_going_back_reaches_an_earlier_sitting(desk: Desk) -> None:
    """What another day brought can be taken back too."""
    desk.sit(["4 2 1 3", "", "q"])
    assert desk.sit(["u", "1 2 3 4", "", "q"]) == (0, 1, 2)


def test_a_skipped_case_comes_again(desk: Desk) -> None:
    """At the end; skipping all that is left ends the sitting."""
    assert desk.sit(["s", "4 2 1 3", "", "1 1 1 1", "2 2 2 2"]) == (3, 3, 0)
    assert [one.cell.case_id for one in desk.people.verdicts()] == ["two", "three", "one"]
    other = desk.sit(["s", "s", "s"], "fox")
    assert other == (0, 0, 3)


def test_the_first_case_asks_which_end_is_which(desk: Desk) -> None:
    """Once: "rank 1" usually means the best. Whoever says no grades again; all tied needs no question."""
    desk.sit(["1 2 3 4", "n", "4 3 2 1", "y", "1 2 3 4", "q"])
    assert desk.screen.count("Is that right?") == 2
    assert "You say: BEST D, WORST A." in desk.screen
    assert "Then grade again: 4 is the best grade." in desk.screen
    desk.sit(["1 1 1 1", "1 2 3 4", "q"], "fox")
    assert "Is that right?" not in desk.screen


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("4 2 1", "3 grades for 4 answers"),
        ("4 2 1 5", "“5” is no grade from 1 (WORST) to 4 (BEST)."),
        ("a 4 b 2", "Grades are missing for: C D."),
        ("e 4", "There is no answer E; there are A B C D."),
        ("=", "Nothing is proposed here"),
        ("good", "That is not understood. For example: 3 2 1 4"),
        ("", "That is not understood"),
        ("?", "u = back to the situation before"),
    ],
)
def test_what_cannot_be_taken_is_said(desk: Desk, entry: str, words: str) -> None:
    """Nothing is kept of it, and the question is asked again."""
    assert desk.sit([entry, "4 2 1 3", "", "q"]) == (1, 1, 2)
    assert words in desk.screen.replace("\n", " ")


def test_grades_may_name_their_answers(desk: Desk) -> None:
    """In any order, with or without signs."""
    desk.sit(["d=3 b 2, a:4 C1", "", "q"])
    order = presentation_for(desk.cases[0], "otter", "s").order
    assert [desk.people.verdicts()[0].grades[name] for name in order] == [4, 2, 1, 3]


def test_a_proposal_comes_with_its_provenance(desk: Desk) -> None:
    """First who proposes and under which rules, then the grades of the slots; `=` keeps them."""
    assert desk.sit(["=", "", "b 1", "1 1 1 1"], proposals={name: shown(name) for name in desk.case_ids}) == (
        3,
        3,
        0,
    )
    told = desk.screen.index("A language model (judge-x) proposed grades")
    order = presentation_for(desk.cases[0], "otter", "s").order
    grades = [int(shown("one").grades[name]) for name in order]
    words = " · ".join(f"{slot} {grade}" for slot, grade in zip("ABCD", grades, strict=True))
    assert desk.screen.index(f"Proposed: {words}") > told
    first, second, third = desk.people.verdicts()
    assert first.grades == shown("one").grades
    changed = presentation_for(desk.cases[1], "otter", "s").order[1]
    assert second.grades == {**shown("two").grades, changed: 1}
    assert [one.proposal for one in (first, second, third)] == [shown(name) for name in desk.case_ids]


def test_who_sees_none_reads_nothing_of_it(desk: Desk) -> None:
    """The control arm: no word about a language model or proposals on the screen, and `=` keeps nothing."""
    hidden = dict.fromkeys(desk.case_ids, Proposal(lot="1"))
    desk.sit(["1 2 3 4", "", "4 3 2 1", "1 1 1 1"], proposals=hidden)
    assert "ropos" not in desk.screen
    assert "language model" not in desk.screen
    assert [one.proposal for one in desk.people.verdicts()] == [Proposal(lot="1")] * 3
    plain = desk.said
    desk.table.unlink()
    desk.sit(["1 2 3 4", "", "4 3 2 1", "1 1 1 1"])
    assert desk.said == plain


def test_french(desk: Desk) -> None:
    """Texts, rules and questions in French, with the words PIRE and MEILLEURE."""
    desk.sit(["4 2 1 3", "o", "q"], language="fr", proposals={"one": shown("one")})
    for words in (
        "réponse a de one", "Que faire ?", "1 = PIRE … 4 = MEILLEURE", "Vos consignes : Utile",
        "Un modèle de langage (judge-x) a proposé", "MEILLEURE : A, PIRE : C", "Noté : A > D > B > C",
    ):  # fmt: skip
        assert words in desk.screen
    assert desk.people.verdicts()[0].cell.language == "fr"


def test_every_phrase_has_both_languages_and_the_same_gaps() -> None:
    """A gap that one language has, the other has."""
    import string

    def gaps(phrase: str, language: Language) -> set[str | None]:
        return {gap for _, gap, _, _ in string.Formatter().parse(PHRASES[phrase][language]) if gap}

    assert all(gaps(phrase, "fr") == gaps(phrase, "en") for phrase in PHRASES)


def test_texts_cannot_command_the_terminal(desk: Desk) -> None:
    """An escape sequence in a case is shown as a sign of its own."""
    from harness.annotate.screen import plain

    assert plain("a\x1b[2Jb\r\nc\td") == "a�[2Jb\nc    d"


def test_a_table_that_somebody_spoiled_is_told(desk: Desk) -> None:
    """Nothing is overwritten; the problem is named."""
    desk.table.write_text("session,annotator_id\n", encoding="utf-8")
    with pytest.raises(ImportFormatError, match="this column is missing"):
        desk.sit(["1 2 3 4"])
    assert desk.table.read_text(encoding="utf-8") == "session,annotator_id\n"


def test_a_table_has_a_kind(desk: Desk) -> None:
    """JSON lines work like CSV; other names are refused."""
    desk.table = desk.table.with_suffix(".jsonl")
    desk.sit(["4 2 1 3", "", "q"])
    assert len(desk.people.verdicts()) == 1
    desk.table = desk.table.with_suffix(".xlsx")
    with pytest.raises(HarnessError, match="name the table"):
        desk.sit(["4 2 1 3"])


def test_taking_back_the_only_case_leaves_no_table(desk: Desk) -> None:
    """A table without grades is no table."""
    desk.sit(["4 2 1 3", "", "u", "q"])
    assert not desk.table.exists()
