"""The teacher's side over HTTP: only with the secret, one step at a time, and gone when it is deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.classroom.web.conftest import Site, Teacher

TEACHERS = [
    ("GET", "/teacher", None),
    ("GET", "/fragment/cockpit", None),
    ("POST", "/move", {"move": {"move": "next"}}),
    ("POST", "/undo", {}),
    ("POST", "/links", {}),
    ("POST", "/delete", {"code": "2222"}),
    ("POST", "/hands", {"hands": [{"case_id": "doctor", "answer_id": "doctor-a", "counts": [1, 2, 3, 4]}]}),
    ("POST", "/sheets", {"grades": {"doctor": {"doctor-a": 1}}, "receipt": "receipt-1"}),
    ("POST", "/codes", {"text": "ABCD"}),
    ("GET", "/export.csv", None),
    ("GET", "/export.json", None),
    ("GET", "/export.zip", None),
    ("GET", "/desk", None),
    ("POST", "/desk/prompts", {"model_name": "m", "date": "2026-11-20", "rulebook_id": "hhh"}),
    ("POST", "/desk/ask", {"judge_id": "openai-gpt", "rulebooks": ["hhh"], "api_key": "k"}),
    ("GET", "/desk/asking", None),
    ("POST", "/desk/stop", {}),
]
PAGES = ["", "/desk", "/entry", "/keep", "/print"]


@pytest.mark.parametrize(("method", "path", "body"), TEACHERS)
def test_nobody_acts_without_the_teachers_secret(
    teacher: Teacher, method: str, path: str, body: dict[str, object] | None
) -> None:
    """A stranger, a pupil, the projector and the machine's host are refused what is the teacher's."""
    site = teacher.site
    projector = site.browser()
    projector.get(teacher.begun["projector_url"])
    for browser in (site.browser(), teacher.join(), projector, site.host()):
        assert browser.request(method, teacher.api(path), json=body).status_code == 401
    assert teacher.browser.get(teacher.api("/teacher")).json()["stage"] == "lobby"


@pytest.mark.parametrize("path", PAGES)
def test_the_teachers_pages_tell_strangers_nothing(teacher: Teacher, path: str) -> None:
    """Without the secret each page is the same entrance, without a code, a case, or a commentary."""
    pupil = teacher.join()
    page = pupil.get(f"/t/{teacher.session_id}{path}")
    assert page.status_code == 401
    assert teacher.code not in page.text
    assert "doctor" not in page.text
    unknown = pupil.get(f"/t/no-such-lesson{path}").text
    assert unknown.replace("no-such-lesson", "*") == page.text.replace(teacher.session_id, "*")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_teacher_is_whole(site: Site, path: str, language: str) -> None:
    """Each page renders in both languages, has one main heading, and holds no inline script or style."""
    case_set = {
        "case_set": "annotator",
        "case_ids": ["poem", "screens"],
        "rulebooks": ["hhh", "comfort-first"],
    }
    teacher = site.begin(language=language, n_invented=8, **case_set)
    page = teacher.browser.get(f"/t/{teacher.session_id}{path}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.text.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*(src=|application/json))|<style| style=| on[a-z]+=", page.text)
    assert "SIMUL" in page.text


def test_the_cockpit_knows_the_commentary_and_the_counts(teacher: Teacher) -> None:
    """The teacher reads the notes at any time, and sees how many answered, before any reveal."""
    teacher.move(move="open_all")
    teacher.edit(teacher.join())
    now = teacher.browser.get(teacher.api("/fragment/cockpit")).text
    assert "Discuss." in now
    assert re.search(r'id="n-1" data-live>1<', now)


def test_the_large_button_walks_a_whole_lesson(site: Site) -> None:
    """Pressing only what comes next leads from the lobby through every case and the debrief to the end."""
    teacher = site.begin(rulebooks=["hhh", "comfort-first"])
    stages = ["lobby"]
    for _ in range(60):
        state = teacher.move(move="next")
        if state["stage"] != stages[-1]:
            stages.append(state["stage"])
        if state["stage"] == "ended":
            break
    assert stages == ["lobby", "cases", "debrief", "closing", "ended"]
    assert "The lesson is over" in teacher.browser.get(teacher.api("/fragment/cockpit")).text


def test_the_quicker_device_wins(teacher: Teacher) -> None:
    """A button drawn before another device moved the lesson is refused, not applied to what is now."""
    first = teacher.browser.post(teacher.api("/move"), json={"move": {"move": "next"}, "version": 1})
    second = teacher.browser.post(teacher.api("/move"), json={"move": {"move": "next"}, "version": 1})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["error"] == "conflict"


def test_a_step_back_and_what_cannot_be_unseen(teacher: Teacher) -> None:
    """The last move is taken back; a vote does not reopen after its results were shown."""
    teacher.move(move="open_all")
    teacher.walk("doctor", "locked")
    back = teacher.browser.post(teacher.api("/undo"), json={})
    assert back.json()["phases"]["doctor"] == "open"
    teacher.walk("doctor", "locked", "class")
    reopened = {"move": "phase", "case_id": "doctor", "phase": "open"}
    refused = teacher.browser.post(teacher.api("/move"), json={"move": reopened})
    assert refused.status_code == 409
    assert refused.json()["reason"] == "shown_already"


def test_another_device_takes_over(teacher: Teacher) -> None:
    """A further link lets the teacher in elsewhere; the first device stays in."""
    link = teacher.browser.post(teacher.api("/links"), json={}).json()
    assert link["qr"].startswith("<svg")
    other = teacher.site.browser()
    secret = link["url"].partition("#k=")[2]
    assert other.post(teacher.api("/enter"), json={"secret": secret}).status_code == 200
    assert other.get(f"/t/{teacher.session_id}").status_code == 200
    assert teacher.browser.get(f"/t/{teacher.session_id}").status_code == 200


def test_a_teachers_secret_is_for_one_lesson(site: Site) -> None:
    """Two lessons at once on one server: neither teacher can touch the other's."""
    mine, other = site.begin(), site.begin()
    secret = str(mine.begun["teacher_link"]).partition("#k=")[2]
    assert site.browser().post(other.api("/enter"), json={"secret": secret}).status_code == 401
    assert mine.browser.post(other.api("/move"), json={"move": {"move": "next"}}).status_code == 401


