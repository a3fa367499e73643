"""What every store of classes promises, in a file and in a database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from harness.classroom.admission import new_pupil
from harness.classroom.moves import advance, step_back
from harness.classroom.store import ClassStore, open_store
from harness.classroom.store.base import Credentials, Graded
from harness.errors import (
    GradeRefusedError,
    HarnessError,
    NotAdmittedError,
    StateChangedError,
    StoreError,
)
from harness.schema.classroom import (
    Ballot,
    ClassSession,
    Edit,
    HandCount,
    OpenAll,
    Pupil,
    SetPhase,
)

Sessions = Callable[..., ClassSession]


@pytest.fixture
def session(store: ClassStore, session_of: Sessions) -> ClassSession:
    """Give a session whose cases are open."""
    session = session_of(rulebooks=("hhh", "helpful-first"))
    assert store.create(session, "teacher-digest")
    _move(store, session.session_id, OpenAll())
    return store.session(session.session_id)


def _move(store: ClassStore, session_id: str, move: Any) -> None:  # noqa: ANN401 - any move
    session = store.session(session_id)
    state = advance(session.settings, session.state, move)
    store.write_state(session_id, state, session.state.version)


def _phase(store: ClassStore, session: ClassSession, phase: str) -> None:
    _move(store, session.session_id, SetPhase.model_validate({"case_id": "doctor", "phase": phase}))


def _join(store: ClassStore, session: ClassSession, name: str) -> Pupil:
    make = partial(new_pupil, session)
    return store.add_pupil(session.session_id, make, Credentials(f"{name}-token", f"{name}-recovery"))


def _edit(number: int, grades: dict[str, int | None], page: str = "page-one", **more: Any) -> Edit:  # noqa: ANN401
    return Edit(page=page, number=number, case_id="doctor", grades=grades, **more)


def test_a_session_comes_back_as_it_was(store: ClassStore, session_of: Sessions) -> None:
    """What was created is found by its id, by its code and in the list, with every field."""
    session, other = session_of(title="9B", retention_h=2.5), session_of()
    assert store.create(session, "t")
    assert store.create(other, "t")
    assert store.session(session.session_id) == session == store.by_code(session.code)
    assert sorted(one.code for one in store.sessions()) == sorted([session.code, other.code])


def test_a_code_leads_to_one_session(store: ClassStore, session_of: Sessions) -> None:
    """A code in use is refused and changes nothing; after deletion it is free again."""
    session = session_of()
    twin = session_of().model_copy(update={"code": session.code})
    assert store.create(session, "t")
    assert not store.create(twin, "t")
    assert [one.session_id for one in store.sessions()] == [session.session_id]
    store.delete(session.session_id)
    assert store.create(twin, "t")


def test_nobody_is_told_of_what_is_not_there(store: ClassStore, session: ClassSession) -> None:
    """An unknown session, code, token or word is a refusal with a reason, never an empty answer."""
    _join(store, session, "ann")
    asked: list[tuple[str, Callable[[], object]]] = [
        ("unknown_session", lambda: store.session("nothing")),
        ("unknown_session", lambda: store.changes("nothing")),
        ("unknown_session", lambda: store.apply("nothing", "p", _edit(1, {"doctor-a": 1}))),
        ("unknown_session", lambda: store.add_teacher("nothing", "t")),
        ("unknown_code", lambda: store.by_code("ZZZZ")),
        ("not_yours", lambda: store.pupil_by_token(session.session_id, "wrong")),
        ("not_yours", lambda: store.pupil_by_token("nothing", "ann-token")),
        ("unknown_recovery", lambda: store.by_recovery("ann-token")),
    ]
    for reason, ask in asked:
        with pytest.raises(NotAdmittedError) as refused:
            ask()
        assert refused.value.reason == reason


def test_moves_are_kept_once(store: ClassStore, session: ClassSession) -> None:
    """Of two teachers' devices that move at once one is refused; the same state sent twice counts once."""
    state = advance(session.settings, session.state, SetPhase(case_id="doctor", phase="locked"))
    other = advance(session.settings, session.state, SetPhase(case_id="garden", phase="locked"))
    store.write_state(session.session_id, state, session.state.version)
    store.write_state(session.session_id, state, session.state.version)
    with pytest.raises(StateChangedError):
        store.write_state(session.session_id, other, session.state.version)
    assert store.session(session.session_id).state == state


def test_moves_are_taken_back_one_by_one(store: ClassStore, session: ClassSession) -> None:
    """Each step back uses up one move, down to the beginning; a new move after it has its own way back."""
    session_id, settings = session.session_id, session.settings
    _phase(store, session, "locked")
    for expected in ("open", "closed"):
        present = store.session(session_id).state
        previous = store.previous_state(session_id)
        assert previous is not None
        store.step_back(session_id, step_back(present, previous), present.version)
        assert store.session(session_id).state.phases["doctor"] == expected
    assert store.previous_state(session_id) is None
    present = store.session(session_id).state
    store.write_state(session_id, advance(settings, present, OpenAll()), present.version)
    assert store.previous_state(session_id) == present


