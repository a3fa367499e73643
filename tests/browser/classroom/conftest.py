"""A classroom that runs: the real server in a thread of its own, devices that look at it, and pictures."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

pytest.importorskip("fastapi", reason="the extra `classroom` is not installed")

from harness.classroom.content import Shelf
from harness.classroom.file_edition import build_file
from harness.classroom.lesson import Begun, Lessons
from harness.classroom.store import open_store
from harness.classroom.web.app import create_app
from harness.classroom.web.options import WebOptions
from harness.classroom.web.serve import Place, Server, _config, bind
from harness.schema.classroom import ClassSettings, Edit, Move, Vote

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from harness.schema import Language

T = TypeVar("T")
CASES = ("ibuprofen", "screens", "poison-novel", "language", "antidepressant", "poem")
SHOTS = "CLASSROOM_SHOTS"
"""Environment variable: the folder in which pictures of every screen are kept."""
PHONE = {"width": 360, "height": 740}
HOST_SECRET = "secret-of-the-host"


@dataclass
class Classroom:
    """The server, its lessons, and what a teacher would do by hand."""

    data: Path
    port: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    host_secret: str = HOST_SECRET
    language: Language = "fr"
    """Of pages that belong to no lesson."""
    public_url: str | None = None
    """Under which a proxy shows the site."""

    @property
    def url(self) -> str:
        """Address of the site on this machine."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve the lessons of the data folder, on the same port as before."""
        bound = bind(Place(host="127.0.0.1", port=self.port))
        self.port = bound.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(bound, ready), daemon=True)
        self._thread.start()
        assert ready.wait(30)

    def stop(self) -> None:
        """End the server as Ctrl-C does."""
        self.loop.call_soon_threadsafe(setattr, self._server, "should_exit", True)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def restart(self) -> None:
        """End the server and begin another one on the same files."""
        self.stop()
        self.start()

    def do(self, work: Callable[[Lessons], Coroutine[Any, Any, T]]) -> T:
        """Have the server's own loop do something with its lessons."""
        return asyncio.run_coroutine_threadsafe(work(self.lessons), self.loop).result(30)

    def begin(self, language: Language = "fr", **settings: object) -> Begun:
        """Begin a lesson with the six cases."""
        told = {"language": language, "case_ids": CASES, **settings}
        chosen = ClassSettings.model_validate(told)
        return self.do(lambda lessons: lessons.begin(chosen))

    def move(self, begun: Begun, *moves: Move) -> None:
        """Let the teacher make moves."""
        for one in moves:
            self.do(partial(_move, begun=begun, move=one))

    def crowd(self, begun: Begun, n_pupils: int, *, vote: Vote = 1, seed: int = 0) -> None:
        """Let other pupils join and grade every case that takes grades."""
        self.do(lambda lessons: _crowd(lessons, begun, n_pupils, vote, random.Random(seed)))

    def grades(self, begun: Begun, vote: int = 1) -> dict[tuple[str, str], dict[str, int]]:
        """Read what is kept: (pupil_id, case_id) -> grades."""
        ballots = self.lessons.store.ballots(begun.session.session_id)
        return {(one.pupil_id, one.case_id): dict(one.grades) for one in ballots if one.vote == vote}

    def _serve(self, bound: socket.socket, ready: threading.Event) -> None:
        self.loop = asyncio.new_event_loop()
        self.lessons = Lessons(open_store(str(self.data / "class.sqlite")), self.data)
        options = WebOptions(
            host_secret=self.host_secret,
            shown_url=self.url,
            language=self.language,
            public_url=self.public_url,
        )
        app = create_app(self.lessons, options)
        self._server = Server(_config(app, Place(host="127.0.0.1")), app.state.here)
        self.loop.call_soon(ready.set)
        self.loop.run_until_complete(self._server.serve(sockets=[bound]))
        self.loop.close()


async def _move(lessons: Lessons, begun: Begun, move: Move) -> None:
    await lessons.move(begun.session.session_id, move)


