from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.classroom.moves import advance, next_move, step_back
from harness.classroom.phases import (
    MIN_SHOWN,
    Answered,
    Role,
    case_flow,
    may_see,
    stage_flow,
    start,
    takes_grades,
)
from harness.errors import MoveRefusedError
from harness.schema.classroom import (
    CASE_PHASES,
    SCREENS,
    STAGES,
    ClassSettings,
    ClassState,
    Front,
    Move,
    Next,
    OpenAll,
    SetPhase,
    SetStage,
    Show,
)

CASES = ("one", "two", "three")
ENOUGH = Answered(30, 30, 15)
MAY_BE_SHOWN: dict[str, set[str]] = {
    "closed": set(),
    "open": set(),
    "locked": set(),
    "class": {"grades"},
    "commentary": {"grades", "commentary"},
    "talk": {"grades", "commentary"},
    "second": {"grades", "commentary"},
    "judges": {"grades", "commentary", "moved", "judges"},
    "employer": {"grades", "commentary", "moved", "judges", "employer"},
    "done": {"grades", "commentary", "moved", "judges", "employer"},
}
MOVES: st.SearchStrategy[Move | None] = st.one_of(
    st.just(Next()),
    st.just(Next()),
    st.just(OpenAll()),
    st.builds(SetStage, stage=st.sampled_from(STAGES)),
    st.builds(SetPhase, case_id=st.sampled_from(CASES), phase=st.sampled_from(CASE_PHASES)),
    st.builds(SetPhase, case_id=st.just("one"), phase=st.sampled_from(("class", "talk", "second", "judges"))),
    st.builds(Front, case_id=st.sampled_from(CASES)),
    st.builds(Show, screen=st.sampled_from(SCREENS)),
    st.none(),  # take the last move back
)
SETTINGS = st.builds(
    ClassSettings,
    case_ids=st.just(CASES),
    rulebooks=st.sampled_from([("hhh",), ("hhh", "helpful-first")]),
    second_vote=st.booleans(),
)


@dataclass
class Walk:
    """A session that a teacher plays with, and every state that it was ever in."""

    settings: ClassSettings
    history: list[ClassState] = field(default_factory=list)
    states: list[ClassState] = field(default_factory=list)

    def go(self, moves: list[Move | None]) -> Walk:
        """Make those moves that are possible."""
        state = start(self.settings)
        self.states.append(state)
        for move in moves:
            try:
                if move is None:
                    state = step_back(state, self.history.pop())
                else:
                    before, state = state, advance(self.settings, state, move)
                    self.history.append(before)
            except (MoveRefusedError, IndexError):
                continue
            self.states.append(state)
        return self


walks = st.builds(lambda settings, moves: Walk(settings).go(moves), SETTINGS, st.lists(MOVES, max_size=60))


@given(walks)
def test_nobody_votes_again_after_what_a_vote_must_not_know(walk: Walk) -> None:
    """No sequence of moves takes a first vote after the class's grades, or a second after the judges."""
    for case_id in CASES:
        grades_seen = judges_seen = split_seen = False
        for state in walk.states:
            assert not (takes_grades(state, case_id, 1) and (grades_seen or split_seen))
            assert not (takes_grades(state, case_id, 2) and (judges_seen or split_seen))
            sight = may_see("projector", state, case_id, ENOUGH)
            grades_seen |= sight.grades
            judges_seen |= sight.judges
            split_seen |= sight.split


@given(walks, st.sampled_from(["pupil", "projector"]))
def test_nothing_is_shown_before_its_phase(walk: Walk, role: Role) -> None:
    """No sequence of moves shows grades, commentary, judges or employer before their phase."""
    for state in walk.states:
        for case_id in CASES:
            sight, phase = may_see(role, state, case_id, ENOUGH), state.phases[case_id]
            shown = {name for name, seen in sight._asdict().items() if seen} - {"texts", "split"}
            assert shown <= MAY_BE_SHOWN[phase]


@given(walks, st.sampled_from(["pupil", "projector", "teacher"]), st.integers(0, MIN_SHOWN - 1))
def test_a_class_of_few_is_never_shown(walk: Walk, role: Role, n: int) -> None:
    """Fewer than five people: nobody sees the class's grades, whatever was pressed."""
    for state in walk.states:
        for case_id in CASES:
            sight = may_see(role, state, case_id, Answered(n, n, n))
            assert not any((sight.grades, sight.moved, sight.split))


@given(walks)
def test_the_split_is_told_before_the_end(walk: Walk) -> None:
    """A class with two employers hears of it in the debrief, not before, and no closing comes without it."""
    told = False
    for state in walk.states:
        told |= state.stage == "debrief"
        if len(walk.settings.rulebooks) > 1 and not told:
            assert state.stage not in ("closing", "ended")
        if not told:
            assert not any(may_see("pupil", state, case_id, ENOUGH).split for case_id in CASES)


@given(walks)
def test_every_state_is_a_version_of_its_own(walk: Walk) -> None:
    """Versions grow by one with each move, also when a move is taken back; no case gets lost."""
    assert [state.version for state in walk.states] == list(range(1, len(walk.states) + 1))
    for state in walk.states:
        assert tuple(state.phases) == CASES
        assert all(phase in case_flow(walk.settings) for phase in state.phases.values())
        assert state.stage in stage_flow(walk.settings)


@given(walks)
def test_the_large_button_always_works(walk: Walk) -> None:
    """Whatever was done before, what the large button offers is possible, until the session has ended."""
    state = walk.states[-1]
    if state.stage == "ended":
        with pytest.raises(MoveRefusedError):
            next_move(walk.settings, state)
    else:
        advance(walk.settings, state, next_move(walk.settings, state))


