"""Grades of a class without devices: hands in the air, sheets of paper, reply codes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from harness.classroom.entry import Sheet
from harness.classroom.pseudonyms import name_of
from harness.classroom.replycodes import BadLine, Reply, frame_of, read_codes
from harness.classroom.web.here import Here, HereNow, TheTeacher
from harness.errors import GradeRefusedError
from harness.schema.base import Identifier, Record
from harness.schema.classroom import ClassSession, HandCount, Vote

router = APIRouter(tags=["entry"])

Grade = Annotated[int, Field(ge=1, le=64)]
Receipt = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="random, one per sheet")]


class HandsRequest(Record):
    """Counts of one or more answers."""

    hands: Annotated[tuple[HandCount, ...], Field(min_length=1, max_length=240)]


class SheetRequest(Record):
    """One typed sheet; the same receipt again corrects it."""

    grades: Annotated[dict[Identifier, dict[Identifier, Grade]], Field(max_length=24)]
    receipt: Receipt
    vote: Vote = 1
    rulebook_id: Identifier | None = None


class CodesRequest(Record):
    """Reply codes as they were pasted or typed, one per line."""

    text: Annotated[str, Field(min_length=1, max_length=60_000)]


class Kept(Record):
    """What was kept of one entry."""

    pseudonym: str = ""
    n_grades: int


class WrongLine(Record):
    """A line without a code that can be kept."""

    line: int
    text: str
    trouble: str


class CodesKept(Record):
    """What was read in pasted codes."""

    n_kept: int
    n_again: int
    replaced: tuple[str, ...]
    wrong: tuple[WrongLine, ...]


@router.post("/api/{session_id}/hands")
async def put_hands(body: HandsRequest, session: TheTeacher, at: HereNow) -> Kept:
    """Keep a show of hands."""
    await at.lessons.put_hands(session.session_id, body.hands)
    return Kept(n_grades=sum(sum(one.counts) for one in body.hands))


@router.post("/api/{session_id}/sheets")
async def enter_sheet(body: SheetRequest, session: TheTeacher, at: HereNow) -> Kept:
    """Keep a paper sheet as a pupil of its own."""
    sheet = Sheet(body.grades, body.receipt, body.vote, body.rulebook_id)
    pupil = await at.lessons.enter_sheet(session.session_id, sheet)
    pseudonym = name_of(pupil, session.settings.language)
    return Kept(pseudonym=pseudonym, n_grades=sum(len(grades) for grades in body.grades.values()))


@router.post("/api/{session_id}/codes")
async def enter_codes(body: CodesRequest, session: TheTeacher, at: HereNow) -> CodesKept:
    """Keep the reply codes of pupils who used the stand-alone file; a code that comes twice counts once."""
    content = at.lessons.content(session)
    case_set, rulebooks = content.case_set, session.settings.rulebooks
    frame = frame_of(case_set.set_id, case_set.n_grades, content.cases, rulebooks)
    pasted = read_codes(body.text, frame)
    refused = [wrong for reply in pasted.replies if (wrong := await _keep(at, session, reply)) is not None]
    return CodesKept(
        n_kept=len(pasted.replies) - len(refused),
        n_again=pasted.n_again,
        replaced=pasted.replaced,
        wrong=(*(_wrong(one) for one in pasted.bad), *refused),
    )


async def _keep(at: Here, session: ClassSession, reply: Reply) -> WrongLine | None:
    """Keep one reply under its tag, which both votes of a pupil share; say so when it cannot be kept."""
    sheet = Sheet(reply.grades, reply.tag, reply.vote, reply.rulebook_id, "code")
    try:
        await at.lessons.enter_sheet(session.session_id, sheet)
    except GradeRefusedError as error:
        return WrongLine(line=0, text=f"{reply.tag}: {error}", trouble="closed")
    return None


def _wrong(bad: BadLine) -> WrongLine:
    return WrongLine(line=bad.line, text=bad.text, trouble=bad.trouble)
