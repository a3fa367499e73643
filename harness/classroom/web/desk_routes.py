"""The judges desk over HTTP: prompts out, replies in, and a judge asked with the teacher's own key."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, SecretStr

from harness.classroom.desk import UnderstoodCase
from harness.classroom.web.desks import Asking, desk_judges, desk_of, desk_replies, start_asking
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import HereNow, TheTeacher
from harness.errors import StoreError
from harness.run.pasting import PastePrompt, Told
from harness.schema.base import Identifier, Record
from harness.schema.classroom import ClassSession

router = APIRouter(tags=["judges desk"])


class About(Record):
    """Which prompts, and what the teacher says about whoever replies to them."""

    model_name: Annotated[str, Field(min_length=1, max_length=80)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    maker: Annotated[str | None, Field(max_length=80)] = None
    rulebook_id: Identifier
    repeat: Annotated[int, Field(ge=0, le=8)] = 0
    together: bool = True

    @property
    def told(self) -> Told:
        """What is said of the model."""
        return Told(self.model_name, self.date, self.maker)


class ReplyRequest(Record):
    """A reply as it was pasted."""

    about: About
    key: Annotated[str, Field(max_length=200, description="of the prompt")]
    text: Annotated[str, Field(min_length=1, max_length=1_000_000)]


class Prompt(Record):
    """A prompt to copy."""

    key: str
    case_ids: tuple[str, ...]
    text: str
    is_answered: bool


class Prompts(Record):
    """The prompts of an ask."""

    prompts: tuple[Prompt, ...]


class Understood(Record):
    """What a reply says about one case; no grades where nothing could be read."""

    case_id: str
    grades: dict[str, float]
    slots: Annotated[dict[str, float], Field(description="the same by the letters of the reply")]
    best: str | None = None
    worst: str | None = None
    reason: str | None = None
    failure: str | None = None
    message: str | None = None


class UnderstoodReply(Record):
    """What a reply says, case by case."""

    cases: tuple[Understood, ...]


class DeskJudge(Record):
    """A judge that was added, and how many of its verdicts can be read."""

    title: str
    rulebook: str
    n_ranked: int
    n_failed: int


class DeskReply(Record):
    """A reply that was pasted and kept."""

    key: str
    title: str
    rulebook: str
    repeat: Annotated[int, Field(description="from 1 up")]
    cases: Annotated[tuple[str, ...], Field(description="titles")]
    withdrawn: bool


class DeskJudges(Record):
    """All judges that were added, and the replies that were pasted."""

    judges: tuple[DeskJudge, ...]
    replies: tuple[DeskReply, ...]


class WithdrawRequest(Record):
    """Which reply is taken back."""

    key: Annotated[str, Field(max_length=200, description="of its prompt")]


class AskRequest(Record):
    """Ask a preset; the key stays in memory for as long as it is asked."""

    judge_id: Identifier
    rulebooks: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=4)]
    api_key: Annotated[SecretStr, Field(min_length=1, max_length=500)]


class AskingNow(Record):
    """How far the asking is."""

    state: Literal["idle", "asking", "done", "failed"]
    n_done: int = 0
    n_planned: int = 0
    message: str | None = None


@router.get("/api/{session_id}/desk")
async def judges(session: TheTeacher, at: HereNow) -> DeskJudges:
    """Judges that were added during the lesson, and every reply that was pasted."""
    return DeskJudges(
        judges=tuple(DeskJudge(**one) for one in await desk_judges(at, session)),
        replies=tuple(DeskReply(**one) for one in await desk_replies(at, session)),
    )


@router.post("/api/{session_id}/desk/withdraw")
async def withdraw(body: WithdrawRequest, session: TheTeacher, at: HereNow) -> DeskJudges:
    """Take a pasted reply back: the recording keeps it, nothing counts it."""
    await desk_of(at, session).withdraw(body.key)
    at.lessons.hub.progressed(session.session_id)
    return await judges(session, at)


@router.post("/api/{session_id}/desk/prompts")
async def prompts(body: About, session: TheTeacher, at: HereNow) -> Prompts:
    """Prompts to copy into any chat window."""
    found = await _prompts(body, session, at)
    return Prompts(
        prompts=tuple(
            Prompt(key=one.key, case_ids=one.case_ids, text=one.text, is_answered=one.is_answered)
            for one in found
        )
    )


@router.post("/api/{session_id}/desk/read")
async def read(body: ReplyRequest, session: TheTeacher, at: HereNow) -> UnderstoodReply:
    """What a pasted reply is understood to say; nothing is kept."""
    prompt = await _prompt(body, session, at)
    about, desk = body.about, desk_of(at, session)
    found = await asyncio.to_thread(
        desk.read_pasted, about.told, prompt, about.rulebook_id, body.text, about.repeat
    )
    return _understood(found)


@router.post("/api/{session_id}/desk/keep")
async def keep(body: ReplyRequest, session: TheTeacher, at: HereNow) -> UnderstoodReply:
    """Keep a pasted reply as recording and verdicts."""
    prompt = await _prompt(body, session, at)
    about, desk = body.about, desk_of(at, session)
    try:
        found = await desk.keep(about.told, prompt, about.rulebook_id, body.text, about.repeat)
    except StoreError as error:
        # a reply that is there already, or one that holds what looks like a key: for the teacher to decide
        raise Refusal(409, "refused", str(error)) from error
    at.lessons.hub.progressed(session.session_id)
    return _understood(found)


@router.post("/api/{session_id}/desk/ask", status_code=202)
async def ask(body: AskRequest, session: TheTeacher, at: HereNow) -> AskingNow:
    """Begin to ask a preset's provider about every case."""
    if session.session_id in at.asking and at.asking[session.session_id].busy:
        raise Refusal(409, "refused", "a judge is being asked already; wait, or stop it")
    key = body.api_key.get_secret_value()
    return _now(start_asking(at, session, (body.judge_id, body.rulebooks), key))


@router.get("/api/{session_id}/desk/asking")
async def asking(session: TheTeacher, at: HereNow) -> AskingNow:
    """How far the asking is."""
    return _now(at.asking.get(session.session_id))


@router.post("/api/{session_id}/desk/stop")
async def stop(session: TheTeacher, at: HereNow) -> AskingNow:
    """Ask no more; what has been answered is kept."""
    found = at.asking.get(session.session_id)
    if found is not None:
        found.stop.set()
    return _now(found)


def _now(found: Asking | None) -> AskingNow:
    if found is None:
        return AskingNow(state="idle")
    return AskingNow(state=found.state, n_done=found.n_done, n_planned=found.n_planned, message=found.message)


async def _prompts(about: About, session: ClassSession, at: HereNow) -> tuple[PastePrompt, ...]:
    desk = desk_of(at, session)

    def read_prompts() -> tuple[PastePrompt, ...]:
        return desk.prompts(about.told, about.rulebook_id, about.repeat, together=about.together)

    return await asyncio.to_thread(read_prompts)


async def _prompt(body: ReplyRequest, session: ClassSession, at: HereNow) -> PastePrompt:
    for prompt in await _prompts(body.about, session, at):
        if prompt.key == body.key:
            return prompt
    raise Refusal(422, "invalid", "this reply belongs to another prompt; prepare the prompts again")


def _understood(cases: tuple[UnderstoodCase, ...]) -> UnderstoodReply:
    return UnderstoodReply(
        cases=tuple(
            Understood(
                case_id=one.case_id,
                grades=one.grades,
                slots=one.slots,
                best=one.best,
                worst=one.worst,
                reason=one.reason,
                failure=one.failure,
                message=one.message,
            )
            for one in cases
        )
    )
