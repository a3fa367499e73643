"""What each screen may know of a session, as plain JSON: nothing that its phase does not allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.classroom.cards import card_order
from harness.classroom.content import LessonContent
from harness.classroom.moves import next_move
from harness.classroom.phases import Answered, case_flow, may_see, stage_flow
from harness.classroom.store.base import ClassStore, Graded
from harness.errors import MoveRefusedError
from harness.schema.classroom import Ballot, ClassSession, HandCount, Pupil, Vote

View: TypeAlias = dict[str, Any]
"""JSON-able."""


@dataclass(frozen=True)
class Crowd:
    """How many there are, and how far they are."""

    pupils: tuple[Pupil, ...]
    graded: tuple[Graded, ...]
    hands: tuple[HandCount, ...]
    rulebooks: tuple[str, ...]

    def n_graded(self, case_id: str, vote: Vote, at_least: int = 1) -> int:
        """How many graded at least so many answers of a case."""
        found = (one for one in self.graded if one.case_id == case_id and one.vote == vote)
        return sum(one.n_pupils for one in found if one.n_graded >= at_least)

    def answered(self, case_id: str) -> Answered:
        """How many pupils answered; where nobody graded by device or sheet, how many hands went up."""
        first, second = self.n_graded(case_id, 1), self.n_graded(case_id, 2)
        return Answered(
            first or self._n_hands(case_id, 1),
            second or self._n_hands(case_id, 2),
            min(self._n_under(case_id, rulebook_id) for rulebook_id in self.rulebooks),
        )

    def _n_under(self, case_id: str, rulebook_id: str) -> int:
        found = (one for one in self.graded if one.case_id == case_id and one.vote == 1)
        return sum(one.n_pupils for one in found if one.rulebook_id == rulebook_id)

    def _n_hands(self, case_id: str, vote: Vote) -> int:
        counts = (one for one in self.hands if one.case_id == case_id and one.vote == vote)
        return max((sum(one.counts) for one in counts), default=0)


def read_crowd(store: ClassStore, session_id: str) -> Crowd:
    """Count a session's pupils and ballots."""
    rulebooks = store.session(session_id).settings.rulebooks
    return Crowd(store.pupils(session_id), store.graded(session_id), store.hands(session_id), rulebooks)


def pupil_view(
    session: ClassSession, content: LessonContent, pupil: Pupil, ballots: Iterable[Ballot]
) -> View:
    """What one pupil may know now."""
    settings, state = session.settings, session.state
    return {
        "session_id": session.session_id,
        "version": state.version,
        "stage": state.stage,
        "simulated": settings.simulated,
        "pseudonym": {"animal": pupil.animal, "number": pupil.animal_number},
        "rulebook_id": pupil.rulebook_id,
        "front": state.case_id,
        "phases": dict(state.phases),
        "cards": {
            case_id: list(shown_order(session, pupil, case_id, answer_ids))
            for case_id, answer_ids in content.answers.items()
        },
        "ballots": [
            {"case_id": one.case_id, "vote": one.vote, "grades": dict(one.grades)} for one in ballots
        ],
        "second_vote": settings.second_vote,
    }


def shown_order(
    session: ClassSession, pupil: Pupil, case_id: str, answer_ids: tuple[str, ...]
) -> tuple[str, ...]:
    """The order in which a pupil's page shows the answers of a case; on paper, the file's own."""
    if not session.settings.shuffle_cards or pupil.entry in ("code", "sheet"):
        return answer_ids
    return card_order(answer_ids, session.seed, pupil.number, case_id)


def projector_view(session: ClassSession, content: LessonContent, crowd: Crowd) -> View:
    """What the projector may know: where the session stands, how far people are, what may be drawn."""
    settings, state = session.settings, session.state
    return {
        "session_id": session.session_id,
        "code": session.code,
        "language": settings.language,
        "simulated": settings.simulated,
        "version": state.version,
        "stage": state.stage,
        "screen": state.screen,
        "case_id": state.case_id,
        "cases": list(settings.case_ids),
        "phases": dict(state.phases),
        "n_pupils": len(crowd.pupils),
        "progress": _progress(content, crowd),
        "sight": {
            case_id: may_see("projector", state, case_id, crowd.answered(case_id))._asdict()
            for case_id in settings.case_ids
        },
    }


def teacher_view(session: ClassSession, content: LessonContent, crowd: Crowd) -> View:
    """What the cockpit shows; the seed stays here."""
    settings, state = session.settings, session.state
    return {
        **projector_view(session, content, crowd),
        "title": settings.title,
        "settings": settings.model_dump(mode="json"),
        "created_at": session.created_at,
        "expires_at": session.expires_at,
        "debriefed": state.debriefed,
        "case_flow": list(case_flow(settings)),
        "stage_flow": list(stage_flow(settings)),
        "next": _next(session),
        "n_by_rulebook": _by_rulebook(session, crowd),
        "n_by_entry": _by_entry(crowd),
        "hands": [one.model_dump(mode="json") for one in crowd.hands],
        "sight": {
            case_id: may_see("teacher", state, case_id, crowd.answered(case_id))._asdict()
            for case_id in settings.case_ids
        },
    }


def _progress(content: LessonContent, crowd: Crowd) -> View:
    votes: tuple[Vote, ...] = (1, 2)
    return {
        case_id: {
            str(vote): {
                "n": crowd.n_graded(case_id, vote),
                "n_complete": crowd.n_graded(case_id, vote, len(answer_ids)),
            }
            for vote in votes
        }
        for case_id, answer_ids in content.answers.items()
    }


def _next(session: ClassSession) -> View | None:
    try:
        return next_move(session.settings, session.state).model_dump(mode="json")
    except MoveRefusedError:
        return None


def _by_rulebook(session: ClassSession, crowd: Crowd) -> Mapping[str, int]:
    found = [pupil.rulebook_id for pupil in crowd.pupils]
    return {rulebook_id: found.count(rulebook_id) for rulebook_id in session.settings.rulebooks}


def _by_entry(crowd: Crowd) -> Mapping[str, int]:
    found = [pupil.entry for pupil in crowd.pupils]
    return {entry: found.count(entry) for entry in sorted(set(found))}