@pytest.mark.parametrize("rulebooks", [("hhh",), ("hhh", "helpful-first")])
@pytest.mark.parametrize("second_vote", [True, False])
def test_the_large_button_alone_gives_a_whole_lesson(rulebooks: tuple[str, ...], second_vote: bool) -> None:
    """The large button takes each case through all its phases, then the debrief, then the closing."""
    settings = ClassSettings(case_ids=CASES, rulebooks=rulebooks, second_vote=second_vote)
    state, seen, stages = start(settings), [], ["lobby"]
    while state.stage != "ended":
        state = advance(settings, state, Next())
        seen.append((state.case_id, state.phases[state.case_id or ""]))
        stages += [state.stage] if stages[-1] != state.stage else []
    for case_id in CASES:
        phases = [phase for name, phase in dict.fromkeys(seen) if name == case_id]
        assert phases == [phase for phase in case_flow(settings) if phase != "closed"]
    assert stages == list(stage_flow(settings))


def _at(settings: ClassSettings, *moves: Move) -> ClassState:
    state = start(settings)
    for move in moves:
        state = advance(settings, state, move)
    return state


def _to(phase: str) -> SetPhase:
    return SetPhase.model_validate({"case_id": "one", "phase": phase})


ONE = ClassSettings(case_ids=CASES)
TWO = ClassSettings(case_ids=CASES, rulebooks=("hhh", "helpful-first"))


@pytest.mark.parametrize(
    ("settings", "before", "move", "reason"),
    [
        (ONE, [], _to("open"), "not_cases"),
        (ONE, [OpenAll()], OpenAll(), "already"),
        (ONE, [OpenAll()], _to("class"), "phase_order"),
        (ONE, [OpenAll()], _to("open"), "already"),
        (ONE, [OpenAll()], SetPhase(case_id="nine", phase="locked"), "no_case"),
        (ONE, [OpenAll()], Front(case_id="nine"), "no_case"),
        (ONE, [OpenAll()], Show(screen="grades"), "screen_too_early"),
        (ONE, [OpenAll()], SetStage(stage="debrief"), "no_split"),
        (ONE, [OpenAll()], SetStage(stage="lobby"), "lobby"),
        (ONE, [], SetStage(stage="closing"), "stage_order"),
        (ONE, [OpenAll(), _to("locked"), _to("class"), _to("locked")], _to("open"), "shown_already"),
        (ONE, [OpenAll(), _to("locked"), _to("class"), _to("judges")], _to("second"), "shown_already"),
        (TWO, [OpenAll()], SetStage(stage="closing"), "debrief_first"),
        (TWO, [OpenAll(), SetStage(stage="debrief"), SetStage(stage="cases")], _to("open"), "shown_already"),
        (TWO, [OpenAll(), SetStage(stage="debrief"), SetStage(stage="cases")], OpenAll(), "too_late"),
        (
            ClassSettings(case_ids=CASES, second_vote=False),
            [OpenAll(), _to("locked"), _to("class")],
            _to("talk"),
            "no_second_vote",
        ),
    ],
)
def test_what_is_refused_and_why(
    settings: ClassSettings, before: list[Move], move: Move, reason: str
) -> None:
    """Each move that is not possible has a word of its own, which pages put into their language."""
    with pytest.raises(MoveRefusedError) as refused:
        advance(settings, _at(settings, *before), move)
    assert refused.value.reason == reason


def test_a_step_back_from_the_reveal_does_not_reopen() -> None:
    """Whoever pressed too early may hide the grades again, but nobody votes after having seen them."""
    locked = _at(ONE, OpenAll(), _to("locked"))
    revealed = advance(ONE, locked, _to("class"))
    back = step_back(revealed, locked)
    assert back.phases["one"] == "locked"
    assert back.version == revealed.version + 1
    opened = _at(ONE, OpenAll())
    with pytest.raises(MoveRefusedError):
        step_back(back, opened)


def test_a_lock_by_mistake_opens_again() -> None:
    """A case that was locked but not shown takes grades again."""
    state = _at(ONE, OpenAll(), _to("locked"), _to("open"))
    assert takes_grades(state, "one", 1)


def test_the_debrief_ends_all_voting() -> None:
    """Once the class knows of both employers, open cases are locked and nothing is graded any more."""
    state = _at(TWO, OpenAll(), SetStage(stage="debrief"))
    assert set(state.phases.values()) == {"locked"}
    assert may_see("pupil", state, "one", ENOUGH).split
    assert not any(takes_grades(state, case_id, vote) for case_id in CASES for vote in (1, 2))


def test_the_teacher_looks_ahead() -> None:
    """The teacher sees a locked case's grades before the class does, and reads the commentary at any time."""
    state = _at(ONE, OpenAll(), _to("locked"))
    assert may_see("teacher", state, "one", ENOUGH).grades
    assert may_see("teacher", state, "two", ENOUGH).commentary
    assert not may_see("teacher", state, "two", ENOUGH).grades
    assert not may_see("projector", state, "one", ENOUGH).grades


def test_a_half_of_few_is_never_shown() -> None:
    """Nine people make two halves of five and four: the class is shown, its halves are not."""
    state = _at(TWO, OpenAll(), _to("locked"), _to("class"), SetStage(stage="debrief"))
    for role in ("pupil", "projector", "teacher"):
        sight = may_see(role, state, "one", Answered(9, 0, 4))
        assert sight.grades
        assert not sight.split
        assert may_see(role, state, "one", Answered(10, 0, 5)).split
