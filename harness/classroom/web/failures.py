"""Errors as answers: a status, a word that pages know, and a sentence for whoever reads the reply."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from harness.classroom.rendering import render
from harness.classroom.web.answers import html
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import Here
from harness.errors import (
    ClassroomError,
    GradeRefusedError,
    HarnessError,
    MoveRefusedError,
    NotAdmittedError,
    StateChangedError,
    StoreError,
)

ANSWERS: tuple[tuple[type[HarnessError], int, str], ...] = (
    (NotAdmittedError, 404, "not_admitted"),
    (MoveRefusedError, 409, "refused"),
    (GradeRefusedError, 409, "closed"),
    (StateChangedError, 409, "conflict"),
    (StoreError, 503, "unavailable"),
    (HarnessError, 422, "invalid"),
)
"""The first that fits."""
HTTP_WORDS = {404: "unknown", 405: "invalid"}


PAGES = {404: "gone", 401: "closed", 403: "closed", 429: "wait"}
"""Which words a person reads in place of a page."""


def add_failures(app: FastAPI) -> None:
    """Tell the application how errors are answered."""
    app.add_exception_handler(HarnessError, _harness)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _harness(request: Request, error: Exception) -> Response:
    assert isinstance(error, HarnessError)
    status, code = next((status, code) for kind, status, code in ANSWERS if isinstance(error, kind))
    if isinstance(error, GradeRefusedError) and error.reason == "invalid":
        status, code = 422, "invalid"
    reason = {"reason": error.reason} if isinstance(error, ClassroomError) else {}
    return _answer(request, status, {"error": code, **reason, "message": str(error)})


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    answer = _answer(request, error.status, {"error": error.code, "message": str(error)})
    if error.retry_after_s is not None:
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


async def _validation(request: Request, error: Exception) -> Response:
    """Say where a request is wrong and why; never what was sent."""
    assert isinstance(error, RequestValidationError)
    places = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    # an address that no lesson can have is an address of nothing
    status = 422 if request.url.path.startswith("/api/") else 404
    return _answer(request, status, {"error": "invalid", "message": "; ".join(places[:3])})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTP_WORDS.get(error.status_code, "invalid")
    answer = _answer(request, error.status_code, {"error": code, "message": str(error.detail)})
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


async def _unforeseen(request: Request, _: Exception) -> Response:
    """A fault of ours: the server's log has it, the answer does not."""
    return _answer(request, 500, {"error": "unavailable", "message": "the server could not answer"})


def _answer(request: Request, status: int, told: dict[str, str]) -> Response:
    """JSON for scripts, a page in the server's language for people."""
    if request.url.path.startswith(("/api/", "/health", "/static/")):
        return JSONResponse(told, status)
    at: Here = request.app.state.here
    key = PAGES.get(status, "trouble")
    return html(request, render("teacher/message.html.j2", at.options.language, key=key), status)