def test_pupils_have_numbers_without_gaps(store: ClassStore, session: ClassSession) -> None:
    """Thirty who join at once from several threads are numbered 1 to 30, halves balanced."""
    with ThreadPoolExecutor(8) as threads:
        pupils = list(threads.map(lambda n: _join(store, session, f"pupil{n}"), range(30)))
    assert sorted(pupil.number for pupil in pupils) == list(range(1, 31))
    assert store.pupils(session.session_id) == tuple(sorted(pupils, key=lambda pupil: pupil.number))
    halves = [pupil.rulebook_id for pupil in pupils]
    assert halves.count("hhh") == 15


def test_the_same_credentials_are_the_same_pupil(store: ClassStore, session: ClassSession) -> None:
    """A request to join that is done twice, because a line broke, adds one pupil."""
    assert _join(store, session, "ann") == _join(store, session, "ann")
    assert len(store.pupils(session.session_id)) == 1


def test_a_pupil_comes_back_on_another_device(store: ClassStore, session: ClassSession) -> None:
    """The word leads to the same pupil, and a second token opens the door beside the first."""
    ann = _join(store, session, "ann")
    assert store.by_recovery("ann-recovery") == (session.session_id, ann)
    store.add_token(session.session_id, ann.pupil_id, "phone")
    assert store.pupil_by_token(session.session_id, "phone") == ann
    assert store.pupil_by_token(session.session_id, "ann-token") == ann


def test_a_token_opens_one_session(store: ClassStore, session_of: Sessions) -> None:
    """Teachers and pupils of one session are nobody in another."""
    one, other = session_of(), session_of()
    for session in (one, other):
        assert store.create(session, f"teacher of {session.session_id}")
    _join(store, one, "ann")
    assert store.is_teacher(one.session_id, f"teacher of {one.session_id}")
    assert not store.is_teacher(one.session_id, f"teacher of {other.session_id}")
    assert not store.is_teacher(one.session_id, "ann-token")
    store.add_teacher(one.session_id, "second device")
    assert store.is_teacher(one.session_id, "second device")
    with pytest.raises(NotAdmittedError):
        store.pupil_by_token(other.session_id, "ann-token")


def test_an_edit_that_comes_twice_counts_once(store: ClassStore, session: ClassSession) -> None:
    """A page that repeats what was acknowledged undoes nothing that another page said since."""
    ann = _join(store, session, "ann")
    first = _edit(1, {"doctor-a": 1}, seconds=10)
    apply = partial(store.apply, session.session_id, ann.pupil_id)
    assert apply(first).grades == {"doctor-a": 1}
    assert apply(_edit(1, {"doctor-a": 3}, page="page-two")).grades == {"doctor-a": 3}
    assert apply(first).grades == {"doctor-a": 3}
    assert apply(_edit(2, {"doctor-a": None})).grades == {}
    assert apply(_edit(1, {"doctor-a": 2})).grades == {}
    assert apply(first).seconds == 10


def test_edits_of_a_page_may_come_in_any_order(store: ClassStore, session: ClassSession) -> None:
    """Whatever the network does to four edits of a page, the ballot is the one that the page shows."""
    edits = [
        _edit(1, {"doctor-a": 1, "doctor-b": 2}, seconds=3),
        _edit(2, {"doctor-a": 4}, seconds=5),
        _edit(3, {"doctor-b": None, "doctor-c": 2}, seconds=9),
        _edit(4, {"doctor-c": 3}, seconds=7),
    ]
    for number, order in enumerate(permutations(edits)):
        pupil = _join(store, session, f"pupil{number}")
        ballot = [store.apply(session.session_id, pupil.pupil_id, edit) for edit in (*order, order[0])][-1]
        assert ballot.grades == {"doctor-a": 4, "doctor-c": 3}
        assert ballot.seconds == 9
        assert store.ballots_of(session.session_id, pupil.pupil_id) == (ballot,)


def test_a_page_that_was_forgotten_costs_nothing(store: ClassStore, session: ClassSession) -> None:
    """A pupil who reloads a hundred times fills no store: the oldest pages are forgotten."""
    ann = _join(store, session, "ann")
    for number in range(100):
        edit = _edit(1, {"doctor-a": 1 + number % 4}, page=f"page-{number:04}")
        store.apply(session.session_id, ann.pupil_id, edit)
    assert store.ballots(session.session_id)[0].grades == {"doctor-a": 4}


