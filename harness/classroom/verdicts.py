"""What pupils said, as ordinary verdicts: the same record as a judge's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.classroom.content import LessonContent
from harness.classroom.views import shown_order
from harness.schema import Cell, Presentation, RankedVerdict
from harness.schema.classroom import Ballot, ClassSession, Pupil


def people_verdicts(
    session: ClassSession, content: LessonContent, pupils: Iterable[Pupil], ballots: Iterable[Ballot]
) -> tuple[RankedVerdict, ...]:
    """One verdict per ballot in which something is graded, in the order of the ballots.

    Grades stay as entered; the phase of a verdict is the vote; its session keeps classes apart.
    """
    by_id = {pupil.pupil_id: pupil for pupil in pupils}
    return tuple(_verdict(session, content, by_id[one.pupil_id], one) for one in ballots if one.grades)


def _verdict(session: ClassSession, content: LessonContent, pupil: Pupil, ballot: Ballot) -> RankedVerdict:
    answer_ids = content.answers[ballot.case_id]
    cell = Cell(
        annotator_id=pupil.pupil_id,
        annotator_kind="person",
        case_id=ballot.case_id,
        rulebook_id=pupil.rulebook_id,
        language=session.settings.language,
        phase=ballot.vote,
        session=session.session_id,
        simulated=session.settings.simulated or pupil.simulated,
    )
    return RankedVerdict(
        cell=cell,
        grades={name: float(ballot.grades[name]) for name in answer_ids if name in ballot.grades},
        presentation=_presentation(shown_order(session, pupil, ballot.case_id, answer_ids), ballot),
        seconds=ballot.seconds,
    )


def _presentation(shown: Sequence[str], ballot: Ballot) -> Presentation | None:
    """Where the graded answers stood on the page: A on top. One answer alone has no order."""
    placed = [(name, _slot(place)) for place, name in enumerate(shown) if name in ballot.grades]
    if len(placed) < 2:
        return None
    return Presentation(order=tuple(name for name, _ in placed), slots=tuple(slot for _, slot in placed))


def _slot(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)
