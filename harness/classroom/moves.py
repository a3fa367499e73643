"""Which moves a teacher may make, and what becomes of the state: pure functions.

Once the class's grades were shown, a case may skip what a lesson leaves out; and it may always go back.
What was seen is not unseen: `furthest` keeps how far a case ever was, and no vote is taken after what it must
not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.classroom.phases import case_flow, place, stage_flow
from harness.errors import MoveRefusedError
from harness.schema.classroom import (
    CasePhase,
    ClassSettings,
    ClassState,
    Front,
    Move,
    Next,
    OpenAll,
    Screen,
    SetPhase,
    SetStage,
    Show,
)


def next_move(settings: ClassSettings, state: ClassState) -> Move:
    """The move behind the large button: the next phase of the case in front, the next case, the next stage.

    Raises
    ------
    MoveRefusedError
        The session has ended.
    """
    if state.stage == "lobby":
        return OpenAll()
    if state.stage == "cases":
        return _next_case_move(settings, state)
    flow = stage_flow(settings)
    if state.stage == flow[-1]:
        raise MoveRefusedError("ended", "the session has ended: nothing comes after that")
    return SetStage(stage=flow[flow.index(state.stage) + 1])


def advance(settings: ClassSettings, state: ClassState, move: Move) -> ClassState:
    """The state after a move, one version later.

    Raises
    ------
    MoveRefusedError
        The move is not possible from here; the message says what is.
    """
    if isinstance(move, Next):
        move = next_move(settings, state)
    changed = _MOVES[type(move)](settings, state, move)
    return changed.model_copy(update={"version": state.version + 1})


def step_back(state: ClassState, previous: ClassState) -> ClassState:
    """The state before the last move, as a version of its own; what was seen since stays seen.

    Raises
    ------
    MoveRefusedError
        The way back would open a vote again after what it must not know was shown.
    """
    furthest = {
        case_id: max(
            state.furthest.get(case_id, "closed"), previous.furthest.get(case_id, "closed"), key=place
        )
        for case_id in state.phases
    }
    back = previous.model_copy(
        update={
            "version": state.version + 1,
            "furthest": furthest,
            "debriefed": state.debriefed or previous.debriefed,
        }
    )
    for case_id, phase in back.phases.items():
        if phase != state.phases[case_id]:
            _refuse_reopening(back, case_id, phase)
    return back


# --- moves -------------------------------------------------------------------------------------------


def _set_stage(settings: ClassSettings, state: ClassState, move: SetStage) -> ClassState:
    flow = stage_flow(settings)
    if move.stage not in flow:
        raise MoveRefusedError("no_split", "the class was not split: there is nothing to debrief")
    if move.stage == state.stage:
        raise MoveRefusedError("already", f"the session is in the stage '{move.stage}' already")
    if move.stage == "lobby":
        raise MoveRefusedError("lobby", "nobody goes back to the lobby: a new class needs a new session")
    if "debrief" in flow and move.stage in ("closing", "ended") and not state.debriefed:
        words = "half of the class had another employer and does not know: the debrief comes first"
        raise MoveRefusedError("debrief_first", words)
    forward = flow.index(move.stage) - flow.index(state.stage)
    if forward > 1 and not (move.stage == "ended" and state.stage == "cases"):
        raise MoveRefusedError("stage_order", f"'{flow[flow.index(state.stage) + 1]}' comes first")
    changed = state if move.stage == "cases" else _lock_all(state)
    debriefed = state.debriefed or move.stage == "debrief"
    return changed.model_copy(update={"stage": move.stage, "debriefed": debriefed, "screen": "auto"})


def _open_all(settings: ClassSettings, state: ClassState, _: OpenAll) -> ClassState:
    if state.stage not in ("lobby", "cases") or state.debriefed:
        raise MoveRefusedError("too_late", "the class has been through its cases: no case opens any more")
    closed = [case_id for case_id in settings.case_ids if state.phases[case_id] == "closed"]
    if not closed:
        raise MoveRefusedError("already", "every case is open already, or past that")
    return _with_phases(state, dict.fromkeys(closed, "open")).model_copy(update={"stage": "cases"})


def _set_phase(settings: ClassSettings, state: ClassState, move: SetPhase) -> ClassState:
    _refuse_stranger(settings, move.case_id)
    if state.stage != "cases":
        raise MoveRefusedError("not_cases", "phases change while the class is at its cases")
    flow = case_flow(settings)
    if move.phase not in flow:
        raise MoveRefusedError("no_second_vote", "this session has no second vote")
    here, there = flow.index(state.phases[move.case_id]), flow.index(move.phase)
    _refuse_leap(flow, here, there)
    _refuse_reopening(state, move.case_id, move.phase)
    changed = _with_phases(state, {move.case_id: move.phase})
    return changed.model_copy(update={"case_id": move.case_id, "screen": "auto"})


def _front(settings: ClassSettings, state: ClassState, move: Front) -> ClassState:
    _refuse_stranger(settings, move.case_id)
    return state.model_copy(update={"case_id": move.case_id, "screen": "auto"})


def _show(settings: ClassSettings, state: ClassState, move: Show) -> ClassState:
    if not _may_show(settings, state, move.screen):
        words = f"the picture '{move.screen}' would show what this case has not come to yet"
        raise MoveRefusedError("screen_too_early", words)
    return state.model_copy(update={"screen": move.screen})


_MOVES: Mapping[type[object], Callable[..., ClassState]] = {
    SetStage: _set_stage,
    OpenAll: _open_all,
    SetPhase: _set_phase,
    Front: _front,
    Show: _show,
}


# --- what is refused -----------------------------------------------------------------------------------

_MUST_NOT_KNOW: Mapping[CasePhase, CasePhase] = {"open": "class", "second": "judges"}
"""Phases that take a vote, and what must not have been shown before."""

_SHOWN_FROM: Mapping[Screen, CasePhase] = {
    "auto": "closed",
    "grades": "class",
    "agreement": "class",
    "moved": "judges",
    "judges": "judges",
    "heat": "judges",
    "map": "judges",
    "stability": "judges",
    "employer": "employer",
}


def _may_show(settings: ClassSettings, state: ClassState, screen: Screen) -> bool:
    if screen == "split":
        return state.debriefed and state.stage != "cases"
    if screen == "moved" and not settings.second_vote:
        return False
    front = state.phases.get(state.case_id or "", "closed")
    return place(front) >= place(_SHOWN_FROM[screen])


def _refuse_stranger(settings: ClassSettings, case_id: str) -> None:
    if case_id not in settings.case_ids:
        raise MoveRefusedError("no_case", f"this session has no case '{case_id}'")


def _refuse_leap(flow: tuple[CasePhase, ...], here: int, there: int) -> None:
    if here == there:
        raise MoveRefusedError("already", f"the case is in the phase '{flow[here]}' already")
    opened = flow.index("class")
    if there > here + 1 and here < opened:
        raise MoveRefusedError("phase_order", f"'{flow[here + 1]}' comes first")


def _refuse_reopening(state: ClassState, case_id: str, phase: CasePhase) -> None:
    if _votes_too_late(state, case_id, phase):
        words = f"'{phase}' of '{case_id}' cannot open any more: what a vote must not know was shown"
        raise MoveRefusedError("shown_already", words)


def _votes_too_late(state: ClassState, case_id: str, phase: CasePhase) -> bool:
    """Whether a phase takes a vote, and the class has seen its grades, the judges, or the debrief already."""
    known = _MUST_NOT_KNOW.get(phase)
    if known is None:
        return False
    return state.debriefed or place(state.furthest.get(case_id, "closed")) >= place(known)


# --- small steps ---------------------------------------------------------------------------------------


def _next_case_move(settings: ClassSettings, state: ClassState) -> Move:
    front = state.case_id or settings.case_ids[0]
    later = _next_phase(settings, state, front)
    if later is not None:
        return SetPhase(case_id=front, phase=later)
    left = [case_id for case_id in settings.case_ids if _next_phase(settings, state, case_id) is not None]
    if left:
        return Front(case_id=left[0])
    stages = stage_flow(settings)
    return SetStage(stage=stages[stages.index("cases") + 1])


def _next_phase(settings: ClassSettings, state: ClassState, case_id: str) -> CasePhase | None:
    """The next phase of a case, passing over a vote that comes too late; None when it is through."""
    flow = case_flow(settings)
    here = flow.index(state.phases[case_id])
    later = [phase for phase in flow[here + 1 :] if not _votes_too_late(state, case_id, phase)]
    # a case that was never opened stays closed once voting is over
    return None if not later or (state.phases[case_id] == "closed" and later[0] != "open") else later[0]


def _with_phases(state: ClassState, phases: Mapping[str, CasePhase]) -> ClassState:
    furthest = {
        case_id: max(state.furthest.get(case_id, "closed"), phase, key=place)
        for case_id, phase in phases.items()
    }
    return state.model_copy(
        update={"phases": {**state.phases, **phases}, "furthest": {**state.furthest, **furthest}}
    )


def _lock_all(state: ClassState) -> ClassState:
    """Cases that take a first vote take none any more; a second vote ends with the stage."""
    opened = [case_id for case_id, phase in state.phases.items() if phase == "open"]
    return _with_phases(state, dict.fromkeys(opened, "locked"))
