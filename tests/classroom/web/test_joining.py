"""How pupils get in, come back, and stay out of other people's lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.classroom.web.limits import ONE_CLIENT

if TYPE_CHECKING:
    from tests.classroom.web.conftest import Site, Teacher


def test_a_code_lets_in_however_it_is_typed(teacher: Teacher) -> None:
    """Small letters, spaces and hyphens do not keep anybody out."""
    code = teacher.code
    typed = f" {code[:2].lower()}-{code[2:].lower()} "
    answer = teacher.site.browser().post("/api/join", json={"code": typed})
    assert answer.status_code == 200
    assert answer.json()["url"] == f"/p/{teacher.session_id}"


def test_a_browser_that_is_in_stays_the_same_pupil(teacher: Teacher) -> None:
    """Reading the QR code again makes no second pupil."""
    browser = teacher.site.browser()
    first = browser.post("/api/join", json={"code": teacher.code}).json()
    again = browser.post("/api/join", json={"code": teacher.code}).json()
    assert again == {**first, "recovery": None}
    assert teacher.browser.get(teacher.api("/teacher")).json()["n_pupils"] == 1


def test_a_pupil_goes_on_with_another_device(teacher: Teacher) -> None:
    """The word that was written down opens the same pupil's page elsewhere, with the grades."""
    joined = teacher.site.browser()
    recovery = joined.post("/api/join", json={"code": teacher.code}).json()["recovery"]
    teacher.move(move="open_all")
    assert teacher.edit(joined).status_code == 200
    other = teacher.site.browser()
    resumed = other.post("/api/resume", json={"recovery": recovery})
    assert resumed.status_code == 200
    seen = other.get(teacher.api("/pupil")).json()
    assert seen["ballots"] == [{"case_id": "doctor", "vote": 1, "grades": {"doctor-a": 2}}]
    assert joined.get(teacher.api("/pupil")).json() == seen


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/join", {"code": "2222"}),
        ("/api/resume", {"recovery": "222222222"}),
        ("/api/host", {"secret": "guess"}),
        ("/api/some-lesson/enter", {"secret": "guess"}),
    ],
)
def test_guessing_is_slowed_down(site: Site, path: str, body: dict[str, str]) -> None:
    """After some wrong codes or secrets an address waits, and is told how long; the next address does not."""
    browser = site.browser(address="203.0.113.5")
    wrong = [browser.post(path, json=body).status_code for _ in range(ONE_CLIENT.burst)]
    assert set(wrong) <= {401, 404}
    slowed = browser.post(path, json=body)
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    assert site.browser(address="203.0.113.6").post(path, json=body).status_code in {401, 404}


def test_links_with_wrong_codes_count_too(site: Site) -> None:
    """Trying codes through the addresses of QR codes, or keys of the projector, is no way around."""
    browser = site.browser(address="203.0.113.5")
    for _ in range(ONE_CLIENT.burst):
        assert browser.get("/j/2222").status_code == 404
    assert browser.get("/j/2222").status_code == 429


def test_a_whole_class_behind_one_address_joins_at_once(teacher: Teacher) -> None:
    """Fifty pupils of one school network are let in: only wrong codes are counted."""
    answers = {
        teacher.site.browser().post("/api/join", json={"code": teacher.code}).status_code for _ in range(200)
    }
    assert answers == {200}


def test_one_lessons_cookie_opens_no_other(site: Site) -> None:
    """A pupil of one class cannot look into another class, nor write there."""
    mine, other = site.begin(), site.begin()
    pupil = mine.join()
    other.move(move="open_all")
    name, value = next((one.name, one.value) for one in pupil.cookies.jar if one.name.startswith("pupil_"))
    pupil.cookies.set(name.replace(mine.session_id, other.session_id), value or "")
    assert pupil.get(other.api("/pupil")).status_code == 401
    assert other.edit(pupil).status_code == 401


@pytest.mark.parametrize("token", ["", "x" * 5000, "é", "'; drop table", "null"])
def test_a_forged_token_is_nobody(teacher: Teacher, token: str) -> None:
    """Whatever stands in the cookie, only a token that was given out opens anything."""
    stranger = teacher.site.browser()
    cookie = f"pupil_{teacher.session_id}={token}".encode()
    assert stranger.get(teacher.api("/pupil"), headers={b"cookie": cookie}).status_code == 401


def test_nobody_joins_a_lesson_that_is_deleted(teacher: Teacher) -> None:
    """The code of a deleted lesson is a wrong code, and its pupils' pages are gone."""
    pupil = teacher.join()
    assert teacher.browser.post(teacher.api("/delete"), json={"code": teacher.code}).status_code == 200
    assert teacher.site.browser().post("/api/join", json={"code": teacher.code}).status_code == 404
    assert pupil.get(teacher.api("/pupil")).status_code == 401
    assert pupil.get(f"/p/{teacher.session_id}").status_code == 404


def test_the_door_of_a_lesson_speaks_its_language(site: Site) -> None:
    """A French lesson on a server that speaks English opens in French."""
    begun = site.begin()
    page = site.browser().get(f"/j/{begun.code}").text
    assert '<html lang="en">' in page
    assert begun.code in page
    assert '<html lang="fr">' in site.browser().get(f"/j/{begun.code}?lang=fr").text
