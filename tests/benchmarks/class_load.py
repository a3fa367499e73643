"""Five hundred pupils at once, on loopback: a server in a process of its own, a load that speaks plain HTTP.

    python tests/benchmarks/class_load.py [n_pupils]

Prints what docs and `test_classroom.py` hold: how long until every grade is safe, how long one request takes,
how long a reveal takes to reach every listener, and how much memory the server had at most.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

SECRET = "load"
CASES = ("ibuprofen", "screens", "poison-novel", "language", "antidepressant", "poem")
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Reply:
    """Status, headers and body of an answer."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> dict[str, object]:
        """The body."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def cookie(self) -> str:
        """The first cookie that is set."""
        line = next(line for line in self.head.split(b"\r\n") if line.lower().startswith(b"set-cookie:"))
        return line.split(b":", 1)[1].split(b";")[0].strip().decode()


class Link:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.cookie = ""

    @classmethod
    async def open(cls, port: int) -> Link:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def send(self, method: str, path: str, body: object = None) -> None:
        """Write a request."""
        content = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", "x-classroom: 1"]
        if self.cookie:
            head.append(f"cookie: {self.cookie}")
        if body is not None:
            head += ["content-type: application/json", f"content-length: {len(content)}"]
        self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + content)

    async def ask(self, method: str, path: str, body: object = None) -> Reply:
        """Write a request and read its answer."""
        self.send(method, path, body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        return Reply(int(head[9:12]), head, await self.reader.readexactly(length) if length else b"")

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def memory_mb(self, field: str = "VmHWM") -> float:
        """Its memory: at most so far (`VmHWM`), or now (`VmRSS`); Linux only."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in text.splitlines() if line.startswith(field)).split()[1]) / 1024

    def cpu_s(self) -> float:
        """Processor seconds so far; Linux only."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    data: Path, *, port: int = 0, stderr: IO[str] | None = None, database: str | None = None
) -> Iterator[Server]:
    """Serve lessons of a folder (or of a database) in a process of its own, until the block ends."""
    command = [sys.executable, "-m", "harness", "classroom", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--db", database] if database else []
    environment = {**os.environ, "HARNESS_CLASSROOM_SECRET": SECRET}
    process = subprocess.Popen(
        [*command, "--data", str(data), "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=stderr or subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("class"), f"the server said {line!r}"
        yield Server(process, int(line.rpartition(":")[2]))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()


async def healthy(port: int) -> None:
    """Wait until the server answers."""
    link = await Link.open(port)
    assert (await link.ask("GET", "/health")).status == 200
    link.close()


@dataclass(frozen=True)
class Lesson:
    """A lesson that has begun, and its teacher."""

    session_id: str
    code: str
    teacher: Link

    async def move(self, **move: str) -> Reply:
        """Make a move."""
        return await self.teacher.ask("POST", f"/api/{self.session_id}/move", {"move": move})


@asynccontextmanager
async def lesson(port: int) -> AsyncIterator[Lesson]:
    """Begin a lesson and open its cases."""
    teacher = await Link.open(port)
    teacher.cookie = (await teacher.ask("POST", "/api/host", {"secret": SECRET})).cookie
    settings = {"case_ids": list(CASES), "rulebooks": ["hhh", "comfort-first"]}
    begun = await teacher.ask("POST", "/api/sessions", {"settings": settings})
    assert begun.status == 201, begun.body
    teacher.cookie = begun.cookie
    told = begun.json()
    found = Lesson(str(told["session_id"]), str(told["code"]), teacher)
    assert (await found.move(move="open_all")).status == 200
    yield found
    teacher.close()


async def join(port: int, code: str) -> Link:
    """Join as a pupil."""
    link = await Link.open(port)
    reply = await link.ask("POST", "/api/join", {"code": code})
    assert reply.status == 200, reply.body
    link.cookie = reply.cookie
    return link


async def in_turns(n_pupils: int, port: int, code: str) -> list[Link]:
    """Join in groups of fifty: a class does not connect within one millisecond."""
    links: list[Link] = []
    while len(links) < n_pupils:
        group = min(50, n_pupils - len(links))
        links += await asyncio.gather(*(join(port, code) for _ in range(group)))
    return links


def grades(case_id: str, number: int) -> dict[str, int]:
    """What pupil `number` says of a case: 256 pupils, 256 opinions."""
    return {f"{case_id}-{letter}": 1 + number // 4**place % 4 for place, letter in enumerate("abcd")}


async def save_all(link: Link, session_id: str, number: int) -> list[float]:
    """Save six cases one after the other; how long each took."""
    taken = []
    for place, case_id in enumerate(CASES, start=1):
        edit = {
            "page": f"page-{number:06d}",
            "number": place,
            "case_id": case_id,
            "grades": grades(case_id, number),
        }
        start = time.perf_counter()
        reply = await link.ask("POST", f"/api/{session_id}/edits", {"edits": [edit]})
        taken.append(time.perf_counter() - start)
        assert reply.status == 200, reply.body
        assert not reply.json()["refused"], reply.body
    return taken


async def listen(port: int, session_id: str, cookie: str) -> Link:
    """Listen to a lesson's changes; comes back after the first version."""
    link = await Link.open(port)
    link.cookie = cookie
    link.send("GET", f"/api/{session_id}/events?role=pupil")
    await link.reader.readuntil(b"event: version\n")
    return link


