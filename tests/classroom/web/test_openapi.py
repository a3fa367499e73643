"""The description of the API is true, and nothing that is sent by it makes the server fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.classroom.web.conftest import Site

PUBLIC = {"/", "/new", "/room", "/health", "/api/room/ping", "/api/join", "/api/resume", "/api/host"}
STREAMS = ("/events",)
ENOUGH = 8
"""Requests per operation: all operations together take some seconds."""


def test_every_route_is_described(site: Site) -> None:
    """The description names every address of pages and data, and each says what it is for."""
    described = site.browser().get("/api/openapi.json").json()["paths"]
    assert set(described) >= PUBLIC
    for path, operations in described.items():
        for operation in operations.values():
            assert operation.get("description"), path


def _schema(site: Site, session_id: str) -> Any:  # noqa: ANN401 - of schemathesis
    """The description, with the session's id in the place of any, so that routes are really entered."""
    raw = site.browser().get("/api/openapi.json").json()
    for operations in raw["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "session_id":
                    parameter["schema"] = {"type": "string", "enum": [session_id]}
    raw["paths"] = {path: found for path, found in raw["paths"].items() if not path.endswith(STREAMS)}
    return schemathesis.openapi.from_dict(raw)


def _check(browser: TestClient, operation: Any) -> None:  # noqa: ANN401 - of schemathesis
    @settings(
        max_examples=ENOUGH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def no_server_error(case: Any) -> None:  # noqa: ANN401 - of schemathesis
        sent = case.as_transport_kwargs(base_url="http://salle.test")
        headers = {**sent["headers"], "x-classroom": "1", "content-type": "application/json"}
        if sent["method"] != "GET" and "json" not in sent and "data" not in sent:
            sent["json"] = None
        try:
            answer = browser.request(**{**sent, "headers": headers, "cookies": None})
        except (ValueError, UnicodeError, httpx2.InvalidURL):
            return  # no client can write this request down
        assert answer.status_code < 500, (sent["method"], sent["url"], answer.text)

    no_server_error()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["teacher", "pupil", "stranger"])
def test_no_request_makes_the_server_fail(site: Site, who: str) -> None:
    """Requests drawn from the description, valid and not, get no 5xx as teacher, pupil or stranger."""
    teacher = site.begin()
    teacher.move(move="open_all")
    browser = {"teacher": teacher.browser, "pupil": teacher.join(), "stranger": site.browser()}[who]
    operations = [found.ok() for found in _schema(site, teacher.session_id).get_all_operations()]
    assert len(operations) > 40
    for operation in operations:
        _check(browser, operation)
