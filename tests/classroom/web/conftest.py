"""Browsers of one application: the teacher's, pupils', strangers', each with cookies of its own."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from harness.classroom.lesson import Lessons
from harness.classroom.web.app import create_app
from harness.classroom.web.here import Here
from harness.classroom.web.options import WebOptions
from harness.schema.classroom import ClassSettings

SECRET = "the-hosts-secret"


@dataclass
class Site:
    """A running application, and the browsers that look at it."""

    app: FastAPI
    first: TestClient
    settings: dict[str, Any]

    @property
    def here(self) -> Here:
        """What its routes share."""
        found = self.app.state.here
        assert isinstance(found, Here)
        return found

    def browser(self, base_url: str = "http://salle.test", address: str = "192.0.2.7") -> TestClient:
        """Open a browser that has no cookie yet, at an address."""
        made = TestClient(
            self.app,
            base_url=base_url,
            headers={"X-Classroom": "1"},
            follow_redirects=False,
            raise_server_exceptions=False,
            client=(address, 50000),
        )
        made.portal = self.first.portal
        return made

    def host(self) -> TestClient:
        """Open a browser that may begin lessons."""
        made = self.browser()
        assert made.post("/api/host", json={"secret": SECRET}).status_code == 200
        return made

    def begin(self, n_invented: int = 0, **changed: Any) -> Teacher:  # noqa: ANN401 - whatever settings may hold
        """Begin a lesson."""
        browser = self.host()
        settings = {**self.settings, "simulated": n_invented > 0, **changed}
        begun = browser.post("/api/sessions", json={"settings": settings, "n_invented": n_invented})
        assert begun.status_code == 201, begun.text
        return Teacher(self, browser, begun.json())


@dataclass
class Teacher:
    """A teacher's browser and the lesson that it conducts."""

    site: Site
    browser: TestClient
    begun: dict[str, Any]

    @property
    def session_id(self) -> str:
        """The lesson."""
        return str(self.begun["session_id"])

    @property
    def code(self) -> str:
        """What a class types."""
        return str(self.begun["code"])

    def api(self, path: str) -> str:
        """Name an address of the lesson."""
        return f"/api/{self.session_id}{path}"

    def move(self, **move: str) -> dict[str, Any]:
        """Make a move that must be possible."""
        answer = self.browser.post(self.api("/move"), json={"move": move})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def walk(self, case_id: str, *phases: str) -> None:
        """Bring a case through phases."""
        for phase in phases:
            self.move(move="phase", case_id=case_id, phase=phase)

    def join(self) -> TestClient:
        """Let a pupil in."""
        browser = self.site.browser()
        assert browser.post("/api/join", json={"code": self.code}).status_code == 200
        return browser

    def edit(self, pupil: TestClient, number: int = 1, **changed: Any) -> Any:  # noqa: ANN401 - an answer of the browser
        """Send one edit of a pupil's page."""
        usual = {"page": "page-one", "number": number, "case_id": "doctor", "grades": {"doctor-a": 2}}
        return pupil.post(self.api("/edits"), json={"edits": [{**usual, **changed}]})


@pytest.fixture
def options() -> WebOptions:
    """Give the options of the site; a test may replace them."""
    return WebOptions(host_secret=SECRET, language="en", shown_url="http://salle.test")


@pytest.fixture
def site(lessons: Lessons, settings_of: Callable[..., ClassSettings], options: WebOptions) -> Iterator[Site]:
    """Give a running application with the two small cases."""
    app = create_app(lessons, options, clock=lambda: 0.0)
    with TestClient(app) as first:
        yield Site(app, first, settings_of().model_dump(mode="json"))


@pytest.fixture
def teacher(site: Site) -> Teacher:
    """Give a lesson that has just begun."""
    return site.begin()


@pytest.fixture(scope="session")
def class_load(root: Path) -> ModuleType:
    """Give the server in a process of its own, and the load that speaks plain HTTP to it."""
    spec = importlib.util.spec_from_file_location("class_load", root / "tests/benchmarks/class_load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["class_load"] = module
    spec.loader.exec_module(module)
    return module
