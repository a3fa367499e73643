"""The wall: which pages there are to show now, and one of them as HTML. It follows the lesson.

The arrow keys of the projector leaf through the pages of the present moment, each a picture that the phase
allows; whenever the teacher moves the lesson, the wall goes back to the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from harness.classroom.closing import ShownClosing
from harness.classroom.phases import MIN_SHOWN
from harness.classroom.rendering import render
from harness.classroom.scenes import WHOLE, Drawn, Lesson, figure
from harness.classroom.texts import words
from harness.report.classroom.sheet import BIG
from harness.report.figures.figure import Figure
from harness.report.typography import typeset
from harness.schema import Language, Rulebook
from harness.schema.classroom import CasePhase, ClassState

_OF_PHASE: Mapping[CasePhase, tuple[str, ...]] = {
    "closed": ("rules",),
    "open": ("progress", "rules"),
    "locked": ("locked",),
    "class": ("grades", "agreement"),
    "commentary": ("commentary", "grades", "agreement"),
    "talk": ("talk",),
    "second": ("second",),
    "judges": ("judges", "moved", "heat", "stability", "map"),
    "employer": ("employer", "judges"),
    "done": ("heat", "map", "stability", "grades", "judges", "employer"),
}
"""What the wall shows of the case in front, first page first, when the teacher chose nothing else."""
_NEEDS: Mapping[str, str] = {
    "grades": "grades",
    "agreement": "grades",
    "moved": "moved",
    "judges": "judges",
    "heat": "judges",
    "map": "judges",
    "stability": "judges",
    "employer": "employer",
    "split": "split",
    "commentary": "commentary",
}
_TEMPLATES = {
    "locked": "progress",
    "second": "progress",
    "talk": "words",
    "few": "words",
    "commentary": "words",
    "ended": "words",
}


@dataclass(frozen=True)
class Page:
    """One page of the wall: what it is, of which case, and which part of a text."""

    kind: str
    case_id: str | None = None
    part: int = 0

    @property
    def template(self) -> str:
        """The file that lays it out."""
        return _TEMPLATES.get(self.kind, "figure" if self.is_figure else self.kind)

    @property
    def is_figure(self) -> bool:
        """Whether it is drawn from what the class and the judges said."""
        return self.kind in _NEEDS and self.kind != "commentary"


@dataclass(frozen=True)
class Wall:
    """Everything that a page may need beside the lesson itself."""

    view: Mapping[str, Any]
    """What the projector may know (`Lessons.projector_view`)."""
    join_url: str
    qr: Callable[[str], str]
    closing: Callable[[], ShownClosing]
    draw: Callable[[Drawn, str], Figure] | None = None
    """Draws a screen, or takes it from where it was kept; None = draw it now."""


def state_of(state: ClassState) -> str:
    """A word that changes when the teacher moves the lesson, and not while people answer."""
    return str(state.version)


def pages(lesson: Lesson, n_parts: int = 0) -> tuple[Page, ...]:
    """What the wall can show now, first page first; never empty."""
    state, settings = lesson.session.state, lesson.session.settings
    front = state.case_id or settings.case_ids[0]
    if state.screen != "auto":
        chosen = _halves(lesson) if state.screen == "split" else _seen(lesson, (state.screen,), front)
        return chosen or (Page("few", front),)
    if state.stage in ("lobby", "ended"):
        return (Page(state.stage),)
    if state.stage == "closing":
        return (*(Page("closing", part=number) for number in range(n_parts)), Page("payslip"))
    if state.stage == "debrief":
        return (Page("debrief"), *_halves(lesson))
    asked = _OF_PHASE[state.phases[front]]
    if len(settings.rulebooks) > 1:
        # Each half has rules of its own and does not know it: the wall shows neither.
        asked = tuple(kind for kind in asked if kind != "rules") or ("progress",)
    return _seen(lesson, asked, front) or (Page("few", front),)


def _halves(lesson: Lesson) -> tuple[Page, ...]:
    """The two halves beside each other, for each case of which they may be seen."""
    names = lesson.session.settings.case_ids
    return tuple(Page("split", name) for name in names if lesson.sights[name].split)


def _seen(lesson: Lesson, kinds: tuple[str, ...], front: str) -> tuple[Page, ...]:
    return tuple(Page(kind, front) for kind in kinds if _is_seen(lesson, kind, front))


def _is_seen(lesson: Lesson, kind: str, front: str) -> bool:
    if kind not in _NEEDS:
        return True
    needed = _NEEDS[kind]
    if kind in WHOLE:
        return any(getattr(sight, needed) for sight in lesson.sights.values())
    if kind == "employer" and not lesson.panel.verdicts:
        return False
    return bool(getattr(lesson.sights[front], needed))


def render_page(lesson: Lesson, wall: Wall, number: int) -> str:
    """One page as HTML; a number beyond the last gives the last."""
    closing = wall.closing() if lesson.session.state.stage == "closing" else None
    found = pages(lesson, len(closing.parts) if closing else 0)
    number = min(max(number, 0), len(found) - 1)
    page = found[number]
    return render(
        "projector_screen.html.j2",
        lesson.session.settings.language,
        page=page,
        number=number,
        n_pages=len(found),
        state=state_of(lesson.session.state),
        view=wall.view,
        case=_case_head(lesson, page),
        qr=wall.qr,
        join_url=wall.join_url,
        **{"figure": None, "csv_url": None, **_content(lesson, wall, page, closing)},
    )


def _content(lesson: Lesson, wall: Wall, page: Page, closing: ShownClosing | None) -> dict[str, Any]:
    if page.is_figure:
        return _figure_content(lesson, wall, page)
    if closing is not None and page.kind == "payslip":
        return {"slip": closing.slip}
    if closing is not None and page.kind == "closing":
        return {"part": closing.parts[page.part], "closing": closing}
    return _CONTENT[page.kind](lesson, wall, page)


def _figure_content(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    screen: Drawn = page.kind  # type: ignore[assignment]
    case_id = page.case_id or ""
    found = wall.draw(screen, case_id) if wall.draw else figure(lesson, screen, case_id, BIG)
    query = urlencode({"case_id": case_id})
    csv_url = f"/api/{lesson.session.session_id}/figure/{screen}.csv?{query}"
    return {"figure": found, "csv_url": csv_url}


def _case_head(lesson: Lesson, page: Page) -> dict[str, Any] | None:
    if page.case_id is None or page.kind in WHOLE:
        return None
    order = lesson.session.settings.case_ids
    case, language = lesson.content.case(page.case_id), lesson.session.settings.language
    return {"number": order.index(page.case_id) + 1, "n": len(order), "title": _local(case.title, language)}


def _lobby(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del lesson, page
    scheme, _, rest = wall.join_url.partition("://")
    host = rest.split("/")[0]
    return {"short_url": host if scheme in ("http", "https") else wall.join_url}


def _rules(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall, page
    language = lesson.session.settings.language
    return {"book": book_words(lesson.content.rulebook(lesson.rulebook_id), language)}


def _progress(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    """How many are done: with the case in front, or with every case where all are open at once."""
    said, settings = words(lesson.session.settings.language), lesson.session.settings
    phases = lesson.session.state.phases
    opened = [name for name in settings.case_ids if phases[name] == "open"]
    whole = page.kind == "progress" and len(opened) > 1
    vote = "2" if page.kind == "second" else "1"
    shown = opened if whole else [page.case_id or settings.case_ids[0]]
    lines = []
    for name in shown:
        done, number = wall.view["progress"][name][vote]["n_complete"], settings.case_ids.index(name) + 1
        key = "projector.second_one" if vote == "2" else "projector.open_one"
        text = (
            said("projector.open_line", done=done, all=wall.view["n_pupils"], number=number)
            if whole
            else said(key, number=number)
        )
        lines.append({"n": done, "words": text})
    titles = {"progress": "projector.open_title", "second": "projector.second_title"}
    title = titles.get(page.kind, "projector.locked_title")
    return {"headline": said(title, k=lesson.content.case_set.n_grades), "lines": lines}


def _talk(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall, page
    return _paragraphs(lesson, "projector.talk_title", "projector.talk_1", "projector.talk_2")


def _few(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall, page
    said = words(lesson.session.settings.language)
    return {
        "headline": said("projector.few_title", n=MIN_SHOWN),
        "paragraphs": [said("projector.few_1")],
    }


def _commentary(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall
    language = lesson.session.settings.language
    case, said = lesson.content.case(page.case_id or ""), words(language)
    title = said("projector.commentary_title")
    if case.conflict:
        title = said("projector.commentary_of", conflict=_local(case.conflict, language))
    return {"headline": title, "paragraphs": [_local(case.commentary, language)] if case.commentary else []}


def _debrief(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall, page
    language = lesson.session.settings.language
    counted = lesson.said.n_by_rulebook()
    books = [
        {**book_words(lesson.content.rulebook(name), language), "n": counted[name]}
        for name in lesson.session.settings.rulebooks
    ]
    return {"books": books}


def _ended(lesson: Lesson, wall: Wall, page: Page) -> dict[str, Any]:
    del wall, page
    return _paragraphs(lesson, "projector.ended_title", "projector.ended_1")


def _paragraphs(lesson: Lesson, title: str, *keys: str) -> dict[str, Any]:
    said = words(lesson.session.settings.language)
    return {"headline": said(title), "paragraphs": [said(key) for key in keys]}


_CONTENT: Mapping[str, Callable[[Lesson, Wall, Page], dict[str, Any]]] = {
    "lobby": _lobby,
    "rules": _rules,
    "progress": _progress,
    "locked": _progress,
    "second": _progress,
    "talk": _talk,
    "few": _few,
    "commentary": _commentary,
    "debrief": _debrief,
    "ended": _ended,
}


def book_words(book: Rulebook, language: Language) -> dict[str, Any]:
    """A rulebook in one language, base wording."""
    return {
        "title": _local(book.title, language),
        "summary": _local(book.summary, language),
        "preamble": _local(book.preamble["base"], language),
        "rules": [
            {"number": rule.number, "text": _local(rule.text["base"], language)} for rule in book.rules
        ],
    }


def _local(text: Mapping[Language, str], language: Language) -> str:
    return typeset(text[language], language) if language in text else next(iter(text.values()))
