"""The edition in one file: a lesson without a server, from a USB stick or a school's portal.

The file holds the pupil's page and the teacher's reading of reply codes; it asks for nothing, and its content
security policy forbids it to. It holds no commentary and no result, because every pupil has the whole file.
For the same reason each half of a class gets a file of its own, with its own rules alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from markupsafe import Markup

from harness.classroom.assets import asset
from harness.classroom.codes import ALPHABET
from harness.classroom.content import LessonContent
from harness.classroom.phases import MIN_SHOWN
from harness.classroom.pupil_pages import n_answers, page_case, shown_case, shown_rulebook
from harness.classroom.rendering import render
from harness.classroom.replycodes import CodeFrame, frame_of
from harness.schema import Language
from harness.schema.classroom import ClassSettings

_SCRIPT = "file.js"
_STYLES = ("base.css", "pupil.css", "file.css")
_END_OF_BLOCK = re.compile(r"</(?=script|style)|<!--", re.IGNORECASE)


def build_files(settings: ClassSettings, content: LessonContent, language: Language) -> dict[str, str]:
    """Render a lesson as what is handed out: one page, or one for each half and one that reads their codes.

    The names are what to put before `.html`: nothing for the only page, else `-1`, `-2` and `-teacher`.
    """
    whole = build_file(settings, content, language)
    if len(content.rulebooks) < 2:
        return {"": whole}
    halves = (build_file(settings, content, language, half) for half in range(len(content.rulebooks)))
    return {f"-{number}": page for number, page in enumerate(halves, start=1)} | {"-teacher": whole}


def build_file(
    settings: ClassSettings, content: LessonContent, language: Language, half: int | None = None
) -> str:
    """Render a whole lesson as one HTML page that needs nothing else.

    With `half`, the page of that half of the class: its own rules alone, and no reading of codes.
    """
    books = content.rulebooks if half is None else content.rulebooks[half : half + 1]
    style = inlined("".join(asset(name).content.decode() for name in _STYLES))
    script = inlined(asset(_SCRIPT).content.decode())
    shown = [shown_case(case, language) for case in content.cases]
    return render(
        "pupil.html.j2",
        language,
        edition="file",
        simulated=settings.simulated,
        cases=shown,
        n_grades=content.case_set.n_grades,
        n_answers=n_answers(content.cases),
        rulebooks=[shown_rulebook(book, language) for book in books],
        reads_codes=half is None,
        second_vote=settings.second_vote,
        style=style,
        style_hash=source_hash(style),
        script=script,
        script_hash=source_hash(script),
        page_data=_page_data(settings, content, language, half),
    )


def frame(content: LessonContent) -> CodeFrame:
    """What the reply codes of this lesson are about, for reading them on the server."""
    rulebooks = [book.rulebook_id for book in content.rulebooks]
    return frame_of(content.case_set.set_id, content.case_set.n_grades, content.cases, rulebooks)


def _page_data(
    settings: ClassSettings, content: LessonContent, language: Language, half: int | None
) -> dict[str, Any]:
    codes = frame(content)
    # A code says which half by the place in this list; what the other half has is nowhere in the page.
    known = [name if half in (None, place) else "" for place, name in enumerate(codes.rulebooks)]
    titles = {book.rulebook_id: book.title[language] for book in content.rulebooks}
    cases = [shown_case(case, language) for case in content.cases]
    return {
        "language": language,
        "n_grades": codes.n_grades,
        "cases": [page_case(case) | {"title": case["title"]} for case in cases],
        "alphabet": ALPHABET,
        "digest": codes.digest,
        "rulebooks": known,
        "rulebook_titles": titles if half is None else {},
        "shuffle": settings.shuffle_cards,
        "min_shown": MIN_SHOWN,
    }


def inlined(source: str) -> Markup:
    """Our own style or script as it may stand in a page; nothing in it may end the block it stands in."""
    found = _END_OF_BLOCK.search(source)
    if found:
        raise ValueError(f"{found[0]!r} would end the block in which this stands: spell it in two parts")
    return Markup(source)  # noqa: S704 - files of this package


def source_hash(source: str) -> Markup:
    """The source of a content security policy that allows exactly this style or script."""
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return Markup(f"'sha256-{digest}'")  # noqa: S704 - base64
