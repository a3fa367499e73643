"""Sheets of paper: blank ones for a class without devices, and what a pupil takes home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.classroom.assets import asset
from harness.classroom.content import LessonContent
from harness.classroom.file_edition import inlined, source_hash
from harness.classroom.pupil_pages import letters_of, shown_case, shown_rulebook
from harness.classroom.rendering import render
from harness.classroom.texts import words
from harness.report.figures.figure import Figure
from harness.schema import Case, Language
from harness.schema.classroom import ClassSession, ClassSettings

_STYLES = ("base.css", "sheet.css")


def blank_sheets(
    settings: ClassSettings, content: LessonContent, language: Language, *, standalone: bool = True
) -> str:
    """Render the sheets that a class without devices fills in, one for each rulebook, two pages of A4 each.

    `standalone` carries its style within; a page of the server, whose policy forbids that, links to it.
    """
    style = inlined("".join(asset(name).content.decode() for name in _STYLES))
    return render(
        "sheet.html.j2",
        language,
        simulated=settings.simulated,
        standalone=standalone,
        style=style,
        style_hash=source_hash(style),
        cases=[shown_case(case, language) for case in content.cases],
        n_grades=content.case_set.n_grades,
        rulebooks=[shown_rulebook(book, language) for book in content.rulebooks],
    )


def own_sheet(
    session: ClassSession,
    view: Mapping[str, Any],
    cases: Sequence[Case],
    beside: Mapping[str, Figure | None],
) -> str:
    """Render what a pupil takes home: own orders, and beside them the class and the judges where shown.

    `beside` holds, by case, the figure of the pupil's order beside the others; None: not shown yet.
    """
    language = session.settings.language
    rows = [
        {
            "title": case.title[language],
            "message": case.message[language],
            "order": order_words(case, _grades(view, case.case_id), language),
            "beside": beside.get(case.case_id),
        }
        for case in cases
    ]
    name = words(language).pseudonym(view["pseudonym"]["animal"], view["pseudonym"]["number"])
    return render(
        "own_sheet.html.j2",
        language,
        simulated=session.settings.simulated,
        name=name,
        cases=rows,
        back=f"/p/{session.session_id}#recap",
    )


def order_words(case: Case, grades: Mapping[str, int], language: Language) -> str:
    """Say an order in letters, best first, ties with `=`: "A = D > C > B"."""
    letters = letters_of(case)
    tiers = [
        " = ".join(sorted(letters[answer_id] for answer_id, grade in grades.items() if grade == level))
        for level in sorted(set(grades.values()), reverse=True)
    ]
    return " > ".join(tiers) or words(language)("sheet.nothing")


def _grades(view: Mapping[str, Any], case_id: str) -> Mapping[str, int]:
    """The last vote of a pupil on a case."""
    votes = [one for one in view["ballots"] if one["case_id"] == case_id and one["grades"]]
    latest: Mapping[str, int] = max(votes, key=lambda one: one["vote"])["grades"] if votes else {}
    return latest
