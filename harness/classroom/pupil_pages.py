"""The pupil's page: every case of the lesson in this pupil's order, this pupil's rules, and no result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.classroom.rendering import render
from harness.classroom.texts import words
from harness.report.typography import typeset
from harness.schema import Case, CaseSet, Language, Rulebook
from harness.schema.classroom import ClassSession

if TYPE_CHECKING:
    from harness.classroom.pictures import PupilCase

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def pupil_page(
    session: ClassSession,
    view: Mapping[str, Any],
    case_set: CaseSet,
    cases: Sequence[Case],
    rulebook: Rulebook,
) -> str:
    """Render the page of one pupil, with all that the pupil may know now."""
    language = session.settings.language
    shown = [shown_case(case, language, view["cards"][case.case_id]) for case in cases]
    name = words(language).pseudonym(view["pseudonym"]["animal"], view["pseudonym"]["number"])
    return render(
        "pupil.html.j2",
        language,
        edition="server",
        simulated=session.settings.simulated,
        name=name,
        session_id=session.session_id,
        cases=shown,
        n_grades=case_set.n_grades,
        n_answers=n_answers(cases),
        rulebooks=[shown_rulebook(rulebook, language)],
        second_vote=session.settings.second_vote,
        page_data={
            "session": session.session_id,
            "language": language,
            "n_grades": case_set.n_grades,
            "cases": [page_case(case) for case in shown],
            "view": dict(view),
        },
    )


def n_answers(cases: Sequence[Case]) -> int:
    """How many grades a whole lesson has."""
    return sum(len(case.answers) for case in cases)


def shown_case(case: Case, language: Language, order: Sequence[str] | None = None) -> dict[str, Any]:
    """What a page shows of a case: its letters stay with the answers, whatever the order of the cards."""
    letters = letters_of(case)
    by_id = {answer.answer_id: answer for answer in case.answers}
    return {
        "case_id": case.case_id,
        "title": case.title[language],
        "message": case.message[language],
        "answers": [
            {"answer_id": name, "letter": letters[name], "text": by_id[name].text[language]}
            for name in order or by_id
        ],
    }


def letters_of(case: Case) -> dict[str, str]:
    """The letter of each answer, by its place in the file."""
    return {answer.answer_id: LETTERS[place % 26] for place, answer in enumerate(case.answers)}


def page_case(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script knows of a case: no texts."""
    answers = [{"id": one["answer_id"], "letter": one["letter"]} for one in shown["answers"]]
    return {"id": shown["case_id"], "answers": sorted(answers, key=lambda one: LETTERS.index(one["letter"]))}


def shown_rulebook(rulebook: Rulebook, language: Language) -> dict[str, Any]:
    """What a pupil reads of the rules; the rulebook's title would give away that there are others."""
    return {
        "rulebook_id": rulebook.rulebook_id,
        "preamble": typeset(rulebook.preamble["base"][language], language),
        "rules": [
            {"number": rule.number, "text": typeset(rule.text["base"][language], language)}
            for rule in rulebook.rules
        ],
    }


def case_fragment(shown: PupilCase, language: Language) -> str:
    """Render what a pupil may see of a case by now: the own order beside others, bars, commentary, judges."""
    return render("fragments/case.html.j2", language, shown=shown)


def debrief_fragment(rulebooks: Sequence[Rulebook], own_id: str, language: Language) -> str:
    """Render both employers' rules, once the class may know that there are two."""
    books = [
        {
            **shown_rulebook(book, language),
            "title": book.title[language],
            "summary": book.summary[language],
        }
        for book in rulebooks
    ]
    return render("fragments/debrief.html.j2", language, rulebooks=books, own_id=own_id)
