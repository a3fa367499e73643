"""The cockpit as plain values: which button does what, which are possible now, how far each case is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.classroom.content import LessonContent
from harness.classroom.moves import advance, next_move
from harness.classroom.phases import MIN_SHOWN, case_flow, stage_flow
from harness.errors import MoveRefusedError
from harness.schema import Case
from harness.schema.classroom import (
    SCREENS,
    ClassSession,
    Front,
    Move,
    Next,
    SetPhase,
    SetStage,
    Show,
)


@dataclass(frozen=True)
class Choice:
    """One button of a row: its word's key, the move behind it, whether it is here or possible."""

    name: str
    move: dict[str, Any]
    current: bool
    possible: bool


@dataclass(frozen=True)
class CaseRow:
    """One case of the table."""

    number: int
    case: Case
    phase: str
    front: bool
    n: int
    n_complete: int
    n_second: int
    move: dict[str, Any]
    possible: bool


def cockpit_context(session: ClassSession, content: LessonContent, view: dict[str, Any]) -> dict[str, Any]:
    """Everything that the cockpit's template draws."""
    front = session.state.case_id or session.settings.case_ids[0]
    return {
        "session": session,
        "simulated": session.settings.simulated,
        "view": view,
        "rows": tuple(_rows(session, content, view)),
        "stages": tuple(_stages(session)),
        "phases": tuple(_phases(session, front)),
        "screens": tuple(_screens(session)),
        "next_key": _next_key(session),
        "next_case": _next_case(session, content),
        "front": content.case(front),
        "front_number": session.settings.case_ids.index(front) + 1,
        "rulebooks": content.rulebooks,
        "min_shown": MIN_SHOWN,
    }


def _rows(session: ClassSession, content: LessonContent, view: dict[str, Any]) -> Iterable[CaseRow]:
    for number, case in enumerate(content.cases, start=1):
        progress = view["progress"][case.case_id]
        to_front = Front(case_id=case.case_id)
        yield CaseRow(
            number=number,
            case=case,
            phase=session.state.phases[case.case_id],
            front=case.case_id == session.state.case_id,
            n=progress["1"]["n"],
            n_complete=progress["1"]["n_complete"],
            n_second=progress["2"]["n"],
            move=to_front.model_dump(mode="json"),
            possible=_possible(session, to_front),
        )


def _stages(session: ClassSession) -> Iterable[Choice]:
    for stage in stage_flow(session.settings):
        yield _choice(session, stage, SetStage(stage=stage), current=stage == session.state.stage)


def _phases(session: ClassSession, case_id: str) -> Iterable[Choice]:
    for phase in case_flow(session.settings):
        move = SetPhase(case_id=case_id, phase=phase)
        yield _choice(session, phase, move, current=phase == session.state.phases[case_id])


def _screens(session: ClassSession) -> Iterable[Choice]:
    for screen in SCREENS:
        yield _choice(session, screen, Show(screen=screen), current=screen == session.state.screen)


def _choice(session: ClassSession, name: str, move: Move, *, current: bool) -> Choice:
    possible = not current and _possible(session, move)
    return Choice(name, move.model_dump(mode="json"), current=current, possible=possible)


def _possible(session: ClassSession, move: Move) -> bool:
    try:
        advance(session.settings, session.state, move)
    except MoveRefusedError:
        return False
    return True


def _next_key(session: ClassSession) -> str | None:
    """The text that says what the large button does: `phase.class`, `stage.closing`, `front`, `open_all`."""
    if not _possible(session, Next()):
        return None
    move = next_move(session.settings, session.state)
    if isinstance(move, SetPhase):
        return f"phase.{move.phase}"
    if isinstance(move, SetStage):
        return f"stage.{move.stage}"
    return move.move


def _next_case(session: ClassSession, content: LessonContent) -> Case | None:
    """The case that the large button brings to the front."""
    if not _possible(session, Next()):
        return None
    move = next_move(session.settings, session.state)
    return content.case(move.case_id) if isinstance(move, Front) else None