def test_the_projector_sees_and_moves_nothing(teacher: Teacher) -> None:
    """The projector's link opens its page without the key in the address; a wrong key opens nothing."""
    projector = teacher.site.browser()
    first = projector.get(teacher.begun["projector_url"])
    assert first.status_code == 303
    assert first.headers["location"] == f"/e/{teacher.session_id}"
    assert projector.get(first.headers["location"]).status_code == 200
    assert projector.get(teacher.api("/fragment/projector")).status_code == 200
    stranger = teacher.site.browser()
    assert stranger.get(f"/e/{teacher.session_id}").status_code == 401
    assert stranger.get(f"/e/{teacher.session_id}?k=guess").status_code == 401
    assert teacher.join().get(teacher.api("/fragment/projector")).status_code == 401


def test_the_walls_tables_tell_no_more_than_the_wall(teacher: Teacher) -> None:
    """Before the reveal the table of a picture holds no count; afterwards it does."""
    teacher.move(move="open_all")
    for _ in range(6):
        teacher.edit(teacher.join(), grades={"doctor-a": 1, "doctor-b": 2, "doctor-c": 4})
    path = teacher.api("/figure/grades.csv?case_id=doctor")
    before = teacher.browser.get(path).text
    teacher.walk("doctor", "locked", "class")
    after = teacher.browser.get(path).text
    assert "6" not in before
    assert "6" in after


