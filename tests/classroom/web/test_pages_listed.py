"""No page of the site is forgotten by the tests that look at every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.classroom.web.failures import PAGES as MESSAGE_OF_STATUS
from tests.browser.classroom.every_page import MESSAGES, PAGES, PARTS

if TYPE_CHECKING:
    from tests.classroom.web.conftest import Site


def test_every_page_is_in_the_list_that_axe_goes_through(site: Site) -> None:
    """What the description calls HTML is a page that a real browser opens, or a part of one."""
    described = site.browser().get("/api/openapi.json").json()["paths"]
    found = {
        path
        for path, operations in described.items()
        for operation in operations.values()
        if "text/html" in operation["responses"].get("200", {}).get("content", {})
    }
    assert found == PAGES.keys() | PARTS.keys()
    assert set(PARTS.values()) <= PAGES.keys()


def test_every_message_in_place_of_a_page_is_in_the_list() -> None:
    """Whatever an error is shown as is one of the messages that are looked at."""
    assert {*MESSAGE_OF_STATUS.values(), "trouble"} == set(MESSAGES)
