"""What was said in a lesson -> the figures of its screens. Pure: no store, no network, no clock.

A case whose grades or judges may not be shown yet is left out here, whatever a screen asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from harness.classroom.content import LessonContent
from harness.classroom.exporting import LessonRecord, lesson_manifest
from harness.classroom.judges import Judged
from harness.classroom.phases import MIN_SHOWN, Sight
from harness.classroom.said import Said
from harness.compare.class_judges import (
    Panel,
    employer_pairs,
    heat_picture,
    judges_picture,
    my_order,
    stability_picture,
)
from harness.compare.classroom import ClassGrades, case_picture, split_picture, talk_picture
from harness.compare.crowd import build_crowd
from harness.compare.estimates import generator
from harness.compare.map import opinion_map
from harness.compare.parts import build_components
from harness.compare.source import ComparisonSource, build_layout
from harness.report.classroom.class_screens import (
    agreement_figure,
    grades_figure,
    moved_figure,
    split_figure,
)
from harness.report.classroom.judge_screens import (
    heat_figure,
    judges_figure,
    my_order_figure,
    stability_figure,
)
from harness.report.classroom.sheet import BIG, SMALL, Sheet
from harness.report.classroom.showing import Showing
from harness.report.classroom.whole_screens import employer_figure, map_figure
from harness.report.figures.figure import Figure
from harness.report.voice import Voice
from harness.schema import (
    Components,
    Language,
    Localised,
    OpinionMap,
    ResolvedJudge,
    Rulebook,
    Undefined,
)
from harness.schema.class_pictures import EmployerPicture, MapPicture
from harness.schema.classroom import ClassSession, ClosingFigure, HandCount, Vote

Drawn = Literal["grades", "agreement", "judges", "heat", "map", "employer", "split", "stability", "moved"]
"""Every screen that is a figure."""
WHOLE: tuple[Drawn, ...] = ("heat", "map", "stability")
"""Screens of the whole session; the others are about one case."""


@dataclass(frozen=True)
class Lesson:
    """Everything that was said in a lesson, and what of it may be seen."""

    session: ClassSession
    content: LessonContent
    said: Said
    hands: tuple[HandCount, ...]
    panel: Panel
    """Its judges, as they are shown."""
    judges: tuple[ResolvedJudge, ...]
    rulebooks: Mapping[str, Rulebook]
    """Every rulebook that somebody judged by, where it is at hand."""
    sights: Mapping[str, Sight]
    published: tuple[ClosingFigure, ...] = ()
    """Agreement of professional annotators, to stand beside the class's."""

    @property
    def language(self) -> Language:
        """The language of the lesson."""
        return self.session.settings.language

    @property
    def rulebook_id(self) -> str:
        """The employer whose rules the judges are shown under."""
        return self.session.settings.rulebooks[0]

    def showing(self, sheet: Sheet) -> Showing:
        """How figures of this lesson are drawn."""
        books = (*self.rulebooks.values(), *self.content.rulebooks)
        titles: dict[str, Localised] = {book.rulebook_id: book.title for book in books}
        return Showing(
            sheet=sheet,
            voice=Voice(self.language, titles),
            n_grades=self.content.case_set.n_grades,
            cases={case.case_id: case.title for case in self.content.cases},
            answers=self.content.answers,
            simulated=self.session.settings.simulated,
        )

    def grades(self, case_id: str, vote: Vote = 1) -> ClassGrades:
        """The class's grades of a case, or nobody's where they may not be shown."""
        seen = self.sights[case_id].grades
        return self.said.grades(case_id, vote) if seen else self.said.nobody(case_id, vote)

    def half(self, case_id: str, rulebook_id: str) -> ClassGrades:
        """The grades of one half of a class, or nobody's before the class knows that it was split.

        The debrief may show cases whose grades the class has not come to otherwise.
        """
        seen = self.sights[case_id].split and len(self.session.settings.rulebooks) > 1
        return self.said.grades(case_id, 1, rulebook_id) if seen else self.said.nobody(case_id)

    @cached_property
    def judged_cases(self) -> tuple[ClassGrades, ...]:
        """Cases whose judges may be seen, with the class's grades."""
        return tuple(self.grades(name) for name, sight in self.sights.items() if sight.judges)

    @property
    def judged_panel(self) -> Panel:
        """The judges for screens of the whole session: nobody before the first of them may be seen."""
        return self.panel if self.judged_cases else Panel((), {})

    @cached_property
    def employed_cases(self) -> tuple[str, ...]:
        """Cases whose judgements under other employers may be seen."""
        return tuple(name for name, sight in self.sights.items() if sight.employer)


def figure(lesson: Lesson, screen: Drawn, case_id: str, sheet: Sheet = BIG) -> Figure:
    """Draw one screen; where there is nothing to draw, its title says why."""
    return _DRAW[screen](lesson, case_id, lesson.showing(sheet))


def my_figure(lesson: Lesson, pupil_id: str, case_id: str) -> Figure:
    """One pupil's order beside the class's, and the judges' where they may be seen."""
    seen = lesson.sights[case_id].judges
    panel = lesson.panel if seen else Panel((), {})
    found = lesson.grades(case_id) if lesson.sights[case_id].grades else own_grades(lesson, pupil_id, case_id)
    mine = my_order(found, pupil_id, panel, lesson.rulebook_id)
    return my_order_figure(mine, lesson.showing(SMALL))


def own_grades(lesson: Lesson, pupil_id: str, case_id: str) -> ClassGrades:
    """What one pupil said, alone: nobody else's grades may be shown."""
    found = lesson.said.grades(case_id)
    own = [place for place, name in enumerate(found.pupil_ids) if name == pupil_id]
    return replace(found, pupil_ids=(pupil_id,) * len(own), grades=found.grades[own])


