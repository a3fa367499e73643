"""Desks of the lessons on this server, and the judges that are being asked at them now."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from harness.classroom.desk import Desk, LiveAsk
from harness.errors import HarnessError
from harness.load.content import load_rulebook
from harness.schema import RankedVerdict
from harness.schema.classroom import ClassSession

if TYPE_CHECKING:
    from harness.classroom.web.here import Here
    from harness.run.execute import Ended


@dataclass
class Asking:
    """One judge that is asked: how far it is, and how to stop it. It hears the run's progress."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    state: Literal["asking", "done", "failed"] = "asking"
    n_done: int = 0
    n_planned: int = 0
    message: str | None = None
    task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether it is still being asked."""
        return self.state == "asking"

    def started(self, n_calls: dict[str, int]) -> None:
        """Hear how many calls there are."""
        self.n_planned = sum(n_calls.values())

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002
        """Hear that a call ended."""
        self.n_done += 1

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:  # noqa: ARG002
        """Hear that the provider was given up."""
        self.state, self.message = "failed", message


def desk_of(at: Here, session: ClassSession) -> Desk:
    """The desk of a lesson: always the same one, because it lets one reply in at a time."""
    return at.desks.setdefault(session.session_id, at.lessons.desk(session))


async def desk_judges(at: Here, session: ClassSession) -> list[dict[str, Any]]:
    """Judges that were added, per rulebook, with how many of their verdicts can be read."""
    return await asyncio.to_thread(_judges, desk_of(at, session), session)


def _judges(desk: Desk, session: ClassSession) -> list[dict[str, Any]]:
    verdicts = desk.verdicts()
    if not verdicts:
        return []
    titles = {
        one.spec.judge_id: one.spec.title or one.spec.judge_id for one in desk.folder.read_manifest().judges
    }
    counts = Counter(
        (one.cell.annotator_id, one.cell.rulebook_id, isinstance(one, RankedVerdict)) for one in verdicts
    )
    language = session.settings.language
    return [
        {
            "title": titles.get(judge_id, judge_id),
            "rulebook": load_rulebook(rulebook_id).title[language],
            "n_ranked": counts[judge_id, rulebook_id, True],
            "n_failed": counts[judge_id, rulebook_id, False],
        }
        for judge_id, rulebook_id in sorted({pair[:2] for pair in counts})
    ]


async def desk_replies(at: Here, session: ClassSession) -> list[dict[str, Any]]:
    """Every pasted reply, those that were taken back too."""
    replies = await asyncio.to_thread(desk_of(at, session).replies)
    language = session.settings.language
    titles = {one.case_id: one.title[language] for one in at.lessons.content(session).cases}
    return [
        {
            "key": one.key,
            "title": one.title,
            "rulebook": load_rulebook(one.rulebook_id).title[language],
            "repeat": one.repeat + 1,
            "cases": [titles[name] for name in one.case_ids],
            "withdrawn": one.withdrawn,
        }
        for one in replies
    ]


def start_asking(
    at: Here, session: ClassSession, wanted: tuple[str, tuple[str, ...]], api_key: str
) -> Asking:
    """Begin to ask a preset; the key is held by the task alone and goes with it."""
    asking = Asking()
    at.asking[session.session_id] = asking
    live = LiveAsk(judge_id=wanted[0], rulebooks=wanted[1])
    asking.task = asyncio.create_task(_ask(at, session, asking, (live, api_key)))
    return asking


async def _ask(at: Here, session: ClassSession, asking: Asking, wanted: tuple[LiveAsk, str]) -> None:
    try:
        await desk_of(at, session).ask_live(*wanted, asking, asking.stop)
        if asking.busy:
            asking.state = "done"
    except HarnessError as error:
        asking.state, asking.message = "failed", str(error)
    finally:
        if asking.busy:
            asking.state = "failed"
        at.lessons.hub.progressed(session.session_id)


async def stop_asking(at: Here) -> None:
    """Stop every judge that is being asked; what has been answered is kept."""
    for asking in at.asking.values():
        asking.stop.set()
    await asyncio.gather(*(one.task for one in at.asking.values() if one.task), return_exceptions=True)


async def forget_desk(at: Here, session_id: str) -> None:
    """Stop whoever is asked at a desk that goes, so that nothing is written there afterwards."""
    asking = at.asking.pop(session_id, None)
    if asking is not None and asking.task is not None:
        asking.stop.set()
        await asyncio.gather(asking.task, return_exceptions=True)
    at.desks.pop(session_id, None)