def test_grades_are_taken_in_their_phase_only(store: ClassStore, session: ClassSession) -> None:
    """First votes while the case is open, second votes after talking, nothing in between or after."""
    ann = _join(store, session, "ann")
    first, second = _edit(1, {"doctor-a": 1}), _edit(2, {"doctor-a": 2}, vote=2)
    taken = {"open": (1,), "second": (2,)}
    phases = ("open", "locked", "class", "commentary", "talk", "second", "judges", "employer", "done")
    for phase in phases:
        if phase != "open":
            _phase(store, session, phase)
        for edit in (first, second):
            if edit.vote in taken.get(phase, ()):
                store.apply(session.session_id, ann.pupil_id, edit)
            else:
                with pytest.raises(GradeRefusedError) as refused:
                    store.apply(session.session_id, ann.pupil_id, edit)
                assert refused.value.reason == "closed"
    assert {one.vote: one.grades["doctor-a"] for one in store.ballots(session.session_id)} == {1: 1, 2: 2}


def test_ballots_are_found_by_case_and_vote(store: ClassStore, session: ClassSession) -> None:
    """Ballots come by pupil, case and vote, without those that were taken back; counts agree with them."""
    ann, bob = _join(store, session, "ann"), _join(store, session, "bob")
    said = [
        Ballot(pupil_id=bob.pupil_id, case_id="garden", grades={"garden-a": 2}),
        Ballot(pupil_id=bob.pupil_id, case_id="doctor", grades={"doctor-a": 2, "doctor-b": 1}, seconds=4.5),
        Ballot(pupil_id=ann.pupil_id, case_id="doctor", vote=2, grades={"doctor-c": 4}),
        Ballot(pupil_id=ann.pupil_id, case_id="doctor", grades={"doctor-a": 1, "doctor-b": 1}),
        Ballot(pupil_id=ann.pupil_id, case_id="garden", grades={}),
    ]
    store.put_ballots(session.session_id, said)
    bob_garden, bob_doctor, ann_second, ann_first, _ = said
    assert store.ballots(session.session_id) == (ann_first, ann_second, bob_doctor, bob_garden)
    assert store.ballots(session.session_id, "doctor", 1) == (ann_first, bob_doctor)
    assert store.ballots(session.session_id, vote=2) == (ann_second,)
    assert store.ballots_of(session.session_id, bob.pupil_id) == (bob_doctor, bob_garden)
    assert store.graded(session.session_id) == (
        *(Graded("doctor", 1, rulebook_id, 2, 1) for rulebook_id in sorted(session.settings.rulebooks)),
        Graded("doctor", 2, ann.rulebook_id, 1, 1),
        Graded("garden", 1, bob.rulebook_id, 1, 1),
    )


def test_hands_are_counted_anew(store: ClassStore, session: ClassSession) -> None:
    """A second count of the same hands takes the place of the first."""
    first = HandCount(case_id="doctor", answer_id="doctor-a", counts=(9, 8, 7, 6))
    other = HandCount(case_id="doctor", answer_id="doctor-b", counts=(0, 0, 0, 30))
    again = first.model_copy(update={"counts": (1, 2, 3, 24)})
    store.put_hands(session.session_id, [first, other])
    store.put_hands(session.session_id, [again])
    assert store.hands(session.session_id) == (again, other)


def test_changes_grow_with_what_the_class_does(store: ClassStore, session: ClassSession) -> None:
    """Joining, grading and hands change the number that pictures are kept under; a repeated edit does not."""
    seen = [store.changes(session.session_id)]
    ann = _join(store, session, "ann")
    acts: list[Callable[[], object]] = [
        lambda: None,
        lambda: store.apply(session.session_id, ann.pupil_id, _edit(1, {"doctor-a": 1})),
        lambda: store.put_ballots(
            session.session_id, [Ballot(pupil_id=ann.pupil_id, case_id="garden", grades={"garden-a": 1})]
        ),
        lambda: store.put_hands(
            session.session_id, [HandCount(case_id="doctor", answer_id="doctor-a", counts=(1,))]
        ),
    ]
    for act in acts:
        act()
        seen.append(store.changes(session.session_id))
    assert seen == sorted(set(seen))
    store.apply(session.session_id, ann.pupil_id, _edit(1, {"doctor-a": 1}))
    assert store.changes(session.session_id) == seen[-1]


