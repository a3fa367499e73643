"""What a request must look like before any route sees it, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.classroom.web.guard import CSP
from harness.classroom.web.options import WebOptionError, WebOptions

if TYPE_CHECKING:
    from tests.classroom.web.conftest import Site, Teacher

GRADES = {"edits": [{"page": "page-one", "number": 1, "case_id": "doctor", "grades": {"doctor-a": 2}}]}


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/new", "/api/zz/teacher", "/static/x.js"])
def test_every_answer_carries_the_security_headers(site: Site, path: str) -> None:
    """Pages, data and errors alike forbid foreign scripts, frames, sniffing and referrers."""
    headers = site.browser().get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_a_fault_of_ours_tells_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen error is a plain answer with security headers, without a word of what went wrong."""

    async def broken() -> tuple[()]:
        raise RuntimeError("the secret path /home/teacher")

    monkeypatch.setattr(site.here.lessons, "sessions", broken)
    answer = site.browser().get("/health")
    assert answer.status_code == 500
    assert "secret path" not in answer.text


@pytest.mark.parametrize("host", ["salle.test", "192.168.1.20:8000", "[fe80::1]:8000", "laptop.local"])
def test_any_well_formed_name_reaches_the_server_of_a_class(site: Site, host: str) -> None:
    """Nobody knows in advance under which name or address a class reaches a laptop."""
    assert site.browser().get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["", "a b", "x/y", "evil.test@good.test", "<b>", "x" * 300])
def test_a_host_that_is_no_host_is_refused(site: Site, host: str) -> None:
    """What cannot be a host name never reaches a page that would print it."""
    assert site.browser().get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://salle.test.evil.test"},
        {"origin": "http://salle.test:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-classroom": "0"},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
    ],
)
def test_another_sites_page_cannot_write(teacher: Teacher, changed: dict[str, str]) -> None:
    """A request that another site's page could make a browser send is refused, cookie or not."""
    pupil = teacher.join()
    teacher.move(move="open_all")
    answer = pupil.post(teacher.api("/edits"), json=GRADES, headers=changed)
    assert answer.status_code in {403, 415}
    assert pupil.get(teacher.api("/pupil")).json()["ballots"] == []


def test_the_sites_own_page_may_write(teacher: Teacher) -> None:
    """A browser's own headers, as pages of this site send them, are let through."""
    pupil = teacher.join()
    teacher.move(move="open_all")
    headers = {"origin": "http://salle.test", "sec-fetch-site": "same-origin"}
    assert pupil.post(teacher.api("/edits"), json=GRADES, headers=headers).status_code == 200


def _chunks(size: int, seen: list[int]) -> Iterator[bytes]:
    for _ in range(size // 1024):
        seen.append(1024)
        yield b"x" * 1024


def test_a_body_that_announces_too_much_is_not_read(site: Site) -> None:
    """More than 64 KB is refused by its announced length alone."""
    answer = site.browser().post(
        "/api/join", content=b"x" * 70_000, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"


def test_a_body_without_a_length_is_read_up_to_its_limit(site: Site) -> None:
    """A body that comes in pieces is refused as soon as it is too long."""
    answer = site.browser().post(
        "/api/join", content=_chunks(200 * 1024, []), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_the_desk_takes_longer_texts(teacher: Teacher) -> None:
    """A pasted reply may be longer than a pupil's edit: 2 MB."""
    body = {"about": {}, "key": "x", "text": "x" * 300_000}
    assert teacher.browser.post(teacher.api("/desk/read"), json=body).status_code == 422
    body["text"] = "x" * 2_200_000
    assert teacher.browser.post(teacher.api("/desk/read"), json=body).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "\u0661"])
def test_a_length_that_is_no_number_is_refused(site: Site, length: str) -> None:
    """A forged Content-Length is answered, not believed."""
    headers = {b"content-type": b"application/json", b"content-length": length.encode()}
    answer = site.browser().post("/api/join", content=b"{}", headers=headers)
    assert answer.status_code in {400, 413}


class TestBehindAProxy:
    """The hosted edition: HTTPS ends at a proxy."""

    @pytest.fixture
    def options(self) -> WebOptions:
        """Give the options of a hosted server."""
        return WebOptions(host_secret="the-hosts-secret", language="en", public_url="https://class.test")

    def test_only_the_public_name_is_answered(self, site: Site) -> None:
        """With a public address, a request that names another host is refused; the health check is not."""
        assert site.browser("https://class.test").get("/").status_code == 200
        assert site.browser("http://salle.test").get("/").status_code == 421
        assert site.browser("http://127.0.0.1:8000").get("/health").status_code == 200

    def test_cookies_travel_encrypted_only(self, site: Site) -> None:
        """The host's, the teacher's and the pupil's cookie are Secure, HttpOnly and SameSite=Strict."""
        browser = site.browser("https://class.test")
        host = browser.post("/api/host", json={"secret": "the-hosts-secret"})
        begun = browser.post("/api/sessions", json={"settings": site.settings})
        joined = site.browser("https://class.test").post("/api/join", json={"code": begun.json()["code"]})
        for answer in (host, begun, joined):
            cookie = answer.headers["set-cookie"].lower()
            assert all(word in cookie for word in ("secure", "httponly", "samesite=strict", "path=/"))

    def test_links_begin_with_the_public_address(self, site: Site) -> None:
        """Nobody is sent to the address behind the proxy."""
        browser = site.browser("https://class.test")
        browser.post("/api/host", json={"secret": "the-hosts-secret"})
        begun = browser.post("/api/sessions", json={"settings": site.settings}).json()
        assert begun["join_url"].startswith("https://class.test/j/")
        assert begun["projector_url"].startswith("https://class.test/e/")

    def test_the_public_origin_may_write_whatever_host_the_proxy_names(self, site: Site) -> None:
        """The page's origin is the public address, even where scheme and port differ behind the proxy."""
        headers = {"origin": "https://class.test", "host": "class.test"}
        browser = site.browser("http://class.test")
        assert browser.post("/api/join", json={"code": "2222"}, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "url", ["class.test", "ftp://class.test", "https://", "https://class.test/school", "https://a:b@c"]
)
def test_a_public_address_is_a_bare_site(url: str) -> None:
    """Anything but scheme, host and port is refused before the server starts."""
    with pytest.raises(WebOptionError, match="public address"):
        WebOptions(public_url=url)


def test_on_a_plain_lan_cookies_are_not_secure(site: Site) -> None:
    """A browser would throw a Secure cookie away on http://salle.test."""
    cookie = (
        site.browser().post("/api/host", json={"secret": "the-hosts-secret"}).headers["set-cookie"].lower()
    )
    assert "secure" not in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
