"""A pupil's page over HTTP: nothing lost, nothing doubled, nothing seen before its phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.classroom.web.conftest import Teacher

SECRETS = ("author_key", "Discuss.", "seed", "judge_id", "consensus", "agreement")


@pytest.fixture
def opened(teacher: Teacher) -> Teacher:
    """Give a lesson whose cases take grades."""
    teacher.move(move="open_all")
    return teacher


def test_an_edit_that_comes_twice_counts_once(opened: Teacher) -> None:
    """A page that does not know whether its edit arrived sends it again, and nothing changes."""
    pupil = opened.join()
    first = opened.edit(pupil, 1, grades={"doctor-a": 2})
    opened.edit(pupil, 2, grades={"doctor-a": 4})
    replayed = opened.edit(pupil, 1, grades={"doctor-a": 2})
    assert first.json()["ballots"][0]["grades"] == {"doctor-a": 2}
    assert replayed.json()["ballots"][0]["grades"] == {"doctor-a": 4}


def test_a_late_edit_is_named_and_the_others_are_kept(opened: Teacher) -> None:
    """In a batch, what is refused says why under its number; the rest is saved."""
    pupil = opened.join()
    opened.walk("garden", "locked")
    edits = [
        {"page": "page-one", "number": 1, "case_id": "garden", "grades": {"garden-a": 1}},
        {"page": "page-one", "number": 2, "case_id": "doctor", "grades": {"doctor-a": 3}},
        {"page": "page-one", "number": 3, "case_id": "doctor", "grades": {"doctor-z": 3}},
        {"page": "page-one", "number": 4, "case_id": "doctor", "grades": {"doctor-b": 9}},
    ]
    answer = pupil.post(opened.api("/edits"), json={"edits": edits})
    assert answer.status_code == 200
    saved = answer.json()
    assert [(one["number"], one["reason"]) for one in saved["refused"]] == [
        (1, "closed"),
        (3, "invalid"),
        (4, "invalid"),
    ]
    assert saved["ballots"][0]["grades"] == {"doctor-a": 3}


@pytest.mark.parametrize(
    "edit",
    [
        {"page": "<script>", "number": 1},
        {"number": 0},
        {"number": 10**9},
        {"vote": 3},
        {"case_id": "<img src=x>"},
        {"case_id": "../../etc"},
        {"grades": {}},
        {"grades": {"doctor-a": 1.5}},
        {"grades": {"doctor-a": 65}},
        {"grades": {"<b>": 1}},
        {"grades": {f"doctor-{n}": 1 for n in range(65)}},
        {"seconds": -1},
        {"seconds": 1e99},
        {"name": "a pupil's name"},
    ],
)
def test_a_malformed_edit_is_refused(opened: Teacher, edit: dict[str, object]) -> None:
    """Anything but an edit as pages write it is 422, keeps nothing, and is not sent back as markup."""
    pupil = opened.join()
    answer = opened.edit(pupil, **edit)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    assert pupil.get(opened.api("/pupil")).json()["ballots"] == []


def test_a_grade_is_taken_back(opened: Teacher) -> None:
    """None takes a grade back; the others stay."""
    pupil = opened.join()
    opened.edit(pupil, 1, grades={"doctor-a": 2, "doctor-b": 1})
    answer = opened.edit(pupil, 2, grades={"doctor-a": None})
    assert answer.json()["ballots"][0]["grades"] == {"doctor-b": 1}


def test_two_tabs_of_one_pupil_are_one_pupil(opened: Teacher) -> None:
    """Two pages of one browser count their edits apart; what comes last counts, and nobody is doubled."""
    pupil = opened.join()
    opened.edit(pupil, 5, page="tab-number-1", grades={"doctor-a": 1})
    opened.edit(pupil, 1, page="tab-number-2", grades={"doctor-a": 3})
    view = opened.browser.get(opened.api("/teacher")).json()
    assert view["n_pupils"] == 1
    assert pupil.get(opened.api("/pupil")).json()["ballots"][0]["grades"] == {"doctor-a": 3}


def _everything(opened: Teacher, pupil: object) -> str:
    get = pupil.get  # type: ignore[attr-defined]
    paths = (f"/p/{opened.session_id}", opened.api("/pupil"), opened.api("/version"))
    return "\n".join(get(path).text for path in paths)


def test_before_the_reveal_nothing_is_told(opened: Teacher) -> None:
    """Neither page nor data hold results, commentary, judges or the seed while people grade."""
    pupil, others = opened.join(), [opened.join() for _ in range(6)]
    for number, other in enumerate(others):
        opened.edit(other, grades={"doctor-a": 1 + number % 4, "doctor-b": 2})
    told = _everything(opened, pupil)
    assert not [word for word in SECRETS if word in told]
    for path in ("/fragment/case?case_id=doctor", "/fragment/debrief", "/fragment/end"):
        assert pupil.get(opened.api(path)).status_code == 403


def test_each_phase_tells_what_it_allows(opened: Teacher) -> None:
    """The class's results come with their phase, the commentary with the next, and not before."""
    pupils = [opened.join() for _ in range(6)]
    for pupil in pupils:
        opened.edit(pupil, grades={"doctor-a": 1, "doctor-b": 2, "doctor-c": 4})
    path = opened.api("/fragment/case?case_id=doctor")
    opened.walk("doctor", "locked")
    assert pupils[0].get(path).status_code == 403
    opened.walk("doctor", "class")
    shown = pupils[0].get(path)
    assert shown.status_code == 200
    assert "<svg" in shown.text
    assert "Discuss." not in shown.text
    opened.walk("doctor", "commentary")
    assert "Discuss." in pupils[0].get(path).text