async def hears(link: Link) -> float:
    """When the next version comes."""
    await link.reader.readuntil(b"event: version\n")
    return time.perf_counter()


@dataclass(frozen=True)
class Load:
    """What a load took."""

    n_pupils: int
    n_listeners: int
    join_s: float
    saved_s: float
    p50_s: float
    p95_s: float
    longest_s: float
    reveal_s: float
    reveal_seen_s: float
    """Until every pupil has fetched what a reveal lets them see."""
    server_cpu_s: float
    """Of the saves alone."""
    memory_mb: float


def share(taken: list[float], part: float) -> float:
    """The time within which this part of the requests was answered."""
    return sorted(taken)[min(len(taken) - 1, int(part * len(taken)))]


async def load(server: Server, n_pupils: int) -> Load:
    """Join, listen, save six cases each at once, reveal; everything that was saved is there."""
    async with lesson(server.port) as running:
        start = time.perf_counter()
        links = await in_turns(n_pupils, server.port, running.code)
        joined_s = time.perf_counter() - start
        listeners = [await listen(server.port, running.session_id, link.cookie) for link in links]
        cpu_s, start = server.cpu_s(), time.perf_counter()
        saves = (save_all(link, running.session_id, number) for number, link in enumerate(links))
        taken = [one for each in await asyncio.gather(*saves) for one in each]
        saved_s, cpu_s = time.perf_counter() - start, server.cpu_s() - cpu_s
        await _check(running, n_pupils)
        reveal_s, seen_s = await _reveal(running, links, listeners)
        for link in (*links, *listeners):
            link.close()
    return Load(
        n_pupils=n_pupils,
        n_listeners=len(listeners),
        join_s=joined_s,
        saved_s=saved_s,
        p50_s=share(taken, 0.5),
        p95_s=share(taken, 0.95),
        longest_s=max(taken),
        reveal_s=reveal_s,
        reveal_seen_s=seen_s,
        server_cpu_s=cpu_s,
        memory_mb=server.memory_mb(),
    )


async def _check(running: Lesson, n_pupils: int) -> None:
    view = (await running.teacher.ask("GET", f"/api/{running.session_id}/teacher")).json()
    progress = view["progress"]
    assert isinstance(progress, dict)
    counts = {case_id: progress[case_id]["1"] for case_id in CASES}
    assert all(one == {"n": n_pupils, "n_complete": n_pupils} for one in counts.values()), counts


async def _reveal(running: Lesson, links: list[Link], listeners: list[Link]) -> tuple[float, float]:
    await running.move(move="phase", case_id=CASES[0], phase="locked")
    await asyncio.gather(*(hears(link) for link in listeners))
    waiting = [asyncio.create_task(hears(link)) for link in listeners]
    start = time.perf_counter()
    moved = await running.move(move="phase", case_id=CASES[0], phase="class")
    assert moved.status == 200, moved.body
    heard_s = max(await asyncio.gather(*waiting)) - start
    path = f"/api/{running.session_id}/fragment/case?case_id={CASES[0]}"
    seen = await asyncio.gather(*(link.ask("GET", path) for link in links))
    assert {reply.status for reply in seen} == {200}
    return heard_s, time.perf_counter() - start


def main() -> None:
    """Load a server of its own and print the figures."""
    n_pupils = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as data, serving(Path(data)) as server:
        figures = asyncio.run(load(server, n_pupils))
    rounded = {name: round(value, 3) for name, value in asdict(figures).items()}
    sys.stdout.write(json.dumps(rounded, indent=1) + "\n")


if __name__ == "__main__":
    main()
