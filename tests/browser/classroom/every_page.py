"""Every page of the site, and who opens it: one that is missing here fails a test before anybody sees it."""

from __future__ import annotations

from typing import Literal

Who = Literal["anybody", "host", "pupil", "projector", "teacher"]

PAGES: dict[str, Who] = {
    "/": "anybody",
    "/j/{code}": "anybody",
    "/room": "anybody",
    "/new": "host",
    "/p/{session_id}": "pupil",
    "/p/{session_id}/sheet": "pupil",
    "/e/{session_id}": "projector",
    "/t/{session_id}": "teacher",
    "/t/{session_id}/desk": "teacher",
    "/t/{session_id}/entry": "teacher",
    "/t/{session_id}/keep": "teacher",
    "/t/{session_id}/print": "teacher",
    "/t/{session_id}/sheets": "teacher",
}
"""Address -> who may see it."""

PARTS: dict[str, str] = {
    "/api/{session_id}/fragment/case": "/p/{session_id}",
    "/api/{session_id}/fragment/debrief": "/p/{session_id}",
    "/api/{session_id}/fragment/end": "/p/{session_id}",
    "/api/{session_id}/fragment/projector": "/e/{session_id}",
    "/api/{session_id}/fragment/cockpit": "/t/{session_id}",
}
"""Pieces of HTML -> the page that shows them, which other tests bring through every phase."""

MESSAGES = ("gone", "closed", "wait", "trouble")
"""What is shown in place of a page."""
