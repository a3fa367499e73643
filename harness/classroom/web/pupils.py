"""What a pupil's page reads and writes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from harness.classroom.web import cookies
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import HereNow, SessionId, ThePupil
from harness.errors import GradeRefusedError, NotAdmittedError
from harness.schema.base import Record
from harness.schema.classroom import Ballot, Edit

router = APIRouter(tags=["pupil"])


class Edits(Record):
    """Changes of one page, in the order in which they were made."""

    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=200)]


class Refused(Record):
    """A change that was not kept, and why."""

    page: str
    number: int
    case_id: str
    reason: str
    message: str


class Saved(Record):
    """What is kept now: in the database, safe from a crash, before this was answered."""

    ballots: tuple[Ballot, ...]
    refused: tuple[Refused, ...]
    version: int


@router.get("/api/{session_id}/pupil")
async def pupil_view(session_id: SessionId, pupil: ThePupil, at: HereNow) -> dict[str, Any]:
    """Everything that this pupil may know now."""
    return await at.lessons.pupil_view(session_id, pupil)


@router.post("/api/{session_id}/edits", response_model=Saved)
async def save(session_id: SessionId, body: Edits, request: Request, at: HereNow) -> Saved:
    """Keep changes; a change that comes twice counts once, one that comes too late is named."""
    token = cookies.secret_of(request, cookies.pupil_cookie(session_id))
    if token is None:
        raise Refusal(401, "not_yours", "this browser has not joined that lesson")
    try:
        outcomes = await at.lessons.save_all(session_id, token, body.edits)
    except NotAdmittedError as error:
        raise Refusal(401, "not_yours", str(error)) from error
    last = {(one.case_id, one.vote): one for one in outcomes if isinstance(one, Ballot)}
    return Saved(
        ballots=tuple(last.values()),
        refused=tuple(
            _refused(edit, outcome)
            for edit, outcome in zip(body.edits, outcomes, strict=True)
            if isinstance(outcome, GradeRefusedError)
        ),
        version=await at.lessons.version(session_id, "pupil"),
    )


def _refused(edit: Edit, error: GradeRefusedError) -> Refused:
    return Refused(
        page=edit.page, number=edit.number, case_id=edit.case_id, reason=error.reason, message=str(error)
    )