def test_lessons_are_begun_with_the_hosts_secret_only(site: Site) -> None:
    """A pupil who finds the address of the form cannot begin a lesson."""
    stranger = site.browser()
    assert stranger.post("/api/sessions", json={"settings": site.settings}).status_code == 401
    assert stranger.get("/new").status_code == 401
    assert site.host().get("/new").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"case_ids": ["nothing"]},
        {"case_ids": []},
        {"case_set": "nothing"},
        {"case_set": "../../etc"},
        {"rulebooks": ["hhh", "hhh"]},
        {"rulebooks": ["nothing"]},
        {"retention_h": 0},
        {"retention_h": 1e9},
        {"language": "de"},
        {"runs": ["/etc"]},
        {"runs": ["../../results/local-judges"]},
    ],
)
def test_settings_that_fit_nothing_are_refused_in_words(site: Site, changed: dict[str, object]) -> None:
    """A lesson of unknown cases, rules, runs or languages does not begin, and the answer says why."""
    answer = site.host().post("/api/sessions", json={"settings": {**site.settings, **changed}})
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_deleting_asks_for_the_code_and_leaves_nothing(teacher: Teacher, classes: Path) -> None:
    """A wrong code deletes nothing; the right one leaves no byte of the lesson in the database's folder."""
    pupil = teacher.join()
    teacher.move(move="open_all")
    teacher.edit(pupil)
    wrong = teacher.browser.post(teacher.api("/delete"), json={"code": "nope"})
    assert wrong.status_code == 422
    done = teacher.browser.post(teacher.api("/delete"), json={"code": teacher.code.lower()})
    assert done.status_code == 200
    kept = b"".join(path.read_bytes() for path in classes.parent.iterdir() if path.is_file())
    assert teacher.session_id.encode() not in kept
    assert b"page-one" not in kept
    assert teacher.browser.get(teacher.api("/teacher")).status_code == 401


def test_a_title_is_text_wherever_it_stands(site: Site) -> None:
    """HTML in the teacher's own note stays text on every page, and never reaches pupils or the projector."""
    evil = "<img src=x onerror=alert(1)></script><b>"
    teacher = site.begin(title=evil)
    for path in PAGES:
        assert evil not in teacher.browser.get(f"/t/{teacher.session_id}{path}").text
    teacher.browser.get(teacher.begun["projector_url"])
    wall = teacher.browser.get(teacher.api("/fragment/projector")).text
    assert "onerror" not in wall
    assert "onerror" not in teacher.join().get(f"/p/{teacher.session_id}").text


def test_expired_lessons_go_by_themselves(site: Site, clock: object) -> None:
    """After its retention a lesson is gone for its pupils and its teacher at once."""
    teacher = site.begin(retention_h=1)
    pupil = teacher.join()
    clock.pass_hours(1.1)  # type: ignore[attr-defined]
    assert pupil.get(f"/p/{teacher.session_id}").status_code == 404
    assert pupil.get(teacher.api("/pupil")).status_code in {401, 404}
    assert site.browser().post("/api/join", json={"code": teacher.code}).status_code == 404


@pytest.mark.parametrize("path", ["", "/desk", "/entry", "/keep", "/print"])
def test_a_deleted_lesson_is_said_to_be_gone(site: Site, path: str) -> None:
    """The teacher's other device and the wall read that the lesson is gone, on every page."""
    teacher = site.begin()
    wall, other = site.browser(), site.browser()
    wall.get(teacher.begun["projector_url"])
    secret = teacher.browser.post(teacher.api("/links"), json={}).json()["url"].partition("#k=")[2]
    assert other.post(teacher.api("/enter"), json={"secret": secret}).status_code == 200
    assert other.get(f"/t/{teacher.session_id}{path}").status_code == 200
    assert teacher.browser.post(teacher.api("/delete"), json={"code": teacher.code}).status_code == 200
    for found in (other.get(f"/t/{teacher.session_id}{path}"), wall.get(f"/e/{teacher.session_id}")):
        assert found.status_code == 404
        assert "deleted" in found.text


@pytest.mark.parametrize("path", ["/zzz", "/p/zzz", "/e/zzz", "/p/<b>", "/t/UPPER", "/j/!!"])
def test_a_wrong_address_is_a_page_with_a_way_back(site: Site, path: str) -> None:
    """People who mistype an address read a page in words, not data."""
    answer = site.browser().get(path)
    assert answer.status_code in {401, 404}
    assert answer.headers["content-type"].startswith("text/html")
    assert "<b>" not in answer.text