def test_each_in_a_batch_fails_for_itself(store: ClassStore, session: ClassSession) -> None:
    """One transaction for many: a refusal, or work that breaks, harms no neighbour."""
    ann = _join(store, session, "ann")

    def breaks() -> Ballot:
        store.put_hands(session.session_id, [HandCount(case_id="doctor", answer_id="x", counts=(1,))])
        raise RuntimeError("a bug")

    works: list[Callable[[], Ballot]] = [
        partial(store.apply, session.session_id, ann.pupil_id, _edit(1, {"doctor-a": 1})),
        partial(store.apply, session.session_id, ann.pupil_id, _edit(2, {"doctor-a": 1}, vote=2)),
        breaks,
        partial(store.apply, session.session_id, ann.pupil_id, _edit(3, {"doctor-b": 2})),
    ]
    outcomes = store.together(works)
    assert [type(outcome) for outcome in outcomes] == [Ballot, GradeRefusedError, RuntimeError, Ballot]
    assert store.ballots(session.session_id)[0].grades == {"doctor-a": 1, "doctor-b": 2}
    assert store.hands(session.session_id) == ()


def test_threads_do_not_step_into_each_others_transactions(store: ClassStore, session: ClassSession) -> None:
    """Eight threads that grade at once, alone and in batches, keep every grade."""
    pupils = [_join(store, session, f"pupil{n}") for n in range(8)]
    barrier = threading.Barrier(8)

    def grade(pupil: Pupil) -> None:
        barrier.wait()
        for number, answer_id in enumerate(("doctor-a", "doctor-b", "doctor-c"), start=1):
            work = partial(
                store.apply, session.session_id, pupil.pupil_id, _edit(number, {answer_id: number})
            )
            assert not isinstance(store.together([work])[0], Exception)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(grade, pupils))
    ballots = store.ballots(session.session_id)
    assert [tuple(one.grades.values()) for one in ballots] == [(1, 2, 3)] * 8


def test_deletion_takes_one_session_and_no_other(store: ClassStore, session_of: Sessions) -> None:
    """After a session was deleted nothing of it is found, and its neighbour is whole; twice is no error."""
    one, other = session_of(), session_of()
    for session in (one, other):
        store.create(session, "t")
        _move(store, session.session_id, OpenAll())
        pupil = _join(store, session, session.code)
        store.apply(session.session_id, pupil.pupil_id, _edit(1, {"doctor-a": 1}))
    store.delete(one.session_id)
    store.delete(one.session_id)
    assert [session.session_id for session in store.sessions()] == [other.session_id]
    assert store.pupils(one.session_id) == ()
    assert store.ballots(one.session_id) == ()
    assert not store.is_teacher(one.session_id, "t")
    with pytest.raises(NotAdmittedError):
        store.by_recovery(f"{one.code}-recovery")
    assert len(store.ballots(other.session_id)) == 1


def test_what_is_over_is_named(store: ClassStore, session_of: Sessions, clock: Any) -> None:  # noqa: ANN401
    """A session is over when its retention has passed, not a second earlier."""
    short, long = session_of(retention_h=1), session_of(retention_h=30)
    for session in (short, long):
        store.create(session, "t")
    assert store.expired(clock.now + timedelta(minutes=59, seconds=59)) == ()
    assert store.expired(clock.now + timedelta(hours=1)) == (short.session_id,)
    assert set(store.expired(clock.now + timedelta(hours=30))) == {short.session_id, long.session_id}


def test_everything_is_there_after_a_restart(store: ClassStore, place: str, session: ClassSession) -> None:
    """A store that is opened anew holds the same session, pupils, grades and history."""
    ann = _join(store, session, "ann")
    store.apply(session.session_id, ann.pupil_id, _edit(1, {"doctor-a": 1}))
    again = open_store(place)
    assert again.session(session.session_id) == session
    assert again.pupils(session.session_id) == (ann,)
    assert again.ballots(session.session_id) == store.ballots(session.session_id)
    assert again.previous_state(session.session_id) == store.previous_state(session.session_id)
    again.close()


def test_two_servers_of_one_store(store: ClassStore, place: str, session: ClassSession) -> None:
    """Two servers that keep the same classes see each other's pupils and number them together."""
    second = open_store(place)
    here, there = _join(store, session, "ann"), _join(second, session, "bob")
    assert (here.number, there.number) == (1, 2)
    second.apply(session.session_id, here.pupil_id, _edit(1, {"doctor-a": 1}))
    assert len(store.ballots(session.session_id)) == 1
    second.close()


@pytest.mark.parametrize("named", ["mysql://host/db", "redis://x"])
def test_other_databases_are_refused_in_words(named: str, tmp_path: Path) -> None:
    """A URL of anything but PostgreSQL says what can be named."""
    with pytest.raises(StoreError, match="postgresql://"):
        open_store(named)


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    """Whoever misspells the database's address reads an error without the password in it."""
    with pytest.raises(HarnessError) as failed:
        open_store(f"postgresql://harness:hunter2@/classes?host={tmp_path}")
    assert "hunter2" not in str(failed.value)
