"""What the routes of one application share, and who a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from harness.classroom.desk import Desk
from harness.classroom.lesson import Lessons
from harness.classroom.phases import Role
from harness.classroom.pictures import Pictures
from harness.classroom.web import cookies
from harness.classroom.web.desks import Asking, forget_desk
from harness.classroom.web.guard import Refusal
from harness.classroom.web.limits import GuessLimit
from harness.classroom.web.options import WebOptions
from harness.schema.classroom import ClassSession, Pupil

SessionId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="the lesson")]


@dataclass(frozen=True)
class Here:
    """The lessons, the options, and what is counted while the server runs."""

    lessons: Lessons
    options: WebOptions
    clock: Callable[[], float]
    guesses: GuessLimit = field(init=False)
    pictures: Pictures = field(init=False)
    desks: dict[str, Desk] = field(default_factory=dict)
    asking: dict[str, Asking] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "guesses", GuessLimit(self.clock))
        object.__setattr__(self, "pictures", Pictures(self.lessons, self.options.closing))

    def end_streams(self) -> None:
        """Let everybody who listens go: their pages come back when there is a server again."""
        for session_id in self.lessons.hub.listened():
            self.lessons.hub.close(session_id)

    def join_url(self, session: ClassSession) -> str:
        """Where a class goes to join."""
        return f"{self.options.base_url}/j/{session.code}"

    def projector_url(self, session: ClassSession) -> str:
        """The projector's link."""
        return f"{self.options.base_url}/e/{session.session_id}?k={self.lessons.projector_key(session)}"

    async def forget(self, session_id: str) -> None:
        """Let go of everything that is kept in memory of a lesson that goes."""
        await forget_desk(self, session_id)
        self.pictures.forget(session_id)


async def here(request: Request) -> Here:
    """What belongs to the application that answers this request."""
    found = request.app.state.here
    assert isinstance(found, Here)
    return found


HereNow = Annotated[Here, Depends(here)]


def client_of(request: Request) -> str:
    """The address that asks; used for counting wrong codes and kept nowhere."""
    return request.client.host if request.client else ""


def check_guesses(request: Request, at: Here) -> None:
    """Raise Refusal when this client guessed wrongly too often."""
    wait_s = at.guesses.wait_s(client_of(request))
    if wait_s > 0:
        words = "too many codes were wrong; wait a moment"
        raise Refusal(429, "too_many", words, retry_after_s=int(wait_s) + 1)


async def pupil_here(request: Request, session_id: SessionId, at: HereNow) -> Pupil:
    """The pupil whose browser asks; raises Refusal when it is nobody's of this lesson."""
    token = cookies.secret_of(request, cookies.pupil_cookie(session_id))
    pupil = await at.lessons.pupil(session_id, token) if token else None
    if pupil is None:
        raise Refusal(401, "not_yours", "this browser has not joined that lesson")
    return pupil


async def teacher_here(request: Request, session_id: SessionId, at: HereNow) -> ClassSession:
    """The lesson, for a browser that holds its teacher's secret; raises Refusal for any other."""
    token = cookies.secret_of(request, cookies.teacher_cookie(session_id))
    if token is None or not await at.lessons.is_teacher(session_id, token):
        raise Refusal(401, "not_yours", "this browser does not hold the teacher's secret of that lesson")
    return await at.lessons.session(session_id)


async def projector_here(request: Request, session_id: SessionId, at: HereNow) -> ClassSession:
    """The lesson, for a browser that may show it to everybody: the projector's, or the teacher's."""
    key = cookies.secret_of(request, cookies.projector_cookie(session_id))
    if key is not None:
        session = await at.lessons.session(session_id)
        if at.lessons.is_projector(session, key):
            return session
    return await teacher_here(request, session_id, at)


async def listener_here(request: Request, session_id: SessionId, at: HereNow, role: Role = "pupil") -> Role:
    """The role in which a browser listens to changes; raises Refusal when it does not have that role."""
    if role == "pupil":
        await pupil_here(request, session_id, at)
    elif role == "projector":
        await projector_here(request, session_id, at)
    else:
        await teacher_here(request, session_id, at)
    return role


ThePupil = Annotated[Pupil, Depends(pupil_here)]
TheTeacher = Annotated[ClassSession, Depends(teacher_here)]
TheProjector = Annotated[ClassSession, Depends(projector_here)]
TheListener = Annotated[Role, Depends(listener_here)]


async def host_here(request: Request, at: HereNow) -> None:
    """Let whoever holds the secret of this machine pass; raises Refusal for any other."""
    if not at.options.host_secret:
        return
    secret = cookies.secret_of(request, cookies.HOST_COOKIE)
    if secret is None or not cookies.same(secret, at.options.host_secret):
        raise Refusal(401, "not_yours", "lessons are begun with the link that the terminal printed")


TheHost = Annotated[None, Depends(host_here)]