async def _crowd(lessons: Lessons, begun: Begun, n_pupils: int, vote: Vote, rng: random.Random) -> None:
    session = await lessons.session(begun.session.session_id)
    content = lessons.content(session)
    open_phase = "open" if vote == 1 else "second"
    open_cases = [case_id for case_id, phase in session.state.phases.items() if phase == open_phase]
    for number in range(n_pupils):
        joined = await lessons.join(session.code)
        for case_id in open_cases:
            grades: dict[str, int | None] = {
                answer_id: rng.randint(1, 4) for answer_id in content.answers[case_id]
            }
            edit = Edit(page=f"crowd{number:05d}", number=1, case_id=case_id, vote=vote, grades=grades)
            await lessons.save(session.session_id, joined.token, edit)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A running server with an empty database."""
    with running_classroom(tmp_path_factory.mktemp("classroom")) as running:
        yield running


@contextmanager
def running_classroom(
    data: Path, language: Language = "fr", public_url: str | None = None
) -> Iterator[Classroom]:
    """Run a server on the files of a folder, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data.mkdir(parents=True, exist_ok=True)
    running = Classroom(data, port, language=language, public_url=public_url)
    running.start()
    yield running
    running.stop()


@dataclass
class Desk:
    """One device: a browser with cookies of its own, what it asked for, what its console said."""

    context: BrowserContext
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def device(browser: Browser) -> Iterator[Callable[..., Desk]]:
    """Make devices that know nothing of each other."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> Desk:
        told: dict[str, Any] = {"viewport": PHONE, **options}
        context = browser.new_context(**told)
        opened.append(context)
        return watched(context)

    yield make
    for context in opened:
        context.close()


def watched(context: BrowserContext) -> Desk:
    """Open a page that writes down requests and complaints."""
    page = context.new_page()
    desk = Desk(context, page)
    page.on("request", lambda request: desk.requests.append(request.url))
    page.on("console", lambda message: desk.complaints.append(message.text))
    page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    return desk


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the pictures: the one that is named, or a temporary one."""
    named = _SHOTS_FOLDER
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_SHOTS_FOLDER = os.environ.get(SHOTS)


@pytest.fixture(scope="session")
def file_editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the edition in one file, in both languages, for a class of two halves."""
    folder = tmp_path_factory.mktemp("file edition")
    written: dict[str, Path] = {}
    languages: tuple[Language, ...] = ("fr", "en")
    for language in languages:
        settings = ClassSettings(language=language, case_ids=CASES, rulebooks=("hhh", "caution-first"))
        path = folder / f"class.{language}.html"
        path.write_text(build_file(settings, Shelf().of(settings), language), encoding="utf-8")
        written[language] = path
    return written


AXE_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page as it stands now."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options=AXE_RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]


def sideways(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


SMALL_TARGETS = """
() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => one.getClientRects().length && !one.closest('.visually-hidden') && !one.matches('.skip'))
  .map(one => ({
    box: (one.closest('label') ?? one).getBoundingClientRect(), name: one.outerHTML.slice(0, 90),
  }))
  .filter(({ box }) => box.width < 44 || box.height < 44)
  .map(({ box, name }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${name}`)
"""


def small_targets(page: Page) -> list[str]:
    """What can be tapped and is smaller than 44 px."""
    found: list[str] = page.evaluate(SMALL_TARGETS)
    return found


def n_pages(page: Page) -> int:
    """Count the pages of A4 that a page prints on."""
    return page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")


class Keyboard:
    """A pupil without a mouse, who counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.n = 0

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.n += 1

    def focused(self) -> str:
        """Say what has the focus."""
        name: str = self.page.evaluate(
            "() => `${document.activeElement.tagName} ${document.activeElement.type ?? ''} "
            "${document.activeElement.textContent.trim()}`"
        )
        return name

    def tab_to(self, words: str) -> None:
        """Go on with Tab until something with these words has the focus."""
        for _ in range(30):
            if words in self.focused():
                return
            self.press("Tab")
        raise AssertionError(f"no way by Tab to {words!r}")