def test_few_people_see_no_results(opened: Teacher) -> None:
    """With four answers the class's results stay hidden even in their phase."""
    pupils = [opened.join() for _ in range(4)]
    for pupil in pupils:
        opened.edit(pupil, grades={"doctor-a": 1, "doctor-b": 2, "doctor-c": 4})
    opened.walk("doctor", "locked", "class")
    shown = pupils[0].get(opened.api("/fragment/case?case_id=doctor"))
    assert shown.status_code == 200
    assert "<svg" not in shown.text


def test_a_case_of_another_lesson_is_unknown(opened: Teacher) -> None:
    """Asking for a case that the lesson does not have is 404."""
    assert opened.join().get(opened.api("/fragment/case?case_id=poem")).status_code == 404


def test_the_version_moves_with_the_lesson(opened: Teacher) -> None:
    """Asking is cheap: 204 while nothing changed, the new number afterwards."""
    pupil = opened.join()
    version = pupil.get(opened.api("/version")).json()["version"]
    assert pupil.get(opened.api(f"/version?since={version}")).status_code == 204
    opened.walk("doctor", "locked")
    assert pupil.get(opened.api(f"/version?since={version}")).json()["version"] > version


@pytest.mark.parametrize("role", ["teacher", "projector"])
def test_a_pupil_does_not_listen_as_somebody_else(opened: Teacher, role: str) -> None:
    """The numbers of teacher and projector tell how far the class is; a pupil gets 401."""
    pupil = opened.join()
    assert pupil.get(opened.api(f"/version?role={role}")).status_code == 401
    assert pupil.get(opened.api(f"/events?role={role}")).status_code == 401


def test_the_page_fits_a_slow_network(opened: Teacher) -> None:
    """HTML, styles and scripts of a pupil's page are at most 40 KB compressed, in at most 6 requests."""
    pupil = opened.join()
    page = pupil.get(f"/p/{opened.session_id}", headers={"accept-encoding": "gzip"})
    sizes = [int(page.headers["content-length"])]
    for piece in set(page.text.replace("'", '"').split('"')):
        if piece.startswith("/static/"):
            found = pupil.get(piece, headers={"accept-encoding": "gzip"})
            assert "immutable" in found.headers["cache-control"]
            sizes.append(int(found.headers["content-length"]))
    assert len(sizes) <= 6
    assert sum(sizes) <= 40 * 1024