def other_employer(lesson: Lesson) -> str | None:
    """The rulebook to set beside the employer's own: the other half's once the class knows of it."""
    own, others = lesson.rulebook_id, lesson.session.settings.rulebooks[1:]
    judged = lesson.panel.rulebook_ids
    known = [name for name in judged if name != own]
    if lesson.session.state.debriefed and others and others[0] in known:
        return others[0]
    hidden = set(others) if not lesson.session.state.debriefed else set()
    roles = {name: book.role for name, book in lesson.rulebooks.items()}
    treated = [name for name in known if roles.get(name) == "treatment" and name not in hidden]
    rest = [name for name in known if name not in hidden]
    return next(iter((*treated, *rest)), None)


# --- one screen each -----------------------------------------------------------------------------------


def _grades(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    hands = lesson.hands if lesson.sights[case_id].grades else ()
    return grades_figure(case_picture(lesson.grades(case_id), hands), showing)


def _agreement(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    return agreement_figure(case_picture(lesson.grades(case_id)), lesson.published, showing)


def _moved(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    before, after = lesson.grades(case_id), lesson.grades(case_id, 2)
    nobody = talk_picture(before, replace(after, pupil_ids=()))
    if not lesson.sights[case_id].moved:
        return moved_figure(nobody, showing)
    found = talk_picture(before, after)
    if found.moved.n >= MIN_SHOWN:
        return moved_figure(found, showing)
    # Enough voted in each vote, and too few in both: what those few changed would be theirs by name.
    moved = nobody.moved.model_copy(update={"n": found.moved.n})
    return moved_figure(nobody.model_copy(update={"moved": moved}), showing)


def _judges(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    panel = lesson.panel if lesson.sights[case_id].judges else Panel((), {})
    return judges_figure(judges_picture(lesson.grades(case_id), panel, lesson.rulebook_id), showing)


def _heat(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    del case_id
    picture = heat_picture(lesson.judged_cases, lesson.judged_panel, lesson.rulebook_id)
    return heat_figure(picture, lesson.rulebook_id, showing)


def _stability(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    del case_id
    picture = stability_picture(lesson.judged_cases, lesson.judged_panel, lesson.rulebook_id)
    return stability_figure(picture, showing)


def _employer(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    other = other_employer(lesson)
    rulebooks = (lesson.rulebook_id, other or lesson.rulebook_id)
    seen = lesson.sights[case_id].employer and other is not None
    pairs = employer_pairs(lesson.grades(case_id), lesson.panel, rulebooks) if seen else ()
    whole, why = _components(lesson, lesson.employed_cases)
    picture = EmployerPicture(
        case_id=case_id, rulebook_ids=rulebooks, pairs=pairs, whole=whole, undefined_because=why
    )
    return employer_figure(picture, showing)


def _split(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    names = lesson.session.settings.rulebooks
    first, second = (lesson.half(case_id, name) for name in (names[0], names[-1]))
    rng = generator(lesson.session.seed, "halves", case_id)
    return split_figure(split_picture(first, second, rng), showing)


def _map(lesson: Lesson, case_id: str, showing: Showing) -> Figure:
    del case_id
    heat = heat_picture(lesson.judged_cases, lesson.judged_panel, lesson.rulebook_id)
    found, why = _plane(lesson, [one.case_id for one in lesson.judged_cases])
    n_points = 0 if found is None else sum(point.kind in ("person", "judge") for point in found.points)
    picture = MapPicture(n=n_points, plane=found, undefined_because=why, nearest=heat.judges)
    return map_figure(picture, showing)


_DRAW: Mapping[Drawn, Callable[[Lesson, str, Showing], Figure]] = {
    "grades": _grades,
    "agreement": _agreement,
    "moved": _moved,
    "judges": _judges,
    "heat": _heat,
    "map": _map,
    "employer": _employer,
    "split": _split,
    "stability": _stability,
}


# --- over all cases that may be seen ---------------------------------------------------------------------


def _components(lesson: Lesson, case_ids: Iterable[str]) -> tuple[Components | None, Undefined | None]:
    """Model, rulebook, reaction, noise over the cases that may be seen; listwise judges first."""
    source = _source(lesson, case_ids)
    if source is None:
        return None, "not_measured"
    layout = build_layout(source)
    found = build_components(layout, build_crowd(source.people, layout.cases), 0)
    whole = next((one for one in found if any(share.share.value is not None for share in one.shares)), None)
    return whole, None if whole else "incomplete_grid"


def _plane(lesson: Lesson, case_ids: Iterable[str]) -> tuple[OpinionMap | None, Undefined | None]:
    """The map of pupils and of judges under the employer's rulebook."""
    source = _source(lesson, case_ids)
    if source is None:
        return None, "not_measured"
    own = tuple(one for one in source.verdicts if one.cell.rulebook_id == lesson.rulebook_id)
    layout = build_layout(replace(source, verdicts=own))
    found = opinion_map(layout, build_crowd(source.people, layout.cases))
    return found, found.undefined_because


def _source(lesson: Lesson, case_ids: Iterable[str]) -> ComparisonSource | None:
    shown = set(case_ids)
    verdicts = tuple(one for one in lesson.panel.verdicts if one.cell.case_id in shown)
    if not verdicts:
        return None
    people = lesson.said.verdicts(
        name for name in lesson.content.answers if name in shown and lesson.sights[name].grades
    )
    record = LessonRecord(lesson.session, lesson.content, people, ())
    return ComparisonSource(
        manifest=lesson_manifest(record, Judged(lesson.judges, verdicts)),
        cases=tuple(case for case in lesson.content.cases if case.case_id in shown),
        verdicts=verdicts,
        store_sha256="",
        people=people,
        rulebooks=tuple(lesson.rulebooks.values()),
    )
