"""Where a session and its cases stand, and who may see what: pure functions of settings and state.

lobby -> cases -> [debrief] -> closing -> ended              the session
closed -> open -> locked -> class -> commentary -> [talk -> second] -> judges -> employer -> done   a case
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from harness.schema.classroom import (
    CASE_PHASES,
    STAGES,
    CasePhase,
    ClassSettings,
    ClassState,
    Stage,
    Vote,
)

MIN_SHOWN = 5
"""Fewer people than this, and a picture of the class would show what one of them said."""

Role = Literal["pupil", "projector", "teacher"]


class Answered(NamedTuple):
    """How many people graded at least one answer of a case, in each vote."""

    first: int
    second: int = 0
    half: int = 0
    """How many of the smaller half did in the first vote, where the class was split."""


class Sight(NamedTuple):
    """What somebody may be shown of one case now."""

    texts: bool
    """The user's message and the answers."""
    grades: bool
    """How the class graded: bars, consensus, agreement."""
    moved: bool
    """What talking changed."""
    commentary: bool
    judges: bool
    """What the judges said, under the employer of the class."""
    employer: bool
    """What they said under other employers."""
    split: bool
    """The two halves of the class beside each other, and that there are two."""


def start(settings: ClassSettings) -> ClassState:
    """The state of a session that has just begun: everybody waits, every case is closed."""
    return ClassState(
        case_id=settings.case_ids[0], phases=dict.fromkeys(settings.case_ids, "closed"), furthest={}
    )


def case_flow(settings: ClassSettings) -> tuple[CasePhase, ...]:
    """The phases of a case in this session, in order."""
    left_out = () if settings.second_vote else ("talk", "second")
    return tuple(phase for phase in CASE_PHASES if phase not in left_out)


def stage_flow(settings: ClassSettings) -> tuple[Stage, ...]:
    """The stages of this session, in order: a debrief only where the class was split."""
    split = len(settings.rulebooks) > 1
    return tuple(stage for stage in STAGES if stage != "debrief" or split)


def takes_grades(state: ClassState, case_id: str, vote: Vote) -> bool:
    """Whether a vote on this case is open."""
    wanted = "open" if vote == 1 else "second"
    return state.stage == "cases" and not state.debriefed and state.phases.get(case_id) == wanted


def may_see(role: Role, state: ClassState, case_id: str, answered: Answered) -> Sight:
    """What a role may be shown of a case.

    The class's grades stay hidden, from everybody, while fewer than MIN_SHOWN people answered; those of its
    halves, while that few of either did. The teacher sees them one step earlier than the class, and reads the
    commentary at any time.
    """
    reached = place(state.phases.get(case_id, "closed"))
    over = state.stage in ("closing", "ended")
    teacher = role == "teacher"
    enough = answered.first >= MIN_SHOWN
    split = state.debriefed and state.stage in ("debrief", "closing", "ended")
    return Sight(
        texts=teacher or over or reached >= place("open"),
        grades=enough and reached >= place("locked" if teacher else "class"),
        moved=enough and answered.second >= MIN_SHOWN and reached >= place("judges"),
        commentary=teacher or reached >= place("commentary"),
        judges=reached >= place("judges"),
        employer=reached >= place("employer"),
        split=split and answered.half >= MIN_SHOWN and reached >= place("locked"),
    )


def place(phase: CasePhase) -> int:
    """How far a case is, as a number that grows along its flow."""
    return CASE_PHASES.index(phase)
