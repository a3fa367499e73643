"""How routes are described in the OpenAPI document, so that what is described is what is answered."""

from __future__ import annotations

from typing import Any

Responses = dict[int | str, dict[str, Any]]

PAGE: Responses = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "a page"},
}
STREAM: Responses = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "events"},
}
FILE: Responses = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}, "description": "a file"},
}
NO_NEWS: Responses = {204: {"description": "nothing newer"}}
_WHY = {
    422: "what was sent is wrong; `message` says where",
    401: "this browser holds no secret of the lesson in that role",
    403: "the lesson has not come to this yet, or the request comes from another site's page",
    404: "no such lesson, code or case",
    409: "not possible now",
    429: "too many codes were wrong",
    503: "the store cannot be read or written, or the server is full",
}


def refused(*statuses: int) -> Responses:
    """Describe refusals: an object with `error`, `message` and sometimes `reason`."""
    return {status: {"description": _WHY[status]} for status in statuses}
